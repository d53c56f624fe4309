"""What a service manager is told (``sd_notify(3)``): ready, stopping, still alive."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import MutableMapping


class Notifier:
    """Sends to ``NOTIFY_SOCKET``; does nothing where that is not set. One process uses it.

    The variables are taken out of the environment, so that programs which are run do not notify.
    """

    def __init__(self, environ: MutableMapping[str, str]) -> None:
        path = environ.pop("NOTIFY_SOCKET", "")
        watchdog, pid = environ.pop("WATCHDOG_USEC", ""), environ.pop("WATCHDOG_PID", "")
        self._path = "\0" + path[1:] if path.startswith("@") else path
        ours = pid in ("", str(os.getpid()))
        seconds = int(watchdog) / 2e6 if path and ours and watchdog.isdecimal() else 0.0
        self.interval = seconds or None
        """Seconds between two signs of life, None where nobody waits for them."""
        self._due = 0.0

    def tell(self, *assignments: str) -> None:
        """Send ``READY=1`` and the like. What cannot be sent is not missed."""
        if not self._path:
            return
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
            end.setblocking(False)
            end.sendto("\n".join(assignments).encode(), self._path)

    def alive(self) -> None:
        """Send a sign of life where one is due."""
        now = time.monotonic()
        if self.interval is not None and now >= self._due:
            self._due = now + self.interval
            self.tell("WATCHDOG=1")
