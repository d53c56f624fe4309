"""htable on a running server: RPC and database side by side with Kamailio, time, death."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.helpers import servers
from tests.helpers.ports import PortPool
from tests.helpers.servers import KAMAILIO, OURS, Server, need_kamailio
from tests.helpers.waiting import wait

HEAD = """#!KAMAILIO
debug=1
log_stderror=yes
children=3
tcp_children=1
auto_aliases=no
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "xlog.so"
loadmodule "jsonrpcs.so"
loadmodule "ctl.so"
loadmodule "db_sqlite.so"
loadmodule "htable.so"
modparam("jsonrpcs", "transport", 4)
"""
ROUTE = """
request_route {
  if ($fU == "ping") { sl_send_reply("200", "OK"); exit; }
  sl_send_reply("404", "no");
}
"""
TABLES = """
modparam("htable", "db_url", "sqlite:///DATABASE")
modparam("htable", "db_expires", 1)
modparam("htable", "htable", "a=>size=2;")
modparam("htable", "htable", "e=>size=3;autoexpire=5000;dbtable=items;dbmode=1")
modparam("htable", "htable", "p=>size=3;dbtable=packed;cols='k,v1,v2,v3'")
modparam("htable", "htable", "empty=>size=1;dbtable=nil;dbmode=1;")
modparam("htable", "htable", "i=>size=5;initval=7;dbmode=1;updateexpire=0;dmqreplicate=1")
event_route[htable:mod-init] {
  $sht(a=>one) = 1; $sht(a=>two) = "zwei"; $sht(a=>Three) = "3 three"; $sht(a=>four) = "";
}
"""
ITEMS = (
    "(id INTEGER PRIMARY KEY NOT NULL, key_name VARCHAR(64) DEFAULT '' NOT NULL,"
    " key_type INTEGER DEFAULT 0 NOT NULL, value_type INTEGER DEFAULT 0 NOT NULL,"
    " key_value VARCHAR(128) DEFAULT '' NOT NULL, expires INTEGER DEFAULT 0 NOT NULL)"
)
ROWS = (
    *(("alice", 0, 0, "text", 0), ("bob", 0, 1, "42", 0), ("arr", 1, 0, "first", 0)),
    *(("arr", 1, 0, "second", 0), ("arr", 1, 1, "3", 0), ("brr", 1, 1, "7", 0)),
    *(("old", 0, 0, "gone", 5), ("far", 0, 0, "x", 2_000_000_000), ("bad", 0, 1, "12x", 0)),
    *(("neg", 0, 1, "-5", 0), ("quo'te", 0, 0, "it's", 0), ("", 0, 0, "empty", 0)),
    *(("crr", 0, 0, "plain", 0), ("crr", 1, 0, "mixed", 0), ("\u00e9", 0, 0, "\u00e9\u4e2d", 0)),
    ("e", 0, 0, "", 0),
)
PACKED = (("k1", "a", 1, "z"), ("k2", None, None, None), ("k3", "", -7, "b,c"))

Command = tuple[str | int | float, ...]
COMMANDS: tuple[Command, ...] = (
    *(("htable.get", "a", "one"), ("htable.get", "a", "two"), ("htable.get", "a", "none")),
    *(("htable.get", "x", "none"), ("htable.get", "a"), ("htable.get",), ("htable.get", "a", 5)),
    *(("htable.get", "a", "four"), ("htable.get", 5, "one"), ("htable.dump", "a")),
    *(("htable.dump", "nosuch"), ("htable.dump",), ("htable.dump", "e"), ("htable.dump", "p")),
    *(("htable.dump", "empty"), ("htable.listTables",), ("htable.stats",)),
    *(("htable.sets", "a", "new", "text"), ("htable.sets", "a", "new2", 55)),
    *(("htable.sets", "a", "new3", "5"), ("htable.sets", "a", "k"), ("htable.sets", "z", "k", "v")),
    *(("htable.get", "a", "new2"), ("htable.sets", "a", 7, "v"), ("htable.sets", "a", "f", 1.5)),
    *(("htable.get", "a", "f"), ("htable.sets", "a", "neg", -5), ("htable.get", "a", "neg")),
    *(("htable.seti", "a", "n", 5), ("htable.seti", "a", "n2", "6"), ("htable.get", "a", "n2")),
    *(("htable.seti", "a", "n3", "x"), ("htable.get", "a", "n3"), ("htable.seti", "z", "n", 5)),
    *(("htable.seti", "a", "n"), ("htable.seti", "a", "big", 4294967299)),
    *(("htable.get", "a", "big"), ("htable.setex", "e", "alice", 0), ("htable.setex", "z", "x", 0)),
    *(("htable.setex", "e", "none", 3), ("htable.setex", "e"), ("htable.get", "e", "alice")),
    *(("htable.setxs", "a", "xs", "v", 30), ("htable.get", "a", "xs")),
    *(("htable.setxs", "a", "xs", "v"), ("htable.setxs", "z", "xs", "v", 30)),
    *(("htable.setxi", "a", "xi", 4, 30), ("htable.setxi", "a", "xi", "4", "30")),
    *(("htable.setxi", "z", "xi", 4, 30), ("htable.setxi", "a", "xi"), ("htable.get", "a", "xi")),
    *(("htable.delete", "a", "xi"), ("htable.delete", "a", "xi"), ("htable.delete", "z", "xi")),
    *(("htable.delete", "a"), ("htable.dump", "a"), ("htable.flush", "a"), ("htable.flush", "z")),
    *(("htable.flush",), ("htable.dump", "a"), ("htable.stats",), ("htable.reload", "a")),
    *(("htable.reload", "z"), ("htable.reload",), ("htable.sets", "e", "added", "A")),
    *(("htable.reload", "e"), ("htable.dump", "e"), ("htable.sets", "e", "added", "A")),
    *(("htable.seti", "e", "addednum", -77), ("htable.store", "e"), ("htable.store", "a")),
    *(("htable.store", "z"), ("htable.store",), ("htable.store", "p"), ("htable.reload", "p")),
    *(("htable.dump", "p"), ("htable.reload", "empty"), ("htable.sets", "empty", "k", "v")),
    *(("htable.dump", "e"), ("htable.seti", "e", "last", 1), ("htable.listTables", "a")),
)


def make_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"CREATE TABLE items {ITEMS}")
        db.execute(f"CREATE TABLE nil {ITEMS}")
        db.execute("CREATE TABLE packed (k VARCHAR(9), v1 VARCHAR(9), v2 INTEGER, v3 VARCHAR(9))")
        db.executemany(
            "INSERT INTO items (key_name, key_type, value_type, key_value, expires)"
            " VALUES (?, ?, ?, ?, ?)",
            ROWS,
        )
        db.executemany("INSERT INTO packed VALUES (?, ?, ?, ?)", PACKED)
        db.commit()


def rows_of(path: Path) -> list[list[tuple[object, ...]]]:
    columns = "key_name, key_type, value_type, key_value, expires > 1000"
    with closing(sqlite3.connect(path)) as db:
        return [
            db.execute(f"SELECT {what} FROM {table}").fetchall()
            for what, table in ((columns, "items"), (columns, "nil"), ("*", "packed"))
        ]


@contextmanager
def running(program: Sequence[str], directory: Path, text: str) -> Iterator[Server]:
    directory.mkdir(exist_ok=True)
    cfg = directory / "htable.cfg"
    cfg.write_text(HEAD + text + ROUTE)
    server = servers.start(program, cfg, directory, PortPool().take(), options=("-n", "3"))
    try:
        server.rpc("core.version")
        yield server
    finally:
        server.stop()


def workers(server: Server) -> list[int]:
    """The process ids of the workers, the first one's first."""
    processes = json.loads(server.rpc("core.psx"))["result"]
    return [row["PID"] for row in processes if "udp receiver" in row["DSC"]]


