"""Records: what ``dataclass(frozen=True, slots=True)`` gives, for a tenth of its start-up time.

``kcc check`` has some two hundred record classes and reads a file in less time than dataclasses
take to make them. A record's ``__init__`` is written at its first use; comparison, hash and repr
are shared. That nothing assigns to a field is the type checker's to see, not run time's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Any, ClassVar, Final, TypeVar, dataclass_transform

R = TypeVar("R", bound="Record")
_PLAIN: Final = frozenset({"str", "int", "bytes", "bool", "float", "None"})


class _Required:
    """Marks a field without a default."""


class _Field:
    """The default of a field, and whether the field counts in comparisons and shows in repr."""

    __slots__ = ("compare", "default", "factory")

    def __init__(self, default: Any, factory: Callable[[], Any] | None, compare: bool) -> None:
        self.default: Final = default
        self.factory: Final = factory
        self.compare: Final = compare


def field(
    *,
    default: Any = _Required,
    default_factory: Callable[[], Any] | None = None,
    compare: bool = True,
) -> Any:
    """What is special about a field: its default, or that it is no part of the value."""
    return _Field(default, default_factory, compare)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class RecordType(type):
    """Makes a record class out of its annotations."""

    def __new__(
        mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any]
    ) -> RecordType:  # fmt: skip
        annotations: dict[str, str] = namespace.get("__annotations__", {})
        own = [n for n, t in annotations.items() if "ClassVar" not in t]
        fields: dict[str, _Field] = {}
        for base in bases:
            fields.update(getattr(base, "_fields", {}))
        for each in own:
            given = namespace.pop(each, _Required)
            fields[each] = given if isinstance(given, _Field) else _Field(given, None, True)
        namespace["__slots__"] = tuple(own)
        namespace["__match_args__"] = tuple(fields)
        namespace["_fields"] = fields
        compared = [n for n, each in fields.items() if each.compare]
        namespace.setdefault("__init__", _first)
        namespace["_key"] = _values_of(compared)
        plain = {n for n in own if _is_plain(annotations[n])}
        plain.update(n for base in bases for n in getattr(base, "_plain", ()))
        namespace["_plain"] = plain
        namespace["_parts"] = _values_of([n for n in reversed(compared) if n not in plain])
        return super().__new__(mcs, name, bases, namespace)


def _is_plain(annotation: str) -> bool:
    """Whether a field of this type cannot hold a record."""
    return all(part in _PLAIN or part.startswith("Literal[") for part in annotation.split(" | "))


def _first(self: Any, *args: Any, **named: Any) -> None:
    """``__init__`` of a class until its first use."""
    cls = type(self)
    cls.__init__ = _initialiser(cls)
    cls.__init__(self, *args, **named)


class _Single:
    """What ``attrgetter`` is for several names, for one name."""

    __slots__ = ("_get",)

    def __init__(self, name: str) -> None:
        self._get: Final = attrgetter(name)

    def __call__(self, record: Any) -> tuple[Any]:
        return (self._get(record),)


def _values_of(names: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    """What gives the values of these fields; no method, since it lies in a class."""
    if not names:
        return staticmethod(lambda record: ())
    return attrgetter(*names) if len(names) > 1 else _Single(names[0])


class Record(metaclass=RecordType):
    """A value with named fields, each class of it equal only to itself."""

    _fields: ClassVar[dict[str, _Field]]
    _key: ClassVar[Callable[[Any], tuple[Any, ...]]]
    _plain: ClassVar[set[str]]
    _parts: ClassVar[Callable[[Any], tuple[Any, ...]]]

    def __eq__(self, other: object) -> bool:
        cls = type(self)
        return type(other) is cls and cls._key(self) == cls._key(other)

    def __hash__(self) -> int:
        cls = type(self)
        return hash((cls, cls._key(self)))

    def __repr__(self) -> str:
        cls = type(self)
        shown = (f"{n}={getattr(self, n)!r}" for n, each in cls._fields.items() if each.compare)
        return f"{cls.__name__}({', '.join(shown)})"


def fields_of(record: Record | type[Record]) -> tuple[str, ...]:
    """The names of a record's fields, in order, those of its bases first."""
    return tuple(record._fields)


def replaced(record: R, **changes: Any) -> R:
    """The same record with some fields changed. Raises TypeError for a name that is no field."""
    return type(record)(**{n: getattr(record, n) for n in record._fields} | changes)


def parts_of(record: Record) -> tuple[Any, ...]:
    """What it holds that may be a record, or hold some."""
    return type(record)._parts(record)


def walk(part: object) -> Iterator[Record]:
    """Every record in a record or tuple, itself included, in the order written."""
    stack = [part]
    pop, push = stack.pop, stack.extend
    while stack:
        found = pop()
        if isinstance(found, Record):
            yield found
            push(type(found)._parts(found))
        elif type(found) is tuple:
            push(found[::-1])


def _initialiser(cls: type[Record]) -> Any:
    """``__init__`` with one assignment a field. Only names of fields go into its text."""
    names: dict[str, Any] = {}
    parameters, body = ["self"], []
    for name, each in cls._fields.items():
        assert name.isidentifier()
        given = name
        if each.factory is not None:
            names[f"_make_{name}"], names["_absent"] = each.factory, _Required
            parameters.append(f"{name}=_absent")
            given = f"_make_{name}() if {name} is _absent else {name}"
        elif each.default is not _Required:
            names[f"_default_{name}"] = each.default
            parameters.append(f"{name}=_default_{name}")
        else:
            parameters.append(name)
        body.append(f" self.{name} = {given}")
    text = f"def __init__({', '.join(parameters)}):\n" + ("\n".join(body) or " pass")
    exec(text, names)
    return names["__init__"]
