"""Accounting: attributes, lines, start-up errors, and databases that are away."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.db.create import create
from runtime.db.url import DbUrl
from runtime.declare.exports import Exports, PseudoVar, PvName, PvType
from runtime.modules.acc.line import TimeFormat, microseconds, record_line
from runtime.modules.acc.record import (
    AttributeSyntaxError,
    Record,
    legs_of,
    parse_comment,
    parse_extras,
    parse_legs,
)
from runtime.script.avp import AvpList
from runtime.script.pv import PvRegistry
from tests.helpers import servers
from tests.helpers.ports import PortPool
from tests.helpers.servers import OURS, Server
from tests.runtime.agents.phone import Phone
from tests.runtime.agents.sockets import UdpWire

RECORD = Record(b"INVITE", b"a", b"b", b"c@d", b"200", b"OK", 1700000000.25)
PLAIN = TimeFormat(0, "time_attr", "time_exten", "%Y-%m-%d %H:%M:%S")


class Variables:
    """A module with a few variables."""

    EXPORTS = Exports(
        "pv",
        pvs=(
            PseudoVar("fU", native="from_user"),
            PseudoVar("ml", PvType.INT, native="msg_len"),
            PseudoVar("avp", PvType.DYNAMIC, PvName.DYNAMIC, indexed=True, method="avp"),
        ),
    )

    def pv_avp(self, msg: Any, name: bytes, index: int = 0) -> bytes | int | None:
        """$avp(name)"""
        value: bytes | int | None = msg.avps.get(name, index)
        return value


@pytest.fixture(name="registry")
def _registry() -> PvRegistry:
    registry = PvRegistry([])
    registry.add(Variables.EXPORTS, Variables())
    return registry


def test_extras_are_names_and_values(registry: PvRegistry) -> None:
    extras = parse_extras(b" src = $fU ;len=$ml; x=$avp(gone)", registry, 64)
    message = cast(Any, SimpleNamespace(from_user=b"al", msg_len=17, avps=AvpList()))
    assert [(e.name, e.value(message)) for e in extras] == [
        ("src", b"al"),
        ("len", b"17"),
        ("x", None),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"src", "name=$variable is wanted at position 0"),
        (b"=$fU", "name=$variable is wanted at position 0"),
        (b"src $fU", "name=$variable"),
        (b"src=fU", "attribute 'src'"),
        (b"src=$nope", "no loaded module has a variable $nope"),
        (b"src=$fU;", "separated by `;` (position 7)"),
        (b"src=$fU,b=$fU", "separated by `;` (position 7)"),
        (b"a=$fU;b=$fU;c=$fU", "more than 2 attributes"),
    ],
)
def test_bad_extras_are_named(registry: PvRegistry, text: bytes, message: str) -> None:
    with pytest.raises(AttributeSyntaxError, match=re.escape(message)):
        parse_extras(text, registry, 2)


@given(st.binary())
def test_any_extras_are_read_or_refused(text: bytes) -> None:
    registry = PvRegistry([])
    registry.add(Variables.EXPORTS, Variables())
    with suppress(AttributeSyntaxError):
        parse_extras(text, registry, 64)


def test_legs_take_the_values_of_their_avps(registry: PvRegistry) -> None:
    legs = parse_legs(b"src=$avp(s);dst=$avp(d)", registry, 64)
    avps = AvpList()
    message = cast(Any, SimpleNamespace(avps=avps))
    assert legs_of(legs, message) == [(("src", None), ("dst", None))]
    avps.add(b"s", b"old")
    avps.add(b"s", b"new")
    avps.add(b"d", 5)
    assert legs_of(legs, message) == [
        (("src", b"new"), ("dst", b"5")),
        (("src", b"old"), ("dst", None)),
    ]


def test_legs_are_avps_only(registry: PvRegistry) -> None:
    with pytest.raises(AttributeSyntaxError, match="must be an AVP"):
        parse_legs(b"src=$fU", registry, 64)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (b"404 Not found", (b"404", b"Not found")),
        (b"404", (b"404", b"")),
        (b"404x", (b"404", b"x")),
        (b"40", (b"", b"40")),
        (b"no code", (b"", b"no code")),
        (b"", (b"", b"")),
    ],
)
def test_a_comment_starts_with_its_code(text: bytes, parts: tuple[bytes, bytes]) -> None:
    assert parse_comment(text) == parts


@pytest.mark.parametrize(
    ("mode", "stamp"),
    [
        (0, "timestamp=1700000000;"),
        (1, "timestamp=1700000000;time_exten=250000;"),
        (2, "timestamp=1700000000;time_attr=1700000000.250;"),
        (4, "timestamp=1700000000;time_attr=2023-11-14 22:13:20;"),
        (9, "timestamp=1700000000;"),
    ],
)
def test_time_modes(mode: int, stamp: str) -> None:
    times = TimeFormat(mode, PLAIN.attr, PLAIN.exten, PLAIN.format)
    line = record_line("ACC: x: ", RECORD, times, [("n", None), ("m", b"v")])
    rest = "method=INVITE;from_tag=a;to_tag=b;call_id=c@d;code=200;reason=OK;n=;m=v"
    assert line == f"ACC: x: {stamp}{rest}"


def test_local_time_is_local() -> None:
    assert TimeFormat(3, "t", "x", "%H").text(RECORD.time) == time.strftime(
        "%H", time.localtime(RECORD.time)
    )
    assert microseconds(1.999999) == 999999


def test_a_value_makes_no_second_line() -> None:
    line = record_line("", RECORD, PLAIN, [("x", b"a\r\n 1(1) NOTICE: acc: forged")])
    assert "\n" not in line and "\r" not in line


def test_a_long_line_is_cut() -> None:
    line = record_line("", RECORD, PLAIN, [("x", b"y" * 70000)])
    assert len(line) == len("timestamp=1700000000") + 65534


# --- servers -------------------------------------------------------------------------------------

HEAD = """#!KAMAILIO
debug=2
log_stderror=yes
auto_aliases=no
loadmodule "db_sqlite.so"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "rr.so"
"""
ROUTE = """
request_route {
    if ($rm == "OPTIONS") {
        sl_send_reply("200", "OK");
        exit;
    }
    setflag(1);
    t_newtran();
    t_reply("200", "OK");
}
"""

Run = Callable[[str], Server]


@pytest.fixture(name="run")
def _run(tmp_path: Path) -> Iterator[Run]:
    """Start a server with these parameters of acc; ``DATABASE`` in them is a path."""
    running: list[Server] = []

    def begin(params: str) -> Server:
        cfg = tmp_path / "acc.cfg"
        text = HEAD + 'loadmodule "acc.so"\n' + params + ROUTE
        cfg.write_text(text.replace("DATABASE", str(tmp_path / "acc.sqlite")))
        running.append(servers.start(OURS, cfg, tmp_path, PortPool().take()))
        return running[-1]

    yield begin
    for server in running:
        assert server.stop() == 0


def message(server: Server, label: str) -> None:
    """A MESSAGE that is accounted, and its answer."""
    wire = UdpWire(("127.0.0.1", server.port), PortPool().take())
    alice = Phone("alice", label, wire, f"127.0.0.1:{server.port}", "kcc.test", lambda *args: None)
    try:
        alice.request("MESSAGE", "sip:x@kcc.test")
        alice.expect(200)
    finally:
        wire.close()


def wait_log(server: Server, text: str) -> str:
    """The line of the log that holds `text`."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        for line in server.log.splitlines():
            if text in line:
                return line
        time.sleep(0.02)
    raise AssertionError(f"{text!r} not in:\n{server.log}")


