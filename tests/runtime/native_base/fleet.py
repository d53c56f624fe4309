"""A small server of forked processes over shared memory (in an interpreter of its own)."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable

from runtime.native import proc, shm


class Fleet:
    """The arbiter's part: forks processes into slots 1, 2, ... and repairs after their deaths."""

    def __init__(self, megabytes: int = 32) -> None:
        shm.create(megabytes << 20)
        proc.setup()
        self.pids: dict[int, int] = {}

    def fork(self, slot: int, life: Callable[[], object]) -> None:
        """Put a process into a slot; it ends when ``life`` returns, with 1 where that raises."""
        proc.assign(slot, slot, f"worker {slot}")
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                proc.become(slot)
                life()
                status = 0
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(status)
        proc.set_pid(slot, pid)
        self.pids[pid] = slot

    def wait(self) -> dict[int, int]:
        """Reap all, as the arbiter does: slot -> signal that killed it, 0 where it ended well."""
        ended = {}
        while self.pids:
            pid, status = os.wait()
            slot = self.pids.pop(pid)
            proc.mark_dead(slot)
            shm.reclaim(slot)
            proc.free(slot)
            assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, f"slot {slot} failed"
            ended[slot] = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        return ended


def number(address: int) -> int:
    return int.from_bytes(shm.read(address, 8), "little")


def store(address: int, value: int) -> None:
    shm.write(address, value.to_bytes(8, "little"))


def cell() -> int:
    """Eight octets of shared memory, 0."""
    address = shm.malloc(8)
    shm.publish(address)
    store(address, 0)
    return address


def wait_for(condition: Callable[[], bool]) -> None:
    """Give other processes their turn until something is so."""
    for _ in range(1_000_000):
        if condition():
            return
        os.sched_yield()
    raise AssertionError("waited in vain")
