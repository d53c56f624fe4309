"""The catalog: what every module of a Kamailio version offers, ours first, the rest from data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import runtime.modules
from kcc.catalog.targets import core_at, exports_at
from runtime.declare.exports import (
    Exports,
    Function,
    Param,
    PseudoVar,
    Routes,
    Transformation,
)
from runtime.declare.found import ModuleFault, foreign_modules, is_ours, read_exports
from runtime.declare.record import Record

if TYPE_CHECKING:
    from kcc.catalog.changes import Changes

_DATA = Path(__file__).parent / "data"
_MODULE_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_TARGET = re.compile(r"([0-9]+\.[0-9]+)(?:\.[0-9]+)?")
_OURS = "5.6"  # the version that our exports are written for


class CatalogError(Exception):
    """A target version without data; the message names the known ones."""


class Found(Record):
    """A function and the module that exports it."""

    module: str
    function: Function


class Catalog:
    """Answers questions about modules by name; each module is read when it is first asked for.

    ``target`` is a Kamailio version, ``5.6`` or ``5.6.3``; raises CatalogError where it is unknown.
    Module names are those of ``loadmodule``, without ``.so``; the core's is ``core``.
    """

    def __init__(self, target: str = "5.6") -> None:
        version = _TARGET.fullmatch(target)
        if version is None or not (_DATA / f"{version[1]}.json").is_file():
            known = ", ".join(sorted(path.stem for path in _DATA.glob("[0-9]*.json")))
            raise CatalogError(f"no data for Kamailio {target}; known: {known}")
        self.target = version[1]
        self._modules: dict[str, Exports | None] = {}
        self._functions: dict[str, dict[str, list[Found]]] = {}
        self._facts: dict[str, Any] | None = None
        self._changes: Changes | None = None

    @property
    def facts(self) -> dict[str, Any]:
        """The data of the target version, read on first use."""
        if self._facts is None:
            text = (_DATA / f"{self.target}.json").read_text(encoding="utf-8")
            loaded: dict[str, Any] = json.loads(text)
            self._facts = loaded
        return self._facts

    @property
    def changes(self) -> Changes:
        """What became of names that the target version lacks, read on first use."""
        if self._changes is None:
            from kcc.catalog.changes import Changes

            self._changes = Changes(self.target)
        return self._changes

    @property
    def version(self) -> str:
        """The exact version that the data were taken from, ``5.6.3``."""
        return str(self.facts["version"])

    @property
    def module_names(self) -> tuple[str, ...]:
        """Every module of the target version and those installed beside us, without the core."""
        names = set(self.facts["modules"])
        if self.target == _OURS:
            names.update(name for name in self.own_names if name != "core")
        names.update(foreign_modules())
        return tuple(sorted(names))

    @property
    def own_names(self) -> tuple[str, ...]:
        """The modules whose exports are declared here, the core among them."""
        found: set[str] = set()
        for folder in runtime.modules.__path__:
            found.update(path.parent.name.rstrip("_") for path in Path(folder).glob("*/exports.py"))
        return tuple(sorted(found))

    def module(self, name: str) -> Exports | None:
        """What module ``name`` offers, or None where the target version has no such module."""
        if name not in self._modules:
            self._modules[name] = self._read(name)
        return self._modules[name]

    def _read(self, name: str) -> Exports | None:
        if _MODULE_NAME.fullmatch(name) is None:
            return None
        own = self._own(name)
        if own is not None and (self.target == _OURS or not is_ours(name)):
            return own
        if name == "core" and own is not None:
            return core_at(self.facts["core"], own)
        facts = self.facts["modules"].get(name)
        return None if facts is None else exports_at(name, facts, own)

    def _own(self, name: str) -> Exports | None:
        """The declaration of a module that is here, ours or installed."""
        try:
            return read_exports(name)
        except ModuleFault as fault:
            raise CatalogError(str(fault)) from None

    def function(self, name: str, modules: Iterable[str]) -> tuple[Found, ...]:
        """Every row of function ``name`` in the core and ``modules`` (in load order).

        In the order in which Kamailio looks: the core, then the last loaded module first.
        """
        rows: list[Found] = []
        for module in ("core", *reversed(tuple(modules))):
            found = self._functions_of(module).get(name)
            if found is not None:
                rows += found
        return tuple(rows)

    def _functions_of(self, module: str) -> dict[str, list[Found]]:
        """The rows of a module by name."""
        found = self._functions.get(module)
        if found is None:
            found = self._functions[module] = {}
            exports = self.module(module)
            for row in exports.functions if exports is not None else ():
                found.setdefault(row.name, []).append(Found(module, row))
        return found

    def find_function_anywhere(self, name: str) -> list[str]:
        """Modules of the target version that export a function ``name``, sorted."""
        return self._exporting(name, "functions", 0)

    def find_pv_anywhere(self, name: str) -> list[str]:
        """Modules of the target version that export a pseudo-variable class ``name``, sorted."""
        return self._exporting(name, "pvs", 0)

    def find_transformation_anywhere(self, cls: str) -> list[str]:
        """Modules of the target version that export the transformation class ``cls``, sorted."""
        return self._exporting(cls, "transformations", 0)

    def _exporting(self, name: str, table: str, column: int) -> list[str]:
        return sorted(
            module
            for module, facts in self.facts["modules"].items()
            if any(row[column] == name for row in facts.get(table, ()))
        )

    def pseudo_vars(self, modules: Iterable[str]) -> dict[str, tuple[str, PseudoVar]]:
        """Pseudo-variable classes of the core and ``modules``: name to (module, declaration).

        Where two modules export one class, the first loaded has it.
        """
        found: dict[str, tuple[str, PseudoVar]] = {}
        for module in ("core", *modules):
            exports = self.module(module)
            for row in exports.pvs if exports is not None else ():
                found.setdefault(row.name, (module, row))
        return found

    def transformations(
        self, modules: Iterable[str]
    ) -> dict[tuple[str, str], tuple[str, Transformation]]:
        """Transformations of ``modules``: (class, name) to (module, declaration)."""
        found: dict[tuple[str, str], tuple[str, Transformation]] = {}
        for module in ("core", *modules):
            exports = self.module(module)
            for row in exports.transformations if exports is not None else ():
                found.setdefault((row.cls, row.name), (module, row))
        return found

    def params(self, module: str, name: str) -> tuple[Param, ...]:
        """The parameters ``name`` of a module; two where it takes text and number apart."""
        exports = self.module(module)
        return tuple(row for row in exports.params if row.name == name) if exports else ()

    def matching_modules(self, exported: str, modules: Iterable[str]) -> list[str]:
        """Those of ``modules`` that export themselves under the name ``exported``."""
        found = []
        for module in modules:
            exports = self.module(module)
            if exports is not None and exports.name == exported:
                found.append(module)
        return found

    @property
    def core_params(self) -> dict[str, Param]:
        """Global parameters by every name that the grammar admits."""
        core = self.module("core")
        return {row.name: row for row in core.params} if core is not None else {}

    def event_route_modules(self, name: str, modules: Iterable[str] | None = None) -> list[str]:
        """Those of ``modules``, or of all, that run the event route ``name``, sorted."""
        names = ("core", *self.module_names) if modules is None else modules
        found = []
        for module in names:
            exports = self.module(module)
            if exports is not None and any(_matches(r.name, name) for r in exports.event_routes):
                found.append(module)
        return sorted(found)

    def to_json(self, module: str | None = None) -> dict[str, object]:
        """The object that ``kcc catalog --json`` prints, of all modules or of one."""
        names = ("core", *self.module_names) if module is None else (module,)
        modules = {}
        for name in names:
            exports = self.module(name)
            if exports is not None:
                modules[name] = _module_json(exports)
        return {"version": self.version, "modules": modules}


def suggest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that ``word`` was probably meant to be, or None."""
    from difflib import get_close_matches

    close = get_close_matches(word, sorted(set(candidates)), n=1, cutoff=0.75)
    return close[0] if close else None


