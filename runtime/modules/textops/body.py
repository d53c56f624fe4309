"""The body: set, filtered, asked about (``textops.c``)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runtime.native import edit
from runtime.sip.params import split_params

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg
    from runtime.script.pv import PvRef

TRUE, FALSE = 1, -1

_TYPE = re.compile(rb"(?mi)^(?:content-type|c)[ \t]*:[ \t]*")


def has_body(msg: SipMsg, mime: bytes | None) -> int:
    """Is there a body, of this type? A message without Content-Type holds application/sdp."""
    if not edit.content_length(msg):
        return FALSE
    if not mime:
        return TRUE
    kind = (msg.content_type or b"application/sdp").partition(b";")[0].strip().lower()
    return TRUE if kind == mime.lower() else FALSE


def set_body(msg: SipMsg, text: bytes, content_type: bytes) -> int:
    """Exchange the body; Content-Type follows, Content-Length is mended when building."""
    start = edit.body_start(msg)
    if not text or not content_type or not start:
        return FALSE
    edit.drop_body_edits(msg)
    size = edit.content_length(msg)
    if size and (start + size > edit.length(msg) or not edit.delete(msg, start, size)):
        return FALSE
    lines = b""
    if msg.content_type != content_type:
        if edit.remove_headers(msg, b"Content-Type") < 0:
            return FALSE
        lines = b"Content-Type: %b\r\n" % content_type
    if not edit.has_header(msg, b"Content-Length"):
        lines += b"Content-Length: %d\r\n" % len(text)
    if lines and not edit.insert(msg, edit.headers_end(msg), lines, after=True):
        return FALSE
    return TRUE if edit.insert(msg, start, text, after=True) else FALSE


def set_reply_body(msg: SipMsg, text: bytes, content_type: bytes) -> int:
    """The body of replies made here."""
    if not text or not content_type:
        return FALSE
    if not edit.add_reply_header(msg, b"Content-Type: %b\r\n" % content_type):
        return FALSE
    return TRUE if edit.set_reply_body(msg, text) else FALSE


def filter_body(msg: SipMsg, content_type: bytes) -> int:
    """Leave only the first part of this type of a multipart/mixed body."""
    mark = boundary(msg)
    start = edit.body_start(msg)
    octets = edit.buffer(msg, start, edit.length(msg))
    part = None
    if mark and is_multipart(msg):
        part = find_part(octets, content_type, mark)
    if part is None:
        return FALSE
    first = next(
        (n for n in range(part.content, len(octets)) if octets[n] not in b"\r\n"), part.end
    )
    done = edit.delete(msg, start, first) and edit.delete(
        msg, start + part.end - 2, len(octets) - part.end + 2
    )
    return TRUE if done else FALSE


def get_body_part(msg: SipMsg, content_type: bytes, var: PvRef, *, raw: bool) -> int:
    """Put the first part of this type into a variable: what follows its Content-Type, or with
    `raw` all from there to the next boundary line; the whole body where it has no parts."""
    start = edit.body_start(msg)
    octets = edit.buffer(msg, start, edit.length(msg)) if start else b""
    if not octets or not var.writable:
        return FALSE
    mark = boundary(msg)
    if not mark:
        var.set(msg, octets)
        return TRUE
    part = find_part(octets, content_type, mark)
    if part is None:
        return FALSE
    span = slice(part.header, part.after) if raw else slice(part.content, part.end)
    var.set(msg, octets[span])
    return TRUE


@dataclass(frozen=True, slots=True)
class Part:
    """Offsets in a body: the part's Content-Type, what follows that, the next boundary line."""

    header: int
    content: int
    end: int
    after: int
    """Behind the boundary line."""


def is_multipart(msg: SipMsg) -> bool:
    """Is Content-Type multipart/mixed?"""
    return (msg.content_type or b"").lower().startswith(b"multipart/mixed")


def find_part(octets: bytes, content_type: bytes, mark: bytes) -> Part | None:
    """The first part of a type in a body whose boundary lines begin with a mark."""
    for match in _TYPE.finditer(octets):
        value = match.end()
        if octets[value : value + len(content_type)].lower() != content_type.lower():
            continue
        content = value + len(content_type) + 2
        end = octets.find(b"\r\n" + mark, content - 2) + 2
        if octets[content - 2 : content] != b"\r\n" or end < 2:
            return None
        line = octets.find(b"\r\n", end)
        return Part(match.start(), content, end, len(octets) if line < 0 else line + 2)
    return None


def boundary(msg: SipMsg) -> bytes:
    """``--`` and the boundary; empty without one."""
    for key, value in split_params((msg.content_type or b"").partition(b";")[2].lstrip()) or ():
        if key.lower() == b"boundary" and value:
            return b"--" + value
    return b""


def is_privacy(msg: SipMsg, kind: bytes) -> int:
    """Does Privacy ask for this?"""
    asked = b";".join(msg.hdrs(b"Privacy")).lower().split(b";")
    return TRUE if kind.lower() in (part.strip() for part in asked) else FALSE
