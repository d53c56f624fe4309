"""When names came and went, over the catalogs of all minor versions, oldest first.

For each name that is not in all of them there is ``[first, gone]``: indexes into ``versions`` of
the first version that has it and of the first later one that has not (their number where it still
is there). A name that came and went with its module is left out.
"""

from __future__ import annotations

from typing import Any

TABLES = ("functions", "params", "pvs", "transformations")
Spans = dict[str, list[int]]


def history(catalogs: list[dict[str, Any]]) -> dict[str, Any]:
    """``versions``, ``modules`` by name, and each table by module and name."""
    found: dict[str, Any] = {
        "versions": [".".join(one["version"].split(".")[:2]) for one in catalogs],
        "modules": _changed(_spans([set(one["modules"]) for one in catalogs]), len(catalogs)),
    }
    modules = sorted({name for one in catalogs for name in one["modules"]})
    for table in TABLES:
        spans: dict[str, Spans] = {}
        for module in ("core", *modules):
            names = [
                (
                    _core_names(one["core"], table)
                    if module == "core"
                    else _names(one["modules"].get(module, {}), table)
                )
                for one in catalogs
            ]
            changed = _changed(_spans(names), len(catalogs))
            implied = found["modules"].get(module)
            changed = {name: span for name, span in changed.items() if span != implied}
            if changed:
                spans[module] = changed
        found[table] = spans
    return found


def _names(facts: dict[str, Any], table: str) -> set[str]:
    rows = facts.get(table, ())
    if table == "transformations":
        return {f"{row[0]}.{row[1]}" for row in rows}
    return {row[0] for row in rows}


def _core_names(facts: dict[str, Any], table: str) -> set[str]:
    """The same of the core, whose functions and parameters name their aliases last."""
    names = _names(facts, table)
    if table in ("functions", "params"):
        names.update(alias for row in facts[table] for alias in row[-1])
    return names


def _spans(sets: list[set[str]]) -> Spans:
    spans: Spans = {}
    for at, names in enumerate(sets):
        for name in names:
            spans.setdefault(name, [at, at])[1] = at + 1
    return spans


def _changed(spans: Spans, count: int) -> Spans:
    return {name: span for name, span in spans.items() if span != [0, count]}
