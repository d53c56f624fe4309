"""Which routes can end the whole script: a fixpoint over the calls between them."""

from __future__ import annotations

from collections.abc import Iterable

from kcc.ir import program as ir
from kcc.ir import values
from runtime.declare.record import walk


def exiting_methods(routes: Iterable[ir.Route]) -> frozenset[str]:
    """The methods of ``routes`` after which a caller must look whether the script ended."""
    calls: dict[str, set[str]] = {}
    found: set[str] = set()
    for route in routes:
        reached: set[str] = set()
        for node in walk(route.body):
            if isinstance(node, values.RouteCall | values.BlockCall):
                reached.add(node.method)
            elif _ends(node):
                found.add(route.method)
        calls[route.method] = reached
    grown = True
    while grown:
        more = {method for method, reached in calls.items() if reached & found} - found
        found |= more
        grown = bool(more)
    return frozenset(found)


def _ends(node: object) -> bool:
    if isinstance(node, ir.Return):
        return not (isinstance(node.value, values.Int) and node.value.value != 0)
    if isinstance(node, values.ModuleCall):
        return node.stops
    return isinstance(node, ir.Exit | values.DynamicRouteCall)
