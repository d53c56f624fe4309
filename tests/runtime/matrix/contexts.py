"""Runs snippets of script on any packet, broken ones too, in any route, on either server.

The snippet of the next packet is named by a control packet, so that the packet itself is touched by
nothing; what the snippet leaves goes to the log, so that no answer has to be built from it.
"""

from __future__ import annotations

import re
import socket
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from select import select
from typing import Final
from zlib import crc32

from tests.helpers import servers
from tests.helpers.ports import PortPool
from tests.runtime.matrix.harness import HEAD, assembled, loads, refused_by_check
from tests.runtime.matrix.packets import REPLIES, REQUESTS

FORWARDED: Final = ("wire", "relay")
SECONDS: Final = 5.0
_CALL_ID: Final = re.compile(rb"\r\n(?:Call-ID|i)[ \t]*:", re.IGNORECASE)
_KEPT: Final = re.compile(rb"(?:Via|v|From|f|To|t|Call-ID|i|CSeq)[ \t]*:", re.IGNORECASE)
MODULES: Final = (
    "jsonrpcs", "kex", "corex", "tm", "tmx", "sl", "rr", "pv", "maxfwd", "usrloc", "registrar",
    "textops", "textopsx", "siputils", "xlog", "counters", "sanity",
)  # fmt: skip
_HEAD = f"""debug=-3
{HEAD}pv_buffer_size=65535
pv_buffer_slots=40
server_id=17
flags FLAG_ONE:1;
custom.number = 42 desc "a number"
custom.text = "text" desc "a text"
#!define WITH_VALUE some value
#!define WITH_NUMBER 12
#!define WITH_NOTHING
"""
_ROUTES = """
modparam("xlog", "buf_size", 200000)
modparam("tm", "retr_timer1", 20000)
modparam("jsonrpcs", "transport", 0)
modparam("pv", "shvset", "shared=s:text")
modparam("pv", "varset", "preset=i:5")
modparam("pv", "avp_aliases", "alias=i:7")

request_route {
  if ($sp == %(control)d) {
    if ($rm == "OPTIONS") { sl_send_reply("200", "OK"); exit; }
    $var(snippet) = $(rU{s.select,0,.}); $var(tag) = $rU; $var(where) = $rd;
    sl_send_reply("200", "OK"); exit;
  }
  if ($sp != %(caller)d) { sl_send_reply("200", "OK"); exit; }
  if ($var(where) == "request") { route($var(snippet)); exit; }
  if ($var(where) == "wire") {
    route($var(snippet));
    if ($dd != "127.0.0.1") { $du = "sip:127.0.0.1:%(callee)d"; }
    forward(); exit;
  }
  if ($var(where) == "relay") {
    route($var(snippet));
    if ($dd != "127.0.0.1") { $du = "sip:127.0.0.1:%(callee)d"; }
    t_relay(); exit;
  }
  if ($var(where) == "onsend") {
    $du = "sip:127.0.0.1:%(callee)d"; forward(); exit;
  }
  t_on_reply("ANSWERED"); t_on_failure("FAILED"); t_on_branch("BRANCH");
  $du = "sip:127.0.0.1:%(callee)d";
  t_relay();
  exit;
}
reply_route { if ($var(where) == "reply") { route($var(snippet)); drop; } }
onreply_route[ANSWERED] { if ($var(where) == "onreply") { route($var(snippet)); } }
failure_route[FAILED] { if ($var(where) == "failure") { route($var(snippet)); } }
branch_route[BRANCH] { if ($var(where) == "branch") { route($var(snippet)); } }
"""


@dataclass(frozen=True, slots=True)
class Snippet:
    """Statements run as a route; they ``show`` what they compute."""

    name: str
    script: str
    onsend: bool = False  # whether it can run there: such a route may call nothing


@dataclass(frozen=True, slots=True)
class Run:
    """A snippet on a packet, in a kind of route. ``method`` of the packet."""

    snippet: str
    packet: str
    where: str = "request"
    method: str = "OPTIONS"

    @property
    def tag(self) -> str:
        """Its name on the wire and in the log."""
        return f"{self.snippet}.{self.packet}.{self.where}.{self.method}"


