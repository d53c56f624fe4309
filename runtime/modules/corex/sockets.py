"""Listen sockets as ``corex`` names and finds them (``corex_var.c``, ``socket_info.c``)."""

from __future__ import annotations

from dataclasses import dataclass

from runtime.native import net
from runtime.script.values import Value

PROTOS = (b"udp", b"tcp")
"""Protocols that are always there; ``tls`` is with ``enable_tls``."""


@dataclass(frozen=True, slots=True)
class HostPort:
    """``[proto:]host[:port]`` in its parts; ``port`` is text, empty where none is written."""

    proto: bytes
    host: bytes
    port: bytes

    @property
    def number(self) -> int:
        """The port, 0 without one."""
        return int(self.port or b"0") & 0xFFFF

    @property
    def transport(self) -> int:
        """The number of the protocol, 0 without one."""
        return net.proto_number(self.proto.lower()) if self.proto else 0


def parse(text: bytes, protos: tuple[bytes, ...] = PROTOS) -> HostPort | None:
    """``parse_protohostport`` with the protocols that the server has; None for what is none."""
    colons = _colons(text)
    if colons is None or not text or text.endswith(b":"):
        return None
    if not colons:
        return HostPort(b"", text, b"")
    first = colons[0]
    if len(colons) == 2:
        proto, host, port = text[:first], text[first + 1 : colons[1]], text[colons[1] + 1 :]
        good = proto.lower() in protos and _is_port(port)
        return HostPort(proto, host, port) if good else None
    head, tail = text[:first], text[first + 1 :]
    if _is_port(tail):
        return HostPort(b"", head, tail)
    return HostPort(head, tail, b"") if head.lower() in protos else None


def _colons(text: bytes) -> list[int] | None:
    """Where the colons outside of brackets are; None for more than two, or bad brackets."""
    found: list[int] = []
    depth = 0
    for at, octet in enumerate(text):
        if octet == ord("["):
            depth += 1
        elif octet == ord("]"):
            depth -= 1
        elif octet == ord(":") and depth == 0:
            found.append(at)
        if depth not in (0, 1) or len(found) > 2:
            return None
    return found


def _is_port(text: bytes) -> bool:
    return text.isdigit() and int(text) < 1 << 32


def find(text: bytes, protos: tuple[bytes, ...]) -> int | None:
    """The index of a listen socket: -1 there is none, None for text that is no address."""
    parsed = parse(text, protos)
    if parsed is None:
        return None
    return net.find_socket(parsed.host, parsed.number, parsed.transport)


def has_ipv6() -> bool:
    """Is there a listen socket of IPv6?"""
    return any(b":" in socket[2] for socket in net.socket_list())


def lsock(expression: bytes) -> Value:
    """``$lsock(match/value/field)``: a field of the first socket that matches."""
    parts = expression.split(b"/")
    if len(parts) != 3 or parts[0] not in (b"n", b"l", b"i", b"a") or len(parts[2]) < 2:
        return None
    match, value, field = parts
    if field[:1] not in (b"n", b"l", b"i", b"a"):
        return None
    for index, (_, proto, address, port, _, name, advertise, advertised) in enumerate(_by_proto()):
        listen = _written(proto, address, port)
        shown = _written(proto, advertise, advertised or port) if advertise else b""
        found = {
            b"n": name.lower() == value.lower() != b"",
            b"l": listen.lower() == value.lower(),
            b"a": shown.lower() == value.lower() != b"",
            b"i": index == 0,
        }
        if found[match]:
            fields: dict[bytes, Value] = {b"n": name, b"l": listen, b"a": shown, b"i": index}
            return fields[field[:1]]
    return None


def _by_proto() -> list[tuple[int, int, bytes, int, bytes, bytes, bytes, int]]:
    """Sockets in the order that Kamailio looks through them: by protocol."""
    return sorted(net.socket_list(), key=lambda socket: socket[1])


def _written(proto: int, host: bytes, port: int) -> bytes:
    host = b"[%b]" % host if b":" in host and not host.startswith(b"[") else host
    return b"%b:%b:%d" % (net.proto_text(proto), host, port)


def uri_of(parsed: HostPort) -> bytes:
    """``sip:host:port;transport=proto``, as far as it is written; empty without a host."""
    if not parsed.host:
        return b""
    port = b":" + parsed.port if parsed.port else b""
    transport = b";transport=" + parsed.proto if parsed.proto else b""
    return b"sip:" + parsed.host + port + transport
