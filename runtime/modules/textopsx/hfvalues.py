"""Values of headers with several of them, and their parameters (``textopsx.c``).

A header part is ``Name``, ``Name[index]`` or ``Name[index].param``. Edits are queued; offsets are
those of the message as received.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runtime.native import edit
from runtime.server.log import LM_ERR

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg

TRUE, FALSE = 1, -1
LAST = 10
"""How many values are found from the end."""

_SPACE = b" \t\r\n"
_PART = re.compile(
    rb"[ \t\r\n]*([\w-]+)[ \t\r\n]*(?:(\[)[ \t\r\n]*(\*|[-+]?\d+)?[ \t\r\n]*\])?[ \t\r\n]*"
    rb"(?:\.[ \t\r\n]*([\w-]+))?"
)
_PARAM = re.compile(
    rb"[ \t\r\n]*;[ \t\r\n]*([^ \t\r\n=;]*)"
    rb'([ \t\r\n]*(?:=[ \t\r\n]*(?:"[^"]*"?|[^ \t\r\n;]*))?)'
)
_BEFORE = re.compile(rb"[ \t\r\n]*(,?)[ \t\r\n]*")
_WORD = re.compile(rb"([\w-]+)[ \t\r\n]*")
_VALUE = re.compile(rb'=[ \t\r\n]*(?:"[^"]*"?|[^ \t\r\n,]*)')


@dataclass(frozen=True, slots=True)
class HeaderPart:
    """``name[index].param``; index 0 where none is written, None for ``*``."""

    name: bytes
    bracketed: bool
    index: int | None
    param: bytes


@dataclass(frozen=True, slots=True)
class Place:
    """A value in a header: its header's index, its span, and that with the comma and spaces."""

    header: int
    start: int
    end: int
    outer: int
    outer_end: int


def header_part(text: bytes) -> HeaderPart:
    """Read ``Name[index].param``; ValueError where it is something else."""
    match = _PART.fullmatch(text)
    if match is None:
        raise ValueError(f"no header part: {text!r}")
    name, bracket, index, param = match.groups()
    number = None if index == b"*" else int(index or 0)
    return HeaderPart(name, bracket is not None, number, param or b"")


# finding


def _body(msg: SipMsg, header: int) -> tuple[int, int]:
    start = edit.header_body_offset(msg, header)
    return start, start + len(edit.header_body(msg, header))


def _values(msg: SipMsg, header: int) -> Iterator[Place]:
    """The values of one header, split at commas that are not quoted; at least one."""
    start, body_end = _body(msg, header)
    octets = edit.buffer(msg, start, body_end)
    size = len(octets)
    at = 0
    while True:
        outer = at
        while at < size and octets[at] in _SPACE:
            at += 1
        first = at
        quoted = False
        while at < size and (octets[at] != 0x2C or quoted):
            if octets[at] == 0x22 and not (quoted and octets[at - 1] == 0x5C):
                quoted = not quoted
            at += 1
        end = first + len(octets[first:at].rstrip(_SPACE))
        at = min(at + 1, size)
        yield Place(header, start + first, start + end, start + outer, start + at)
        if at >= size:
            return


def _whole(msg: SipMsg, header: int) -> Iterator[Place]:
    """A header as one value."""
    start, end = _body(msg, header)
    yield Place(header, start, end, start, end)


def _find(msg: SipMsg, name: bytes, index: int, *, whole: bool = False) -> Place | None:
    """The index-th value of the headers of a name, from 1, or from the end by -1."""
    split = _whole if whole else _values
    places = [place for header in edit.find_headers(msg, name) for place in split(msg, header)]
    if index > 0:
        return places[index - 1] if index <= len(places) else None
    return places[index] if -index <= min(len(places), LAST) else None


# changing


def _add_header(msg: SipMsg, at: int, name: bytes, value: bytes) -> int:
    return TRUE if edit.insert(msg, at, b"%b: %b\r\n" % (name, value)) else FALSE


