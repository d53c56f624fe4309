"""The tables of Kamailio 5.6: read from ``schema.toml``, written as DDL of a database.

The facts (names, types, sizes, defaults, unique and other indexes, versions) are those that
``kamdbctl create`` makes, so that either server can use the database.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from runtime.db.errors import DbError

STANDARD_GROUPS: tuple[str, ...] = (
    *("standard", "acc", "lcr", "domain", "group", "permissions", "registrar", "usrloc", "msilo"),
    *("alias_db", "uri_db", "speeddial", "avpops", "auth_db", "pdt", "dialog", "dispatcher"),
    *("dialplan", "topos", "presence", "rls"),
)
"""What ``kamdbctl create`` makes by default, presence included."""

_SIZED = re.compile(r"str\((\d+)\)\Z")


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `default` is the SQL literal of its default, None where it has none."""

    name: str
    type: str  # serial, int, smallint, double, text, blob, datetime, str
    size: int | None
    null: bool
    default: str | None


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a kamdbctl group, with the version that modules check for."""

    group: str
    name: str
    version: int
    columns: tuple[Column, ...]
    unique: tuple[tuple[str, ...], ...]
    index: tuple[tuple[str, ...], ...]


@cache
def tables() -> tuple[Table, ...]:
    """Every table, the ``version`` table first."""
    data = tomllib.loads(files("runtime.db").joinpath("schema.toml").read_text("utf-8"))
    return tuple(
        Table(
            group=entry["group"],
            name=entry["name"],
            version=entry["version"],
            columns=tuple(_column(line) for line in entry["columns"].strip().splitlines()),
            unique=tuple(tuple(names) for names in entry.get("unique", ())),
            index=tuple(tuple(names) for names in entry.get("index", ())),
        )
        for entry in data["table"]
    )


def select(groups: Iterable[str]) -> tuple[Table, ...]:
    """The tables of `groups`, and ``version`` always. Raises `DbError` for an unknown group."""
    wanted = {"standard", *groups}
    known = {table.group for table in tables()}
    if unknown := sorted(wanted - known):
        raise DbError(f"no such group of tables: {', '.join(unknown)} (one of {sorted(known)})")
    return tuple(table for table in tables() if table.group in wanted)


def sqlite_ddl(table: Table) -> Iterator[str]:
    """The statements that make `table` in SQLite."""
    lines = [_sqlite_column(column) for column in table.columns]
    lines += [f"UNIQUE ({', '.join(names)})" for names in table.unique]
    yield f"CREATE TABLE {table.name} (\n    " + ",\n    ".join(lines) + "\n)"
    for number, names in enumerate(table.index, 1):
        yield f"CREATE INDEX {table.name}_{number}_idx ON {table.name} ({', '.join(names)})"


def _column(line: str) -> Column:
    name, kind, *rest = line.split(" ", 2)
    words = rest[0] if rest else ""
    null = words.startswith("null")
    default = words.removeprefix("null").strip().removeprefix("default ") or None
    sized = _SIZED.match(kind)
    if sized:
        return Column(name, "str", int(sized[1]), null, default)
    return Column(name, kind, None, null, default)


_SQLITE = {
    "int": "INTEGER",
    "smallint": "SMALLINT",
    "double": "REAL",
    "text": "TEXT",
    "blob": "BLOB",
    "datetime": "TIMESTAMP WITHOUT TIME ZONE",
}


def _sqlite_column(column: Column) -> str:
    if column.type == "serial":
        return f"{column.name} INTEGER PRIMARY KEY NOT NULL"
    kind = f"VARCHAR({column.size})" if column.size else _SQLITE[column.type]
    tail = f" DEFAULT {column.default}" if column.default is not None else ""
    return f"{column.name} {kind}{tail}{'' if column.null else ' NOT NULL'}"
