"""A whole server on a module written by hand: start, serve, survive, end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.helpers.ports import PortPool
from tests.runtime.server import compiled
from tests.runtime.server.compiled import Running, ask, launch, source, start

Start = Callable[..., Running]


@pytest.fixture(name="run")
def _run(tmp_path: Path) -> Iterator[Start]:
    """Start servers that are ended with the test."""
    running: list[Running] = []
    ports = PortPool()

    def begin(text: str, *options: str) -> Running:
        found = start(text, tmp_path / str(len(running)), ports.take(), *options)
        running.append(found)
        return found

    yield begin
    for found in running:
        found.kill()


def refused(text: str, directory: Path, *options: str) -> tuple[int, str]:
    """Exit status and output of a server that should not start."""
    found = launch(text, directory, 0, *options)
    try:
        return found.process.wait(30), found.log
    finally:
        found.kill()


def test_it_answers_and_sigterm_leaves_nothing(run: Start) -> None:
    server = run(source())
    assert ask(server.port) == "SIP/2.0 200 OK"
    assert server.stop() == 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", server.port))


def test_sigint_ends_it_too(run: Start) -> None:
    server = run(source())
    server.process.send_signal(signal.SIGINT)
    assert server.process.wait(20) == 0


def test_other_signals_do_not_end_it(run: Start) -> None:
    """As in Kamailio: USR1 writes what is in use of memory, at level ``memlog``."""
    server = run(source(core=(("memlog", 1), ("mem_summary", 15))), "--debug=3")
    for number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGPIPE):
        server.process.send_signal(number)
    server.wait_log("SIGHUP received, ignoring it")
    server.wait_log("SIGPIPE received and ignored")
    server.wait_log("unhandled signal 12")
    server.wait_log("NOTICE: <core> [server/memory_status.py")
    for text in ("Memory status (pkg)", "Memory status (shm)", "summary (pkg)", "summary (shm)"):
        server.wait_log(text)
    children = set(server.children())
    for pid in children:
        for number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGPIPE):
            os.kill(pid, number)
    server.wait_log("signal 10 received")
    assert ask(server.port) == "SIP/2.0 200 OK"
    assert set(server.children()) == children
    assert server.stop() == 0


def test_a_killed_worker_comes_back(run: Start) -> None:
    server = run(source())
    pid = int(ask(server.port, "pid").split()[-1])
    os.kill(pid, signal.SIGKILL)
    server.wait_log("runs again")
    new = ""
    end = time.monotonic() + 10
    while not new and time.monotonic() < end:
        new = ask(server.port, "pid", 0.5)
    assert new and int(new.split()[-1]) != pid
    assert "was killed by SIGKILL" in server.log
    assert server.stop() == 0


def test_every_process_comes_back(run: Start) -> None:
    server = run(source(modules=("ctl", "jsonrpcs")))
    before = set(server.children())
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    end = time.monotonic() + 20
    while server.log.count("runs again") < len(before) and time.monotonic() < end:
        time.sleep(0.05)
    after = set(server.children())
    assert len(after) == len(before) and not after & before
    assert ask(server.port) == "SIP/2.0 200 OK"
    assert server.stop() == 0


def test_an_error_in_a_route_names_the_line_and_the_worker_lives(run: Start) -> None:
    server = run(source())
    pid = ask(server.port, "pid")
    assert ask(server.port, "boom", 0.5) == ""
    assert ask(server.port, "pid") == pid
    server.wait_log("test.cfg:100")
    assert "a bug in the route" in server.log


def test_garbage_is_dropped(run: Start) -> None:
    server = run(source())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for data in (
            b"",
            b"\r\n\r\n",
            b"\0" * 40,
            os.urandom(1000),
            b"x" * 65000,
            b"A B C\r\n" * 9,
        ):
            sock.sendto(data, ("127.0.0.1", server.port))
    assert ask(server.port) == "SIP/2.0 200 OK"


def test_many_requests_are_each_answered_once(run: Start) -> None:
    server = run(source(), "-n", "2")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(5)
        seen = set()
        for block in range(10):
            for n in range(30):
                request = compiled.options_request(server.port, "ping", cseq=block * 30 + n)
                sock.sendto(request, ("127.0.0.1", server.port))
            for _ in range(30):
                reply = sock.recv(65535)
                seen.add(reply.split(b"CSeq: ")[1].split(b" ")[0])
        assert len(seen) == 300


def test_a_taken_port_is_named_with_its_line(tmp_path: Path) -> None:
    port = PortPool().take()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", port))
        text = source(listens=(("udp", "127.0.0.1", port),))
        status, log = refused(text, tmp_path)
    assert status == 1
    assert f"test.cfg:30: cannot listen on udp:127.0.0.1:{port}: another program" in log


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (source(modules=("no_such",)), "module 'no_such' does not exist"),
        (source(core=(("nonsense", 1),)), "test.cfg:10: unknown global parameter 'nonsense'"),
        (source(core=(("children", b"x"),)), "test.cfg:10: modparam core:children takes a number"),
        (source(core=(("log_facility", b"X"),)), "test.cfg:10: unknown log facility 'X'"),
        (source(modparams=(("ctl", "mode", 1),)), "test.cfg:50: modparam for module ctl, not"),
        (
            source(modules=("ctl",), modparams=(("ctl", "nope", 1),)),
            "test.cfg:50: module ctl has no parameter 'nope'",
        ),
        (
            source(modules=("ctl",), modparams=(("ctl", "mode", b"rw"),)),
            "test.cfg:50: modparam ctl:mode takes a number, not 'rw'",
        ),
        (
            source(modules=("ctl",), modparams=(("ctl", "binrpc", b"tcp:h:0"),)),
            "test.cfg:50: modparam ctl:binrpc: 'tcp:h:0': bad port",
        ),
        (
            source(extra="not_built=(NotBuilt('function x', Place('test.cfg', 77)),),"),
            "test.cfg:77: function x is not built",
        ),
        (source(listens=(("udp", "203.0.113.9", 5060),)), "test.cfg:30: cannot listen"),
        ("CONFIG = 1", "not a compiled configuration"),
        ("syntax error", "cannot be loaded"),
    ],
)
def test_bad_configurations_are_refused_with_their_line(
    tmp_path: Path, text: str, message: str
) -> None:
    listen = ("-l", f"udp:127.0.0.1:{PortPool().take()}")  # else all would want port 5060
    status, log = refused(text, tmp_path, *listen)
    assert status == 1
    assert message in log


def test_code_that_others_may_write_is_not_loaded(tmp_path: Path) -> None:
    path = tmp_path / "compiled.py"
    path.write_text(source())
    path.chmod(0o666)
    command = [sys.executable, "-m", "runtime", str(path), "-DD", "-E"]
    done = subprocess.run(command, cwd=compiled.ROOT, capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert "another user could have written it" in done.stderr


def test_it_leaves_the_terminal_and_writes_its_pid(tmp_path: Path) -> None:
    port = PortPool().take()
    path = tmp_path / "compiled.py"
    path.write_text(source())
    path.chmod(0o600)
    pid_file = tmp_path / "pid"
    command = [sys.executable, "-m", "runtime", str(path), "-m", "32"]
    command += ["-l", f"udp:127.0.0.1:{port}", "-n", "1", "-P", str(pid_file), "-Y", str(tmp_path)]
    done = subprocess.run(command, cwd=compiled.ROOT, capture_output=True, timeout=30)
    assert done.returncode == 0, done.stderr
    pid = int(pid_file.read_text())
    try:
        assert ask(port) == "SIP/2.0 200 OK"
    finally:
        os.kill(pid, signal.SIGTERM)
    end = time.monotonic() + 20
    while pid_file.exists() and time.monotonic() < end:
        time.sleep(0.02)
    assert not pid_file.exists()


def test_socket_workers_count_for_the_next_socket_only(run: Start) -> None:
    ports = PortPool()
    ports.take()  # what the fixture's pool gives first
    listens = (("udp", "127.0.0.1", ports.take()), ("udp", "127.0.0.1", ports.take()))
    # core settings stand at lines 10.., listen lines at 30..
    server = run(source(core=(("socket_workers", 3), ("children", 1)), listens=listens))
    # 3 for the first socket, 1 for the second, 1 for that of -l; 2 timers, reader, TCP main
    assert len(server.children()) == 3 + 1 + 1 + 2 + 1 + 1


def test_log_prefix_is_of_the_message(run: Start) -> None:
    route = """
    def request_route(self, msg):
        from runtime.server.log import LM_ERR
        LM_ERR("seen")
        return self.reply(msg, 200, b"OK")
