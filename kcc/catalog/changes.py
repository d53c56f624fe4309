"""What became of a name that the target version lacks: when it came or went, and what to use.

Read only once something is wrong: ``data/history.json`` (made by ``tools/catalog_history.py``),
``data/replacements.json`` (written by hand) and the data of the other versions.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_DATA = Path(__file__).parent / "data"
Version = tuple[int, ...]


class Changes:
    """Answers for one target version. What is not known to have changed is None."""

    def __init__(self, target: str) -> None:
        self._target = _version(target)
        self._history: dict[str, Any] = _load("history")
        self._replacements: dict[str, dict[str, str]] = _load("replacements")
        self._others = [path.stem for path in _DATA.glob("[0-9]*.json") if path.stem != target]
        # the nearest version first: it is the likeliest that the configuration was written for
        self._others.sort(key=lambda name: abs(_rank(name) - _rank(target)))

    def module(self, name: str) -> str | None:
        """``it was removed in 5.0: use …`` of a module that the target does not have."""
        span = self._history["modules"].get(name)
        return self._said("it", span, self._replacements["modules"].get(name))

    def function(self, name: str, loaded: tuple[str, ...] = ()) -> str | None:
        """The same of a function, that of a module in ``loaded`` rather than another's."""
        return self._owned("functions", name, loaded)

    def parameter(self, module: str, name: str) -> str | None:
        """The same of a parameter of a module."""
        use = self._replacements["params"].get(f"{module}.{name}")
        return self._said("it", self._span("params", module, name), use)

    def core_parameter(self, name: str) -> str | None:
        """The same of a global parameter."""
        return self.parameter("core", name)

    def variable(self, name: str, loaded: tuple[str, ...] = ()) -> str | None:
        """The same of a pseudo-variable."""
        return self._owned("pvs", name, loaded)

    def transformation(self, cls: str, name: str, loaded: tuple[str, ...] = ()) -> str | None:
        """The same of a transformation."""
        return self._owned("transformations", f"{cls}.{name}", loaded)

    def moved(self, name: str, loaded: tuple[str, ...]) -> str | None:
        """``module `x` had it until 4.0`` where a loaded module lost a function to another."""
        for module in loaded:
            span = self._history["functions"].get(module, {}).get(name)
            gone = self._gone(span)
            if gone is not None:
                return f"module `{module}` had it until {gone}"
        return None

    def _owned(self, table: str, name: str, loaded: tuple[str, ...]) -> str | None:
        owners = self._owners(table, name)
        owners.sort(key=lambda module: module not in ("core", *loaded))
        coming: list[tuple[int, str]] = []  # the first module that brings it comes first
        for module in owners:
            use = self._replacements.get(table, {}).get(f"{module}.{name}")
            what = "it" if module == "core" else f"module `{module}` has it"
            span = self._span(table, module, name)
            said = self._said(what, span, use)
            if said is not None and self._came(span) is None:
                return said
            if said is not None and span is not None:
                coming.append((span[0], said))
        return min(coming)[1] if coming else None

    def _owners(self, table: str, name: str) -> list[str]:
        """Modules that had or will have the name, in the order in which versions are near."""
        found: dict[str, None] = {}
        for key in self._replacements.get(table, ()):
            module, _, replaced = key.partition(".")
            if replaced == name:
                found[module] = None
        column = 2 if table == "transformations" else 1
        for version in self._others:
            facts = _load(version)
            for module, rows in (("core", facts["core"]), *facts["modules"].items()):
                if any(".".join(map(str, row[:column])) == name for row in rows.get(table, ())):
                    found[module] = None
        for module, names in self._history[table].items():
            if name in names:
                found[module] = None
        return list(found)

    def _span(self, table: str, module: str, name: str) -> list[int] | None:
        """When a name came and went; where it did with its module, that's span."""
        span = self._history[table].get(module, {}).get(name)
        if span is None:
            span = self._history["modules"].get(module)
        return span  # type: ignore[no-any-return]

    def _said(self, what: str, span: list[int] | None, use: str | None) -> str | None:
        gone, came = self._gone(span), self._came(span)
        instead = f": use {use}" if use else ""
        if gone is not None:
            was = what.replace(" has it", " had it until")
            text = f"it was removed in {gone}" if was == what else f"{was} {gone}"
            return text + instead
        if came is not None:
            return f"it is there since {came}" if what == "it" else f"{what} since {came}"
        return f"use {use}" if use and span is None else None

    def _gone(self, span: list[int] | None) -> str | None:
        """The version that removed it, where the target is that or a later one."""
        versions: list[str] = self._history["versions"]
        if span is None or span[1] == len(versions):
            return None
        return versions[span[1]] if _version(versions[span[1]]) <= self._target else None

    def _came(self, span: list[int] | None) -> str | None:
        """The version that brought it, where the target is an earlier one."""
        version: str = self._history["versions"][span[0]] if span is not None else ""
        return version if span is not None and _version(version) > self._target else None


def _load(name: str) -> Any:
    return json.loads((_DATA / f"{name}.json").read_text(encoding="utf-8"))


def _version(text: str) -> Version:
    return tuple(int(part) for part in text.split("."))


def _rank(text: str) -> int:
    major, minor = _version(text)[:2]
    return major * 10 + minor
