"""What a configuration says outside of its routes; a generated module holds one ``Config``.

Standard library only. Octet strings are ``bytes``; numbers are C ints.
"""

from __future__ import annotations

from typing import Literal

from runtime.declare.record import Record


class Place(Record):
    """A line of a configuration file, counted from 1."""

    file: str
    line: int


class Listen(Record):
    """One socket to listen on, or one alias.

    ``proto`` is ``udp``, ``tcp``, ``tls``, ``sctp``, ``ws``, ``wss`` or ``""`` for all of them;
    ``port`` 0 is the default of the protocol. ``host`` is an address, a name or an interface;
    ``more_hosts`` are the other addresses of a multihomed socket.
    """

    proto: str
    host: str
    port: int
    place: Place
    advertise: str | None = None
    advertise_port: int = 0
    name: str | None = None
    virtual: bool = False
    more_hosts: tuple[str, ...] = ()


class ModParam(Record):
    """One ``modparam`` for one module; a list of modules gives one each."""

    module: str
    name: str
    value: int | bytes
    place: Place


class CoreSetting(Record):
    """``name = value`` of the core, in the order written."""

    name: str
    value: int | bytes
    place: Place


class CustomVar(Record):
    """``group.name = value desc "..."``; ``index`` is that of ``group[index].name``."""

    group: str
    name: str
    value: int | bytes
    desc: bytes
    place: Place
    index: int | None = None


RouteKind = Literal[
    "request", "reply", "onsend", "route", "failure", "branch", "onreply", "event", "branch_failure"
]


class RouteTable(Record):
    """Which routes there are. The index of a named route is 1 + its place in its sorted tuple.

    Each is a method of ``Routes``: ``methods`` maps (kind, name) to it; the unnamed ones of
    ``request``, ``reply`` and ``onsend`` have the name ``""``.
    """

    request: bool = False
    reply: bool = False
    onsend: bool = False
    route: tuple[str, ...] = ()
    failure: tuple[str, ...] = ()
    branch: tuple[str, ...] = ()
    onreply: tuple[str, ...] = ()
    event: tuple[str, ...] = ()
    branch_failure: tuple[str, ...] = ()
    methods: tuple[tuple[str, str, str], ...] = ()

    def names(self, kind: str) -> tuple[str, ...]:
        """The sorted names of one kind; KeyError for a kind that has no names."""
        return {
            "route": self.route,
            "failure": self.failure,
            "branch": self.branch,
            "onreply": self.onreply,
            "event": self.event,
            "branch_failure": self.branch_failure,
        }[kind]

    def index(self, kind: str, name: str) -> int:
        """The index of a named route, 0 where there is none."""
        names = self.names(kind)
        return names.index(name) + 1 if name in names else 0


class NotBuilt(Record):
    """Something that the configuration uses and this server does not have: refused at start."""

    what: str
    place: Place


class Config(Record):
    """A whole configuration without its route blocks.

    ``modules`` are in load order. ``digest`` is the SHA-256 (hex) of all that went into it.
    ``flags`` are the declared flag names with their numbers, ``defines`` the macros where
    ``$def`` asks for them.
    """

    source: str
    modules: tuple[str, ...]
    core: tuple[CoreSetting, ...]
    listens: tuple[Listen, ...]
    aliases: tuple[Listen, ...]
    custom: tuple[CustomVar, ...]
    modparams: tuple[ModParam, ...]
    routes: RouteTable
    digest: str
    flags: tuple[tuple[str, int], ...] = ()
    defines: tuple[tuple[bytes, bytes], ...] = ()
    not_built: tuple[NotBuilt, ...] = ()
    vars: tuple[str, ...] = ()
