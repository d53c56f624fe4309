"""Run-time variables ``group.name`` in shared memory (``cfg_rpc``, ``$sel(cfg_get.group.name)``).

Modules declare theirs in ``exports.cfg``; a configuration adds custom ones. A new value is seen
by every process at its next read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from runtime.declare.cint import wrap
from runtime.declare.exports import CfgVar, Exports, ParamKind
from runtime.native import cfgvar
from runtime.server.errors import PlaceLike, StartError

_DECIMAL: Final = re.compile(rb"[+-]?[0-9]{1,10}")


@dataclass(frozen=True, slots=True)
class CfgVariable:
    """One variable: its native handle (native code reads it by that) and its first value."""

    group: str
    name: str
    text: bool
    handle: int
    default: int | bytes
    doc: str
    within: tuple[int, int] | None = None
    hidden: bool = False
    fixed: bool = False


class CfgFramework:
    """Variables by group and name; registered before the fork."""

    def __init__(self) -> None:
        self._groups: dict[str, dict[str, CfgVariable]] = {}
        self._custom: set[str] = set()

    def register(
        self, group: str, name: str, value: int | bytes, doc: str = "", like: CfgVar | None = None
    ) -> CfgVariable:
        """Make a variable with its first value; a second time gives the first one again.

        ``like`` says what RPC may do with it.
        """
        known = self._groups.setdefault(group, {}).get(name)
        if known is not None:
            return known
        handle = cfgvar.register(group, name, value)
        variable = CfgVariable(
            group,
            name,
            isinstance(value, bytes),
            handle,
            value,
            doc,
            like.within if like else None,
            like.hidden if like else False,
            like.fixed if like else False,
        )
        self._groups[group][name] = variable
        return variable

    def declare(self, exports: Exports, values: dict[str, int | bytes | None]) -> None:
        """Make a module's variables; ``values`` are its parameters' by parameter name."""
        for var in exports.cfg:
            text = var.kind is ParamKind.STR
            first = values.get(var.param) if var.param is not None else None
            if first is None or isinstance(first, bytes) != text:
                first = b"" if text else var.default
            self.register(var.group, var.name, first, like=var)

    def groups(self) -> list[str]:
        """Names of all groups, the newest first; custom ones are last."""
        custom = [name for name in self._groups if name in self._custom]
        return [name for name in reversed(self._groups) if name not in self._custom] + custom

    def variables(self, group: str) -> list[CfgVariable]:
        """Variables of a group in order of registration; none for an unknown group."""
        return list(self._groups.get(group, {}).values())

    def find(self, group: str, name: str) -> CfgVariable | None:
        """A variable, or None."""
        return self._groups.get(group, {}).get(name)

    def get(self, group: str, name: str) -> int | bytes:
        """The present value. Raises KeyError for an unknown variable."""
        return cfgvar.get(self._groups[group][name].handle)

    def converted(self, variable: CfgVariable, value: int | float | bytes) -> int | bytes:
        """A value in the variable's type. Raises ValueError: a text that is no number."""
        if variable.text:
            return value if isinstance(value, bytes) else b"%d" % int(value)
        if not isinstance(value, bytes):
            return wrap(int(value))
        if _DECIMAL.fullmatch(value) is None or wrap(int(value)) != int(value):
            raise ValueError(f"{value!r} is no number")
        return int(value)

    def checked(self, variable: CfgVariable, value: int | float | bytes) -> int | bytes:
        """The same for RPC. Raises ValueError: the variable is fixed, or the value not allowed."""
        if variable.fixed:
            raise ValueError("the variable is read-only")
        found = self.converted(variable, value)
        if variable.within is not None and isinstance(found, int):
            least, greatest = variable.within
            if not least <= found <= greatest:
                raise ValueError(f"{found} is not within {least} to {greatest}")
        return found

    def set(self, group: str, name: str, value: int | bytes) -> None:
        """Change a value in all processes at once.

        Raises KeyError (unknown) or ValueError (text for a number that is none).
        """
        variable = self._groups[group][name]
        cfgvar.set(variable.handle, self.converted(variable, value))

    def reset(self, group: str, name: str) -> None:
        """Back to the first value. Raises KeyError."""
        self.set(group, name, self._groups[group][name].default)

    def custom(
        self, group: str, name: str, value: int | bytes, doc: bytes, place: PlaceLike
    ) -> None:
        """A ``group.name = value desc "..."`` line. Raises StartError: it exists already."""
        if self.find(group, name) is not None:
            raise StartError(f"configuration variable {group}.{name} exists already", place)
        if group not in self._groups:
            self._custom.add(group)
        self.register(group, name, value, doc.decode("utf-8", "replace"))
