"""From the command line to the end: terminal, identity, files, limits, the service manager."""

from __future__ import annotations

import json
import os
import pwd
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.helpers.ports import PortPool
from tests.runtime.server import compiled
from tests.runtime.server.compiled import Running, ask, launch, source, start

Start = Callable[..., Running]
ALL = ("ctl", "jsonrpcs")
PARAMS = (
    ("jsonrpcs", "transport", 6),
    ("jsonrpcs", "fifo_name", b"kamailio_rpc.fifo"),
    ("jsonrpcs", "dgram_socket", b"kamailio_rpc.sock"),
)


@pytest.fixture(name="run")
def _run(tmp_path: Path) -> Iterator[Start]:
    running: list[Running] = []
    ports = PortPool()

    def begin(text: str, *options: str) -> Running:
        found = start(text, tmp_path / str(len(running)), ports.take(), *options)
        running.append(found)
        return found

    yield begin
    for found in running:
        found.kill()


def until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def rpc(server: Running, method: str) -> object:
    """The result of a command over the datagram socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind(str(server.run_dir / f"reply{time.monotonic_ns()}"))
        end.settimeout(30)
        request = {"jsonrpc": "2.0", "method": method, "id": 1}
        end.sendto(json.dumps(request).encode(), str(server.run_dir / "kamailio_rpc.sock"))
        return json.loads(end.recv(65536))["result"]


def daemon(text: str, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Start a server that leaves the terminal; returns when its first process has ended."""
    path = folder / "compiled.py"
    path.write_text(text)
    path.chmod(0o600)
    command = [sys.executable, "-m", "runtime", str(path), "-m", "32", "-n", "1", "-E"]
    command += ["-Y", str(folder), "-P", str(folder / "pid"), *options]
    return subprocess.run(
        command, cwd=compiled.ROOT, capture_output=True, text=True, timeout=60, check=False
    )


