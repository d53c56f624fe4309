"""Exchanges: a client, the server, four sinks behind it; what each of them receives is compared.

A case is the text of routes and the steps of the exchange. All cases of one setup run in one boot,
some at once, told apart by their Call-ID. With one worker what is sent first is handled first.
"""

from __future__ import annotations

import re
import selectors
import socket
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.helpers import servers
from tests.helpers.ports import PortPool
from tests.runtime.matrix.harness import HEAD, REFUSED, Text, assembled, boot, loads

SINKS = 4
WINDOW = 40
CASE_SECONDS = 12.0
SETTLE_SECONDS = 1.0
MODULES = (
    "kex", "corex", "tm", "tmx", "sl", "rr", "pv", "maxfwd", "textops", "textopsx",
    "siputils", "xlog",
)  # fmt: skip

_HEAD = f"debug=-1\n{HEAD}sip_warning=0\n"
_TIMERS = """modparam("tm", "retr_timer1", 8000)
modparam("tm", "retr_timer2", 8000)
"""
_ROUTES = """
request_route {
  if ($fU == "ping") { sl_send_reply("200", "OK"); exit; }
  if (is_method("ACK") && !has_totag()) { exit; }
  if (is_method("ACK") && $hdr(X-Case) == $null) { t_check_trans(); exit; }
  if (is_method("CANCEL") && $hdr(X-Case) == $null) {
    if (t_check_trans()) t_relay();
    exit;
  }
  $var(case) = $hdr(X-Case);
  route($var(case));
  exit;
}
"""


@dataclass(frozen=True, slots=True)
class Case:
    """One exchange.

    ``script`` is the body of its route; ``more`` are further blocks. In both, ``S1`` to ``S4`` are
    the sinks' addresses, ``ME`` the case's name, and ``LOG(text)`` logs a line of the case.
    Steps: ``1 486 Busy|Extra: x`` sink 1 answers (``1c …``: once it has got a CANCEL), ``cancel``
    and ``again`` the client sends, ``wait 180`` the client has got that. ``PORT`` in the request's
    header lines is the server's.
    """

    name: str
    script: str
    more: str = ""
    steps: tuple[str, ...] = ()
    method: str = "INVITE"
    uri: str = "sip:bob@example.com"
    extra: str = ""
    body: str = ""
    to: str = "<sip:bob@example.com>"
    from_: str = '"Alice" <sip:alice@example.org>;tag=from-tag'
    setup: str = ""
    silent: bool = False
    """Nothing final is expected."""

    def request(self, here: int, method: str = "") -> str:
        """The request (or the CANCEL of it) from port ``here``."""
        name = method or self.method
        head = (
            f"{name} {self.uri} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP 127.0.0.1:{here};branch=z9hG4bK-{self.name}\r\n"
            f"From: {self.from_}\r\nTo: {self.to}\r\n"
            f"Call-ID: {self.name}\r\nCSeq: 7 {name}\r\nMax-Forwards: 70\r\n"
        )
        if method:
            return head + "Content-Length: 0\r\n\r\n"
        head += f"X-Case: {self.name}\r\n{self.extra}"
        length = len(self.body.encode("utf-8", "surrogateescape"))
        return head + f"Content-Length: {length}\r\n\r\n{self.body}"


@dataclass(slots=True)
class _Run:
    """How far a case is."""

    case: Case
    steps: list[str]
    requests: dict[int, bytes] = field(default_factory=dict)
    cancelled: set[int] = field(default_factory=set)
    codes: set[int] = field(default_factory=set)
    final: bool = False
    seen: list[tuple[int, str]] = field(default_factory=list)
    since: float = 0.0

    @property
    def over(self) -> bool:
        """Is nothing more to come?"""
        return not self.steps and (self.final or self.case.silent)


class _Place:
    """Sockets of client (0) and sinks (1…), the same for both servers."""

    def __init__(self, pool: PortPool) -> None:
        self.sockets = []
        for _ in range(SINKS + 1):
            end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 21)
            end.bind(("127.0.0.1", pool.take()))
            end.setblocking(False)
            self.sockets.append(end)
        self.ports = [end.getsockname()[1] for end in self.sockets]

    def fill(self, text: str) -> str:
        """Names of the sinks become addresses, ``P1`` to ``P4`` their ports."""
        text = re.sub(r"\bP([1-4])\b", lambda m: str(self.ports[int(m[1])]), text)
        return re.sub(r"\bS([1-4])\b", lambda m: f"127.0.0.1:{self.ports[int(m[1])]}", text)

    def close(self) -> None:
        for end in self.sockets:
            end.close()


