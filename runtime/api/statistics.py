"""Statistics, with the names of the development guide's chapter 13 (``kcore/statistics.h``).

A counter is exact over all processes: each adds to a cell of its own, reading sums them up, and a
process that dies takes away nothing but the update that it was at. Register before the fork; what
a module always has is better declared in its ``exports.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from runtime.native import stats

if TYPE_CHECKING:
    from runtime.server.server import Server


class stat_var:
    """A registered statistic, ``group:name``."""

    __slots__ = ("group", "handle", "name")

    def __init__(self, group: str, name: str, handle: int) -> None:
        self.group: Final = group
        self.name: Final = name
        self.handle: Final = handle


def register_stat(server: Server, module: str, name: str) -> stat_var:
    """Make a counter, or give the one that is there. Raises MemoryError (more than 2048)."""
    return stat_var(module, name, server.stats.register(module, name))


def register_stat_function(
    server: Server, module: str, name: str, function: Callable[[], int]
) -> None:
    """Make a value that is computed when somebody reads it."""
    server.stats.register_function(module, name, function)


def register_module_stats(server: Server, module: str, names: Iterable[str]) -> list[stat_var]:
    """Make the counters of a module."""
    return [register_stat(server, module, name) for name in names]


def update_stat(stat: stat_var, val: int) -> None:
    """Add; a negative value subtracts (13.1)."""
    stats.add(stat.handle, val)


def reset_stat(stat: stat_var) -> None:
    """Back to 0 (13.1)."""
    stats.reset(stat.handle)


def get_stat_val(stat: stat_var) -> int:
    """The value, over all processes (13.1)."""
    return stats.get(stat.handle)
