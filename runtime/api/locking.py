"""Locks in shared memory, with the names of the development guide's chapter 3 (``locking.h``).

A lock is made before the fork, or reached through shared memory, and works between processes. It
is adaptive: it spins a while and then sleeps. It outlives its holder: where that process died,
``lock_get`` gives the lock to the next one and returns ``LOCK_DIED``, so that what the lock guards
can be repaired first. ``held_locks`` and ``lock_waiters`` say who holds what, where, how long.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import CodeType
from typing import Final

from runtime.native import lock as native
from runtime.native import shm

LOCK_OK: Final = 0
LOCK_DIED: Final = 1
"""The holder died with the lock: it is yours, repair what it guards."""
LOCK_BUSY: Final = -1

held_locks = native.held
"""(slot, pid, site, address) of every lock that is held."""
lock_waiters = native.waiting
"""(slot, pid, site, address, milliseconds, holder's slot) of every process that sleeps for one."""


class gen_lock_t:
    """A lock in shared memory, at ``address``; ``None`` there once it is deallocated."""

    __slots__ = ("address",)

    def __init__(self, address: int) -> None:
        self.address: int | None = address

    def where(self) -> int:
        """The address. Raises ValueError where the lock was deallocated."""
        if self.address is None:
            raise ValueError("this lock was deallocated")
        return self.address


class gen_lock_set_t:
    """``size`` locks in a row, at ``address``."""

    __slots__ = ("address", "size")

    def __init__(self, address: int, size: int) -> None:
        self.address: int | None = address
        self.size: Final = size

    def where(self, i: int) -> int:
        """The address of lock ``i``. Raises ValueError (deallocated) and IndexError."""
        if self.address is None:
            raise ValueError("this lock set was deallocated")
        if not 0 <= i < self.size:
            raise IndexError(f"lock {i} of a set of {self.size}")
        return self.address + i * native.size()


def lock_alloc() -> gen_lock_t | None:
    """A lock in shared memory, to be initialised; None where memory is out (3.1.2)."""
    address = _reserve(1)
    return None if address is None else gen_lock_t(address)


def lock_init(lock: gen_lock_t) -> gen_lock_t | None:
    """Make it free, before its first use (3.1.4)."""
    native.init(lock.where())
    return lock


def lock_get(lock: gen_lock_t) -> int:
    """Wait until it is ours: LOCK_OK, or LOCK_DIED (3.1.6)."""
    return native.get(lock.where(), _caller())


def lock_try(lock: gen_lock_t) -> int:
    """0 where it is ours now, LOCK_DIED too, -1 where somebody else has it (3.1.7)."""
    return native.try_get(lock.where(), _caller())


def lock_release(lock: gen_lock_t) -> None:
    """Give it back and wake one who waits (3.1.8)."""
    native.release(lock.where())


def lock_destroy(lock: gen_lock_t) -> None:
    """Nothing is left inside to clean up; the lock must be free (3.1.5)."""
    lock.where()


def lock_dealloc(lock: gen_lock_t) -> None:
    """Give its memory back; using it afterwards raises ValueError (3.1.3)."""
    shm.free(lock.where())
    lock.address = None


@contextmanager
def locked(lock: gen_lock_t) -> Iterator[int]:
    """Hold it for a block; gives what ``lock_get`` said."""
    said = native.get(lock.where(), _caller(3))
    try:
        yield said
    finally:
        native.release(lock.where())


def lock_set_alloc(n: int) -> gen_lock_set_t | None:
    """``n`` locks in shared memory, or None where there is no room (3.2.2)."""
    address = _reserve(n) if n > 0 else None
    return None if address is None else gen_lock_set_t(address, n)


def lock_set_init(locks: gen_lock_set_t) -> gen_lock_set_t | None:
    """Make all free (3.2.4)."""
    for i in range(locks.size):
        native.init(locks.where(i))
    return locks


def lock_set_get(locks: gen_lock_set_t, i: int) -> int:
    """Wait until lock ``i`` is ours (3.2.6)."""
    return native.get(locks.where(i), _caller())


def lock_set_try(locks: gen_lock_set_t, i: int) -> int:
    """0 where lock ``i`` is ours now, -1 where it is somebody else's (3.2.7)."""
    return native.try_get(locks.where(i), _caller())


def lock_set_release(locks: gen_lock_set_t, i: int) -> None:
    """Give lock ``i`` back (3.2.8)."""
    native.release(locks.where(i))


def lock_set_destroy(locks: gen_lock_set_t) -> None:
    """Nothing is left inside to clean up; all must be free (3.2.5)."""
    locks.where(0)


def lock_set_dealloc(locks: gen_lock_set_t) -> None:
    """Give their memory back (3.2.3)."""
    shm.free(locks.where(0))
    locks.address = None


def _reserve(n: int) -> int | None:
    address = shm.malloc(n * native.size())
    if not address:
        return None
    shm.publish(address)
    return address


def _caller(above: int = 2) -> int:
    """The number of the place that asks for a lock."""
    frame = sys._getframe(above)
    return _site(frame.f_code, frame.f_lineno)


@cache
def _site(code: CodeType, line: int) -> int:
    return native.site(f"{code.co_filename.rpartition('/')[2]}:{line} {code.co_name}")
