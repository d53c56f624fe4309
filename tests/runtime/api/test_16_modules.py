"""Chapters 10 to 12 and 16 of the guide: a module of one's own, found by its entry point, that does
what their C code does (``own/guide``), and another one that binds to it (``own/guest``)."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from hashlib import md5
from pathlib import Path

import pytest

from kcc.testing.ports import PortPool
from kcc.testing.servers import Server, request, serving

ROOT = Path(__file__).parents[3]
CONFIG = """#!KAMAILIO
debug=1
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "jsonrpcs.so"
loadmodule "kex.so"
loadmodule "guest.so"
loadmodule "guide.so"
modparam("jsonrpcs", "transport", 4)
modparam("jsonrpcs", "dgram_socket", "kamailio_rpc.sock")
modparam("guide", "initial_probability", 25)
modparam("guide", "hash_file", "HASHED")
modparam("guide", "shvset", "debug=i:1")
modparam("guide", "shvset", "name=s:silo")
request_route {
    if ($rU == "stop") { g_code("0"); sl_send_reply("500", "not reached"); exit; }
    if ($rU == "forward") { forward("127.0.0.1", 9); exit; }
    g_sleep(0);
    if (g_code("-1")) append_to_reply("X-Wrong: true\\r\\n");
    $var(c) = 7;
    if (g_code("$var(c)")) append_to_reply("X-Code: $rc\\r\\n");
    g_uint(6); append_to_reply("X-Uint: $rc\\r\\n");
    $gruri = "sip:new@" + $rd;
    append_to_reply("X-Uri: $ru $(gruri{g.len}) $(rU{g.len})\\r\\n");
    append_to_reply("X-Time: $gtime(year) $gtime(mon) $gtime(isdst)\\r\\n");
    $var(i) = "name";
    append_to_reply("X-Var: $gvar(debug) $gvar($var(i)) $(gvar(name)[2]) $gvar(none)\\r\\n");
    append_to_reply("X-Chance: $chance\\r\\n");
    sl_send_reply("200", "OK");
}
"""


def published(folder: Path) -> None:
    """An installed package's data: the entry points."""
    data = folder / "guide-1.0.dist-info"
    data.mkdir()
    (data / "METADATA").write_text("Metadata-Version: 2.1\nName: guide\nVersion: 1.0\n")
    names = "".join(f"{name} = tests.runtime.api.own.{name}\n" for name in ("guide", "guest"))
    (data / "entry_points.txt").write_text(f"[kcc.modules]\n{names}")