def of_group(leader: int) -> list[int]:
    """Processes of a session."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == leader and fields[0] != "Z":
                found.append(int(entry.name))
    return found


def test_a_daemon_that_cannot_start_says_so_to_its_shell(tmp_path: Path) -> None:
    """The exit status of the command is that of the start; nothing is left of it."""
    port = PortPool().take()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", port))
        done = daemon(source(), tmp_path, "-l", f"udp:127.0.0.1:{port}")
    assert done.returncode == 1
    assert not (tmp_path / "pid").exists()
    fails = "    def __init__(self, server):\n        raise MemoryError('no routes')\n"
    text = source().replace(
        "    def __init__(self, server):\n        self.server = server\n", fails
    )
    done = daemon(text, tmp_path, "-l", f"udp:127.0.0.1:{port}")
    assert done.returncode == 1
    assert not (tmp_path / "pid").exists()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", port))


def test_a_daemon_and_the_group_that_it_leads(tmp_path: Path) -> None:
    port = PortPool().take()
    options = ("-l", f"udp:127.0.0.1:{port}", "-G", str(tmp_path / "pgid"))
    done = daemon(source(), tmp_path, *options)
    assert done.returncode == 0, done.stderr
    pid, group = (int((tmp_path / name).read_text()) for name in ("pid", "pgid"))
    try:
        assert os.getpgid(pid) == group == os.getsid(pid) != pid
        assert os.readlink(f"/proc/{pid}/cwd") == "/"
        for fd in (0, 1, 2):
            assert os.readlink(f"/proc/{pid}/fd/{fd}") == "/dev/null"
        assert ask(port) == "SIP/2.0 200 OK"
        again = daemon(source(), tmp_path, "-l", f"udp:127.0.0.1:{PortPool().take()}")
        assert again.returncode == 1
        assert (tmp_path / "pid").read_text() == f"{pid}\n"
    finally:
        os.kill(pid, signal.SIGTERM)
    until(lambda: not of_group(group))
    assert not (tmp_path / "pid").exists() and not (tmp_path / "pgid").exists()


def test_without_a_group_of_its_own_none_is_written(run: Start, tmp_path: Path) -> None:
    (tmp_path / "pgid").write_text("123\n")
    server = run(source(), "-G", str(tmp_path / "pgid"))
    server.wait_log("no process group of our own")
    assert not (tmp_path / "pgid").exists()


def test_all_that_it_made_is_gone_after_it(run: Start, tmp_path: Path) -> None:
    server = run(source(modules=ALL, modparams=PARAMS), "-P", str(tmp_path / "pid"))
    made = {path.name for path in server.run_dir.iterdir()}
    assert {"kamailio_ctl", "kamailio_rpc.fifo", "kamailio_rpc.sock"} <= made
    before = {entry.name for entry in Path("/dev/shm").iterdir()}
    assert (tmp_path / "pid").read_text() == f"{server.process.pid}\n"
    assert rpc(server, "core.ps")
    assert server.stop() == 0
    assert [path.name for path in server.run_dir.iterdir() if "reply" not in path.name] == []
    assert not (tmp_path / "pid").exists()
    assert {entry.name for entry in Path("/dev/shm").iterdir()} <= before
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(socket.AF_INET, kind) as free:
            free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, kind == socket.SOCK_STREAM)
            free.bind(("127.0.0.1", server.port))


def test_each_kind_of_process_may_be_killed(run: Start, tmp_path: Path) -> None:
    """One after the other; what it serves is served again."""
    replies = ("jsonrpcs", "fifo_reply_dir", f"{tmp_path}/".encode())
    server = run(source(modules=ALL, modparams=(*PARAMS, replies)))
    rows = rpc(server, "core.ps")
    assert isinstance(rows, list)
    descriptions = dict(zip(rows[1::2], rows[::2], strict=True))
    kinds = [desc for desc in descriptions if "attendant" not in desc]
    assert len(kinds) == 8
    for desc in kinds:
        os.kill(descriptions[desc], signal.SIGKILL)
        until(lambda desc=desc: f"({desc}) runs again" in server.log)  # type: ignore[misc]
        assert f"child process {descriptions[desc]} exited by a signal 9" in server.log
    rows = rpc(server, "core.ps")
    assert isinstance(rows, list)
    assert dict(zip(rows[1::2], rows[::2], strict=True)).keys() == descriptions.keys()
    assert ask(server.port) == "SIP/2.0 200 OK"
    fifo = tmp_path / "answer"
    os.mkfifo(fifo)
    request = {"jsonrpc": "2.0", "method": "core.uptime", "reply_name": "answer", "id": 1}
    (server.run_dir / "kamailio_rpc.fifo").write_text(json.dumps(request))
    assert "uptime" in fifo.read_text()
    assert server.stop() == 0


def test_a_killed_server_leaves_no_process_and_can_start_again(run: Start, tmp_path: Path) -> None:
    """Its children end with it; a stale pid file, FIFO and sockets are taken over."""
    options = ("-P", str(tmp_path / "pid"))
    server = run(source(modules=ALL, modparams=PARAMS), *options)
    children = server.children()
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children))
    assert (tmp_path / "pid").exists()
    (server.directory / "log").unlink()
    text = source(modules=ALL, modparams=PARAMS)
    again = start(text, server.directory, server.port, *options)
    try:
        assert rpc(again, "core.ps")
        assert ask(again.port) == "SIP/2.0 200 OK"
        assert (tmp_path / "pid").read_text() == f"{again.process.pid}\n"
        assert "process that is gone" in again.log
        assert again.stop() == 0
    finally:
        again.kill()
    assert not (tmp_path / "pid").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can change the user")
def test_it_runs_as_another_user() -> None:
    """Bound as root, served as the user; pid file and run directory are the user's."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        as_nobody(Path(folder))


