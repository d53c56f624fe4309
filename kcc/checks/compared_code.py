"""K0225: ``route(X) == -2``."""

from __future__ import annotations

from kcc.checks.context import Context
from kcc.syntax import ast

_OPERATORS = {"==", "!=", "<", ">", "<=", ">=", "eq", "ne"}


def check(context: Context) -> None:
    """Report a comparison of a call with a number that a truth value never has."""
    for node in context.nodes(ast.Binary):
        if node.op not in _OPERATORS:
            continue
        left, right = node.left, node.right
        if isinstance(left, ast.Int):
            left, right = right, left
        if isinstance(left, ast.Call) and isinstance(right, ast.Int):
            if right.value in (0, 1) and node.op in ("==", "!="):
                continue
            context.reporter.report(
                "K0225",
                f"a call is 1 (true) or 0 (false) here: comparing it with {right.value} "
                "does not look at its return code",
                node.span,
                help="call it first, then compare `$rc`",
            )
