"""K0315: ``if (A) … else if (A)``."""

from __future__ import annotations

from kcc.checks.conditions import is_pure
from kcc.checks.context import Context
from kcc.checks.written import as_written
from kcc.diagnostics.model import Note
from kcc.syntax import ast


def check(context: Context) -> None:
    """Report a condition that was false already further up in its chain."""
    inner: set[int] = set()
    for node in context.nodes(ast.If):
        if id(node) in inner or _next(node) is None:
            continue
        seen: dict[ast.Expr, ast.Expr] = {}
        at: ast.If | None = node
        while at is not None:
            inner.add(id(at))
            if not is_pure(at.cond):
                seen.clear()
            else:
                first = seen.setdefault(at.cond, at.cond)
                if first is not at.cond and as_written(first) == as_written(at.cond):
                    context.reporter.report(
                        "K0315",
                        "the same condition was false before: this is never true",
                        at.cond.span,
                        notes=(Note("the first one", first.span),),
                    )
            at = _next(at)


def _next(node: ast.If) -> ast.If | None:
    """The ``if`` after ``else``."""
    if node.orelse is None or len(node.orelse.statements) != 1:
        return None
    only = node.orelse.statements[0]
    return only if isinstance(only, ast.If) else None