def as_nobody(tmp_path: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    port = PortPool().take()
    options = ("-u", "nobody", "-g", "nogroup", "-l", f"udp:127.0.0.1:{port}")
    options += ("-P", str(tmp_path / "pid"), "-Y", str(tmp_path / "own"))
    server = launch(source(modules=ALL, modparams=PARAMS), tmp_path / "0", port, *options)
    try:
        until(lambda: ask(port, seconds=0.5) == "SIP/2.0 200 OK")
        for pid in (server.process.pid, *server.children()):
            status = Path(f"/proc/{pid}/status").read_text()
            assert f"Uid:\t{nobody.pw_uid}\t{nobody.pw_uid}\t{nobody.pw_uid}" in status
            assert f"Gid:\t{nobody.pw_gid}\t{nobody.pw_gid}\t{nobody.pw_gid}" in status
        for path in (tmp_path / "pid", tmp_path / "own"):
            found = path.stat()
            assert (found.st_uid, found.st_gid) == (nobody.pw_uid, nobody.pw_gid)
        assert stat.S_IMODE((tmp_path / "own").stat().st_mode) == 0o700
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(30) == 0
    finally:
        server.kill()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can change its root directory")
def test_it_serves_from_another_root(run: Start, tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    server = run(source(modules=("sl", "pv")), "-t", str(root))
    assert os.readlink(f"/proc/{server.process.pid}/root") == str(root)
    assert ask(server.port) == "SIP/2.0 200 OK"
    assert server.stop() == 0


@pytest.mark.parametrize(("disabled", "limit"), [(1, "0"), (0, "unlimited")])
def test_core_dumps(run: Start, disabled: int, limit: str) -> None:
    server = run(source(core=(("disable_core_dump", disabled),)))
    limits = Path(f"/proc/{server.process.pid}/limits").read_text()
    (line,) = [line for line in limits.splitlines() if "core file" in line]
    if not disabled and os.geteuid() != 0:
        soft, hard = line.split()[4:6]
        assert soft == hard
    else:
        assert line.split()[4] == limit


def test_a_full_disk_under_the_log_stops_nothing(tmp_path: Path) -> None:
    port = PortPool().take()
    path = tmp_path / "compiled.py"
    path.write_text(source())
    path.chmod(0o600)
    command = [sys.executable, "-m", "runtime", str(path), "-DD", "-E", "-m", "32", "-n", "1"]
    command += ["--debug=3", "-l", f"udp:127.0.0.1:{port}", "-Y", str(tmp_path)]
    with open("/dev/full", "wb") as full:
        process = subprocess.Popen(command, cwd=compiled.ROOT, stdout=full, stderr=full)
    try:
        until(lambda: ask(port, seconds=0.5) == "SIP/2.0 200 OK")
        assert ask(port, "boom", 0.5) == ""
        assert ask(port) == "SIP/2.0 200 OK"
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


@pytest.mark.parametrize("name", ["notify", "@kcc-notify-{pid}"])
def test_the_service_manager_is_told(tmp_path: Path, name: str) -> None:
    """Ready when it serves, alive while it does, and that it stops."""
    name = name.format(pid=os.getpid()) if name.startswith("@") else str(tmp_path / name)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind("\0" + name[1:] if name.startswith("@") else name)
        manager.settimeout(30)
        environment = {**os.environ, "NOTIFY_SOCKET": name, "WATCHDOG_USEC": "200000"}
        port = PortPool().take()
        path = tmp_path / "compiled.py"
        path.write_text(source())
        path.chmod(0o600)
        command = [sys.executable, "-m", "runtime", str(path), "-DD", "-E", "-m", "32", "-n", "1"]
        command += ["-l", f"udp:127.0.0.1:{port}", "-Y", str(tmp_path)]
        process = subprocess.Popen(command, cwd=compiled.ROOT, env=environment)
        try:
            told = [manager.recv(4096).decode() for _ in range(3)]
            assert told[0] == f"READY=1\nMAINPID={process.pid}"
            assert told[1:] == ["WATCHDOG=1", "WATCHDOG=1"]
            assert ask(port) == "SIP/2.0 200 OK"
            process.send_signal(signal.SIGTERM)
            while (last := manager.recv(4096).decode()) == "WATCHDOG=1":
                pass
            assert last == "STOPPING=1"
            assert process.wait(30) == 0
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def test_lines_of_the_log_are_objects(run: Start) -> None:
    route = """
    def request_route(self, msg):
        from runtime.server.log import LM_ERR
        LM_ERR('say "%s"', msg.ruri_user.decode() + chr(92) + "y")
        return self.reply(msg, 200, b"OK")
"""
    prefix = (("log_prefix", b"{$rm} "),)
    text = source(modules=("pv",), core=prefix, route=route)
    for flags, name in (("", ""), (":aM", "kamailio."), (":c", "")):
        server = run(text, f"--log-engine=json{flags}")
        assert ask(server.port, "x") == "SIP/2.0 200 OK"
        assert server.stop() == 0
        lines = [json.loads(line) for line in server.log.splitlines()]
        (found,) = [line for line in lines if line[f"{name}level"] == "ERROR"]
        assert found[f"{name}message"] == 'test.cfg:100: say "x\\y"' + (
            "" if "M" in flags else "\n"
        )
        assert found[f"{name}logprefix"] == "{OPTIONS} "
        assert (found[f"{name}idx"], found[f"{name}function"]) == (1, "request_route")
        assert found.get("callid") == ("c1" if "c" in flags else None)


@pytest.mark.parametrize("option", ["-N", "-l"])
def test_options_of_tcp_need_tcp(tmp_path: Path, option: str) -> None:
    value = "2" if option == "-N" else f"tcp:127.0.0.1:{PortPool().take()}"
    server = launch(source(core=(("disable_tcp", 1),)), tmp_path, 0, option, value)
    assert server.process.wait(60) == 1
    assert f"{option}: TCP is off" in server.log
