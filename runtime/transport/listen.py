"""What to listen on: from ``listen`` lines and ``-l`` to bound sockets in the core's table."""

from __future__ import annotations

import errno
import fcntl
import ipaddress
import os
import re
import socket
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from runtime.declare.config import Listen, Place
from runtime.native import net

UDP: Final = 1
TCP: Final = 2
_SIOCGIFADDR: Final = 0x8915
_IP_FREEBIND: Final = 15
_IP_MTU_DISCOVER: Final = 10
_PMTUDISC_DONT: Final = 0
_PMTUDISC_DO: Final = 2
_ADDRESS: Final = re.compile(
    r"(?:(?P<proto>[a-zA-Z]+):(?!/))?(?P<host>\[[0-9a-fA-F:.]+\]|[^\[\]:/]+)(?::(?P<port>\d+))?"
    r"(?:/(?P<adv>\[[0-9a-fA-F:.]+\]|[^\[\]:/]+)(?::(?P<advport>\d+))?)?"
)
_PROTOS: Final = ("udp", "tcp", "tls", "sctp", "ws", "wss")


class Hosts(Protocol):
    """A hosts file as ``runtime.dns.hosts`` reads it: both directions."""

    @property
    def addresses(self) -> dict[str, tuple[str, ...]]: ...
    @property
    def names(self) -> dict[str, tuple[str, ...]]: ...


class ListenError(Exception):
    """An address that cannot be listened on, with the place of its line where it has one."""

    def __init__(self, text: str, place: Place | None) -> None:
        super().__init__(text)
        self.text = text
        self.place = place


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One socket: a number for the protocol, a numeric address."""

    proto: int
    address: str
    port: int
    name: str
    listen: Listen

    def __str__(self) -> str:
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{'udp' if self.proto == UDP else 'tcp'}:{host}:{self.port}"


def parse_address(text: str, where: str = "-l") -> Listen:
    """Read ``[proto:]host[:port][/advertised[:port]]``. Raises ValueError."""
    found = _ADDRESS.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no [proto:]address[:port][/advertised[:port]]")
    proto, host = (found["proto"] or "").lower(), found["host"]
    port = int(found["port"] or 0)
    if proto and proto not in _PROTOS and host.isdecimal() and not found["port"]:
        proto, host, port = "", found["proto"], int(host)  # name:port
    if proto and proto not in _PROTOS:
        raise ValueError(f"{text!r}: unknown protocol {proto!r}")
    adv_port = int(found["advport"] or 0)
    if port > 65535 or adv_port > 65535:
        raise ValueError(f"{text!r}: a port is at most 65535")
    return Listen(
        proto=proto,
        host=host,
        port=port,
        place=Place(where, 0),
        advertise=found["adv"],
        advertise_port=adv_port,
    )


def parse_addresses(text: str, where: str = "-l") -> list[Listen]:
    """Read one ``-l``: an address, or several in parentheses with a shared protocol and port."""
    group = re.fullmatch(r"(?:([a-z]+):)?\(([^()]*)\)(.*)", text.strip())
    if group is None:
        return [parse_address(text, where)]
    proto = f"{group[1]}:" if group[1] else ""
    names = [name.strip() for name in group[2].split(",")]
    return [parse_address(f"{proto}{name}{group[3]}", where) for name in names]


def interface_addresses(name: str | None = None, *, ipv6: bool = False) -> list[str]:
    """Addresses of an interface, or of all that are up; link-local IPv6 is left out."""
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _, interface in socket.if_nameindex():
            if name is not None and interface != name:
                continue
            request = struct.pack("256s", interface.encode()[:15])
            try:
                answer = fcntl.ioctl(probe, _SIOCGIFADDR, request)
            except OSError:
                continue
            found.append(socket.inet_ntoa(answer[20:24]))
    if ipv6 or name is not None:
        try:
            with open("/proc/net/if_inet6", encoding="ascii") as file:
                rows = [line.split() for line in file]
        except OSError:
            rows = []
        for row in rows:
            address = ipaddress.IPv6Address(int(row[0], 16))
            if not address.is_link_local and (name is None or row[5] == name):
                found.append(str(address))
    return found


def _addresses(listen: Listen, hosts: Hosts) -> list[str]:
    """The numeric addresses that a listen line's host means: number, interface, or name."""
    host = listen.host.strip("[]")
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        pass
    if host == "*":
        return interface_addresses()
    of_interface = interface_addresses(host)
    if of_interface:
        return of_interface
    if host.lower() in hosts.addresses:
        return [hosts.addresses[host.lower()][0]]
    try:
        return [str(socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)[0][4][0])]
    except (OSError, UnicodeError):
        raise ListenError(f"cannot resolve the listen address {host!r}", listen.place) from None


def _name(listen: Listen, address: str) -> str:
    host = listen.host.strip("[]")
    known = {name for _, name in socket.if_nameindex()}
    return address if host == "*" or host in known else host


