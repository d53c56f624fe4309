"""Whether a select such as ``@from.uri.user`` leads anywhere (``resolve_select`` of select.c)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from kcc.catalog.catalog import Catalog

Part = str | int
Row = Sequence[str | None]

_NESTED = 3  # MAX_NESTED_CALLS less the last function


_PART: Final = re.compile(
    r"([A-Za-z][A-Za-z0-9_]*)(?:\[(?:\\?\"([^\"]*?)\\?\"|(-?[0-9]*))\])?(\.?)"
)
_MOST: Final = 31  # MAX_SELECT_PARAMS less the last one


def parts_of(text: str) -> list[Part]:
    """The names and indexes of a select written as text (``w_parse_select``), which ends where
    something else begins; empty where it is none."""
    parts: list[Part] = []
    at = int(text.startswith("@"))
    while (found := _PART.match(text, at)) is not None:
        parts.append(found[1])
        if found[2] is not None or found[3] is not None:
            parts.append(int(found[3] or "0") if found[2] is None else found[2])
        elif text.startswith("[", found.end(1)):
            return []
        at = found.end()
        if not found[4]:
            break
    return parts if len(parts) <= _MOST else []


def complaint(catalog: Catalog, modules: Iterable[str], parts: Sequence[Part]) -> str | None:
    """What is wrong with a select, None if nothing."""
    at = unresolved(catalog, modules, parts)
    if at is None:
        line = parts[4] if len(parts) > 4 and parts[3] == "line" and parts[2] == "sdp" else ""
        named = len(str(line)) < 2 or str(line)[1:] == "="
        return None if named else f"`{line}` is no line of SDP: one letter is"
    if at >= len(parts):
        return "the select is not complete: it needs a part more"
    what = f"`{parts[at]}`" if isinstance(parts[at], str) else f"`[{parts[at]}]`"
    return f"{what} is no part of a select here"


def unresolved(catalog: Catalog, modules: Iterable[str], parts: Sequence[Part]) -> int | None:
    """The position of the part that no table of the core or ``modules`` accepts, None where all
    is well; the number of parts where one is missing at the end. ``parts`` are names, and what
    stands in brackets."""
    rows = _rows(catalog, modules)
    node, flags, at, nested = "", "", 0, 0
    while at < len(parts):
        row = next((row for row in rows if _accepts(row, node, parts[at])), None)
        if row is None:
            return at
        flags = row[3] or ""
        for letter, kind in (("S", str), ("I", int)):
            if letter in flags:
                if at + 1 < len(parts) and isinstance(parts[at + 1], kind):
                    at += 1
                elif "O" not in flags:
                    return at + 1
        if "N" in flags:
            if nested == _NESTED:
                return at
            nested += 1
        else:
            at += 1
        node = row[2] or ""
        if "A" in flags:
            return None
    return len(parts) if "P" in flags else None


def _rows(catalog: Catalog, modules: Iterable[str]) -> list[Row]:
    """The table of the module loaded last comes first, the core's last."""
    rows: list[Row] = []
    for module in (*reversed(tuple(modules)), "core"):
        facts = catalog.facts
        found = facts["core"] if module == "core" else facts["modules"].get(module, {})
        rows.extend(found.get("selects", ()))
    return rows


def _accepts(row: Row, node: str, part: Part) -> bool:
    flags = row[3] or ""
    if row[0] != node:
        return False
    if "N" in flags and "S" not in flags and "I" not in flags:
        return True
    if isinstance(part, int) or "#" in flags:
        return isinstance(part, int) and "#" in flags
    return row[1] is None or row[1].lower() == part.lower()
