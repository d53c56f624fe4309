"""The process table in shared memory: who runs in which slot (0 is the arbiter)."""

from typing import NamedTuple

class Process(NamedTuple):
    """One row; ``started`` in seconds since 1970."""

    slot: int
    pid: int
    rank: int
    desc: str
    incarnation: int
    started: int
    alive: bool

def setup(desc: str = ...) -> None:
    """The calling process is the arbiter, in slot 0. RuntimeError without shared memory."""

def assign(slot: int, rank: int, desc: str, pid: int = 0) -> int:
    """Before the fork: slot (1..255) gets a new process; its incarnation. ValueError: taken."""

def set_pid(slot: int, pid: int) -> None:
    """In the arbiter after the fork."""

def become(slot: int) -> None:
    """In the child, first of all: this process is the one assigned to slot."""

def mark_dead(slot: int) -> None:
    """The process was reaped: locks that it held can be taken over from now on."""

def free(slot: int) -> None:
    """Nobody follows in this slot."""

def own_slot() -> int:
    """Slot of the calling process."""

def find_pid(pid: int) -> int | None:
    """Slot of a running process."""

def table() -> list[Process]:
    """Every row in use."""
