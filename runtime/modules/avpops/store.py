"""AVPs in a database: load, store, delete, query (``avpops_db.c``, ``avpops_impl.c``)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from runtime.db.api import Connection, Result, Value, Where, find_driver, identifier
from runtime.db.errors import DbError, DbUnavailable
from runtime.db.url import DbUrl
from runtime.modules.avpops.schemes import Scheme
from runtime.modules.avpops.values import AvpRef, Side, as_text, lists
from runtime.native import send
from runtime.native.uri import parse as parse_uri
from runtime.script.avp import Avp, AvpName, AvpValue
from runtime.script.values import wrap
from runtime.server.errors import StartError
from runtime.server.log import LM_ERR

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg
    from runtime.server.server import Server

NAME_IS_ID, VALUE_IS_NUMBER = 2, 1
"""Bits of the type column."""

MAX_NAME = 64
"""Octets of a name that comes from a variable (``AVPOPS_ATTR_LEN``)."""

MAX_QUERY = 1024
"""Octets of a query (``AVP_PRINTBUF_SIZE``)."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The table and its columns."""

    table: str
    uuid: str
    attribute: str
    value: str
    type: str
    username: str
    domain: str


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose AVPs: an id or a URI, and which part of it counts."""

    who: Side | bytes
    part: bytes


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which AVPs, and where they are."""

    avp: AvpRef | None
    kind: bytes
    table: str | None
    scheme: Scheme | None


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody, as the columns have it."""

    uuid: bytes | None
    user: bytes | None
    domain: bytes | None


class NotThere(ValueError):
    """Something that a call needs has no value."""


class Store:
    """The database of one module, with a connection in each process."""

    def __init__(self, server: Server, url: bytes, columns: Columns, use_domain: bool) -> None:
        """Raises StartError for a URL that no driver serves, and for names that are none."""
        self._use_domain = use_domain
        self._columns = columns
        self._connection: Connection | None = None
        try:
            self._url = DbUrl.parse(url.decode(errors="surrogateescape"))
            self._driver = find_driver(server.modules, self._url)
            for field in Columns.__dataclass_fields__:
                identifier(getattr(columns, field))
        except DbError as error:
            raise StartError(f"avpops: {error}") from None

    def connect(self) -> bool:
        """Connect this process; whether that worked."""
        try:
            self._connection = self._driver.connect(self._url)
        except DbError as error:
            LM_ERR("avpops: %s", error)
            return False
        return True

    def _database(self) -> Connection:
        if self._connection is None and not self.connect():
            raise DbUnavailable(f"avpops: no connection to {self._url}")
        assert self._connection is not None
        send.flush()  # what is ready to go does not wait for the database
        return self._connection

    def load(self, msg: SipMsg, owner: Owner, wanted: Wanted) -> int:
        """Rows of somebody into AVPs; -1 where there are none. Raises DbError, ValueError."""
        name = _name(msg, wanted)
        where = self._where(self._owner(msg, owner), name, wanted.scheme)
        columns, scheme = self._columns, wanted.scheme
        if scheme is None:
            table = wanted.table or columns.table
            names = [columns.value, columns.attribute, columns.type]
        else:
            table = scheme.table or columns.table
            names = [scheme.value_col or columns.value]
        rows = self._database().query(table, names, where).rows
        added = 0
        for row in rows:
            pair = _of_scheme(row[0], name, scheme) if scheme else _of_row(row, name, wanted)
            if pair is not None and lists(msg).add(*pair, stored=True):
                added += 1
        return 1 if added else -1

    def store(self, msg: SipMsg, owner: Owner, wanted: Wanted) -> int:
        """AVPs that are not in the database yet; -1 where there are none."""
        found = self._owner(msg, owner)
        name = _name(msg, wanted)
        avps = lists(msg)
        if name is None:
            chosen = [avp for avp in avps.every() if avp.is_kind(wanted.kind)]
        else:
            chosen = avps.found(name)
        stored = 0
        for avp in chosen:
            if not avp.stored and self._insert(found, name, avp, wanted.table):
                avp.stored = True
                stored += 1
        return 1 if stored else -1

    def _insert(self, owner: Found, name: AvpName | None, avp: Avp, table: str | None) -> bool:
        columns = self._columns
        kind = NAME_IS_ID if isinstance(avp.name, int) else 0
        kind |= VALUE_IS_NUMBER if isinstance(avp.value, int) else 0
        row: dict[str, Value] = {
            columns.uuid: owner.uuid or b"",
            columns.attribute: as_text(avp.name if name is None else name),
            columns.value: as_text(avp.value),
            columns.type: kind,
            columns.username: owner.user or b"",
            columns.domain: owner.domain or b"",
        }
        try:
            self._database().insert(table or columns.table, row)
        except DbError as error:
            LM_ERR("avp_db_store: %s", error)
            return False
        return True

    def delete(self, msg: SipMsg, owner: Owner, wanted: Wanted) -> int:
        """Take somebody's AVPs out of the database: 1, also where it failed."""
        where = self._where(self._owner(msg, owner), _name(msg, wanted), None)
        try:
            self._database().delete(wanted.table or self._columns.table, where)
        except DbError as error:
            LM_ERR("avp_db_delete: %s", error)
        return 1

    def query(self, msg: SipMsg, sql: bytes, names: tuple[AvpRef, ...] | None) -> int:
        """Rows of a query into AVPs named by their column: 1; -2 none."""
        sql = sql.partition(b"\0")[0]
        if not sql or len(sql) >= MAX_QUERY - 1:
            LM_ERR("avp_db_query: the query is empty or too long")
            return -1
        result = self._database().raw_query(sql.decode(errors="surrogateescape"))
        if not result.rows:
            return -2
        return _into_avps(msg, result, names)

    def _owner(self, msg: SipMsg, owner: Owner) -> Found:
        """Raises NotThere, NoName."""
        if isinstance(owner.who, Side):
            value = owner.who.read(msg)
            if value is None:
                raise NotThere("the first argument has no value")
            who = value if isinstance(value, bytes) else b"%d" % value
        else:
            who = owner.who
        if owner.part == b"uuid":
            return Found(who, None, None)
        parsed = parse_uri(who)
        if parsed is None or not parsed["user"] or not parsed["host"]:
            raise NotThere(f"{who!r} is no URI with user and host")
        user, host = parsed["user"], parsed["host"]
        assert isinstance(user, bytes) and isinstance(host, bytes)
        with_domain = (self._use_domain and owner.part == b"uri") or owner.part == b"domain"
        return Found(None, user if owner.part != b"domain" else None, host if with_domain else None)

    def _where(self, found: Found, name: AvpName | None, scheme: Scheme | None) -> list[Where]:
        columns = self._columns
        where: list[Where] = []
        if found.uuid is not None:
            column = scheme.uuid_col if scheme else None
            where.append(Where(column or columns.uuid, found.uuid))
        if found.user is not None:
            column = scheme.username_col if scheme else None
            where.append(Where(column or columns.username, found.user))
        if found.domain is not None:
            column = scheme.domain_col if scheme else None
            where.append(Where(column or columns.domain, found.domain))
        if name is not None and scheme is None:
            where.append(Where(columns.attribute, as_text(name)))
        return where