def value(server: Server, table: str, key: str) -> object:
    """The value of an item, None where there is none."""
    reply = json.loads(server.rpc("htable.get", table, key))
    return reply["result"]["item"]["value"] if "result" in reply else None


def _plain(text: str) -> str:
    return re.sub(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d", "DATE", text)


def _kamcmd(server: Server, command: Command) -> str:
    program = shutil.which("kamcmd") or "/usr/sbin/kamcmd"
    address = f"unixs:{server.run_dir}/kamailio_ctl"
    done = subprocess.run(
        [program, "-s", address, *map(str, command)], capture_output=True, text=True, timeout=20
    )
    return _plain(done.stdout + done.stderr)


def _transcript(program: Sequence[str], directory: Path) -> list[tuple[object, ...]]:
    directory.mkdir()
    database = directory / "items.sqlite"
    make_database(database)
    told: list[tuple[object, ...]] = []
    with running(program, directory, TABLES.replace("DATABASE", str(database))) as server:
        for method, *params in COMMANDS:
            told.append((method, *params, _plain(server.rpc(str(method), *params).decode())))
        told += [(*command, _kamcmd(server, command)) for command in COMMANDS]
    return [*told, *((row,) for table in rows_of(database) for row in table)]


@pytest.mark.oracle
def test_commands_and_rows_are_kamailio_s() -> None:
    need_kamailio()
    with tempfile.TemporaryDirectory(prefix="htable-") as folder:  # sockets need a short path
        theirs = _transcript(KAMAILIO, Path(folder) / "kamailio")
        ours = _transcript(OURS, Path(folder) / "ours")
    assert ours == theirs


def test_rows_outlive_the_server(tmp_path: Path) -> None:
    database = tmp_path / "items.sqlite"
    make_database(database)
    with running(OURS, tmp_path, TABLES.replace("DATABASE", str(database))) as server:
        assert value(server, "e", "arr::size") == 3 and value(server, "e", "old") is None
        server.rpc("htable.sets", "e", "fresh", "it's \u00e9")
        server.rpc("htable.delete", "e", "alice")
        server.restart()
        server.rpc("core.version")
        assert value(server, "e", "fresh") == "it's \u00e9"
        assert value(server, "e", "alice") is None and value(server, "e", "bob") == 42
    assert ("fresh", 0, 0, "it's \u00e9", 1) in rows_of(database)[0]


EXPIRING = """
modparam("htable", "timer_interval", 1)
modparam("htable", "htable", "t=>size=4;autoexpire=1;")
modparam("htable", "htable", "log=>size=4;")
event_route[htable:mod-init] { $sht(t=>first) = "a value"; $sht(t=>second) = 22; }
event_route[htable:expired:t] {
  $sht(log=>$shtrecord(key)) = $_s($shtrecord(value)/$sht(t=>none)/$shtcn(t=>**));
  $sht(t=>$shtrecord(key)) = "renewed too late";
}
"""


@pytest.mark.parametrize("params", ["", 'modparam("htable", "timer_procs", 2)\n'])
def test_an_item_that_expires_is_told(params: str, tmp_path: Path) -> None:
    with running(OURS, tmp_path, params + EXPIRING) as server:
        wait(lambda: value(server, "log", "first") is not None)
        wait(lambda: value(server, "log", "second") is not None)
        assert re.fullmatch(r"a value/<null>/[12]", str(value(server, "log", "first")))
        assert re.fullmatch(r"22/<null>/[12]", str(value(server, "log", "second")))
        stats = json.loads(server.rpc("htable.stats"))["result"]
        assert {row["name"]: row["all"] for row in stats} == {"t": 0, "log": 2}


def test_a_killed_process_leaves_the_tables(tmp_path: Path) -> None:
    with running(OURS, tmp_path, EXPIRING.replace("autoexpire=1", "autoexpire=900")) as server:
        assert len(workers(server)) == 3
        for pid in workers(server):
            os.kill(pid, signal.SIGKILL)
        wait(lambda: servers.ping(server.port, "after", 1.0))
        assert value(server, "t", "first") == "a value"
        server.rpc("htable.sets", "t", "first", "another")
        assert value(server, "t", "first") == "another"


FIRST_WORKER = """
modparam("htable", "htable", "t=>size=4;initval=0;")
modparam("htable", "event_callback_mode", 1)
event_route[htable:mod-init] { $var(x) = $shtinc(t=>runs); }
"""


def test_the_first_worker_runs_the_event_once(tmp_path: Path) -> None:
    with running(OURS, tmp_path, FIRST_WORKER) as server:
        wait(lambda: value(server, "t", "runs") == 1)
        pid = workers(server)[0]
        os.kill(pid, signal.SIGKILL)
        wait(lambda: f"pid {pid}) was killed" in server.log)
        wait(lambda: servers.ping(server.port, "after", 1.0))
        assert value(server, "t", "runs") == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('modparam("htable", "enable_dmq", 1)', "dmq"),
        ('modparam("htable", "htable", "t=>size=30;")', "shared memory"),
        ("event_route[htable:mod-init] { drop; }", "drop"),
        ('modparam("htable", "db_url", "sqlite:////nowhere/x")\n', "does not exist"),
    ],
)
def test_bad_starts_are_refused(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(servers.ServerFailed, match=said), running(OURS, tmp_path, text):
        pass
