"""Timers, with the names of the development guide's chapter 15 (``timer.h``).

Register in ``mod_init``. Functions of ``register_timer`` and ``register_utimer`` share one process
and wait for each other; ``register_timer_process`` gives a function a process of its own, which the
arbiter starts again when it dies. A period that was missed is not made up for, and late calls do
not add up: the next one is due a whole number of intervals after the first.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeVar

from runtime.native import proc
from runtime.server.log import LM_ERR
from runtime.server.ranks import PROC_TIMER

if TYPE_CHECKING:
    from runtime.server.server import Server

T = TypeVar("T")

TIMER_TICKS_HZ: Final = 16
"""Internal ticks in a second (``timer_ticks.h``)."""
_START: Final = time.monotonic()  # before the fork, so the same in all processes


def get_ticks() -> int:
    """Seconds since the server started."""
    return int(time.monotonic() - _START)


def get_ticks_raw() -> int:
    """Internal ticks since the server started."""
    return int((time.monotonic() - _START) * TIMER_TICKS_HZ)


def register_timer(server: Server, f: Callable[[int, T], None], param: T, interval: int) -> None:
    """Call ``f(ticks, param)`` every ``interval`` seconds in the slow timer process.

    Raises ValueError: the interval is not above 0.
    """
    server.register_timer(lambda now: f(get_ticks(), param), _positive(interval))


def register_utimer(server: Server, f: Callable[[int, T], None], param: T, interval: int) -> None:
    """The same every ``interval`` milliseconds."""
    server.register_timer(lambda now: f(get_ticks(), param), _positive(interval) / 1000)


def register_timer_process(
    server: Server, desc: str, f: Callable[[int, T], None], param: T, interval: int
) -> None:
    """Call ``f(ticks, param)`` every ``interval`` seconds in a process of its own (15.4)."""
    seconds = _positive(interval)
    server.add_process(desc, PROC_TIMER, lambda: live(f, param, seconds))


def live(f: Callable[[int, T], None], param: T, seconds: float) -> None:
    """The whole life of a timer process: calls ``f(ticks, param)``, and never ends."""
    due = time.monotonic() + seconds
    while True:
        time.sleep(max(0.0, due - time.monotonic()))
        try:
            f(get_ticks(), param)
        except Exception as error:
            LM_ERR("timer process %d: %r", proc.own_slot(), error)
        now = time.monotonic()
        due += seconds * max(1, int((now - due) / seconds) + 1)


def _positive(interval: int) -> int:
    if interval <= 0:
        raise ValueError(f"a timer's interval is above 0, not {interval}")
    return interval
