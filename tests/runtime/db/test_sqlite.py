"""The SQLite driver: types, binding, refusals, and the schema beside Kamailio's own."""

import sqlite3
from datetime import UTC, datetime
from hashlib import md5
from pathlib import Path

import pytest

from runtime.db.api import Where, find_driver, identifier
from runtime.db.create import add_subscriber, create
from runtime.db.errors import DbDuplicate, DbError, DbUnavailable
from runtime.db.schema import STANDARD_GROUPS, tables
from runtime.db.url import DbUrl
from runtime.modules.db_sqlite.driver import SqliteConnection

KAMAILIO_DDL = Path("/usr/share/kamailio/db_sqlite")


@pytest.fixture
def url(tmp_path: Path) -> DbUrl:
    url = DbUrl("sqlite", str(tmp_path / "kamailio.sqlite"))
    create(url, STANDARD_GROUPS)
    return url


@pytest.fixture
def connection(url: DbUrl) -> SqliteConnection:
    return SqliteConnection(url.database)


def test_rows_come_back_typed_by_column(connection: SqliteConnection) -> None:
    when = datetime(2026, 11, 24, 8, 0, 1, tzinfo=UTC)
    connection.insert(
        "location",
        {"ruid": b"u-1", "username": b"alice", "expires": when, "q": 0.5, "cseq": 7, "path": None},
    )
    result = connection.query("location", ("username", "expires", "q", "cseq", "path"))
    assert result.rows == ((b"alice", when, 0.5, 7, None),)
    connection.close()


def test_every_second_survives_the_julian_day(connection: SqliteConnection) -> None:
    start = int(datetime(2026, 11, 24, tzinfo=UTC).timestamp())
    for offset in range(0, 86400, 613):
        when = datetime.fromtimestamp(start + offset, UTC)
        connection.replace("location", {"ruid": b"x", "expires": when}, ("ruid",))
        assert connection.query("location", ("expires",)).rows == ((when,),)
    connection.close()


def test_values_never_become_sql(connection: SqliteConnection) -> None:
    hostile = b"'; DROP TABLE location; --\0\xff"
    connection.insert("location", {"ruid": hostile, "username": hostile})
    found = connection.query("location", ("username",), (Where("ruid", hostile),))
    assert found.rows == ((hostile,),)
    assert connection.delete("location", (Where("username", hostile),)) == 1
    connection.close()


@pytest.mark.parametrize("name", ["a b", "a;b", "a'b", "", "1a", "a" * 65, 'a"'])
def test_names_are_checked(name: str) -> None:
    with pytest.raises(DbError):
        identifier(name)


def test_unique_rows(connection: SqliteConnection) -> None:
    connection.insert("location", {"ruid": b"one", "username": b"a"})
    with pytest.raises(DbDuplicate):
        connection.insert("location", {"ruid": b"one"})
    connection.insert_update("location", {"ruid": b"one", "cseq": 9}, ("ruid",))
    assert connection.query("location", ("username", "cseq")).rows == ((b"a", 9),)
    connection.close()


def test_a_broken_block_is_undone(connection: SqliteConnection) -> None:
    def fail() -> None:
        with connection.transaction():
            connection.insert("location", {"ruid": b"one"})
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError):
        fail()
    assert connection.query("location").rows == ()
    connection.close()


def test_absent_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DbUnavailable, match="kcc db create"):
        SqliteConnection(str(tmp_path / "none.sqlite"))


def test_no_driver_names_the_module_to_load() -> None:
    with pytest.raises(DbError, match=r'loadmodule "db_mysql\.so"'):
        find_driver({}, DbUrl.parse("mysql://u:p@h/db"))


def test_versions(connection: SqliteConnection) -> None:
    connection.check_table_version("subscriber", 7)
    with pytest.raises(DbError, match="version 9, this server needs 8"):
        connection.check_table_version("location", 8)
    connection.close()


def test_create_twice_and_accounts(url: DbUrl) -> None:
    assert create(url, STANDARD_GROUPS) == []
    add_subscriber(url, "alice", "example.org", "one")
    add_subscriber(url, "alice", "example.org", "two")
    connection = SqliteConnection(url.database)
    rows = connection.query("subscriber", ("username", "password", "ha1")).rows
    assert [row[:2] for row in rows] == [(b"alice", b"two")]
    assert rows[0][2] == md5(b"alice:example.org:two").hexdigest().encode()
    connection.close()


def _shape(sqlite: sqlite3.Connection) -> dict[str, object]:
    shape: dict[str, object] = {}
    for (name,) in sqlite.execute("SELECT name FROM sqlite_master WHERE type='table'").fetchall():
        columns = [
            (*row[1:4], None if row[4] == "NULL" else row[4], row[5])
            for row in sqlite.execute(f"PRAGMA table_info({name})")
        ]
        indexes = sorted(
            (bool(row[2]), tuple(c[2] for c in sqlite.execute(f"PRAGMA index_info({row[1]})")))
            for row in sqlite.execute(f"PRAGMA index_list({name})").fetchall()
        )
        shape[name] = (columns, indexes)
    shape["versions"] = sorted(sqlite.execute("SELECT table_name, table_version FROM version"))
    return shape


@pytest.mark.oracle
def test_tables_are_those_of_kamailio(tmp_path: Path) -> None:
    url = DbUrl("sqlite", str(tmp_path / "ours.sqlite"))
    create(url, {table.group for table in tables()})
    theirs = sqlite3.connect(":memory:")
    files = sorted(KAMAILIO_DDL.glob("*-create.sql"), key=lambda f: f.name != "standard-create.sql")
    assert files, "Kamailio's db_sqlite scripts are not installed"
    for file in files:
        theirs.executescript(file.read_text())
    ours = sqlite3.connect(url.database)
    assert _shape(ours) == _shape(theirs)
    ours.close()
    theirs.close()
