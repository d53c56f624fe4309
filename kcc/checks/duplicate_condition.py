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
        if id(node) not in inner:
            chain = [node]
            while (following := _next(chain[-1])) is not None:
                chain.append(following)
            if len(chain) > 1:
                inner.update(id(each) for each in chain)
                _chain(context, [each.cond for each in chain])


def _chain(context: Context, conditions: list[ast.Expr]) -> None:
    seen: dict[str, int] = {}
    for at, cond in enumerate(conditions):
        first = seen.setdefault(as_written(cond), at)
        if first == at or conditions[first] != cond:
            continue
        if all(is_pure(each) for each in conditions[first : at + 1]):
            context.reporter.report(
                "K0315",
                "the same condition was false before: this is never true",
                cond.span,
                notes=(Note("the first one", conditions[first].span),),
            )


def _next(node: ast.If) -> ast.If | None:
    """The ``if`` after ``else``."""
    if node.orelse is None or len(node.orelse.statements) != 1:
        return None
    only = node.orelse.statements[0]
    return only if isinstance(only, ast.If) else None
