"""The DB API: what a module asks of a database (guide ch. 9; behaviour ``srdb1/db.h``).

Table and column names come from parameters of the configuration and are checked as identifiers
(`identifier`); values always travel as bound parameters. No text can become SQL.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Flag, auto
from typing import ClassVar, Literal, Protocol, runtime_checkable

from runtime.db.errors import DbError
from runtime.db.url import DbUrl


class BigInt(int):
    """A number of a column that was declared with 64 bits."""


Value = bytes | int | float | datetime | None
"""A cell: text and blobs are octets, times are aware `datetime` in UTC, NULL is None."""

Row = tuple[Value, ...]
Operator = Literal["=", "<", ">", "<=", ">=", "!="]
OPERATORS: frozenset[str] = frozenset(("=", "<", ">", "<=", ">=", "!="))

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}\Z")


class Capability(Flag):
    """What a driver can do (``db_cap.h``)."""

    QUERY = auto()
    RAW_QUERY = auto()
    INSERT = auto()
    DELETE = auto()
    UPDATE = auto()
    REPLACE = auto()
    INSERT_UPDATE = auto()
    LAST_INSERTED_ID = auto()
    AFFECTED_ROWS = auto()
    TRANSACTIONS = auto()


@dataclass(frozen=True, slots=True)
class Where:
    """One condition; conditions of a statement are joined by AND."""

    column: str
    value: Value
    op: Operator = "="


@dataclass(frozen=True, slots=True)
class Result:
    """Rows of a query with the names of their columns."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    def dicts(self) -> Iterator[dict[str, Value]]:
        """Each row as a mapping."""
        for row in self.rows:
            yield dict(zip(self.columns, row, strict=True))


class Connection(ABC):
    """One connection of one process. Never carried over a fork, never shared by threads.

    Every method raises `DbError` (`DbUnavailable` where trying again may help).
    """

    capabilities: ClassVar[Capability]

    @abstractmethod
    def query(
        self,
        table: str,
        columns: Sequence[str] = (),
        where: Sequence[Where] = (),
        order: str | None = None,
        limit: int | None = None,
    ) -> Result:
        """Rows of `table`; all columns where none are named."""

    @abstractmethod
    def insert(self, table: str, values: Mapping[str, Value]) -> None:
        """Add one row."""

    @abstractmethod
    def update(self, table: str, values: Mapping[str, Value], where: Sequence[Where]) -> int:
        """Change rows; how many."""

    @abstractmethod
    def delete(self, table: str, where: Sequence[Where] = ()) -> int:
        """Remove rows; how many."""

    @abstractmethod
    def replace(self, table: str, values: Mapping[str, Value], unique: Sequence[str]) -> None:
        """Insert, or overwrite the row that has the same `unique` columns."""

    @abstractmethod
    def insert_update(self, table: str, values: Mapping[str, Value], unique: Sequence[str]) -> None:
        """Insert, or update the given columns of the row that has the same `unique` columns."""

    @abstractmethod
    def raw_query(self, sql: str, parameters: Sequence[Value] = ()) -> Result:
        """Any statement, as the script wrote it; `parameters` bind ``?`` marks."""

    @abstractmethod
    def last_inserted_id(self) -> int:
        """Key of the row inserted last by this connection."""

    def affected_rows(self) -> int:
        """How many rows the last statement that changes rows touched."""
        raise DbError("this driver does not count the rows that a statement touches")

    @abstractmethod
    def begin(self) -> None:
        """Open a transaction."""

    @abstractmethod
    def commit(self) -> None:
        """Close it, keeping its work."""

    @abstractmethod
    def rollback(self) -> None:
        """Close it, undoing its work."""

    @abstractmethod
    def close(self) -> None:
        """Give the connection back; using it later raises."""

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A block that is wholly done or wholly undone."""
        self.begin()
        try:
            yield
        except BaseException:
            self.rollback()
            raise
        self.commit()

    def table_version(self, table: str) -> int:
        """Version of `table` in the ``version`` table, 0 where it is not listed."""
        result = self.query("version", ("table_version",), (Where("table_name", table.encode()),))
        if not result.rows:
            return 0
        version = result.rows[0][0]
        return version if isinstance(version, int) else 0

    def check_table_version(self, table: str, wanted: int) -> None:
        """Raise `DbError` where `table` is not of version `wanted`, saying what to do."""
        found = self.table_version(table)
        if found != wanted:
            raise DbError(
                f"table {table!r} has version {found}, this server needs {wanted}: "
                "create it with `kcc db create`"
            )


@runtime_checkable
class Driver(Protocol):
    """A database module: it serves URLs of its schemes."""

    @property
    def schemes(self) -> tuple[str, ...]:
        """URL schemes that it takes, ``("sqlite",)``."""

    @property
    def capabilities(self) -> Capability:
        """What its connections can do."""

    def connect(self, url: DbUrl) -> Connection:
        """A new connection for the calling process."""


def find_driver(modules: Mapping[str, object], url: DbUrl) -> Driver:
    """The loaded module that serves `url` (``db_bind_mod``); `DbError` names what to load."""
    for module in modules.values():
        if isinstance(module, Driver) and url.scheme in module.schemes:
            return module
    hint = f"db_{url.scheme}"
    raise DbError(f'no loaded module serves {url.scheme}:// URLs: add loadmodule "{hint}.so"')


def identifier(name: str) -> str:
    """`name` where it can stand as a table or column name. Raises `DbError` otherwise."""
    if not _IDENTIFIER.match(name):
        raise DbError(f"{name!r} is not a table or column name (letters, digits, underscore)")
    return name


def utc(seconds: float) -> datetime:
    """The time `seconds` after 1970 as the DB API carries it."""
    return datetime.fromtimestamp(seconds, UTC)
