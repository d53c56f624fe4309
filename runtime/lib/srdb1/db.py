"""The DB1 API with the names of ``lib/srdb1/db.h``, over ``runtime.db.api``.

Write a new module on ``runtime.db.api``; this is for what was written in C. Where C returns a
number below 0, a function here raises ``DbError`` (``DbUnavailable`` where trying again may help,
``DbDuplicate`` where a unique index refused the row). Values are bound, names are checked as
identifiers: no text becomes SQL, but that of ``raw_query``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, IntFlag
from typing import Final

from runtime.db.api import (
    BigInt,
    Capability,
    Connection,
    Driver,
    Operator,
    Result,
    Value,
    Where,
    find_driver,
)
from runtime.db.errors import DbError
from runtime.db.url import DbUrl

db_key_t = str
"""A column (9.3.1)."""
db_op_t = Operator
"""An operator (9.3.2)."""

OP_LT: Final[db_op_t] = "<"
OP_GT: Final[db_op_t] = ">"
OP_EQ: Final[db_op_t] = "="
OP_LEQ: Final[db_op_t] = "<="
OP_GEQ: Final[db_op_t] = ">="
OP_NEQ: Final[db_op_t] = "!="


class db_cap(IntFlag):
    """What a driver can do, with the numbers of ``db_cap.h`` (9.1)."""

    DB_CAP_QUERY = 1 << 0
    DB_CAP_RAW_QUERY = 1 << 1
    DB_CAP_INSERT = 1 << 2
    DB_CAP_DELETE = 1 << 3
    DB_CAP_UPDATE = 1 << 4
    DB_CAP_REPLACE = 1 << 5
    DB_CAP_FETCH = 1 << 6
    DB_CAP_LAST_INSERTED_ID = 1 << 7
    DB_CAP_INSERT_UPDATE = 1 << 8
    DB_CAP_INSERT_DELAYED = 1 << 9
    DB_CAP_AFFECTED_ROWS = 1 << 10


class db_type_t(Enum):
    """The type of a cell (9.3.3)."""

    DB1_INT = 0
    DB1_BIGINT = 1
    DB1_DOUBLE = 2
    DB1_STRING = 3
    DB1_STR = 4
    DB1_DATETIME = 5
    DB1_BLOB = 6
    DB1_BITMAP = 7


_TYPES: Final[dict[db_type_t, type]] = {
    db_type_t.DB1_INT: int,
    db_type_t.DB1_BIGINT: int,
    db_type_t.DB1_DOUBLE: float,
    db_type_t.DB1_STRING: bytes,
    db_type_t.DB1_STR: bytes,
    db_type_t.DB1_DATETIME: datetime,
    db_type_t.DB1_BLOB: bytes,
    db_type_t.DB1_BITMAP: int,
}
_LIMITS: Final = {
    db_type_t.DB1_INT: (-(2**31), 2**31),
    db_type_t.DB1_BIGINT: (-(2**63), 2**63),
    db_type_t.DB1_BITMAP: (0, 2**32),
}


@dataclass(frozen=True, slots=True)
class db_val_t:
    """A value (9.3.4): NULL where ``val`` is None. Raises DbError: not of its type."""

    type: db_type_t
    val: Value

    def __post_init__(self) -> None:
        value, wanted = self.val, _TYPES[self.type]
        if value is None or (wanted is float and type(value) is int):
            return
        if not isinstance(value, wanted):
            raise DbError(f"{self.type.name} takes {wanted.__name__}, not {value!r}")
        low, high = _LIMITS.get(self.type, (0, 0))
        if low < high and isinstance(value, int) and not low <= value < high:
            raise DbError(f"{value} is no {self.type.name}")

    @property
    def nul(self) -> bool:
        """Has the column no value?"""
        return self.val is None


def VAL_TYPE(val: db_val_t) -> db_type_t:
    """9.4"""
    return val.type


def VAL_NULL(val: db_val_t) -> bool:
    """9.4"""
    return val.nul


def VAL_INT(val: db_val_t) -> int:
    """A number (9.4). Raises DbError: NULL, or no number."""
    if not isinstance(val.val, int):
        raise DbError(f"{val.type.name} {val.val!r} is no number")
    return val.val


VAL_BIGINT = VAL_INT
VAL_BITMAP = VAL_INT


def VAL_STR(val: db_val_t) -> bytes:
    """Octets (9.4). Raises DbError: NULL, or of another type."""
    if not isinstance(val.val, bytes):
        raise DbError(f"{val.type.name} {val.val!r} is no text")
    return val.val


VAL_STRING = VAL_STR
VAL_BLOB = VAL_STR


def VAL_DOUBLE(val: db_val_t) -> float:
    """A number with a fraction (9.4). Raises DbError: NULL, or no number."""
    if not isinstance(val.val, float):
        raise DbError(f"{val.type.name} {val.val!r} is no double")
    return val.val


def VAL_TIME(val: db_val_t) -> datetime:
    """A time (9.4). Raises DbError: NULL, or no time."""
    if not isinstance(val.val, datetime):
        raise DbError(f"{val.type.name} {val.val!r} is no time")
    return val.val


db_row_t = tuple[db_val_t, ...]
"""A row (9.3.6)."""


@dataclass(slots=True)
class db1_res_t:
    """The rows of a query, or those that ``fetch_result`` has fetched (9.3.7)."""

    names: tuple[db_key_t, ...]
    rows: tuple[db_row_t, ...]
    res_rows: int
    """Rows of the whole query."""
    last_row: int
    """How many were fetched so far."""

    @property
    def n(self) -> int:
        """Rows in this fetch."""
        return len(self.rows)


def RES_NAMES(res: db1_res_t) -> tuple[db_key_t, ...]:
    """9.4"""
    return res.names


def RES_COL_N(res: db1_res_t) -> int:
    """9.4"""
    return len(res.names)


def RES_ROWS(res: db1_res_t) -> tuple[db_row_t, ...]:
    """9.4"""
    return res.rows


def RES_ROW_N(res: db1_res_t) -> int:
    """9.4"""
    return len(res.rows)


def ROW_VALUES(row: db_row_t) -> tuple[db_val_t, ...]:
    """9.4"""
    return row


def ROW_N(row: db_row_t) -> int:
    """9.4"""
    return len(row)


@dataclass(slots=True)
class db1_con_t:
    """A connection of one process, and the table that it works on (9.3.5)."""

    connection: Connection
    table: str = ""
    pending: Result | None = field(default=None, repr=False)
    """What ``query`` found and ``fetch_result`` has still to give."""


class db_func_t:
    """The functions of a driver (9.1), bound by ``db_bind_mod``."""

    def __init__(self, driver: Driver, url: DbUrl) -> None:
        self._driver = driver
        self._url = url
        self.cap = _capabilities(driver)

    def init(self, url: str | None = None) -> db1_con_t:
        """Connect (9.2.1); to the URL that was bound where none is given. For one process only."""
        return db1_con_t(self._driver.connect(self._url if url is None else DbUrl.parse(url)))

    def close(self, h: db1_con_t) -> None:
        """9.2.2"""
        h.connection.close()

    def use_table(self, h: db1_con_t, t: str) -> None:
        """The table of what follows (9.2.3)."""
        h.table = t

    def query(
        self,
        h: db1_con_t,
        k: Sequence[db_key_t] = (),
        op: Sequence[db_op_t] = (),
        v: Sequence[db_val_t] = (),
        c: Sequence[db_key_t] = (),
        o: db_key_t | None = None,
        *,
        fetch: bool = False,
    ) -> db1_res_t:
        """Rows where each of ``k`` stands to its ``v`` as ``op`` says, ``=`` by default (9.2.4).

        All columns where ``c`` names none. With ``fetch`` no row yet: ``fetch_result`` gives them.
        """
        found = h.connection.query(_table(h), c, _where(k, op, v), o)
        if not fetch:
            return _result(found)
        h.pending = found
        return db1_res_t(found.columns, (), len(found.rows), 0)

    def fetch_result(self, h: db1_con_t, r: db1_res_t, n: int) -> None:
        """The next ``n`` rows into ``r``, fewer or none at the end; all for 0 (9.2.5)."""
        if h.pending is None:
            raise DbError("fetch_result: there is no query of which rows could be fetched")
        if n < 0:
            raise DbError(f"fetch_result takes a number of rows, not {n}")
        rows = h.pending.rows[r.last_row : r.last_row + n if n else None]
        r.rows = tuple(tuple(map(_value, row)) for row in rows)
        r.last_row += len(rows)

    def raw_query(self, h: db1_con_t, s: str, *parameters: Value) -> db1_res_t:
        """Any statement (9.2.6); ``parameters`` bind its ``?`` marks."""
        return _result(h.connection.raw_query(s, parameters))

    def free_result(self, h: db1_con_t, r: db1_res_t) -> None:
        """Give the rows up (9.2.7)."""
        h.pending = None
        r.rows = ()

    def insert(self, h: db1_con_t, k: Sequence[db_key_t], v: Sequence[db_val_t]) -> None:
        """Add a row (9.2.8)."""
        h.connection.insert(_table(h), _row(k, v))

    def delete(
        self,
        h: db1_con_t,
        k: Sequence[db_key_t] = (),
        o: Sequence[db_op_t] = (),
        v: Sequence[db_val_t] = (),
    ) -> None:
        """Remove rows (9.2.9), all where no key is given."""
        h.connection.delete(_table(h), _where(k, o, v))

    def update(
        self,
        h: db1_con_t,
        k: Sequence[db_key_t],
        o: Sequence[db_op_t],
        v: Sequence[db_val_t],
        uk: Sequence[db_key_t],
        uv: Sequence[db_val_t],
    ) -> None:
        """Set ``uk`` to ``uv`` where the keys match (9.2.10)."""
        h.connection.update(_table(h), _row(uk, uv), _where(k, o, v))

    def replace(
        self,
        h: db1_con_t,
        k: Sequence[db_key_t],
        v: Sequence[db_val_t],
        unique: Sequence[db_key_t] = (),
    ) -> None:
        """Add a row, or overwrite the one that has the same ``unique`` columns (9.2.11)."""
        h.connection.replace(_table(h), _row(k, v), unique)

    def last_inserted_id(self, h: db1_con_t) -> int:
        """The key of the row that this connection inserted last (9.2.12)."""
        return h.connection.last_inserted_id()

    def insert_update(
        self,
        h: db1_con_t,
        k: Sequence[db_key_t],
        v: Sequence[db_val_t],
        unique: Sequence[db_key_t],
    ) -> None:
        """Add a row, or update the one that has the same ``unique`` columns (9.2.13)."""
        h.connection.insert_update(_table(h), _row(k, v), unique)

    def insert_delayed(self, h: db1_con_t, k: Sequence[db_key_t], v: Sequence[db_val_t]) -> None:
        """Add a row without waiting, where the database can do that (9.2.14); ours insert."""
        self.insert(h, k, v)

    def affected_rows(self, h: db1_con_t) -> int:
        """How many rows the last change touched (9.2.15)."""
        return h.connection.affected_rows()

    def start_transaction(self, h: db1_con_t) -> None:
        """What follows is done as a whole (``db.h``)."""
        h.connection.begin()

    def end_transaction(self, h: db1_con_t) -> None:
        """Keep its work."""
        h.connection.commit()

    def abort_transaction(self, h: db1_con_t) -> None:
        """Undo its work."""
        h.connection.rollback()


def db_bind_mod(modules: Mapping[str, object], url: str) -> db_func_t:
    """The functions of the loaded module that serves ``url``; ``modules`` is ``server.modules``.

    In ``mod_init``. Raises DbError: no such URL, or the module to load.
    """
    parsed = DbUrl.parse(url)
    return db_func_t(find_driver(modules, parsed), parsed)


def DB_CAPABILITY(dbf: db_func_t, cap: db_cap) -> bool:
    """Can the driver do all of this?"""
    return dbf.cap & cap == cap


def db_check_table_version(dbf: db_func_t, h: db1_con_t, table: str, version: int) -> None:
    """Raises DbError where the table is of another version, and says what to do."""
    h.connection.check_table_version(table, version)


def _capabilities(driver: Driver) -> db_cap:
    found = db_cap.DB_CAP_FETCH
    for capability in driver.capabilities:
        if capability is not Capability.TRANSACTIONS:
            found |= db_cap[f"DB_CAP_{capability.name}"]
    return found


def _table(h: db1_con_t) -> str:
    if not h.table:
        raise DbError("no table: call use_table first")
    return h.table


def _pairs(
    keys: Sequence[db_key_t], values: Sequence[db_val_t]
) -> Sequence[tuple[db_key_t, db_val_t]]:
    if len(keys) != len(values):
        raise DbError(f"{len(keys)} columns and {len(values)} values")
    return list(zip(keys, values, strict=True))


def _where(
    keys: Sequence[db_key_t], ops: Sequence[db_op_t], values: Sequence[db_val_t]
) -> list[Where]:
    pairs = _pairs(keys, values)
    if ops and len(ops) != len(keys):
        raise DbError(f"{len(keys)} columns and {len(ops)} operators")
    signs = ops or [OP_EQ] * len(keys)
    return [Where(key, value.val, op) for (key, value), op in zip(pairs, signs, strict=True)]


def _row(keys: Sequence[db_key_t], values: Sequence[db_val_t]) -> dict[str, Value]:
    if not keys:
        raise DbError("a row needs columns")
    return {key: value.val for key, value in _pairs(keys, values)}


def _result(found: Result) -> db1_res_t:
    rows = tuple(tuple(map(_value, row)) for row in found.rows)
    return db1_res_t(found.columns, rows, len(rows), len(rows))


def _value(cell: Value) -> db_val_t:
    if isinstance(cell, BigInt):
        return db_val_t(db_type_t.DB1_BIGINT, cell)
    if isinstance(cell, int):
        small = -(2**31) <= cell < 2**31
        return db_val_t(db_type_t.DB1_INT if small else db_type_t.DB1_BIGINT, cell)
    if isinstance(cell, float):
        return db_val_t(db_type_t.DB1_DOUBLE, cell)
    if isinstance(cell, datetime):
        return db_val_t(db_type_t.DB1_DATETIME, cell)
    return db_val_t(db_type_t.DB1_STR, cell)
