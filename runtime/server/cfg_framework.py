"""Run-time variables ``group.name`` in shared memory (``cfg_rpc``, ``$sel(cfg_get.group.name)``).

Modules declare theirs in ``exports.cfg``; a configuration adds custom ones. A new value is seen
by every process at its next read.
"""

from __future__ import annotations

from dataclasses import dataclass

from runtime.declare.exports import Exports, ParamKind
from runtime.native import cfgvar
from runtime.server.errors import PlaceLike, StartError


@dataclass(frozen=True, slots=True)
class CfgVariable:
    """One variable: its native handle (native code reads it by that) and its first value."""

    group: str
    name: str
    text: bool
    handle: int
    default: int | bytes
    doc: str


class CfgFramework:
    """Variables by group and name; registered before the fork."""

    def __init__(self) -> None:
        self._groups: dict[str, dict[str, CfgVariable]] = {}

    def register(
        self, group: str, name: str, value: int | bytes, doc: str = "", *, text: bool | None = None
    ) -> CfgVariable:
        """Make a variable with its first value; a second time gives the first one again."""
        known = self._groups.setdefault(group, {}).get(name)
        if known is not None:
            return known
        is_text = isinstance(value, bytes) if text is None else text
        handle = cfgvar.register(group, name, value)
        variable = CfgVariable(group, name, is_text, handle, value, doc)
        self._groups[group][name] = variable
        return variable

    def declare(self, exports: Exports, values: dict[str, int | bytes | None]) -> None:
        """Make a module's variables; ``values`` are its parameters' by parameter name."""
        for var in exports.cfg:
            text = var.kind is ParamKind.STR
            first = values.get(var.param) if var.param is not None else None
            if first is None or isinstance(first, bytes) != text:
                first = b"" if text else 0
            self.register(var.group, var.name, first, text=text)

    def groups(self) -> list[str]:
        """Names of all groups, sorted."""
        return sorted(self._groups)

    def variables(self, group: str) -> list[CfgVariable]:
        """Variables of a group in order of registration; none for an unknown group."""
        return list(self._groups.get(group, {}).values())

    def find(self, group: str, name: str) -> CfgVariable | None:
        """A variable, or None."""
        return self._groups.get(group, {}).get(name)

    def get(self, group: str, name: str) -> int | bytes:
        """The present value. Raises KeyError for an unknown variable."""
        return cfgvar.get(self._groups[group][name].handle)

    def set(self, group: str, name: str, value: int | bytes) -> None:
        """Change a value in all processes at once.

        Raises KeyError (unknown) or ValueError (text for a number that is none).
        """
        variable = self._groups[group][name]
        if variable.text:
            value = value if isinstance(value, bytes) else b"%d" % value
        elif isinstance(value, bytes):
            value = int(value.decode("ascii", "replace"), 10)
        cfgvar.set(variable.handle, value)

    def reset(self, group: str, name: str) -> None:
        """Back to the first value. Raises KeyError."""
        self.set(group, name, self._groups[group][name].default)

    def custom(
        self, group: str, name: str, value: int | bytes, doc: bytes, place: PlaceLike
    ) -> None:
        """A ``group.name = value desc "..."`` line. Raises StartError: it exists already."""
        if self.find(group, name) is not None:
            raise StartError(f"configuration variable {group}.{name} exists already", place)
        self.register(group, name, value, doc.decode("utf-8", "replace"))
