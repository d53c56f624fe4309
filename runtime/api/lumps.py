"""Data lumps: changes of a message that are queued and made when it is sent (guide ch. 14).

``offset`` counts octets of the message as it was received (`buffer`). A change is seen in what is
forwarded, and by the script after ``msg_apply_changes()``; reply lumps are seen in the reply that
the server makes from a request. Each function returns False where it cannot be done: outside of
the message, or no memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.native import edit

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg


def buffer(msg: SipMsg) -> bytes:
    """The message as it was received."""
    return edit.buffer(msg, 0, edit.length(msg))


def insert_new_lump_before(msg: SipMsg, offset: int, new_hdr: bytes) -> bool:
    """Add octets in front of what stands at ``offset``."""
    return _inside(msg, offset, 0) and edit.insert(msg, offset, new_hdr)


def insert_new_lump_after(msg: SipMsg, offset: int, new_hdr: bytes) -> bool:
    """Add octets at ``offset``, behind what others added there."""
    return _inside(msg, offset, 0) and edit.insert(msg, offset, new_hdr, after=True)


def del_lump(msg: SipMsg, offset: int, size: int) -> bool:
    """Take ``size`` octets away."""
    return size > 0 and _inside(msg, offset, size) and edit.delete(msg, offset, size)


def replace_lump(msg: SipMsg, offset: int, size: int, text: bytes) -> bool:
    """Put other octets in the place of ``size`` octets."""
    return size > 0 and _inside(msg, offset, size) and edit.replace(msg, offset, size, text)


def add_lump_rpl(msg: SipMsg, header: bytes) -> bool:
    """Header lines, each with its CRLF, for the reply to this request."""
    return edit.add_reply_header(msg, header)


def add_lump_rpl_body(msg: SipMsg, body: bytes) -> bool:
    """The body of the reply to this request."""
    return edit.set_reply_body(msg, body)


def _inside(msg: SipMsg, offset: int, size: int) -> bool:
    return offset >= 0 and offset + size <= edit.length(msg)
