"""Chapter 3 of the guide: simple locks and lock sets, over processes, debugged and outlived."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest

from runtime.api.locking import (
    LOCK_BUSY,
    LOCK_DIED,
    LOCK_OK,
    gen_lock_t,
    held_locks,
    lock_alloc,
    lock_dealloc,
    lock_destroy,
    lock_get,
    lock_init,
    lock_release,
    lock_set_alloc,
    lock_set_dealloc,
    lock_set_destroy,
    lock_set_get,
    lock_set_init,
    lock_set_release,
    lock_set_try,
    lock_try,
    lock_waiters,
    locked,
)
from runtime.native import lock as native
from runtime.native import shm
from tests.runtime.native_base.alone import alone
from tests.runtime.native_base.fleet import Fleet, cell, number, store, wait_for


def new_lock() -> gen_lock_t:
    lock = lock_alloc()
    assert lock is not None and lock_init(lock) is lock
    return lock


def s3_1_2_lock_alloc() -> None:
    """A lock is shared memory, given back whole."""
    Fleet(4)
    before = shm.status().used
    lock = new_lock()
    assert shm.status().used > before
    lock_destroy(lock)
    lock_dealloc(lock)
    assert shm.status().used == before
    for use in (lock_get, lock_try, lock_release, lock_dealloc, lock_init):
        with pytest.raises(ValueError, match="deallocated"):
            use(lock)


def s3_1_2_a_lock_in_a_structure() -> None:
    """Example 3.4: a lock inside of a block of shared memory needs no allocation of its own."""
    Fleet(4)
    block = shm.malloc(8 + native.size())
    lock = gen_lock_t(block + 8)
    assert lock_init(lock) is lock
    assert lock_get(lock) == LOCK_OK
    lock_release(lock)


def s3_1_2_no_memory() -> None:
    """Where memory is out, there is no lock, and nothing else happens."""
    Fleet(4)
    while shm.malloc(1 << 16):
        pass
    taken = 0
    while lock_alloc() is not None:
        taken += 1
    assert lock_set_alloc(64) is None
    assert shm.check() >= taken


def s3_1_6_lock_get() -> None:
    """Four processes under one lock: no count is lost, and all wait for the holder."""
    fleet = Fleet(4)
    lock, counter = new_lock(), cell()

    def life() -> None:
        for _ in range(2000):
            with locked(lock) as said:
                assert said == LOCK_OK
                store(counter, number(counter) + 1)

    for slot in range(1, 5):
        fleet.fork(slot, life)
    fleet.wait()
    assert number(counter) == 8000


def s3_1_7_lock_try() -> None:
    """-1 while it is set, 0 when it is not; by another process too."""
    fleet = Fleet(4)
    lock = new_lock()
    assert lock_try(lock) == 0
    assert lock_try(lock) == LOCK_BUSY

    def life() -> None:
        assert lock_try(lock) == LOCK_BUSY

    fleet.fork(1, life)
    fleet.wait()
    lock_release(lock)
    assert lock_try(lock) == 0
    lock_release(lock)


def s3_2_lock_sets() -> None:
    """Each lock of a set is one of its own."""
    Fleet(4)
    locks = lock_set_alloc(16)
    assert locks is not None and lock_set_init(locks) is locks
    assert lock_set_get(locks, 3) == LOCK_OK
    assert [lock_set_try(locks, i) for i in range(16)] == [0, 0, 0, -1] + [0] * 12
    for i in range(16):
        lock_set_release(locks, i)
    for outside in (-1, 16):
        with pytest.raises(IndexError):
            lock_set_get(locks, outside)
    lock_set_destroy(locks)
    lock_set_dealloc(locks)
    with pytest.raises(ValueError, match="deallocated"):
        lock_set_get(locks, 0)
    assert lock_set_alloc(0) is None


def s3_3_who_holds_it() -> None:
    """The debugger: the holder's place in the code, who waits, and for how long."""
    fleet = Fleet(4)
    lock = new_lock()

    def waiter() -> None:
        lock_get(lock)
        lock_release(lock)

    lock_get(lock)
    fleet.fork(1, waiter)
    wait_for(lambda: bool(lock_waiters()))
    (holder,) = held_locks()
    assert (holder.slot, holder.pid, holder.address) == (0, os.getpid(), lock.address)
    assert holder.site.startswith("test_03_locking.py:") and "s3_3_who_holds_it" in holder.site
    (waits,) = lock_waiters()
    assert (waits.slot, waits.holder, waits.address) == (1, 0, lock.address)
    assert waits.site.endswith(" waiter")
    wait_for(lambda: lock_waiters()[0].milliseconds > 50)
    lock_release(lock)
    fleet.wait()
    assert held_locks() == [] and lock_waiters() == []


def s3_3_a_dead_holder() -> None:
    """Who comes after a dead holder has the lock, and is told to repair; once."""
    fleet = Fleet(4)
    lock, ready = new_lock(), cell()

    def holder() -> None:
        lock_get(lock)
        store(ready, 1)
        os.kill(os.getpid(), signal.SIGKILL)

    fleet.fork(1, holder)
    wait_for(lambda: number(ready) == 1)
    assert fleet.wait() == {1: signal.SIGKILL}
    assert held_locks()[0].site.endswith(" holder")
    assert lock_get(lock) == LOCK_DIED
    lock_release(lock)
    assert lock_get(lock) == LOCK_OK
    lock_release(lock)


SCENES = [
    s3_1_2_lock_alloc,
    s3_1_2_a_lock_in_a_structure,
    s3_1_2_no_memory,
    s3_1_6_lock_get,
    s3_1_7_lock_try,
    s3_2_lock_sets,
    s3_3_who_holds_it,
    s3_3_a_dead_holder,
]


@pytest.mark.parametrize("scene", SCENES)
def test_section(scene: Callable[[], None]) -> None:
    alone(scene)
