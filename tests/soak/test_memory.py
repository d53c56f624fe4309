"""Memory and locks: ten million operations of eight processes, and a thousand dead holders."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable

import pytest

from runtime.native import lock, proc, shm
from tests.runtime.native_base.alone import alone
from tests.runtime.native_base.fleet import Fleet, cell, number, store

PROCESSES = 8
OPERATIONS = int(os.environ.get("KCC_SOAK_OPERATIONS", "10000000"))
KILLS = int(os.environ.get("KCC_SOAK_KILLS", "1000"))
LOCKS = 16


def new_locks() -> list[int]:
    base = shm.malloc(LOCKS * lock.size())
    shm.publish(base)
    guards = [base + n * lock.size() for n in range(LOCKS)]
    for guard in guards:
        lock.init(guard)
    return guards


def count_under_lock(guard: int, counter: int) -> None:
    """One more in a counter that two cells hold: they differ only while the lock is held."""
    if lock.get(guard):
        store(counter + 8, number(counter))
    store(counter, number(counter) + 1)
    store(counter + 8, number(counter))
    lock.release(guard)


def churn(seed: int, guards: list[int], counters: list[int], rounds: int) -> None:
    """Each round: a block got, or one given back, or a lock taken and released; all are marked."""
    dice = random.Random(seed)
    mine: list[tuple[int, bytes]] = []
    for turn in range(rounds):
        if turn % 4 == 3:
            n = dice.randrange(LOCKS)
            count_under_lock(guards[n], counters[n])
        elif mine and (len(mine) > 200 or dice.random() < 0.5):
            address, mark = mine.pop(dice.randrange(len(mine)))
            assert shm.read(address, 8) == mark
            shm.free(address)
        else:
            address = shm.malloc(int(2 ** dice.uniform(3, 13)))
            assert address
            mark = (seed << 32 | turn).to_bytes(8, "little")
            shm.write(address, mark)
            mine.append((address, mark))
    for address, mark in mine:
        assert shm.read(address, 8) == mark
        shm.free(address)


def ten_million() -> None:
    """No block overlaps another, no count is lost, and all memory is back."""
    fleet = Fleet(256)
    guards = new_locks()
    counters = [shm.malloc(16) for _ in guards]
    for counter in counters:
        shm.publish(counter)
        shm.write(counter, bytes(16))
    before = shm.status()
    rounds = OPERATIONS // PROCESSES
    for slot in range(1, PROCESSES + 1):
        fleet.fork(slot, lambda slot=slot: churn(slot, guards, counters, rounds))  # type: ignore[misc]
    fleet.wait()
    after = shm.status()
    assert sum(number(counter) for counter in counters) == PROCESSES * (rounds // 4)
    assert (after.used, after.fragments) == (before.used, before.fragments)
    assert after.max_used < 64 << 20, "200 blocks of 8 kB at most for each process"
    largest = shm.malloc(100 << 20)
    assert largest, "what was many small blocks is one large one again"
    assert lock.held() == []


def dead_holders() -> None:
    """Processes are killed wherever they are; the others go on, every lock is free at the end."""
    fleet = Fleet(64)
    guards = new_locks()
    counters = [shm.malloc(16) for _ in guards]
    for counter in counters:
        shm.publish(counter)
        shm.write(counter, bytes(16))
    turns = [cell() for _ in range(PROCESSES + 1)]
    before = shm.status().used
    dice = random.Random(4)

    def life(slot: int) -> Callable[[], None]:
        def run() -> None:
            own = random.Random(os.getpid())
            mine: list[int] = []
            while True:
                n = own.randrange(LOCKS)
                count_under_lock(guards[n], counters[n])
                mine.append(shm.malloc(own.randrange(1, 5000)))
                if len(mine) > 50:
                    shm.free(mine.pop(own.randrange(50)))
                store(turns[slot], number(turns[slot]) + 1)

        return run

    for slot in range(1, PROCESSES + 1):
        fleet.fork(slot, life(slot))
    taken_over = 0
    for _ in range(KILLS):
        slot = dice.randrange(1, PROCESSES + 1)
        seen = [number(turn) for turn in turns]
        pid = next(pid for pid, of in fleet.pids.items() if of == slot)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        del fleet.pids[pid]
        proc.mark_dead(slot)
        taken_over += sum(row.slot == slot for row in lock.held())
        shm.reclaim(slot)
        proc.free(slot)
        fleet.fork(slot, life(slot))
        while any(number(turns[n]) == seen[n] for n in range(1, PROCESSES + 1)):
            os.sched_yield()
    for pid in fleet.pids:
        os.kill(pid, signal.SIGKILL)
    ended = fleet.wait()
    assert set(ended.values()) == {signal.SIGKILL}
    for guard, counter in zip(guards, counters, strict=True):
        count_under_lock(guard, counter)
        assert number(counter) == number(counter + 8)
    assert lock.held() == []
    assert taken_over, "no process died with a lock in its hands"
    assert shm.status().used == before


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("scene", [ten_million, dead_holders])
def test_soak(scene: Callable[[], None]) -> None:
    alone(scene, seconds=1700)
