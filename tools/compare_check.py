"""``kcc check`` against Kamailio 5.6.3 on whole configurations: do both accept, do both reject in
the same line, and does kcc see what only a start refuses?

    python tools/compare_check.py [--start] [--json FILE] FILE...
    python tools/compare_check.py --start --repository CHECKOUT     # every *.cfg of Kamailio's

Each file is copied to a scratch folder and made independent of its machine (``oracle_copy``).
``--start`` also starts what ``kamailio -c`` accepts, for which the program moves into a network
namespace of its own where every address is local and every name resolves to 127.0.0.1; it needs
root for that. Database servers are replaced by one SQLite file.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent)]

import oracle_run  # noqa: E402
from oracle_copy import copy_to, data_files  # noqa: E402
from oracle_run import Complaint, Outcome  # noqa: E402

INSIDE: Final = "KCC_COMPARE_NAMESPACE"

_NETWORK: Final = """
ip link set lo up
ip link add eth0 type veth peer name eth1 2>/dev/null && {
  ip addr add 192.0.2.1/24 dev eth0; ip addr add 198.51.100.1/24 dev eth1
  ip link set eth0 up; ip link set eth1 up
}
ip route add local 0.0.0.0/0 dev lo
mount -t tmpfs none /run && mkdir -p /run/kamailio /run/ser /run/openser /run/opensips
mount -t tmpfs none /mnt && cp -r /etc/kamailio /mnt/etc && cd /mnt/etc || exit 1
for name in dispatcher.list dispatcher.lst dispatcher.txt address.list; do : > $name; done
openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -days 2 \
  -keyout kamailio-selfsigned.key -out kamailio-selfsigned.pem 2>/dev/null
mount -t tmpfs none /usr/local/etc && mkdir -p /usr/local/etc/kamailio
mount --bind /mnt/etc /etc/kamailio && mount --bind /mnt/etc /usr/local/etc/kamailio
cd "$1" && mount --bind resolv.conf /etc/resolv.conf
shift
exec "$@"
"""
"""Addresses of all kinds, and the files that configurations name most: empty lists, a key."""


_LATE: Final = frozenset({"K0006", "K0206", "K0213", "K0269"})
"""What Kamailio tells without a line after all else, or at a start only: conditions that do not
pair up, routes and modules that are missing."""

_USE: Final = re.compile(r"in the expansion of macro `[^`]*` ([^:\s]+):(\d+)")

Row = tuple[str, str, int, str]
"""Code, file, line and message of a diagnostic."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One file: what each said. ``verdict`` names the kind of agreement or difference."""

    path: str
    verdict: str
    kamailio: str
    line: int
    message: str
    started: str
    start_message: str
    start_line: int
    kcc: tuple[Row, ...]
    warnings: tuple[Row, ...]


def tested_names(folder: Path) -> tuple[str, ...]:
    """What the files of a folder ask for by ``#!ifdef`` and define nowhere."""
    text = b"\n".join(path.read_bytes() for path in folder.iterdir() if path.is_file())
    wanted = set(re.findall(rb"(?m)^[#!]!ifdef[ \t]+(\w+)", text))
    given = set(re.findall(rb"(?m)^[#!]!(?:(?:re|try)?def(?:ine)?|substdefs?)\W+(\w+)", text))
    return tuple(sorted(name.decode() for name in wanted - given))


def kcc_findings(config: Path, target: str, names: Sequence[str] = ()) -> list[dict[str, Any]]:
    """What ``kcc check`` says of a file, in its order."""
    from kcc.cli import main as kcc

    output = io.StringIO()
    with contextlib.chdir(config.parent), contextlib.redirect_stdout(output):
        options = [option for name in names for option in ("-A", name)]
        status = kcc(["check", "--format", "json", "--target", target, *options, config.name])
    if status not in (0, 1):
        raise RuntimeError(f"kcc check {config}: status {status}")
    found: list[dict[str, Any]] = json.loads(output.getvalue())["diagnostics"]
    return found


