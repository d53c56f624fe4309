"""Attribute-value pairs of one message or transaction (``core/usr_avp.c``).

A name is octets (``s:name``, or just ``name``) or an ID (``i:10``); the newest value comes first.
"""

from __future__ import annotations

import struct
from typing import TypeAlias

AvpName: TypeAlias = bytes | int
AvpValue: TypeAlias = bytes | int


def avp_name(text: bytes) -> AvpName:
    """The name written as ``name``, ``s:name`` or ``i:number`` (``parse_avp_name``).

    Raises ValueError for an ID that is no number, and for an empty name.
    """
    kind, colon, rest = text.partition(b":")
    if colon and kind in (b"i", b"I"):
        return int(rest)
    name = rest if colon and kind in (b"s", b"S") else text
    if not name:
        raise ValueError("an AVP has a name")
    return name


class AvpList:
    """The values by name. Index 0 is the newest.

    Of the negative indexes only that of the newest value finds one: Kamailio 5.6.3 counts with
    the same search that it then goes on with (``pv_get_avp``).
    """

    __slots__ = ("_values",)

    def __init__(self) -> None:
        self._values: dict[AvpName, list[AvpValue]] = {}

    def get(self, name: AvpName, index: int = 0) -> AvpValue | None:
        """One value, ``None`` where there is none (``pv_get_avp``)."""
        values = self._values.get(name)
        if values is None:
            return None
        if index < 0:
            return values[-1] if index == -len(values) else None
        return values[-1 - index] if index < len(values) else None

    def all(self, name: AvpName) -> list[AvpValue]:
        """All values, the newest first."""
        return self._values.get(name, [])[::-1]

    def add(self, name: AvpName, value: AvpValue) -> None:
        """Put a value in front of those of its name (``add_avp``)."""
        self._values.setdefault(name, []).append(value)

    def replace(self, name: AvpName, value: AvpValue) -> None:
        """Make ``value`` the only one (``$(avp(x)[*]) = …``)."""
        self._values[name] = [value]

    def delete(self, name: AvpName, every: bool = False) -> None:
        """Delete the newest value, or all of them."""
        values = self._values.get(name)
        if values is None:
            return
        values.pop()
        if every or not values:
            del self._values[name]

    def delete_at(self, name: AvpName, index: int) -> bool:
        """Delete one value; whether it was there."""
        values = self._values.get(name)
        if values is None or not -len(values) <= index < len(values):
            return False
        del values[-1 - index]
        if not values:
            del self._values[name]
        return True

    def names(self) -> list[AvpName]:
        """The names that have values, in the order of their first use."""
        return list(self._values)

    def __len__(self) -> int:
        return sum(map(len, self._values.values()))

    def pack(self) -> bytes:
        """All values as octets, for a transaction in shared memory."""
        out: list[bytes] = []
        for name, values in self._values.items():
            out.append(pack_value(name))
            out.append(struct.pack("<I", len(values)))
            out.extend(map(pack_value, values))
        return b"".join(out)

    @classmethod
    def unpack(cls, data: bytes) -> AvpList:
        """The list that was packed; ValueError for octets that are none."""
        found = cls()
        at = 0
        while at < len(data):
            name, at = unpack_value(data, at)
            count, at = _u32(data, at)
            values: list[AvpValue] = []
            for _ in range(count):
                value, at = unpack_value(data, at)
                values.append(value)
            if values:
                found._values[name] = values
        return found


def pack_value(value: AvpValue) -> bytes:
    """One value as octets: its kind, then a C int, or length and octets."""
    if isinstance(value, int):
        return struct.pack("<Bi", 0, value)
    return struct.pack("<BI", 1, len(value)) + value


def unpack_value(data: bytes, at: int) -> tuple[AvpValue, int]:
    """The value at an offset, and the offset after it. Raises ValueError."""
    if at + 5 > len(data) or data[at] > 1:
        raise ValueError("packed values are cut short")
    if data[at] == 0:
        return struct.unpack_from("<i", data, at + 1)[0], at + 5
    size, at = _u32(data, at + 1)
    if at + size > len(data):
        raise ValueError("packed values are cut short")
    return data[at : at + size], at + size


def _u32(data: bytes, at: int) -> tuple[int, int]:
    if at + 4 > len(data):
        raise ValueError("packed values are cut short")
    return struct.unpack_from("<I", data, at)[0], at + 4
