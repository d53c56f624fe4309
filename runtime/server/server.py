"""The server object: what modules and generated code see of the running server."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar, cast

from runtime.declare.config import Config
from runtime.declare.exports import Routes
from runtime.native import receive
from runtime.script.pv import PvRegistry
from runtime.server.async_tasks import AsyncTasks
from runtime.server.cfg_framework import CfgFramework
from runtime.server.core_params import CoreParams
from runtime.server.errors import StartError
from runtime.server.module import Module
from runtime.server.options import Options
from runtime.server.rpc import RpcRegistry
from runtime.server.stats import Statistics
from runtime.server.trace import Tracer

if TYPE_CHECKING:
    from runtime.dns.resolver import SipResolver
    from runtime.native.sipmsg import SipMsg

M = TypeVar("M", bound=Module)
A = TypeVar("A")

KINDS: Final = ("route", "failure", "branch", "onreply", "event", "branch_failure")
"""Named route tables; a route is known across processes by kind and 1-based index."""

MAX_ANNOUNCED: Final = 128

Route = Callable[["SipMsg"], int]


@dataclass(frozen=True, slots=True)
class ProcessSpec:
    """A process that a module asked for: ``fn()`` is its whole life after ``child_init(rank)``."""

    desc: str
    rank: int
    fn: Callable[[], None]


@dataclass(frozen=True, slots=True)
class TimerSpec:
    """A Python callback of the slow timer process; ``fn(now)`` gets CLOCK_MONOTONIC seconds."""

    fn: Callable[[float], None]
    seconds: float


class Server:
    """Configuration, modules, routes and registries of one server.

    Made by the arbiter before the fork; every process has its copy. ``vars`` are the ``$var``
    slots of this process, ``core`` the global parameters, ``cfg`` the run-time variables, ``rpc``
    the commands. ``pv`` is the pseudo-variable registry of ``runtime.script.pv``.
    """

    def __init__(self, config: Config, core: CoreParams, options: Options, tracer: Tracer) -> None:
        self.config = config
        self.core = core
        self.options = options
        self.tracer = tracer
        self.modules: dict[str, Module] = {}
        self.vars: list[bytes | int | None] = [0] * len(config.vars)
        self.rpc = RpcRegistry()
        self.cfg = CfgFramework()
        self.stats = Statistics()
        self.tasks = AsyncTasks(self)
        self.processes: list[ProcessSpec] = []
        self.timers: list[TimerSpec] = []
        self.death_hooks: list[Callable[[int], None]] = []
        self.announced = 0
        self.forker: Callable[[ProcessSpec], int] | None = None
        """The arbiter's, while ``child_init(PROC_MAIN)`` runs."""
        self.routes: object = None
        self.resolver: SipResolver | None = None
        """This process's, from its start on."""
        self.pv = PvRegistry(self.vars, config.vars)
        self.started = time.time()
        self._tables: dict[str, tuple[Route, ...]] = {}
        self._index: dict[str, dict[bytes, int]] = {
            kind: {
                name.encode("utf-8", "surrogateescape"): n
                for n, name in enumerate(config.routes.names(kind), 1)
            }
            for kind in KINDS
        }

    # -- modules

    def module(self, cls: type[M]) -> M:
        """The loaded module of this class; StartError where it is not loaded."""
        found = self.modules.get(cls.EXPORTS.name)
        if found is None:
            raise StartError(f"module {cls.EXPORTS.name} is not loaded (loadmodule is missing)")
        return cast(M, found)

    def find_module(self, name: str) -> Module | None:
        """The loaded module of this name, or None."""
        return self.modules.get(name)

    def api(self, cls: type[A]) -> A | None:
        """The first loaded module that implements this (runtime-checkable) protocol or class."""
        for found in self.modules.values():
            if isinstance(found, cls):
                return found
        return None

    # -- before the fork

    def add_process(self, desc: str, rank: int, fn: Callable[[], None]) -> None:
        """Ask for a process of its own (in ``mod_init``); the arbiter restarts it when it dies."""
        self.processes.append(ProcessSpec(desc, rank, fn))

    def register_procs(self, count: int) -> None:
        """Announce processes for ``fork_process`` (in ``mod_init``). Raises ValueError."""
        if count < 0 or self.announced + count > MAX_ANNOUNCED:
            raise ValueError(f"{count} more processes: there may be {MAX_ANNOUNCED}")
        self.announced += count

    def fork_process(self, rank: int, desc: str, fn: Callable[[], None]) -> int:
        """Start an announced process in ``child_init(PROC_MAIN)``; its pid. Raises RuntimeError."""
        if self.forker is None:
            raise RuntimeError(f"process {desc!r} is not asked for in child_init(PROC_MAIN)")
        if self.announced <= 0:
            raise RuntimeError(f"process {desc!r} was not announced by register_procs")
        self.announced -= 1
        return self.forker(ProcessSpec(desc, rank, fn))

    def register_timer(self, fn: Callable[[float], None], seconds: float) -> None:
        """Call ``fn(now)`` every ``seconds`` in the slow timer process (in ``mod_init``)."""
        self.timers.append(TimerSpec(fn, seconds))

    def on_death(self, fn: Callable[[int], None]) -> None:
        """Call ``fn(slot)`` in the arbiter after a process died, before its slot runs again."""
        self.death_hooks.append(fn)

    def bind_routes(self, routes: object) -> None:
        """Take the generated ``Routes`` object: its methods become the route tables."""
        self.routes = routes
        methods = {(kind, name): method for kind, name, method in self.config.routes.methods}
        self._tables = {
            kind: tuple(
                cast(Route, getattr(routes, methods[kind, name]))
                for name in self.config.routes.names(kind)
            )
            for kind in KINDS
        }
        request = self.top_route("request")
        if request is not None:  # route[0], by its number
            self._tables["route"] += (request,)
            self._index["route"].setdefault(b"0", len(self._tables["route"]))

    # -- routes

    def top_route(self, kind: str) -> Route | None:
        """The unnamed route of ``request``, ``reply`` or ``onsend``, None where there is none."""
        for of_kind, name, method in self.config.routes.methods:
            if of_kind == kind and name == "":
                return cast(Route, getattr(self.routes, method))
        return None

    def route_index(self, kind: str, name: bytes) -> int:
        """1-based index of a route in ``config.routes.<kind>``; 0 where there is none."""
        return self._index[kind].get(name, 0)

    def event_route(self, name: str) -> int:
        """1-based index of ``event_route[name]``, 0 where the configuration has none."""
        return self.route_index("event", name.encode())

    def run_event_route(self, index: int) -> int:
        """Run an event route that has no message of its own, on a faked one."""
        event = Routes.EVENT.value
        return receive.run_faked(lambda msg: self.run_route("event", index, msg, event))

    def run_route(self, kind: str, index: int, msg: SipMsg, route_type: int) -> int:
        """Run a named route on ``msg``: its code, ``flow.EXIT`` or ``flow.DROP``.

        ``route_type`` is a value of ``declare.exports.Routes``; the message's own is restored
        afterwards. An error in the script is logged with its configuration line and gives -1.
        """
        before = msg.route_type
        msg.route_type = route_type
        try:
            return self._tables[kind][index - 1](msg)
        except Exception as error:
            self.tracer.report(error)
            return -1
        finally:
            msg.route_type = before
