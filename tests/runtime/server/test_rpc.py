"""RPC commands through the unmodified ``kamcmd`` and through JSON-RPC."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.helpers.ports import PortPool
from tests.runtime.server.compiled import Running, ask, source, start

MODULES = ("kex", "corex", "counters", "ctl", "cfg_rpc", "jsonrpcs")
KAMCMD = shutil.which("kamcmd")


@pytest.fixture(name="server", scope="module")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    text = source(modules=MODULES, modparams=(("counters", "script_counter", b"foo a counter"),))
    found = start(text, tmp_path_factory.mktemp("rpc"), PortPool().take())
    yield found
    found.kill()


Call = Callable[..., str]


@pytest.fixture(name="kamcmd")
def _kamcmd(server: Running) -> Call:
    if KAMCMD is None:
        pytest.skip("kamcmd is not installed")
    program = KAMCMD

    def call(*words: str) -> str:
        command = [program, "-s", f"unixs:{server.run_dir}/kamailio_ctl", *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)
        return done.stdout + done.stderr

    return call


def jsonrpc(server: Running, method: str, *params: str | int) -> dict[str, object]:
    """One request over the datagram socket."""
    request = {"jsonrpc": "2.0", "method": method, "params": params, "id": 1}
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        path = server.run_dir / f"client-{method}-{len(params)}"
        sock.bind(str(path))
        sock.settimeout(10)
        sock.sendto(json.dumps(request).encode(), str(server.run_dir / "kamailio_rpc.sock"))
        reply: dict[str, object] = json.loads(sock.recv(65536))
        path.unlink()
        return reply


def test_version_and_processes(server: Running, kamcmd: Call) -> None:
    assert kamcmd("core.version").startswith("kcc ")
    rows = kamcmd("core.ps").split("\n")
    assert rows[0] == str(server.process.pid)
    assert rows[1] == "main process - attendant"
    assert f"udp receiver child=0 sock=127.0.0.1:{server.port}" in rows
    assert "ctl handler" in rows and "tcp main process" in rows
    assert "IDX: 0" in kamcmd("core.psx")
    assert "rank: 1" in kamcmd("core.psa")


@pytest.mark.parametrize(
    ("words", "texts"),
    [
        (("core.uptime",), ("now: ", "up_since: ", "uptime: ")),
        (("core.info",), ("version: kcc", "compiler: ")),
        (("core.shmmem",), ("total: 33554432", "free: ", "max_used: ", "fragments: ")),
        (("core.shmmem", "m"), ("total: 32",)),
        (("core.tcp_info",), ("readers: 1", "max_connections: 2048", "opened_connections: 0")),
        (("core.tcp_options",), ("connection_lifetime: 120",)),
        (("core.sockets_list",), ("proto: udp", "proto: tcp", "address: 127.0.0.1", "mcast: no")),
        (("core.aliases_list",), ("myself_callbacks: no", "address: localhost")),
        (("core.modules",), ("jsonrpcs\ncfg_rpc\nctl\ncounters\ncorex\nkex",)),
        (("core.udp4_raw_info",), ("udp4_raw: 0",)),
        (("core.printi", "5"), ("5",)),
        (("core.prints", "ab"), ("ab",)),
        (("core.echo", "a", "1"), ("a\n1",)),
        (("core.shmmem", "x"), ("error: 500 - bad param, (use b|k|m|g)",)),
        (("nope.x",), ("error: 500 - command nope.x not found",)),
        (("system.methodHelp", "core.ps"), ("Returns the description of running processes.",)),
        (("system.methodSignature", "core.ps"), ("error: 500 - Not Implemented Yet",)),
        (("pkg.stats",), ("entry: 0", "desc: main process - attendant")),
        (("mod.stats", "kex", "all"), ("Module: kex",)),
        (("cfg.get", "nope", "x"), ("error: 400 - Failed to get the variable",)),
        (("cfg.help", "core", "debug"), ("(parameter type is integer)",)),
        (("cfg.list", "tcp"), ("tcp: connect_timeout",)),
        (("stats.get_statistics", "shmem:"), ("shmem:total_size = 33554432",)),
        (("stats.fetch", "core:"), ("core.rcv_requests: ",)),
        (("stats.fetch", "core:rcv_requests"), ("core.rcv_requests: ",)),
        (("stats.fetchn", "shmem.total_size"), ("shmem.total_size: 33554432",)),
        (("stats.fetch", "core:total_size"), ("{\n}",)),
        (("cnt.get", "script", "foo"), ("0",)),
        (("cnt.help", "script", "foo"), ("a counter",)),
        (("cnt.get", "a", "b"), ("error: 400 - non-existent counter a.b",)),
        (("cnt.grps_list",), ("core\n", "script\n", "tcp\n")),
        (("ctl.listen",), ("unix_stream", "kamailio_ctl")),
        (("ctl.connections",), ("1",)),
    ],
)
def test_commands(kamcmd: Call, words: tuple[str, ...], texts: tuple[str, ...]) -> None:
    answer = kamcmd(*words)
    for text in texts:
        assert text in answer


def test_cfg_changes_the_running_processes(server: Running, kamcmd: Call) -> None:
    assert ask(server.port, "custom") == "SIP/2.0 200 17"
    kamcmd("cfg.set_now_int", "site", "limit", "99")
    assert ask(server.port, "custom") == "SIP/2.0 200 99"
    assert kamcmd("cfg.get", "site", "limit").strip() == "99"
    kamcmd("cfg.set_delayed_int", "site", "limit", "5")
    assert kamcmd("cfg.get", "site", "limit").strip() == "99"
    assert "new value: 5" in kamcmd("cfg.diff")
    kamcmd("cfg.commit")
    assert ask(server.port, "custom") == "SIP/2.0 200 5"
    kamcmd("cfg.reset", "site", "limit")
    assert ask(server.port, "custom") == "SIP/2.0 200 17"
    assert "error: 400" in kamcmd("cfg.set_now_string", "site", "limit", "s:x")


def test_statistics_count(server: Running, kamcmd: Call) -> None:
    before = int(kamcmd("cnt.get", "core", "rcv_requests"))
    ask(server.port)
    assert int(kamcmd("cnt.get", "core", "rcv_requests")) == before + 1
    assert "core:rcv_requests_options = 0" in kamcmd(
        "stats.reset_statistics", "rcv_requests_options"
    ) + kamcmd("stats.get_statistics", "rcv_requests_options")


def test_jsonrpc_datagram(server: Running) -> None:
    reply = jsonrpc(server, "core.echo", "a", 1)
    assert reply == {"jsonrpc": "2.0", "result": ["a", "1"], "id": 1}
    assert jsonrpc(server, "no.such")["error"] == {"code": 500, "message": "Method Not Found"}
    assert jsonrpc(server, "core.shmmem", "m")["result"]["total"] == 32  # type: ignore[index]


def test_jsonrpc_fifo(server: Running) -> None:
    name = f"kcc_test_{os.getpid()}"
    path = Path("/tmp") / name
    os.mkfifo(path)
    try:
        fd = os.open(path, os.O_RDWR)
        request = {"jsonrpc": "2.0", "method": "core.echo", "params": ["x"], "reply_name": name}
        with open(server.run_dir / "kamailio_rpc.fifo", "wb", buffering=0) as fifo:
            fifo.write(json.dumps({**request, "reply_name": "../x"}).encode())
            fifo.write(json.dumps(request).encode())
        assert json.loads(os.read(fd, 65536))["result"] == ["x"]
        os.close(fd)
    finally:
        path.unlink()


def test_broken_control_packets_do_no_harm(server: Running, kamcmd: Call) -> None:
    for data in (b"\xa1", b"garbage", b"\xa1\x0f" + b"\xff" * 30, b"\xa1\x00\x05\x01\x71abc"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
            sock.connect(str(server.run_dir / "kamailio_ctl"))
            sock.sendall(data)
    assert kamcmd("core.echo", "still").strip() == "still"


def test_kill_ends_the_server(tmp_path: Path) -> None:
    found = start(source(modules=MODULES), tmp_path, PortPool().take())
    try:
        jsonrpc(found, "core.kill")
        assert found.process.wait(20) == 0
        assert not (found.run_dir / "kamailio_ctl").exists()
        assert not (found.run_dir / "kamailio_rpc.sock").exists()
        assert not (found.run_dir / "kamailio_rpc.fifo").exists()
    finally:
        found.kill()


@pytest.mark.skipif(shutil.which("kamcli") is None, reason="kamcli is not installed")
def test_kamcli_over_the_socket(server: Running, tmp_path: Path) -> None:
    config = tmp_path / "kamcli.ini"
    config.write_text(
        "[ctl]\ntype=jsonrpc\nkamgroup=\n[jsonrpc]\ntransport=socket\noutformat=json\n"
        f"srvaddr={server.run_dir}/kamailio_rpc.sock\nrcvaddr={server.run_dir}/kamcli.sock\n"
        "rplnamebase=r\nrpldir=/tmp\n"
    )
    command = ["kamcli", f"--config={config}", "rpc", "core.echo", "hello"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert "hello" in done.stdout, done.stdout + done.stderr
