"""Rows of ``data/<version>.json`` turned into ``Exports``: modules that are known but not ours."""

from __future__ import annotations

from typing import Any

from runtime.declare.exports import (
    Accepts,
    Arg,
    CfgVar,
    EventRoute,
    Exports,
    Fixup,
    Function,
    Param,
    ParamKind,
    PseudoVar,
    PvName,
    PvType,
    Routes,
    RpcCommand,
    Statistic,
    Status,
    Takes,
    Transformation,
)

_ROUTE_BITS = (
    (1 << 0, Routes.REQUEST),
    (1 << 1, Routes.FAILURE),
    (1 << 2, Routes.TM_ONREPLY),
    (1 << 3, Routes.BRANCH),
    (1 << 4, Routes.ONSEND),
    (1 << 5, Routes.ERROR),
    (1 << 6, Routes.LOCAL),
    (1 << 7, Routes.CORE_ONREPLY),
    (1 << 8, Routes.BRANCH_FAILURE),
    (1 << 9, Routes.EVENT),
)
_PARSED = Status.PARSED_ONLY


def routes_of_mask(mask: int) -> Routes:
    """The route types of a C mask (``route.h``)."""
    routes = Routes(0)
    for bit, member in _ROUTE_BITS:
        if mask & bit:
            routes |= member
    return routes


def exports_of(name: str, facts: dict[str, Any]) -> Exports:
    """What the facts say about one module; nothing of it is built here."""
    return Exports(
        name=facts.get("name", name),
        functions=tuple(function_of(row) for row in facts.get("functions", ())),
        params=tuple(param_of(row) for row in facts.get("params", ())),
        pvs=tuple(pv_of(row) for row in facts.get("pvs", ())),
        transformations=tuple(_transformation(row) for row in facts.get("transformations", ())),
        rpc=tuple(
            RpcCommand(row[0], returns_array=bool(row[1]), status=_PARSED)
            for row in facts.get("rpc", ())
        ),
        statistics=tuple(
            Statistic(group, stat, bool(computed))
            for group, stat, computed in facts.get("statistics", ())
            if group is not None
        ),
        event_routes=tuple(EventRoute(route, _PARSED) for route in facts.get("event_routes", ())),
        cfg=tuple(
            CfgVar(group, var, _cfg_kind(kind), status=_PARSED)
            for group, var, kind in facts.get("cfg", ())
        ),
        requires=tuple(facts.get("requires", ())),
        status=_PARSED,
    )


def function_of(row: list[Any]) -> Function:
    """One row of a function table, for exactly its number of arguments."""
    name, arity, _, mask, takes, kinds = row
    return Function(
        name,
        tuple(argument_of(f"arg{at}", kind) for at, kind in enumerate(kinds, 1)),
        min=0 if arity < 0 else None,
        routes=routes_of_mask(mask),
        status=_PARSED,
        variadic=arity < 0,
        takes=Takes(takes),
    )


def argument_of(name: str, kind: str) -> Arg:
    """An argument from ``fixup``, ``fixup:accepts`` or ``fixup=a|b``, the members of an
    enumeration; ``fixup:letters=a|b`` is text made of these letters."""
    kind, _, values = kind.partition("=")
    fixup, _, accepts = kind.partition(":")
    return Arg(
        name,
        Fixup(fixup),
        tuple(values.split("|")) if values else (),
        Accepts(accepts) if accepts else None,
    )


def param_of(row: list[Any]) -> Param:
    """One row of a parameter table."""
    name, kind, by_function, default = row
    if kind == "int":
        member = ParamKind.FUNC_INT if by_function else ParamKind.INT
    else:
        member = ParamKind.FUNC_STR if by_function else ParamKind.STR
    return Param(name, member, default, _PARSED)


def pv_of(row: list[Any]) -> PseudoVar:
    """One row of a pseudo-variable table."""
    name, kind, inner, indexed, writable, *names = row
    return PseudoVar(
        name,
        PvType(kind),
        PvName.FORMAT if inner else PvName.NONE,
        indexed=bool(indexed),
        writable=bool(writable),
        status=_PARSED,
        names=tuple(names[0]) if names else (),
    )


def _transformation(row: list[Any]) -> Transformation:
    cls, name, least, most = row
    args = tuple(Arg(f"arg{at}", Fixup.STR_PV) for at in range(1, most + 1))
    return Transformation(
        cls, name, args, None if least == most else least, PvType.DYNAMIC, _PARSED
    )


def _cfg_kind(kind: str) -> ParamKind:
    return ParamKind.INT if kind in ("int", "uint") else ParamKind.STR
