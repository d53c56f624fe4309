"""The ``uri``, ``nameaddr`` and ``tobody`` transformations (``pv_trans.c``).

Each fails (None) where the text cannot be parsed; an absent part is empty.
"""

from __future__ import annotations

from collections.abc import Callable

from runtime.modules.pv.strings import LIMIT
from runtime.native import nameaddr
from runtime.native.uri import parse as parse_uri
from runtime.script.values import ShownInt, Value, to_int, to_str
from runtime.sip.params import split_params

PROTO_UDP, PROTO_TLS, PROTO_WSS = 1, 3, 6
PROTOCOLS = {1: b"udp", 2: b"tcp", 3: b"tls", 4: b"sctp", 5: b"ws", 6: b"ws"}


def _uri(value: Value) -> dict[str, bytes | int | None] | None:
    text = to_str(value)
    if not text:
        return None
    return parse_uri(text[:-1] if len(text) > 4 and text.endswith(b";") else text)


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


def port(value: Value) -> int | None:
    """``{uri.port}``: 0 that shows as nothing where there is none."""
    parsed = _uri(value)
    if parsed is None:
        return None
    number = parsed["port_no"]
    return ShownInt(number if isinstance(number, int) else 0, _text(parsed["port"]))


def scheme(value: Value) -> bytes | None:
    """``{uri.scheme}``"""
    return None if _uri(value) is None else to_str(value).partition(b":")[0]


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
    if parsed is None:
        return None
    result = to_str(value).partition(b":")[0] + b":"
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


def param(value: Value, name: bytes | None) -> bytes | None:
    """``{uri.param,name}``"""
    parsed = _uri(value)
    if parsed is None:
        return None
    if not parsed["sip_params"]:
        return b""
    found = split_params(_text(parsed["sip_params"]), b";")
    if found is None or name is None:
        return None
    return next((text for key, text in reversed(found) if key.lower() == name.lower()), b"")


def alias_encode(value: Value) -> bytes | None:
    """``{urialias.encode}``: ``host~port~protocol``; empty where it is no URI."""
    text = to_str(value)
    if not text:
        return None
    parsed = parse_uri(text)
    host = _text(parsed["host"]) if parsed is not None else b""
    if parsed is None or len(host) + 16 >= LIMIT:
        return b""
    proto = to_int(parsed["proto"]) or PROTO_UDP
    plain = b"5061" if proto in (PROTO_TLS, PROTO_WSS) else b"5060"
    return b"%b~%b~%d" % (host, _text(parsed["port"]) or plain, proto)


def alias_decode(value: Value) -> bytes | None:
    """``{urialias.decode}``: the URI of ``host~port~protocol``; empty for what is no alias."""
    text = to_str(value)
    if not text:
        return None
    parts = text.split(b"~", 2)
    if len(text) + 24 >= LIMIT or len(parts) < 3 or not parts[2]:
        return b""
    number = parts[2][0] - 48
    result = b"sip:%b:%b" % (parts[0], parts[1])
    if number in (0, PROTO_UDP):
        return result
    name = PROTOCOLS.get(number)
    return b"" if name is None else result + b";transport=" + name


class NameAddresses:
    """``{nameaddr...}``: the last text is kept with what was found in it. As in 5.6.3, one
    without an end fails, and has parts when it is asked for again right after."""

    __slots__ = ("_last", "_parts")

    def __init__(self) -> None:
        self._last = b""
        self._parts = b"", b"", 0

    def uri(self, value: Value) -> bytes | None:
        """``{nameaddr.uri}``: the whole text where there is no ``<``."""
        parts = self._cut(value)
        return None if parts is None else parts[1]

    def name(self, value: Value) -> bytes | None:
        """``{nameaddr.name}``: what stands before the ``<``, as it is."""
        parts = self._cut(value)
        return None if parts is None else parts[0]

    def length(self, value: Value) -> int | None:
        """``{nameaddr.len}``: octets up to and with the ``>``."""
        parts = self._cut(value)
        return None if parts is None else parts[2]

    def _cut(self, value: Value) -> tuple[bytes, bytes, int] | None:
        text = to_str(value)
        if not text:
            return None
        if text != self._last:
            self._last, self._parts = text, _nameaddr(text)
            if not self._parts[2]:
                return None
        return self._parts


def _nameaddr(value: bytes) -> tuple[bytes, bytes, int]:
    """Name, URI and length; that is 0 where the URI has no end."""
    start = _unquoted(value, b"<", 0)
    if start < 0:
        return b"", value, len(value)
    end = _unquoted(value, b">", start)
    if end < 0:
        return value[:start], value[start + 1 :], 0
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
    text = to_str(value)
    return nameaddr.parse(text) if text else None


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
