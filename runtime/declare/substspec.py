"""``/regex/replacement/flags`` as textops' ``subst`` takes it (``core/re.c``, ``subst_parser``).

The replacement may hold ``\\0`` to ``\\9`` and variables. Flags: ``g`` every match, ``i`` without
regard to case, ``s`` a line's end is a character like others.
"""

from __future__ import annotations

from runtime.declare.pvspec import PvSpec, PvSyntaxError, parse_spec
from runtime.declare.record import Record

MAX_ESCAPES = 100
"""How many escapes and variables a replacement may hold, less one (``MAX_REPLACE_WITH``)."""

_ESCAPES = {b"\\": b"\\", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"$": b"$"}
_REQUEST_URI = PvSpec("ru")


class SubstError(ValueError):
    """The text is no substitution expression."""


class SubstText(Record):
    """The parts of a substitution expression. ``replacement`` is in pieces: octets as they are,
    the number of a group, or a variable."""

    pattern: bytes
    replacement: tuple[bytes | int | PvSpec, ...]
    replace_all: bool
    ignore_case: bool
    whole_lines: bool


def parse_subst(text: bytes) -> SubstText:
    """Parse ``/re/repl/flags``; any character but the backslash may be the separator.

    A separator behind a backslash belongs to its part, with the backslash in the expression,
    without it in the replacement. Raises SubstError.
    """
    if len(text) < 3:
        raise SubstError("a substitution is written /regex/replacement/flags")
    mark = text[:1]
    if mark == b"\\":
        raise SubstError("the separator of a substitution is no backslash")
    end = 1
    while text[end : end + 1] != mark or text[end - 1 : end] == b"\\":
        end += 1
        if end >= len(text):
            raise SubstError("a substitution has three separators, not 1")
    pieces, after = _replacement(text, end + 1, mark)
    flags = text[after + 1 :]
    if flags.strip(b"gis"):
        raise SubstError(f"unknown substitution flag {flags.strip(b'gis')!r}")
    return SubstText(text[1:end], pieces, b"g" in flags, b"i" in flags, b"s" not in flags)


def _replacement(
    text: bytes, start: int, mark: bytes
) -> tuple[tuple[bytes | int | PvSpec, ...], int]:
    """The pieces that begin at `start`, and where the separator behind them is."""
    pieces: list[bytes | int | PvSpec] = []
    literal = bytearray()
    source = text.decode("latin-1")
    escapes = 0
    at = start
    while text[at : at + 1] != mark:
        octet = text[at : at + 1]
        following = text[at + 1 : at + 2]
        piece: bytes | int | PvSpec = octet
        if not octet or (octet == b"\\" and not following):
            raise SubstError("a substitution has three separators, not 2")
        if octet == b"\\":
            piece = int(following) if following.isdigit() else _ESCAPES.get(following, following)
            if following == b"u":
                piece = _REQUEST_URI
            at += 2
        elif octet == b"$":
            try:
                piece, at = parse_spec(source, at)
            except PvSyntaxError as error:
                raise SubstError(f"in the replacement: {error.message}") from None
        else:
            at += 1
        escapes += octet in b"\\$"
        if escapes >= MAX_ESCAPES:
            raise SubstError(f"a replacement has less than {MAX_ESCAPES} escapes and variables")
        if isinstance(piece, bytes):
            literal += piece
            continue
        if literal:
            pieces.append(bytes(literal))
            literal.clear()
        pieces.append(piece)
    if literal:
        pieces.append(bytes(literal))
    return tuple(pieces), at
