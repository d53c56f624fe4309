"""Values of the script and their conversions (``core/rvalue.c``).

A value is octets, a C int or ``None`` for ``$null``. ``int`` results wrap to 32 bits.
"""

from __future__ import annotations

import re
from typing import Final, TypeAlias

Value: TypeAlias = bytes | int | None

_DECIMAL: Final = re.compile(rb"[+-]?[0-9]*")
_HEX: Final = re.compile(rb"0[xX][0-9a-fA-F]+")


def wrap(number: int) -> int:
    """The number as a C int (two's complement, 32 bits)."""
    if -0x80000000 <= number <= 0x7FFFFFFF:
        return number
    return ((number + 0x80000000) & 0xFFFFFFFF) - 0x80000000


def str_to_int(text: bytes) -> int:
    """Octets as a number (``str2sint``, then hexadecimal after ``0x``); 0 where they are none."""
    if _DECIMAL.fullmatch(text):
        return wrap(int(text)) if text.strip(b"+-") else 0
    if _HEX.fullmatch(text):
        return wrap(int(text, 16))
    return 0


def to_int(value: Value) -> int:
    """Any value as an integer (``rval_get_int``): ``$null`` and text that is no number are 0."""
    if isinstance(value, int):
        return value
    return str_to_int(value) if value else 0


def to_str(value: Value) -> bytes:
    """Any value as octets (``rval_get_tmp_str``): ``$null`` is empty."""
    if isinstance(value, bytes):
        return value
    return b"" if value is None else b"%d" % value


def show(value: Value) -> bytes:
    """A variable inside of a string (``pv_printf``): ``$null`` prints as ``<null>``."""
    if isinstance(value, bytes):
        return value
    return b"<null>" if value is None else b"%d" % value
