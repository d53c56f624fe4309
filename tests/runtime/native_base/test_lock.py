"""Locks that outlive their holders, and the process table; each scene in its own interpreter."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from functools import partial

import pytest

from runtime.native import lock, proc, shm
from tests.runtime.native_base.alone import alone
from tests.runtime.native_base.fleet import Fleet, cell, number, store, wait_for

PROCESSES = 4
ROUNDS = 5000
OK, DIED, BUSY = 0, 1, -1


def new_lock() -> int:
    address = shm.malloc(lock.size())
    shm.publish(address)
    lock.init(address)
    return address


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def exclusion() -> None:
    """Four processes count under one lock; none is lost."""
    fleet = Fleet(4)
    guard, counter = new_lock(), cell()

    def life() -> None:
        for _ in range(ROUNDS):
            assert lock.get(guard) == OK
            store(counter, number(counter) + 1)
            lock.release(guard)

    for slot in range(1, PROCESSES + 1):
        fleet.fork(slot, life)
    fleet.wait()
    assert number(counter) == PROCESSES * ROUNDS
    assert lock.held() == []


def recursion() -> None:
    """A recursive hold ends with its last release; `held` names it."""
    Fleet(4)
    lock.name_site(900, "test")
    guard = new_lock()
    assert lock.get_recursive(guard, 900) == lock.get_recursive(guard, 900) == OK
    assert lock.try_get(guard) == BUSY
    lock.release(guard)
    assert [row[2] for row in lock.held()] == ["test"]
    lock.release(guard)
    assert lock.held() == []
    assert lock.try_get(guard) == OK
    lock.release(guard)


def many_held() -> None:
    """More locks at once than `held` can list; releases in any order."""
    Fleet(4)
    guards = [new_lock() for _ in range(40)]
    for guard in guards:
        lock.get(guard)
    assert 0 < len(lock.held()) <= len(guards)
    for guard in guards[::2] + guards[1::2]:
        lock.release(guard)
    assert lock.held() == []


def takeover() -> None:
    """A dead holder's lock goes to a waiter, who is told; exactly one is."""
    fleet = Fleet(4)
    guard, ready, told, rounds = new_lock(), cell(), cell(), cell()

    def holder() -> None:
        lock.get(guard)
        store(ready, 1)
        die()

    def waiter() -> None:
        wait_for(lambda: number(ready) == 1)
        result = lock.get(guard)
        store(told, number(told) + result)
        store(rounds, number(rounds) + 1)
        lock.release(guard)

    fleet.fork(1, holder)
    for slot in range(2, PROCESSES + 1):
        fleet.fork(slot, waiter)
    fleet.wait()
    assert (number(told), number(rounds)) == (1, PROCESSES - 1)
    assert lock.held() == []


def takeover_by_arbiter() -> None:
    """The arbiter need not reap a child to get the lock that it died with."""
    fleet = Fleet(4)
    guard, ready = new_lock(), cell()

    def holder() -> None:
        lock.get(guard)
        store(ready, 1)
        die()

    fleet.fork(1, holder)
    wait_for(lambda: number(ready) == 1)
    assert lock.get(guard) == DIED
    lock.release(guard)
    assert fleet.wait() == {1: signal.SIGKILL}


def foreign_release() -> None:
    """Script locks may be released by another process than took them."""
    fleet = Fleet(4)
    guard, other = new_lock(), new_lock()
    lock.get(other)
    lock.get(guard)
    fleet.fork(1, partial(lock.release, guard))
    fleet.wait()
    assert lock.try_get(guard) == OK
    lock.release(guard)
    assert len(lock.held()) == 1
    lock.release(other)
    assert lock.held() == []


def processes() -> None:
    """The table names who runs; a new process in a slot is another incarnation."""
    fleet = Fleet(4)
    fleet.fork(3, lambda: wait_for(lambda: proc.own_slot() == 3))
    rows = {row.slot: row for row in proc.table()}
    assert rows[0].pid == os.getpid() and rows[3].desc == "worker 3" and rows[3].alive
    assert proc.find_pid(rows[3].pid) == 3
    fleet.wait()
    assert [row.slot for row in proc.table()] == [0]
    assert proc.assign(3, 1, "again") == rows[3].incarnation + 1


@pytest.mark.parametrize(
    "scene",
    [
        exclusion,
        recursion,
        many_held,
        takeover,
        takeover_by_arbiter,
        foreign_release,
        processes,
    ],
)
def test_lock(scene: Callable[[], None]) -> None:
    alone(scene)
