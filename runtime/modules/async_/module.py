"""The async module: routes that go on later, or in another process.

Behaviour: ``async`` of Kamailio 5.6.3. A request is suspended in its transaction; what names the
transaction and the route waits in shared memory (``runtime.native.sleeps``) and then in the queue
of the processes that continue it.
"""

from __future__ import annotations

import struct
from functools import partial
from typing import TYPE_CHECKING, Final

from runtime.declare.exports import Routes
from runtime.modules.async_.exports import EXPORTS
from runtime.native import receive, send, sleeps, tm_pv, tm_suspend
from runtime.server.async_tasks import task_sockets
from runtime.server.log import LM_ERR, LM_INFO, LM_WARN
from runtime.server.module import Module as BaseModule
from runtime.server.ranks import PROC_TIMER
from runtime.server.waiting import Waiter

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg

MOST_SECONDS: Final = 100
MOST_MS: Final = 30000
MOST_SLEEPING: Final = 10000
MOST_NAME: Final = 62
_WHERE: Final = struct.Struct("=III")  # index and label of the transaction, number of the route
_ROUTE: Final = struct.Struct("=I")


class Module(BaseModule):
    """Suspends requests, and continues them."""

    EXPORTS = EXPORTS

    workers: int
    ms_timer: int
    result: int

    _data: bytes | None = None

    def mod_init(self) -> None:
        """Ask for the processes that continue what slept."""
        tasks = self.server.tasks
        self._continue = tasks.register(self._go_on)
        self._run_data = tasks.register(self._run_with_data)
        self._here, self._there = task_sockets()
        sleeps.init(MOST_SLEEPING)
        for _ in range(max(self.workers, 0)):
            self.server.add_process("ASYNC MOD TIMER", PROC_TIMER, self._serve)
        if self.workers > 0 and self.ms_timer > 0:
            LM_INFO("async_ms_sleep and async_ms_route: every %d ms", self.ms_timer)

    def _serve(self) -> None:
        waiter = Waiter()
        while True:
            self.server.tasks.serve_one(self._here, waiter)

    # -- sleeping

    def async_route(self, msg: SipMsg, routename: bytes, seconds: int) -> int:
        """Go on in a route after seconds: ends the script, or -1."""
        return self._sleep(msg, seconds, self._route(msg, routename))

    def async_sleep(self, msg: SipMsg, seconds: int, rest: int | None = None) -> int:
        """Go on behind the call after seconds: ends the script, or -1."""
        return self._sleep(msg, seconds, self._rest(msg, rest))

    def async_ms_route(self, msg: SipMsg, routename: bytes, milliseconds: int) -> int:
        """Go on in a route after milliseconds: ends the script, or -1."""
        return self._sleep_ms(msg, milliseconds, self._route(msg, routename))

    def async_ms_sleep(self, msg: SipMsg, milliseconds: int, rest: int | None = None) -> int:
        """Go on behind the call after milliseconds: ends the script, or -1."""
        return self._sleep_ms(msg, milliseconds, self._rest(msg, rest))

    def _rest(self, msg: SipMsg, rest: int | None) -> int:
        if receive.is_faked(msg):
            LM_ERR("invalid usage for faked message")
        elif rest is None:
            LM_ERR("async_sleep cannot be the last action of its block")
        else:
            return rest
        return 0

    def _route(self, msg: SipMsg, name: bytes, *, faked: bool = False) -> int:
        """The number of a route, 0 where it cannot be."""
        if not faked and receive.is_faked(msg):
            LM_ERR("invalid usage for faked message")
            return 0
        index = self.server.route_index("route", name)
        if not index:
            LM_ERR("route block not found: %s", name.decode("utf-8", "replace"))
        elif len(name) > MOST_NAME:
            LM_ERR("the name of a route is too long: %s", name.decode("utf-8", "replace"))
            return 0
        return index

    def _sleep(self, msg: SipMsg, seconds: int, route: int) -> int:
        if self.workers <= 0:
            LM_ERR("no async mod timer workers (modparam missing?)")
            return -1
        if not route:
            return -1
        if not 0 < seconds < MOST_SECONDS:
            LM_ERR("the time to sleep is 1 to %d seconds, not %d", MOST_SECONDS - 1, seconds)
            return -1
        task = self._suspended(msg, route)
        if task is None:
            return -1
        sleeps.sleep(seconds * 1000, self._there.fileno(), bytes((self._continue,)) + task)
        return self.result

    def _sleep_ms(self, msg: SipMsg, ms: int, route: int) -> int:
        if self.workers <= 0 or self.ms_timer <= 0:
            LM_ERR("no timer for milliseconds (modparam workers and ms_timer of module async)")
            return -1
        if not route:
            return -1
        if not 0 < ms < MOST_MS:
            LM_ERR("the time to sleep is 1 to %d milliseconds, not %d", MOST_MS - 1, ms)
            return -1
        if sleeps.counted() >= MOST_SLEEPING:
            LM_ERR("%d requests sleep already", MOST_SLEEPING)
            return -1
        task = self._suspended(msg, route)
        if task is None:
            return -1
        group = self.server.tasks.find(b"")
        if group is None:
            LM_WARN("async_ms_sleep without async_workers: the request waits for its timeout")
            return self.result
        task = bytes((self._continue,)) + task
        sleeps.sleep(ms, group.there.fileno(), task, counted=True)
        return self.result

    def _suspended(self, msg: SipMsg, route: int) -> bytes | None:
        """Suspend the request: what names it and the route, None where it cannot be."""
        ident = tm_pv.ident() if tm_suspend.t_suspend(msg) > 0 else None
        if ident is None:
            LM_ERR("failed to suspend the processing")
            return None
        send.flush()  # what this process answered goes out before another one goes on
        return _WHERE.pack(*ident, route)

    def _go_on(self, task: bytes) -> None:
        tm_suspend.t_continue(*_WHERE.unpack(task))

    # -- tasks

    def async_task_route(self, msg: SipMsg, routename: bytes) -> int:
        """Go on in a route in a worker of the default group: ends the script, or -1."""
        return self.async_task_group_route(msg, routename, b"")

    def async_task_group_route(self, msg: SipMsg, routename: bytes, groupname: bytes) -> int:
        """Go on in a route in a worker of a group: ends the script, or -1."""
        route = self._route(msg, routename)
        task = self._suspended(msg, route) if route else None
        if task is None or not self.server.tasks.push(self._continue, task, groupname):
            return -1
        return self.result

    def async_task_data(self, msg: SipMsg, routename: bytes, data: bytes) -> int:
        """Run a route in a worker of the default group, with ``$async(data)``: 1, or -1."""
        return self.async_task_group_data(msg, routename, b"", data)

    def async_task_group_data(
        self, msg: SipMsg, routename: bytes, groupname: bytes, data: bytes
    ) -> int:
        """Run a route in a worker of a group, with ``$async(data)``: 1, or -1."""
        route = self._route(msg, routename, faked=True)
        if not route:
            return -1
        pushed = self.server.tasks.push(self._run_data, _ROUTE.pack(route) + data, groupname)
        return 1 if pushed else -1

    def _run_with_data(self, task: bytes) -> None:
        (route,) = _ROUTE.unpack_from(task)
        self._data = task[_ROUTE.size :]
        try:
            receive.run_faked(partial(self._run_route, route))
        finally:
            self._data = None

    def _run_route(self, index: int, msg: SipMsg) -> int:
        return self.server.run_route("route", index, msg, Routes.REQUEST.value)

    def pv_async(self, msg: SipMsg, name: bytes) -> bytes | None:
        """``$async(data)`` of the task at hand, ``$async(gname)`` the group of this process."""
        if name == b"gname":
            current = self.server.tasks.current
            return None if current is None else current.name
        return self._data
