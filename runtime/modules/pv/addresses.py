"""The ``uri``, ``nameaddr`` and ``tobody`` transformations (``pv_trans.c``).

Each fails (None) where the text cannot be parsed; an absent part is empty.
"""

from __future__ import annotations

from collections.abc import Callable

from runtime.native import nameaddr
from runtime.native.uri import parse as parse_uri
from runtime.script.values import Value, to_int
from runtime.sip.params import split_params

PROTOCOLS = {1: b"udp", 2: b"tcp", 3: b"tls", 4: b"sctp", 5: b"ws", 6: b"ws"}


def _uri(value: Value) -> dict[str, bytes | int | None] | None:
    if not isinstance(value, bytes) or not value:
        return None
    text = value[:-1] if len(value) > 4 and value.endswith(b";") else value
    return parse_uri(text)


def _text(part: bytes | int | None) -> bytes:
    return part if isinstance(part, bytes) else b""


def _part(name: str, doc: str) -> Callable[[Value], bytes | None]:
    def part(value: Value) -> bytes | None:
        parsed = _uri(value)
        return None if parsed is None else _text(parsed[name])

    part.__doc__ = doc
    return part


user = _part("user", "``{uri.user}``")
host = _part("host", "``{uri.host}``, ``{uri.domain}``")
passwd = _part("passwd", "``{uri.passwd}``")
params = _part("sip_params", "``{uri.params}``")
headers = _part("headers", "``{uri.headers}``")
transport = _part("transport", "``{uri.transport}``")
ttl = _part("ttl", "``{uri.ttl}``")
uparam = _part("user_param", "``{uri.uparam}``")
maddr = _part("maddr", "``{uri.maddr}``")
method = _part("method", "``{uri.method}``")
r2 = _part("r2", "``{uri.r2}``: its value")


def lr(value: Value) -> bytes | None:
    """``{uri.lr}``: its value"""
    return param(value, b"lr")


def port(value: Value) -> bytes | int | None:
    """``{uri.port}``: empty text where there is none."""
    parsed = _uri(value)
    if parsed is None:
        return None
    return parsed["port_no"] if parsed["port"] else b""


def scheme(value: Value) -> bytes | None:
    """``{uri.scheme}``"""
    if not isinstance(value, bytes) or _uri(value) is None:
        return None
    return value.partition(b":")[0]


def saor(value: Value) -> bytes | None:
    """``{uri.saor}``: scheme, user and host."""
    return _short(value, with_user=True, with_port=False)


def suri(value: Value) -> bytes | None:
    """``{uri.suri}``: scheme, user, host, port and transport."""
    return _short(value, with_user=True, with_port=True)


def duri(value: Value) -> bytes | None:
    """``{uri.duri}``: scheme, host, port and transport."""
    return _short(value, with_user=False, with_port=True)


def _short(value: Value, *, with_user: bool, with_port: bool) -> bytes | None:
    """Kamailio 5.6.3 leaves an unset octet after the scheme; see the deviations."""
    parsed = _uri(value)
    if parsed is None or not isinstance(value, bytes):
        return None
    result = value.partition(b":")[0] + b":"
    if with_user and parsed["user"]:
        result += _text(parsed["user"]) + b"@"
    result += _text(parsed["host"])
    if with_port:
        if parsed["port"]:
            result += b":" + _text(parsed["port"])
        if parsed["transport"]:
            result += b";transport=" + _text(parsed["transport"])
    return result


def tosocket(value: Value) -> bytes | None:
    """``{uri.tosocket}``: ``proto:host:port``; empty where the URI names no transport."""
    parsed = _uri(value)
    if parsed is None:
        return None
    number = parsed["proto"]
    protocol = PROTOCOLS.get(number) if isinstance(number, int) else None
    if protocol is None:
        return b""
    return b"%b:%b:%d" % (protocol, _text(parsed["host"]), to_int(parsed["port_no"]) or 5060)


def param(value: Value, name: bytes) -> bytes | None:
    """``{uri.param,name}``"""
    parsed = _uri(value)
    if parsed is None or not name:
        return None
    found = split_params(_text(parsed["sip_params"]), b";")
    if found is None:
        return None
    for key, text in reversed(found):
        if key.lower() == name.lower():
            return text
    return b""


def nameaddr_uri(value: Value) -> bytes | None:
    """``{nameaddr.uri}``: the whole text where there is no ``<``."""
    cut = _nameaddr(value)
    return None if cut is None else cut[1]


def nameaddr_name(value: Value) -> bytes | None:
    """``{nameaddr.name}``: what stands before the ``<``, as it is."""
    cut = _nameaddr(value)
    return None if cut is None else cut[0]


def nameaddr_len(value: Value) -> int | None:
    """``{nameaddr.len}``: octets up to and with the ``>``."""
    cut = _nameaddr(value)
    return None if cut is None else cut[2]


def _nameaddr(value: Value) -> tuple[bytes, bytes, int] | None:
    if not isinstance(value, bytes) or not value:
        return None
    start = _unquoted(value, b"<", 0)
    if start < 0:
        return b"", value, len(value)
    end = _unquoted(value, b">", start)
    if end < 0:
        return None
    return value[:start], value[start + 1 : end], end + 1


def _unquoted(text: bytes, mark: bytes, start: int) -> int:
    """Where `mark` stands outside of quotes, -1 if nowhere (``find_not_quoted``)."""
    quoted = False
    at = start
    while at < len(text):
        octet = text[at : at + 1]
        if quoted and octet == b"\\":
            at += 1
        elif octet == b'"':
            quoted = not quoted
        elif not quoted and octet == mark:
            return at
        at += 1
    return -1


def _address(value: Value) -> nameaddr.Address | None:
    return nameaddr.parse(value) if isinstance(value, bytes) and value else None


def tobody_uri(value: Value) -> bytes | None:
    """``{tobody.uri}``"""
    found = _address(value)
    return None if found is None else found.uri


def tobody_tag(value: Value) -> bytes | None:
    """``{tobody.tag}``"""
    found = _address(value)
    return None if found is None else found.tag


def tobody_user(value: Value) -> bytes | None:
    """``{tobody.user}``"""
    found = _address(value)
    return None if found is None else found.user


def tobody_host(value: Value) -> bytes | None:
    """``{tobody.host}``"""
    found = _address(value)
    return None if found is None else found.host


def tobody_params(value: Value) -> bytes | None:
    """``{tobody.params}``"""
    found = _address(value)
    return None if found is None else found.params.lstrip(b"; \t")


def tobody_display(value: Value) -> bytes | None:
    """``{tobody.display}``: with its quotes."""
    found = _address(value)
    return None if found is None else found.display
