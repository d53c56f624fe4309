"""Names of AVPs and of ``$xavp``, ``$xavi``, ``$xavu``, as Kamailio reads them. Pure text."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from runtime.declare.cint import wrap
from runtime.declare.pvspec import PvSpec, PvSyntaxError, parse_spec
from runtime.declare.record import Record

Index: TypeAlias = int | Literal["*", "+"] | PvSpec | None

_TRACKS: Final = frozenset(("f", "t", "fr", "tr", "fu", "tu", "fd", "td", "g"))
_SPACE: Final = " \t\r\n"


def avp_ident(text: bytes) -> tuple[str, bytes | int]:
    """Track and name of ``name``, ``s:name``, ``i:number`` or ``track.name``
    (``parse_avp_ident``). ``f`` and ``t`` are the tracks, ``fr tr fu tu fd td`` their URI, user
    and domain classes, ``g`` the global one.

    Raises ValueError for what is none of them.
    """
    if text[1:2] == b":":
        kind, rest = text[:1], text[2:]
        if kind in b"sS" and rest:
            return "f", rest
        if kind in b"iI" and rest.isdigit() and int(rest) < 2**32:
            return "f", wrap(int(rest))
        raise ValueError("a name, `s:name` or `i:number`")
    prefix, dot, rest = text.partition(b".")
    if dot:
        track = prefix.decode("latin-1")
        if track not in _TRACKS or not rest or any(c in rest for c in b".[]/"):
            raise ValueError("a name without a dot, or one after `f.`, `t.`, `fu.` and so on")
        return track, rest
    if not text:
        raise ValueError("a name")
    return "f", text


class XavpPath(Record):
    """What stands in the parentheses. An index is None where none is written."""

    root: bytes
    root_index: Index = None
    field: bytes | None = None
    field_index: Index = None


def xavp_path(text: bytes) -> XavpPath:
    """``name[index]=>field[index]``; what follows is dropped (``pv_parse_xavp_name``).

    Raises ValueError.
    """
    whole = text.decode("latin-1")
    root, root_index, at = _part(whole, 0)
    if whole[at : at + 1] != "=":
        return XavpPath(root, root_index)
    if whole[at : at + 2] != "=>":
        raise ValueError("names with indexes, as in `a[0]=>b[$var(i)]`")
    field, field_index, _ = _part(whole, at + 2)
    return XavpPath(root, root_index, field, field_index)


def _part(text: str, at: int) -> tuple[bytes, Index, int]:
    at = _after_space(text, at)
    if at >= len(text):
        raise ValueError("names with indexes, as in `a[0]=>b[$var(i)]`")
    end = at
    while end < len(text) and text[end] not in "=[" + _SPACE:
        end += 1
    name = text[at:end].encode("latin-1")
    at = _after_space(text, end)
    if text[at : at + 1] != "[":
        return name, None, at
    at += 1
    end, depth = at, 0
    while end < len(text):
        if text[end] == "]":
            if depth == 0:
                break
            depth -= 1
        depth += text[end] == "["
        end += 1
    else:
        raise ValueError("an index in brackets that are closed")
    return name, _index(text[at:end]), end + 1


def _index(text: str) -> Index:
    if text.startswith("$"):
        try:
            return parse_spec(text)[0]
        except PvSyntaxError as error:
            raise ValueError(f"an index: {error.message}") from None
    if text == "*":
        return "*"
    if text == "+":
        return "+"
    digits = text.removeprefix("-")
    if not text or (digits and not (digits.isascii() and digits.isdigit())):
        raise ValueError("an index that is a number, `*` or a variable")
    number = wrap(int(digits or "0"))
    return wrap(-number) if text.startswith("-") else number


def xavu_path(text: bytes) -> XavpPath:
    """``name=>field`` without indexes (``pv_parse_xavu_name``). Raises ValueError."""
    whole = text.strip(_SPACE.encode())
    root, equals, rest = whole.partition(b"=")
    if not equals:
        return XavpPath(root)
    if len(rest) < 2 or not rest.startswith(b">"):
        raise ValueError("a name, or `name=>field`")
    return XavpPath(root, None, rest[1:], None)


def _after_space(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at
