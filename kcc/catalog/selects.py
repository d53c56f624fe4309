"""Whether a select such as ``@from.uri.user`` leads anywhere (``resolve_select`` of select.c)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kcc.catalog.catalog import Catalog

Part = str | int
Row = Sequence[str | None]

_NESTED = 3  # MAX_NESTED_CALLS less the last function


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
