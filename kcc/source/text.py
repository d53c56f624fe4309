"""Configuration files as text, and offsets in them as lines and columns.

Configurations are octets: they are held as ``str`` decoded from latin-1, one character per
octet, so that offsets are octet offsets and every value can be turned back into its octets.
Only what is shown to a person is decoded as UTF-8.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from kcc.source.span import Span


class LineMap:
    """Maps octet offsets of one text to lines and columns, both counted from 1."""

    __slots__ = ("_starts", "_text")

    def __init__(self, text: str) -> None:
        self._text: Final = text
        starts = [0]
        find = text.find
        at = find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = find("\n", at + 1)
        self._starts: Final = starts

    def line(self, offset: int) -> int:
        """The line that holds ``offset``."""
        return bisect_right(self._starts, max(offset, 0))

    def column(self, offset: int) -> int:
        """The column of ``offset`` in characters (UTF-8 sequences count once)."""
        start = self._starts[self.line(offset) - 1]
        return len(display(self._text[start : max(offset, 0)])) + 1

    def bounds(self, line: int) -> tuple[int, int]:
        """Offsets of the first octet of ``line`` and of its end (without the newline)."""
        start = self._starts[line - 1]
        end = self._starts[line] - 1 if line < len(self._starts) else len(self._text)
        return start, end

    @property
    def count(self) -> int:
        """How many lines there are; a text without any newline has one."""
        return len(self._starts)


class SourceFile:
    """One text that configuration is read from: a file, or the value of a ``-A`` option.

    ``path`` is what is shown; ``included_from`` is the place of the include directive.
    """

    __slots__ = ("_lines", "included_from", "path", "text")

    def __init__(self, path: str, text: str, included_from: Span | None = None) -> None:
        self.path: Final = path
        self.text: Final = text
        self.included_from: Final = included_from
        self._lines: LineMap | None = None

    @classmethod
    def from_bytes(cls, path: str, data: bytes, included_from: Span | None = None) -> SourceFile:
        """A source file holding ``data`` as it is on disk."""
        return cls(path, data.decode("latin-1"), included_from)

    @property
    def lines(self) -> LineMap:
        """The line map, made at first use."""
        if self._lines is None:
            self._lines = LineMap(self.text)
        return self._lines

    def line_text(self, line: int) -> str:
        """The text of one line as it is shown to a person."""
        start, end = self.lines.bounds(line)
        return display(self.text[start:end].rstrip("\r"))

    def __repr__(self) -> str:
        return f"SourceFile({self.path!r})"


def display(text: str) -> str:
    """Octets held as latin-1 text, decoded as UTF-8 for people."""
    if text.isascii():
        return text
    return text.encode("latin-1").decode("utf-8", "replace")


def to_octets(text: str) -> bytes:
    """The octets of a piece of source text."""
    return text.encode("latin-1")


def to_name(text: str) -> str:
    """A name for use in Python: UTF-8 where it is that, reversible in every case."""
    return text if text.isascii() else text.encode("latin-1").decode("utf-8", "surrogateescape")


def from_name(name: str) -> str:
    """The opposite of ``to_name``: source text (latin-1) of a name."""
    return name if name.isascii() else name.encode("utf-8", "surrogateescape").decode("latin-1")


_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def quote(value: bytes) -> str:
    """Octets as a double-quoted string of the configuration language (latin-1 text)."""
    pieces = []
    for char in value.decode("latin-1"):
        if char in _ESCAPES:
            pieces.append(_ESCAPES[char])
        elif char < " " or char == "\x7f":
            pieces.append(f"\\x{ord(char):02x}")
        else:
            pieces.append(char)
    return f'"{"".join(pieces)}"'
