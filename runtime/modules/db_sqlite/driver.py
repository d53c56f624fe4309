"""SQLite behind the DB API, through the standard library's ``sqlite3``.

Columns keep the types they were declared with (`_reader`), as ``db_sqlite/dbase.c`` does; times
are stored as Julian day numbers, so that Kamailio reads what we write and the other way round.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from runtime.db.api import (
    OPERATORS,
    BigInt,
    Capability,
    Connection,
    Result,
    Row,
    Value,
    Where,
    identifier,
    utc,
)
from runtime.db.errors import DbDuplicate, DbError, DbUnavailable

BUSY_TIMEOUT = 2.0
"""Seconds to wait for another process's lock on the file."""

_UNIX_EPOCH_JULIAN = 2440587.5
_SECONDS_A_DAY = 86400.0


class SqliteConnection(Connection):
    """One open database file of one process."""

    capabilities = (
        Capability.QUERY
        | Capability.RAW_QUERY
        | Capability.INSERT
        | Capability.DELETE
        | Capability.UPDATE
        | Capability.REPLACE
        | Capability.INSERT_UPDATE
        | Capability.LAST_INSERTED_ID
        | Capability.TRANSACTIONS
    )

    def __init__(self, path: str, *, readonly: bool = False, journal_mode: str = "") -> None:
        """Open the file at `path`, which must exist. Raises `DbUnavailable` naming it."""
        file = Path(path)
        if not file.is_file():
            raise DbUnavailable(
                f"SQLite database {path!r} does not exist: create it with `kcc db create`"
            )
        uri = f"{file.resolve().as_uri()}?mode={'ro' if readonly else 'rw'}"
        try:
            self._sqlite = sqlite3.connect(
                uri,
                uri=True,
                timeout=BUSY_TIMEOUT,
                isolation_level=None,
                detect_types=sqlite3.PARSE_DECLTYPES,
            )
            _register_converters()
            self._sqlite.text_factory = bytes
            if journal_mode:
                self._sqlite.execute(f"PRAGMA journal_mode={identifier(journal_mode)}")
        except sqlite3.Error as error:
            raise DbUnavailable(f"cannot open SQLite database {path!r}: {error}") from None
        self.path = path
        self._readers: dict[tuple[str, tuple[str, ...]], tuple[Callable[[object], Value], ...]] = {}
        self._declared: dict[str, dict[str, str]] = {}

    def query(
        self,
        table: str,
        columns: Sequence[str] = (),
        where: Sequence[Where] = (),
        order: str | None = None,
        limit: int | None = None,
    ) -> Result:
        """Rows of `table`, each cell by its column's declared type."""
        wanted = ", ".join(identifier(name) for name in columns) or "*"
        condition, bound = _where(where)
        sql = f"SELECT {wanted} FROM {identifier(table)}{condition}"
        if order:
            sql += f" ORDER BY {identifier(order)}"
        if limit is not None:
            sql += f" LIMIT {int(limit)}"
        cursor = self._execute(sql, bound)
        names = tuple(entry[0] for entry in cursor.description)
        readers = self._table_readers(table, names)
        return Result(names, tuple(_read_row(readers, row) for row in self._fetch(cursor)))

    def insert(self, table: str, values: Mapping[str, Value]) -> None:
        """Add one row. Raises `DbDuplicate` where a unique index refuses it."""
        self._write(f"INSERT INTO {identifier(table)} {_row_clause(values)}", values.values())

    def update(self, table: str, values: Mapping[str, Value], where: Sequence[Where]) -> int:
        """Change rows; how many."""
        settings = ", ".join(f"{identifier(name)}=?" for name in values)
        condition, bound = _where(where)
        cursor = self._execute(
            f"UPDATE {identifier(table)} SET {settings}{condition}",
            [*map(_bind, values.values()), *bound],
        )
        return cursor.rowcount

    def delete(self, table: str, where: Sequence[Where] = ()) -> int:
        """Remove rows; how many."""
        condition, bound = _where(where)
        return self._execute(f"DELETE FROM {identifier(table)}{condition}", bound).rowcount

    def replace(self, table: str, values: Mapping[str, Value], unique: Sequence[str]) -> None:
        """Insert, or overwrite the row that a unique index finds."""
        self._write(f"REPLACE INTO {identifier(table)} {_row_clause(values)}", values.values())

    def insert_update(self, table: str, values: Mapping[str, Value], unique: Sequence[str]) -> None:
        """Insert, or update the row that has the same `unique` columns."""
        keys = ", ".join(identifier(name) for name in unique)
        settings = ", ".join(f"{name}=excluded.{name}" for name in values)
        sql = f"INSERT INTO {identifier(table)} {_row_clause(values)}"
        self._write(f"{sql} ON CONFLICT({keys}) DO UPDATE SET {settings}", values.values())

    def raw_query(self, sql: str, parameters: Sequence[Value] = ()) -> Result:
        """One statement, the first of several; cells come as SQLite stores them."""
        cursor = self._execute(_first(sql), [_bind(value) for value in parameters])
        if cursor.description is None:
            return Result((), ())
        names = tuple(entry[0] for entry in cursor.description)
        readers = (_stored,) * len(names)
        return Result(names, tuple(_read_row(readers, row) for row in self._fetch(cursor)))

    def last_inserted_id(self) -> int:
        """SQLite's ``last_insert_rowid()``."""
        (number,) = self._execute("SELECT last_insert_rowid()", ()).fetchone()
        return int(number)

    def begin(self) -> None:
        """Take the write lock at once, so that the block cannot fail half way for it."""
        self._execute("BEGIN IMMEDIATE", ())

    def commit(self) -> None:
        """Make the transaction's work last."""
        self._execute("COMMIT", ())

    def rollback(self) -> None:
        """Undo it; nothing happens where the database has undone it already."""
        if self._sqlite.in_transaction:
            self._execute("ROLLBACK", ())

    def close(self) -> None:
        """Close the file."""
        self._sqlite.close()

    def _execute(self, sql: str, bound: Sequence[object]) -> sqlite3.Cursor:
        try:
            return self._sqlite.execute(sql, bound)
        except sqlite3.Error as error:
            raise self._error(error) from None
        except (OverflowError, ValueError, sqlite3.Warning) as error:
            raise DbError(f"SQLite database {self.path!r}: {error}") from None

    def _write(self, sql: str, values: Iterable[Value]) -> None:
        self._execute(sql, [_bind(value) for value in values])

    def _fetch(self, cursor: sqlite3.Cursor) -> list[tuple[object, ...]]:
        try:
            return cursor.fetchall()
        except sqlite3.Error as error:
            raise self._error(error) from None

    def _error(self, error: sqlite3.Error) -> DbError:
        text = f"SQLite database {self.path!r}: {error}"
        if isinstance(error, sqlite3.IntegrityError):
            return DbDuplicate(text)
        if isinstance(error, sqlite3.OperationalError):
            return DbUnavailable(text)
        return DbError(text)

    def _table_readers(
        self, table: str, names: tuple[str, ...]
    ) -> tuple[Callable[[object], Value], ...]:
        readers = self._readers.get((table, names))
        if readers is None:
            if table not in self._declared:
                rows = self._execute(f"PRAGMA table_info({identifier(table)})", ()).fetchall()
                self._declared[table] = {
                    row[1].decode(errors="replace"): row[2].decode(errors="replace").upper()
                    for row in rows
                }
            declared = self._declared[table]
            readers = tuple(_reader(declared.get(name, "")) for name in names)
            self._readers[table, names] = readers
        return readers


