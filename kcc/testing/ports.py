"""Free ports on 127.0.0.1, never handed out twice by one process."""

import itertools
import os
import socket
from collections.abc import Iterator
from typing import ClassVar

# Below Linux's ephemeral range (32768...), and always five digits, so that lengths do not vary.
FIRST, LAST = 12000, 32000


_SPAN = LAST - FIRST
_START = os.getpid() * 131 % _SPAN


class PortPool:
    """Hands out ports free for both UDP and TCP; two processes start at different places.

    All pools of a process draw from one row.
    """

    _candidates: ClassVar[Iterator[int]] = (FIRST + (_START + n) % _SPAN for n in itertools.count())

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
