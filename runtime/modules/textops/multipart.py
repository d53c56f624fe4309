"""Bodies of several parts: made, added to, cut (``textops.c``). Edits are queued.

A body that these functions changed has its boundary lines mended when the message is built
(``runtime/native/multipart.pyx``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from runtime.modules.textops import body
from runtime.native import edit
from runtime.server.log import LM_ERR

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg

TRUE, FALSE = 1, -1
DEFAULT_TYPE = b"text/plain"
DEFAULT_BOUNDARY = b"unique-boundary-1"
LONGEST_TYPE = 126
"""Octets of the Content-Type line that is made."""

_BOUNDARY = re.compile(rb"(?i)[^;]*;[ \t]*boundary[ \t]*=[ \t]*(.*)", re.S)


def set_multipart(msg: SipMsg, text: bytes, content_type: bytes, boundary: bytes) -> int:
    """Make the body, or `text`, the one part of a multipart/mixed body."""
    multipart = body.is_multipart(msg)
    if multipart and not text:
        return TRUE
    start = edit.body_start(msg)
    if not start:
        return FALSE
    old = b"" if text or multipart else edit.buffer(msg, start, edit.length(msg))
    old_type = msg.content_type or b"" if old else b""
    edit.drop_body_edits(msg)
    size = edit.length(msg) - start
    if size and not edit.delete(msg, start, size):
        return FALSE
    delimiter = boundary or DEFAULT_BOUNDARY
    part = _part(text or old, old_type or content_type or DEFAULT_TYPE, b"", delimiter)
    if part is None:
        return FALSE
    part = b"--%b\r\n" % delimiter + part
    if not _set_headers(msg, len(part), None if multipart else delimiter):
        return FALSE
    if not edit.insert(msg, start, part, after=True):
        return FALSE
    edit.set_multipart(msg)
    return TRUE


def _set_headers(msg: SipMsg, size: int, delimiter: bytes | None) -> bool:
    """Content-Length where there is none; with a delimiter Content-Type and Mime-Version too."""
    lines = b""
    if delimiter is not None:
        lines = b'Content-Type: multipart/mixed;boundary="%b"\r\n' % delimiter
        if len(lines) > LONGEST_TYPE:
            LM_ERR("the boundary is too long: %r", delimiter)
            return False
        found = edit.find_headers(msg, b"Content-Type")
        if found and not edit.remove_header(msg, found[0]):
            return False
    if not edit.has_header(msg, b"Content-Length"):
        lines += b"Content-Length: %d\r\n" % size
    if lines and not edit.insert(msg, edit.headers_end(msg), lines, after=True):
        return False
    return delimiter is None or edit.append_hf(msg, b"Mime-Version: 1.0\r\n") == TRUE


def append_part(msg: SipMsg, text: bytes, content_type: bytes, disposition: bytes) -> int:
    """Add a part behind the others."""
    start, end = edit.body_start(msg), edit.length(msg)
    if not text or not content_type or not start or start == end:
        return FALSE
    match = _BOUNDARY.fullmatch(msg.content_type or b"")
    delimiter = match[1] if match else b""
    if delimiter[:1] in (b'"', b"'"):
        delimiter = delimiter[1:-1] if delimiter[-1:] == delimiter[:1] else b""
    if not delimiter:
        LM_ERR("Content-Type has no boundary: is the body multipart?")
        return FALSE
    part = _part(text, content_type, disposition, delimiter)
    if part is None or not edit.insert(msg, end, part, after=True):
        return FALSE
    edit.set_multipart(msg)
    return TRUE


def append_hex(msg: SipMsg, text: bytes, content_type: bytes, disposition: bytes) -> int:
    """append_part with a text of hexadecimal digits, spaces between the pairs."""
    try:
        octets = bytes.fromhex(text.decode("ascii"))
    except ValueError:
        octets = b""
    if not octets or set(text) & set(b"\r\n\v\f"):
        LM_ERR("invalid hex data %r", text)
        return FALSE
    return append_part(msg, octets, content_type, disposition)


def remove_part(msg: SipMsg, content_type: bytes) -> int:
    """Remove the first part of this type, with the boundary line after it."""
    start = edit.body_start(msg)
    octets = edit.buffer(msg, start, edit.length(msg)) if start else b""
    boundary = body.boundary(msg) if octets else b""
    part = body.find_part(octets, content_type, boundary) if boundary else None
    if part is None or not edit.delete(msg, start + part.header, part.after - part.header):
        return FALSE
    edit.set_multipart(msg)
    return TRUE


def _part(text: bytes, content_type: bytes, disposition: bytes, delimiter: bytes) -> bytes | None:
    """Headers, text and the boundary line after it."""
    if not text or delimiter.startswith(b"-"):
        LM_ERR("no text for a part, or a boundary that begins with '-': %r", delimiter)
        return None
    lines = b"Content-Type: %b\r\n" % content_type
    if disposition:
        lines += b"Content-Disposition: %b\r\n" % disposition
    end = b"" if text.endswith(b"\r\n\r\n") else b"\r\n"
    return b"%b\r\n%b%b--%b\r\n" % (lines, text, end, delimiter)
