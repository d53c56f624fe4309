"""JSON as Kamailio reads and writes it (``core/utils/srjson.c``).

It reads more than RFC 8259 has: text behind the value, numbers like ``01`` or ``-``, strings
without an end. Strings are octets, numbers are fractions, objects keep every member in order.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Final, TypeAlias

Value: TypeAlias = "bytes | float | bool | list[Value] | Object | None"

DEEPEST: Final = 100
SMALLEST, LARGEST = 1e-6, 1e9
"""Fractions beyond these are written with an exponent."""

_SPACE: Final = bytes(range(1, 33))
_NUMBER: Final = re.compile(rb"(-?)(0?)([1-9][0-9]*)?(\.[0-9]+)?(?:[eE]([+-]?)([0-9]*))?")
_WORDS: Final = ((b"null", None), (b"false", False), (b"true", True))
_ESCAPES: Final = {0x62: b"\b", 0x66: b"\f", 0x6E: b"\n", 0x72: b"\r", 0x74: b"\t"}
_WRITTEN: Final = {
    0x22: b'\\"',
    0x5C: b"\\\\",
    0x08: b"\\b",
    0x0C: b"\\f",
    0x0A: b"\\n",
    0x0D: b"\\r",
    0x09: b"\\t",
}
_PLAIN: Final = re.compile(rb'[^"\\\x00-\x1f]+')
_HEX: Final = re.compile(rb"\s{0,3}[+-]?(?:0[xX])?[0-9A-Fa-f]+")


class BadJson(Exception):
    """A text that is no document."""


@dataclass(slots=True)
class Object:
    """Members in order; a name may come more than once."""

    members: list[tuple[bytes, Value]] = field(default_factory=list)

    def has(self, name: bytes) -> bool:
        """Is there a member of this name? Case does not count."""
        return any(of.lower() == name for of, _ in self.members)

    def get(self, name: bytes) -> Value:
        """The first member of this name; None where there is none."""
        return next((value for of, value in self.members if of.lower() == name), None)


def parse(text: bytes) -> Value:
    """The value that a text begins with. Raises BadJson."""
    return _Reader(text.partition(b"\0")[0]).value(0)


class _Reader:
    def __init__(self, text: bytes) -> None:
        self.text = text
        self.at = 0

    def skip(self) -> int:
        """The octet behind spaces and control characters; 0 at the end."""
        text, at = self.text, self.at
        while at < len(text) and text[at] <= 32:
            at += 1
        self.at = at
        return text[at] if at < len(text) else 0

    def value(self, depth: int) -> Value:
        """The value that comes next."""
        first = self.skip()
        for word, value in _WORDS:
            if self.text.startswith(word, self.at):
                self.at += len(word)
                return value
        if first == 0x22:
            return self.string()
        if first == 0x2D or 0x30 <= first <= 0x39:
            return self.number()
        if depth >= DEEPEST:
            raise BadJson("nested too deep")
        if first == 0x5B:
            return self.array(depth + 1)
        if first == 0x7B:
            return self.object(depth + 1)
        raise BadJson("no value")

    def number(self) -> float:
        """Digits and a power of ten."""
        found = _NUMBER.match(self.text, self.at)
        assert found is not None  # it matches the empty text
        self.at = found.end()
        minus, _, digits, fraction, sign, power = found.groups()
        fraction = (fraction or b".")[1:]
        try:
            number = float((digits or b"") + fraction or b"0")
            scale = int(power or b"0") * (-1 if sign == b"-" else 1) - len(fraction)
            number *= math.pow(10.0, scale)
        except (OverflowError, ValueError):
            number = math.inf
        return -number if minus else number

    def string(self) -> bytes:
        """A text in quotes; the end of the document ends it too."""
        text, out = self.text, bytearray()
        self.at += 1
        while self.at < len(text) and (char := text[self.at]) != 0x22:
            self.at += 1
            if char != 0x5C:
                out.append(char)
            elif self.at < len(text):
                self.escape(out)
        self.at += 1
        return bytes(out)

    def escape(self, out: bytearray) -> None:
        """What stands behind a backslash."""
        char = self.text[self.at]
        self.at += 1
        if char == 0x75:
            self.unicode(out)
        else:
            out += _ESCAPES.get(char, bytes((char,)))

    def unicode(self, out: bytearray) -> None:
        """Four hexadecimal digits, or two times four. What is no character is left out."""
        first = self.hex()
        if 0xDC00 <= first <= 0xDFFF or first == 0:
            return
        if 0xD800 <= first <= 0xDBFF:
            if self.text[self.at : self.at + 2] != b"\\u":
                return
            self.at += 2
            second = self.hex()
            if not 0xDC00 <= second <= 0xDFFF:
                return
            first = 0x10000 | (first & 0x3FF) << 10 | second & 0x3FF
        out += chr(first).encode("utf-8")

    def hex(self) -> int:
        """The number of the next four octets, 0 where they are none."""
        digits = self.text[self.at : self.at + 4]
        self.at += 4
        found = _HEX.match(digits)
        return int(found[0], 16) & 0xFFFF if found else 0

    def array(self, depth: int) -> list[Value]:
        """Values between brackets."""
        self.at += 1
        if self.skip() == 0x5D:
            self.at += 1
            return []
        values = [self.value(depth)]
        while self.skip() == 0x2C:
            self.at += 1
            values.append(self.value(depth))
        self.end(0x5D)
        return values

    def object(self, depth: int) -> Object:
        """Members between braces."""
        self.at += 1
        if self.skip() == 0x7D:
            self.at += 1
            return Object()
        found = Object([self.member(depth)])
        while self.skip() == 0x2C:
            self.at += 1
            found.members.append(self.member(depth))
        self.end(0x7D)
        return found

    def member(self, depth: int) -> tuple[bytes, Value]:
        """A name, a colon, a value."""
        if self.skip() != 0x22:
            raise BadJson("no name of a member")
        name = self.string()
        self.end(0x3A)
        return name, self.value(depth)

    def end(self, wanted: int) -> None:
        """Raises BadJson where this octet does not come next."""
        if self.skip() != wanted:
            raise BadJson(f"no {chr(wanted)}")
        self.at += 1


def text_of(value: bytes) -> bytes:
    """A text in quotes. What is no UTF-8 becomes U+FFFD, so that every client can read it."""
    value = value.decode("utf-8", "replace").encode()
    if _PLAIN.fullmatch(value):
        return b'"%b"' % value
    out = bytearray(b'"')
    for char in value:
        out += _WRITTEN.get(char) or (b"\\u%04x" % char if char < 32 else bytes((char,)))
    return bytes(out + b'"')


def number_of(value: float) -> bytes:
    """As ``print_number``; ``null`` for what is no number in JSON."""
    if not math.isfinite(value):
        return b"null"
    if abs(round(value) - value) <= 2.220446049250313e-16:
        return b"%.0f" % value if round(value) else b"0"
    return b"%e" % value if not SMALLEST <= abs(value) <= LARGEST else b"%f" % value


def array_of(values: list[bytes], pretty: bool) -> bytes:
    """Printed values on one line."""
    return b"[" + (b", " if pretty else b",").join(values) + b"]"


def object_of(members: list[tuple[bytes, bytes]], pretty: bool, depth: int) -> bytes:
    """Printed members; pretty: one a line, behind ``depth`` tabs."""
    if not pretty:
        return b"{" + b",".join(b"%b:%b" % (text_of(name), value) for name, value in members) + b"}"
    tabs = b"\t" * depth
    lines = [b"%b%b:\t%b" % (tabs, text_of(name), value) for name, value in members]
    return b"{\n" + b",\n".join(lines) + (b"\n" if lines else b"") + tabs[1:] + b"}"
