"""Module ``sqlops``: SQL written by the script, on named connections.

The text of a query is the script's own: what it pastes into it, it must escape with ``{sql.val}``.
Behaviour: ``sqlops.c``, ``sql_api.c``, ``sql_var.c``, ``sql_trans.c`` of Kamailio 5.6.3.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from runtime.db.api import BigInt, Connection, Driver, Result, find_driver
from runtime.db.api import Value as Cell
from runtime.db.errors import DbError, DbUnavailable
from runtime.db.url import DbUrl
from runtime.declare.exports import PvType
from runtime.declare.pvspec import PvSpec, spec_text
from runtime.modules.sqlops.exports import EXPORTS
from runtime.modules.sqlops.syntax import Dbr, dbr, targets
from runtime.native import send
from runtime.script.pv import PvRef, getter
from runtime.script.values import Value, wrap
from runtime.script.xavp import XavpList
from runtime.server.errors import PlaceLike, StartError
from runtime.server.log import LM_ERR, LM_INFO
from runtime.server.module import Module as BaseModule
from runtime.server.ranks import PROC_INIT, PROC_MAIN, PROC_TCP_MAIN

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg
    from runtime.server.server import Server

FAILED, NO_CONNECTION, FOUND, EMPTY, IGNORED = -1, -2, 1, 2, 3

_CONNECTION: Final = re.compile(rb"[ \t\r\n]*([^= \t\r\n]+)[ \t\r\n]*=>[ \t\r\n]*(.*)", re.S)
_REFUSING: Final = ("ruri", "ruri_user", "ruri_domain")
"""Attributes of a message that a text may not fit into: they stay as they were then."""
_ESCAPES: Final = {ord("'"): b"\\'", ord('"'): b'\\"', ord("\\"): b"\\\\", 0: b"\\0"}
_STANDARD: Final = {ord("'"): b"''", 0: b"\\0"}


@dataclass(slots=True)
class Named:
    """A connection of ``sqlcon``: what it is made from, and this process's own."""

    url: bytes
    driver: Driver | None = None
    parsed: DbUrl | None = None
    connection: Connection | None = None

    def connect(self) -> bool:
        """Open it; whether that worked."""
        assert self.driver is not None and self.parsed is not None
        try:
            self.connection = self.driver.connect(self.parsed)
        except DbError as error:
            LM_ERR("sqlops: %s", error)
            return False
        return True


