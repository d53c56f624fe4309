"""Compiled modules written by hand, and the server that runs one."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[3]

HEAD: Final = """
import os
from runtime.declare.config import (
    Config, CoreSetting, CustomVar, Listen, ModParam, NotBuilt, Place, RouteTable
)
from runtime.native import send, sipmsg
from runtime.script.flow import DROP, EXIT


class Routes:
    def __init__(self, server):
        self.server = server

    def reply(self, msg, code, reason):
        text = sipmsg.build_reply(msg, code, reason, b"tag")
        proto = {b"udp": 1, b"tcp": 2}[msg.proto.lower()]
        send.send_to(text, msg.src_ip, msg.src_port, proto, conn_id=msg.conn_id)
        return 1
"""

ROUTE: Final = """
    def request_route(self, msg):
        user = msg.ruri_user
        if user == b"pid":
            return self.reply(msg, 200, b"%d" % os.getpid())
        if user == b"boom":
            raise ValueError("a bug in the route")
        if user == b"debug":
            return self.reply(msg, 200, b"%d" % self.server.cfg.get("core", "debug"))
        if user == b"custom":
            return self.reply(msg, 200, b"%d" % self.server.cfg.get("site", "limit"))
        if user == b"drop":
            return DROP
        return self.reply(msg, 200, b"OK")
"""


def source(
    *,
    modules: Sequence[str] = (),
    core: Sequence[tuple[str, int | bytes]] = (),
    modparams: Sequence[tuple[str, str, int | bytes]] = (),
    listens: Sequence[tuple[str, str, int]] = (),
    extra: str = "",
    route: str = ROUTE,
    reply: bool = False,
) -> str:
    """The text of a module; places count lines of ``test.cfg`` from 10."""
    settings = [
        f"CoreSetting({n!r}, {v!r}, Place('test.cfg', {10 + i}))" for i, (n, v) in enumerate(core)
    ]
    params = [
        f"ModParam({m!r}, {n!r}, {v!r}, Place('test.cfg', {50 + i}))"
        for i, (m, n, v) in enumerate(modparams)
    ]
    listen = [
        f"Listen({p!r}, {h!r}, {n}, Place('test.cfg', {30 + i}))"
        for i, (p, h, n) in enumerate(listens)
    ]
    methods = [("request", "", "request_route")] + ([("reply", "", "reply_route")] if reply else [])
    text = f"""{HEAD}{route}

CONFIG = Config(
    source="test.cfg",
    modules={tuple(modules)!r},
    core=({''.join(item + ', ' for item in settings)}),
    listens=({''.join(item + ', ' for item in listen)}),
    aliases=(),
    custom=(CustomVar("site", "limit", 17, b"a limit", Place("test.cfg", 5)),),
    modparams=({''.join(item + ', ' for item in params)}),
    routes=RouteTable(request=True, reply={reply}, methods={tuple(methods)!r}),
    digest="0" * 64,
    {extra}
)
"""
    first = text[: text.index("def request_route")].count("\n") + 1
    return text + f'FILES = ("test.cfg",)\nLINES = (({first}, 0, 100),)\n'


@dataclass(slots=True)
class Running:
    """A server process: ``directory`` holds its log and run directory."""

    process: subprocess.Popen[bytes]
    directory: Path
    port: int

    @property
    def log(self) -> str:
        """What it has written."""
        return (self.directory / "log").read_text()

    @property
    def run_dir(self) -> Path:
        """``-Y``."""
        return self.directory / "run"

    def wait_log(self, text: str, seconds: float = 20.0) -> None:
        """Return when the log holds ``text``; AssertionError after ``seconds``."""
        end = time.monotonic() + seconds
        while text not in self.log:
            assert self.process.poll() is None, self.log
            assert time.monotonic() < end, f"{text!r} not in:\n{self.log}"
            time.sleep(0.02)

    def children(self) -> list[int]:
        """Pids of its child processes."""
        path = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        return [int(pid) for pid in Path(path).read_text().split()]

    def stop(self) -> int:
        """SIGTERM and wait; the exit status. No child may be left."""
        children = self.children() if self.process.poll() is None else []
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(20)
        for pid in children:
            assert not Path(f"/proc/{pid}").exists(), f"process {pid} is left"
        return status

    def kill(self) -> None:
        """End whatever is left of it."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def launch(text: str, directory: Path, port: int, *options: str) -> Running:
    """Write the module and start a server on it, without waiting."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "run").mkdir(exist_ok=True)
    path = directory / "compiled.py"
    path.write_text(text)
    path.chmod(0o600)
    command = [sys.executable, "-m", "runtime", str(path), "-DD", "-E", "-m", "32"]
    command += ["-Y", str(directory / "run"), *options]
    with open(directory / "log", "ab") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
        )
    return Running(process, directory, port)


def start(text: str, directory: Path, port: int, *options: str) -> Running:
    """``launch`` on UDP and TCP of 127.0.0.1:port with one worker each; wait until it serves."""
    sockets = ["--debug=2", "-l", f"udp:127.0.0.1:{port}", "-l", f"tcp:127.0.0.1:{port}"]
    if not any(option == "-n" for option in options):
        sockets += ["-n", "1"]
    running = launch(text, directory, port, *sockets, *options)
    try:
        running.wait_log("started: ")
    except AssertionError:
        running.kill()
        raise
    return running


def options_request(port: int, user: str = "ping", transport: str = "UDP", cseq: int = 1) -> bytes:
    """An OPTIONS request to ``user`` at the server."""
    return (
        f"OPTIONS sip:{user}@127.0.0.1:{port} SIP/2.0\r\n"
        f"Via: SIP/2.0/{transport} 127.0.0.1:9;branch=z9hG4bK{user}{cseq};rport\r\n"
        f"From: <sip:t@127.0.0.1>;tag=f\r\nTo: <sip:{user}@127.0.0.1>\r\n"
        f"Call-ID: c{cseq}\r\nCSeq: {cseq} OPTIONS\r\nContent-Length: 0\r\n\r\n"
    ).encode()


def ask(port: int, user: str = "ping", seconds: float = 5.0) -> str:
    """The first line that the server answers over UDP; empty where nothing comes."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(seconds)
        sock.sendto(options_request(port, user), ("127.0.0.1", port))
        try:
            return sock.recv(65535).split(b"\r\n", 1)[0].decode()
        except TimeoutError:
            return ""
