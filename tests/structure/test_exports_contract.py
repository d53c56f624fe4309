"""Our exports against the facts of Kamailio 5.6.3: equal, or listed here with the reason."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import runtime.modules
from runtime.declare.exports import Exports, Fixup, ParamKind, Routes, Status
from runtime.declare.found import folder_of

ROOT = Path(__file__).parents[2]
FACTS: dict[str, Any] = json.loads((ROOT / "kcc/catalog/data/5.6.json").read_text(encoding="utf-8"))
OWN = sorted(
    path.parent.name.rstrip("_")
    for folder in runtime.modules.__path__
    for path in Path(folder).glob("*/exports.py")
)
IN_CATALOG = [name for name in OWN if name in FACTS["modules"]]

C_BITS = (
    (Routes.REQUEST, 1),
    (Routes.FAILURE, 2),
    (Routes.TM_ONREPLY, 4),
    (Routes.BRANCH, 8),
    (Routes.ONSEND, 16),
    (Routes.ERROR, 32),
    (Routes.LOCAL, 64),
    (Routes.CORE_ONREPLY, 128),
    (Routes.BRANCH_FAILURE, 256),
    (Routes.EVENT, 512),
)

# What we have and the tables do not, or the other way round: (module, table, row) -> reason.
DIFFERENCES: dict[tuple[str, str, Any], str] = {
    ("kex", "statistics", ("core", f"rcv_replies_{code}xx_{method}", 0)): "a macro makes these rows"
    for code in range(1, 7)
    for method in ("invite", "cancel", "bye", "reg", "message", "prack", "update", "refer")
}
# Getters that the extraction cannot follow; their declared type was read by hand.
HAND_TYPED_PVS = {("pv", "avp"), ("pv", "rs")}


def exports_of(module: str) -> Exports:
    exports: Exports = import_module(f"runtime.modules.{folder_of(module)}.exports").EXPORTS
    return exports


def c_mask(routes: Routes) -> int:
    return sum(bit for member, bit in C_BITS if member in routes)


def differs(module: str, table: str, ours: set[Any], theirs: set[Any]) -> str:
    """The differences that are not listed, as text; empty where all is well."""
    listed = {name for mod, tab, name in DIFFERENCES if (mod, tab) == (module, table)}
    lines = [f"only here: {row}" for row in sorted(ours - theirs, key=repr) if row not in listed]
    lines += [f"missing: {row}" for row in sorted(theirs - ours, key=repr) if row not in listed]
    return "\n".join(lines)


@pytest.mark.parametrize("module", IN_CATALOG)
def test_functions_have_the_arities_routes_and_argument_rules_of_kamailio(module: str) -> None:
    ours = set()
    for row in exports_of(module).functions:
        arities = (-128,) if row.variadic else range(row.required, len(row.args) + 1)
        for arity in arities:
            takes = row.takes.value if arity else None
            ours.add((row.name, arity, c_mask(row.routes), takes))
    theirs = {
        (name, arity, mask, takes if arity else None)
        for name, arity, _, mask, takes, _ in FACTS["modules"][module].get("functions", ())
    }
    assert not differs(module, "functions", ours, theirs)


@pytest.mark.parametrize("module", IN_CATALOG)
def test_parameters_have_the_names_types_and_defaults_of_kamailio(module: str) -> None:
    kinds = {
        ParamKind.INT: ("int", 0),
        ParamKind.STR: ("text", 0),
        ParamKind.PV: ("text", 0),
        ParamKind.FUNC_INT: ("int", 1),
        ParamKind.FUNC_STR: ("text", 1),
    }
    rows = FACTS["modules"][module].get("params", ())
    unknown = {name for name, _, _, default in rows if default is None}
    ours = {
        (row.name, *kinds[row.kind], None if row.name in unknown else row.default)
        for row in exports_of(module).params
    }
    theirs = {
        (name, "int" if kind == "int" else "text", by_function, default)
        for name, kind, by_function, default in rows
        if name not in unknown
    } | {
        (name, "int" if kind == "int" else "text", by_function, None)
        for name, kind, by_function, _ in rows
        if name in unknown
    }
    assert not differs(module, "params", ours, theirs)


@pytest.mark.parametrize("module", [*IN_CATALOG, "core"])
def test_pseudo_variables_take_and_give_what_kamailio_s_do(module: str) -> None:
    facts = FACTS["core"] if module == "core" else FACTS["modules"][module]
    rows = facts.get("pvs", ())
    open_types = {row[0] for row in rows if row[1] == "dynamic"}
    open_types |= {name for mod, name in HAND_TYPED_PVS if mod == module}
    ours = {
        (
            row.name,
            None if row.name in open_types else row.type.value,
            int(row.inner.value != "none"),
            int(row.indexed),
            int(row.writable),
            row.names,
        )
        for row in exports_of(module).pvs
    }
    theirs = {
        (name, None if name in open_types else kind, *rest[:3], tuple(rest[3]) if rest[3:] else ())
        for name, kind, *rest in rows
    }
    assert not differs(module, "pvs", ours, theirs)


@pytest.mark.parametrize("module", IN_CATALOG)
def test_transformations_are_kamailio_s(module: str) -> None:
    ours = {
        (row.cls, row.name, len(row.args) if row.min is None else row.min, len(row.args))
        for row in exports_of(module).transformations
    }
    theirs = {tuple(row) for row in FACTS["modules"][module].get("transformations", ())}
    assert not differs(module, "transformations", ours, theirs)


@pytest.mark.parametrize("module", [*IN_CATALOG, "core"])
def test_rpc_statistics_events_and_run_time_settings_are_kamailio_s(module: str) -> None:
    facts = FACTS["core"] if module == "core" else FACTS["modules"][module]
    exports = exports_of(module)
    rpc = {(row.name, int(row.returns_array)) for row in exports.rpc}
    assert not differs(module, "rpc", rpc, {tuple(row) for row in facts.get("rpc", ())})
    statistics = {(row.group, row.name, int(row.function)) for row in exports.statistics}
    wanted = {tuple(row) for row in facts.get("statistics", ())}
    assert not differs(module, "statistics", statistics, wanted)
    events = {row.name for row in exports.event_routes}
    assert not differs(module, "event_routes", events, set(facts.get("event_routes", ())))
    settings = {(row.group, row.name) for row in exports.cfg}
    assert not differs(module, "cfg", settings, {(g, n) for g, n, _ in facts.get("cfg", ())})


def test_core_parameters_are_those_of_the_grammar() -> None:
    ours = {row.name: row.attr or row.name for row in exports_of("core").params}
    theirs = {name for name, _, _ in FACTS["core"]["params"]}
    aliases = {alias: name for name, _, names in FACTS["core"]["params"] for alias in names}
    assert set(ours) == theirs | set(aliases)
    wrong = {a: ours[a] for a, name in aliases.items() if ours[a] not in (name, a)}
    assert not wrong


@pytest.mark.parametrize("module", OWN)
def test_declarations_are_consistent(module: str) -> None:
    exports = exports_of(module)
    known = FACTS["modules"].get(module, {})
    assert exports.name == known.get("name", module)
    for row in exports.functions:
        assert 0 <= row.required <= len(row.args) <= 6, row.name
        assert (row.method or row.name).isidentifier(), row.name
        takes_route = any(arg.fixup is Fixup.ROUTE for arg in row.args)
        assert takes_route == (row.route_kind is not None), row.name
        names = [arg.name for arg in row.args]
        assert len(set(names)) == len(names), row.name
        assert all(name.isidentifier() for name in names), row.name
    for setting in exports.cfg:
        params = {param.name for param in exports.params}
        assert setting.param is None or setting.param in params, setting
    for name in exports.requires:
        assert name in OWN or name in FACTS["modules"], name


@pytest.mark.parametrize("module", OWN)
def test_a_module_that_is_not_built_offers_nothing_built(module: str) -> None:
    exports = exports_of(module)
    if exports.status is Status.BUILT:
        return
    tables = ("functions", "params", "pvs", "transformations", "rpc", "event_routes", "cfg")
    built = [
        (table, row.name)
        for table in tables
        for row in getattr(exports, table)
        if row.status is Status.BUILT
    ]
    assert not built


def test_every_listed_difference_is_still_one() -> None:
    for module, table, listed in DIFFERENCES:
        ours = {(row.group, row.name, int(row.function)) for row in exports_of(module).statistics}
        theirs = {tuple(row) for row in FACTS["modules"][module].get(table, ())}
        assert table == "statistics"
        assert (listed in ours) != (listed in theirs), (module, table, listed)
