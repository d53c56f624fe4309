"""The server object: what modules and generated code see of the running server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from runtime.server.errors import StartError
from runtime.server.log import LM_CRIT
from runtime.server.module import Module
from runtime.server.rpc import RpcRegistry

if TYPE_CHECKING:
    from runtime.declare.config import Config
    from runtime.native.sipmsg import SipMsg

M = TypeVar("M", bound=Module)
A = TypeVar("A")

KINDS = ("route", "failure", "branch", "onreply", "event", "branch_failure")
"""Route tables of ``Config.routes``; a route is known across processes by kind and 1-based index."""

METHOD_PREFIX = {
    "route": "route_",
    "failure": "failure_route_",
    "branch": "branch_route_",
    "onreply": "onreply_route_",
    "event": "event_route_",
    "branch_failure": "branch_failure_route_",
}

Route = Callable[["SipMsg"], int]


class Routes(Protocol):
    """The generated class of routes; the route methods are found by name once, at load."""

    def request_route(self, msg: SipMsg) -> int: ...


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
    slots of this process. ``pv`` is the pseudo-variable registry of ``runtime.script.pv``.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        self.modules: dict[str, Module] = {}
        self.vars: list[bytes | int | None] = []
        self.rpc = RpcRegistry()
        self.processes: list[ProcessSpec] = []
        self.timers: list[TimerSpec] = []
        self.routes: Routes | None = None
        self.pv: Any = None
        self._tables: dict[str, tuple[Route, ...]] = {}
        self._index: dict[str, dict[bytes, int]] = {
            kind: {
                name.encode("utf-8", "surrogateescape"): n
                for n, name in enumerate(getattr(config.routes, kind), 1)
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

    def register_timer(self, fn: Callable[[float], None], seconds: float) -> None:
        """Call ``fn(now)`` every ``seconds`` in the slow timer process (in ``mod_init``)."""
        self.timers.append(TimerSpec(fn, seconds))

    # -- routes

    def route_index(self, kind: str, name: bytes) -> int:
        """1-based index of a route in ``config.routes.<kind>``; 0 where there is none."""
        return self._index[kind].get(name, 0)

    def event_route(self, name: str) -> int:
        """1-based index of ``event_route[name]``, 0 where the configuration has none."""
        return self.route_index("event", name.encode())
