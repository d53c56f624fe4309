"""K0309: a condition tests a route that gives the code of whatever it did last."""

from __future__ import annotations

from kcc.checks.conditions import tested_routes
from kcc.checks.context import Context
from kcc.checks.reach import Reach
from kcc.diagnostics.model import Note


def check(context: Context) -> None:
    """Report the call whose code a route gives for want of a ``return``, once. In a route with
    ``#!ifdef`` in it more may follow elsewhere."""
    reach = context.fact(Reach)
    for call, key in context.fact(tested_routes):
        if reach.conditional(key):
            continue
        for last in reach.ending_of(key).unsure:
            context.reporter.report(
                "K0309",
                f"route[{key[1]}] ends here without `return`: what a condition tests is the code "
                f"of `{last.name}`",
                last.span,
                help="write `return 1;` or `return -1;` after it",
                notes=(Note("the condition", call.span),),
            )