class Module(BaseModule):
    """Connections are of one process, and so are results."""

    EXPORTS = EXPORTS

    tr_buf_size: int
    connect_mode: int
    results_maxsize: int

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._named: dict[bytes, Named] = {}
        self._results: dict[bytes, Result] = {}
        self._reads: dict[bytes, Callable[[SipMsg], Value]] = {}
        self._escapes: dict[int, bytes] = _ESCAPES

    def param_sqlcon(self, value: bytes, place: PlaceLike | None) -> None:
        """``name=>url``"""
        found = _CONNECTION.fullmatch(value)
        if found is None:
            raise StartError("sqlops: sqlcon reads name=>url", place)
        if self._named.setdefault(found[1], named := Named(found[2])) is not named:
            raise StartError(f"sqlops: connection {found[1]!r} stands twice", place)

    def param_sqlres(self, value: bytes, place: PlaceLike | None) -> None:
        """The name of a result: it need not be declared."""

    def mod_init(self) -> None:
        """Bind the drivers, and see that every database is there."""
        if self.tr_buf_size <= 0:
            raise StartError("sqlops: tr_buf_size is more than 0")
        for name, named in self._named.items():
            try:
                named.parsed = DbUrl.parse(named.url.decode(errors="surrogateescape"))
                named.driver = find_driver(self.server.modules, named.parsed)
                named.driver.connect(named.parsed).close()
            except DbUnavailable as error:
                if self.connect_mode != 1:
                    raise StartError(f"sqlops: {error}") from None
                LM_INFO("sqlops: connection %r waits: %s", name, error)
            except DbError as error:
                raise StartError(f"sqlops: {error}") from None
        schemes = {named.parsed.scheme for named in self._named.values() if named.parsed}
        if "sqlite" in schemes:  # to it a backslash is a character: only a second quote escapes one
            self._escapes = _STANDARD if schemes == {"sqlite"} else {**_ESCAPES, **_STANDARD}

    def child_init(self, rank: int) -> None:
        """Connect."""
        if rank not in (PROC_INIT, PROC_MAIN, PROC_TCP_MAIN):
            for named in self._named.values():
                named.connect()

    # functions

    def sql_query(
        self, msg: SipMsg, connection: bytes, query: bytes, result: bytes | None = None
    ) -> int:
        """Run a query, keep its rows as ``result``: 1; 2 none, 3 not kept, -1 failed, -2 no
        connection."""
        database = self._database(connection)
        if database is None:
            return NO_CONNECTION
        if result is not None:
            self._results.pop(result, None)
        found = _run(database, query)
        if found is None:
            return FAILED
        if not found.rows:
            return EMPTY
        if result is None:
            return IGNORED
        self._results[result] = found
        return FOUND

    def sql_query_async(self, msg: SipMsg, connection: bytes, query: bytes) -> int:
        """Let another process run a query: no driver here can, as db_sqlite there cannot."""
        if self._database(connection) is None:
            return NO_CONNECTION
        LM_ERR("sql_query_async: the driver of %r has no asynchronous queries", connection)
        return FAILED

    def sql_xquery(self, msg: SipMsg, connection: bytes, query: bytes, result: bytes) -> int:
        """Put the rows into ``$xavp(result[row]=>column)``."""
        database = self._database(connection)
        if database is None:
            return NO_CONNECTION
        found = _run(database, query)
        if found is None:
            return FAILED
        if not found.rows:
            return EMPTY
        if msg.xavps is None:
            msg.xavps = XavpList()
        names = [name.encode("utf-8", "surrogateescape") for name in found.columns]
        for row in reversed(found.rows):
            fields = XavpList()
            for name, cell in zip(reversed(names), reversed(row), strict=True):
                fields.add(name, _value(cell))
            msg.xavps.add(result, fields)
        return FOUND

    def fix_targets(self, text: bytes) -> tuple[PvRef, ...]:
        """The variables of ``sql_pvquery``."""
        refs = tuple(self._ref(each.variable) for each in targets(text).variables)
        for ref in refs:
            if not ref.writable:
                raise StartError(f"sqlops: {ref.text!r} cannot be written")
        return refs

    def _ref(self, spec: PvSpec) -> PvRef:
        return PvRef(self.server.pv, spec_text(spec).encode("latin-1"))

    def sql_pvquery(
        self, msg: SipMsg, connection: bytes, query: bytes, result: tuple[PvRef, ...]
    ) -> int:
        """Put the columns into variables; those of the first row come last."""
        database = self._database(connection)
        if database is None:
            return NO_CONNECTION
        found = _run(database, query)
        if found is None:
            return FAILED
        if not found.rows:
            return EMPTY
        for row in reversed(found.rows):
            for column, cell in enumerate(row):
                if column >= len(result):
                    LM_ERR("sql_pvquery: there is no variable for column %d", column + 1)
                    return FAILED
                if not _assign(msg, result[column], cell):
                    LM_ERR("sql_pvquery: %r does not take the value", result[column].text)
                    return FAILED
        return FOUND

    def sql_result_free(self, msg: SipMsg, result: bytes) -> int:
        """Forget a result."""
        self._results.pop(result, None)
        return 1

    def _database(self, name: bytes) -> Connection | None:
        named = self._named.get(name)
        if named is None:
            LM_ERR("sqlops: there is no connection %r", name)
            return None
        if named.connection is None and not (self.connect_mode == 1 and named.connect()):
            LM_ERR("sqlops: connection %r is not open", name)
            return None
        return named.connection

    # variables

    def pv_dbr(self, msg: SipMsg, name: bytes) -> Value:
        """``$dbr(result=>rows)``, ``=>cols``, ``=>[row,column]``, ``=>colname[n]``"""
        read = self._reads.get(name)
        if read is None:
            read = self._reads[name] = self._reader(dbr(name))
        return read(msg)

    def _reader(self, read: Dbr) -> Callable[[SipMsg], Value]:
        results = self._results
        if read.key in ("rows", "cols"):

            def size(msg: SipMsg) -> Value:
                found = results.get(read.result)
                if found is None:
                    return 0
                return len(found.rows) if read.key == "rows" else len(found.columns)

            return size
        row, column = self._index(read.row), self._index(read.column)

        def cell(msg: SipMsg) -> Value:
            found = results.get(read.result)
            r, c = row(msg), column(msg)
            if found is None or r is None or c is None or not 0 <= c < len(found.columns):
                return None
            if read.key == "colname":
                return found.columns[c].encode("utf-8", "surrogateescape")
            return _value(found.rows[r][c]) if 0 <= r < len(found.rows) else None

        return cell

    def _index(self, index: PvSpec | int) -> Callable[[SipMsg], int | None]:
        """An index; None where its variable holds no number."""
        if isinstance(index, int):
            return lambda msg: index
        read = getter(self.server.pv, index)

        def computed(msg: SipMsg) -> int | None:
            value = read(msg)
            return value if isinstance(value, int) else None

        return computed

    def pv_sqlrows(self, msg: SipMsg, name: bytes) -> int | None:
        """``$sqlrows(connection)``: how many rows its last change touched."""
        database = self._database(name)
        try:
            return None if database is None else database.affected_rows()
        except DbError as error:
            LM_ERR("sqlops: %s", error)
            return None

    # transformations

    def tr_sql_val(self, value: Value) -> bytes | None:
        """``{sql.val}``: a value as SQL has it, ``NULL`` for ``$null``."""
        return b"NULL" if value is None else self._quoted(value)

    def tr_sql_val_int(self, value: Value) -> bytes | None:
        """``{sql.val.int}``: the same, ``0`` for ``$null``."""
        return b"0" if value is None else self._quoted(value)

    def tr_sql_val_str(self, value: Value) -> bytes | None:
        """``{sql.val.str}``: the same, ``''`` for ``$null``."""
        return b"''" if value is None else self._quoted(value)

    def _quoted(self, value: bytes | int) -> bytes | None:
        """In quotes, escaped as the databases read it; None where ``tr_buf_size`` has no room."""
        if isinstance(value, int):
            return b"%d" % value
        if len(value) > self.tr_buf_size // 2 - 1:
            LM_ERR("sql.val: the value is longer than tr_buf_size allows")
            return None
        return b"'%b'" % b"".join(self._escapes.get(c, bytes((c,))) for c in value)


