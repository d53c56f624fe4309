"""Arguments that are computed: of transformations, which convert nothing (``pv_trans.c``), and of
calls."""

from __future__ import annotations

import re
from typing import Final

from runtime.script.values import Dual, EvalError, Value, to_str

_NUMBER: Final = re.compile(rb"[+-]?0*([0-9]{0,10})")


def number_param(value: Value) -> int | None:
    """The number of a value; None for text that has none beside it."""
    if isinstance(value, int):
        return value
    return value.number if type(value) is Dual else None


def text_param(value: Value) -> bytes | None:
    """The text of a value; None where it is empty."""
    return to_str(value) or None


def fixed_number(value: Value) -> int:
    """A computed argument of a call as its fixup takes it: text that is a number (``fix_param``).
    Raises EvalError for others: the function is not called."""
    text = to_str(value).partition(b"\0")[0]
    number = int((text.strip(b"+-") and text) or b"0") if _NUMBER.fullmatch(text) else 1 << 31
    if not -(1 << 31) <= number < 1 << 31:
        raise EvalError(f"{text!r} is no number")
    return number


class Buffered(bytes):
    """A parameter that a transformation of strings made: 5.6.3 has it in the buffer that the
    transformation with this parameter writes its result into."""


def buffered_param(value: Value) -> bytes | None:
    """``text_param`` of such a value."""
    text = to_str(value)
    return Buffered(text) if text else None
