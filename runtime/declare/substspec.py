"""``/regex/replacement/flags`` as textops' ``subst`` takes it (``core/re.c``).

The replacement may hold ``\\0`` to ``\\9`` and variables. Flags: ``g`` every match, ``i`` without
regard to case, ``s`` a line's end is a character like others.
"""

from __future__ import annotations

from runtime.declare.record import Record


class SubstError(ValueError):
    """The text is no substitution expression."""


class SubstText(Record):
    """The parts of a substitution expression. ``replacement`` is in pieces: octets as they are,
    or the number of a group; variables in the octets are for ``script.pv`` to find."""

    pattern: bytes
    replacement: tuple[bytes | int, ...]
    replace_all: bool
    ignore_case: bool
    whole_lines: bool


def parse_subst(text: bytes) -> SubstText:
    """Parse ``/re/repl/flags``; any character may be the separator. Raises SubstError."""
    if len(text) < 3:
        raise SubstError("a substitution is written /regex/replacement/flags")
    separator = text[:1]
    parts = _split(text[1:], separator)
    if len(parts) != 3:
        raise SubstError(f"a substitution has two separators after the first, not {len(parts) - 1}")
    pattern, replacement, flags = parts
    if flags.strip(b"gis"):
        raise SubstError(f"unknown substitution flag {flags.strip(b'gis')!r}")
    return SubstText(pattern, _pieces(replacement), b"g" in flags, b"i" in flags, b"s" not in flags)


def _split(text: bytes, separator: bytes) -> list[bytes]:
    parts = [bytearray()]
    at = 0
    while at < len(text):
        char = text[at : at + 1]
        if char == b"\\" and at + 1 < len(text):
            following = text[at + 1 : at + 2]
            parts[-1] += following if following == separator else char + following
            at += 2
        elif char == separator:
            parts.append(bytearray())
            at += 1
        else:
            parts[-1] += char
            at += 1
    return [bytes(part) for part in parts]


def _pieces(text: bytes) -> tuple[bytes | int, ...]:
    escapes = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"\\": b"\\"}
    pieces: list[bytes | int] = []
    literal = bytearray()
    at = 0
    while at < len(text):
        char = text[at : at + 1]
        following = text[at + 1 : at + 2]
        if char != b"\\" or not following:
            literal += char
            at += 1
            continue
        at += 2
        if following.isdigit():
            if literal:
                pieces.append(bytes(literal))
                literal.clear()
            pieces.append(int(following))
        else:
            literal += escapes.get(following, char + following)
    if literal:
        pieces.append(bytes(literal))
    return tuple(pieces)
