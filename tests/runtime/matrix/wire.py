"""What leaves the server, octet for octet: each case edits a message and the message goes on.

One boot for many cases, as in ``harness``; a single worker, so an answered ping says that all
before it is done, and nothing waits for a timeout. The sink behind the server keeps what arrives
and answers it; the client keeps what comes back. In texts, ``@SERVER@ @SINK@ @HERE@`` are the
ports and ``@CASE@`` is the name.
"""

from __future__ import annotations

import re
import socket
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from tests.helpers import servers
from tests.helpers.ports import PortPool
from tests.runtime.matrix.harness import HEAD, REFUSED, Text, assembled, boot, loads

DIED = "the server died"
SILENT = "the server is silent"
LOST = (DIED, SILENT)
SECONDS = 20.0
BATCH = 600
ROUNDS = 8
MODULES = (
    *("sl", "tm", "tmx", "rr", "pv", "textops", "textopsx", "siputils", "xlog", "maxfwd"),
    *("corex", "kex"),
)

_HEAD = f"""debug=-1
{HEAD}server_header="Server: test"
user_agent_header="User-Agent: test"
"""
_TIMERS = """modparam("tm", "retr_timer1", 60000)
modparam("tm", "retr_timer2", 60000)
modparam("tm", "fr_timer", 120000)
modparam("tm", "fr_inv_timer", 120000)
"""
_ROUTES = """
request_route {
  if ($fU == "ping") { sl_send_reply("200", "OK"); exit; }
  $var(case) = $fU;
  route($var(case));
  exit;
}
"""
_REPLIES = """
reply_route {
  $var(case) = "S" + $fU;
  route($var(case));
}
"""
_SEND = {
    "stateless": 'forward("127.0.0.1", @SINK@);',
    "tm": 't_relay_to_udp("127.0.0.1", "@SINK@");',
    "du": '$du = "sip:127.0.0.1:@SINK@"; t_relay();',
    "reply": "",
}


@dataclass(frozen=True, slots=True)
class Message:
    """A request in pieces. ``headers`` stand between CSeq and the end, ``top`` before the Via."""

    headers: tuple[str, ...] = ("Max-Forwards: 70",)
    body: str = ""
    method: str = "OPTIONS"
    uri: str = "sip:bob@example.com:5080;transport=udp"
    top: tuple[str, ...] = ()
    vias: tuple[str, ...] = ("Via: SIP/2.0/UDP 127.0.0.1:@HERE@;branch=z9hG4bK-@CASE@",)
    from_: str = 'From: "Alice" <sip:@CASE@@example.org>;tag=from-tag'
    to: str = "To: <sip:bob@example.com>"
    call_id: str = "Call-ID: @CASE@@here"
    cseq: str = "CSeq: 7 @METHOD@"
    length: str | None = "Content-Length: @SIZE@"
    eol: str = "\r\n"

    @property
    def has_type(self) -> bool:
        """Is there a Content-Type?"""
        return any(re.match("(?i)(c|content-type):", line) for line in self.headers)

    def octets(self, name: str) -> bytes:
        """The whole message; its ports are still names."""
        lines = [f"{self.method} {self.uri} SIP/2.0", *self.top, *self.vias, self.from_]
        lines += [self.to, self.call_id, self.cseq, *self.headers]
        if self.length is not None:
            size = len(self.body.encode("latin-1"))
            lines.append(self.length.replace("@SIZE@", str(size)))
        text = self.eol.join([*lines, "", ""]) + self.body
        text = text.replace("@CASE@", name).replace("@METHOD@", self.method)
        return text.encode("latin-1")

    def answer(self, name: str, vias: Iterable[str], text: str) -> bytes:
        """The sink's answer: `text` is code and reason, header lines, and a body after ``||``."""
        head, _, body = text.partition("||")
        status, *headers = head.split("\n")
        tag = "" if ";tag=" in self.to or status.startswith("100") else ";tag=sink"
        lines = [f"SIP/2.0 {status}", *vias, self.from_, self.to + tag, self.call_id, self.cseq]
        lines += [*headers, f"Content-Length: {len(body.encode('latin-1'))}", ""]
        done = "\r\n".join(lines) + "\r\n" + body
        done = done.replace("@CASE@", name).replace("@METHOD@", self.method)
        return done.encode("latin-1")


PLAIN = Message()


