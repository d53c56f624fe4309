"""K0311: a condition tests a route that always comes out the same."""

from __future__ import annotations

from kcc.checks.conditions import tested_routes
from kcc.checks.context import Context
from kcc.checks.reach import Reach


def check(context: Context) -> None:
    """Report each such test. One that means 0 for false is another mistake, and a route with
    ``#!ifdef`` in it may come out otherwise elsewhere."""
    reach = context.fact(Reach)
    for call, key in context.fact(tested_routes):
        ending = reach.ending_of(key)
        if (ending.yes and ending.no) or ending.zero or reach.conditional(key):
            continue
        name = f"route[{key[1]}]"
        if ending.yes:
            message = f"always true: {name} has no path that returns a negative code"
        elif ending.no:
            message = f"always false: {name} has no path that returns a positive code"
        else:
            message = f"never tested: {name} ends the script on every path"
        context.reporter.report("K0311", message, call.span)
