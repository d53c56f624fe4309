"""Records behave as frozen, slotted dataclasses do."""

from __future__ import annotations

import pytest

from runtime.declare.record import Record, field, fields_of, replaced, walk


class Base(Record):
    place: int = field(compare=False)


class Leaf(Base):
    value: int
    names: dict[str, int] = field(default_factory=dict)


class Pair(Base):
    left: Base
    right: tuple[Base, ...] = ()


class Nothing(Record):
    pass


def test_values_compare_without_what_is_no_part_of_them() -> None:
    assert Leaf(1, 2) == Leaf(9, 2)
    assert Leaf(1, 2) != Leaf(1, 3)
    assert Leaf(1, 2) != Pair(1, Leaf(1, 2))
    assert hash(Pair(1, Pair(2, Nothing()))) == hash(Pair(3, Pair(4, Nothing())))  # type: ignore[arg-type]
    assert Nothing() == Nothing()
    assert repr(Leaf(1, 2)) == "Leaf(value=2, names={})"


def test_fields_and_defaults() -> None:
    assert fields_of(Leaf) == ("place", "value", "names")
    first, second = Leaf(1, 2), Leaf(place=1, value=2)
    first.names["x"] = 1
    assert second.names == {}
    assert replaced(first, value=5).value == 5
    assert replaced(first, value=5).names is first.names
    with pytest.raises(TypeError):
        Leaf(1)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        replaced(first, nosuch=1)
    with pytest.raises(AttributeError):
        first.other = 1  # type: ignore[attr-defined]


@pytest.mark.parametrize("small_first", [False, True])
def test_a_class_used_first_does_not_shape_its_relatives(small_first: bool) -> None:
    class Small(Record):
        a: int

    class Large(Small):
        b: int

    if small_first:
        assert Small(3).a == 3
    assert (Large(1, 2).b, Small(3).a, Large(4, 5).a) == (2, 3, 4)


def test_walk_goes_through_records_and_tuples_in_the_order_written() -> None:
    tree = (Pair(0, Leaf(1, 1), (Leaf(2, 2), Pair(3, Leaf(4, 4)))), Leaf(5, 5))
    assert [type(n).__name__ + str(getattr(n, "place", "")) for n in walk(tree)] == [
        "Pair0", "Leaf1", "Leaf2", "Pair3", "Leaf4", "Leaf5",
    ]  # fmt: skip