def config_text(cases: Iterable[Case], setup: str, place: _Place) -> Text:
    """All cases of one setup in one configuration."""
    text = assembled(
        f"{_HEAD}{loads(MODULES)}{_TIMERS}{setup}{_ROUTES}",
        ((case.name, _block(case)) for case in cases),
    )
    return Text(place.fill(text.text), text.lines)


def _block(case: Case) -> str:
    """Its routes."""
    text = re.sub(r"\bME\b", case.name, f"route[{case.name}] {{\n{case.script}\n}}\n{case.more}\n")
    return re.sub(
        r"LOG\((.*?)\);", lambda m: f'xlog("L_ALERT", "[[{case.name}]] {m[1]}\\n");', text
    )


def run(program: Sequence[str], cases: Sequence[Case], pool: PortPool) -> dict[str, str]:
    """What was received in each case, by name."""
    place = _Place(pool)
    try:
        return _run(program, cases, pool, place)
    finally:
        place.close()


def _run(
    program: Sequence[str], cases: Sequence[Case], pool: PortPool, place: _Place
) -> dict[str, str]:
    outcome = {}
    for setup in dict.fromkeys(case.setup for case in cases):
        group = [case for case in cases if case.setup == setup]
        with tempfile.TemporaryDirectory(prefix="exchange-") as folder:
            path = Path(folder) / "kamailio.cfg"
            server = None
            while server is None:
                text = config_text(group, setup, place)
                path.write_text(text.text, encoding="utf-8", errors="surrogateescape")
                refused, server = boot(program, path, Path(folder), pool.take(), text.lines)
                outcome.update(dict.fromkeys(refused, REFUSED))
                group = [case for case in group if case.name not in refused]
            try:
                runs = _Exchange(place, server.port, group).play()
            finally:
                server.stop()
            logs = _logged(server.log)
            for one in runs:
                name = one.case.name
                outcome[name] = _transcript(one, logs.get(name, []), server.port)
    return outcome


class _Exchange:
    """All cases of one boot."""

    def __init__(self, place: _Place, server: int, cases: Sequence[Case]) -> None:
        self.place = place
        self.server = ("127.0.0.1", server)
        self.runs = {c.name: _Run(c, list(c.steps)) for c in cases}
        self.selector = selectors.DefaultSelector()
        for index, end in enumerate(place.sockets):
            self.selector.register(end, selectors.EVENT_READ, index)

    def play(self) -> list[_Run]:
        """Run them all."""
        left = list(self.runs.values())
        active: list[_Run] = []
        while left or active:
            while left and len(active) < WINDOW:
                one = left.pop(0)
                one.since = time.monotonic()
                active.append(one)
                self.send(0, self.request(one))
                self.advance(one)
            self.read(0.2)
            now = time.monotonic()
            active = [r for r in active if not r.over and now < r.since + CASE_SECONDS]
        end = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < end:
            self.read(max(0.0, end - time.monotonic()))
        self.selector.close()
        return list(self.runs.values())

    def request(self, one: _Run, method: str = "") -> str:
        text = self.place.fill(one.case.request(self.place.ports[0], method))
        return text.replace(":PORT", f":{self.server[1]}")

    def send(self, index: int, text: str) -> None:
        data = text.encode("utf-8", "surrogateescape")
        self.place.sockets[index].sendto(data, self.server)

    def read(self, timeout: float) -> None:
        for key, _ in self.selector.select(timeout):
            while True:
                try:
                    data = self.place.sockets[key.data].recv(65536)
                except BlockingIOError:
                    break
                self.take(key.data, data)

    def take(self, index: int, data: bytes) -> None:
        """Note a message, answer what is always answered, go on."""
        found = re.search(rb"(?m)^X-Belongs: (\w+)", data)
        found = found or re.search(rb"(?m)^Call-ID: ([\w-]+)", data)
        one = None if found is None else self.runs.get(found[1].decode())
        if one is None:
            return
        text = data.decode("latin-1")
        if (index, text) not in one.seen:
            one.seen.append((index, text))
        first = text.split("\r\n", 1)[0]
        if index == 0:
            self._client(one, first, text)
        elif first.startswith("CANCEL "):
            one.cancelled.add(index)
            self.send(index, answer(text, "200 OK", index))
        elif not first.startswith(("ACK ", "SIP/2.0 ")):
            one.requests[index] = data
        self.advance(one)

    def _client(self, one: _Run, first: str, text: str) -> None:
        code = int(first.split()[1]) if first.startswith("SIP/2.0 ") else 0
        method = re.search(r"(?m)^CSeq: \d+ (\w+)", text)
        if method is None or method[1] != one.case.method:
            return
        one.codes.add(code)
        if code < 200:
            return
        if not one.final and one.case.method == "INVITE":
            self._ack(one, code, text)
        one.final = True

    def _ack(self, one: _Run, code: int, text: str) -> None:
        to = re.search(r"(?m)^To: (.*?)\r$", text)
        ack = self.request(one, "ACK").replace("CSeq: 7 INVITE", "CSeq: 7 ACK")
        if to is not None:
            ack = re.sub(r"(?m)^To: .*?\r$", lambda m: f"To: {to[1]}\r", ack)
        if code < 300:
            ack = ack.replace("branch=z9hG4bK-", "branch=z9hG4bK-ack-")
        self.send(0, ack)

    def advance(self, one: _Run) -> None:
        """Do the steps that can be done."""
        while one.steps and self._step(one, one.steps[0]):
            one.steps.pop(0)

    def _step(self, one: _Run, step: str) -> bool:
        what, _, rest = step.partition(" ")
        if what == "cancel":
            self.send(0, self.request(one, "CANCEL"))
            return True
        if what == "again":
            self.send(0, self.request(one))
            return True
        if what == "wait":
            return int(rest) in one.codes
        index = int(what[0])
        if index not in one.requests or (what.endswith("c") and index not in one.cancelled):
            return False
        self.send(
            index, self.place.fill(answer(one.requests[index].decode("latin-1"), rest, index))
        )
        return True


