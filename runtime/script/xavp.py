"""Extended AVPs: named lists of values, where a value may hold such lists (``core/xavp.c``).

``$xavp(a[0]=>b[1])``: name and index of the root, then of the field; the newest comes first.
Names of ``$xavi`` ignore case: the caller lowers them.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import Final, TypeAlias

from runtime.script.avp import pack_value, unpack_value

XavpValue: TypeAlias = "bytes | int | XavpList | None"

_PART: Final = re.compile(rb"\s*([^\[\]=>\s]+)\s*(?:\[\s*(\*|-?[0-9]+|\$[^\]]*)\s*\])?\s*")


@dataclass(frozen=True, slots=True)
class XavpPath:
    """What stands in the parentheses. An index is ``None`` where none is written (``$xavp(a)``)
    and ``*`` for all values."""

    root: bytes
    root_index: int | str | None = None
    field: bytes | None = None
    field_index: int | str | None = None


def xavp_path(text: bytes) -> XavpPath:
    """Parse ``name[index]=>field[index]`` (``pv_parse_xavp_name``). Raises ValueError."""
    first = _PART.match(text)
    if first is None:
        raise ValueError("an xavp has a name")
    if first.end() == len(text):
        return XavpPath(first[1], _index(first[2]))
    second = _PART.fullmatch(text, first.end() + 2)
    if not text.startswith(b"=>", first.end()) or second is None:
        raise ValueError("an xavp is written name[index]=>field[index]")
    return XavpPath(first[1], _index(first[2]), second[1], _index(second[2]))


def _index(text: bytes | None) -> int | str | None:
    if text is None:
        return None
    return "*" if text == b"*" else int(text)


class XavpList:
    """Values by name, each name's newest first."""

    __slots__ = ("_values",)

    def __init__(self) -> None:
        self._values: dict[bytes, list[XavpValue]] = {}

    def get(self, name: bytes, index: int = 0) -> XavpValue:
        """One value; ``None`` where there is none."""
        values = self._values.get(name)
        if values is None or not -len(values) <= index < len(values):
            return None
        return values[-1 - index]

    def all(self, name: bytes) -> list[XavpValue]:
        """All values of a name, the newest first."""
        return self._values.get(name, [])[::-1]

    def count(self, name: bytes) -> int:
        """How many values a name has."""
        return len(self._values.get(name, ()))

    def names(self) -> list[bytes]:
        """The names that have values, in the order of their first use."""
        return list(self._values)

    def add(self, name: bytes, value: XavpValue) -> None:
        """Put a value in front of those of its name."""
        self._values.setdefault(name, []).append(value)

    def set(self, name: bytes, index: int, value: XavpValue) -> bool:
        """Replace one value; whether it was there."""
        values = self._values.get(name)
        if values is None or not -len(values) <= index < len(values):
            return False
        values[-1 - index] = value
        return True

    def delete(self, name: bytes, index: int | None = None) -> bool:
        """Delete one value, or all of a name; whether there was something to delete."""
        values = self._values.get(name)
        if values is None:
            return False
        if index is None:
            del self._values[name]
            return True
        if not -len(values) <= index < len(values):
            return False
        del values[-1 - index]
        if not values:
            del self._values[name]
        return True

    def pack(self) -> bytes:
        """Everything as octets, for a transaction in shared memory."""
        out: list[bytes] = []
        for name, values in self._values.items():
            out.append(pack_value(name) + struct.pack("<I", len(values)))
            for value in values:
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
            if not isinstance(name, bytes) or at + 4 > len(data):
                raise ValueError("packed values are cut short")
            count = struct.unpack_from("<I", data, at)[0]
            at += 4
            values: list[XavpValue] = []
            for _ in range(count):
                kind = data[at] if at < len(data) else 0
                at += 1
                if kind == 3:
                    values.append(None)
                    continue
                value, at = unpack_value(data, at)
                if kind == 2 and isinstance(value, bytes):
                    values.append(cls.unpack(value))
                elif kind == 4:
                    values.append(value)
                else:
                    raise ValueError("packed values are damaged")
            found._values[name] = values
        return found
