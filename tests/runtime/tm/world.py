"""A server without sockets or clock: packets and time are put in, what it sends is taken out.

Native state is made once a process, so each test runs in a process of its own (``isolated``).
"""

from __future__ import annotations

import functools
import importlib
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from runtime.modules.tm.module import pack_lists, unpack_lists
from runtime.native import (
    net,
    receive,
    shm,
    sl,
    timer,
    tm,
    tm_admin,
    tm_fire,
    tm_hooks,
    tm_pretran,
    tm_receive,
    tm_script,
    tm_trans,
)
from runtime.native.sipmsg import SipMsg
from runtime.script.flow import DROP, EXIT

ROOT = Path(__file__).resolve().parents[3]
UDP = 1
START = 1_000_000
SERVER = b"127.0.0.1:5060"
CALLER = (b"10.0.0.1", 5061)

RouteFunction = Callable[[SipMsg], int]


def isolated(test: Callable[[], None]) -> Callable[[], None]:
    """Run a test function in a fresh interpreter; its traceback becomes the failure."""

    @functools.wraps(test)
    def run() -> None:
        program = (
            f"from tests.runtime.tm.world import main; main({test.__module__!r}, {test.__name__!r})"
        )
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", program],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert done.returncode == 0, f"exit {done.returncode}\n{done.stdout}{done.stderr}"

    return run


def main(module: str, name: str) -> None:
    """The other side of ``isolated``."""
    function = getattr(importlib.import_module(module), name)
    function.__wrapped__()


@dataclass(frozen=True, slots=True)
class Sent:
    """One message that the server sent."""

    proto: int
    host: bytes
    port: int
    data: bytes

    @property
    def first(self) -> bytes:
        """The first line."""
        return self.data.partition(b"\r\n")[0]

    @property
    def status(self) -> int:
        """The status of a reply, 0 of a request."""
        return int(self.first[8:11]) if self.first.startswith(b"SIP/2.0 ") else 0

    def header(self, name: bytes) -> bytes:
        """The first header of this name, empty where there is none."""
        for line in self.data.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]:
            key, _, value = line.partition(b":")
            if key.lower() == name.lower():
                return value.strip()
        return b""

    def headers(self, name: bytes) -> list[bytes]:
        """All headers of this name."""
        found = []
        for line in self.data.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]:
            key, _, value = line.partition(b":")
            if key.lower() == name.lower():
                found.append(value.strip())
        return found


@dataclass
class World:
    """The server; ``routes`` are by (kind, index)."""

    request_route: RouteFunction
    routes: dict[tuple[str, int], RouteFunction] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)
    refuse: Callable[[Sent], bool] = lambda sent: False
    now: int = START
    errors: list[BaseException] = field(default_factory=list)

    def __post_init__(self) -> None:
        shm.create(96 << 20)
        timer.create(self.now)
        net.add_socket(UDP, b"127.0.0.1", 5060)
        tm.init_table(b"0123456789abcdef" * 2)
        tm_admin.bind_stats()
        tm_trans.register()
        tm_receive.register()
        tm_pretran.init()
        sl.init(b"fedcba9876543210" * 2)
        receive.init(via_check=False, aliases=False, parser_log_level=-1)
        receive.set_routes(
            self._request, None, self.errors.append, exit_value=EXIT, drop_value=DROP
        )
        tm_hooks.set_hooks(self.run_route, pack_lists, unpack_lists, DROP)
        tm.drive(self.now, self._sink)
        tm_fire.start_sweeper()
        self.base = shm.status().used

    def _sink(self, proto: int, host: bytes, port: int, data: bytes) -> int:
        message = Sent(proto, host, port, data)
        if self.refuse(message):
            return -1
        self.sent.append(message)
        return 0

    def _request(self, msg: SipMsg) -> int:
        return self.request_route(msg)

    def run_route(self, kind: str, index: int, msg: SipMsg, route_type: int) -> int:
        """What the server's ``run_route`` does."""
        before = msg.route_type
        msg.route_type = route_type
        try:
            return self.routes[kind, index](msg)
        except Exception as error:
            self.errors.append(error)
            return -1
        finally:
            msg.route_type = before

    def receive(self, data: bytes, source: tuple[bytes, int] = CALLER) -> list[Sent]:
        """Put a packet in; gives what was sent because of it."""
        start = len(self.sent)
        receive.inject(data, source[0], source[1], 0)
        assert not self.errors, self.errors
        return self.sent[start:]

    def advance(self, ms: int, step: int = 10) -> list[Sent]:
        """Let time pass; gives what was sent meanwhile."""
        start = len(self.sent)
        end = self.now + ms
        while self.now < end:
            self.now = min(self.now + step, end)
            tm.drive(self.now, self._sink)
            timer.run(self.now)
        assert not self.errors, self.errors
        return self.sent[start:]

    def finish(self) -> None:
        """All transactions end, and all their memory comes back."""
        self.advance(400_000, 100)
        assert tm_admin.cells() == []
        assert shm.status().used <= self.base, (shm.status().used, self.base)
        counts = tm_admin.stat_values()
        assert counts["transactions"] == counts["deleted"]


def relay(msg: SipMsg) -> int:
    """A request_route that relays everything to the r-URI."""
    tm_script.t_relay(msg, None, 0, 0)
    return 1


def request(
    method: bytes = b"INVITE",
    *,
    uri: bytes = b"sip:callee@10.0.0.9:5070",
    call: bytes = b"call-1",
    branch: bytes = b"z9hG4bK-1",
    cseq: int = 1,
    cseq_method: bytes | None = None,
    to_tag: bytes = b"",
    extra: bytes = b"",
    body: bytes = b"",
) -> bytes:
    """A request of the caller."""
    tag = b";tag=" + to_tag if to_tag else b""
    return (
        b"%s %s SIP/2.0\r\n"
        b"Via: SIP/2.0/UDP 10.0.0.1:5061;branch=%s\r\n"
        b"Max-Forwards: 70\r\n"
        b"From: <sip:caller@example.org>;tag=from-1\r\n"
        b"To: <sip:callee@example.org>%s\r\n"
        b"Call-ID: %s\r\n"
        b"CSeq: %d %s\r\n"
        b"Contact: <sip:caller@10.0.0.1:5061>\r\n"
        b"%sContent-Length: %d\r\n\r\n%s"
        % (
            method,
            uri,
            branch,
            tag,
            call,
            cseq,
            cseq_method or method,
            extra,
            len(body),
            body,
        )
    )


def reply(
    to: Sent, code: int, reason: bytes = b"Reason", *, tag: bytes = b"to-1", extra: bytes = b""
) -> bytes:
    """An answer of the callee to a request that the server sent."""
    vias = b"".join(b"Via: %s\r\n" % via for via in to.headers(b"via"))
    to_value = to.header(b"to")
    if code > 100 and b";tag=" not in to_value:
        to_value += b";tag=" + tag
    return (
        b"SIP/2.0 %d %s\r\n%sFrom: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %s\r\n"
        b"%sContent-Length: 0\r\n\r\n"
        % (
            code,
            reason,
            vias,
            to.header(b"from"),
            to_value,
            to.header(b"call-id"),
            to.header(b"cseq"),
            extra,
        )
    )


def stat(name: str) -> int:
    """One of tm's counters."""
    return tm_admin.stat_values()[name]