def route_names(routes: Routes) -> list[str]:
    """The names of Kamailio's route types in ``routes``, in its order."""
    if routes == Routes.ANY:
        return ["ANY_ROUTE"]
    return [f"{member.name}_ROUTE" for member in list(Routes) if member & routes == member]


def _matches(declared: str, name: str) -> bool:
    if declared.endswith("*"):
        return name.startswith(declared[:-1]) and len(name) >= len(declared)
    return declared == name


def _module_json(exports: Exports) -> dict[str, object]:
    return {
        "functions": [
            {
                "name": row.name,
                "min": row.required,
                "max": len(row.args),
                "args": [
                    {"name": arg.name, "type": arg.fixup.value}
                    | ({"values": list(arg.values)} if arg.values else {})
                    for arg in row.args
                ],
                "routes": route_names(row.routes),
                "status": row.status.value,
            }
            for row in exports.functions
        ],
        "params": [
            {
                "name": row.name,
                "type": row.kind.value,
                "default": row.default,
                "status": row.status.value,
            }
            for row in exports.params
        ],
        "pvs": [
            {
                "name": row.name,
                "type": row.type.value,
                "inner": row.inner.value,
                "indexed": row.indexed,
                "writable": row.writable,
                "status": row.status.value,
            }
            for row in exports.pvs
        ],
        "transformations": [
            {
                "class": row.cls,
                "name": row.name,
                "min": len(row.args) if row.min is None else row.min,
                "max": len(row.args),
                "status": row.status.value,
            }
            for row in exports.transformations
        ],
        "rpc": [{"name": row.name, "status": row.status.value} for row in exports.rpc],
        "event_routes": [
            {"name": row.name, "status": row.status.value} for row in exports.event_routes
        ],
        "requires": list(exports.requires),
        "status": exports.status.value,
    }
