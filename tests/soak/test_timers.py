"""100,000 timers that four processes arm and cancel at random: none is lost, none runs twice. And
timers of modules, which do not drift."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable

import pytest

from runtime.api import timer as api
from runtime.native import shm, timer
from runtime.server import worker
from tests.runtime.native_base.alone import alone
from tests.runtime.native_base.fleet import Fleet, cell, number, store

TIMERS = int(os.environ.get("KCC_SOAK_TIMERS", "100000"))
SECONDS = float(os.environ.get("KCC_SOAK_SECONDS", "60"))
PROCESSES = 4
LONGEST = 20_000
"""Milliseconds."""


def churn(seed: int, timers: list[int], expected: list[int]) -> None:
    """Arm each; then cancel some, arm them again, or leave them: `expected` says what must run."""
    dice = random.Random(seed)
    order = list(range(len(timers)))
    dice.shuffle(order)
    for n in order:
        assert timer.test_add(timers[n], timer.now() + dice.randrange(1, LONGEST)) == 0
        store(expected[n], 1)
        while dice.random() < 0.5:
            victim = order[dice.randrange(len(order))]
            if timer.test_del(timers[victim]) == 1:
                store(expected[victim], number(expected[victim]) - 1)
                if dice.random() < 0.5:
                    due = timer.now() + dice.randrange(1, LONGEST)
                    assert timer.test_add(timers[victim], due) == 0
                    store(expected[victim], number(expected[victim]) + 1)


def random_timers() -> None:
    """What each process noted ran exactly as often."""
    fleet = Fleet(256)
    timer.create()
    size, count = timer.size(), TIMERS // PROCESSES
    stop = cell()
    cells = [cell() for _ in range(2 * TIMERS)]
    ran, expected = cells[:TIMERS], cells[TIMERS:]
    timers = []
    for n in range(TIMERS):
        address = shm.malloc(size)
        assert address
        shm.publish(address)
        timer.test_init(address, ran[n])
        timers.append(address)

    def turn() -> None:
        while not number(stop):
            timer.run_once()

    fleet.fork(PROCESSES + 1, turn)
    for slot in range(1, PROCESSES + 1):
        mine = slice((slot - 1) * count, slot * count)
        fleet.fork(slot, lambda slot=slot, mine=mine: churn(slot, timers[mine], expected[mine]))  # type: ignore[misc]
    end = time.monotonic() + 600
    while (
        len([slot for slot in fleet.pids.values() if slot <= PROCESSES]) and time.monotonic() < end
    ):
        pid, status = os.wait()
        assert status == 0, f"slot {fleet.pids[pid]} failed"
        del fleet.pids[pid]
    while timer.armed() and time.monotonic() < end:
        time.sleep(0.05)
    store(stop, 1)
    fleet.wait()
    wrong = [n for n in range(TIMERS) if number(ran[n]) != number(expected[n])]
    assert not wrong, f"{len(wrong)} timers, the first {wrong[0]}"
    total = sum(map(number, ran))
    print(f"{TIMERS} timers, {total} ran, {TIMERS - total} cancelled for good")
    assert 0 < total < 2 * TIMERS


class Asked:
    """The part of the server that timers are asked of."""

    def __init__(self) -> None:
        self.timers: list[object] = []
        self.processes: list[Callable[[], None]] = []

    def register_timer(self, fn: Callable[[float], None], seconds: float) -> None:
        from runtime.server.server import TimerSpec

        self.timers.append(TimerSpec(fn, seconds))

    def add_process(self, desc: str, rank: int, fn: Callable[[], None]) -> None:
        self.processes.append(fn)


def drift() -> None:
    """How late the calls are on the whole: the least lateness of the last ten."""
    fleet = Fleet(16)
    server = Asked()
    intervals = (0.02, 0.05, 0.25, 1.0, 1.0)
    counts = [cell() for _ in intervals]
    late = [[cell() for _ in range(10)] for _ in intervals]
    started = time.monotonic_ns()

    def counted(at: int) -> Callable[[int, object], None]:
        def call(ticks: int, param: object) -> None:
            done = number(counts[at]) + 1
            store(counts[at], done)
            due = started + int(done * intervals[at] * 1e9)
            store(late[at][done % 10], max(0, time.monotonic_ns() - due))

        return call

    for at in range(3):
        api.register_utimer(server, counted(at), None, int(intervals[at] * 1000))  # type: ignore[arg-type]
    api.register_timer(server, counted(3), None, 1)  # type: ignore[arg-type]
    api.register_timer_process(server, "MY MOD TIMER", counted(4), None, 1)  # type: ignore[arg-type]
    fleet.fork(1, worker.slow_timer_process(server))  # type: ignore[arg-type]
    fleet.fork(2, server.processes[0])
    time.sleep(SECONDS)
    figures = {}
    for at, interval in enumerate(intervals):
        lost = SECONDS / interval - number(counts[at])
        figures[f"{at}: {interval} s"] = (number(counts[at]), min(map(number, late[at])) / 1e9)
        assert lost <= 1 + 0.001 * SECONDS / interval, (interval, lost)
        assert min(map(number, late[at])) / 1e9 <= 0.001 * SECONDS + 0.1, figures
    print(figures)
    for pid in list(fleet.pids):
        os.kill(pid, 9)
    fleet.wait()


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("scene", [random_timers, drift])
def test_soak(scene: Callable[[], None]) -> None:
    alone(scene, seconds=1700)
