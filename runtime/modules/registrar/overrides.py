"""``xavp_cfg`` and ``xavp_rcd``: what the script tells the registrar, and what it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.native.location import Contact
from runtime.script.xavp import XavpList, XavpValue

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg

RUID, CONTACT, EXPIRES, RECEIVED, PATH = 1, 2, 4, 8, 16
"""Bits of ``xavp_rcd_mask``: what is left out."""


def _child(msg: SipMsg, root: bytes, name: bytes) -> XavpValue:
    lists: XavpList | None = msg.xavps
    found = None if lists is None else lists.get(root)
    return found.get(name) if isinstance(found, XavpList) else None


def number(msg: SipMsg, root: bytes, name: bytes) -> int | None:
    """``$xavp(root=>name)`` where it is an integer."""
    value = _child(msg, root, name)
    return value if isinstance(value, int) else None


def octets(msg: SipMsg, root: bytes, name: bytes) -> bytes | None:
    """``$xavp(root=>name)`` where it is a string that is not empty."""
    value = _child(msg, root, name)
    return value if isinstance(value, bytes) and value else None


def record(msg: SipMsg, root: bytes, contact: Contact, left_out: int, now: int) -> None:
    """Put a contact in front of what ``$xavp(root=>…)`` has."""
    if msg.xavps is None:
        msg.xavps = XavpList()
    lists: XavpList = msg.xavps
    found = lists.get(root)
    if not isinstance(found, XavpList):
        found = XavpList()
        lists.add(root, found)
    if not left_out & RUID:
        found.add(b"ruid", contact.ruid)
    if not left_out & RECEIVED and contact.received:
        found.add(b"received", contact.received)
    if not left_out & CONTACT:
        found.add(b"contact", contact.contact)
    if not left_out & EXPIRES:
        found.add(b"expires", contact.expires - now)
    if not left_out & PATH and contact.path:
        found.add(b"path", contact.path)
