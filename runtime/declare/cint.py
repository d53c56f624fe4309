"""C integers and numbers in text, as Kamailio reads them. Standard library only."""

from __future__ import annotations

import re
from typing import Final

_DECIMAL: Final = re.compile(rb"([+-]?)0*([0-9]{1,10})")
_LEADING: Final = re.compile(rb"[+-]?([0-9]*)")
_HEX: Final = re.compile(rb"0[xX][0-9a-fA-F]+")


def wrap(number: int) -> int:
    """The number as a C int (two's complement, 32 bits)."""
    if -0x80000000 <= number <= 0x7FFFFFFF:
        return number
    return ((number + 0x80000000) & 0xFFFFFFFF) - 0x80000000


def str_to_int(text: bytes) -> int:
    """Octets as a number (``str2sint``, then ``hexstr2int`` after ``0x``); 0 where they are none
    or, as decimals, do not fit."""
    decimal = _DECIMAL.fullmatch(text)
    if decimal is not None:
        number = int(decimal[1] + decimal[2])
        return number if -0x80000000 <= number <= 0x7FFFFFFF else 0
    if _HEX.fullmatch(text):
        return wrap(int(text[2:][-8:], 16))
    return 0


def leading_int(text: bytes) -> int:
    """What ``str2sint`` leaves behind where nobody asks whether it failed: the digits before the
    first other octet, at most the greatest C int."""
    found = _LEADING.match(text)
    negative = text.startswith(b"-")
    number = min(int((found and found[1][:11]) or b"0"), 0x7FFFFFFF + negative)
    return -number if negative else number
