"""A token, and what its text stands for: numbers, escapes of a string."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from kcc.source.span import Span

_NUMBER: Final = re.compile(
    r"(?P<dec>0|[1-9][0-9]*)|(?P<hex>0x[0-9a-fA-F]+)|(?P<oct>0[0-7]+)|(?P<bin>[01]+b)"
)
_ESCAPE: Final = re.compile(r"\\(?:(x[0-9a-fA-F]{1,2})|([0-7]{2,3})|([nrat\"\\\n]))")
_ESCAPED: Final = {"n": "\n", "r": "\r", "a": "\a", "t": "\t", '"': '"', "\\": "\\", "\n": ""}


class Token(NamedTuple):
    """``kind`` is a terminal of the grammar, ``value`` latin-1 text with escapes resolved."""

    kind: str
    value: str
    span: Span


END: Final = "$END"


def number(word: str, span: Span) -> Token:
    """A NUMBER, or a NUM_ID: a word that only begins like one."""
    match = _NUMBER.fullmatch(word)
    if match is None:
        return Token("NUM_ID", word, span)
    return Token("NUMBER", word, span)


def number_value(word: str) -> int:
    """The C int that a NUMBER token stands for; decimal is atoi, others strtol."""
    if word.startswith("0x"):
        value = int(word[2:], 16)
    elif word.endswith("b"):
        value = int(word[:-1], 2)
    elif len(word) > 1 and word.startswith("0"):
        value = int(word, 8)
    else:
        value = int(word) if len(word) < 20 else 0x7FFFFFFFFFFFFFFF
    return c_int(min(value, 0x7FFFFFFFFFFFFFFF))


def c_int(value: int) -> int:
    """``value`` wrapped to a C int."""
    value &= 0xFFFFFFFF
    return value - 0x100000000 if value & 0x80000000 else value


def unescape(text: str) -> str:
    """The octets of a string whose inside is ``text``."""
    if "\\" not in text:
        return text
    return _ESCAPE.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    hexadecimal, octal, char = match.groups()
    if hexadecimal is not None:
        return chr(int(hexadecimal[1:], 16))
    if octal is not None:
        return chr(int(octal, 8) & 0xFF)
    return _ESCAPED[char]
