"""Conversions and operators of ``rvalue.c``."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.script import values
from runtime.script.flow import DROP, EXIT, STOP, stopped

INTS = st.integers(-0x80000000, 0x7FFFFFFF)
VALUES = st.one_of(st.none(), INTS, st.binary(max_size=12))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (b"", 0), (b"12", 12), (b"-12", -12), (b"+3", 3), (b"-", 0), (b"12abc", 0), (b" 1", 0),
        (b"0x1f", 31), (b"0XfF", 255), (b"0x", 0), (b"0xffffffff", -1), (b"0x100000000", 0),
        (b"2147483647", 2147483647), (b"2147483648", 0), (b"-2147483648", -2147483648),
        (b"00000000000000012", 12), (b"99999999999999999999", 0), (b"1\n", 0),
    ],
)  # fmt: skip
def test_text_to_number(text: bytes, number: int) -> None:
    assert values.str_to_int(text) == number


@given(st.integers())
def test_wrap_is_a_c_int(number: int) -> None:
    wrapped = values.wrap(number)
    assert -0x80000000 <= wrapped <= 0x7FFFFFFF
    assert (wrapped - number) % 2**32 == 0


@given(INTS, INTS)
def test_division_is_towards_zero(a: int, b: int) -> None:
    if b == 0:
        with pytest.raises(values.EvalError):
            values.div(a, b)
        with pytest.raises(values.EvalError):
            values.mod(a, b)
        return
    assert values.wrap(values.div(a, b) * b + values.mod(a, b)) == a
    assert abs(values.mod(a, b)) < abs(b)


@given(VALUES, VALUES)
def test_left_side_decides(left: values.Value, right: values.Value) -> None:
    equal, total = values.eq(left, right), values.add(left, right)
    if isinstance(left, int):
        assert equal == (left == values.to_int(right))
        assert total == values.wrap(left + values.to_int(right))
    else:
        assert total == values.to_str(left) + values.to_str(right)
        if left is not None:
            assert equal == (left == values.to_str(right))


def test_null() -> None:
    assert values.eq(None, 0) and values.eq(None, b"") and values.eq(None, None)
    assert not values.eq(None, 1) and not values.eq(None, b"x")
    assert values.show(None) == b"<null>" and values.to_str(None) == b""
    assert values.var_value(None) == 0


def test_codes_that_end_the_script() -> None:
    assert EXIT < DROP < STOP < -0x80000000
    assert stopped(EXIT) and stopped(DROP) and not stopped(-0x80000000) and not stopped(0)