"""
    prefix = (("log_prefix", b"{$rm $ci} "),)
    server = run(source(modules=("pv",), core=prefix, route=route))
    assert ask(server.port) == "SIP/2.0 200 OK"
    server.wait_log("ERROR: {OPTIONS c1} ")
    assert "INFO: <core>" in server.log


def test_check_only_finds_bad_parameters_and_opens_nothing(tmp_path: Path) -> None:
    listens = (("udp", "203.0.113.9", 5060),)  # not ours: would be refused if it were bound
    status, log = refused(source(modules=("ctl",), listens=listens), tmp_path / "good", "-c")
    assert status == 0
    assert not (tmp_path / "good" / "run" / "kamailio_ctl").exists()
    bad = source(modules=("ctl",), modparams=(("ctl", "nope", 1),))
    status, log = refused(bad, tmp_path / "bad", "-c")
    assert status == 1
    assert "test.cfg:50: module ctl has no parameter 'nope'" in log


def test_the_first_worker_runs_its_event_route_once(run: Start) -> None:
    text = source().replace(
        "RouteTable(request=True,", "RouteTable(request=True, event=('core:worker-one-init',),"
    )
    text = text.replace(
        "(('request', '', 'request_route'),)",
        "(('request', '', 'request_route'), ('event', 'core:worker-one-init', 'first'))",
    )
    text = text.replace(
        "    def request_route(self, msg):",
        "    def first(self, msg):\n"
        "        os.write(2, b'first %s\\n' % msg.method)\n"
        "        return 1\n\n"
        "    def request_route(self, msg):",
        1,
    )
    server = run(text, "-n", "2")
    server.wait_log("first OPTIONS")
    pids = {ask(server.port, "pid") for _ in range(20)}
    for answer in pids:
        os.kill(int(answer.split()[-1]), signal.SIGKILL)
    server.wait_log("runs again")
    assert ask(server.port) == "SIP/2.0 200 OK"
    assert server.log.count("first OPTIONS") == 1


def test_parameters_that_change_sockets_memory_and_locks(run: Start) -> None:
    core: tuple[tuple[str, int | bytes], ...] = (
        ("route_locks_size", 4),
        ("tos", b"IPTOS_LOWDELAY"),
        ("tcp_reuse_port", 1),
        ("tcp_defer_accept", 1),
        ("tcp_keepidle", 20),
        ("pmtu_discovery", 1),
        ("ip_free_bind", 1),
        ("shm_force_alloc", 1),
        ("disable_core_dump", 1),
        ("open_files_limit", 256),
    )
    server = run(source(core=core))
    assert ask(server.port) == "SIP/2.0 200 OK"
    assert ask(server.port) == "SIP/2.0 200 OK"
    limits = Path(f"/proc/{server.process.pid}/limits").read_text()
    assert "Max open files            256" in limits
    assert server.stop() == 0


def test_sigterm_during_a_route_ends_the_worker(run: Start) -> None:
    route = """
    def request_route(self, msg):
        import time
        os.write(2, b"in the route\\n")
        time.sleep(30)
        return 1
"""
    server = run(source(route=route))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendto(compiled.options_request(server.port), ("127.0.0.1", server.port))
        server.wait_log("in the route")
    assert server.stop() == 0
    assert "does not end" not in server.log
