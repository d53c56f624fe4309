"""Runs the workloads on Kamailio and on ours in turn, and reports CPU per unit and the ratio.

The figure is user and system time of all processes of the server, divided by units of work, over
a closed loop that keeps a fixed number of units in flight. Medians over rounds. Kamailio runs with
its fast allocator (``-x fm -X fm``).
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
SHARED_MB = 2048


@dataclass(frozen=True, slots=True)
class Workload:
    """A configuration, the generator's part in it, and how many units make one round."""

    name: str
    config: str
    generator: str
    units: int
    warm_up: int


WORKLOADS = (
    Workload("options", "options.cfg", "options", 100_000, 20_000),
    Workload("script", "script.cfg", "options", 100_000, 20_000),
    Workload("message", "relay.cfg", "message", 60_000, 20_000),
    Workload("call", "relay.cfg", "call", 30_000, 20_000),
    Workload("register", "register.cfg", "register", 100_000, 20_000),
)
"""Relays warm up for long enough to pass tm's wait timer (5 s), so that cells die as they come."""


def free_ports(count: int) -> list[int]:
    """UDP ports of the loopback address that nobody holds."""
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def cpu_seconds(leader: int) -> float:
    """User and system time of every living process of the process group of `leader`."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(") ")[2].split()
        except OSError:
            continue
        if int(fields[2]) == leader:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def command(server: str, config: Path, port: int, state: Path, workers: int) -> list[str]:
    """The command line of one server; both take Kamailio's options."""
    options = f"-DD -E -m {SHARED_MB} -M 32 -n {workers} -l udp:127.0.0.1:{port}".split()
    files = ["-f", str(config), "-Y", str(state), "-P", str(state / "pid")]
    if server == "kamailio":
        return ["kamailio", *options, *files, "-x", "fm", "-X", "fm"]
    return [sys.executable, "-m", "kcc", "run", *options, *files]


@contextmanager
def serving(server: str, config: Path, port: int, workers: int) -> Iterator[int]:
    """Run a server until the block ends; its process group."""
    with tempfile.TemporaryDirectory() as state:
        with open(Path(state) / "log", "wb") as log:
            process = subprocess.Popen(
                command(server, config, port, Path(state), workers),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            wait_ready(process, port, Path(state) / "log")
            yield process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def wait_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Send OPTIONS until anything comes back."""
    probe = (
        "OPTIONS sip:127.0.0.1:{0} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{1};branch=z9hG4bK-r\r\n"
        "Max-Forwards: 0\r\nFrom: <sip:r@127.0.0.1>;tag=r\r\nTo: <sip:127.0.0.1>\r\n"
        "Call-ID: r\r\nCSeq: 1 OPTIONS\r\nContact: <sip:r@127.0.0.1>\r\nContent-Length: 0\r\n\r\n"
    )
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.bind(("127.0.0.1", 0))
        client.settimeout(0.2)
        client.connect(("127.0.0.1", port))
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if process.poll() is not None:
                break
            try:
                client.send(probe.format(port, client.getsockname()[1]).encode())
                client.recv(65536)
                return
            except OSError:
                continue
    sys.exit(f"the server did not start:\n{log.read_text(errors='replace')}")


@dataclass(frozen=True, slots=True)
class Round:
    """One measurement: microseconds of CPU a unit, units a second, and what went wrong."""

    micros: float
    rate: float
    lost: int
    retransmitted: int


def measure(
    generator: Path, server: str, work: Workload, workers: int, flight: int, scale: float
) -> Round:
    """Start the server, warm it up, run one round."""
    port, uac, uas = free_ports(3)
    units = max(1000, int(work.units * scale))
    with serving(server, HERE / "cfg" / work.config, port, workers) as group:
        arguments = [work.generator, port, uac, uas, flight, units, int(work.warm_up * scale)]
        load = subprocess.Popen(
            [str(generator), *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert load.stdin is not None
        assert load.stdout is not None
        if load.stdout.readline() != "warm\n":
            sys.exit("the load generator failed")
        before = cpu_seconds(group)
        load.stdin.write("go\n")
        load.stdin.flush()
        words = load.stdout.readline().split()
        after = cpu_seconds(group)
        load.wait()
    return Round(
        micros=(after - before) / units * 1e6,
        rate=units / float(words[7]),
        lost=int(words[3]),
        retransmitted=int(words[5]),
    )


def main() -> None:
    """Parse options, run, print one line a workload and server."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("workload", nargs="*", metavar="WORKLOAD")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--flight", type=int, default=64, help="units in flight")
    parser.add_argument("--scale", type=float, default=1.0, help="size of a round")
    parser.add_argument("--server", choices=["kamailio", "kcc"], help="only this one")
    options = parser.parse_args()
    servers = [options.server] if options.server else ["kamailio", "kcc"]
    if "kamailio" in servers and not shutil.which("kamailio"):
        sys.exit("kamailio is not installed: nothing to compare with")
    wanted = [w for w in WORKLOADS if not options.workload or w.name in options.workload]
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, {options.workers} workers,"
        f" {options.flight} in flight, {options.rounds} rounds; kamailio with -x fm -X fm"
    )
    print(
        f"{'workload':10} {'server':9} {'us/unit':>8} {'units/s':>8} {'lost':>5} {'retr':>5}  ratio"
    )
    with tempfile.TemporaryDirectory() as built:
        generator = Path(built) / "loadgen"
        subprocess.run(
            ["cc", "-O2", "-o", str(generator), str(HERE / "loadgen.c")],
            check=True,
        )
        for work in wanted:
            rounds: dict[str, list[Round]] = {server: [] for server in servers}
            for _ in range(options.rounds):
                for server in servers:
                    rounds[server].append(
                        measure(
                            generator, server, work, options.workers, options.flight, options.scale
                        )
                    )
            report(work, rounds)


def report(work: Workload, rounds: dict[str, list[Round]]) -> None:
    """Print medians, and the ratio of ours to Kamailio's."""
    micros = {name: statistics.median(r.micros for r in each) for name, each in rounds.items()}
    for name, each in rounds.items():
        ratio = ""
        if name == "kcc" and micros.get("kamailio"):
            ratio = f"{micros['kcc'] / micros['kamailio']:6.2f}"
        print(
            f"{work.name:10} {name:9} {micros[name]:8.2f}"
            f" {statistics.median(r.rate for r in each):8.0f}"
            f" {sum(r.lost for r in each):5} {sum(r.retransmitted for r in each):5} {ratio}",
            flush=True,
        )


if __name__ == "__main__":
    main()