def answer(request: str, reply: str, index: int) -> str:
    """A sink's reply ``486 Busy|Header: x|Other: y`` to a request."""
    status, *extra = reply.split("|")
    lines = [f"SIP/2.0 {status}"]
    for line in request.split("\r\n\r\n", 1)[0].split("\r\n")[1:]:
        name = line.partition(":")[0].lower()
        if name == "to" and ";tag=" not in line and not status.startswith("100"):
            line += f";tag=sink-{index}"
        if name in ("via", "from", "to", "call-id", "cseq", "record-route", "x-belongs"):
            lines.append(line)
    return "\r\n".join([*lines, *extra, "Content-Length: 0", "", ""])


def _logged(log: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, text in re.findall(r"ALERT: .*?\[\[(\w+)\]\] (.*)", log):
        found.setdefault(name, []).append(text)
    return found


def _transcript(one: _Run, logs: Iterable[str], server: int) -> str:
    return "".join(_pieces(one, logs, server))


def _pieces(one: _Run, logs: Iterable[str], server: int) -> Iterator[str]:
    for index in range(SINKS + 1):
        for where, text in one.seen:
            if where == index:
                yield f"--- {'client' if index == 0 else f'sink {index}'}\n"
                yield normal(text, server)
    for line in logs:
        yield f"log: {normal(line, server)}\n"
    if one.steps:
        yield f"left: {one.steps}\n"


def normal(text: str, server: int) -> str:
    """What two servers may differ in becomes equal: their port, random tags and branches."""
    text = re.sub(rf"(?<=[:= ]){server}\b", "<server>", text)
    text = re.sub(r"\b[0-9a-f]{32}(?=[.-][0-9a-f]{8})", "<base>", text)
    text = re.sub(r"[0-9a-f]{16}-\d+@(?=127)", "<callid>@", text)
    text = re.sub(r"(?m)^(From: .*;tag=<base>-)[0-9a-f]{8}", r"\1<crc>", text)
    text = re.sub(r"(?<=branch=z9hG4bK)[0-9a-f]{1,5}\.[0-9a-f]{32}(?=\.)", "<branch>", text)
    return re.sub(r"(?<=pid=)\d+", "<pid>", text)


def differences(cases: Sequence[Case], pool: PortPool) -> list[tuple[Case, str, str]]:
    """The cases whose exchanges differ: (case, Kamailio's, ours)."""
    place = _Place(pool)
    try:
        theirs = _run(servers.KAMAILIO, cases, pool, place)
        ours = _run(servers.OURS, cases, pool, place)
    finally:
        place.close()
    return [
        (case, theirs[case.name], ours[case.name])
        for case in cases
        if theirs[case.name] != ours[case.name]
    ]