def _first(sql: str) -> str:
    """The first statement of a text (``sqlite3_prepare``). Raises DbError where there is none."""
    if not sql.strip(" \t\r\n;"):
        raise DbError("the query is empty")
    end = sql.find(";")
    while 0 <= end < len(sql) - 1:
        if sqlite3.complete_statement(sql[: end + 1]):
            return sql[: end + 1]
        end = sql.find(";", end + 1)
    return sql


def _register_converters() -> None:
    """Cells of columns that were declared so keep it in raw queries too."""
    sqlite3.register_converter("BIGINT", lambda text: BigInt(_integer(text)))
    for declared in ("DATETIME", "TIMESTAMP", "DATE", "TIME"):
        sqlite3.register_converter(declared, _converted_time)


def _converted_time(text: bytes) -> Value:
    with suppress(ValueError):
        return _time(float(text))
    return _time(text)


def _where(where: Sequence[Where]) -> tuple[str, list[object]]:
    terms: list[str] = []
    bound: list[object] = []
    for condition in where:
        if condition.op not in OPERATORS:
            raise DbError(f"{condition.op!r} is not an operator of the DB API")
        if condition.value is None and condition.op in ("=", "!="):
            negation = "" if condition.op == "=" else " NOT"
            terms.append(f"{identifier(condition.column)} IS{negation} NULL")
            continue
        terms.append(f"{identifier(condition.column)}{condition.op}?")
        bound.append(_bind(condition.value))
    return (f" WHERE {' AND '.join(terms)}" if terms else ""), bound


def _row_clause(values: Mapping[str, Value]) -> str:
    names = ", ".join(identifier(name) for name in values)
    return f"({names}) VALUES ({', '.join('?' * len(values))})"


def _bind(value: Value) -> object:
    """A value for SQLite: octets as text where they are UTF-8 (so that affinity and `=` work)."""
    if isinstance(value, bytes):
        with suppress(UnicodeDecodeError):
            return value.decode()
        return value
    if isinstance(value, datetime):
        return julian(value)
    return value


def julian(when: datetime) -> float:
    """`when` as Kamailio's db_sqlite stores it (half a second early, for its rounding)."""
    return (when.timestamp() - 0.5) / _SECONDS_A_DAY + _UNIX_EPOCH_JULIAN


def from_julian(day: float) -> datetime:
    """The whole second that `julian` made `day` from."""
    return utc(round((day - _UNIX_EPOCH_JULIAN) * _SECONDS_A_DAY + 0.5))


def _read_row(readers: Sequence[Callable[[object], Value]], row: tuple[object, ...]) -> Row:
    return tuple(
        None if cell is None else read(cell) for read, cell in zip(readers, row, strict=True)
    )


def _reader(declared: str) -> Callable[[object], Value]:
    if "INT" in declared:
        return _integer
    if re.search("CHAR|CLOB|TEXT|BLOB", declared):
        return _octets
    if re.search("REAL|FLOA|DOUB", declared):
        return _double
    if re.search("TIME|DATE", declared):
        return _time
    return _stored


def _stored(cell: object) -> Value:
    if isinstance(cell, (bytes, int, float, datetime)):
        return cell
    return str(cell).encode()


def _integer(cell: object) -> int:
    try:
        return int(cell)  # type: ignore[call-overload, no-any-return]
    except (TypeError, ValueError):
        return 0


def _octets(cell: object) -> Value:
    return cell if isinstance(cell, bytes) else str(cell).encode()


def _double(cell: object) -> Value:
    try:
        return float(cell)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return 0.0


def _time(cell: object) -> Value:
    if isinstance(cell, datetime):
        return cell
    if isinstance(cell, (int, float)):
        with suppress(ValueError, OverflowError):
            return from_julian(cell)
    if isinstance(cell, bytes):
        with suppress(ValueError):
            return datetime.fromisoformat(cell.decode("ascii", "replace")).replace(tzinfo=UTC)
    return None