def _rows(found: Iterable[dict[str, Any]]) -> tuple[Row, ...]:
    return tuple(
        (d["code"], os.path.basename(d["path"] or ""), d["line"] or 0, d["message"]) for d in found
    )


def verdict(
    checked: Outcome,
    started: Outcome | None,
    errors: Sequence[Row],
    lines: Sequence[bytes],
) -> str:
    """The kind of agreement (``same …``) or difference."""
    if checked.taken:
        if not errors:
            if started is not None and not started.taken:
                return "start refused, kcc silent"
            return "same: accept"
        if started is None:
            return "kcc rejects, -c accepts"
        return "false error" if started.taken else "same: start refused, kcc rejects"
    first = checked.first
    if not errors:
        if first is not None and "resolve" in first.message:
            return "same: accept but for names that resolve nowhere"
        return "missed rejection"
    if first is None or not first.line:
        return "same: reject, no line told"
    errors = [row for row in errors if row[0] not in _LATE] or errors
    if (first.path, first.line) in _places(errors[0]):
        return "same: reject, same line"
    if (
        errors[0][0] == "K0105"
        and first.message == "syntax error"
        and _follows(lines, errors[0], first)
    ):
        return "same: reject, `;` missing before that line"
    if (first.path, first.line - 1) in _places(errors[0]) and _imports(lines, first.line):
        return "same: reject, a line too many counted after import_file"
    if any((first.path, first.line) in _places(row) for row in errors):
        return "reject, line among others"
    return "reject, other line"


def _places(error: Row) -> list[tuple[str, int]]:
    """Where Kamailio may see it: there, where the macro is used, after the line of a directive."""
    code, path, line, message = error
    after = [(path, line + 1)] if code in ("K0004", "K0005", "K0008", "K0009") else []
    uses = [(os.path.basename(file), int(at)) for file, at in _USE.findall(message)]
    return [(path, line), *after, *uses]


def _follows(lines: Sequence[bytes], error: Row, complaint: Complaint) -> bool:
    """Whether Kamailio complains of the first text after the line that lacks a semicolon."""
    between = lines[error[2] : complaint.line - 1]
    blank = all(not line.strip() or line.lstrip()[:1] == b"#" for line in between)
    return error[1] == complaint.path and error[2] < complaint.line and blank


def _imports(lines: Sequence[bytes], before: int) -> bool:
    """Whether files are included: after some Kamailio counts a line too many."""
    return any(b"import_file" in line or b"include_file" in line for line in lines[:before])


def absent_modules() -> tuple[str, ...]:
    """Modules of Kamailio 5.6 for which no package is installed."""
    from kcc.catalog.catalog import Catalog

    here = {path.stem for path in oracle_run.MODULES.glob("*.so")}
    return tuple(sorted(set(Catalog("5.6").module_names) - here - {"core"}))


def compare(
    source: Path,
    scratch: Path,
    target: str,
    start: bool,
    absent: Sequence[str],
    database: Path,
    every: bool = False,
) -> Comparison:
    """Run both on a copy of ``source``; ``every`` name it tests is defined, if asked for."""
    config = copy_to(source, scratch / "check", absent)
    names = tested_names(config.parent) if every else ()
    found = kcc_findings(config, target, names)
    errors = _rows(d for d in found if d["severity"] == "error")
    checked = oracle_run.check(config, scratch, names)
    started: Outcome | None = None
    if start and checked.taken:
        running = copy_to(source, scratch / "start", absent, database)
        data_files(source, running.parent)
        started = oracle_run.start(running, scratch, names)
    first = checked.first if not checked.taken else None
    refusal = started.cause if started is not None and not started.taken else None
    return Comparison(
        str(source),
        verdict(checked, started, errors, config.read_bytes().splitlines()),
        "accept" if checked.taken else "reject",
        first.line if first else 0,
        _words(first, checked),
        "" if started is None else "up" if started.taken else "refused",
        _words(refusal, started) if started is not None else "",
        refusal.line if refusal else 0,
        errors,
        _rows(d for d in found if d["severity"] != "error"),
    )


