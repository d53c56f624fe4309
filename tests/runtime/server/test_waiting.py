"""Waiting that a signal ends."""

from __future__ import annotations

import os
import signal

from runtime.server.waiting import Waiter
from tests.runtime.native_base.alone import alone


def a_signal_before_the_wait_ends_it() -> None:
    signal.signal(signal.SIGUSR2, lambda _number, _frame: None)
    waiter = Waiter()
    reading, writing = os.pipe()
    os.kill(os.getpid(), signal.SIGUSR2)
    assert not waiter.wait(reading)
    os.write(writing, b"x")
    assert waiter.wait(reading)
    os.read(reading, 1)
    assert not waiter.wait(reading, 0.001) and not waiter.wait(None, 0.001)


def test_a_signal_before_the_wait_ends_it() -> None:
    alone(a_signal_before_the_wait_ends_it)
