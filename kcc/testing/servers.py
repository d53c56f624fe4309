"""Start a SIP server on a configuration, talk to it, and end it without leftovers.

For the tests of a configuration or of a module::

    with serving("proxy.cfg", tmp_path) as server:
        assert b"SIP/2.0 200" in server.ask(request)
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kcc.testing.ports import PortPool

OURS: tuple[str, ...] = (sys.executable, "-m", "kcc", "run")

BOOT_SECONDS = 60.0
STOP_SECONDS = 15.0
RPC_SECONDS = 5.0


class ServerFailed(Exception):
    """The server did not come up or did not go down; the message ends with its log."""


def search_path() -> str:
    """``PATH``, and where programs of the system are."""
    return os.environ.get("PATH", os.defpath) + ":/usr/sbin:/usr/local/sbin"


@dataclass(slots=True)
class Server:
    """A running server: `port` serves UDP and TCP on 127.0.0.1."""

    command: Sequence[str]
    port: int
    directory: Path
    process: subprocess.Popen[bytes]

    @property
    def run_dir(self) -> Path:
        """Its run directory (`-Y`): control sockets live here."""
        return self.directory / "run"

    @property
    def log(self) -> str:
        """All that it has written so far."""
        return (self.directory / "log").read_text(errors="replace")

    def stop(self) -> int:
        """SIGTERM, wait for it and for its children; its exit status. ServerFailed if any stay."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(STOP_SECONDS)
            stayed = not _gone(self.process.pid, deadline=time.monotonic() + 5.0)
        except subprocess.TimeoutExpired:
            status, stayed = -1, True
        if stayed:
            _signal_group(self.process.pid, signal.SIGKILL)
            self.process.wait()
            raise ServerFailed(f"processes left after SIGTERM\n{self.log[-4000:]}")
        return status

    def restart(self) -> None:
        """Stop it, and start the same command in the same directory."""
        self.stop()
        self.process = _spawn(self.command, self.directory)
        _wait_ready(self)

    def rpc(self, method: str, *params: str | int | float) -> bytes:
        """The reply of module jsonrpcs to a JSON-RPC request on its datagram socket."""
        request = {"jsonrpc": "2.0", "method": method, "params": params, "id": 1}
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
            end.bind(str(self.run_dir / f"reply-{time.monotonic_ns()}.sock"))
            end.settimeout(RPC_SECONDS)
            end.sendto(json.dumps(request).encode(), str(self.run_dir / "kamailio_rpc.sock"))
            return end.recv(65536)

    def ask(self, request: bytes, seconds: float = RPC_SECONDS) -> bytes:
        """The first datagram that comes back for one; TimeoutError where none does."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
            end.connect(("127.0.0.1", self.port))
            end.settimeout(seconds)
            end.send(request)
            return end.recv(65536)


@contextmanager
def serving(
    cfg: str | Path,
    directory: Path,
    defines: Sequence[str] = (),
    options: Sequence[str] = (),
    program: Sequence[str] = OURS,
) -> Iterator[Server]:
    """A server on a free port of 127.0.0.1 for as long as the block lasts.

    ``directory`` takes its log, pid file and run directory; ``options`` are Kamailio's own.
    Raises ServerFailed with the end of the log where it does not come up.
    """
    server = start(program, Path(cfg), directory, PortPool().take(), defines, options)
    try:
        yield server
    finally:
        server.stop()


def request(method: str, uri: str, headers: str = "", body: str = "") -> bytes:
    """A plain SIP request as octets; ``headers`` are whole lines, each with its CRLF."""
    marker = uuid.uuid4().hex
    return (
        f"{method} {uri} SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP 127.0.0.1:9;rport;branch=z9hG4bK{marker}\r\n"
        f"From: <sip:caller@127.0.0.1>;tag={marker[:8]}\r\nTo: <{uri}>\r\n"
        f"Call-ID: {marker}\r\nCSeq: 1 {method}\r\nMax-Forwards: 70\r\n{headers}"
        f"Content-Length: {len(body.encode())}\r\n\r\n{body}"
    ).encode()


def start(
    program: Sequence[str],
    cfg: Path,
    directory: Path,
    port: int,
    defines: Sequence[str] = (),
    options: Sequence[str] = (),
) -> Server:
    """Run `program` on `cfg` in `directory`; returns once it answers OPTIONS on UDP and TCP."""
    run_dir = directory / "run"
    run_dir.mkdir(parents=True, exist_ok=True)
    command = [*program, "-f", str(cfg), "-DD", "-E", "-m", "64", "-n", "1"]
    command += ["-l", f"udp:127.0.0.1:{port}", "-l", f"tcp:127.0.0.1:{port}"]
    command += ["-Y", str(run_dir), "-P", str(directory / "pid")]
    for name in defines:
        command += ["-A", name]
    command += options
    server = Server(command, port, directory, _spawn(command, directory))
    _wait_ready(server)
    return server


def _spawn(command: Sequence[str], directory: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PATH": search_path()}
    if shutil.which("setpriv"):  # it ends with us even where nobody can call stop()
        command = ["setpriv", "--pdeathsig", "TERM", *command]
    with open(directory / "log", "ab") as log:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment,
            start_new_session=True,
        )


def ping(port: int, marker: str, timeout: float) -> bool:
    """One OPTIONS to 127.0.0.1:`port`; True when its own answer came within `timeout` seconds."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        probe.settimeout(timeout)
        here = f"127.0.0.1:{probe.getsockname()[1]}"
        probe.sendto(
            f"OPTIONS sip:127.0.0.1:{port} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {here};branch=z9hG4bK-ping-{marker}\r\n"
            f"From: <sip:ping@{here}>;tag=ping\r\n"
            f"To: <sip:127.0.0.1:{port}>\r\n"
            f"Call-ID: ping-{marker}\r\n"
            "CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n".encode(),
            ("127.0.0.1", port),
        )
        try:
            return f"ping-{marker}".encode() in probe.recv(65536)
        except (TimeoutError, ConnectionError):
            return False


def _wait_ready(server: Server) -> None:
    try:
        _poll_ready(server)
    except BaseException:
        _signal_group(server.process.pid, signal.SIGKILL)
        server.process.wait()
        raise


def _poll_ready(server: Server) -> None:
    deadline = time.monotonic() + BOOT_SECONDS
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            raise ServerFailed(
                f"{server.process.args!r} ended with {server.process.returncode}\n"
                f"{server.log[-4000:]}"
            )
        if ping(server.port, "boot", timeout=0.1) and _accepts_tcp(server.port):
            return
        time.sleep(0.02)
    raise ServerFailed(f"no answer to OPTIONS in {BOOT_SECONDS:.0f} s\n{server.log[-4000:]}")


def _accepts_tcp(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
    except OSError:
        return False
    return True


def _signal_group(leader: int, number: int) -> bool:
    try:
        os.killpg(leader, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _gone(leader: int, deadline: float) -> bool:
    while _signal_group(leader, 0):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
