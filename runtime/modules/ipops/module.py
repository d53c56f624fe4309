"""The ipops module: questions about IP addresses, and DNS for scripts (``ipops_mod.c``)."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from runtime.modules.ipops import addresses, queries
from runtime.modules.ipops.addresses import IPV4, IPV6, REFERENCE
from runtime.modules.ipops.exports import EXPORTS
from runtime.server.log import LM_ERR
from runtime.server.module import Module as BaseModule

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg
    from runtime.script.pv import PvRef
    from runtime.script.values import Value
    from runtime.server.server import Server

TRUE, FALSE, STOP = 1, -1, 0
BAD_ADDRESS, NOT_RESOLVED, TOO_LONG = -3, -4, -2
MAX_NAME = 255


class Module(BaseModule):
    """IP operations; the answers of queries are kept by name in each process."""

    EXPORTS = EXPORTS

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._answers = queries.Answers()
        self._host: queries.HostNames | None = None

    def is_ip(self, msg: SipMsg, ip: bytes) -> int:
        """Is it an IP address, or an IPv6 one in brackets?"""
        return TRUE if addresses.kind(ip) else FALSE

    def is_pure_ip(self, msg: SipMsg, ip: bytes) -> int:
        """Is it an address without brackets?"""
        return TRUE if addresses.kind(ip) in (IPV4, IPV6) else FALSE

    def is_ipv4(self, msg: SipMsg, ip: bytes) -> int:
        """Is it an IPv4 address?"""
        return TRUE if addresses.kind(ip) == IPV4 else FALSE

    def is_ipv6(self, msg: SipMsg, ip: bytes) -> int:
        """Is it an IPv6 address without brackets?"""
        return TRUE if addresses.kind(ip) == IPV6 else FALSE

    def is_ipv6_reference(self, msg: SipMsg, ip: bytes) -> int:
        """Is it an IPv6 address in brackets?"""
        return TRUE if addresses.kind(ip) == REFERENCE else FALSE

    def ip_type(self, msg: SipMsg, ip: bytes) -> int:
        """1 IPv4, 2 IPv6, 3 IPv6 in brackets, -1 no address."""
        return addresses.kind(ip) or FALSE

    def detailed_ipv4_type(self, msg: SipMsg, ip: bytes, result: PvRef) -> int:
        """Put the name of the range of an IPv4 address into a variable."""
        return _put(msg, result, addresses.v4_type(ip))

    def detailed_ipv6_type(self, msg: SipMsg, ip: bytes, result: PvRef) -> int:
        """Put the name of the range of an IPv6 address into a variable."""
        return _put(msg, result, addresses.v6_type(ip))

    def detailed_ip_type(self, msg: SipMsg, ip: bytes, result: PvRef) -> int:
        """The same for an address of either kind."""
        kind = addresses.kind(ip)
        if not kind:
            return FALSE
        found = addresses.v4_type(ip) if kind == IPV4 else addresses.v6_type(ip)
        return _put(msg, result, found)

    def compare_ips(self, msg: SipMsg, ip1: bytes, ip2: bytes) -> int:
        """Are the addresses the same, brackets or none?"""
        first, second = addresses.kind(ip1), addresses.kind(ip2)
        if first == REFERENCE:
            ip1, first = ip1[1:-1], IPV6
        if second == REFERENCE:
            ip2, second = ip2[1:-1], IPV6
        return TRUE if first and addresses.same(ip1, first, ip2, second) else FALSE

    def compare_pure_ips(self, msg: SipMsg, ip1: bytes, ip2: bytes) -> int:
        """Are the addresses, without brackets, the same?"""
        first, second = addresses.kind(ip1), addresses.kind(ip2)
        pure = first in (IPV4, IPV6)
        return TRUE if pure and addresses.same(ip1, first, ip2, second) else FALSE

    def is_ip_rfc1918(self, msg: SipMsg, ip: bytes) -> int:
        """Does it begin with a private address (RFC 1918)?"""
        return TRUE if addresses.is_private(ip) else FALSE

    def is_in_subnet(self, msg: SipMsg, ip: bytes, subnets_list: bytes) -> int:
        """Is the address in one of the subnets? 0 where it cannot be read."""
        kind = addresses.kind(ip)
        if kind not in (IPV4, IPV6):
            return FALSE
        octets = addresses.packed(ip, socket.AF_INET if kind == IPV4 else socket.AF_INET6)
        if octets is None:
            return STOP
        subnets = addresses.Subnets(octets, kind)
        entries = (entry.strip(b" ") for entry in subnets_list.split(b","))
        return TRUE if any(entry and subnets.has(entry) for entry in entries) else FALSE

    def dns_sys_match_ip(self, msg: SipMsg, hostname: bytes, ipaddr: bytes) -> int:
        """Is the address one of the host's? -3 it is none, -4 the name is unknown."""
        wanted = queries.address(ipaddr)
        if wanted is None:
            LM_ERR("invalid ip address: %r", ipaddr)
            return BAD_ADDRESS
        found = queries.resolve(hostname)
        if found is None:
            return NOT_RESOLVED
        return TRUE if wanted in found else FALSE

    def dns_int_match_ip(self, msg: SipMsg, hostname: bytes, ipaddr: bytes) -> int:
        """The same by this server's own resolver; IPv4 alone, where the host has such addresses."""
        wanted = queries.address(ipaddr)
        if wanted is None:
            LM_ERR("invalid ip address: %r", ipaddr)
            return BAD_ADDRESS
        found = self._addresses(hostname)
        if not found:
            return NOT_RESOLVED
        return TRUE if wanted in found else FALSE

    def _addresses(self, hostname: bytes) -> list[bytes]:
        """The addresses of a host as octets, of one family."""
        number = None if b":" in hostname else queries.address(hostname)
        if number is not None:
            return [number]
        resolver = self.server.resolver
        if resolver is None or not queries.is_name(hostname):
            return []
        name = hostname.decode("ascii")
        rows = resolver.records(name, "A") or resolver.records(name, "AAAA")
        octets = (queries.address(row.encode()) for row in rows)
        return [found for found in octets if found is not None]

    def dns_query(self, msg: SipMsg, hostname: bytes, pvid: bytes) -> int:
        """Resolve a name for ``$dns(pvid=>…)``: -2 it is too long, -4 it is unknown."""
        if len(hostname) > MAX_NAME:
            return TOO_LONG
        found = queries.resolve(hostname)
        self._answers.store_hosts(pvid, found or [])
        return NOT_RESOLVED if found is None else TRUE

    def srv_query(self, msg: SipMsg, srvcname: bytes, pvid: bytes) -> int:
        """Ask for SRV records for ``$srvquery(pvid=>…)``: -2 no name."""
        return self._query("SRV", srvcname, pvid)

    def naptr_query(self, msg: SipMsg, domain: bytes, pvid: bytes) -> int:
        """Ask for NAPTR records for ``$naptrquery(pvid=>…)``: -2 no name."""
        return self._query("NAPTR", domain, pvid)

    def _query(self, kind: str, name: bytes, pvid: bytes) -> int:
        if not name:
            return -2
        resolver = self.server.resolver
        text = name.decode("ascii", "replace").lower()
        rows = [] if resolver is None else resolver.records(text, kind)
        if kind == "SRV":
            self._answers.store_srv(pvid, rows)
        else:
            self._answers.store_naptr(pvid, rows)
        return TRUE

    def dns_set_local_ttl(self, msg: SipMsg, vttl: int) -> int:
        """Keep DNS answers for so many seconds in this process; 0: for their own time."""
        if self.server.resolver is not None:
            self.server.resolver.local_ttl = vttl
        return TRUE

    def pv_dns(self, msg: SipMsg, name: bytes) -> Value:
        """``$dns(pvid=>field[index])``"""
        return self._answers.host(name)

    def pv_srvquery(self, msg: SipMsg, name: bytes) -> Value:
        """``$srvquery(pvid=>field[index])``"""
        return self._answers.srv(name)

    def pv_naptrquery(self, msg: SipMsg, name: bytes) -> Value:
        """``$naptrquery(pvid=>field[index])``"""
        return self._answers.naptr(name)

    def pv_HN(self, msg: SipMsg, name: bytes) -> bytes | None:
        """``$HN(n)`` name, ``f`` with its domain, ``d`` domain, ``i`` address of this host."""
        if self._host is None:
            self._host = queries.HostNames()
        return self._host.part(name)


def _put(msg: SipMsg, result: PvRef, found: bytes | None) -> int:
    if found is None:
        LM_ERR("bad ip parameter")
        return FALSE
    result.set(msg, found)
    return TRUE
