"""K0223: a route that nothing calls."""

from __future__ import annotations

from kcc.checks.context import Context
from kcc.ir import values
from kcc.ir.walk import walk
from kcc.lower.scope import route_key

_NAMED = {"route", "failure", "branch", "onreply"}


def check(context: Context) -> None:
    """Report routes without a call. Names that are computed, or may be given to a module by a
    parameter or a string argument, count as uses."""
    used: set[tuple[str, str]] = set()
    texts: set[bytes] = {p.value for p in context.program.modparams if isinstance(p.value, bytes)}
    for node in walk((context.program.routes, context.program.blocks)):
        if isinstance(node, values.DynamicRouteCall):
            return
        if isinstance(node, values.RouteCall):
            used.add(("route", node.name))
        elif isinstance(node, values.RouteArg) and isinstance(node.name, str):
            used.add((node.kind, node.name))
        elif isinstance(node, values.RouteArg) and node.name is not None:
            return
        elif isinstance(node, values.Str):
            texts.add(node.value)
    for route in context.routes():
        kind, name = route_key(route)
        if kind not in _NAMED or (kind, name) in used or name.encode("latin-1") in texts:
            continue
        context.reporter.report(
            "K0223", f"{route.kind}[{name}] is never used", route.name_span or route.span
        )
