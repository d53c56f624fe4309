"""URI questions and edits of siputils (``checks.c``, ``sipops.c``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.native.uri import equal
from runtime.native.uri import parse as parse_uri
from runtime.sip.params import split_params

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg
    from runtime.script.pv import PvRef

TRUE, FALSE = 1, -1
MAX_URI = 1024


def _text(part: bytes | int | None) -> bytes:
    return part if isinstance(part, bytes) else b""


def _ruri_params(msg: SipMsg) -> list[tuple[bytes, bytes]] | None:
    parsed = None if msg.ruri is None else parse_uri(msg.ruri)
    if parsed is None:
        return None
    return split_params(_text(parsed["sip_params"]) or _text(parsed["params"]))


def uri_param(msg: SipMsg, param: bytes, value: bytes | None = None) -> int:
    """Has the request URI this parameter, without a value, or with this one?"""
    for key, text in _ruri_params(msg) or ():
        if key == param:
            return TRUE if text == (value or b"") else FALSE
    return FALSE


def uri_param_any(msg: SipMsg, param: bytes) -> int:
    """Has the request URI this parameter?"""
    found = any(key.lower() == param.lower() for key, _ in _ruri_params(msg) or ())
    return TRUE if found else FALSE


def add_uri_param(msg: SipMsg, param: bytes) -> int:
    """Add ``name=value`` to the request URI, before its headers."""
    if not param:
        return TRUE
    if msg.ruri is None or parse_uri(msg.ruri) is None:
        return FALSE
    head, mark, headers = msg.ruri.partition(b"?")
    text = head + b";" + param + mark + headers
    return FALSE if len(text) > MAX_URI else msg.rewrite_uri(text)


def uri_param_rm(msg: SipMsg, param: bytes) -> int:
    """Take a parameter out of the request URI."""
    if msg.ruri is None or parse_uri(msg.ruri) is None:
        return FALSE
    head, mark, headers = msg.ruri.partition(b"?")
    parts = head.split(b";")
    kept = [p for p in parts[1:] if p.partition(b"=")[0].strip().lower() != param.lower()]
    if len(kept) == len(parts) - 1:
        return TRUE
    return msg.rewrite_uri(b";".join([parts[0], *kept]) + mark + headers)


def get_uri_param(msg: SipMsg, name: bytes, var: PvRef) -> int:
    """Put the value of a parameter of the request URI into a variable."""
    for key, text in _ruri_params(msg) or ():
        if key == name:
            var.set(msg, text)
            return TRUE
    return FALSE


def tel2sip(msg: SipMsg, uri: bytes, hostpart: bytes, result: PvRef) -> int:
    """A tel URI as a SIP URI at `hostpart`; 2: it was none."""
    if uri[:4].lower() != b"tel:":
        return 2
    number, mark, parameters = uri.partition(b";")
    clean = number.translate(None, b"-.()").lower() + mark + parameters.lower()
    text = b"sip:%b@%b;user=phone" % (clean[4:], hostpart)
    if parse_uri(text) is None:
        return FALSE
    result.set(msg, text)
    return TRUE


def is_uri(msg: SipMsg, text: bytes) -> int:
    """Is it a URI?"""
    return TRUE if parse_uri(text) is not None else FALSE


def _e164(text: bytes) -> bool:
    return 2 < len(text) < 17 and text[:1] == b"+" and text[1:].isdigit()


def is_e164(msg: SipMsg, pvar: PvRef) -> int:
    """Is it ``+`` and 2 to 15 digits?"""
    value = pvar.get(msg)
    return TRUE if isinstance(value, bytes) and _e164(value) else FALSE


def is_uri_user_e164(msg: SipMsg, pvar: PvRef) -> int:
    """Is the user of the URI such a number?"""
    value = pvar.get(msg)
    parsed = parse_uri(value) if isinstance(value, bytes) else None
    return TRUE if parsed is not None and _e164(_text(parsed["user"])) else FALSE


def cmp_uri(msg: SipMsg, one: bytes, other: bytes) -> int:
    """Are the URIs equal by RFC 3261 section 19.1.4?"""
    return TRUE if equal(one, other) else FALSE


def cmp_aor(msg: SipMsg, one: bytes, other: bytes) -> int:
    """Have the URIs the same user and host?"""
    first, second = parse_uri(one), parse_uri(other)
    if first is None or second is None:
        return FALSE
    same_host = _text(first["host"]).lower() == _text(second["host"]).lower()
    return TRUE if same_host and first["user"] == second["user"] else FALSE


def is_gruu(msg: SipMsg, uri: bytes | None = None) -> int:
    """Is it a GRUU? 1 public, 2 temporary."""
    text = msg.ruri if uri is None else uri
    parsed = parse_uri(text) if text else None
    if parsed is None or parsed["gr"] is None:
        return FALSE
    return 1 if b"=" in _text(parsed["gr"]) else 2
