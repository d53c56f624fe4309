"""K0412: a worker waits while it has a message to route."""

from __future__ import annotations

from kcc.checks import functions
from kcc.checks.context import Context
from kcc.checks.followed import followed
from kcc.lower.scope import route_key
from kcc.syntax import ast
from runtime.declare.record import walk

_INSTEAD = {
    "sleep": "async_sleep of module async", "usleep": "async_ms_sleep of module async",
}  # fmt: skip
_ROUTES = ("request", "failure", "branch", "onreply", "reply", "onsend", "branch_failure")


def check(context: Context) -> None:
    """Report the calls in routes that run for messages; timers and start-up may wait."""
    names = functions.loaded(functions.BLOCKS, context)
    if not functions.calls_of(context, names):
        return
    reached = context.fact(followed).plan.reached(_ROUTES)
    for route in context.routes():
        if route_key(route) not in reached:
            continue
        for node in walk(route.body):
            if isinstance(node, ast.Call) and node.name in names:
                context.reporter.report(
                    "K0412",
                    f"`{node.name}` keeps the process waiting, and no other message is served by "
                    "it meanwhile",
                    node.span,
                    help=f"use {_instead(node.name)}",
                )


def _instead(name: str) -> str:
    if name in _INSTEAD:
        return _INSTEAD[name]
    if "http" in name or "curl" in name:
        return "http_async_query of module http_async_client"
    return "a route of its own in async_task_route of module async"
