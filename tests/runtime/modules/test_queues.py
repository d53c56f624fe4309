"""mqueue, rtimer and statistics on a running server."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.helpers import servers
from tests.helpers.ports import PortPool
from tests.helpers.servers import KAMAILIO, OURS, Server, need_kamailio
from tests.helpers.waiting import wait

CONFIG = """#!KAMAILIO
debug=1
log_stderror=yes
children=1
tcp_children=1
auto_aliases=no
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "kex.so"
loadmodule "jsonrpcs.so"
loadmodule "db_sqlite.so"
loadmodule "htable.so"
loadmodule "mqueue.so"
loadmodule "rtimer.so"
loadmodule "statistics.so"
modparam("jsonrpcs", "transport", 4)
modparam("mqueue", "db_url", "sqlite:///{database}")
modparam("mqueue", "mqueue", "name=both;dbmode=1")
modparam("mqueue", "mqueue", "name=loads;dbmode=2;size=2")
modparam("mqueue", "mqueue", "name=saves;dbmode=3")
modparam("mqueue", "mqueue", "name=plain;")
modparam("htable", "htable", "t=>size=4;initval=0;")
modparam("statistics", "variable", "ticks")
modparam("rtimer", "timer", "name=slow;interval=1")
modparam("rtimer", "timer", "name=Own;interval=50000u;mode=2;")
modparam("rtimer", "exec", "timer=slow;route=SLOW")
modparam("rtimer", "exec", "timer=slow;route=FIRST;")
modparam("rtimer", "exec", "timer=own;route=OWN")
request_route {{
  if ($fU == "ping") {{ sl_send_reply("200", "OK"); exit; }}
  sl_send_reply("404", "no");
}}
route[SLOW] {{
  if ($sht(t=>order) == 0) $sht(t=>order) = "first " + $sht(t=>seen);
  update_stat("ticks", "1");
  $var(x) = $shtinc(t=>slow);
}}
route[FIRST] {{ $sht(t=>seen) = $rm + " " + $proto; }}
route[OWN] {{
  $var(x) = $shtinc(t=>own$rtimer_worker);
  if ($var(x) < 4) mq_add("plain", "tick", "$rtimer_worker");
}}
"""
TABLES = ("both", "loads", "saves")
COMMANDS: tuple[tuple[str | int, ...], ...] = (
    *(("mqueue.get_size", "both"), ("mqueue.get_size", "loads"), ("mqueue.get_size", "saves")),
    *(("mqueue.get_size", "none"), ("mqueue.get_size",), ("mqueue.get_size", 5)),
    *(("mqueue.get_size", ""), ("mqueue.fetch", "both"), ("mqueue.fetch", "loads")),
    *(("mqueue.fetch", "saves"), ("mqueue.fetch", "none"), ("mqueue.fetch",)),
    *(("mqueue.fetch", ""), ("mqueue.fetch", "both"), ("mqueue.get_size", "both")),
    ("mqueue.fetch", "loads"),
)


def make_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        for table in TABLES:
            db.execute(
                f"CREATE TABLE {table} (id INTEGER PRIMARY KEY AUTOINCREMENT,"
                " key VARCHAR(64), val VARCHAR(64))"
            )
            rows = [(f"k{n}", f"{table} it's \u00e9 {n}") for n in range(4)]
            db.executemany(f"INSERT INTO {table} (key, val) VALUES (?, ?)", rows)
        db.commit()


def rows_of(path: Path) -> list[list[tuple[str, str]]]:
    with closing(sqlite3.connect(path)) as db:
        return [
            db.execute(f"SELECT key, val FROM {table} ORDER BY id").fetchall() for table in TABLES
        ]


@contextmanager
def running(program: Sequence[str], directory: Path) -> Iterator[Server]:
    directory.mkdir(exist_ok=True)
    database = directory / "q.sqlite"
    make_database(database)
    cfg = directory / "queues.cfg"
    cfg.write_text(CONFIG.format(database=database))
    server = servers.start(program, cfg, directory, PortPool().take())
    try:
        server.rpc("core.version")
        yield server
    finally:
        server.stop()


def value(server: Server, key: str) -> object:
    reply = json.loads(server.rpc("htable.get", "t", key))
    return reply["result"]["item"]["value"] if "result" in reply else None


def _transcript(program: Sequence[str], directory: Path) -> list[object]:
    told: list[object] = []
    with running(program, directory) as server:
        for method, *params in COMMANDS:
            told.append((method, *params, server.rpc(str(method), *params).decode()))
        wait(lambda: value(server, "order") is not None)
        told.append(value(server, "order"))
    return [*told, rows_of(directory / "q.sqlite")]


@pytest.mark.oracle
def test_queues_and_rows_are_kamailio_s() -> None:
    need_kamailio()
    with tempfile.TemporaryDirectory(prefix="queues-") as folder:  # sockets need a short path
        theirs = _transcript(KAMAILIO, Path(folder) / "kamailio")
        ours = _transcript(OURS, Path(folder) / "ours")
    assert ours == theirs


def test_timers_run_in_their_processes(tmp_path: Path) -> None:
    with running(OURS, tmp_path) as server:
        for key in ("own0", "own1"):
            wait(lambda key=key: isinstance(n := value(server, key), int) and n > 3)  # type: ignore[misc]
        wait(lambda: isinstance(n := value(server, "slow"), int) and n > 1)
        sizes = json.loads(server.rpc("mqueue.get_sizes"))["result"]
        assert sizes[0] == {"name": "plain", "size": 6}
        ticks = json.loads(server.rpc("stats.get_statistics", "script:"))["result"]
        assert any("script:ticks" in line for line in ticks)
        processes = json.loads(server.rpc("core.psx"))["result"]
        names = [row["DSC"] for row in processes if "RTIMER" in row["DSC"]]
        assert names == ["RTIMER EXEC child=0 timer=Own", "RTIMER EXEC child=1 timer=Own"]
