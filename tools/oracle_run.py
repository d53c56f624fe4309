"""``kamailio -c`` and a real start, each with a folder of its own, and what they complain of."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

KAMAILIO: Final = "kamailio"
MODULES: Final = Path("/usr/lib/x86_64-linux-gnu/kamailio/modules")
CHECK_SECONDS: Final = 30.0
UP_SECONDS: Final = 0.7  # so long the set of processes must stay as it is
START_SECONDS: Final = 8.0

_PLACE: Final = re.compile(
    r"(?:parse error|warning) in config file (.+?), (?:from )?line (\d+), column \d+"
)
_FIXUP: Final = re.compile(r"at cfg:(.+?):(\d+)")
_LOG: Final = re.compile(r"^ ?\d+\(\d+\) (ERROR|CRITICAL|ALERT|BUG): (.*)")
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")
_FOLLOWING: Final = re.compile(r"^error -?\d+|^ERROR: |^kamailio: ")


@dataclass(frozen=True, slots=True)
class Complaint:
    """One error: the file's name and the line (0 where not told), and the words."""

    path: str
    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether it was taken, and the errors told, in order."""

    taken: bool
    complaints: tuple[Complaint, ...]

    @property
    def first(self) -> Complaint | None:
        """The first error that has a place, else the first."""
        placed = [entry for entry in self.complaints if entry.line]
        return next(iter(placed or self.complaints), None)

    @property
    def cause(self) -> Complaint | None:
        """What is told last before Kamailio says that a module or fixup failed."""
        for before, entry in pairwise(self.complaints):
            if "Error while initializing module" in entry.message:
                return before
            if entry.line:
                return entry
        return self.first


def complaints(output: str) -> tuple[Complaint, ...]:
    """The errors in a log of Kamailio; one without a place is a reason of the next with one."""
    found: list[Complaint] = []
    for line in _COLOUR.sub("", output).splitlines():
        logged = _LOG.match(line)
        place = _PLACE.search(line) or _FIXUP.search(line)
        if place is not None and (logged is not None):
            words = line.rpartition(": ")[2] if "parse error" in line else line.partition(": ")[2]
            found.append(Complaint(os.path.basename(place[1]), int(place[2]), words))
        elif logged is not None:
            found.append(Complaint("", 0, logged[2]))
        elif _FOLLOWING.match(line):
            found.append(Complaint("", 0, line))
    return tuple(found)


def _command(config: Path, scratch: Path, names: Sequence[str], *options: str) -> list[str]:
    defines = [option for name in names for option in ("-A", name)]
    return [KAMAILIO, "-f", config.name, "-Y", str(scratch), *defines, *options]


def check(config: Path, scratch: Path, names: Sequence[str] = ()) -> Outcome:
    """``kamailio -c`` in the folder of ``config``."""
    try:
        run = subprocess.run(
            _command(config, scratch, names, "-c", "-E", "-m", "64", "-M", "16"),
            cwd=config.parent,
            capture_output=True,
            timeout=CHECK_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Outcome(False, (Complaint("", 0, "timeout"),))
    found = complaints(run.stderr.decode("utf-8", "replace"))
    return Outcome(run.returncode == 0, found)


def start(config: Path, scratch: Path, names: Sequence[str] = ()) -> Outcome:
    """Start a server, and end it once its processes are up. Needs a network of its own."""
    log = scratch / "start.log"
    with log.open("wb") as stream:
        server = subprocess.Popen(
            _command(
                config,
                scratch,
                names,
                "-DD",
                "-E",
                "-m",
                "128",
                "-M",
                "16",
                "-P",
                str(scratch / "pid"),
            ),
            cwd=config.parent,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )
        try:
            up = _wait_up(server)
        finally:
            _end(server)
    text = log.read_text("utf-8", "replace")
    return Outcome(up, complaints(text))


def _children(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
    except OSError:
        return ""


def _wait_up(server: subprocess.Popen[bytes]) -> bool:
    end = time.monotonic() + START_SECONDS
    since, known = time.monotonic(), ""
    while time.monotonic() < end:
        if server.poll() is not None:
            return False
        now = _children(server.pid)
        if now != known or not now:
            since, known = time.monotonic(), now
        elif time.monotonic() - since > UP_SECONDS:
            return True
        time.sleep(0.05)
    return bool(known)


def _end(server: subprocess.Popen[bytes]) -> None:
    if server.poll() is None:
        server.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(3)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()


def database(path: Path) -> None:
    """A SQLite file with Kamailio's tables, where its package has them."""
    folder = Path("/usr/share/kamailio/db_sqlite")
    program = shutil.which("sqlite3")
    if program is None or not folder.is_dir():
        return
    first = folder / "standard-create.sql"
    others = sorted(p for p in folder.glob("*-create.sql") if p != first)
    script = "\n".join(p.read_text("utf-8") for p in (first, *others) if p.exists())
    subprocess.run([program, str(path)], input=script.encode(), capture_output=True, check=False)
