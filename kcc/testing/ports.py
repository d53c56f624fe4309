"""Free ports on 127.0.0.1, never handed out twice by one process."""

import itertools
import os
import socket
from collections.abc import Iterator

# Below Linux's ephemeral range (32768...), and always five digits, so that lengths do not vary.
FIRST, LAST = 12000, 32000


class PortPool:
    """Hands out ports free for both UDP and TCP; two processes start at different places."""

    def __init__(self) -> None:
        span = LAST - FIRST
        start = os.getpid() * 131 % span
        self._candidates: Iterator[int] = (FIRST + (start + n) % span for n in itertools.count())

    def take(self) -> int:
        """A port nobody is bound to just now; OSError after a whole round without one."""
        for port in itertools.islice(self._candidates, LAST - FIRST):
            if _is_free(port):
                return port
        raise OSError("no free port on 127.0.0.1")


def _is_free(port: int) -> bool:
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True
