"""Chapter 13 of the guide: statistics, exact over processes."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest

from runtime.api.statistics import (
    get_stat_val,
    register_module_stats,
    register_stat,
    reset_stat,
    stat_var,
    update_stat,
)
from runtime.native import stats
from tests.runtime.native_base.alone import alone
from tests.runtime.native_base.fleet import Fleet, cell, number, store, wait_for

PROCESSES = 8


class Books:
    """The part of the server that registers."""

    def __init__(self) -> None:
        from runtime.server.stats import Statistics

        self.stats = Statistics()


def counter(name: str) -> stat_var:
    return register_stat(Books(), "msilo", name)  # type: ignore[arg-type]


def s13_register() -> None:
    """An array of statistics, or one; a second time gives the same one."""
    books = Books()
    names = ("stored_messages", "dumped_messages")
    first, second = register_module_stats(books, "msilo", names)  # type: ignore[arg-type]
    update_stat(first, 3)
    assert books.stats.get("msilo", "stored_messages") == 3
    assert books.stats.get("msilo", "dumped_messages") == 0
    assert register_stat(books, "msilo", "stored_messages").handle == first.handle  # type: ignore[arg-type]
    assert second.handle != first.handle


def s13_1_macros() -> None:
    """update_stat with negative values, reset_stat, get_stat_val."""
    stat = counter("x")
    update_stat(stat, 5)
    update_stat(stat, -7)
    assert get_stat_val(stat) == -2
    reset_stat(stat)
    assert get_stat_val(stat) == 0
    update_stat(stat, 2**40)
    assert get_stat_val(stat) == 2**40


def s13_exact_over_processes() -> None:
    """A million updates of eight processes: none is lost."""
    fleet = Fleet(4)
    stat = counter("y")

    def life() -> None:
        for _ in range(125_000):
            update_stat(stat, 1)

    for slot in range(1, PROCESSES + 1):
        fleet.fork(slot, life)
    fleet.wait()
    assert get_stat_val(stat) == 1_000_000


def s13_exact_but_for_one_update_of_the_dead() -> None:
    """What a killed process counted stays; the update that it was at may be missing."""
    fleet = Fleet(4)
    stat = counter("z")
    done = [cell() for _ in range(PROCESSES + 1)]

    def life(slot: int, killed: bool) -> Callable[[], None]:
        def run() -> None:
            while killed or number(done[slot]) < 100_000:
                update_stat(stat, 1)
                store(done[slot], number(done[slot]) + 1)

        return run

    for slot in range(1, PROCESSES + 1):
        fleet.fork(slot, life(slot, killed=slot <= 2))
    for slot in (1, 2):
        wait_for(lambda slot=slot: number(done[slot]) > 10_000)  # type: ignore[misc]
        os.kill(next(pid for pid, of in fleet.pids.items() if of == slot), signal.SIGKILL)
    fleet.wait()
    told = sum(number(address) for address in done)
    assert told <= get_stat_val(stat) <= told + 2
    assert stats.get(stat.handle) == get_stat_val(stat)


SCENES = [scene for name, scene in list(globals().items()) if name.startswith("s13_")]


@pytest.mark.parametrize("scene", SCENES)
def test_section(scene: Callable[[], None]) -> None:
    alone(scene)
