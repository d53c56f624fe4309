"""What a module offers in a version that our exports are not written for.

The version's data say what there is, and how many arguments it takes in which routes; where a
declaration of ours has the same name and fits, it says how far that is built and what its
arguments are.
"""

from __future__ import annotations

from typing import Any

from kcc.catalog.facts import exports_of, function_of, param_of
from runtime.declare.exports import (
    Arg,
    Exports,
    Fixup,
    Function,
    Param,
    ParamKind,
    PseudoVar,
    PvName,
    Routes,
    Status,
)

_NUMBERS = (ParamKind.INT, ParamKind.FUNC_INT)


def exports_at(name: str, facts: dict[str, Any], own: Exports | None) -> Exports:
    """What module ``name`` offers by the data of a version; ``own`` is our declaration."""
    there = exports_of(name, facts)
    if own is None:
        return there
    transformations = {(row.cls, row.name): row for row in own.transformations}
    rpc = {row.name: row for row in own.rpc}
    events = {row.name: row for row in own.event_routes}
    settings = {(row.group, row.name): row for row in own.cfg}
    return Exports(
        name=there.name,
        functions=tuple(
            _function(function_of(row), own.functions) for row in facts.get("functions", ())
        ),
        params=tuple(_param(param_of(row), own.params) for row in facts.get("params", ())),
        pvs=tuple(_variable(row, own.pvs) for row in there.pvs),
        transformations=tuple(
            transformations.get((row.cls, row.name), row) for row in there.transformations
        ),
        rpc=tuple(rpc.get(row.name, row) for row in there.rpc),
        statistics=there.statistics,
        event_routes=tuple(events.get(row.name, row) for row in there.event_routes),
        cfg=tuple(settings.get((row.group, row.name), row) for row in there.cfg),
        requires=tuple(name for name in own.requires if name in there.requires),
        status=own.status,
        impl=own.impl,
    )


def core_at(facts: dict[str, Any], own: Exports) -> Exports:
    """The same of the core, whose functions and parameters the grammar knows."""
    there = exports_at("core", {**facts, "functions": (), "params": ()}, own)
    functions: list[Function] = []
    for name, counts, aliases in facts["functions"]:
        for word in (name, *aliases):
            functions.extend(
                _function(
                    Function(
                        word,
                        tuple(Arg(f"arg{at}", Fixup.FORMAT) for at in range(1, count + 1)),
                        routes=Routes.ANY,
                        status=Status.PARSED_ONLY,
                    ),
                    own.functions,
                )
                for count in counts
            )
    params: list[Param] = []
    for name, kinds, aliases in facts["params"]:
        kind = ParamKind.INT if {"number", "intno"} & set(kinds) else ParamKind.STR
        for word in (name, *aliases):
            row = Param(word, kind, None, Status.PARSED_ONLY, name if word != name else None)
            params.append(next((one for one in own.params if one.name == word), row))
    return Exports(
        name="core",
        functions=tuple(functions),
        params=tuple(params),
        pvs=there.pvs,
        transformations=there.transformations,
        rpc=there.rpc,
        statistics=there.statistics,
        event_routes=there.event_routes,
        cfg=there.cfg,
        status=own.status,
        impl=own.impl,
    )


def _function(there: Function, own: tuple[Function, ...]) -> Function:
    """The row of the version with the arguments of ours, where we have it with as many."""
    count = len(there.args)
    for row in own:
        if row.name != there.name or there.variadic != row.variadic:
            continue
        if there.variadic or row.required <= count <= len(row.args):
            return Function(
                there.name,
                row.args if there.variadic else row.args[:count],
                row.min if there.variadic else None,
                there.routes,
                row.status,
                row.method,
                row.route_kind,
                row.variadic,
                row.stops,
                row.native,
                there.takes,
                row.rest,
            )
    return there


def _param(there: Param, own: tuple[Param, ...]) -> Param:
    for row in own:
        if row.name == there.name and (row.kind in _NUMBERS) == (there.kind in _NUMBERS):
            return row
    return there


def _variable(there: PseudoVar, own: tuple[PseudoVar, ...]) -> PseudoVar:
    for row in own:
        named = row.inner is not PvName.NONE
        same = (named, row.indexed) == (there.inner is not PvName.NONE, there.indexed)
        if row.name == there.name and same and row.writable == there.writable:
            return row
    return there