def _name(msg: SipMsg, wanted: Wanted) -> AvpName | None:
    """The name of the AVP; None for a kind of AVPs. Raises NoName, NotThere."""
    if wanted.avp is None:
        return None
    name = wanted.avp.name(msg)
    if wanted.avp.dynamic and isinstance(name, bytes) and len(name) >= MAX_NAME:
        raise NotThere(f"the name of the AVP is longer than {MAX_NAME - 1} octets")
    return name


def _of_row(
    row: Sequence[Value], name: AvpName | None, wanted: Wanted
) -> tuple[AvpName, AvpValue] | None:
    """An AVP of a row of value, attribute and type (``dbrow2avp``)."""
    value, attribute, kind = row
    if not isinstance(value, bytes) or not isinstance(attribute, bytes):
        LM_ERR("avp_db_load: a column of the row is empty or not of its type")
        return None
    if not isinstance(kind, int):
        LM_ERR("avp_db_load: the type column of the row is no number")
        return None
    by_id = bool(kind & NAME_IS_ID)
    expected = wanted.kind
    if wanted.avp is not None and not wanted.avp.dynamic:
        expected = b"s" if isinstance(name, bytes) else b"i"
    if expected and (expected == b"i") != by_id:
        return None
    if name is None:
        number = unsigned(attribute) if by_id else None
        if by_id and number is None:
            LM_ERR("avp_db_load: the name %r is no ID", attribute)
            return None
        name = attribute if number is None else number
    return _valued(name, value, number=bool(kind & VALUE_IS_NUMBER))


def _of_scheme(
    value: Value, name: AvpName | None, scheme: Scheme
) -> tuple[AvpName, AvpValue] | None:
    """An AVP of a scheme's row."""
    if not isinstance(value, (bytes, int)) or name is None:
        LM_ERR("avp_db_load: the value of the scheme is empty or of another type")
        return None
    return _valued(name, value, number=scheme.integer)


def _valued(name: AvpName, value: bytes | int, *, number: bool) -> tuple[AvpName, AvpValue] | None:
    if not number:
        return name, as_text(value)
    if isinstance(value, int):
        return name, wrap(value)
    read = unsigned(value) if value else None
    if read is None:
        LM_ERR("avp_db_load: the value %r is no number", value)
        return None
    return name, read


def unsigned(text: bytes) -> int | None:
    """``str2int``: decimal digits up to 32 bits, as a C int."""
    if text and not text.isdigit():
        return None
    number = int(text or b"0")
    return wrap(number) if number < 1 << 32 else None


def _into_avps(msg: SipMsg, result: Result, names: tuple[AvpRef, ...] | None) -> int:
    avps = lists(msg)
    for row in reversed(result.rows):
        for column, cell in enumerate(row):
            if names is not None and column >= len(names):
                break
            value = _cell(cell)
            if value is None or value == b"":
                continue
            try:
                name = column + 1 if names is None else names[column].name(msg)
            except ValueError as error:
                LM_ERR("avp_db_query: %s", error)
                continue
            if not avps.add(name, value):
                return -1
    return 1


def _cell(cell: Value) -> AvpValue | None:
    """A cell as an AVP holds it; floating numbers are left out, as in 5.6.3."""
    if isinstance(cell, datetime):
        return wrap(int(cell.timestamp()))
    return wrap(cell) if isinstance(cell, int) else cell if isinstance(cell, bytes) else None
