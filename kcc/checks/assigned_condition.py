"""K0224: ``if ($x = 1)``."""

from __future__ import annotations

from kcc.checks.context import Context
from kcc.syntax import ast
from runtime.declare.record import walk


def check(context: Context) -> None:
    """Report an assignment in the condition of an ``if`` or ``while``."""
    if not context.nodes(ast.AssignExpr):
        return
    conditions = [node.cond for node in context.nodes(ast.If)]
    conditions += [node.cond for node in context.nodes(ast.While)]
    for condition in conditions:
        for inner in walk(condition):
            if isinstance(inner, ast.AssignExpr):
                context.reporter.report(
                    "K0224",
                    "the condition assigns, it does not compare",
                    inner.span,
                    help="did you mean `==`?",
                )