@pytest.fixture(scope="module", name="environment")
def _environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the modules are found; ``own.cfg`` beside them."""
    folder = tmp_path_factory.mktemp("own")
    published(folder)
    hashed = folder / "hashed"
    hashed.write_text("some text")
    (folder / "own.cfg").write_text(CONFIG.replace("HASHED", str(hashed)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", f"{ROOT}{os.pathsep}{folder}")
        yield folder


@pytest.fixture(scope="module", name="server")
def _server(environment: Path) -> Iterator[Server]:
    with serving(environment / "own.cfg", environment) as server:
        yield server


def answer(server: Server) -> list[str]:
    text = server.ask(request("OPTIONS", "sip:alice@127.0.0.1"), 30)
    return [line for line in text.decode().split("\r\n") if line.startswith(("SIP/", "X-"))]


def result(server: Server, *words: str | int) -> list[dict[str, int]]:
    reply = json.loads(server.rpc("guide.pkg_stats", *words))
    assert "result" in reply, reply
    found = reply["result"]
    assert isinstance(found, list)
    return found


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def test_10_1_rpc(server: Server) -> None:
    rows = result(server)
    assert rows[0]["entry"] == 0 and {"entry", "pid", "rank", "used"} == rows[0].keys()
    pid = rows[1]["pid"]
    assert result(server, "pid", pid) == [row for row in rows if row["pid"] == pid]
    assert [row["entry"] for row in result(server, "index", 1)] == [1]
    assert [row["rank"] for row in result(server, "rank", 1)] == [1]
    for words, text in (
        (("name", 1), "Invalid filter type"),
        (("pid",), "One more parameter expected"),
        (("pid", 4194303), "No such pid"),
    ):
        fault = json.loads(server.rpc("guide.pkg_stats", *words))["error"]
        assert (fault["code"], fault["message"]) == (500, text)


def test_11_3_and_16_9_9_pseudo_variables(server: Server) -> None:
    now = time.localtime()
    lines = answer(server)
    assert lines[0] == "SIP/2.0 200 OK"
    assert "X-Uri: sip:new@127.0.0.1 17 3" in lines  # 12.3: {g.len} too
    assert f"X-Time: {now.tm_year} {now.tm_mon} {now.tm_isdst}" in lines
    assert "X-Var: 1 silo l <null>" in lines


def test_16_8_command_functions(server: Server) -> None:
    lines = answer(server)
    assert "X-Code: 7" in lines and "X-Uint: 7" in lines
    assert not any("X-Wrong" in line for line in lines)
    with pytest.raises(TimeoutError):
        server.ask(request("OPTIONS", "sip:stop@127.0.0.1"), 0.5)


def test_16_modules_bind_to_each_other(server: Server) -> None:
    assert "X-Chance: 25" in answer(server)


def test_16_5_statistics(server: Server) -> None:
    answer(server)
    found = json.loads(server.rpc("stats.get_statistics", "guide:"))["result"]
    assert len(found) == 1 and found[0].startswith("guide:stored_messages = ")
    assert int(found[0].split("=")[1]) >= 1


def test_16_9_5_and_16_9_6_init_and_child_init(server: Server) -> None:
    log = server.log
    assert md5(b"some text").hexdigest() in log
    for rank in (-127, 0, -126, 1, -1, -4):  # INIT, MAIN, POSTCHILDINIT, worker, timer, TCP main
        assert f"child_init of rank {rank} in" in log, rank
    assert "child_init of rank -128" not in log
    assert log.index("child_init of rank -127") < log.index("child_init of rank 1 in")


def test_16_4_and_16_9_11_an_extra_process(server: Server) -> None:
    until(lambda: "extra process runs, child_init was left out" in server.log)
    rows = json.loads(server.rpc("core.ps"))["result"]
    pids = dict(zip(rows[1::2], rows[::2], strict=True))
    os.kill(pids["XMPP Manager"], signal.SIGKILL)
    until(lambda: server.log.count("extra process runs") == 2)


def test_15_4_a_timer_process_by_fork(server: Server) -> None:
    until(lambda: server.log.count("tick param now") >= 2)


def test_16_1_and_16_7_a_response_function(server: Server) -> None:
    """It sees each reply; one that it has dealt with goes no further."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
        end.bind(("127.0.0.1", 0))
        end.settimeout(30)
        here = end.getsockname()[1]
        for code in (404, 486):
            text = (
                f"SIP/2.0 {code} X\r\nVia: SIP/2.0/UDP 127.0.0.1:{server.port};branch=z9hG4bKa\r\n"
                f"Via: SIP/2.0/UDP 127.0.0.1:{here};branch=z9hG4bKb\r\nFrom: <sip:a@b>;tag=1\r\n"
                "To: <sip:b@b>;tag=2\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"
            )
            end.sendto(text.encode(), ("127.0.0.1", server.port))
        assert end.recv(65536).startswith(b"SIP/2.0 486 X")
    assert "reply 404" in server.log and "reply 486" in server.log


@pytest.mark.parametrize(
    ("was", "line", "where"),
    [
        ("g_uint(6);", 'g_uint("x");', 23),  # bad number
        ("g_uint(6);", "g_uint();", 23),
        ("g_sleep(0);", "g_sleep(0, 1);", 19),
        ("$gtime(year)", "$gtime(century)", 26),  # unknown PV time name
        ("{g.len}", "{g.size}", 25),
        ("probability", "probable", 12),
        ('"initial_probability", 25', '"initial_probability", "many"', 12),
    ],
)
def test_16_8_2_what_is_wrong_is_found_before_the_start(
    environment: Path, tmp_path: Path, was: str, line: str, where: int
) -> None:
    cfg = tmp_path / "wrong.cfg"
    cfg.write_text((environment / "own.cfg").read_text().replace(was, line))
    command = [sys.executable, "-m", "kcc", "check", "--format", "github", str(cfg)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"line={where}," in done.stdout


@pytest.mark.parametrize(
    ("was", "line", "message"),
    [
        ('"initial_probability", 25', '"initial_probability", 101', "invalid probability <101>"),
        ('"debug=i:1"', '"debug=i:x"', "'x' is no number"),
        ('"debug=i:1"', '"debug"', "unable to set shv param"),
        ("hashed", "absent", "No such file"),
    ],
)
def test_16_9_5_mod_init_refuses(
    environment: Path, tmp_path: Path, was: str, line: str, message: str
) -> None:
    cfg = tmp_path / "wrong.cfg"
    cfg.write_text((environment / "own.cfg").read_text().replace(was, line))
    command = [sys.executable, "-m", "kcc", "run", "-f", str(cfg), "-DD", "-E", "-m", "32"]
    command += ["-l", f"udp:127.0.0.1:{PortPool().take()}", "-Y", str(tmp_path / "run")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1, done.stderr
    assert message in done.stderr and "wrong.cfg" in done.stderr


def test_16_9_7_destroy(environment: Path, tmp_path: Path) -> None:
    with serving(environment / "own.cfg", tmp_path) as server:
        pass
    assert server.log.count("destroy with probability 25") == 1
