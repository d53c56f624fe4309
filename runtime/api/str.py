"""``str``: octets that stand somewhere else (guide 5.1, ``str.h``)."""

from __future__ import annotations

from typing import Final


class str:
    """``len`` octets of ``base`` from ``off`` on; ``s`` copies them out when it is asked for.

    Raises IndexError: they are not all there.
    """

    __slots__ = ("base", "len", "off")

    def __init__(self, base: bytes, off: int = 0, len: int | None = None) -> None:
        size = base.__len__() - off if len is None else len
        if off < 0 or size < 0 or off + size > base.__len__():
            raise IndexError(f"octets {off} to {off + size} of {base.__len__()}")
        self.base: Final = base
        self.off = off
        self.len = size

    @property
    def s(self) -> bytes:
        """The octets."""
        return self.base[self.off : self.off + self.len]

    def __bytes__(self) -> bytes:
        return self.s

    def __len__(self) -> int:
        return self.len

    def __eq__(self, other: object) -> bool:
        return self.s == (other.s if isinstance(other, str) else other)

    def __hash__(self) -> int:
        return hash(self.s)


def trim_leading(s: str) -> None:
    """Without the white space in front (``trim.h``)."""
    size = len(s.s.lstrip(b" \t\r\n"))
    s.off += s.len - size
    s.len = size


def trim_trailing(s: str) -> None:
    """Without the white space behind."""
    s.len = len(s.s.rstrip(b" \t\r\n"))


def trim(s: str) -> None:
    """Without the white space around."""
    trim_leading(s)
    trim_trailing(s)
