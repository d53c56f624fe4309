"""Chapter 9 of the guide: the DB1 API, ``runtime/lib/srdb1``, on a file of SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from runtime.db.errors import DbDuplicate, DbError, DbUnavailable
from runtime.declare.exports import Exports
from runtime.lib.srdb1.db import (
    DB_CAPABILITY,
    OP_GEQ,
    OP_GT,
    OP_LEQ,
    OP_LT,
    OP_NEQ,
    RES_COL_N,
    RES_NAMES,
    RES_ROW_N,
    RES_ROWS,
    ROW_N,
    ROW_VALUES,
    VAL_BLOB,
    VAL_DOUBLE,
    VAL_INT,
    VAL_NULL,
    VAL_STR,
    VAL_TIME,
    VAL_TYPE,
    db1_con_t,
    db_bind_mod,
    db_cap,
    db_check_table_version,
    db_func_t,
    db_op_t,
    db_type_t,
    db_val_t,
)
from runtime.modules.db_sqlite.module import Module as DbSqlite

INT, BIGINT, STR = db_type_t.DB1_INT, db_type_t.DB1_BIGINT, db_type_t.DB1_STR
DOUBLE, DATETIME, BLOB = db_type_t.DB1_DOUBLE, db_type_t.DB1_DATETIME, db_type_t.DB1_BLOB
TABLES = """
CREATE TABLE test (a INT, b VARCHAR(64));
CREATE TABLE silo (id INTEGER PRIMARY KEY, name VARCHAR(32) UNIQUE, big BIGINT, rate DOUBLE,
    at DATETIME, body BLOB);
