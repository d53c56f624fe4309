"""K0316: both branches of an ``if`` are the same."""

from __future__ import annotations

from kcc.checks.context import Context
from kcc.checks.written import as_written
from kcc.syntax import ast


def check(context: Context) -> None:
    """Report an ``if`` whose outcome changes nothing. At the end of a longer chain it may be
    there for the sake of completeness."""
    chained = {
        id(node.orelse.statements[0])
        for node in context.nodes(ast.If)
        if node.orelse is not None and len(node.orelse.statements) == 1
    }
    for node in context.nodes(ast.If):
        if id(node) in chained:
            continue
        then, orelse = node.then, node.orelse
        if orelse is None or not then.statements or then != orelse:
            continue
        if as_written(then) == as_written(orelse):
            context.reporter.report(
                "K0316", "both branches do the same, whatever the condition is", node.cond.span
            )
