"""Slots of ``$var``: per process, initially 0, shared by generated code and modules."""

from __future__ import annotations

from collections.abc import Iterable

from runtime.script.values import Value


class VarNames:
    """The slot of each name. Slots of the configuration come first, in its order."""

    __slots__ = ("_slots", "slots")

    def __init__(self, slots: list[Value], names: Iterable[str] = ()) -> None:
        self.slots = slots
        self._slots: dict[bytes, int] = {}
        for name in names:
            self.slot(name.encode("utf-8", "surrogateescape"))

    def slot(self, name: bytes) -> int:
        """The slot of ``$var(name)``, made where it is new (at load only)."""
        slot = self._slots.get(name)
        if slot is None:
            slot = self._slots[name] = len(self._slots)
            if slot >= len(self.slots):
                self.slots.append(0)
        return slot

    def names(self) -> list[bytes]:
        """Every name that has a slot."""
        return list(self._slots)
