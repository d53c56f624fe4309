"""K0310: ``return 0`` ends the script."""

from __future__ import annotations

from kcc.checks.context import Context, by_route
from kcc.checks.reach import Reach, is_truth
from kcc.lower.scope import route_key
from kcc.syntax import ast


def check(context: Context) -> None:
    """Report ``return 0``, and the return of a truth value, in routes that are called."""
    if not context.nodes(ast.Return):
        return
    called = {key for calls in context.fact(Reach).calls.values() for key, _ in calls}
    for route, nodes in context.fact(by_route):
        if route_key(route) not in called:
            continue
        for node in nodes.get(ast.Return, ()):
            assert isinstance(node, ast.Return)
            value = node.value
            if isinstance(value, ast.Int) and value.value == 0:
                context.reporter.report(
                    "K0310",
                    "`return 0` ends the script, it does not go back to the caller",
                    node.span,
                    help="write `return -1;` for false, `exit;` to end the script",
                )
            elif is_truth(value):
                context.reporter.report(
                    "K0310",
                    "where this is false, 0 is returned, and that ends the script",
                    node.span,
                    help="return 1 or -1: `if (…) return 1; return -1;`",
                )
