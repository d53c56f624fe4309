"""Remote-Party-ID from an AVP (``rpid.c``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.modules.siputils.uris import is_e164_text
from runtime.native import edit
from runtime.native.uri import parse as parse_uri

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg
    from runtime.script.pv import PvRef

TRUE, FALSE = 1, -1


def append_rpid_hf(msg: SipMsg, avp: PvRef | None, prefix: bytes, suffix: bytes) -> int:
    """Add Remote-Party-ID where the AVP holds text."""
    rpid = _value(msg, avp)
    if not rpid:
        return FALSE
    return edit.append_hf(msg, b"Remote-Party-ID: %b%b%b\r\n" % (prefix, rpid, suffix))


def is_rpid_user_e164(msg: SipMsg, avp: PvRef | None) -> int:
    """Is the user of the URI in the AVP ``+`` and 2 to 15 digits?"""
    rpid = _value(msg, avp)
    if not rpid:
        return FALSE
    uri: bytes = rpid
    start = _unquoted(rpid, b"<")
    if start >= 0:
        end = _unquoted(rpid[start:], b">")
        if end < 0:
            return FALSE
        uri = rpid[start + 1 : start + end]
    parts = parse_uri(uri)
    user = None if parts is None else parts["user"]
    return TRUE if isinstance(user, bytes) and is_e164_text(user) else FALSE


def _value(msg: SipMsg, avp: PvRef | None) -> bytes | None:
    value = None if avp is None else avp.get(msg)
    return value if isinstance(value, bytes) else None


def _unquoted(text: bytes, mark: bytes) -> int:
    """Where a character stands outside of quotes (``find_not_quoted``), -1: nowhere."""
    quoted = False
    for at in range(len(text)):
        octet = text[at : at + 1]
        if octet == b'"':
            quoted = not quoted or text[at - 1 : at] == b"\\"
        elif octet == mark and not quoted:
            return at
    return -1
