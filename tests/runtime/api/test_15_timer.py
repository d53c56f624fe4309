"""Chapter 15 of the guide: timers of a second and of milliseconds, ticks, timer processes."""

from __future__ import annotations

import itertools

import pytest

from runtime.api import timer
from runtime.api.timer import (
    TIMER_TICKS_HZ,
    get_ticks,
    get_ticks_raw,
    register_timer,
    register_timer_process,
    register_utimer,
)


class Asked:
    """The part of the server that timers are asked of."""

    def __init__(self) -> None:
        self.timers: list[tuple[object, float]] = []
        self.processes: list[tuple[str, int, object]] = []

    def register_timer(self, fn: object, seconds: float) -> None:
        self.timers.append((fn, seconds))

    def add_process(self, desc: str, rank: int, fn: object) -> None:
        self.processes.append((desc, rank, fn))


class Clock:
    """A clock that sleeping moves; ``late`` is how much longer each sleep takes."""

    def __init__(self, late: float = 0.0) -> None:
        self.now = 1000.0
        self.late = late

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds + self.late


class Enough(BaseException):
    """Ends a process that never ends."""


def test_15_2_register_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    server, calls = Asked(), []
    monkeypatch.setattr(timer, "time", Clock())
    register_timer(server, lambda ticks, param: calls.append((ticks, param)), "silo", 15)  # type: ignore[arg-type]
    register_utimer(server, lambda ticks, param: None, None, 20)  # type: ignore[arg-type]
    (first, seconds), (_, milliseconds) = server.timers
    assert (seconds, milliseconds) == (15, 0.02)
    first(1.0)  # type: ignore[operator]
    assert calls == [(get_ticks(), "silo")]
    for wrong in (0, -1):
        with pytest.raises(ValueError, match="above 0"):
            register_timer(server, lambda ticks, param: None, None, wrong)  # type: ignore[arg-type]


def test_15_2_ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(timer, "time", clock)
    seconds, raw = get_ticks(), get_ticks_raw()
    clock.now += 90.5
    assert get_ticks() in (seconds + 90, seconds + 91)
    assert get_ticks_raw() - raw in range(int(90.5 * TIMER_TICKS_HZ) - 1, 1450)


@pytest.mark.parametrize("late", [0.0, 0.3, 2.5])
def test_15_4_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch, late: float) -> None:
    """Calls do not drift: each is due a whole number of intervals after the first."""
    server, clock, at = Asked(), Clock(late), []
    monkeypatch.setattr(timer, "time", clock)

    def callback(ticks: int, param: object) -> None:
        at.append(clock.now)
        if len(at) == 2:
            raise ValueError("an error does not end the process")
        if len(at) == 50:
            raise Enough

    register_timer_process(server, "MY MOD TIMER", callback, None, 1)  # type: ignore[arg-type]
    ((desc, rank, life),) = server.processes
    assert (desc, rank) == ("MY MOD TIMER", -1)
    with pytest.raises(Enough):
        life()  # type: ignore[operator]
    assert all(
        abs((moment - late - 1000.0) - round(moment - late - 1000.0)) < 1e-6 for moment in at
    )
    gaps = {round(b - a) for a, b in itertools.pairwise(at)}
    assert gaps == {1 if late < 1 else 3}