def test_a_record_that_no_table_takes_is_in_the_log(run: Run, tmp_path: Path) -> None:
    database = tmp_path / "acc.sqlite"
    params = 'modparam("acc", "db_url", "sqlite:///DATABASE")\nmodparam("acc", "db_flag", 1)\n'
    server = run(params)  # the file is not there yet
    message(server, "away")
    line = wait_log(server, "call_id=away-")
    assert "ERROR: acc" in line and "not in table acc" in line
    assert ";method=MESSAGE;from_tag=ua-alice-2;" in line and ";code=200;reason=OK" in line
    create(DbUrl("sqlite", str(database)), ["acc"])
    message(server, "back")
    connection = sqlite3.connect(database)
    try:
        rows = connection.execute("SELECT method, callid, sip_code FROM acc").fetchall()
        assert rows == [("MESSAGE", "back-alice-3", "200")]
        connection.execute("DROP TABLE acc")
        connection.commit()
        message(server, "dropped")
        assert "no such table" in wait_log(server, "call_id=dropped-")
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("param", "message"),
    [
        ('"log_flag", 32', "`log_flag` of `acc` is a number from -1 to 31"),
        ('"log_facility", "LOG_NOPE"', "`log_facility` of `acc` is one of"),
        ('"log_extra", "a=$nope"', "unknown variable `$nope`"),
        ('"multi_leg_info", "a=$fU"', "must be an AVP"),
        ('"failed_filter", "200"', "failed_filter: b'200' is no code of 300 and more"),
        ('"failed_filter", "404,4"', "failed_filter: b'4'"),
        ('"db_url", "nosuch://x/y"', "needs module `db_nosuch`"),
        ('"db_url", "sqlite:///x")\nmodparam("acc", "db_extra", "a b=$fU"', "db_extra"),
        ('"db_url", "sqlite:///x")\nmodparam("acc", "db_table_acc", "a;b"', "is not a table"),
        ('"db_url", "sqlite:///x")\nmodparam("acc", "acc_time_column", "a b"', "'a b' is not"),
        ('"detect_direction", 1)\nmodparam("rr", "append_fromtag", 0', "needs append_fromtag"),
    ],
)
def test_bad_parameters_are_refused(tmp_path: Path, param: str, message: str) -> None:
    cfg = tmp_path / "acc.cfg"
    cfg.write_text(HEAD + f'loadmodule "acc.so"\nmodparam("acc", {param})\n' + ROUTE)
    with pytest.raises(servers.ServerFailed, match=re.escape(message)):
        servers.start(OURS, cfg, tmp_path, PortPool().take())
