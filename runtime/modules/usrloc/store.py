"""Contacts in a database (usrloc: ``ucontact.c``, ``udomain.c``): rows and how they are written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from runtime.db.api import Connection, Driver, Value, Where, utc
from runtime.db.errors import DbDuplicate
from runtime.db.url import DbUrl
from runtime.native.location import Contact

TABLE_VERSION = 9
FLOAT_Q = 1000
NEVER = 0


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of the columns, as the parameters give them."""

    ruid: str
    user: str
    domain: str
    contact: str
    received: str
    path: str
    expires: str
    q: str
    callid: str
    cseq: str
    last_modified: str
    flags: str
    cflags: str
    user_agent: str
    socket: str
    methods: str
    instance: str
    reg_id: str
    server_id: str
    connection_id: str
    keepalive: str


class Store:
    """The database of one process; a lost connection is opened anew at the next use."""

    def __init__(
        self,
        driver: Driver,
        url: DbUrl,
        columns: Columns,
        *,
        use_domain: bool,
        expires_as_numbers: bool = False,
    ) -> None:
        self._driver = driver
        self._url = url
        self._columns = columns
        self._use_domain = use_domain
        self._as_numbers = expires_as_numbers
        self._connection: Connection | None = None

    def connect(self) -> Connection:
        """The connection. Raises DbError."""
        if self._connection is None:
            self._connection = self._driver.connect(self._url)
        return self._connection

    def close(self) -> None:
        """Close it."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def check_version(self, table: str) -> None:
        """Refuse a table of another version. Raises DbError."""
        self.connect().check_table_version(table, TABLE_VERSION)

    def load(self, table: str) -> list[Contact]:
        """Every contact of a table. Raises DbError."""
        names = self._names()
        found = self.connect().query(table, names)
        return [self._contact(dict(zip(names, row, strict=True))) for row in found.rows]

    def load_aor(self, table: str, aor: bytes) -> list[Contact]:
        """The contacts of one AOR. Raises DbError."""
        names = self._names()
        found = self.connect().query(table, names, self._aor(aor))
        return [self._contact(dict(zip(names, row, strict=True))) for row in found.rows]

    def load_expired(self, table: str, before: int) -> list[Contact]:
        """The contacts that expired before a time. Raises DbError."""
        names = self._names()
        found = self.connect().query(table, names, self._expired(before))
        return [self._contact(dict(zip(names, row, strict=True))) for row in found.rows]

    def aor_of(self, table: str, ruid: bytes) -> bytes | None:
        """The AOR of a contact. Raises DbError."""
        names = self._names()
        found = self.connect().query(table, names, [Where(self._columns.ruid, ruid)], limit=1)
        if not found.rows:
            return None
        return self._contact(dict(zip(names, found.rows[0], strict=True))).aor

    def put(self, table: str, contact: Contact) -> None:
        """Insert a contact, or write over the row of its ruid. Raises DbError."""
        values = self._row(contact)
        connection = self.connect()
        ruid = self._columns.ruid
        try:
            changed = connection.update(table, values, [Where(ruid, contact.ruid)])
            if not changed:
                connection.insert(table, values)
        except DbDuplicate:
            connection.update(table, values, [Where(ruid, contact.ruid)])

    def delete(self, table: str, ruid: bytes) -> None:
        """Delete the row of a ruid. Raises DbError."""
        self.connect().delete(table, [Where(self._columns.ruid, ruid)])

    def delete_tcp(self, table: str) -> None:
        """Delete the rows that came over a connection. Raises DbError."""
        self.connect().delete(table, [Where(self._columns.connection_id, 0, ">")])

    def delete_expired(self, table: str, before: int) -> int:
        """Delete the rows that expired before a time; how many. Raises DbError."""
        return self.connect().delete(table, self._expired(before))

    def _expired(self, before: int) -> list[Where]:
        column = self._columns.expires
        return [
            Where(column, self._time(before), "<"),
            Where(column, self._time(NEVER), "!="),
        ]

    def _time(self, seconds: int) -> Value:
        return seconds if self._as_numbers else utc(seconds)

    def write(self, table: str, contacts: Iterable[Contact], dead: Iterable[bytes]) -> None:
        """Write a batch in one transaction. Raises DbError, nothing being written then."""
        with self.connect().transaction():
            for ruid in dead:
                self.delete(table, ruid)
            for contact in contacts:
                self.put(table, contact)

    def _names(self) -> list[str]:
        c = self._columns
        names = [
            *(c.ruid, c.user, c.contact, c.received, c.path, c.expires, c.q, c.callid, c.cseq),
            *(c.last_modified, c.flags, c.cflags, c.user_agent, c.socket, c.methods, c.instance),
            *(c.reg_id, c.server_id, c.connection_id, c.keepalive),
        ]
        return [*names, c.domain] if self._use_domain else names

    def _aor(self, aor: bytes) -> list[Where]:
        user, at, domain = aor.partition(b"@")
        where = [Where(self._columns.user, user if self._use_domain else aor)]
        if self._use_domain:
            where.append(Where(self._columns.domain, domain if at else user))
        return where

    def _row(self, contact: Contact) -> dict[str, Value]:
        c = self._columns
        row: dict[str, Value] = {
            c.ruid: contact.ruid,
            c.user: contact.aor,
            c.contact: contact.contact,
            c.received: contact.received,
            c.path: contact.path,
            c.expires: self._time(contact.expires),
            c.q: contact.q / FLOAT_Q if contact.q >= 0 else -1.0,
            c.callid: contact.callid,
            c.cseq: contact.cseq,
            c.last_modified: self._time(contact.last_modified),
            c.flags: contact.flags,
            c.cflags: contact.cflags,
            c.user_agent: contact.user_agent,
            c.socket: contact.socket,
            c.methods: None if contact.methods == 0xFFFFFFFF else contact.methods,
            c.instance: contact.instance,
            c.reg_id: contact.reg_id,
            c.server_id: contact.server_id,
            c.connection_id: contact.connection_id,
            c.keepalive: contact.keepalive,
        }
        if self._use_domain:
            user, _, domain = contact.aor.partition(b"@")
            row[c.user], row[c.domain] = user, domain
        return row

    def _contact(self, row: dict[str, Value]) -> Contact:
        c = self._columns
        aor = _octets(row[c.user])
        if self._use_domain:
            aor += b"@" + _octets(row[c.domain])
        return Contact(
            aor=aor,
            contact=_octets(row[c.contact]),
            received=_octets(row[c.received]) or None,
            path=_octets(row[c.path]) or None,
            callid=_octets(row[c.callid]),
            user_agent=_octets(row[c.user_agent]),
            instance=_octets(row[c.instance]) or None,
            ruid=_octets(row[c.ruid]),
            expires=_seconds(row[c.expires]),
            last_modified=_seconds(row[c.last_modified]),
            q=_q(_number(row[c.q])),
            cseq=int(_number(row[c.cseq])),
            reg_id=int(_number(row[c.reg_id])),
            connection_id=int(_number(row[c.connection_id])),
            server_id=int(_number(row[c.server_id])),
            cflags=int(_number(row[c.cflags])),
            methods=0xFFFFFFFF if row[c.methods] is None else int(_number(row[c.methods])),
            socket=_octets(row[c.socket]) or None,
            flags=int(_number(row[c.flags])),
            state=1,
            keepalive=int(_number(row[c.keepalive])),
        )


def _octets(value: Value) -> bytes:
    if isinstance(value, bytes):
        return value
    return b"" if value is None else str(value).encode()


def _number(value: Value) -> float:
    if isinstance(value, (int, float)):
        return value
    try:
        return float(value) if isinstance(value, bytes) else 0
    except ValueError:
        return 0


def _q(value: float) -> int:
    return round(value * FLOAT_Q) if value >= 0 else -1


def _seconds(value: Value) -> int:
    if isinstance(value, datetime):
        return int(value.timestamp())
    return int(_number(value))