@dataclass(frozen=True, slots=True)
class WireCase:
    """A script, the message it edits, and how that goes on. ``name``: letters and digits.

    ``mode``: "stateless" (``forward``), "tm" (``t_relay_to_udp``), "du" (``$du`` and ``t_relay``),
    "reply" (the script itself sends). ``reply_script`` runs on each reply, in onreply_route with
    tm, in reply_route else; ``branch_script`` and ``failure_script`` in tm's routes.
    ``answers`` are what the sink says to each request in turn, the last of them to all others.
    """

    name: str
    script: str
    message: Message = PLAIN
    reply_script: str = ""
    mode: str = "stateless"
    branch_script: str = ""
    failure_script: str = ""
    answers: tuple[str, ...] = ("200 OK",)

    def routes(self) -> str:
        """Its routes, as a configuration has them."""
        arm = ""
        pieces = []
        if self.mode != "stateless":
            for letter, name, script in (
                ("R", "reply", self.reply_script),
                ("B", "branch", self.branch_script),
                ("F", "failure", self.failure_script),
            ):
                if script:
                    arm += f't_on_{name}("{letter}{self.name}"); '
                    kind = "onreply" if letter == "R" else name
                    pieces.append(f"{kind}_route[{letter}{self.name}] {{\n{script}\n}}\n")
        script = self.reply_script if self.mode == "stateless" else ""
        pieces.append(f"route[S{self.name}] {{\n{script}\nreturn 1;\n}}\n")
        send = _SEND[self.mode]
        pieces.append(f"route[{self.name}] {{\n{self.script}\n{arm}\n{send}\nreturn 1;\n}}\n")
        return "".join(pieces)


@dataclass(frozen=True, slots=True)
class Setup:
    """What a configuration of wire cases has around them."""

    modules: Sequence[str] = MODULES
    params: str = ""
    """Lines after the modules: modparam(), core parameters, further routes."""


def config_text(cases: Iterable[WireCase], setup: Setup, sink: int) -> Text:
    """All cases in one configuration."""
    timers = _TIMERS if "tm" in setup.modules else ""
    head = _HEAD + loads(setup.modules) + timers + setup.params + _ROUTES + _REPLIES
    return assembled(
        head.replace("@SINK@", str(sink)),
        ((case.name, case.routes().replace("@SINK@", str(sink))) for case in cases),
    )


def run(
    program: tuple[str, ...], cases: Sequence[WireCase], pool: PortPool, setup: Setup | None = None
) -> dict[str, str]:
    """What was sent for every case, by name, normalised; or ``REFUSED``, ``DIED``, ``SILENT``."""
    outcome: dict[str, str] = {}
    for start in range(0, len(cases), BATCH):
        left = list(cases[start : start + BATCH])
        while left:
            outcome.update(_run_some(program, left, pool, setup or Setup()))
            left = [case for case in left if case.name not in outcome]
    return outcome


def _run_some(
    program: tuple[str, ...], cases: Sequence[WireCase], pool: PortPool, setup: Setup
) -> dict[str, str]:
    """Outcomes of the refused cases, or of all until the server dies."""
    with tempfile.TemporaryDirectory(prefix="wire-") as folder, Play(pool.take()) as play:
        text = config_text(cases, setup, play.sink_port)
        path = Path(folder) / "wire.cfg"
        path.write_text(text.text, encoding="latin-1")
        refused, server = boot(program, path, Path(folder), pool.take(), text.lines)
        if server is None:
            return dict.fromkeys(refused, REFUSED)
        outcome: dict[str, str] = {}
        try:
            for case in cases:
                outcome[case.name] = play.case(case, server)
                if outcome[case.name] in LOST:
                    break
        finally:
            try:
                server.stop()
            except servers.ServerFailed:
                if outcome.get(case.name) not in LOST:
                    raise
        return outcome


class Play:
    """The client before the server and the sink behind it."""

    def __init__(self, sink_port: int) -> None:
        self.sink_port = sink_port
        self._client, self._sink, self._probe = (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(3)
        )
        self._client.bind(("127.0.0.1", 0))
        self._sink.bind(("127.0.0.1", sink_port))
        self._probe.bind(("127.0.0.1", 0))
        self._client.setblocking(False)
        self._sink.setblocking(False)
        self._probe.settimeout(SECONDS)
        self._numbers = count(1)

    def __enter__(self) -> Play:
        return self

    def __exit__(self, *_: object) -> None:
        for end in (self._client, self._sink, self._probe):
            end.close()

    def case(self, case: WireCase, server: servers.Server) -> str:
        """Send the case's message; all that reaches the sink and the client until all is quiet."""
        here = self._client.getsockname()[1]
        ports = {b"@HERE@": here, b"@SINK@": self.sink_port, b"@SERVER@": server.port}
        packet = case.message.octets(case.name)
        for name, port in ports.items():
            packet = packet.replace(name, str(port).encode())
        self._client.sendto(packet, ("127.0.0.1", server.port))
        seen: list[str] = []
        back: list[str] = []
        requests = 0
        for _ in range(ROUNDS):
            if not self._settled(server.port):
                died = server.process.poll() is not None
                return DIED if died else SILENT
            busy = False
            for data, sender in _waiting(self._sink):
                seen.append(f"to sink: {_normal(data, ports)}")
                if data.startswith((b"ACK ", b"SIP/2.0 ")):
                    continue
                text = case.answers[min(requests, len(case.answers) - 1)]
                requests += 1
                if text and (answer := _answer(case, data, text)):
                    for name, port in ports.items():
                        answer = answer.replace(name, str(port).encode())
                    self._sink.sendto(answer, sender)
                    busy = True
            for data, sender in _waiting(self._client):
                back.append(f"to client: {_normal(data, ports)}")
                if case.message.method == "INVITE" and re.match(rb"SIP/2.0 [3-6]", data):
                    self._client.sendto(_ack(packet, data), sender)
                    busy = True
            if not busy:
                break
        return "\n".join(seen + back)

    def _settled(self, port: int) -> bool:
        """Wait for the answer to a ping: what was sent before it has been dealt with."""
        mark = f"ping-{next(self._numbers)}"
        here = self._probe.getsockname()[1]
        self._probe.sendto(
            f"OPTIONS sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{here};"
            f"branch=z9hG4bK-{mark}\r\nFrom: <sip:ping@here>;tag=a\r\nTo: <sip:b@here>\r\n"
            f"Call-ID: {mark}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n".encode(),
            ("127.0.0.1", port),
        )
        try:
            while f"{mark}\r".encode() not in self._probe.recv(65536):
                pass
        except (TimeoutError, ConnectionError):
            return False
        return True


