"""Operands of the old comparisons: ``uri``, ``proto``, ``af``, ``src_ip`` (``core/route.c``)."""

from __future__ import annotations

import ipaddress
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg

_PROTOS = {b"udp": 1, b"tcp": 2, b"tls": 3, b"sctp": 4, b"ws": 5, b"wss": 6}
_AF_INET, _AF_INET6 = 2, 10


def uri_or_status(msg: SipMsg) -> bytes:
    """``uri`` of a request; of a reply it is the status code, as text."""
    if msg.is_request:
        return msg.ruri or b""
    return b"%d" % msg.status if isinstance(msg.status, int) else msg.status or b""


def proto_number(msg: SipMsg) -> int:
    """``proto``: Kamailio's number of the transport a message came by, 0 unknown."""
    return _PROTOS.get((msg.proto or b"").lower(), 0)


def address_family(msg: SipMsg) -> int:
    """``af``: the address family a message came by."""
    return _AF_INET6 if b":" in (msg.src_ip or b"") else _AF_INET


def in_network(msg: SipMsg, attribute: bytes, network: bytes) -> bool:
    """``src_ip==10.0.0.0/8``"""
    address = msg.src_ip if attribute == b"src_ip" else msg.rcv_ip
    return _contains(network, address or b"")


@cache
def _net(network: bytes) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    return ipaddress.ip_network(network.decode("ascii"))


def _contains(network: bytes, address: bytes) -> bool:
    if b"/32" in network and b":" not in network:
        return network[:-3] == address
    try:
        return ipaddress.ip_address(address.decode("ascii").strip("[]")) in _net(network)
    except ValueError:
        return False
