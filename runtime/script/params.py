"""Variables as arguments of transformations: nothing is converted (``pv_trans.c``)."""

from __future__ import annotations

from runtime.script.values import Dual, Value, to_str


def number_param(value: Value) -> int | None:
    """The number of a value; None for text that has none beside it."""
    if isinstance(value, int):
        return value
    return value.number if type(value) is Dual else None


def text_param(value: Value) -> bytes | None:
    """The text of a value; None where it is empty."""
    return to_str(value) or None


class Buffered(bytes):
    """A parameter that a transformation of strings made: 5.6.3 has it in the buffer that the
    transformation with this parameter writes its result into."""


def buffered_param(value: Value) -> bytes | None:
    """``text_param`` of such a value."""
    text = to_str(value)
    return Buffered(text) if text else None
