"""URI questions and edits of siputils (``checks.c``, ``sipops.c``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.native.uri import parse as parse_uri
from runtime.script.values import Value, to_str
from runtime.sip.params import split_params

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg
    from runtime.script.pv import PvRef

TRUE, FALSE, MALFORMED = 1, -1, -2
MAX_URI = 1024
STRICT = ("user_param", "ttl", "method", "maddr")


def _text(part: bytes | int | None) -> bytes:
    return part if isinstance(part, bytes) else b""


def _ruri(msg: SipMsg) -> dict[str, bytes | int | None] | None:
    return None if msg.ruri is None else parse_uri(msg.ruri)


def _sip_params(uri: dict[str, bytes | int | None]) -> bytes:
    """Those of the URI itself, where ``user=phone`` gives the number's the first place."""
    return _text(uri["sip_params"]) or _text(uri["params"])


def _last_first(params: bytes) -> list[tuple[bytes, bytes]]:
    """The parameters in the order in which Kamailio looks through them; none where malformed."""
    return (split_params(params) or [])[::-1]


def uri_param(msg: SipMsg, param: bytes, value: bytes | None = None) -> int:
    """Has the request URI this parameter, without a value, or with this one?"""
    uri = _ruri(msg)
    for key, text in () if uri is None else _last_first(_text(uri["params"])):
        if key == param:
            return TRUE if text == (value or b"") else FALSE
    return FALSE


def uri_param_any(msg: SipMsg, param: bytes) -> int:
    """Has the request URI this parameter?"""
    uri = _ruri(msg)
    params = () if uri is None else split_params(_sip_params(uri)) or ()
    return TRUE if any(key.lower() == param.lower() for key, _ in params) else FALSE


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
    """Take a parameter out of the request URI; what follows its value is kept."""
    uri = _ruri(msg)
    if uri is None or msg.ruri is None or len(msg.ruri) >= MAX_URI:
        return FALSE
    params = _sip_params(uri)
    if not params:
        return TRUE
    if split_params(params) is None:
        return FALSE
    place = param_place(msg.ruri, params, param)
    if place is None:
        return TRUE
    return msg.rewrite_uri(msg.ruri[: place[0]] + msg.ruri[place[1] :])


def param_place(uri: bytes, params: bytes, name: bytes) -> tuple[int, int] | None:
    """From the ``;`` before a parameter of a URI to its value's end, without a closing quote."""
    at, found = uri.find(params), None
    for key, value in split_params(params) or ():
        at = uri.find(key, at)
        end = at + len(key)
        if value:
            end = uri.find(value, uri.find(b"=", end) + 1) + len(value)
        if key.lower() == name.lower():
            found = uri.rfind(b";", 0, at + 1), end  # of several, the last
        at = end
    return found


def get_uri_param(msg: SipMsg, name: bytes, var: PvRef) -> int:
    """Put the value of a parameter of the request URI into a variable."""
    uri = _ruri(msg)
    for key, text in () if uri is None else _last_first(_text(uri["params"])):
        if key == name:
            var.set(msg, text)
            return TRUE
    return FALSE


def tel2sip(msg: SipMsg, tel: Value, host: Value, result: PvRef) -> int:
    """A tel URI as a SIP URI at a host; 2: it was none, -1: something is ``$null``."""
    if tel is None or host is None:
        return FALSE
    uri, hostpart = to_str(tel), to_str(host)
    if uri[:4].lower() != b"tel:":
        return 2
    number, mark, parameters = uri.partition(b";")
    clean = number.translate(None, b"-.()").lower() + mark + parameters.lower()
    result.set(msg, b"sip:%b@%b;user=phone" % (clean[4:], hostpart))
    return TRUE


def is_uri(msg: SipMsg, text: bytes) -> int:
    """Is it a URI?"""
    return TRUE if parse_uri(text) is not None else FALSE


def is_e164_text(text: bytes) -> bool:
    """``+`` and 2 to 15 digits?"""
    return 2 < len(text) < 17 and text[:1] == b"+" and text[1:].isdigit()


def is_e164(msg: SipMsg, pvar: PvRef) -> int:
    """Is it ``+`` and 2 to 15 digits?"""
    value = pvar.get(msg)
    return TRUE if isinstance(value, bytes) and is_e164_text(value) else FALSE


def is_uri_user_e164(msg: SipMsg, pvar: PvRef) -> int:
    """Is the user of the URI such a number?"""
    value = pvar.get(msg)
    rest = value.partition(b":")[2] if isinstance(value, bytes) else b""
    user, at, _ = rest.partition(b"@")
    return TRUE if at and is_e164_text(user) else FALSE


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
    parts = ("user", "port", "passwd")
    if first["type"] != second["type"] or any(_text(first[p]) != _text(second[p]) for p in parts):
        return FALSE
    if not _same_host(first, second):
        return FALSE
    if not first["params"] and not second["params"]:
        return TRUE
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
    """Have the URIs the same user and host? -1 no, -2 malformed.

    The port counts where one has none: the other's is 5060 then.
    """
    first, second = parse_uri(one), parse_uri(other)
    if first is None or second is None:
        return MALFORMED
    for one_uri, other_uri in ((first, second), (second, first)):
        if not one_uri["port"] and other_uri["port"] and other_uri["port_no"] != 5060:
            return FALSE
    same = _text(first["user"]) == _text(second["user"]) and _same_host(first, second)
    return TRUE if same else FALSE


def _same_host(first: dict[str, bytes | int | None], second: dict[str, bytes | int | None]) -> bool:
    return _text(first["host"]).lower() == _text(second["host"]).lower()


def is_gruu(msg: SipMsg, uri: bytes | None = None) -> int:
    """Is it a GRUU? 1 public, 2 temporary."""
    text = msg.ruri if uri is None else uri
    parsed = parse_uri(text) if text else None
    if parsed is None or parsed["gr"] is None:
        return FALSE
    return 1 if _text(parsed["gr"]).partition(b"=")[2] else 2
