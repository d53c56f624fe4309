"""Shared memory, locks, statistics and timers between processes, some of which are killed.

Each test forks from a fresh interpreter, as shared memory is made once in the life of a process.
"""

from __future__ import annotations

import os
import random

import pytest

from runtime.native import fault, lock, proc, shm, stats, timer
from tests.runtime.native_base.alone import alone, child

BASE_POINTS = [name for name in fault.points() if name.startswith(("shm.", "lock."))]


def counter() -> int:
    """Eight zero octets that everybody may change."""
    address = shm.malloc(8)
    shm.write(address, bytes(8))
    shm.publish(address)
    return address


def value(address: int) -> int:
    return int.from_bytes(shm.read(address, 8), "little")


def many_processes() -> None:
    shm.create(32 << 20)
    proc.setup()
    handle = stats.register("t", "x")
    mutex = shm.malloc(lock.size())
    lock.init(mutex)
    shm.publish(mutex)
    count = counter()
    before = (shm.status().used, shm.check())
    pids = {}
    for slot in range(1, 5):
        proc.assign(slot, slot, f"worker {slot}")
        pid = os.fork()
        if pid == 0:
            proc.become(slot)
            choice = random.Random(slot)
            live: list[int] = []
            for _ in range(5000):
                stats.add(handle)
                if live and choice.random() < 0.5:
                    shm.free(live.pop(choice.randrange(len(live))))
                elif address := shm.malloc(choice.choice([10, 100, 500, 3000, 20000])):
                    live.append(address)
                lock.get(mutex)
                shm.write(count, (value(count) + 1).to_bytes(8, "little"))
                lock.release(mutex)
            for address in live[: len(live) // 2]:
                shm.free(address)
            os._exit(0)  # the rest is left behind
        proc.set_pid(slot, pid)
        pids[pid] = slot
    for pid, slot in pids.items():
        assert os.waitpid(pid, 0)[1] == 0
        proc.mark_dead(slot)
        shm.reclaim(slot)
    assert stats.get(handle) == value(count) == 20000
    assert (shm.status().used, shm.check()) == before, (shm.status(), shm.check(), before)


def killed_at(point: str) -> None:
    shm.create(32 << 20)
    proc.setup()
    mutex = shm.malloc(lock.size())
    lock.init(mutex)
    shm.publish(mutex)
    before = (shm.status().used, shm.check())

    def work() -> None:
        for _ in range(2):
            live = [shm.malloc(64 + n) for n in range(3000)] + [shm.malloc(100_000)]
            lock.get(mutex)
            lock.release(mutex)
            for address in live:
                shm.free(address)

    fault.arm(point)
    status = child(1, work)
    fault.disarm()
    assert os.WIFSIGNALED(status), f"{point} is not reached"
    shm.free(shm.malloc(40))  # the pool is usable before and after the repair
    shm.reclaim(1)
    assert (shm.status().used, shm.check()) == before, (shm.status(), shm.check(), before)
    lock.get(mutex)
    lock.release(mutex)
    assert lock.held() == []


def died_with_a_lock() -> None:
    shm.create(4 << 20)
    proc.setup()
    mutex = shm.malloc(lock.size())
    lock.init(mutex)
    shm.publish(mutex)
    first = lock.get(mutex)
    lock.release(mutex)
    child(1, lambda: (lock.get(mutex), None)[1])
    assert [row.slot for row in lock.held()] == [1]  # of the dead: nobody took it yet
    assert lock.get(mutex) != first  # the next holder is told to repair
    lock.release(mutex)
    assert lock.get(mutex) == first
    lock.release(mutex)
    assert lock.held() == []


def memory_ends() -> None:
    shm.create(4 << 20)
    proc.setup()
    assert shm.malloc(64 << 20) == 0
    before = (shm.status().used, shm.check())
    live = []
    while address := shm.malloc(1000):
        live.append(address)
    assert len(live) > 1000
    for address in live:
        shm.free(address)
    assert (shm.status().used, shm.check()) == before, (shm.status(), shm.check(), before)
    assert shm.malloc(1000)


def timers_fire_once() -> None:
    shm.create(32 << 20)
    proc.setup()
    timer.create(1000)
    count, size = 20000, timer.size()
    counters = shm.malloc(8 * count)
    shm.write(counters, bytes(8 * count))
    shm.publish(counters)
    links = shm.malloc(size * count)
    shm.publish(links)
    choice = random.Random(1)
    due = []
    for n in range(count):
        timer.test_init(links + n * size, counters + 8 * n)
        due.append(1000 + choice.randrange(1, 700_000))
        assert timer.test_add(links + n * size, due[n]) == 0
    deleted = set(choice.sample(range(count), 5000))
    for n in deleted:
        assert timer.test_del(links + n * size) == 1
    now = 1000
    while now < 350_000:
        now += choice.randrange(1, 3000)
        timer.run(now)
    for n in range(count):
        fired = value(counters + 8 * n)
        if n in deleted or due[n] > now:
            assert fired == 0
        else:
            assert fired == 1
    while now < 710_000:
        now += choice.randrange(1, 3000)
        timer.run(now)
    assert [value(counters + 8 * n) for n in range(count)] == [
        0 if n in deleted else 1 for n in range(count)
    ]
    assert timer.armed() == 0


def timer_process_killed() -> None:
    shm.create(8 << 20)
    proc.setup()
    timer.create(1000)
    count, size = 500, timer.size()
    counters = shm.malloc(8 * count)
    shm.write(counters, bytes(8 * count))
    shm.publish(counters)
    links = shm.malloc(size * count)
    shm.publish(links)
    for n in range(count):  # far enough to move from ring to ring
        timer.test_init(links + n * size, counters + 8 * n)
        assert timer.test_add(links + n * size, 100_000 + 1000 * n) == 0

    def work() -> None:
        for now in range(2000, 1_000_000, 1000):
            timer.run(now)

    fault.arm("timer.move")
    status = child(1, work)
    fault.disarm()
    assert os.WIFSIGNALED(status)
    shm.reclaim(1)
    for now in range(2000, 1_000_000, 1000):
        timer.run(now)
    assert [value(counters + 8 * n) for n in range(count)] == [1] * count
    assert timer.armed() == 0
    assert lock.held() == []


def test_a_killed_timer_process_loses_no_timer() -> None:
    alone(timer_process_killed)


def test_processes_share_memory_locks_and_counters() -> None:
    alone(many_processes)


@pytest.mark.parametrize("point", BASE_POINTS)
def test_a_kill_in_a_critical_section_of_memory_or_locks(point: str) -> None:
    alone(killed_at, point)


def test_there_are_fault_points() -> None:
    assert BASE_POINTS


def test_who_comes_after_a_dead_holder_is_told() -> None:
    alone(died_with_a_lock)


def test_the_end_of_memory_is_no_end() -> None:
    alone(memory_ends)


def test_timers_fire_once_and_not_early() -> None:
    alone(timers_fire_once)
