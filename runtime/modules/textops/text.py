"""Text of a message searched and exchanged (``textops.c``). Edits are queued."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.native import edit
from runtime.script.substitute import Subst

if TYPE_CHECKING:
    from runtime.native.regex import Regex
    from runtime.native.sipmsg import SipMsg

TRUE, FALSE = 1, -1


def whole(msg: SipMsg) -> tuple[int, int]:
    """Everything after the first line."""
    return edit.headers_start(msg), edit.length(msg)


def headers(msg: SipMsg) -> tuple[int, int]:
    """The headers."""
    return edit.headers_start(msg), edit.headers_end(msg)


def body(msg: SipMsg) -> tuple[int, int]:
    """The body, to the end of the message."""
    start = edit.body_start(msg)
    return (start, edit.length(msg)) if start else (0, 0)


Region = tuple[int, int]


def _octets(msg: SipMsg, region: Region) -> bytes:
    return edit.buffer(msg, *region)


def search(msg: SipMsg, region: Region, expression: Regex) -> int:
    """Does it match anywhere in the region? An empty one never does."""
    octets = _octets(msg, region)
    return TRUE if octets and expression.match(octets) else FALSE


def append_after(msg: SipMsg, region: Region, expression: Regex, text: bytes) -> int:
    """Add text after the first match."""
    octets = _octets(msg, region)
    spans = expression.search(octets) if octets else None
    if spans is None:
        return FALSE
    return TRUE if edit.insert(msg, region[0] + spans[0][1], text, after=True) else FALSE


def replace(msg: SipMsg, region: Region, expression: Regex, text: bytes) -> int:
    """Exchange the first match."""
    octets = _octets(msg, region)
    spans = expression.search(octets) if octets else None
    if spans is None:
        return FALSE
    start, end = spans[0]
    return TRUE if edit.replace(msg, region[0] + start, end - start, text) else FALSE


def replace_all(
    msg: SipMsg, region: Region, expression: Regex, text: bytes, *, lines: bool = True
) -> int:
    """Exchange every match; with `lines`, ``^`` matches after each line's end."""
    octets = _octets(msg, region)
    at = 0
    notbol = False
    result = FALSE
    while at < len(octets):
        spans = expression.search(octets, at, notbol=notbol)
        if spans is None:
            break
        start, end = spans[0]
        if start == end or not edit.replace(msg, region[0] + start, end - start, text):
            return FALSE
        at = end
        notbol = not (lines and octets[at - 1 : at] in (b"\n", b"\r"))
        result = TRUE
    return result


def replace_text(msg: SipMsg, region: Region, match: bytes, text: bytes, mode: bytes) -> int:
    """Exchange a plain text: mode ``f`` the first, ``a`` all."""
    octets = _octets(msg, region)
    if not octets or not match:
        return TRUE
    at = octets.find(match)
    if at >= 0:  # a match in the region is followed by others to the message's end
        octets = edit.buffer(msg, region[0], edit.length(msg))
    while at >= 0:
        if not edit.replace(msg, region[0] + at, len(match), text):
            return FALSE
        if mode[:1].lower() == b"f":
            break
        at = octets.find(match, at + len(match))
    return TRUE


def substitute(msg: SipMsg, region: Region, subst: Subst) -> int:
    """Run a substitution on the region."""
    changes = subst.changes(msg, _octets(msg, region))
    for start, end, text in changes or ():
        if not edit.replace(msg, region[0] + start, end - start, text):
            return FALSE
    return TRUE if changes else FALSE


def substitute_header(msg: SipMsg, name: bytes, subst: Subst, flags: bytes) -> int:
    """Run a substitution on the values of headers; ``f`` the first, ``l`` the last, ``a`` all."""
    found = edit.find_headers(msg, name)
    if flags[:1] == b"l":
        found = found[-1:]
    elif flags[:1] == b"f":
        found = found[:1]
    result = FALSE
    for index in found:
        start = edit.header_body_offset(msg, index)
        region = start, start + len(edit.header_body(msg, index))
        if substitute(msg, region, subst) == TRUE:
            result = TRUE
    return result
