"""Variables with a name that choose a part of the message, of a reply's way or of a socket:
``$msg $via0 $rpl $rcv $msgbuf $af $K $ksr`` and the advertised addresses (``pv_core.c``)."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from runtime.native import edit, net, onsend, pvmsg, receive
from runtime.script.values import Dual, Value, to_int, to_str, unsigned

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg

SIP_PORT: Final = 5060
VERSION: Final = b"5.6.3"
VERSIONS: Final[Mapping[bytes, bytes]] = MappingProxyType(
    {b"num": VERSION, b"full": b"kamailio 5.6.3 (x86_64/linux) ", b"hash": b"unknown "}
)
VERSION_VALUE: Final = 5006003
_BLANKS: Final = b" \t\r\n"
_CONSTANTS: Final[Mapping[bytes, int]] = MappingProxyType(
    {
        b"INET": int(socket.AF_INET),
        b"IPv4": int(socket.AF_INET),
        b"INET6": int(socket.AF_INET6),
        b"IPv6": int(socket.AF_INET6),
        b"UDP": 1,
        b"TCP": 2,
        b"TLS": 3,
        b"SCTP": 4,
        b"WS": 5,
        b"WSS": 6,
    }
)
MAX_PACKET: Final = 65535 - 1
_RECEIVING: Final = (b"srcip", b"srcport", b"rcvip", b"rcvport")
_SENDING: Final = (b"ip", b"port", b"af", b"proto", b"sproto")
_NAMES: Final = {0: b"none", 1: b"udp", 2: b"tcp", 3: b"tls", 4: b"sctp", 5: b"ws", 6: b"wss"}


# Via and the way of a reply


def via(which: int) -> Callable[[SipMsg, bytes], Value]:
    """``$via0 $via1 $viaZ``: of the first, second or last Via."""

    def read(msg: SipMsg, name: bytes) -> Value:
        found = pvmsg.via(msg, which)
        if found is None:
            return None
        if name == b"port":
            return found.port or SIP_PORT
        if name == b"proto":
            return found.transport
        if name == b"protoid":
            return found.proto
        part: Value = getattr(found, name.decode())
        return part

    return read


def _way(found: pvmsg.Via, *, by_proto: bool) -> tuple[bytes, int] | None:
    """Host and port that a reply goes to."""
    port = 0
    if found.rport is not None:
        if not found.rport.isdigit():
            return None
        port = int(found.rport) & 0xFFFFFFFF
    host = found.received or found.host or b""
    if port == 0:
        port = found.port or (5061 if by_proto and found.proto in (3, 6) else SIP_PORT)
    return host, port


def _way_uri(found: pvmsg.Via, host: bytes, port: int) -> bytes:
    return b"sip:%b:%d;transport=%b" % (host, port, _wire_name(found.proto))


def _wire_name(proto: int) -> bytes:
    return b"ws" if proto == 6 else _NAMES.get(proto, b"udp") if proto else b"udp"


def rpl(msg: SipMsg, name: bytes) -> Value:
    """``$rpl(name)``: where a reply goes, and how many Via and Record-Route it has."""
    if not msg.is_reply:
        return None
    if name in (b"cntvia", b"cntrr"):
        if not pvmsg.parsed(msg):
            return None
        try:
            return len(pvmsg.elements(msg, b"Via" if name == b"cntvia" else b"Record-Route") or ())
        except ValueError:
            return None
    found = pvmsg.reply_via(msg)
    way = None if found is None else _way(found, by_proto=False)
    if found is None or way is None:
        return None
    if name == b"duri":
        return _way_uri(found, *way)
    if name == b"dhost":
        return way[0]
    if name == b"dport":
        return unsigned(way[1])
    if name == b"dproto":
        return Dual(_NAMES.get(found.proto, b"udp"), found.proto)
    return found.proto


def next_hop_of_reply(msg: SipMsg, name: bytes) -> Value:
    """``$nh(name)`` of a reply: by its second Via."""
    found = pvmsg.reply_via(msg)
    way = None if found is None else _way(found, by_proto=True)
    if found is None or way is None or name == b"U":
        return None
    if name == b"u":
        return _way_uri(found, *way)
    if name == b"d":
        return way[0]
    if name == b"p":
        return unsigned(way[1])
    if name == b"P":
        return Dual(_NAMES.get(found.proto, b"udp"), found.proto)
    return family(way[0])


def family(host: bytes) -> int:
    """4 or 6 for a numeric address, else 0."""
    text = host.decode("latin-1")
    for version, kind in ((4, socket.AF_INET), (6, socket.AF_INET6)):
        try:
            socket.inet_pton(kind, text.strip("[]") if version == 6 else text)
        except (OSError, ValueError):
            continue
        return version
    return 0


# the buffer


def msg(msg: SipMsg, name: bytes) -> Value:
    """``$msg(name)``: parts of the buffer as received."""
    cut = pvmsg.parts(msg)
    if cut is None:
        return None
    first_line, end, first_header = cut
    total = msg.msg_len
    if name == b"len":
        return total
    if name == b"buf":
        return msg.message
    if name == b"body":
        return msg.body
    if name == b"body_len":
        return len(msg.body or b"")
    if name == b"fline":
        return edit.buffer(msg, 0, first_line).strip(_BLANKS)
    if name == b"hdrc":
        return pvmsg.header_total(msg)
    if name == b"fpart":
        return edit.buffer(msg, 0, end).strip(_BLANKS)
    if name == b"lpart":
        return edit.buffer(msg, first_header, total)
    headers = edit.buffer(msg, first_line, end).strip(_BLANKS)
    return len(headers) if name == b"hdrs_len" else headers


def _offset(name: bytes | Value) -> int:
    return to_int(name)


def msgbuf(msg: SipMsg, name: bytes) -> bytes | None:
    """``$msgbuf(n)``: one octet of the buffer, and a zero octet as 5.6.3 has it."""
    found = pvmsg.octet(msg, _offset(name))
    return None if found is None else found + b"\0"


def set_msgbuf(msg: SipMsg, value: Value, name: bytes) -> None:
    """``$msgbuf(n) = text``: its first octet is put into the buffer."""
    if isinstance(value, bytes):
        pvmsg.set_octet(msg, _offset(name), bytes(value))


# sockets


def af(msg: SipMsg, name: bytes) -> Value:
    """``$af(id)``, ``$af(name)``: address family of the socket that received it."""
    found = pvmsg.received_socket(msg)
    if found is None:
        return None
    if name == b"id":
        return found[6]
    return b"IPv6" if found[6] == socket.AF_INET6 else b"IPv4"


def constant(msg: SipMsg, name: bytes) -> int:
    """``$K(name)``: numbers of families and transports."""
    return _CONSTANTS[name]


def ksr(msg: SipMsg, name: bytes) -> Value:
    """``$ksr(ver)``, ``$ksr(verval)``"""
    return VERSION if name == b"ver" else VERSION_VALUE


def Rn(msg: SipMsg) -> bytes | None:
    """``$Rn``: name of the socket that received it."""
    found = pvmsg.received_socket(msg)
    return None if found is None else found[3]


def RAi(msg: SipMsg) -> bytes | None:
    """``$RAi``: its advertised address, or its own."""
    found = pvmsg.received_socket(msg)
    return None if found is None else found[4] or found[0]


def RAp(msg: SipMsg) -> int | None:
    """``$RAp``: its advertised port, or its own."""
    found = pvmsg.received_socket(msg)
    return None if found is None else found[5] or found[1]


def RAu(msg: SipMsg) -> bytes | None:
    """``$RAu``: its advertised URI; the transport where it is not UDP."""
    return _advertised(msg, full=False)


def RAut(msg: SipMsg) -> bytes | None:
    """``$RAut``: its advertised URI with the transport."""
    return _advertised(msg, full=True)


def _advertised(msg: SipMsg, *, full: bool) -> bytes | None:
    found = pvmsg.received_socket(msg)
    if found is None:
        return None
    host, port, proto = found[4] or found[0], found[5] or found[1], found[2]
    host = b"[%b]" % host if b":" in host and not host.startswith(b"[") else host
    tail = b";transport=" + _wire_name(proto) if full or proto != 1 else b""
    return b"sip:%b:%d%b" % (host, port, tail)


def fsn(msg: SipMsg) -> bytes | None:
    """``$fsn``: name of the socket that the message is forced to leave by."""
    found = pvmsg.forced_socket(msg)
    return None if found is None else found[3]


def fsp(msg: SipMsg) -> int:
    """``$fsp``: its port, 0 without one."""
    found = pvmsg.forced_socket(msg)
    return 0 if found is None else found[1]


def set_fsn(msg: SipMsg, value: Value) -> None:
    """``$fsn = name``: leave by the socket of that name; ``$null`` forgets it."""
    if value is None:
        msg.force_sock = None
        return
    index = net.find_socket_by_name(to_str(value)) if isinstance(value, bytes) and value else -1
    if index >= 0:
        msg.force_send_socket_index(index)


def location_ua(msg: SipMsg) -> bytes | None:
    """``$location_ua``: user agent of the location record that the request goes to."""
    return (pvmsg.location_ua(msg) or None) if msg.is_request else None


def nothing(msg: SipMsg) -> None:
    """``$err.…``: never has a value in 5.6.3."""


# what is being sent or was just received: only in the routes for that


def rcv(msg: SipMsg, name: bytes) -> Value:
    """``$rcv(part)``: the packet, in ``event_route[core:msg-received]``."""
    found = receive.packet()
    if found is None:
        return None
    text, kind, proto, *_ = found
    if name in (b"buf", b"len"):
        return text if name == b"buf" else len(text)
    if name in (b"proto", b"sproto"):
        return proto if name == b"proto" else _NAMES.get(proto)
    return kind if name == b"af" else found[3 + _RECEIVING.index(name)]


def set_rcv(msg: SipMsg, value: Value, name: bytes) -> None:
    """``$rcv(buf) = octets``"""
    if name == b"buf" and (value is None or isinstance(value, bytes)):
        text = to_str(value)
        if len(text) < MAX_PACKET:
            receive.set_packet(text)


def sndto(msg: SipMsg, name: bytes) -> Value:
    """``$sndto(part)``: where the message goes, in an onsend_route."""
    found = onsend.destination()
    if found is not None and name in (b"ip", b"port"):
        return found[0] if name == b"ip" else found[1]
    return sndfrom(msg, name)


def sndfrom(msg: SipMsg, name: bytes) -> Value:
    """``$sndfrom(part)``: the socket that it leaves by, in an onsend_route."""
    if name in (b"buf", b"len"):
        octets = onsend.octets()
        return octets if octets is None or name == b"buf" else len(octets)
    found = onsend.source()
    return None if found is None else found[_SENDING.index(name)]
