"""K0224: ``if ($x = 1)``."""

from __future__ import annotations

from kcc.checks.context import Context, walk
from kcc.syntax import ast


def check(context: Context) -> None:
    """Report an assignment in the condition of an ``if`` or ``while``."""
    for route in context.routes():
        for node in walk(route.body):
            if isinstance(node, ast.If | ast.While):
                for inner in walk(node.cond):
                    if isinstance(inner, ast.AssignExpr):
                        context.reporter.report(
                            "K0224",
                            "the condition assigns, it does not compare",
                            inner.span,
                            help="did you mean `==`?",
                        )
