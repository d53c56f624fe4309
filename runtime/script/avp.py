"""Attribute-value pairs of one message or transaction (``core/usr_avp.c``).

A name is octets (``s:name``, or just ``name``) or an ID (``i:10``); the newest value comes first.
"""

from __future__ import annotations

import struct
from operator import ne
from typing import TypeAlias

from runtime.declare.cint import wrap

AvpName: TypeAlias = bytes | int
AvpValue: TypeAlias = bytes | int
AVP_NAME_STR, AVP_VAL_STR, AVP_IS_IN_DB = 0x1, 0x2, 0x1000
AvpKey: TypeAlias = bytes | int | tuple[bytes]


def avp_name(text: bytes) -> AvpName:
    """The name written as ``name``, ``s:name`` or ``i:number`` (``parse_avp_name``).

    Raises ValueError for an ID that is no number, and for an empty name.
    """
    if text[1:2] == b":":
        kind, rest = text[:1], text[2:]
        if kind in b"iI":
            if not rest.isdigit() or int(rest) >= 1 << 32:
                raise ValueError("the ID of an AVP is a number of 32 bits")
            return wrap(int(rest))
        if kind not in b"sS":
            raise ValueError("an AVP is named `name`, `s:name` or `i:number`")
        text = rest
    if not text:
        raise ValueError("an AVP has a name")
    return text


def avp_key(name: AvpName) -> AvpKey:
    """What is equal for names that mean the same AVP.

    Names ignore case, but 5.6.3 compares the exclusive or of their octets first: names that
    differ in the case of an odd number of letters are two. An ID has 16 bits.
    """
    if isinstance(name, int):
        return name & 0xFFFF
    lower = name.lower()
    if lower == name or sum(map(ne, lower, name)) % 2 == 0:
        return lower
    return (lower,)


class Avp:
    """One value. ``stored``: it is in a database (``AVP_IS_IN_DB``)."""

    __slots__ = ("age", "name", "stored", "value")

    def __init__(self, name: AvpName, value: AvpValue, stored: bool, age: int) -> None:
        self.name = name
        self.value = value
        self.stored = stored
        self.age = age

    def is_kind(self, kind: bytes) -> bool:
        """Is its name of this kind: ``s`` text, ``i`` an ID, empty any?"""
        return not kind or (kind == b"i") == isinstance(self.name, int)

    @property
    def flags(self) -> int:
        """Kamailio's flags of it (``usr_avp.h``): from track, URI class."""
        return (
            0x110
            | (AVP_NAME_STR if isinstance(self.name, bytes) else 0)
            | (AVP_VAL_STR if isinstance(self.value, bytes) else 0)
            | (AVP_IS_IN_DB if self.stored else 0)
        )


class AvpList:
    """The values by name. Index 0 is the newest.

    Kamailio has a list for each track and class; this is that of the from track and URI class,
    ``others`` are the rest by their prefix (``tr fu tu fd td``).
    """

    __slots__ = ("_count", "_values", "others")

    def __init__(self) -> None:
        self._values: dict[AvpKey, list[Avp]] = {}
        self._count = 0
        self.others: dict[str, AvpList] = {}

    def get(self, name: AvpName, index: int = 0) -> AvpValue | None:
        """One value, ``None`` where there is none (``pv_get_avp``).

        Of the negative indexes only that of the newest value finds one: Kamailio 5.6.3 counts
        with the same search that it then goes on with.
        """
        values = self._values.get(avp_key(name))
        if values is None:
            return None
        if index < 0:
            return values[-1].value if index == -len(values) else None
        return values[-1 - index].value if index < len(values) else None

    def all(self, name: AvpName) -> list[AvpValue]:
        """All values, the newest first."""
        return [avp.value for avp in self.found(name)]

    def found(self, name: AvpName) -> list[Avp]:
        """The AVPs of a name, the newest first (``search_first_avp``)."""
        return self._values.get(avp_key(name), [])[::-1]

    def every(self) -> list[Avp]:
        """The AVPs of all names, the newest first (``get_avp_list``)."""
        avps = [avp for values in self._values.values() for avp in values]
        return sorted(avps, key=lambda avp: -avp.age)

    def add(self, name: AvpName, value: AvpValue, stored: bool = False) -> bool:
        """Put a value in front (``add_avp``); False for an empty name and for the ID 0."""
        if not name:
            return False
        self._count += 1
        avp = Avp(name, value, stored, self._count)
        self._values.setdefault(avp_key(name), []).append(avp)
        return True

    def replace(self, name: AvpName, value: AvpValue) -> None:
        """Make ``value`` the only one (``$(avp(x)[*]) = …``)."""
        self._values.pop(avp_key(name), None)
        self.add(name, value)

    def delete(self, name: AvpName, every: bool = False) -> int:
        """Delete the newest value, or all of them; how many (``destroy_avps``)."""
        key = avp_key(name)
        values = self._values.get(key)
        if values is None:
            return 0
        count = len(values) if every else 1
        del values[-count:]
        if not values:
            del self._values[key]
        return count

    def delete_at(self, name: AvpName, index: int) -> bool:
        """Delete one value; whether it was there."""
        values = self._values.get(avp_key(name), [])
        if not -len(values) <= index < len(values):
            return False
        self.remove(values[-1 - index])
        return True

    def remove(self, avp: Avp) -> None:
        """Take out one AVP (``destroy_avp``)."""
        key = avp_key(avp.name)
        values = self._values.get(key, [])
        if avp in values:
            values.remove(avp)
            if not values:
                del self._values[key]

    def names(self) -> list[AvpName]:
        """The names that have values, in the order of their first use."""
        return [values[0].name for values in self._values.values()]

    def __len__(self) -> int:
        return sum(map(len, self._values.values()))

    def pack(self) -> bytes:
        """All values as octets, for a transaction in shared memory."""
        packed = b"".join(
            b"%c" % avp.stored + pack_value(avp.name) + pack_value(avp.value)
            for avp in reversed(self.every())
        )
        for prefix, other in self.others.items():
            packed += b"\x02" + pack_value(prefix.encode()) + pack_value(other.pack())
        return packed

    @classmethod
    def unpack(cls, data: bytes) -> AvpList:
        """The list that was packed; ValueError for octets that are none."""
        found = cls()
        at = 0
        while at < len(data):
            kind = data[at]
            name, at = unpack_value(data, at + 1)
            value, at = unpack_value(data, at)
            if kind != 2:
                found.add(name, value, kind == 1)
            elif isinstance(name, bytes) and isinstance(value, bytes):
                found.others[name.decode("latin-1")] = cls.unpack(value)
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
    size = struct.unpack_from("<I", data, at + 1)[0]
    at += 5
    if at + size > len(data):
        raise ValueError("packed values are cut short")
    return data[at : at + size], at + size