def _run(database: Connection, query: bytes) -> Result | None:
    send.flush()  # what is ready to go does not wait for the database
    try:
        return database.raw_query(query.partition(b"\0")[0].decode(errors="surrogateescape"))
    except DbError as error:
        LM_ERR("sqlops: %s", error)
        return None


def _value(cell: Cell) -> Value:
    """A cell as the script sees it: floating numbers are ``$null``, as in 5.6.3."""
    if isinstance(cell, BigInt):
        return b"%d" % cell
    if isinstance(cell, datetime):
        return wrap(int(cell.timestamp()))
    if isinstance(cell, int):
        return wrap(cell)
    return cell if isinstance(cell, bytes) else None


def _assign(msg: SipMsg, target: PvRef, cell: Cell) -> bool:
    """``db_val2pv_spec``: a big number that has 32 bits is a number; AVPs ignore NULL. False where
    the variable does not take the value."""
    value = _value(cell)
    if isinstance(cell, BigInt) and 0 <= cell < 1 << 32:
        value = wrap(cell)
    if isinstance(value, int) and target.pv is not None and target.pv.type is PvType.STR:
        return False
    if value is not None or target.spec.name != "avp":
        target.set(msg, value)
    if target.pv is not None and target.pv.native in _REFUSING and value is not None:
        return target.get(msg) == value
    return True
