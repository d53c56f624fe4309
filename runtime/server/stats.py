"""Statistics by group and name: native counters, and values that a function computes."""

from __future__ import annotations

from collections.abc import Callable

from runtime.native import stats


class Statistics:
    """What ``stats.*`` and ``cnt.*`` show; filled before the fork."""

    def __init__(self) -> None:
        self._functions: dict[tuple[str, str], Callable[[], int]] = {}

    def register(self, group: str, name: str) -> int:
        """Make a counter: its native handle. A second time gives the same one."""
        return stats.register(group, name)

    def register_function(self, group: str, name: str, function: Callable[[], int]) -> None:
        """Make a value that is computed when it is read."""
        self._functions[group, name] = function

    def has_function(self, group: str, name: str) -> bool:
        """Is it a computed value that exists already?"""
        return (group, name) in self._functions

    def groups(self) -> list[str]:
        """Names of all groups, sorted."""
        return sorted({group for group, _ in self._all()})

    def names(self, group: str) -> list[str]:
        """Names in one group, sorted."""
        return sorted(name for of_group, name in self._all() if of_group == group)

    def find(self, name: str) -> list[tuple[str, str]]:
        """(group, name) of every statistic of this bare name."""
        return sorted(key for key in self._all() if key[1] == name)

    def get(self, group: str, name: str) -> int | None:
        """The value, None where there is no such statistic."""
        function = self._functions.get((group, name))
        if function is not None:
            return function()
        handle = self._counters().get((group, name))
        return None if handle is None else stats.get(handle)

    def reset(self, group: str, name: str) -> bool:
        """Set a counter to 0; False where there is none (computed values stay)."""
        handle = self._counters().get((group, name))
        if handle is not None:
            stats.reset(handle)
        return handle is not None

    def _counters(self) -> dict[tuple[str, str], int]:
        return {
            (row[0], row[1]): handle
            for handle, row in enumerate(stats.names())
            if not row[0].startswith(".")
        }

    def _all(self) -> set[tuple[str, str]]:
        return set(self._counters()) | set(self._functions)