def endpoints(
    listens: Iterable[Listen],
    hosts: Hosts,
    *,
    port: int = 5060,
    tcp: bool = True,
    ipv6: bool = False,
    notes: list[str],
) -> list[Endpoint]:
    """Every socket to open, without doubles; without any listen line, all interfaces.

    Protocols that this server does not have are noted and left out. Raises ListenError.
    """
    wanted = list(listens)
    if not wanted:
        place = Place("(all interfaces)", 0)
        wanted = [Listen("", address, 0, place) for address in interface_addresses(ipv6=ipv6)]
    found: dict[tuple[int, str, int], Endpoint] = {}
    for listen in wanted:
        protos = {"": (UDP, TCP), "udp": (UDP,), "tcp": (TCP,)}.get(listen.proto, ())
        if not protos:
            notes.append(
                f"{listen.place.file}:{listen.place.line}: {listen.proto} is not built,"
                f" not listening on {listen.proto}:{listen.host}"
            )
        for address in _addresses(listen, hosts):
            for proto in protos:
                if proto == TCP and not tcp:
                    continue
                key = (proto, address, listen.port or port)
                found.setdefault(
                    key, Endpoint(proto, address, key[2], _name(listen, address), listen)
                )
    if not found:
        raise ListenError("there is no socket to listen on", None)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class SocketOptions:
    """What the core's parameters set on listen sockets; 0 leaves the kernel's choice."""

    max_buffer: int = 262144
    tos: int = 0
    reuse_port: bool = False
    keepalive: bool = True
    keepidle: int = 0
    keepintvl: int = 0
    keepcnt: int = 0
    free_bind: bool = False
    defer_accept: int = 0
    syncnt: int = 0
    linger2: int = 0
    pmtu_discovery: int = 0


def _set_options(sock: socket.socket, options: SocketOptions) -> None:
    if sock.family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if options.tos:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS, options.tos)
    elif options.tos:
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, options.tos)
    if options.free_bind:
        sock.setsockopt(socket.IPPROTO_IP, _IP_FREEBIND, 1)
    if sock.type == socket.SOCK_DGRAM:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, options.max_buffer)
        if sock.family == socket.AF_INET:
            value = _PMTUDISC_DO if options.pmtu_discovery else _PMTUDISC_DONT
            sock.setsockopt(socket.IPPROTO_IP, _IP_MTU_DISCOVER, value)
        return
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if options.reuse_port:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, int(options.keepalive))
    for name, value in (
        (socket.TCP_KEEPIDLE, options.keepidle),
        (socket.TCP_KEEPINTVL, options.keepintvl),
        (socket.TCP_KEEPCNT, options.keepcnt),
    ):
        if options.keepalive and value:
            sock.setsockopt(socket.IPPROTO_TCP, name, value)
    for name, value in (
        (socket.TCP_DEFER_ACCEPT, options.defer_accept),
        (socket.TCP_SYNCNT, options.syncnt),
        (socket.TCP_LINGER2, options.linger2),
    ):
        if value:
            sock.setsockopt(socket.IPPROTO_TCP, name, value)


def open_sockets(
    wanted: Iterable[Endpoint], hosts: Hosts, *, options: SocketOptions, aliases: bool = True
) -> list[socket.socket]:
    """Bind each endpoint and enter it in the core's table, in order (index by index).

    Raises ListenError: the port is taken, the address is not ours, no right to.
    """
    opened: list[socket.socket] = []
    for end in wanted:
        family = socket.AF_INET6 if ":" in end.address else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_DGRAM if end.proto == UDP else socket.SOCK_STREAM)
        try:
            _set_options(sock, options)
            sock.bind((end.address, end.port))
            if end.proto == TCP:
                sock.listen(1024)
                sock.setblocking(False)
        except OSError as error:
            sock.close()
            for other in opened:
                other.close()
            why = {
                errno.EADDRINUSE: "another program uses this port (`ss -lnp` names it)",
                errno.EADDRNOTAVAIL: "no interface of this machine has the address",
                errno.EACCES: "this user may not (ports below 1024 need root)",
            }.get(error.errno or 0, os.strerror(error.errno or 0))
            raise ListenError(f"cannot listen on {end}: {why}", end.listen.place) from error
        opened.append(sock)
        listen = end.listen
        net.add_socket(
            end.proto,
            end.address.encode(),
            end.port,
            name=end.name.encode(),
            sockname=(listen.name or "").encode(),
            advertise=(listen.advertise or "").encode(),
            advertise_port=listen.advertise_port,
            fd=sock.fileno(),
            virtual=listen.virtual,
        )
        if aliases:
            for name in hosts.names.get(end.address, ()):
                net.add_alias(name.encode(), end.port, end.proto)
    return opened


def enter_aliases(aliases: Iterable[Listen], *, mhomed: bool) -> None:
    """Enter names of this server into the core's table, and how it chooses a sending socket."""
    for alias in aliases:
        proto = net.proto_number(alias.proto.encode()) if alias.proto else 0
        net.add_alias(alias.host.encode(), alias.port, proto)
    net.set_mhomed(mhomed)


def socket_names() -> list[str]:
    """What process descriptions call each socket, by index: ``127.0.0.1:5060``."""
    return [f"{row[2].decode()}:{row[3]}" for row in net.socket_list()]
