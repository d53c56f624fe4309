"""Processes and response functions of a module, with the names of chapter 16 (``pt.h``).

The arbiter starts a process of these again when it dies; its ``child_init`` runs anew.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from runtime.api.timer import live
from runtime.native import receive
from runtime.server.ranks import (
    PROC_ATTENDANT,
    PROC_INIT,
    PROC_MAIN,
    PROC_NOCHLDINIT,
    PROC_POSTCHILDINIT,
    PROC_RPC,
    PROC_SIPINIT,
    PROC_TCP_MAIN,
    PROC_TIMER,
    PROC_UNIXSOCK,
)

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg
    from runtime.server.server import Server

T = TypeVar("T")

__all__ = [
    "PROC_ATTENDANT",
    "PROC_INIT",
    "PROC_MAIN",
    "PROC_NOCHLDINIT",
    "PROC_POSTCHILDINIT",
    "PROC_RPC",
    "PROC_SIPINIT",
    "PROC_TCP_MAIN",
    "PROC_TIMER",
    "PROC_UNIXSOCK",
    "fork_dummy_timer",
    "fork_process",
    "register_dummy_timers",
    "register_procs",
    "register_response",
]


def register_procs(server: Server, no: int) -> None:
    """Announce ``no`` processes that ``fork_process`` makes; in ``mod_init`` (16.4).

    Raises ValueError: ``no`` is below 0, or more processes than the table holds.
    """
    server.register_procs(no)


def fork_process(
    server: Server, child_id: int, desc: str, make_sock: bool, life: Callable[[], None]
) -> int:
    """Start a process; its pid (16.4). In ``child_init`` of rank ``PROC_MAIN``.

    ``life`` is all that it does, after ``child_init(child_id)``, which is left out for
    ``PROC_NOCHLDINIT``. Every process can send over TCP here, whatever ``make_sock`` says. Raises
    RuntimeError: not in ``child_init(PROC_MAIN)``, or more than ``register_procs`` announced.
    """
    return server.fork_process(child_id, desc, life)


register_dummy_timers = register_procs
"""The same for ``fork_dummy_timer`` (15.4)."""


def fork_dummy_timer(
    server: Server,
    child_id: int,
    desc: str,
    make_sock: bool,
    f: Callable[[int, T], None],
    param: T,
    interval: int,
) -> int:
    """Start a process that calls ``f(ticks, param)`` every ``interval`` seconds; its pid (15.4)."""
    if interval <= 0:
        raise ValueError(f"a timer's interval is above 0, not {interval}")
    return fork_process(server, child_id, desc, make_sock, lambda: live(f, param, interval))


def register_response(response_f: Callable[[SipMsg], int]) -> None:
    """Call ``response_f(msg)`` for each reply, before tm sees it; in ``mod_init`` (16.1, 16.7).

    0 says that the reply is dealt with: it goes nowhere then.
    """
    receive.register_response_hook(response_f)
