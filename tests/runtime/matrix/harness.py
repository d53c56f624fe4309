"""Boots a server on a configuration that holds every case, sends one request a case, keeps the
answers. What a server refuses to load is taken out and has the outcome ``REFUSED``."""

from __future__ import annotations

import random
import re
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from tests.helpers import servers
from tests.helpers.ports import PortPool

REFUSED = "refused"
SILENT = "no answer"
SECONDS = 5.0
WINDOW = 24
BATCH = 700
MODULES = ("sl", "tm", "rr", "pv", "textops", "textopsx", "siputils", "sdpops", "xlog", "maxfwd")

HEAD = """log_stderror=yes
children=1
tcp_children=1
auto_aliases=no
dns=no
rev_dns=no
max_while_loops=100
"""
"""What stands at the top of every matrix, below ``debug``."""
_ROUTES = """
request_route {
  if ($fU == "ping") { sl_send_reply("200", "OK"); exit; }
  $var(out) = "";
  $var(case) = $hdr(X-Case);
  route($var(case));
  set_reply_body("$var(out)", "text/plain");
  sl_send_reply("200", "OK");
  exit;
}
"""


Setup: TypeAlias = str | Callable[[Path], str]
"""What stands behind the modules; a function makes what it needs, in the folder that it gets."""


@dataclass(frozen=True, slots=True)
class Case:
    """Statements that leave something in ``$var(out)``, and the packet that they are run on.

    ``name`` is made of letters and digits. ``extra`` are header lines, each with its CRLF. Cases
    with the same statements and other packets may name one ``route`` for all of them.
    """

    name: str
    script: str
    method: str = "OPTIONS"
    uri: str = "sip:bob@example.com:5080;transport=udp"
    extra: str = ""
    body: str = ""
    route: str = ""

    @property
    def place(self) -> str:
        """The name of its route."""
        return self.route or self.name

    def packet(self, port: int, here: int) -> bytes:
        """The request, from port ``here`` to ``port`` of the loopback address."""
        size = len(self.body.encode("utf-8", "surrogateescape"))
        head = (
            f"{self.method} {self.uri} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP 127.0.0.1:{here};branch=z9hG4bK-{self.name}\r\n"
            f'From: "Alice" <sip:alice@example.org>;tag=from-tag\r\n'
            f"To: <sip:bob@example.com>\r\n"
            f"Call-ID: {self.name}\r\nCSeq: 7 {self.method}\r\nMax-Forwards: 70\r\n"
            f"X-Case: {self.place}\r\n{self.extra}"
            f"Content-Length: {size}\r\n\r\n{self.body}"
        )
        return head.encode("utf-8", "surrogateescape")


@dataclass(frozen=True, slots=True)
class Text:
    """A configuration and the lines on which each route of a case stands."""

    text: str
    lines: dict[int, str]


def loads(modules: Iterable[str]) -> str:
    """The lines that load them."""
    return "".join(f'loadmodule "{name}.so"\n' for name in modules)


def assembled(head: str, blocks: Iterable[tuple[str | None, str]]) -> Text:
    """The head, and then the blocks, each with the name of the case that it belongs to."""
    pieces = [head]
    at = head.count("\n") + 1
    lines = {}
    for name, block in blocks:
        size = block.count("\n")
        if name is not None:
            lines.update(dict.fromkeys(range(at, at + size), name))
        at += size
        pieces.append(block)
    return Text("".join(pieces), lines)


def config_text(cases: Iterable[Case], modules: Sequence[str] = MODULES, setup: str = "") -> Text:
    """All cases in one configuration, a route each; ``setup`` stands behind the modules."""
    scripts = {case.place: case.script for case in cases}
    return assembled(
        "debug=0\n" + HEAD + loads(modules) + setup + _ROUTES,
        ((name, f"route[{name}] {{\n{text}\nreturn 1;\n}}\n") for name, text in scripts.items()),
    )


def run(
    program: tuple[str, ...], cases: Sequence[Case], pool: PortPool, setup: Setup = ""
) -> dict[str, str]:
    """The outcome of every case by name: the body of its answer (latin-1), or what else."""
    outcome: dict[str, str] = {}
    for batch in _batches(cases):
        outcome.update(_run_batch(program, batch, pool, setup))
    return outcome


def _batches(cases: Sequence[Case]) -> Iterator[list[Case]]:
    """The cases in turn, so many that they have ``BATCH`` routes."""
    batch: list[Case] = []
    places: set[str] = set()
    for case in cases:
        if len(places | {case.place}) > BATCH:
            yield batch
            batch, places = [], set()
        batch.append(case)
        places.add(case.place)
    if batch:
        yield batch


def _made(setup: Setup, folder: Path) -> str:
    return setup if isinstance(setup, str) else setup(folder)


def _run_batch(
    program: tuple[str, ...], cases: Sequence[Case], pool: PortPool, setup: Setup
) -> dict[str, str]:
    left = list(cases)
    outcome: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="matrix-") as folder:
        while left:
            text = config_text(left, setup=_made(setup, Path(folder)))
            path = Path(folder) / "matrix.cfg"
            path.write_text(text.text, encoding="utf-8", errors="surrogateescape")
            port = pool.take()
            refused, server = boot(program, path, Path(folder), port, text.lines)
            if server is not None:
                try:
                    outcome.update(_ask(server.port, left))
                finally:
                    server.stop()
                break
            outcome.update({case.name: REFUSED for case in left if case.place in refused})
            left = [case for case in left if case.place not in refused]
    return outcome


