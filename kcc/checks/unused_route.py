"""K0223: a route that nothing calls."""

from __future__ import annotations

from kcc.checks.context import Context
from kcc.ir import values
from kcc.lower.scope import route_key
from kcc.syntax import ast

_NAMED = {"route", "failure", "branch", "onreply"}


def check(context: Context) -> None:
    """Report routes without a call. Names that are computed, or may be given to a module by a
    parameter or a string argument, count as uses."""
    used: set[tuple[str, str]] = set()
    texts: set[bytes] = set()
    for item in context.file.items:
        if isinstance(item, ast.ModParam) and isinstance(item.value, ast.Str):
            texts.add(item.value.value)
            texts.update(item.value.value.replace(b";", b"=").split(b"="))  # "timer=t;route=NAME"
    if context.resolved(values.DynamicRouteCall):
        return
    used.update(("route", node.name) for node in context.resolved(values.RouteCall))
    for arg in context.resolved(values.RouteArg):
        if isinstance(arg.name, str):
            used.add((arg.kind, arg.name))
        elif arg.name is not None:
            return
    texts.update(node.value for node in context.resolved(values.Str))
    for route in context.routes():
        kind, name = route_key(route)
        if kind not in _NAMED or (kind, name) in used or name.encode("latin-1") in texts:
            continue
        context.reporter.report(
            "K0223", f"{route.kind}[{name}] is never used", route.name_span or route.span
        )
