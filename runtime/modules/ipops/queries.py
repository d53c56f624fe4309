"""Answers of DNS queries, kept by name for variables (``ipops_pv.c``)."""

from __future__ import annotations

import random
import re
import shlex
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Generic, TypeVar

from runtime.modules.ipops.addresses import packed

if TYPE_CHECKING:
    from runtime.script.values import Value

MOST = 32
"""Records that are kept of one answer."""
TEXT = 64
"""Octets that are kept of a name or text."""
NAMES = 512

_NAME = re.compile(rb"\s*([^\s=]+)\s*=>\s*(\w+)\s*(?:\[\s*(-?)([0-9A-Za-z]*)\s*\])?\s*", re.DOTALL)

_HOST = re.compile(rb"(?=.*[A-Za-z])[A-Za-z0-9._-]{1,253}")

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Srv:
    """One SRV record."""

    priority: int
    weight: int
    port: int
    target: bytes


@dataclass(frozen=True, slots=True)
class Naptr:
    """One NAPTR record."""

    order: int
    pref: int
    flags: bytes
    services: bytes
    regex: bytes
    replace: bytes


class Rows(Generic[R]):
    """Answers by the name that the script gave them."""

    def __init__(self) -> None:
        self._rows: dict[bytes, Sequence[R]] = {}

    def store(self, name: bytes, rows: Sequence[R]) -> None:
        """Keep the first of the rows."""
        self._rows[name] = rows[:MOST]

    def all(self, name: bytes) -> Sequence[R]:
        """The rows of the last query."""
        return self._rows.get(name, ())

    def at(self, name: bytes, index: int) -> R | None:
        """One row, a negative index counts from the end; None: there is no such row."""
        rows = self.all(name)
        return rows[index] if -len(rows) <= index < len(rows) else None


class Answers:
    """All answers of one process."""

    def __init__(self) -> None:
        self._hosts: Rows[bytes] = Rows()
        self._srv: Rows[Srv] = Rows()
        self._naptr: Rows[Naptr] = Rows()

    def store_hosts(self, name: bytes, octets: Sequence[bytes]) -> None:
        """Addresses, as octets."""
        self._hosts.store(name, octets)

    def store_srv(self, name: bytes, rows: Sequence[str]) -> None:
        """SRV records as text, sorted (RFC 2782)."""
        self._srv.store(name, by_weight([row for row in map(_srv, rows) if row is not None]))

    def store_naptr(self, name: bytes, rows: Sequence[str]) -> None:
        """NAPTR records as text, sorted by order and preference."""
        found = [row for row in map(_naptr, rows) if row is not None]
        self._naptr.store(name, sorted(found, key=lambda row: (row.order, row.pref)))

    def host(self, text: bytes) -> Value:
        """``name=>field[index]`` of ``$dns``: without an address every field is ``$null``."""
        name, field, index = _split(text)
        octets = self._hosts.at(name, index)
        if octets is None:
            return None
        if field == b"addr":
            family = socket.AF_INET if len(octets) == 4 else socket.AF_INET6
            return socket.inet_ntop(family, octets).encode()
        if field == b"type":
            return 4 if len(octets) == 4 else 6
        rows = self._hosts.all(name)
        if field == b"count":
            return len(rows)
        return int(any(len(row) == (4 if field == b"ipv4" else 16) for row in rows))

    def srv(self, text: bytes) -> Value:
        """``name=>field[index]`` of ``$srvquery``"""
        name, field, index = _split(text)
        if field == b"count":
            return len(self._srv.all(name))
        row = self._srv.at(name, index)
        value: Value = None if row is None else getattr(row, field.decode(), None)
        return value

    def naptr(self, text: bytes) -> Value:
        """``name=>field[index]`` of ``$naptrquery``"""
        name, field, index = _split(text)
        if field == b"count":
            return len(self._naptr.all(name))
        row = self._naptr.at(name, index)
        value: Value = None if row is None else getattr(row, field.decode(), None)
        return value


@lru_cache(maxsize=NAMES)
def _split(text: bytes) -> tuple[bytes, bytes, int]:
    found = _NAME.fullmatch(text)
    if found is None:
        return b"", b"count", 0
    name, field, sign, digits = found.groups()
    number = int(digits) if digits and digits.isdigit() else 0
    return name, field, -number if sign else number


def _srv(row: str) -> Srv | None:
    parts = row.split()
    if len(parts) != 4:
        return None
    return Srv(int(parts[0]), int(parts[1]), int(parts[2]), _name(parts[3]))


def _naptr(row: str) -> Naptr | None:
    try:
        parts = shlex.split(row)
    except ValueError:
        return None
    if len(parts) != 6:
        return None
    flags, services, regex = (part.encode("latin-1", "replace")[:TEXT] for part in parts[2:5])
    return Naptr(int(parts[0]), int(parts[1]), flags, services, regex, _name(parts[5]))


def _name(text: str) -> bytes:
    return text.rstrip(".").encode("latin-1", "replace")[:TEXT]


def by_weight(rows: Sequence[Srv]) -> list[Srv]:
    """By priority; within one, drawn by weight (RFC 2782).

    As in Kamailio, the records of the last priority stay in the order in which they came.
    """
    found: list[Srv] = []
    priorities = sorted({row.priority for row in rows})
    for priority in priorities:
        group = [row for row in rows if row.priority == priority]
        if priority == priorities[-1]:
            found += group
            continue
        group.sort(key=lambda row: row.weight != 0)
        while group:
            mark, total = random.randint(0, sum(row.weight for row in group)), 0
            for row in group:
                total += row.weight
                if total >= mark:
                    break
            group.remove(row)
            found.append(row)
    return found


def address(text: bytes) -> bytes | None:
    """The octets of an address, with brackets or without (``strtoipX``); None: it is none."""
    if text[:1] == b"[" or b":" in text:
        return packed(text[1:-1] if text[:1] == b"[" else text, socket.AF_INET6)
    parts = text.split(b".")
    if len(parts) != 4 or not all(part.isdigit() or not part for part in parts):
        return None
    return bytes(int(part or b"0") & 0xFF for part in parts)


def is_name(text: bytes) -> bool:
    """May it be the name of a host: has it a letter, and nothing that a name has not?"""
    return _HOST.fullmatch(text) is not None


def resolve(name: bytes, family: int = socket.AF_UNSPEC) -> list[bytes] | None:
    """The addresses of a host as octets, by the system's resolver; None: unknown."""
    try:
        rows = socket.getaddrinfo(name, None, family, socket.SOCK_DGRAM)
    except (OSError, ValueError):
        return None
    found = []
    for kind, _, _, _, place in rows:
        octets = packed(str(place[0]).partition("%")[0].encode(), kind)
        if octets is not None:
            found.append(octets)
    return found


class HostNames:
    """Name and address of this host."""

    def __init__(self) -> None:
        self._full = socket.gethostname().encode("latin-1", "replace")
        self._name, _, self._domain = self._full.partition(b".")
        found = resolve(self._full, socket.AF_INET) or resolve(self._full, socket.AF_INET6) or []
        self._address = b""
        if found:
            family = socket.AF_INET if len(found[0]) == 4 else socket.AF_INET6
            self._address = socket.inet_ntop(family, found[0]).encode()

    def part(self, name: bytes) -> bytes | None:
        """``n f d i``; None where there is none."""
        if name == b"n":
            return self._name or None
        if name == b"f":
            return self._full or None
        return (self._domain if name == b"d" else self._address) or None
