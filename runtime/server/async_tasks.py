"""Groups of processes that do what others hand them (``core/async_task.c``).

A task is a datagram on a pair of sockets made before the fork: the number of its handler, and what
that reads. It waits in the kernel, so the death of a process loses the one task that it works on.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from runtime.declare.config import CoreSetting
from runtime.native import send
from runtime.server.log import LM_ERR, LM_WARN
from runtime.server.ranks import PROC_RPC
from runtime.server.waiting import Waiter
from runtime.sip.params import split_params

if TYPE_CHECKING:
    from runtime.server.server import Server

LARGEST: Final = 1 << 18
"""Octets of a task."""
_DEFAULT: Final = b"default"


def task_sockets() -> tuple[socket.socket, socket.socket]:
    """Where processes read tasks, and where others write them."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    there.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * LARGEST)
    return here, there


class Group:
    """Processes that share one queue."""

    def __init__(self, name: bytes, workers: int) -> None:
        self.name = name
        self.workers = workers
        self.usleep = 0
        self.nonblock = False
        self.here, self.there = task_sockets()


class AsyncTasks:
    """The groups of ``async_workers`` and ``async_workers_group``, the default one first."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._handlers: list[Callable[[bytes], None]] = []
        self.groups: list[Group] = []
        self.current: Group | None = None
        """The group of this process."""

    def configure(self, settings: Sequence[CoreSetting]) -> None:
        """Take the core parameters in the order written, and ask for the processes."""
        for setting in settings:
            value = setting.value
            if isinstance(value, bytes):
                if setting.name == "async_workers_group":
                    self._set_group(value)
            elif setting.name == "async_workers":
                self._set_workers(value)
            elif setting.name == "async_nonblock" and self.groups:
                self.groups[0].nonblock |= value > 0
            elif setting.name == "async_usleep" and self.groups:
                self.groups[0].usleep = value
        for group in self.groups:
            group.there.setblocking(not group.nonblock)
            desc = f"Async Task Worker - {group.name.decode('utf-8', 'replace')}"
            for _ in range(group.workers):
                self._server.add_process(desc, PROC_RPC, partial(self._serve, group))

    def _set_workers(self, count: int) -> None:
        if self.groups:
            LM_WARN("async_workers is set already")
        elif count > 0:
            self.groups.append(Group(_DEFAULT, count))

    def _set_group(self, text: bytes) -> None:
        """``name=x;workers=4;nonblock=1;usleep=0``; one that is wrong is none, as there."""
        params = split_params(text.removesuffix(b";"))
        if params is None:
            LM_ERR("async_workers_group: this reads name=x;workers=n, not %r", text)
            return
        found = {key.lower(): value for key, value in reversed(params)}
        numbers = {}
        for key in (b"workers", b"usleep", b"nonblock"):
            value = found.get(key, b"0")
            if re.fullmatch(rb"[+-]?[0-9]{1,9}", value) is None:
                LM_ERR("async_workers_group: %s is a number, not %r", key.decode(), value)
                return
            numbers[key] = int(value)
        name, workers = found.get(b"name", b""), numbers[b"workers"]
        if not name or workers <= 0:
            LM_ERR("async_workers_group: %r has no name, or no workers", text)
            return
        if name == _DEFAULT:
            self._set_workers(workers)
            group = self.groups[0]
        else:
            if not self.groups:
                self._set_workers(1)
            group = Group(name, workers)
            self.groups.insert(1, group)
        group.nonblock |= numbers[b"nonblock"] > 0
        group.usleep = numbers[b"usleep"]

    def register(self, handler: Callable[[bytes], None]) -> int:
        """Add a handler before the fork; tasks name it by the number given back."""
        self._handlers.append(handler)
        return len(self._handlers) - 1

    def push(self, handler: int, data: bytes, name: bytes = b"") -> bool:
        """Hand a task to a group, the default one without a name. A group that is not there takes
        everything and does nothing, as in Kamailio; False: the task cannot be handed over."""
        group = self.find(name)
        if group is None:
            LM_WARN("there is no group %r of async_workers: a task is dropped", name or _DEFAULT)
            return True
        try:
            group.there.send(bytes((handler,)) + data)
        except OSError as error:
            LM_ERR("a task for the group %r of async_workers: %s", group.name, error)
            return False
        return True

    def find(self, name: bytes) -> Group | None:
        """A group by its name, the default one without a name."""
        if not name:
            return self.groups[0] if self.groups else None
        return next((group for group in self.groups if group.name == name), None)

    def _serve(self, group: Group) -> None:
        """The life of a worker."""
        self.current = group
        waiter = Waiter()
        while True:
            if group.usleep > 0:
                time.sleep(group.usleep * 1e-6)
            self.serve_one(group.here, waiter)

    def serve_one(self, here: socket.socket, waiter: Waiter) -> None:
        """Wait for a task, or a signal; do the task."""
        if not waiter.wait(here.fileno()):
            return
        try:
            task = here.recv(LARGEST, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return  # another worker has it
        try:
            self._handlers[task[0]](task[1:])
        except Exception as error:
            LM_ERR("a task of async_workers: %r", error)
            self._server.tracer.report(error)
        send.flush()
