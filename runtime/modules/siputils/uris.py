"""URI questions and edits of siputils (``checks.c``, ``sipops.c``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.native.uri import parse as parse_uri
from runtime.script.values import to_str
from runtime.sip.params import split_params

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg
    from runtime.script.pv import PvRef

TRUE, FALSE, MALFORMED = 1, -1, -2
MAX_URI = 1024
STRICT = ("user_param", "ttl", "method", "maddr")


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
    result.set(msg, b"sip:%b@%b;user=phone" % (clean[4:], hostpart))
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
    rest = value.partition(b":")[2] if isinstance(value, bytes) else b""
    user, at, _ = rest.partition(b"@")
    return TRUE if at and _e164(user) else FALSE


def set_uri_user(msg: SipMsg, uri: PvRef, user: PvRef) -> int:
    """Exchange the user of the URI in a variable; an empty one takes it away."""
    old, new = to_str(uri.get(msg)), to_str(user.get(msg))
    if b":" not in old:
        return FALSE
    scheme, _, rest = old.partition(b":")
    _, at, host = rest.partition(b"@")
    if not at and not new:
        return TRUE
    return _set(msg, uri, scheme + b":" + new + (b"@" if new else b"") + (host if at else rest))


def set_uri_host(msg: SipMsg, uri: PvRef, host: PvRef) -> int:
    """Exchange the host of the URI in a variable."""
    old, new = to_str(uri.get(msg)), to_str(host.get(msg))
    if not new or b":" not in old:
        return FALSE
    start = old.find(b"@", old.index(b":") + 1) + 1 or old.index(b":") + 1
    end = next((n for n in range(start, len(old)) if old[n] in b":;?"), len(old))
    return _set(msg, uri, old[:start] + new + old[end:])


def _set(msg: SipMsg, uri: PvRef, text: bytes) -> int:
    if len(text) > MAX_URI or not uri.writable:
        return FALSE
    uri.set(msg, text)
    return TRUE


def cmp_uri(msg: SipMsg, one: bytes, other: bytes) -> int:
    """Are the URIs equal, as ``cmp_uri`` sees it? -1 no, -2 malformed.

    An explicit port differs from none; a parameter that one has alone differs only where it is
    ``user``, ``ttl``, ``method`` or ``maddr`` and the other has none at all.
    """
    first, second = parse_uri(one), parse_uri(other)
    if first is None or second is None:
        return MALFORMED
    if any(first[part] != second[part] for part in ("type", "user", "port", "passwd")):
        return FALSE
    if not _same_host(first, second):
        return FALSE
    for this, that in ((first, second), (second, first)):
        if not this["params"] and any(that[name] for name in STRICT):
            return FALSE
    left, right = split_params(_text(first["params"])), split_params(_text(second["params"]))
    if left is None or right is None:
        return MALFORMED
    differ = any(
        key.lower() == name.lower() and value.lower() != text.lower()
        for key, value in left
        for name, text in right
    )
    return FALSE if differ else TRUE


def cmp_aor(msg: SipMsg, one: bytes, other: bytes) -> int:
    """Have the URIs the same user, host and port (5060 by default)? -1 no, -2 malformed."""
    first, second = parse_uri(one), parse_uri(other)
    if first is None or second is None:
        return MALFORMED
    same = (
        _text(first["user"]) == _text(second["user"])
        and (first["port_no"] or 5060) == (second["port_no"] or 5060)
        and _same_host(first, second)
    )
    return TRUE if same else FALSE


def _same_host(first: dict[str, bytes | int | None], second: dict[str, bytes | int | None]) -> bool:
    return _text(first["host"]).lower() == _text(second["host"]).lower()


def is_gruu(msg: SipMsg, uri: bytes | None = None) -> int:
    """Is it a GRUU? 1 public, 2 temporary."""
    text = msg.ruri if uri is None else uri
    parsed = parse_uri(text) if text else None
    if parsed is None or parsed["gr"] is None:
        return FALSE
    return 1 if b"=" in _text(parsed["gr"]) else 2
