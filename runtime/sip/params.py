"""Parameter lists: ``a=1;b="x;y";c`` (``parser/parse_param.c``)."""

from __future__ import annotations

_SPACE = b" \t\r\n"
_NAME_ENDS = b" \t\r\n,="
_TOKEN_ENDS = b" \t\r\n,"


def split_params(text: bytes, separator: bytes = b";") -> list[tuple[bytes, bytes]] | None:
    """(name, value) in order, quotes around values taken off (there is no
    escape in them); None where malformed.

    A list ends at a ``,`` or ``>``; a name may be empty, a value after ``=`` only at the end.
    """
    found: list[tuple[bytes, bytes]] = []
    name_ends, token_ends = _NAME_ENDS + separator, _TOKEN_ENDS + separator
    at, size = 0, len(text)
    while at < size:
        start, at = at, _until(text, at, name_ends)
        name, value = text[start:at], b""
        at = _after_space(text, at)
        if text[at : at + 1] == b"=":
            at = _after_space(text, at + 1)
            quote = text[at : at + 1]
            if quote in (b'"', b"'"):
                end = text.find(quote, at + 1)
                if end < 0:
                    return None
                value, at = text[at + 1 : end], end + 1
            elif at < size:
                start, at = at, _until(text, at, token_ends)
                if at == start:
                    return None
                value = text[start:at]
            at = _after_space(text, at)
        found.append((name, value))
        mark = text[at : at + 1]
        if mark in (b"", b",", b">"):
            return found
        at = _after_space(text, at + 1)
        if mark != separator or at == size:
            return None
    return found


def _until(text: bytes, at: int, ends: bytes) -> int:
    while at < len(text) and text[at] not in ends:
        at += 1
    return at


def _after_space(text: bytes, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at


def q_text(q: int) -> bytes:
    """A q value of 0…1000 as text: ``0``, ``1``, ``0.35``."""
    if q <= 0 or q >= 1000:
        return b"0" if q <= 0 else b"1"
    return b"0." + (b"%03d" % q).rstrip(b"0")
