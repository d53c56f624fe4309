"""The database functions of ``avpops``, on a SQLite file that both servers find the same."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from tests.runtime.matrix.harness import Case

TABLES = """
CREATE TABLE usr_preferences (id INTEGER PRIMARY KEY NOT NULL, uuid VARCHAR(64) DEFAULT '' NOT NULL,
  username VARCHAR(255) DEFAULT 0 NOT NULL, domain VARCHAR(64) DEFAULT '' NOT NULL,
  attribute VARCHAR(32) DEFAULT '' NOT NULL, type INTEGER DEFAULT 0 NOT NULL,
  value VARCHAR(128) DEFAULT '', last_modified TIMESTAMP DEFAULT '2000-01-01 00:00:01');
CREATE TABLE other (uuid VARCHAR(64), username VARCHAR(64), domain VARCHAR(64) DEFAULT '',
  attribute VARCHAR(32), type INTEGER, value VARCHAR(128));
CREATE TABLE quotas (who VARCHAR(64), usr VARCHAR(64), dom VARCHAR(64), quota INTEGER, name TEXT,
  half DOUBLE, made DATETIME, raw BLOB, big BIGINT);
"""
ROWS = (
    ("u1", "", "", "a", 0, "one"),
    ("u1", "", "", "a", 0, "two"),
    ("u1", "", "", "b", 1, "17"),
    ("u1", "", "", "7", 2, "by id"),
    ("u1", "", "", "8", 3, "88"),
    ("u1", "", "", "bad", 3, "x"),
    ("u1", "", "", "c", 1, "no number"),
    ("u1", "", "", "d", 0, None),
    ("u1", "", "", "e", 0, ""),
    ("", "bob", "example.com", "a", 0, "of bob"),
    ("", "bob", "elsewhere.org", "a", 0, "of bob there"),
    ("", "alice", "example.org", "a", 0, "of alice"),
    ("", "", "example.com", "dom", 0, "whole"),
    ("u2", "", "", "caf\u00e9", 0, "\u00e9"),
    ("u2", "", "", "long", 0, "x" * 3000),
    ("u'3", "", "", "q'", 0, "it's"),
    ("u1", "", "", "neg", 1, "-5"),
    ("u1", "", "", "A", 0, "upper"),
)
OTHERS = (("u1", "", "", "a", 0, "other one"), ("u9", "bob", "example.com", "z", 0, "zed"))
QUOTAS = (
    ("u1", "bob", "example.com", 100, "gold", 1.5, 2459000.5, b"raw\xff", 5000000000),
    ("u1", "bob", "example.com", 200, "silver", 2.25, 2459001.25, b"", -1),
    ("u2", "alice", "example.org", None, None, None, None, None, None),
)
SCHEMES = (
    "quota:table=quotas;uuid_col=who;username_col=usr;domain_col=dom;value_col=quota;value_type=integer",
    "Text: uuid_col=who ; value_col=name ; table=quotas; value_type = string",
    "plain:value_type=string",
)
SHOW = (
    ' $var(out) = "" + $rc; $var(out) = $var(out) + "|" + $(avp(a)[*]) + "|" + $(avp(b)[*]) + "|" +'
    ' $(avp(c)[*]) + "|" + $(avp(d)[*]) + "|" + $(avp(i:7)[*]) + "|" + $(avp(i:8)[*]) + "|" +'
    ' $(avp(dom)[*]) + "|" + $(avp(neg)[*]) + "|" + $(avp(i:1)[*]) + "|" + $(avp(i:2)[*]) + "|" +'
    ' $(avp(i:3)[*]) + "|" + $(avp(long){s.len}) + "|" + $(avp(q\'));'
)
START = '$var(u) = "u1"; $var(n) = "a"; $var(e) = ""; $var(i) = 7; $avp(who) = "u2"; '
SOURCES = (
    "u1",
    "u2",
    "nobody",
    "$var(u)",
    "$ru",
    "$fu",
    "$ru/domain",
    "$ru/username",
    "$ru/uri",
    "$ru/uuid",
    "$var(u)/uuid",
    "$avp(who)",
    "$var(e)",
    "$hdr(X-None)",
    "$null",
    "u1/",
    "u1/x",
    "sip:bob@example.com/uri",
    "$var(u)/uri",
    "$rU",
    "$(ru{uri.user})",
    "u'3",
    "",
    "sip:bob@elsewhere.org/username",
    "$fU",
    "sip:bob@example.com/domain",
)
WANTED = (
    "$avp(a)",
    "$avp(b)",
    "*",
    "s",
    "i",
    "a",
    "$avp(i:7)",
    "$avp(i:8)",
    "$avp(none)",
    "x",
    "",
    "$avp(a)/other",
    "*/other",
    "$avp(a)/",
    "$avp(c)",
    "$rU",
    "$avp(long)",
    "$avp(d)",
    "$avp(e)",
    "$avp(neg)",
    "*/missing",
    "s5",
    "$avp(A)",
    "$avp(q')",
)
LOADED = (
    "$avp(c)/$quota",
    "$avp(a)/$text",
    "$avp(a)/$none",
    "*/$quota",
    "$avp(a)/$",
    "$avp(a)/$plain",
    "$avp(a)/$QUOTA",
)
QUERIES = (
    "select value from usr_preferences where uuid='u1' and attribute='a'",
    "select value, type, attribute from usr_preferences where uuid='$var(u)' order by id",
    "select who, quota, name from quotas",
    "select quota, half, made from quotas",
    "select raw, big, quota from quotas",
    "select count(*) from quotas",
    "select 1, 'two', 3.5",
    "select value from usr_preferences where uuid='nobody'",
    "select nonsense",
    "",
    "select '$rU', '$ru'",
    "select null, 5",
    "insert into other (uuid, attribute, value) values ('q1', 'ins', '$rU')",
    "select value from other where uuid='q1'",
    "select '",
    "select x'00ff41', zeroblob(3)",
    "select 4294967297, -1, 9223372036854775807",
    "select '\u00e9'",
    "$var(e)",
    "select 'a' where 1=0",
    "select made from quotas; select 1",
    "select '" + "y" * 1100 + "'",
    "select sum(quota), avg(quota) from quotas",
    "select quota+1, name||'x' from quotas",
    "select $nosuch",
)
DESTS = (
    None,
    "$avp(a)",
    "$avp(a);$avp(b);$avp(c)",
    "$avp(a),$avp(i:7)",
    "$avp(a) $avp($var(n))",
    "$rU",
    "",
    "a;b",
    "$avp(a);",
    " ;$avp(b)",
    "$avp($var(e));$avp(b)",
)
FRESH = (
    'avp_db_query("delete from usr_preferences");'
    ' avp_db_query("insert into usr_preferences select * from saved");'
)
FILLED = (
    "",
    '$avp(a) = "v1"; $avp(a) = 5; $avp(i:7) = "seven"; $avp(b) = -3;',
    '$avp(a) = "o\'clock"; $avp(a) = ""; $avp(q\') = "x;--";',
)


def calls() -> Iterator[str]:
    """The calls, each with what is set before it."""
    for source in SOURCES:
        for wanted in (*WANTED, *LOADED):
            yield f'avp_db_load("{source}", "{wanted}");'
    for query in QUERIES:
        for dest in DESTS:
            more = "" if dest is None else f', "{dest}"'
            yield f'avp_db_query("{query}"{more});'
    for source in SOURCES:
        for wanted in (*WANTED, *LOADED[:2]):
            for filled in FILLED:
                yield (
                    f"{filled} {FRESH}"
                    f' avp_db_store("{source}", "{wanted}"); $var(rc) = $rc; avp_delete("*");'
                    " avp_db_query(\"select group_concat(v, ';') from (select uuid||'/'||username||"
                    "'/'||domain||'/'||attribute||'/'||type||'/'||value as v from usr_preferences"
                    " where id > 18"
                    ' order by id)", "$avp(a)"); $avp(b) = $var(rc);'
                )
    for source in SOURCES:
        for wanted in (*WANTED, *LOADED[:2]):
            yield (
                f'{FRESH} avp_db_delete("{source}", "{wanted}"); $var(rc) = $rc;'
                ' avp_db_query("select count(*), sum(id) from usr_preferences", "$avp(a);$avp(b)");'
                " $avp(c) = $var(rc);"
            )


def all_cases() -> Iterator[Case]:
    """Every case of this file."""
    for number, call in enumerate(calls()):
        yield Case(f"D{number}", f'{START}\n{call}\n{SHOW}\n avp_delete("*");')


def prepare(folder: Path) -> str:
    """Make the database."""
    path = folder / "avpops.sqlite"
    path.unlink(missing_ok=True)
    # Without use_domain, 5.6.3 stores the domain of a message that is gone.
    with sqlite3.connect(path) as database:
        database.executescript(TABLES)
        for table, rows in (("usr_preferences", ROWS), ("other", OTHERS)):
            database.executemany(
                f"INSERT INTO {table} (uuid, username, domain, attribute, type, value)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                rows,
            )
        database.execute("CREATE TABLE saved AS SELECT * FROM usr_preferences")
        database.executemany("INSERT INTO quotas VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", QUOTAS)
    database.close()
    schemes = "".join(f'modparam("avpops", "db_scheme", "{scheme}")\n' for scheme in SCHEMES)
    return (
        'loadmodule "db_sqlite.so"\nloadmodule "avpops.so"\n'
        f'modparam("avpops", "db_url", "sqlite:///{path}")\n'
        'modparam("avpops", "avp_table", "usr_preferences")\n'
        'modparam("avpops", "use_domain", 1)\n' + schemes
    )
