"""Script functions tried on real packets: a configuration made of cases, run by both servers.

A case is a piece of script and a packet. The packet goes through the piece and is forwarded back
with `X-Rc` (what the function returned, `$var(rc)`) and `X-Out` (`$var(out)`), or the script
answers it; what comes back is the case's outcome.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.helpers import servers
from tests.helpers.ports import PortPool
from tests.helpers.servers import need_kamailio as need_kamailio
from tests.runtime.agents.sockets import UdpWire

RECORDED = Path(__file__).parent / "recorded"
SECONDS = 5.0

MODULES = ("sl", "rr", "pv", "textops", "textopsx", "siputils", "xlog")

CONFIG = """#!KAMAILIO
debug=2
children=1
tcp_children=1
auto_aliases=no
server_signature=no
user_agent_header="User-Agent: test"
{modules}
{params}
request_route {{
  if ($fU == "ping") {{ sl_send_reply("200", "OK"); exit; }}
  $var(rc) = 0; $var(out) = "";
{requests}
  append_hf("X-Rc: $var(rc)\\r\\nX-Out: $var(out)\\r\\n");
  forward("127.0.0.1", {sink});
}}
reply_route {{
  $var(rc) = 0; $var(out) = "";
{replies}
  append_hf("X-Rc: $var(rc)\\r\\nX-Out: $var(out)\\r\\n");
}}
"""

SDP = (
    "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
    "m=audio 4000 RTP/AVP 0 8\r\na=sendrecv\r\n"
)
HOLD = SDP.replace("a=sendrecv", "a=sendonly")
PARTS = (
    "--b1\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
    "--b1\r\nContent-Type: application/sdp\r\n\r\n" + SDP + "\r\n--b1--\r\n"
)


@dataclass(frozen=True, slots=True)
class Packet:
    """A message: `first` line (a reply's starts with SIP/2.0), header lines, body."""

    first: str
    headers: tuple[str, ...] = ()
    body: str = ""
    length: str | None = None
    """Text of Content-Length; None counts the body, "" leaves the header out."""
    user: str = "alice"
    """Whom it is from."""

    @property
    def is_reply(self) -> bool:
        """Is it a reply?"""
        return self.first.startswith("SIP/2.0")

    def text(self, case: str, server: int, here: int) -> bytes:
        """The octets of a case's message from port `here` to port `server`."""
        via = f"Via: SIP/2.0/UDP 127.0.0.1:{here};branch=z9hG4bK-{case}"
        lines = [self.first]
        if self.is_reply:
            lines.append(f"Via: SIP/2.0/UDP 127.0.0.1:{server};branch=z9hG4bK-server.0")
        method = "INVITE" if self.is_reply else self.first.split()[0]
        lines += [
            via,
            f"From: Alice <sip:{self.user}@example.org>;tag=a1",
            "To: <sip:bob@example.org>" + (";tag=b1" if self.is_reply else ""),
            f"Call-ID: {case}@test",
            f"CSeq: 7 {method}",
            f"X-Case: {case}",
            *self.headers,
        ]
        length = str(len(self.body)) if self.length is None else self.length
        if length:
            lines.append(f"Content-Length: {length}")
        return ("\r\n".join(lines) + "\r\n\r\n" + self.body).encode("latin-1")


PING = Packet("OPTIONS sip:127.0.0.1 SIP/2.0", user="ping")
PLAIN = Packet("OPTIONS sip:bob@example.org:5070;transport=udp SIP/2.0")
INVITE = Packet(
    "INVITE sip:+4930123@example.org;user=phone SIP/2.0",
    (
        "Max-Forwards: 70",
        "Contact: <sip:alice@192.0.2.1>",
        "Subject: first",
        "X-A: one",
        "s: second",
        "x-a: two",
        "User-Agent: Phone/1.0",
        "Supported: timer, path",
        "X-B: three",
        "Privacy: id;user",
        "Content-Type: application/sdp",
    ),
    SDP,
)
HELD = Packet(INVITE.first, ("Content-Type: application/sdp",), HOLD)
MULTIPART = Packet(
    "INVITE sip:bob@example.org SIP/2.0",
    ("Content-Type: multipart/mixed;boundary=b1",),
    PARTS,
)
TEXT = Packet(
    "MESSAGE sip:bob@example.org SIP/2.0",
    ("Content-Type: text/plain; charset=utf-8",),
    "one two one\r\ntwo one two\r\n",
)
IN_DIALOG = Packet("BYE sip:bob@example.org SIP/2.0", ("Route: <sip:127.0.0.1;lr>",))
RINGING = Packet("SIP/2.0 180 Ringing", ("Record-Route: <sip:192.0.2.9;lr>", "X-A: one"))
ANSWER = Packet(
    "SIP/2.0 200 OK", ("Contact: <sip:bob@192.0.2.2>", "Content-Type: application/sdp"), SDP
)
BUSY = Packet("SIP/2.0 486 Busy Here", ("Server: other",))


@dataclass(frozen=True, slots=True)
class Case:
    """A named piece of script and the packet it is tried on."""

    name: str
    script: str
    packet: Packet = INVITE


def call(name: str, expression: str, packet: Packet = INVITE) -> Case:
    """A case that calls one function and keeps what it returned."""
    return Case(name, f"{expression}; $var(rc) = $rc;", packet)


def calls(prefix: str, expressions: Sequence[str], packet: Packet = INVITE) -> tuple[Case, ...]:
    """A case for each expression, numbered."""
    return tuple(call(f"{prefix}-{n}", e, packet) for n, e in enumerate(expressions, 1))


def _blocks(cases: Sequence[Case], *, replies: bool) -> str:
    return "\n".join(
        f'  if ($hdr(X-Case) == "{case.name}") {{ {case.script} }}'
        for case in cases
        if case.packet.is_reply is replies
    )


def outcomes(
    program: Sequence[str],
    cases: Sequence[Case],
    directory: Path,
    *,
    params: Sequence[str] = (),
    log: str | None = None,
    modules: Sequence[str] = MODULES,
) -> str:
    """What comes back for each case, as text; with `log` the lines logged with that text too."""
    pool = PortPool()
    sink = pool.take()
    directory.mkdir()
    cfg = directory / "cases.cfg"
    cfg.write_text(
        CONFIG.format(
            modules="\n".join(f'loadmodule "{name}.so"' for name in modules),
            params="\n".join(params),
            requests=_blocks(cases, replies=False),
            replies=_blocks(cases, replies=True),
            sink=sink,
        )
    )
    server = servers.start(program, cfg, directory, pool.take())
    try:
        wire = UdpWire(("127.0.0.1", server.port), sink)
        try:
            return "".join(_outcome(case, server, wire, log=log) for case in cases)
        finally:
            wire.close()
    finally:
        server.stop()


def _outcome(case: Case, server: servers.Server, wire: UdpWire, *, log: str | None) -> str:
    before = len(server.log)
    wire.send(case.packet.text(case.name, server.port, wire.port))
    wire.send(PING.text(f"ping-{case.name}", server.port, wire.port))
    data = _receive(case.name, wire)
    text = "nothing\n" if data is None else _readable(data, server.port, wire.port)
    if log is not None:
        text = _lines(server.log[before:], log) + text
    return f"=== {case.name}: {case.script}\n{text}\n"


def _receive(name: str, wire: UdpWire) -> bytes | None:
    """What comes back before the answer to the OPTIONS: one worker serves both."""
    found = None
    while True:
        data = wire.receive(SECONDS)
        if data is None:
            raise servers.ServerFailed(f"{name}: no answer to OPTIONS")
        if f"branch=z9hG4bK-ping-{name}\r".encode() in data:
            return found
        if f"branch=z9hG4bK-{name}\r".encode() in data:
            found = data


def _readable(data: bytes, server: int, here: int) -> str:
    text = data.decode("latin-1")
    text = re.sub(rf"(?<=[:=]){server}\b", "<server>", text)
    text = re.sub(rf"(?<=[:=]){here}\b", "<here>", text)
    text = re.sub(r"(?<=^Via: SIP/2\.0/UDP 127\.0\.0\.1:<server>);branch=\S+", "", text, flags=re.M)
    text = re.sub(r"(?m)^Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", "Date: <date>", text)
    text = re.sub(r"(?m)(^To: .*);tag=(?!b1)[^;\r]+", r"\1;tag=<tag>", text)
    escaped = text.encode("unicode_escape").decode().replace("\\r\\n", "\n")
    return escaped.replace("\\n", "\\n\n")


def _lines(log: str, mark: str) -> str:
    """Log lines with a text in them, without the process's number."""
    shown = (re.sub(r" *\d+\(\d+\) ", "", line, count=1) for line in log.splitlines())
    lines = (line.encode("unicode_escape").decode() for line in shown if mark in line)
    return "".join(f"log: {line}\n" for line in lines)


def check(recording: str, found: str) -> None:
    """Fail with the first case that differs from what is recorded of Kamailio."""
    wanted = (RECORDED / recording).read_text()
    for one, other in zip(_split(found), _split(wanted), strict=True):
        assert one == other
    assert found == wanted


def _split(text: str) -> list[str]:
    return text.split("=== ")


def check_or_record(recording: str, found: str, request: pytest.FixtureRequest) -> None:
    """For Kamailio's outcomes: compare, or write them with --record-oracle."""
    if request.config.getoption("--record-oracle", False):
        RECORDED.mkdir(exist_ok=True)
        (RECORDED / recording).write_text(found)
    check(recording, found)