def show(field: str, expression: str) -> str:
    """Statements that log the value of an expression under a name."""
    return (
        f'$var(out) = "-"; $var(out) = {expression};\n'
        f'xlog("L_ALERT", "@@$var(tag):{field}=$(var(out){{s.encode.hexa}})@@\\n");\n'
    )


@dataclass(slots=True)
class Ends:
    """The three sockets around a server, and its port: the same for both servers."""

    server: int
    control: socket.socket
    caller: socket.socket
    callee: socket.socket


def _socket() -> socket.socket:
    end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    end.bind(("127.0.0.1", 0))
    end.setblocking(False)
    return end


def _port(end: socket.socket) -> int:
    return int(end.getsockname()[1])


def config(snippets: Sequence[Snippet], ends: Ends) -> tuple[str, dict[int, str]]:
    """The configuration, and the snippet that stands on each line."""
    ports = {
        "control": _port(ends.control),
        "caller": _port(ends.caller),
        "callee": _port(ends.callee),
    }
    blocks: list[tuple[str | None, str]] = [
        (s.name, f"route[{s.name}] {{\n{s.script}\nreturn 1;\n}}\n") for s in snippets
    ]
    onsend: list[tuple[str | None, str]] = [
        (s.name, f'if ($var(snippet) == "{s.name}") {{\n{s.script}}}\n')
        for s in snippets
        if s.onsend
    ]
    if onsend:
        start = f'onsend_route {{\nif ($var(where) == "onsend" && $sp == {ports["caller"]}) {{\n'
        blocks += [(None, start), *onsend, (None, "}\n}\n")]
    text = assembled(_HEAD + loads(MODULES) + _ROUTES % ports, blocks)
    return text.text, text.lines


Outcome = dict[str, dict[str, bytes]]  # tag -> field -> octets


def compare(
    snippets: Sequence[Snippet], runs: Sequence[Run], pool: PortPool
) -> tuple[Outcome, Outcome, set[str], set[str]]:
    """The outcomes of both servers, and the snippets that each refuses to load."""
    ends = Ends(pool.take(), _socket(), _socket(), _socket())
    try:
        theirs, no_theirs = _serve(servers.KAMAILIO, snippets, runs, ends)
        ours, no_ours = _serve(servers.OURS, snippets, runs, ends)
    finally:
        for end in (ends.control, ends.caller, ends.callee):
            end.close()
    return theirs, ours, no_theirs, no_ours


def _serve(
    program: tuple[str, ...], snippets: Sequence[Snippet], runs: Sequence[Run], ends: Ends
) -> tuple[Outcome, set[str]]:
    refused: set[str] = set()
    with tempfile.TemporaryDirectory(prefix="contexts-") as name:
        folder = Path(name)
        path = folder / "contexts.cfg"
        while True:
            text, lines = config([s for s in snippets if s.name not in refused], ends)
            path.write_text(text, encoding="utf-8", errors="surrogateescape")
            found = refused_by_check(program, path, lines)
            if not found:
                break
            refused |= found
        left = [run for run in runs if run.snippet not in refused]
        log = b""
        lost: list[str] = []
        wire: dict[str, list[bytes]] = {}
        while left:
            (folder / "log").unlink(missing_ok=True)
            options = ("-m", "256", "-M", "64")
            server = servers.start(program, path, folder, ends.server, options=options)
            try:
                done = _drive(left, ends, wire)
            finally:
                try:
                    server.stop()
                except servers.ServerFailed:
                    if done == len(left):
                        raise
            log += (folder / "log").read_bytes()
            if done < len(left):
                lost.append(left[done].tag)
                done += 1
            left = left[done:]
    outcome = _outcome(log)
    for tag, packets in wire.items():
        text = normal(b"\n---\n".join(sorted(packets)))
        outcome.setdefault(tag, {})["wire"] = text
    for tag in lost:
        outcome.setdefault(tag, {})["died"] = b"died"
    return outcome, refused