def _words(first: Complaint | None, outcome: Outcome) -> str:
    if first is None:
        return ""
    before = [c.message for c in outcome.complaints[: outcome.complaints.index(first)]][:3]
    return " | ".join([*before, first.message])[:600]


def answer_names(stop: threading.Event) -> None:
    """A DNS server on 127.0.0.1 for which every name has the address 127.0.0.1."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 53))
        server.settimeout(0.5)
        while not stop.is_set():
            try:
                query, peer = server.recvfrom(4096)
            except TimeoutError:
                continue
            end = query.find(b"\0", 12) + 5
            asked = query[12:end]
            address = asked[-4:] == b"\0\1\0\1"
            head = query[:2] + b"\x85\x80\0\1" + (b"\0\1" if address else b"\0\0") + b"\0\0\0\0"
            record = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x7f\0\0\1" if address else b""
            server.sendto(head + asked + record, peer)


def _enter_namespace(arguments: Sequence[str]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "resolv.conf").write_text("nameserver 127.0.0.1\n", "ascii")
        program = [sys.executable, os.path.abspath(__file__), *arguments]
        command = ["unshare", "-nm", "sh", "-c", _NETWORK, "sh", folder, *program]
        environment = {**os.environ, INSIDE: os.getcwd()}
        return subprocess.run(command, env=environment, check=False).returncode


def report(results: Sequence[Comparison]) -> str:
    """Counts, then every difference."""
    counts = Counter(entry.verdict for entry in results)
    lines = [f"{count:5} {name}" for name, count in sorted(counts.items())]
    for entry in results:
        if not entry.verdict.startswith("same"):
            lines.append(f"{entry.path}: {entry.verdict}")
            if entry.kamailio == "reject":
                lines.append(f"    kamailio {entry.line}: {entry.message}")
            if entry.started == "refused":
                lines.append(f"    start {entry.start_line}: {entry.start_message}")
            lines += [f"    kcc {c} {path}:{line}: {m}" for c, path, line, m in entry.kcc[:4]]
    codes = Counter(code for entry in results for code, *_ in entry.warnings)
    lines += [f"{count:5} {code} (warning)" for code, count in sorted(codes.items())]
    return "\n".join(lines)


def main(argv: Sequence[str]) -> int:
    """The program; 1 where there are false errors or missed rejections."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--repository", type=Path, help="a checkout: every *.cfg in it")
    parser.add_argument("--start", action="store_true", help="also start what -c accepts")
    parser.add_argument("--every", action="store_true", help="define every name that is tested")
    parser.add_argument("--target", default="5.6")
    parser.add_argument("--json", type=Path, help="write everything found to this file")
    given = parser.parse_args(argv)
    if given.start and INSIDE not in os.environ:
        return _enter_namespace(argv)
    stop = threading.Event()
    if given.start:
        os.chdir(os.environ[INSIDE])
        threading.Thread(target=answer_names, args=(stop,), daemon=True).start()
    files = list(given.files)
    if given.repository is not None:
        files += sorted(given.repository.rglob("*.cfg"))
    results = []
    absent = absent_modules()
    with tempfile.TemporaryDirectory(prefix="compare-", dir="/tmp") as folder:
        empty = Path(folder) / "kamailio.sqlite"
        oracle_run.database(empty)
        for number, file in enumerate(files):
            scratch = Path(folder) / str(number)
            scratch.mkdir()
            used = scratch / "db.sqlite"
            if empty.exists():
                shutil.copyfile(empty, used)
            results.append(
                compare(
                    file.resolve(), scratch, given.target, given.start, absent, used, given.every
                )
            )
            shutil.rmtree(scratch)
    stop.set()
    print(report(results))
    if given.json is not None:
        given.json.write_text(json.dumps([asdict(entry) for entry in results], indent=1))
    wrong = {"false error", "missed rejection"}
    return int(any(entry.verdict in wrong for entry in results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
