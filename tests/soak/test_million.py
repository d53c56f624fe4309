"""A million transactions: shared memory, private memory and what the system counts stay level."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from tests.helpers.ports import PortPool
from tests.helpers.servers import OURS, Server, start
from tests.soak.agents import Caller, callee
from tests.soak.test_kills import CONFIG, settled

TRANSACTIONS = int(os.environ.get("KCC_SOAK_MILLION", "1000000"))
WARM_UP = min(100_000, TRANSACTIONS // 10)
PAGES = 2 << 20
"""Octets that a process may grow by: pages that it touches for the first time."""


def private(server: Server) -> dict[str, int]:
    """Octets of private memory that each process uses, by what it is."""
    rows = json.loads(server.rpc("pkg.stats"))["result"]
    return {f"{row['entry']} {row['desc']}": int(row["used"]) for row in rows}


def resident(server: Server) -> dict[str, int]:
    """Octets of each process that are its own: without what it shares with the others."""
    rows = json.loads(server.rpc("core.ps"))["result"]
    found = {}
    for pid, desc in zip(rows[::2], rows[1::2], strict=True):
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        sizes = {line.split()[0]: int(line.split()[1]) << 10 for line in text.splitlines()[1:]}
        found[f"{pid} {desc}"] = sizes["Private_Dirty:"] + sizes["Private_Clean:"]
    return found


def grown(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    """By how much each process has more than before."""
    assert before.keys() == after.keys(), "no process died"
    return {name: after[name] - before[name] for name in before}


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_memory_is_flat(tmp_path: Path) -> None:
    pool = PortPool()
    port, far = pool.take(), pool.take()
    cfg = tmp_path / "soak.cfg"
    modules = 'loadmodule "kex.so"\nrequest_route {'
    text = CONFIG.replace("RUN", str(tmp_path / "run")).replace("request_route {", modules, 1)
    cfg.write_text(text)
    server = start(OURS, cfg, tmp_path, port, options=("-m", "512", "-n", "2"))
    caller = Caller(port, far, window=64)
    answering = callee(far)
    try:
        caller.run(WARM_UP, lambda now: None)
        _, shm_before = settled(server)
        pkg_before, rss_before = private(server), resident(server)
        outcome = caller.run(TRANSACTIONS, lambda now: None)
        left, shm_after = settled(server)
        pkg_after, rss_after = private(server), resident(server)
        fragments = json.loads(server.rpc("core.shmmem"))["result"]["fragments"]
        server.stop()
    finally:
        caller.close()
        if server.process.poll() is None:
            server.stop()
        os.kill(answering, signal.SIGKILL)
        os.waitpid(answering, 0)
    pkg, rss = grown(pkg_before, pkg_after), grown(rss_before, rss_after)
    figures = {
        "transactions": outcome.done,
        "codes": outcome.codes,
        "retransmitted": outcome.retransmitted,
        "shm": (shm_before, shm_after),
        "fragments": fragments,
        "pkg_grown": pkg,
        "rss_grown": rss,
    }
    print(figures)
    assert not outcome.unanswered and outcome.codes == {200: TRANSACTIONS}
    assert left == 0
    assert shm_after <= shm_before
    assert max(pkg.values()) <= 0, pkg
    assert max(rss.values()) <= PAGES, rss