CREATE TABLE version (table_name VARCHAR(32), table_version INT);
INSERT INTO version VALUES ('test', 3);
"""


class Loaded:
    """The part of the server that a module is made with."""

    exports = Exports("none")


@pytest.fixture(name="dbf")
def _dbf(tmp_path: Path) -> db_func_t:
    with closing(sqlite3.connect(tmp_path / "test.db")) as database:
        database.executescript(TABLES)
    modules = {"db_sqlite": DbSqlite(Loaded())}  # type: ignore[arg-type]
    return db_bind_mod(modules, f"sqlite:///{tmp_path}/test.db")


@pytest.fixture(name="h")
def _h(dbf: db_func_t) -> Iterator[db1_con_t]:
    h = dbf.init()
    dbf.use_table(h, "test")
    yield h
    dbf.close(h)


def fill(dbf: db_func_t, h: db1_con_t, count: int = 5) -> None:
    for n in range(count):
        dbf.insert(h, ("a", "b"), (db_val_t(INT, n), db_val_t(STR, b"v%d" % n)))


def column(dbf: db_func_t, h: db1_con_t, op: db_op_t, value: int) -> list[int]:
    found = dbf.query(h, ("a",), (op,), (db_val_t(INT, value),), ("a",), "a")
    return [VAL_INT(row[0]) for row in RES_ROWS(found)]


def test_9_1_capabilities(dbf: db_func_t) -> None:
    assert DB_CAPABILITY(dbf, db_cap.DB_CAP_QUERY | db_cap.DB_CAP_DELETE | db_cap.DB_CAP_INSERT)
    assert not DB_CAPABILITY(dbf, db_cap.DB_CAP_AFFECTED_ROWS | db_cap.DB_CAP_QUERY)
    with pytest.raises(DbError, match="db_mysql"):
        db_bind_mod({}, "mysql://u:p@h/d")
    with pytest.raises(DbError):
        db_bind_mod({}, "no url")


def test_9_2_1_and_9_2_2_init_and_close(dbf: db_func_t, tmp_path: Path) -> None:
    h = dbf.init(f"sqlite:///{tmp_path}/test.db")
    dbf.close(h)
    dbf.use_table(h, "test")
    with pytest.raises(DbError):
        dbf.query(h)
    with pytest.raises(DbUnavailable, match="does not exist"):
        dbf.init(f"sqlite:///{tmp_path}/absent.db")


def test_9_2_3_use_table(dbf: db_func_t, h: db1_con_t) -> None:
    dbf.use_table(h, "test; DROP TABLE silo")
    with pytest.raises(DbError, match="not a table"):
        dbf.query(h)
    dbf.use_table(h, "")
    with pytest.raises(DbError, match="use_table"):
        dbf.query(h)


def test_9_2_4_query(dbf: db_func_t, h: db1_con_t) -> None:
    fill(dbf, h)
    everything = dbf.query(h)
    assert RES_NAMES(everything) == ("a", "b") and RES_COL_N(everything) == 2
    assert RES_ROW_N(everything) == everything.n == 5
    assert [column(dbf, h, op, 2) for op in ("=", OP_LT, OP_GT, OP_LEQ, OP_GEQ, OP_NEQ)] == [
        *([2], [0, 1], [3, 4], [0, 1, 2], [2, 3, 4], [0, 1, 3, 4])
    ]
    both = dbf.query(h, ("a", "b"), (OP_GEQ, "="), (db_val_t(INT, 1), db_val_t(STR, b"v3")), ("a",))
    assert [VAL_INT(row[0]) for row in RES_ROWS(both)] == [3]
    with pytest.raises(DbError, match="2 columns and 1 values"):
        dbf.query(h, ("a", "b"), (), (db_val_t(INT, 1),))
    with pytest.raises(DbError, match="operators"):
        dbf.query(h, ("a",), (OP_LT, OP_GT), (db_val_t(INT, 1),))


def test_9_2_5_fetch_result(dbf: db_func_t, h: db1_con_t) -> None:
    fill(dbf, h)
    found = dbf.query(h, o="a", fetch=True)
    assert (found.n, found.res_rows, found.last_row) == (0, 5, 0)
    seen = []
    while True:
        dbf.fetch_result(h, found, 2)
        if not found.rows:
            break
        seen.append([VAL_INT(row[0]) for row in found.rows])
    assert seen == [[0, 1], [2, 3], [4]] and found.last_row == 5
    with pytest.raises(DbError):
        dbf.fetch_result(h, found, -1)
    dbf.free_result(h, found)
    with pytest.raises(DbError, match="no query"):
        dbf.fetch_result(h, found, 1)


def test_9_2_6_raw_query(dbf: db_func_t, h: db1_con_t) -> None:
    fill(dbf, h)
    found = dbf.raw_query(h, "SELECT count(*) FROM test WHERE b <> ?", b"'; DROP TABLE test")
    assert VAL_INT(ROW_VALUES(RES_ROWS(found)[0])[0]) == 5
    with pytest.raises(DbError):
        dbf.raw_query(h, "SELECT FROM")


def test_9_2_8_to_9_2_10_insert_update_delete(dbf: db_func_t, h: db1_con_t) -> None:
    fill(dbf, h)
    dbf.update(h, ("a",), (OP_GT,), (db_val_t(INT, 2),), ("b",), (db_val_t(STR, None),))
    found = dbf.query(h, ("b",), (), (db_val_t(STR, None),), ("a",), "a")
    assert [VAL_INT(row[0]) for row in RES_ROWS(found)] == [3, 4]
    dbf.delete(h, ("a",), (OP_LEQ,), (db_val_t(INT, 3),))
    assert column(dbf, h, OP_GEQ, 0) == [4]
    dbf.delete(h)
    assert RES_ROW_N(dbf.query(h)) == 0
    with pytest.raises(DbError, match="columns"):
        dbf.insert(h, (), ())


def test_9_2_11_to_9_2_14_rows_that_are_there(dbf: db_func_t, h: db1_con_t) -> None:
    dbf.use_table(h, "silo")
    row = ("name", "big"), (db_val_t(STR, b"x"), db_val_t(BIGINT, 2**40))
    dbf.insert(h, *row)
    assert dbf.last_inserted_id(h) == 1
    with pytest.raises(DbDuplicate):
        dbf.insert_delayed(h, *row)
    dbf.insert_update(h, ("name", "big"), (db_val_t(STR, b"x"), db_val_t(INT, 5)), ("name",))
    dbf.insert_update(h, ("name", "big"), (db_val_t(STR, b"y"), db_val_t(INT, 6)), ("name",))
    dbf.replace(h, ("name", "rate"), (db_val_t(STR, b"y"), db_val_t(DOUBLE, 0.5)))
    rows = dbf.query(h, c=("name", "big", "rate"), o="name").rows
    assert [[cell.val for cell in row] for row in rows] == [[b"x", 5, None], [b"y", None, 0.5]]


def test_9_2_15_affected_rows(dbf: db_func_t, h: db1_con_t) -> None:
    """As in Kamailio, SQLite's driver does not have it; 9.1 says so before it is called."""
    with pytest.raises(DbError, match="does not count"):
        dbf.affected_rows(h)