def _add_value(msg: SipMsg, header: int, at: int, value: bytes) -> int:
    """Put a value and a comma where another one starts, or behind all of them."""
    text = b"," + value if at == _body(msg, header)[1] else value + b","
    return TRUE if edit.insert(msg, at, text) else FALSE


def _remove(msg: SipMsg, header: int, start: int, end: int) -> int:
    """Take octets of a header's body away, or the header where that is all of it."""
    if (start, end) == _body(msg, header):
        return TRUE if edit.remove_header(msg, header) else FALSE
    return TRUE if edit.delete(msg, start, end - start) else FALSE


def _remove_value(msg: SipMsg, place: Place) -> int:
    body, body_end = _body(msg, place.header)
    start = place.outer
    if place.outer_end == body_end and start > body:
        start -= 1  # the comma before the last value
    return _remove(msg, place.header, start, place.outer_end)


def append_value(msg: SipMsg, part: HeaderPart, value: bytes) -> int:
    """Add a header at the end, or a value after the one with this index."""
    place = _find(msg, part.name, part.index or -1) if part.bracketed else None
    if place is None:
        return _add_header(msg, edit.headers_end(msg), part.name, value)
    return _add_value(msg, place.header, place.outer_end, value)


def insert_value(msg: SipMsg, part: HeaderPart, value: bytes) -> int:
    """Add a header before the first of its name, or a value before the one with this index."""
    index = part.index or 1
    place = _find(msg, part.name, index if part.bracketed else 1)
    if place is None:
        if index != 1:
            return FALSE
        return _add_header(msg, edit.headers_end(msg), part.name, value)
    if not part.bracketed:
        return _add_header(msg, edit.header_span(msg, place.header)[0], part.name, value)
    return _add_value(msg, place.header, place.outer, value)


def remove_value(msg: SipMsg, part: HeaderPart, *, second: bool = False) -> int:
    """Remove values or parameters. ``second``: the header is one list of parameters."""
    if part.param:
        return assign_value(msg, part, None, second=second)
    if part.index is None:
        found = edit.find_headers(msg, part.name)
        for header in found:
            edit.remove_header(msg, header)
        return TRUE if found else FALSE
    place = _find(msg, part.name, part.index or 1, whole=second)
    return FALSE if place is None else _remove_value(msg, place)


def assign_value(
    msg: SipMsg, part: HeaderPart, value: bytes | None, *, second: bool = False
) -> int:
    """Exchange a value, or set a parameter (None: remove it)."""
    if part.index is not None:
        place = _find(msg, part.name, part.index or 1, whole=second)
        if place is None:
            return FALSE
        if part.param:
            return _assign_param(msg, place, part.param, value, second=second)
        return _exchange(msg, place.start, place.end, value or b"")
    result = FALSE
    split = _whole if second else _values
    for header in edit.find_headers(msg, part.name):
        for place in split(msg, header):
            if _assign_param(msg, place, part.param, value, second=second) > 0:
                result = TRUE
    return result


def _exchange(msg: SipMsg, start: int, end: int, value: bytes) -> int:
    if not edit.delete(msg, start, end - start):
        return FALSE
    return TRUE if not value or edit.insert(msg, start, value) else FALSE


def include_value(msg: SipMsg, name: bytes, value: bytes) -> int:
    """Add a value behind those of the first header, unless there is such a value."""
    found = edit.find_headers(msg, name)
    if _matching(msg, found, value):
        return TRUE
    if not found:
        return _add_header(msg, edit.headers_end(msg), name, value)
    return _add_value(msg, found[0], _body(msg, found[0])[1], value)


def exclude_value(msg: SipMsg, name: bytes, value: bytes) -> int:
    """Remove every such value."""
    for place in _matching(msg, edit.find_headers(msg, name), value):
        _remove_value(msg, place)
    return TRUE


def has_value(msg: SipMsg, name: bytes, value: bytes) -> int:
    """Is there such a value?"""
    return TRUE if _matching(msg, edit.find_headers(msg, name), value) else FALSE


