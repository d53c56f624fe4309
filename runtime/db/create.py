"""Making a database: what ``kcc db create`` does."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from hashlib import md5
from pathlib import Path

from runtime.db.errors import DbError
from runtime.db.schema import select, sqlite_ddl
from runtime.db.url import DbUrl


def create(url: DbUrl, groups: Iterable[str]) -> list[str]:
    """Make the tables of `groups` that the database lacks; their names. Raises `DbError`."""
    made: list[str] = []
    sqlite = _open(url, create_file=True)
    try:
        with sqlite:
            sqlite.execute("BEGIN IMMEDIATE")
            present = {
                name
                for (name,) in sqlite.execute("SELECT name FROM sqlite_master WHERE type='table'")
            }
            for table in select(groups):
                if table.name in present:
                    continue
                for statement in sqlite_ddl(table):
                    sqlite.execute(statement)
                sqlite.execute(
                    "INSERT INTO version (table_name, table_version) VALUES (?, ?)",
                    (table.name, table.version),
                )
                made.append(table.name)
    except sqlite3.Error as error:
        raise DbError(f"cannot create tables in {url}: {error}") from None
    finally:
        sqlite.close()
    return made


def add_subscriber(url: DbUrl, username: str, domain: str, password: str) -> None:
    """Add one account to ``subscriber``, or change its password. Raises `DbError`."""
    ha1 = md5(f"{username}:{domain}:{password}".encode()).hexdigest()
    ha1b = md5(f"{username}@{domain}:{domain}:{password}".encode()).hexdigest()
    sqlite = _open(url, create_file=False)
    try:
        with sqlite:
            sqlite.execute(
                "INSERT INTO subscriber (username, domain, password, ha1, ha1b)"
                " VALUES (?, ?, ?, ?, ?) ON CONFLICT(username, domain) DO UPDATE SET"
                " password=excluded.password, ha1=excluded.ha1, ha1b=excluded.ha1b",
                (username, domain, password, ha1, ha1b),
            )
    except sqlite3.Error as error:
        raise DbError(f"cannot add {username}@{domain} to {url}: {error}") from None
    finally:
        sqlite.close()


def _open(url: DbUrl, *, create_file: bool) -> sqlite3.Connection:
    if url.scheme != "sqlite":
        raise DbError(f"`kcc db` serves sqlite:///path URLs, not {url.scheme}://")
    path = Path(url.database)
    if not create_file and not path.is_file():
        raise DbError(f"no database at {path}: create it with `kcc db create`")
    try:
        if create_file:
            path.touch(mode=0o600, exist_ok=True)
        return sqlite3.connect(path, isolation_level=None)
    except (OSError, sqlite3.Error) as error:
        raise DbError(f"cannot open {path}: {error}") from None