def test_9_3_types_and_9_4_macros(dbf: db_func_t, h: db1_con_t) -> None:
    when = datetime(2026, 11, 24, 8, 0, 1, tzinfo=UTC)
    values = (
        db_val_t(STR, b"'\"\\\0\xff"),
        db_val_t(BIGINT, -(2**63)),
        db_val_t(DOUBLE, 1.25),
        db_val_t(DATETIME, when),
        db_val_t(BLOB, bytes(range(256))),
    )
    dbf.use_table(h, "silo")
    dbf.insert(h, ("name", "big", "rate", "at", "body"), values)
    (row,) = RES_ROWS(dbf.query(h, c=("id", "name", "big", "rate", "at", "body")))
    assert ROW_N(row) == 6 and not any(map(VAL_NULL, row))
    assert (VAL_INT(row[0]), VAL_TYPE(row[0])) == (1, INT)
    assert VAL_STR(row[1]) == values[0].val
    assert (VAL_INT(row[2]), VAL_TYPE(row[2])) == (-(2**63), BIGINT)
    assert (VAL_DOUBLE(row[3]), VAL_TIME(row[4])) == (1.25, when)
    assert VAL_BLOB(row[5]) == bytes(range(256))
    for read in (VAL_STR, VAL_DOUBLE, VAL_TIME):
        with pytest.raises(DbError):
            read(row[0])
    with pytest.raises(DbError):
        VAL_INT(db_val_t(INT, None))
    for kind, value in ((INT, 2**31), (INT, b"1"), (BIGINT, 2**63), (STR, 1), (DATETIME, 0)):
        with pytest.raises(DbError):
            db_val_t(kind, value)


def test_transactions_and_versions(dbf: db_func_t, h: db1_con_t) -> None:
    dbf.start_transaction(h)
    fill(dbf, h)
    dbf.abort_transaction(h)
    assert RES_ROW_N(dbf.query(h)) == 0
    dbf.start_transaction(h)
    fill(dbf, h)
    dbf.end_transaction(h)
    assert RES_ROW_N(dbf.query(h)) == 5
    db_check_table_version(dbf, h, "test", 3)
    with pytest.raises(DbError, match="has version 3"):
        db_check_table_version(dbf, h, "test", 4)


def db_example(dbf: db_func_t) -> bytes | None:
    """The example of 9.5: the first ``b`` where ``a`` is 1, None where there is none."""
    if not DB_CAPABILITY(dbf, db_cap.DB_CAP_QUERY):
        return None
    db_handle = dbf.init()
    try:
        dbf.use_table(db_handle, "test")
        db_res = dbf.query(db_handle, ("a",), (), (db_val_t(INT, 1),), ("b",))
        if RES_ROW_N(db_res) <= 0 or VAL_NULL(RES_ROWS(db_res)[0][0]):
            return None
        return VAL_STR(RES_ROWS(db_res)[0][0])
    finally:
        dbf.close(db_handle)


def test_9_5_example_of_usage(dbf: db_func_t, h: db1_con_t) -> None:
    assert db_example(dbf) is None
    fill(dbf, h)
    assert db_example(dbf) == b"v1"
    dbf.update(h, ("a",), (), (db_val_t(INT, 1),), ("b",), (db_val_t(STR, None),))
    assert db_example(dbf) is None