def _matching(msg: SipMsg, found: list[int], value: bytes) -> list[Place]:
    wanted = value.lower()
    return [
        place
        for header in found
        for place in _values(msg, header)
        if edit.buffer(msg, place.start, place.end).lower() == wanted
    ]


# parameters


@dataclass(frozen=True, slots=True)
class ParamPlace:
    """A parameter: from its separator to its end, and from behind its name to the value's end."""

    start: int
    end: int
    value: int
    value_end: int


def _assign_param(
    msg: SipMsg, place: Place, name: bytes, value: bytes | None, *, second: bool
) -> int:
    octets = edit.buffer(msg, place.start, place.end)
    find = _find_listed if second else _find_param
    at = 0 if second else _params_start(octets)
    result = 0
    while True:
        param, at, delimiter = find(octets, at, name)
        done = _change_param(msg, place.start, param, at, name, value, delimiter)
        result = result or done
        if param is None or value is not None:
            return result


def _change_param(
    msg: SipMsg,
    base: int,
    param: ParamPlace | None,
    at: int,
    name: bytes,
    value: bytes | None,
    delimiter: bytes,
) -> int:
    if param is None:
        if value is None:
            return FALSE
        text = delimiter + name + (b"=" + value if value else b"")
        return TRUE if edit.insert(msg, base + at, text) else FALSE
    if value is None:
        start, end = param.start, param.end
    else:
        start, end = param.value, param.value_end
    if start < end and not edit.delete(msg, base + start, end - start):
        LM_ERR("cannot remove parameter %r", name)
        return FALSE
    if value and not edit.insert(msg, base + param.value, b"=" + value):
        return FALSE
    return TRUE


def _params_start(octets: bytes) -> int:
    """Where the parameters of a name-addr start: its first ``;`` outside of quotes and ``<>``."""
    at, size = 0, len(octets)
    while at < size and octets[at] != 0x3B:
        at = _past(octets, at, b"<; \t\r\n")
        while at < size and octets[at] in _SPACE:
            at += 1
        if at < size and octets[at] == 0x3C:
            at = _past(octets, at, b">")
    return at


def _past(octets: bytes, at: int, ends: bytes) -> int:
    """The next of `ends` that is not quoted, or the end."""
    quoted = False
    while at < len(octets):
        if quoted:
            quoted = octets[at] != 0x22 or octets[at - 1] == 0x5C
        elif octets[at] == 0x22:
            quoted = True
        elif octets[at] in ends:
            break
        at += 1
    return at


def _find_param(octets: bytes, at: int, name: bytes) -> tuple[ParamPlace | None, int, bytes]:
    """``;name=value`` from `at` on: the parameter, or None; where the search ended."""
    while match := _PARAM.match(octets, at):
        if match[1].lower() == name.lower():
            return ParamPlace(at, match.end(), *match.span(2)), match.end(), b";"
        at = match.end()
    return None, at, b";"


def _find_listed(octets: bytes, at: int, name: bytes) -> tuple[ParamPlace | None, int, bytes]:
    """``name=value`` in a list with commas, from `at` on; and what goes before a new one."""
    delimiter = b""
    while at < len(octets):
        start = at
        before = _BEFORE.match(octets, at)
        comma = before is not None and before[1] == b","
        at = before.end() if before else at
        word = _WORD.match(octets, at)
        if word is None:
            commas = len(octets) - at - len(octets[at:].lstrip(b","))
            at += commas or at == start
            continue
        delimiter = delimiter or b" "
        at = word.end()
        value = _VALUE.match(octets, at)
        if value is None:
            continue
        delimiter = b","
        at = end = value.end()
        if word[1].lower() == name.lower():
            after = len(octets) - len(octets[at:].lstrip(_SPACE))
            if not comma and octets[after : after + 1] == b",":
                end = after + 1
            return ParamPlace(start, end, *value.span()), end, delimiter
    return None, at, delimiter