def _outcome(log: bytes) -> Outcome:
    outcome: Outcome = {}
    for tag, field, value in re.findall(rb"@@([\w.-]+):(\w+)=([0-9A-Fa-f]*|<null>)@@", log):
        text = value if value == b"<null>" else bytes.fromhex(value.decode())
        outcome.setdefault(tag.decode(), {})[field.decode()] = normal(text)
    return outcome


def normal(value: bytes) -> bytes:
    """Without what differs by nature: the branches that servers make, and the folder."""
    value = re.sub(rb"contexts-[a-z0-9_]{8}", b"contexts", value)
    return re.sub(rb"z9hG4bK[0-9a-f]+\.[0-9a-f]+\.[0-9]+", b"z9hG4bK-made", value)


def _drive(runs: Sequence[Run], ends: Ends, wire: dict[str, list[bytes]]) -> int:
    """Run them in turn; how many were answered for before the server went silent. ``wire`` is told
    what arrived behind it."""
    for number, run in enumerate(runs):
        if not _steer(run.tag, run.where, ends):
            return max(number - 1, 0)
        _collect(runs[number - 1], ends, wire)
        values = {
            "here": _port(ends.caller),
            "server": ends.server,
            "id": f"{crc32(run.tag.encode()):010d}",
            "method": run.method,
        }
        where = REPLIES if run.where == "reply" else REQUESTS
        packet = where[run.packet] % values
        sender = ends.callee if run.where == "reply" else ends.caller
        data = packet.encode("utf-8", "surrogateescape")
        sender.sendto(data, ("127.0.0.1", ends.server))
        if run.where not in ("request", "reply", *FORWARDED):
            _answer(ends)
    if not _steer("end", "nowhere", ends):
        return len(runs) - 1
    _collect(runs[-1], ends, wire)
    return len(runs)


def _collect(run: Run, ends: Ends, wire: dict[str, list[bytes]]) -> None:
    """What the server had sent on by the time that it answered the next control packet."""
    while select([ends.callee], [], [], 0)[0]:
        packet = ends.callee.recv(65536)
        if run.where in FORWARDED:
            wire.setdefault(run.tag, []).append(packet)


def _steer(tag: str, where: str, ends: Ends) -> bool:
    """Tell the server what the next packet is for; False where it does not answer."""
    here = f"127.0.0.1:{_port(ends.control)}"
    text = (
        f"MESSAGE sip:{tag}@{where} SIP/2.0\r\nVia: SIP/2.0/UDP {here};branch=z9hG4bK-{tag}\r\n"
        f"From: <sip:c@{here}>;tag=c\r\nTo: <sip:{tag}@{where}>\r\nCall-ID: {tag}\r\n"
        "CSeq: 1 MESSAGE\r\nContent-Length: 0\r\n\r\n"
    )
    ends.control.sendto(text.encode(), ("127.0.0.1", ends.server))
    while select([ends.control], [], [], SECONDS)[0]:
        try:
            if f"Call-ID: {tag}\r\n".encode() in ends.control.recv(65536):
                return True
        except ConnectionError:
            return False
    return False


def _answer(ends: Ends) -> None:
    """Take the forwarded request and answer 486 with some headers."""
    while select([ends.callee], [], [], 1.0)[0]:
        request = ends.callee.recv(65536)
        if not request.startswith((b"ACK", b"SIP/2.0")) and _CALL_ID.search(request):
            break
    else:
        return
    lines = re.split(rb"\r\n(?![ \t])", request.partition(b"\r\n\r\n")[0])[1:]
    head = [line for line in lines if _KEPT.match(line)]
    head += [b"Contact: <sip:busy@192.0.2.77>", b"Server: callee", b"X-Foo: reply"]
    head += [b"Content-Type: text/plain", b"Content-Length: 4"]
    ends.callee.sendto(
        b"\r\n".join([b"SIP/2.0 486 Busy, sorry", *head, b"", b"busy"]),
        ("127.0.0.1", ends.server),
    )