def boot(
    program: tuple[str, ...], path: Path, folder: Path, port: int, lines: dict[int, str]
) -> tuple[set[str], servers.Server | None]:
    """The running server, or the cases for which it did not come up."""
    refused = refused_by_check(program, path, lines)
    if refused:
        return refused, None
    log = folder / "log"
    log.unlink(missing_ok=True)
    try:
        options = ("-m", "256", "-M", "128")
        return set(), servers.start(program, path, folder, port, options=options)
    except servers.ServerFailed as error:
        refused = _named(log.read_text(errors="replace"), lines)
        if not refused:
            raise servers.ServerFailed(f"no case can be blamed: {error}") from None
        return refused, None


def refused_by_check(program: tuple[str, ...], path: Path, lines: dict[int, str]) -> set[str]:
    """The cases that the program's own check refuses."""
    if program == servers.KAMAILIO:
        command = [*program, "-c", "-M", "128", "-f", str(path), "-Y", str(path.parent)]
    else:
        command = [program[0], "-m", "kcc", "check", "--no-config", "--format=github", str(path)]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode == 0:
        return set()
    found = _named((done.stdout + done.stderr).decode(errors="replace"), lines)
    if not found:
        raise servers.ServerFailed(f"no case can be blamed: {done.stderr[-2000:]!r}")
    return found


def _named(log: str, lines: dict[int, str]) -> set[str]:
    """The cases on whose lines a log reports errors."""
    patterns = (
        r"from line (\d+), column \d+ to line \d+",
        r"[\w./-]+\.cfg, line (\d+)",
        r"\.cfg:(\d+)",
        r"^::error .*?line=(\d+)",
        r"\(line (\d+)\)",
        r"at line:? (\d+)",
    )
    found = set()
    warned = False
    for line in log.splitlines():
        if line and not line.startswith(" "):
            warned = line.startswith("warning[")
        if warned or "WARNING" in line:
            continue
        for pattern in patterns:
            found |= {lines.get(int(number)) for number in re.findall(pattern, line)}
    return {name for name in found if name is not None}


def _ask(port: int, cases: Sequence[Case]) -> dict[str, str]:
    """Send every case in turn, some of them ahead; collect the answers."""
    answers = dict.fromkeys((case.name for case in cases), SILENT)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.bind(("127.0.0.1", 0))
        wire.settimeout(SECONDS)
        here = wire.getsockname()[1]
        waiting: set[str] = set()
        for case in cases:
            wire.sendto(case.packet(port, here), ("127.0.0.1", port))
            waiting.add(case.name)
            if len(waiting) >= WINDOW and not _receive(wire, waiting, answers):
                waiting.clear()
        while waiting and _receive(wire, waiting, answers):
            pass
    return answers


def _receive(wire: socket.socket, waiting: set[str], answers: dict[str, str]) -> bool:
    try:
        data = wire.recv(65536)
    except TimeoutError:
        return False
    head, _, body = data.decode("latin-1").partition("\r\n\r\n")
    found = re.search(r"^Call-ID: (\w+)", head, re.MULTILINE)
    if found is not None and found[1] in waiting:
        waiting.discard(found[1])
        status = head.split(" ", 2)[1]
        answers[found[1]] = body if status == "200" else f"status {status}"
    return True


def _without_addresses(outcome: str) -> str:
    return re.sub(r"<<xavp:0x[0-9a-f]+>>", "<<xavp>>", outcome)


def sample(cases: Sequence[Case], good: int, bad: int, seed: int, setup: Setup = "") -> list[Case]:
    """Some that our check accepts, and some that it refuses: for each of those that only fixups
    refuse, Kamailio takes a boot."""
    picked = random.Random(seed).sample(cases, min(len(cases), (good + bad) * 3))
    with tempfile.TemporaryDirectory(prefix="matrix-") as folder:
        path = Path(folder) / "matrix.cfg"
        text = config_text(picked, setup=_made(setup, Path(folder)))
        path.write_text(text.text, encoding="utf-8", errors="surrogateescape")
        refused = refused_by_check(servers.OURS, path, text.lines)
    accepted = [case for case in picked if case.name not in refused]
    return accepted[:good] + [case for case in picked if case.name in refused][:bad]


def differences(
    cases: Sequence[Case],
    pool: PortPool,
    normal: Callable[[str], str] = _without_addresses,
    setup: Setup = "",
) -> list[tuple[Case, str, str]]:
    """The cases whose outcomes differ: (case, Kamailio's, ours).

    What ours refuses stands apart on Kamailio's side, which finds one fault in a start.
    """
    ours = run(servers.OURS, cases, pool, setup)
    doubtful = [case for case in cases if ours[case.name] == REFUSED]
    theirs = run(servers.KAMAILIO, [c for c in cases if ours[c.name] != REFUSED], pool, setup)
    theirs |= run(servers.KAMAILIO, doubtful, pool, setup)
    return [
        (case, theirs[case.name], ours[case.name])
        for case in cases
        if normal(theirs[case.name]) != normal(ours[case.name])
    ]
