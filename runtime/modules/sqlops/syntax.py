"""What ``sqlops`` reads itself: the variables of ``sql_pvquery`` and the names in ``$dbr``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from runtime.declare.ownspec import Written
from runtime.declare.pvspec import PvSpec, PvSyntaxError, parse_spec
from runtime.declare.record import Record

_SEPARATORS: Final = b" \t,;\n"
_DBR: Final = re.compile(rb"\s*(?P<result>[^=\s]*)\s*=>(?P<key>.*\S)\s*", re.S)
_CELL: Final = re.compile(rb"\[\s*(?P<row>[^,\s]+)\s*,\s*(?P<column>[^\]\s]+)\s*\].*", re.S)
_COLUMN: Final = re.compile(rb"colname\s*\[(?P<column>[^\]\s]+)\s*\].*", re.S)
_NUMBER: Final = re.compile(rb"[+-]?[0-9]+")


class Targets(Record):
    """Where the columns of ``sql_pvquery`` go."""

    variables: tuple[Written, ...]


class Dbr(Record):
    """``$dbr(result=>key)``: ``rows``, ``cols``, ``cell`` or ``colname``, and indexes."""

    result: bytes
    key: str
    row: PvSpec | int = 0
    column: PvSpec | int = 0


def targets(text: bytes) -> Targets:
    """``$var(a);$avp(b)`` (``parse_pvname_list``). Raises ValueError."""
    found: list[Written] = []
    at = 0
    while True:
        while text[at : at + 1] and text[at] in _SEPARATORS:
            at += 1
        if at >= len(text):
            break
        try:
            variable, at = parse_spec(text, at)
        except PvSyntaxError as error:
            raise ValueError(f"made of variables with `;` between them ({error.message})") from None
        found.append(Written(variable))
    if not found:
        raise ValueError("made of variables with `;` between them")
    return Targets(tuple(found))


def dbr(text: bytes) -> Dbr:
    """``result=>rows``, ``=>cols``, ``=>[row,column]``, ``=>colname[n]`` (``pv_parse_dbr_name``).

    Raises ValueError.
    """
    found = _DBR.fullmatch(text)
    if found is None:
        raise ValueError("a result and a key, as in `result=>rows`")
    result, key = found["result"], found["key"]
    if key in (b"rows", b"cols"):
        return Dbr(result, key.decode())
    cell = _CELL.fullmatch(key)
    if cell is not None:
        return Dbr(result, "cell", _index(cell["row"]), _index(cell["column"]))
    column = _COLUMN.fullmatch(key) if len(key) > 9 else None
    if column is not None:
        return Dbr(result, "colname", 0, _index(column["column"]))
    raise ValueError("a result and one of the keys rows, cols, [row,column] and colname[n]")


def _index(text: bytes) -> PvSpec | int:
    if text.startswith(b"$"):
        try:
            return parse_spec(text)[0]
        except PvSyntaxError as error:
            raise ValueError(f"a number or a variable in brackets ({error.message})") from None
    if not _NUMBER.fullmatch(text) or not -(1 << 31) <= int(text) < 1 << 31:
        raise ValueError("a number or a variable in brackets")
    return int(text)


RULES: Final[Mapping[str, Callable[[bytes], Record]]] = MappingProxyType({"targets": targets})
