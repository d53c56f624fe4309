"""Waiting for what other processes do."""

import time
from collections.abc import Callable


def wait(condition: Callable[[], bool], seconds: float = 40.0) -> None:
    """Return when it is true; AssertionError where that takes longer than so many seconds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited {seconds:g} seconds in vain"
        time.sleep(0.02)
