"""Locating SIP servers by name (RFC 3263), as ``resolve.c`` does: NAPTR where asked, SRV where no
port is given, then addresses; the hosts file first. Answers are kept for their time to live.
"""

from __future__ import annotations

import ipaddress
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import dns.exception
import dns.resolver

from runtime.dns.hosts import Hosts

PROTO_UDP: Final = 1
PROTO_TCP: Final = 2
PROTO_TLS: Final = 3

_SERVICE: Final = {PROTO_UDP: "_sip._udp.", PROTO_TCP: "_sip._tcp.", PROTO_TLS: "_sips._tcp."}
_NAPTR: Final = {"SIP+D2U": PROTO_UDP, "SIP+D2T": PROTO_TCP, "SIPS+D2T": PROTO_TLS}
_CACHE_SIZE: Final = 4096


@dataclass(frozen=True, slots=True)
class DnsParams:
    """The core's DNS parameters; ``preference`` orders protocols found by NAPTR, highest first."""

    retr_time: float = 5.0
    retr_no: int = 3
    try_ipv6: bool = True
    try_naptr: bool = False
    use_cache: bool = True
    srv_lb: bool = False
    preference: tuple[tuple[int, int], ...] = ()
    min_ttl: float = 0.0
    max_ttl: float = float(2**31)
    negative_ttl: float = 60.0
    use_search_list: bool = True


@dataclass(frozen=True, slots=True)
class Srv:
    """An SRV record."""

    priority: int
    weight: int
    port: int
    target: str


class SipResolver:
    """One process's resolver. ``query`` is replaced by tests; it gives (rows, ttl) or None."""

    def __init__(self, params: DnsParams, hosts: Hosts) -> None:
        self._params = params
        self._hosts = hosts
        self._cache: dict[tuple[str, str], tuple[float, list[str]]] = {}
        self._resolver: dns.resolver.Resolver | None = None
        self.query: Callable[[str, str], tuple[list[str], float] | None] = self._ask
        self.clock: Callable[[], float] = time.monotonic
        self.random: Callable[[], float] = random.random
        self.local_ttl = 0
        """Seconds that answers are kept for, whatever their own; 0: theirs."""

    def lookup(self, host: bytes, port: int, proto: int) -> tuple[bytes, int, int] | None:
        """Address, port and protocol for a host that is no address; None: not found."""
        try:
            name = host.decode("ascii").rstrip(".").lower()
        except UnicodeDecodeError:
            return None
        if not name or len(name) > 253:
            return None
        if port == 0 and name not in self._hosts.addresses:
            if proto == 0 and self._params.try_naptr:
                found = self._by_naptr(name)
                if found is not None:
                    return found
            for wanted in (proto,) if proto else (PROTO_UDP,):
                found = self._by_srv(_SERVICE.get(wanted, "_sip._udp.") + name, wanted)
                if found is not None:
                    return found
        address = self._address(name)
        if address is None:
            return None
        proto = proto or PROTO_UDP
        return address.encode(), port or (5061 if proto == PROTO_TLS else 5060), proto

    def _by_naptr(self, name: str) -> tuple[bytes, int, int] | None:
        preference = dict(self._params.preference)
        rows: list[tuple[int, int, int, int, str]] = []
        for row in self.records(name, "NAPTR"):
            parts = row.split()
            if len(parts) != 6 or parts[2].strip('"').lower() != "s":
                continue
            service = _NAPTR.get(parts[3].strip('"').upper())
            if service is None or preference.get(service, 1) < 0:
                continue
            order, pref = int(parts[0]), int(parts[1])
            rows.append((-preference.get(service, 0), order, pref, service, parts[5]))
        for _, _, _, service, target in sorted(rows):
            found = self._by_srv(target.rstrip("."), service)
            if found is not None:
                return found
        return None

    def _by_srv(self, name: str, proto: int) -> tuple[bytes, int, int] | None:
        rows = []
        for row in self.records(name, "SRV"):
            parts = row.split()
            if len(parts) == 4 and parts[3] != ".":
                rows.append(Srv(int(parts[0]), int(parts[1]), int(parts[2]), parts[3].rstrip(".")))
        for srv in self._ordered(rows):
            address = self._address(srv.target)
            if address is not None:
                return address.encode(), srv.port, proto or PROTO_UDP
        return None

    def _ordered(self, rows: list[Srv]) -> list[Srv]:
        """By priority; within one by weight, drawn (RFC 2782) where ``dns_srv_lb`` is on."""
        if not self._params.srv_lb:
            return sorted(rows, key=lambda srv: (srv.priority, -srv.weight))
        drawn = [(srv.priority, self.random() ** (1 / max(srv.weight, 0.01)), srv) for srv in rows]
        return [srv for _, _, srv in sorted(drawn, key=lambda row: (row[0], -row[1]))]

    def _address(self, name: str) -> str | None:
        try:
            return str(ipaddress.ip_address(name))
        except ValueError:
            pass
        known = self._hosts.addresses.get(name.lower())
        found = list(known) if known else self.records(name, "A")
        v4 = [a for a in found if ":" not in a]
        if v4:
            return v4[0]
        if not self._params.try_ipv6:
            return None
        v6 = [a for a in found if ":" in a] or self.records(name, "AAAA")
        return v6[0] if v6 else None

    def records(self, name: str, kind: str) -> list[str]:
        """The records of a name as text, from the cache or the servers."""
        key = (name, kind)
        now = self.clock()
        kept = self._cache.get(key)
        if kept is not None and kept[0] > now:
            return kept[1]
        answer = self.query(name, kind)
        rows, ttl = answer if answer is not None else ([], self._params.negative_ttl)
        if self.local_ttl > 0:
            ttl = float(self.local_ttl)
        elif rows:
            ttl = min(max(ttl, self._params.min_ttl), self._params.max_ttl)
        if self._params.use_cache:
            if len(self._cache) >= _CACHE_SIZE:
                self._cache.clear()
            self._cache[key] = (now + ttl, rows)
        return rows

    def _ask(self, name: str, kind: str) -> tuple[list[str], float] | None:
        if self._resolver is None:
            try:
                self._resolver = dns.resolver.Resolver()
            except dns.exception.DNSException:
                self._resolver = dns.resolver.Resolver(configure=False)
            self._resolver.timeout = self._params.retr_time
            self._resolver.lifetime = self._params.retr_time * max(self._params.retr_no, 1)
        try:
            answer = self._resolver.resolve(
                name, kind, raise_on_no_answer=False, search=self._params.use_search_list
            )
        except (dns.exception.DNSException, OSError, ValueError):
            return None
        rows = [] if answer.rrset is None else [row.to_text() for row in answer.rrset]
        negative = self._params.negative_ttl
        ttl = negative if answer.rrset is None else float(answer.rrset.ttl)
        return rows, ttl
