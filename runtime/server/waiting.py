"""Waiting that a signal always ends.

A signal that comes just before a blocking system call does not interrupt it: its Python handler
would run only after the call. Here it is seen, since the interpreter writes it to a pipe.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal


class Waiter:
    """Waits in the main thread of one process; made there, after the fork."""

    def __init__(self) -> None:
        self._signalled, told = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(told, warn_on_full_buffer=False)

    def wait(self, fd: int | None, seconds: float | None = None) -> bool:
        """Until ``fd`` can be read (True), a signal came or the time is over (False)."""
        poll = select.poll()
        poll.register(self._signalled, select.POLLIN)
        if fd is not None:
            poll.register(fd, select.POLLIN)
        ready = {number for number, _ in poll.poll(None if seconds is None else seconds * 1000)}
        if self._signalled in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(self._signalled, 4096)
        return fd in ready
