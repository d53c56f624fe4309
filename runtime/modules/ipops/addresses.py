"""What a text is as an IP address, and which ranges it belongs to (``ip_parser.rl``,
``detailed_ip_type.c``)."""

from __future__ import annotations

import re
import socket
from ipaddress import IPv4Network, IPv6Network
from typing import Final

ERROR: Final = 0
IPV4: Final = 1
IPV6: Final = 2
REFERENCE: Final = 3

SPACE: Final = b" \t\r\n"
V4_SIZE: Final = 16
V6_SIZE: Final = 46
"""Octets that an address may have as text, with its end (``INET_ADDRSTRLEN``)."""

_OCTET = rb"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_V4 = re.compile(rb"%b(?:\.%b){3}" % (_OCTET, _OCTET))
_PRIVATE = re.compile(
    rb"(?:10\.%b|172\.(?:1[6-9]|2[0-9]|3[01])|192\.168)\.%b\.%b" % (_OCTET, _OCTET, _OCTET)
)
_H16 = re.compile(rb"[0-9A-Fa-f]{1,4}")
_GROUPS: Final = 8
_ENDINGS: Final = (b"", b"0", b"0.0.0", b"0.0", b".0.0.0", b".0.0", b".0")

_V4_RANGES: Final = tuple(
    (IPv4Network(network), name)
    for network, name in (
        ("255.255.255.255/32", b"BROADCAST"),
        ("203.0.113.0/24", b"TEST-NET"),
        ("198.51.100.0/24", b"TEST-NET"),
        ("192.88.99.0/24", b"6TO4-RELAY"),
        ("192.0.2.0/24", b"TEST-NET"),
        ("192.0.0.0/24", b"RESERVED"),
        ("192.168.0.0/16", b"PRIVATE"),
        ("169.254.0.0/16", b"LINK-LOCAL"),
        ("198.18.0.0/15", b"RESERVED"),
        ("172.16.0.0/12", b"PRIVATE"),
        ("100.64.0.0/10", b"SHARED"),
        ("127.0.0.0/8", b"LOOPBACK"),
        ("10.0.0.0/8", b"PRIVATE"),
        ("0.0.0.0/8", b"PRIVATE"),
        ("240.0.0.0/4", b"RESERVED"),
        ("224.0.0.0/4", b"MULTICAST"),
    )
)
_V6_RANGES: Final = tuple(
    (IPv6Network(network), name)
    for network, name in (
        ("::/128", b"UNSPECIFIED"),
        ("::1/128", b"LOOPBACK"),
        ("::ffff:0:0/96", b"IPV4MAP"),
        ("100::/64", b"DISCARD"),
        ("2001:2::/48", b"BMWG"),
        ("2001::/32", b"TEREDO"),
        ("2001:db8::/32", b"DOCUMENTATION"),
        ("2001:10::/28", b"ORCHID"),
        ("2002::/16", b"6TO4"),
        ("fec0::/10", b"RESERVED"),
        ("fe80::/10", b"LINK-LOCAL-UNICAST"),
        ("fe00::/9", b"RESERVED"),
        ("ff00::/8", b"MULTICAST"),
        ("fc00::/7", b"UNIQUE-LOCAL-UNICAST"),
        ("2000::/3", b"GLOBAL-UNICAST"),
    )
)


def kind(text: bytes) -> int:
    """ERROR, IPV4, IPV6 or REFERENCE.

    An IPv6 address with a beginning of a further group (``::1:``) counts as one, as in Kamailio.
    """
    if _V4.fullmatch(text):
        return IPV4
    if text[:1] == b"[" and text[-1:] == b"]":
        return REFERENCE if _is_v6(text[1:-1]) else ERROR
    if _is_v6(text):
        return IPV6
    if b"::" in text and any(_is_v6(text + ending) for ending in _ENDINGS):
        return IPV6
    return ERROR


def _is_v6(text: bytes) -> bool:
    left, double, right = text.partition(b"::")
    if not double:
        return _groups(left) == _GROUPS
    before, after = _groups(left, v4=False), _groups(right)
    return before >= 0 and after >= 0 and before + after < _GROUPS


def _groups(text: bytes, v4: bool = True) -> int:
    """How many groups of 16 bits, -1: something else; an IPv4 address at the end counts as two."""
    if not text:
        return 0
    parts = text.split(b":")
    if v4 and _V4.fullmatch(parts[-1]):
        parts[-1:] = [b"0", b"0"]
    return len(parts) if all(map(_H16.fullmatch, parts)) else -1


def is_private(text: bytes) -> bool:
    """Does it begin with an address of RFC 1918?"""
    return _PRIVATE.match(text) is not None


def packed(text: bytes, family: int) -> bytes | None:
    """The octets of an address (``inet_pton``), None: it is none."""
    try:
        return socket.inet_pton(family, text.decode("ascii"))
    except (OSError, ValueError):
        return None


def v4_type(text: bytes) -> bytes | None:
    """The range of an IPv4 address, PUBLIC for none of them; None: it is no address."""
    text = text.strip(SPACE)
    octets = packed(text, socket.AF_INET) if len(text) < V4_SIZE else None
    if octets is None:
        return None
    number = int.from_bytes(octets, "big")
    for network, name in _V4_RANGES:
        if number & int(network.netmask) == int(network.network_address):
            return name
    return b"PUBLIC"


def v6_type(text: bytes) -> bytes | None:
    """The range of an IPv6 address, with brackets or without; None: it is no address."""
    if text[:1] == b"[":
        text = text[1:-1]
    text = text.strip(SPACE)
    octets = packed(text, socket.AF_INET6) if len(text) < V6_SIZE else None
    if octets is None:
        return None
    number = int.from_bytes(octets, "big")
    for network, name in _V6_RANGES:
        if number & int(network.netmask) == int(network.network_address):
            return name
    return b"RESERVED"


def same(one: bytes, first: int, other: bytes, second: int) -> bool:
    """Are two addresses of these kinds the same?"""
    if first != second:
        return False
    family = socket.AF_INET if first == IPV4 else socket.AF_INET6
    left = packed(one, family)
    return left is not None and left == packed(other, family)


_MASK = re.compile(rb"[ \t\n\v\f\r]*([+-]?[0-9]+)")


class Subnets:
    """An address, and the list of subnets that it is looked for in (``_ip_is_in_subnet_str``)."""

    def __init__(self, address: bytes, kind_: int) -> None:
        self._kind = kind_
        self._address = address
        self._bits = 32 if kind_ == IPV4 else 128
        self._family = socket.AF_INET if kind_ == IPV4 else socket.AF_INET6

    def has(self, subnet: bytes) -> bool:
        """Is it in a subnet, ``address/bits``, or the address itself?

        As in Kamailio, an IPv6 address that was compared with a subnet is cut to its mask.
        """
        text, slash, mask = subnet[1:].rpartition(b"/")
        text = subnet[:1] + (text if slash else mask)
        found = _MASK.match(mask) if slash else None
        bits = -1 if not slash else int(found[1]) if found else 0
        if kind(text) != self._kind:
            return False
        net = packed(text, self._family)
        if net is None:
            return False
        if bits == -1:
            return net == self._address
        if not 0 <= bits <= self._bits:
            return False
        wall = (1 << self._bits) - (1 << (self._bits - bits))
        masked = int.from_bytes(self._address, "big") & wall
        if self._kind == IPV6:
            self._address = masked.to_bytes(16, "big")
        return masked == int.from_bytes(net, "big") & wall
