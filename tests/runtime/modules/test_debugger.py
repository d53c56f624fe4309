"""Module debugger: traces, breakpoints, levels of modules, as Kamailio has them."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kcc.testing.servers import request
from tests.helpers.ports import PortPool
from tests.helpers.servers import KAMAILIO, OURS, Server, kamailio_installed, start

SECONDS = 30.0
CONFIG = r"""#!KAMAILIO
debug=2
children=1
auto_aliases=no
loadmodule "kex.so"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "xlog.so"
loadmodule "textops.so"
loadmodule "jsonrpcs.so"
loadmodule "debugger.so"
modparam("jsonrpcs", "transport", 4)
modparam("jsonrpcs", "dgram_socket", "kamailio_rpc.sock")
modparam("debugger", "cfgtrace", 1)
modparam("debugger", "step_usleep", 10000)
modparam("debugger", "mod_hash_size", 5)
modparam("debugger", "mod_level_mode", 1)
modparam("debugger", "mod_level", "siputils=-1")
request_route {
  if (is_method("ACK")) exit;
  $var(x) = 1;
  $avp(a) = "text";
  setflag(3);
  if ($var(x) == 1 && !is_method("BYE")) {
    $var(x) = $var(x) + 1;
    xlog("L_ERR", "in\n");
  } else if (is_method("INVITE")) {
    xlog("L_ERR", "else\n");
  } else {
    xlog("L_ERR", "else\n");
  }
  if (is_method("INVITE"))
    route(R);
  else
    xlog("L_ERR", "none\n");
  while ($var(x) < 4) {
    $var(x) = $var(x) + 1;
    if ($var(x) == 3)
      break;
  }
  switch ($rU) {
    case "bob": xlog("L_ERR", "bob\n"); break;
    case "x":
    case "y": xlog("L_ERR", "xy\n"); break;
    default: xlog("L_ERR", "none\n");
  }
  route(R);
  if (route(R) == 1) { rewriteuri("sip:x@y"); $ru = "sip:z@127.0.0.1:9"; }
  $var(y) = route(R);
  $rU = $null;
  $rd = "example.com"; $rp = 5070; $du = "sip:127.0.0.1:9";
  clear_branches();
  prefix("9"); strip(1); strip_tail(1); sethost("1.2.3.4"); setport("5080"); sethostport("a:5060");
  force_rport(); isflagset(3); resetflag(3); log(1, "hi\n"); setuser("x"); userphone();
  append_hf("X: a\r\n");
  $var(z) = "a" + $rU;
  t_newtran(); t_set_fr(20000 + $var(x), 1000);
  xlog("L_ERR", "dump\n");
  if (!route(S)) { drop; }
  switch ($var(x)) { case 1: exit; default: exit; }
}
route[R] { return 1; }
route[S] { if (1) { sl_send_reply("200", "OK"); } else if ($si == "x") exit; return; }
"""
COMMANDS: tuple[tuple[str | int, ...], ...] = (
    ("dbg.ls", 99999), ("dbg.trace", "on", 99999), ("dbg.trace", "x"), ("dbg.trace",),
    ("dbg.trace", "on"), ("dbg.set_mod_level", "tm", 3), ("dbg.set_mod_level", "tm"),
    ("dbg.set_mod_level",), ("dbg.get_mod_level", "tm"), ("dbg.get_mod_level", "none"),
    ("dbg.get_mod_level", "siputils"), ("dbg.get_mod_level",),
    ("dbg.set_mod_facility", "tm", "LOG_LOCAL1"), ("dbg.get_mod_facility", "tm"),
    ("dbg.set_mod_facility", "tm", "x"), ("dbg.set_mod_facility", "tm"), ("dbg.reset_msgid",),
    ("dbg.bp", "on", 1), ("dbg.bp",), ("dbg.bp", "x"), ("dbg.bp", "next"),
    ("dbg.bp", "show", 99999),
    ("dbg.bp", "off"), ("dbg.bp", "release"), ("dbg.bp", "keep"), ("dbg.bp", "move"),
    ("dbg.bp", "eval"), ("dbg.bp", "log"),
)  # fmt: skip
LAST = CONFIG[: CONFIG.index("case 1: exit")].count("\n") + 1


def running(program: tuple[str, ...], folder: Path) -> Iterator[Server]:
    path = folder / "debugger.cfg"
    path.write_text(CONFIG)
    server = start(program, path, folder, PortPool().take())
    yield server
    server.stop()


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    yield from running(OURS, tmp_path_factory.mktemp("ours"))


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if not kamailio_installed():
        pytest.skip("no kamailio program")
    yield from running(KAMAILIO, tmp_path_factory.mktemp("kamailio"))


def traced(server: Server, method: str) -> list[str]:
    """What is told of one request: route, line, number and name of each action."""
    before = len(server.log)
    assert b"200 OK" in server.ask(request(method, "sip:bob@127.0.0.1"))
    end = time.monotonic() + SECONDS
    while True:
        lines = re.findall(r"ERROR: (\*\*\* cfgtrace:.*)", server.log[before:])
        if any(f"l={LAST} a=2 n=exit" in line for line in lines):
            return [line.replace(str(server.directory), "") for line in lines]
        assert time.monotonic() < end, lines
        time.sleep(0.05)


@pytest.mark.oracle
@pytest.mark.parametrize("method", ["OPTIONS", "INVITE", "BYE"])
def test_actions_are_told_as_there(ours: Server, theirs: Server, method: str) -> None:
    told = traced(ours, method)
    assert len(told) > 50
    assert told == traced(theirs, method)


@pytest.mark.oracle
@pytest.mark.parametrize("call", COMMANDS, ids=lambda call: " ".join(map(str, call)))
def test_commands_answer_as_there(ours: Server, theirs: Server, call: tuple[str, ...]) -> None:
    mine, other = (json.loads(server.rpc(*call)) for server in (ours, theirs))
    assert (mine.get("result"), mine.get("error")) == (other.get("result"), other.get("error"))


def result(server: Server, *call: str | int) -> object:
    return json.loads(server.rpc(str(call[0]), *call[1:])).get("result")


def test_a_process_stops_at_each_action(ours: Server) -> None:
    assert result(ours, "dbg.trace", "off") == "200 ok"
    table = result(ours, "core.psx")
    assert isinstance(table, list)
    worker = next(row["PID"] for row in table if row["DSC"].startswith("udp receiver"))
    assert result(ours, "dbg.bp", "on", worker) == "200 ok"
    answer: list[bytes] = []
    text = request("OPTIONS", "sip:bob@127.0.0.1")
    thread = threading.Thread(target=lambda: answer.append(ours.ask(text, SECONDS)))
    thread.start()
    end = time.monotonic() + SECONDS
    while True:
        rows = result(ours, "dbg.ls", worker)
        if rows["state"] if isinstance(rows, dict) else rows[0]["state"]:  # type: ignore[index]
            break
        assert time.monotonic() < end
        time.sleep(0.05)
    assert re.fullmatch(r"at bkp \[.*:22\] a=16 n=if", str(result(ours, "dbg.bp", "show", worker)))
    assert result(ours, "dbg.bp", "eval", worker, "$rU") == "$rU : t=str v=bob"
    assert result(ours, "dbg.bp", "eval", worker, "$avp(none)") == "$avp(none) : t=null"
    assert result(ours, "dbg.bp", "eval", worker, "$ml") is not None
    assert str(result(ours, "dbg.bp", "next", worker)).startswith("exec [")
    assert str(result(ours, "dbg.bp", "next", worker)).endswith("a=25 n=is_method")
    assert result(ours, "dbg.bp", "log", worker, "$rU") == "200 ok"
    while "breakpoint eval: $rU : t=str v=bob" not in ours.log:
        assert time.monotonic() < end
        time.sleep(0.05)
    assert not answer
    assert result(ours, "dbg.bp", "move", worker) == "200 ok"
    thread.join(SECONDS)
    assert answer and b"200 OK" in answer[0]
    assert "breakpoint hit: p=[" in ours.log
