"""200,000 transactions while a worker is killed every two seconds."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from pathlib import Path

import pytest

from tests.helpers.ports import PortPool
from tests.helpers.servers import OURS, Server, start
from tests.soak.agents import Caller, callee

TRANSACTIONS = int(os.environ.get("KCC_SOAK_TRANSACTIONS", "200000"))
WORKERS = 4
KILL_EVERY = 2.0  # seconds
SETTLE = 30.0  # seconds within which tm's last cells are freed
CONFIG = """#!KAMAILIO
loadmodule "jsonrpcs.so"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "siputils.so"
loadmodule "textops.so"
modparam("jsonrpcs", "transport", 7)
modparam("jsonrpcs", "dgram_socket", "RUN/kamailio_rpc.sock")
request_route {
    if (is_method("OPTIONS")) { sl_send_reply("200", "OK"); exit; }
    if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }
    if (!t_relay()) sl_reply_error();
}
"""


def shared_used(server: Server) -> int:
    """Octets of shared memory in use."""
    return int(json.loads(server.rpc("core.shmmem"))["result"]["used"])


def transactions(server: Server) -> int:
    """Transactions that tm has now."""
    return int(json.loads(server.rpc("tm.stats"))["result"]["current"])


def workers(server: Server) -> list[int]:
    """Processes that receive on UDP."""
    rows = json.loads(server.rpc("core.ps"))["result"]
    return [rows[n] for n in range(0, len(rows), 2) if str(rows[n + 1]).startswith("udp receiver")]


def settled(server: Server) -> tuple[int, int]:
    """Transactions left and shared memory in use, once tm is empty or no more time is left."""
    deadline = time.monotonic() + SETTLE
    while (left := transactions(server)) and time.monotonic() < deadline:
        time.sleep(0.2)
    return left, shared_used(server)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_workers_are_killed(tmp_path: Path) -> None:
    pool = PortPool()
    port, far = pool.take(), pool.take()
    cfg = tmp_path / "soak.cfg"
    cfg.write_text(CONFIG.replace("RUN", str(tmp_path / "run")))
    server = start(OURS, cfg, tmp_path, port, options=("-m", "512", "-n", str(WORKERS)))
    caller = Caller(port, far, window=64)
    answering = callee(far)
    killed: list[int] = []
    due = time.monotonic() + KILL_EVERY
    choice = random.Random(2)

    def kill(now: float) -> None:
        nonlocal due
        if now >= due:
            due = now + KILL_EVERY
            victim = choice.choice(workers(server))
            killed.append(victim)
            os.kill(victim, signal.SIGKILL)

    try:
        caller.run(5000, lambda now: None)
        _, before = settled(server)
        started = time.monotonic()
        outcome = caller.run(TRANSACTIONS, kill)
        seconds = time.monotonic() - started
        left, after = settled(server)
        last = caller.run(5000, lambda now: None)
        alive = workers(server)
        server.stop()
    finally:
        caller.close()
        if server.process.poll() is None:
            server.stop()
        os.kill(answering, signal.SIGKILL)
        os.waitpid(answering, 0)
    figures = {
        "transactions": outcome.done,
        "unanswered": len(outcome.unanswered),
        "retransmitted": outcome.retransmitted,
        "codes": outcome.codes,
        "killed": len(killed),
        "seconds": round(seconds),
        "transactions_left": left,
        "shm_before": before,
        "shm_after": after,
    }
    print(figures)
    assert not outcome.unanswered
    # a lock that a dead worker still held would stop these
    assert not last.unanswered and last.codes == {200: 5000}
    assert outcome.done == TRANSACTIONS
    assert outcome.codes.get(200, 0) > 0.999 * TRANSACTIONS
    assert len(killed) >= 5 or TRANSACTIONS < 20_000
    assert len(alive) == WORKERS
    assert left == 0
    assert after <= before