def _waiting(end: socket.socket) -> Iterable[tuple[bytes, tuple[str, int]]]:
    while True:
        try:
            yield end.recvfrom(65536)
        except BlockingIOError:
            return


def _answer(case: WireCase, request: bytes, text: str) -> bytes | None:
    """The sink's answer; None where the request has no Via of the server."""
    head = re.split(rb"\r?\n\r?\n", request, maxsplit=1)[0].decode("latin-1")
    vias = re.findall(r"(?im)^(?:via|v)[ \t]*:.*(?:\r?\n[ \t].*)*", head)
    vias = [via.rstrip("\r") for via in vias]
    return case.message.answer(case.name, vias, text) if vias else None


def _ack(invite: bytes, reply: bytes) -> bytes:
    """The client's ACK to a final reply that is no 2xx."""
    head = invite.partition(b"\r\n\r\n")[0].split(b"\r\n")
    line = re.sub(rb"^INVITE", b"ACK", head[0])
    keep = [text for text in head[1:] if re.match(rb"(?i)(via|v|from|f|call-id|i)[ \t]*:", text)]
    to = re.search(rb"(?im)^(?:to|t)[ \t]*:.*", reply)
    last = [to[0].rstrip(b"\r")] if to else []
    last += [b"CSeq: 7 ACK", b"Content-Length: 0", b"", b""]
    return b"\r\n".join([line, *keep[:1], *keep[1:], *last])


_BRANCH = re.compile(r"(?<=branch=z9hG4bK)(?!-)[^;,\s]*?(?=(?:\.\d+)?(?:[;,\s]|$))")
_TAG = re.compile(r"(?i)(;tag=)[0-9a-f]{32}(?=[.-])([.-])[0-9a-z.]+")
_DATE = re.compile(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT")


def _normal(data: bytes, ports: dict[bytes, int]) -> str:
    """The octets as text with names for ports, the servers' own branches and tags, and dates."""
    text = data.decode("latin-1")
    for name, port in ports.items():
        text = re.sub(rf"(?<!\d){port}(?!\d)", name.decode(), text)
    text = _BRANCH.sub("<branch>", text)
    text = _TAG.sub(r"\1<tag>\2", text)
    return _DATE.sub("<date>", text)


def wire_differences(
    cases: Sequence[WireCase], pool: PortPool, setup: Setup | None = None
) -> list[tuple[WireCase, str, str]]:
    """The cases for which something else is sent: (case, what Kamailio sends, what we send).

    What Kamailio does not survive is no case; we must survive it.
    """
    theirs = run(servers.KAMAILIO, cases, pool, setup)
    ours = run(servers.OURS, cases, pool, setup)
    return [
        (case, theirs[case.name], ours[case.name])
        for case in cases
        if ours[case.name] != theirs[case.name]
        and (theirs[case.name] not in LOST or ours[case.name] in LOST)
    ]


def shown(found: Sequence[tuple[WireCase, str, str]], most: int = 10) -> str:
    """Differences for a human: the script, and the first lines that are not the same."""
    blocks = []
    for case, theirs, ours in found[:most]:
        one, other = theirs.splitlines(keepends=True), ours.splitlines(keepends=True)
        same = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
        if same is None:
            same = min(len(one), len(other))
        scripts = (case.script, case.branch_script, case.reply_script, case.failure_script)
        script = " | ".join(filter(None, scripts))
        blocks.append(
            f"{case.name} {case.mode}: {script}\n"
            f"  Kamailio, line {same + 1}: {one[same : same + 4]!r}\n"
            f"  ours,     line {same + 1}: {other[same : same + 4]!r}"
        )
    return f"{len(found)} differences\n" + "\n".join(blocks)
