"""The body: set, filtered, asked about (``textops.c``)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from runtime.native import edit

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg

TRUE, FALSE = 1, -1

_HELD = re.compile(rb"(?mi)^a=(?:inactive|sendonly)")
_ADDRESS = re.compile(rb"(?m)^c=IN IP4 ([^\s/]+)")
_NONE = (b"", b"")


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
    kind = msg.content_type or b""
    if kind.partition(b";")[0].strip().lower() != b"multipart/mixed":
        return FALSE
    boundary = _boundary(kind)
    start = edit.body_start(msg)
    octets = edit.buffer(msg, start, edit.length(msg))
    if not boundary or not octets:
        return FALSE
    mark = b"--" + boundary
    at = octets.find(mark)
    while at >= 0:
        head_end = octets.find(b"\r\n\r\n", at)
        following = octets.find(b"\r\n" + mark, at)
        if head_end < 0 or following < 0:
            return FALSE
        if _part_type(octets[at:head_end]) == content_type.lower():
            first = head_end + 4
            done = edit.delete(msg, start, first) and edit.delete(
                msg, start + following, len(octets) - following
            )
            return TRUE if done else FALSE
        at = following + 2
    return FALSE


def _boundary(content_type: bytes) -> bytes:
    for parameter in content_type.split(b";")[1:]:
        key, _, value = parameter.strip().partition(b"=")
        if key.strip().lower() == b"boundary":
            return value.strip().strip(b'"')
    return b""


def _part_type(head: bytes) -> bytes:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() in (b"content-type", b"c"):
            return value.partition(b";")[0].strip().lower()
    return b""


def is_privacy(msg: SipMsg, kind: bytes) -> int:
    """Does Privacy ask for this?"""
    asked = b";".join(msg.hdrs(b"Privacy")).lower().split(b";")
    return TRUE if kind.lower() in (part.strip() for part in asked) else FALSE


def is_audio_on_hold(msg: SipMsg) -> int:
    """Does the SDP hold an audio stream? 1 by address 0.0.0.0 (RFC 2543), 2 by RFC 3264."""
    session, *streams = re.split(rb"(?m)^m=", msg.body or b"")
    for stream in streams:
        if not stream.startswith(b"audio "):
            continue
        if _HELD.search(stream):
            return 2
        if (_ADDRESS.search(stream) or _ADDRESS.search(session) or _NONE)[1] == b"0.0.0.0":
            return 1
        if _HELD.search(session):
            return 2
    return FALSE
