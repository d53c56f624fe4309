"""What the processes of the debugger share: a row for each, and a table of modules' levels."""

from __future__ import annotations

import mmap
import struct
from typing import Final

SLOTS: Final = 256
TEXT: Final = 256
"""Room of a command and of an answer (``DBG_CMD_SIZE``)."""
MODULES: Final = 256
_ROW: Final = 8 * 4 + 2 * TEXT
_NAME: Final = 64
_LEVEL: Final = struct.Struct(f"={_NAME}siiii")
"""A name; whether it has a level, and which; whether it has a facility, and which."""

PID, SET, STATE, IN_PID, IN_CMD, OUT_CMD = range(6)
_IN, _OUT = 8 * 4, 8 * 4 + TEXT


class Rows:
    """A row for each process, by its slot; numbers and two texts."""

    def __init__(self) -> None:
        self._map = mmap.mmap(-1, SLOTS * _ROW)
        self._numbers = memoryview(self._map).cast("I")

    def get(self, slot: int, field: int) -> int:
        """A number of a row."""
        return self._numbers[slot * (_ROW // 4) + field]

    def set(self, slot: int, field: int, value: int) -> None:
        """Change a number of a row."""
        self._numbers[slot * (_ROW // 4) + field] = value

    def text(self, slot: int, *, answer: bool) -> bytes:
        """The command, or the answer."""
        start = slot * _ROW + (_OUT if answer else _IN)
        return self._map[start : start + TEXT].partition(b"\0")[0]

    def set_text(self, slot: int, text: bytes, *, answer: bool) -> None:
        """Change the command or the answer; it is cut to its room."""
        start = slot * _ROW + (_OUT if answer else _IN)
        self._map[start : start + TEXT] = text[: TEXT - 1].ljust(TEXT, b"\0")


class Levels:
    """Levels and facilities of modules; a name is written once, its numbers at any time."""

    def __init__(self) -> None:
        self._map = mmap.mmap(-1, MODULES * _LEVEL.size)
        self._found: dict[bytes, int] = {}

    def _place(self, name: bytes, *, make: bool = False) -> int | None:
        known = self._found.get(name)
        if known is not None:
            return known
        for at in range(0, len(self._map), _LEVEL.size):
            there = self._map[at : at + _NAME].rstrip(b"\0")
            if there == name or (make and not there):
                self._map[at : at + _NAME] = name.ljust(_NAME, b"\0")
                self._found[name] = at
                return at
            if not there:
                return None
        return None

    def put(self, name: bytes, value: int, *, facility: bool = False) -> bool:
        """Store a number; False: too many modules, or a name that is too long."""
        if not name or len(name) >= _NAME or b"\0" in name:
            return False
        at = self._place(name, make=True)
        if at is None:
            return False
        struct.pack_into("=ii", self._map, at + _NAME + (8 if facility else 0), 1, value)
        return True

    def get(self, name: bytes, *, facility: bool = False) -> int | None:
        """The number of a module, None where it has none."""
        at = self._place(name)
        if at is None:
            return None
        given, value = struct.unpack_from("=ii", self._map, at + _NAME + (8 if facility else 0))
        return value if given else None
