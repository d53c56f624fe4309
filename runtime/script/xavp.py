"""Extended AVPs: lists of named values, where a value may hold such a list (``core/xavp.c``).

``$xavp(a[0]=>b[1])``: name and index of the root, then of the field; the newest comes first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from runtime.script.avp import pack_value, unpack_value

XavpValue: TypeAlias = "bytes | int | XavpList | None"


class XavpList:
    """Values in order, the newest first; names may come again. Names of ``$xavi`` are the same
    in any case: the caller lowers them."""

    __slots__ = ("_items",)

    def __init__(self) -> None:
        self._items: list[tuple[bytes, XavpValue]] = []

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[tuple[bytes, XavpValue]]:
        return reversed(self._items)

    def _find(self, name: bytes, index: int) -> int:
        """Where a value is in ``_items``, the oldest first; -1 where there is none."""
        items = self._items
        seen = 0
        for at in range(len(items) - 1, -1, -1):
            if items[at][0] == name:
                if seen == index:
                    return at
                seen += 1
        return -1

    def get(self, name: bytes, index: int = 0) -> XavpValue:
        """One value; ``None`` where there is none."""
        at = self._find(name, index)
        return None if at < 0 else self._items[at][1]

    def has(self, name: bytes, index: int = 0) -> bool:
        """Whether the value is there."""
        return self._find(name, index) >= 0

    def all(self, name: bytes) -> list[XavpValue]:
        """All values of a name, the newest first."""
        return [value for one, value in self if one == name]

    def count(self, name: bytes) -> int:
        """How many values a name has."""
        return sum(one == name for one, _ in self._items)

    def names(self) -> list[bytes]:
        """The names that have values, the newest first."""
        return list(dict.fromkeys(name for name, _ in self))

    def add(self, name: bytes, value: XavpValue) -> None:
        """Put a value in front of all."""
        self._items.append((name, value))

    def add_last(self, name: bytes, value: XavpValue) -> None:
        """Put a value behind the last of its name, or in front of all where there is none."""
        at = next((at for at, (one, _) in enumerate(self._items) if one == name), None)
        self._items.insert(len(self._items) if at is None else at, (name, value))

    def set(self, name: bytes, index: int, value: XavpValue) -> bool:
        """Replace one value; whether it was there."""
        at = self._find(name, index)
        if at >= 0:
            self._items[at] = (name, value)
        return at >= 0

    def delete(self, name: bytes, index: int | None = None) -> bool:
        """Delete one value, or all of a name; whether there was something to delete."""
        if index is None:
            before = len(self._items)
            self._items = [item for item in self._items if item[0] != name]
            return len(self._items) != before
        at = self._find(name, index)
        if at >= 0:
            del self._items[at]
        return at >= 0

    def copy_level(self) -> XavpList:
        """The same values without lists (``xavp_clone_level_nodata``)."""
        copy = XavpList()
        copy._items = [item for item in self._items if not isinstance(item[1], XavpList)]
        return copy

    def pack(self) -> bytes:
        """Everything as octets, for a transaction in shared memory."""
        out: list[bytes] = []
        for name, value in self._items:
            out.append(pack_value(name))
            if isinstance(value, XavpList):
                out.append(b"\x02" + pack_value(value.pack()))
            elif value is None:
                out.append(b"\x03")
            else:
                out.append(b"\x04" + pack_value(value))
        return b"".join(out)

    @classmethod
    def unpack(cls, data: bytes) -> XavpList:
        """The list that was packed; ValueError for octets that are none."""
        found = cls()
        at = 0
        while at < len(data):
            name, at = unpack_value(data, at)
            if not isinstance(name, bytes) or at >= len(data):
                raise ValueError("packed values are cut short")
            kind = data[at]
            at += 1
            if kind == 3:
                found._items.append((name, None))
                continue
            value, at = unpack_value(data, at)
            if kind == 2 and isinstance(value, bytes):
                found._items.append((name, cls.unpack(value)))
            elif kind == 4:
                found._items.append((name, value))
            else:
                raise ValueError("packed values are damaged")
        return found
