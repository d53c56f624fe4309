"""The rtimer module: routes that run by time, in the timer process or in processes of their own.

Behaviour: ``rtimer`` of Kamailio 5.6.3.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from runtime.declare.exports import Routes
from runtime.modules.rtimer.exports import EXPORTS
from runtime.native import receive, send
from runtime.server.errors import PlaceLike, StartError
from runtime.server.log import LM_WARN
from runtime.server.module import Module as BaseModule
from runtime.server.ranks import PROC_TIMER
from runtime.server.waiting import Waiter
from runtime.sip.params import split_params

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg
    from runtime.server.server import Server

MICROSECONDS = 1e-6
MOST_NAME = 62  # RTIMER_ROUTE_NAME_SIZE, its NUL included, and one


class Timer:
    """One timer: ``mode`` processes, or the timer process where that is 0."""

    def __init__(self, name: bytes, mode: int, seconds: float) -> None:
        self.name = name
        self.mode = mode
        self.seconds = seconds
        self.routes: list[int] = []


class Module(BaseModule):
    """The timers of one server."""

    EXPORTS = EXPORTS

    default_interval: int

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._timers: dict[bytes, Timer] = {}
        self._worker = 0

    def param_timer(self, value: bytes, place: PlaceLike | None) -> None:
        """``modparam("rtimer", "timer", "name=t;interval=10;mode=1;")``; 100000u: microseconds."""
        name, mode, seconds = b"", 0, 0.0
        for key, text in _attributes(value, place):
            if key == b"name":
                name = text
            elif key == b"mode" and mode == 0:
                mode = _number(text, "mode", place)
            elif key == b"interval":
                if text[-1:] in (b"u", b"U"):
                    mode = mode or 1
                    seconds = _number(text[:-1], "interval", place) * MICROSECONDS
                else:
                    seconds = float(_number(text, "interval", place))
        if not name:
            raise StartError("rtimer: a timer needs a name", place)
        if name.lower() in self._timers:
            raise StartError(f"rtimer: timer {name!r} is there already", place)
        seconds = seconds or float(self.default_interval)
        self._timers[name.lower()] = Timer(name, mode, seconds)

    def param_exec(self, value: bytes, place: PlaceLike | None) -> None:
        """``modparam("rtimer", "exec", "timer=t;route=NAME")``: the last one runs first."""
        found = dict(_attributes(value, place))
        timer = self._timers.get(found.get(b"timer", b"").lower())
        if timer is None:
            raise StartError(f"rtimer: no timer {found.get(b'timer', b'')!r}", place)
        route = found.get(b"route", b"")
        index = self.server.route_index("route", route) if len(route) < MOST_NAME else 0
        if index:
            timer.routes.insert(0, index)
        else:
            LM_WARN("rtimer: no route[%s]: nothing runs", route.decode("utf-8", "replace"))

    def mod_init(self) -> None:
        """Ask for the timers and processes."""
        for timer in reversed(self._timers.values()):
            if timer.mode == 0:
                tick = partial(self._run, timer, 0)
                self.server.register_timer(lambda now, tick=tick: tick(), timer.seconds)  # type: ignore[misc]
            for child in range(timer.mode):
                name = timer.name.decode("utf-8", "replace")
                desc = f"RTIMER EXEC child={child} timer={name}"
                self.server.add_process(desc, PROC_TIMER, partial(self._life, timer, child))

    def _life(self, timer: Timer, child: int) -> None:
        waiter = Waiter()
        while True:
            waiter.wait(None, timer.seconds)
            self._run(timer, child)
            send.flush()

    def _run(self, timer: Timer, worker: int) -> None:
        self._worker = worker
        for index in timer.routes:
            receive.run_faked(partial(self._run_route, index))

    def _run_route(self, index: int, msg: SipMsg) -> int:
        return self.server.run_route("route", index, msg, Routes.REQUEST.value)

    def pv_rtimer_worker(self, msg: SipMsg) -> int:
        """``$rtimer_worker``: which of the processes of a timer this is, from 0."""
        return self._worker


def _attributes(value: bytes, place: PlaceLike | None) -> list[tuple[bytes, bytes]]:
    """Names and values, the last first, as ``parse_params`` lists them."""
    params = split_params(value.removesuffix(b";"))
    if params is None:
        raise StartError(f"rtimer: this reads name=value;name=value, not {value!r}", place)
    return [(key.lower(), text) for key, text in reversed(params)]


def _number(text: bytes, what: str, place: PlaceLike | None) -> int:
    if re.fullmatch(rb"\+?[0-9]{0,9}", text) is None:
        raise StartError(f"rtimer: {what} is a number, not {text!r}", place)
    return int(text) if text.strip(b"+") else 0
