"""The timer wheel; each scene in an interpreter of its own."""

from __future__ import annotations

import signal
from collections.abc import Callable
from functools import partial

import pytest

from runtime.native import fault, lock, shm, timer
from tests.runtime.native_base.alone import alone
from tests.runtime.native_base.fleet import Fleet, cell, number, store, wait_for


def new_timer(counter: int, period: int = 0) -> int:
    address = shm.malloc(timer.size())
    shm.publish(address)
    timer.test_init(address, counter, period)
    return address


def wheel() -> None:
    """Each timer runs once at its tick, near or far; cancelled ones do not."""
    Fleet(16)
    timer.create(1000)
    due = [1001, 1010, 1011, 1500, 3559, 3560, 3561, 3570, 30_000, 656_350, 656_360, 5_000_000]
    due += [200_000_000]
    cells = [cell() for _ in due]
    armed = [new_timer(counter) for counter in cells]
    for entry, at in zip(armed, due, strict=True):
        assert timer.test_add(entry, at) == 0
        assert timer.test_add(entry, at) == -1
    cancelled = new_timer(counter := cell())
    timer.test_add(cancelled, 2000)
    assert timer.armed() == len(due) + 1
    assert timer.test_del(cancelled) == 1 and timer.test_del(cancelled) == 0
    for tick in sorted({-(-at // 10) for at in due}):
        run_to(tick * 10 - 10)
        assert [number(ran) for ran in cells] == [int(at <= tick * 10 - 10) for at in due], tick
        run_to(tick * 10)
        assert [number(ran) for ran in cells] == [int(at <= tick * 10) for at in due], tick
    assert timer.armed() == number(counter) == 0


def run_to(now: int) -> None:
    """`run` advances in bounded steps."""
    for _ in range(1 + now // 600_000):
        timer.run(now)


def period() -> None:
    """A handler that asks for it runs again."""
    Fleet(4)
    timer.create(0)
    entry = new_timer(counter := cell(), 50)
    timer.test_add(entry, 50)
    for now in range(0, 1001, 10):
        timer.run(now)
    assert number(counter) == 20
    assert timer.test_del(entry) == 1
    timer.run(2000)
    assert number(counter) == 20


def timer_stress() -> None:
    """Workers arm and cancel while one process runs the wheel: each armed timer ran or was taken
    out."""
    fleet = Fleet(16)
    timer.create(timer.now())
    done = [cell() for _ in range(3)]

    def worker(slot: int) -> None:
        ran = cell()
        entries = [new_timer(ran) for _ in range(20)]
        armed = cancelled = 0
        for n in range(2000):
            armed += timer.test_add(entries[n % 20], timer.now() + n % 7 * 3) == 0
            if n % 3 == 0:
                cancelled += timer.test_del(entries[n * 7 % 20]) == 1
        cancelled += sum(timer.test_del(entry) == 1 for entry in entries)
        wait_for(lambda: number(ran) + cancelled == armed)
        store(done[slot - 1], 1)

    def runner() -> None:
        wait_for(lambda: timer.run(timer.now()) >= 0 and all(number(d) for d in done))

    for slot in (1, 2, 3):
        fleet.fork(slot, partial(worker, slot))
    fleet.fork(4, runner)
    fleet.wait()
    assert timer.armed() == 0
    assert lock.held() == []


def timer_death(point: str, skip: str) -> None:
    """The process that runs the wheel, or one that changes it, dies: its successor runs each timer
    that was armed."""
    fleet = Fleet(16)
    timer.create(0)
    cells = [cell() for _ in range(40)]
    entries = [new_timer(counter) for counter in cells]
    for n, entry in enumerate(entries):
        timer.test_add(entry, 10 + n * 100)
    spare = [new_timer(cell()) for _ in range(20)]

    def life() -> None:
        for n, entry in enumerate(spare):
            timer.test_add(entry, 100 + n)
            timer.test_del(entry)
        for now in range(0, 5000, 10):
            timer.run(now)

    fault.arm(point, int(skip))
    fleet.fork(1, life)
    assert fleet.wait() == {1: signal.SIGKILL}
    fleet.fork(2, life)
    assert fleet.wait() == {2: 0}
    assert timer.armed() == 0
    assert [number(counter) for counter in cells] == [1] * 40
    assert lock.held() == []


@pytest.mark.parametrize("scene", [wheel, period, timer_stress])
def test_wheel(scene: Callable[[], None]) -> None:
    alone(scene)


@pytest.mark.parametrize("skip", ["0", "5"])
@pytest.mark.parametrize("point", ["timer.add", "timer.del", "timer.move", "timer.run"])
def test_no_timer_is_lost_by_a_death(point: str, skip: str) -> None:
    alone(timer_death, point, skip)
