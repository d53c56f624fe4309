"""K0306: a condition that always comes out the same."""

from __future__ import annotations

from typing import Final

from kcc.checks.conditions import is_pure
from kcc.checks.context import Context
from kcc.syntax import ast
from runtime.declare.record import walk

_TRUE_OF_EQUALS: Final = frozenset({"==", "eq", "ieq", "<=", ">=", "=~"})
_COMPARES: Final = frozenset({"!=", "ne", "ine", "<", ">", *_TRUE_OF_EQUALS})


def check(context: Context) -> None:
    """Report conditions made of numbers, comparisons of a thing with itself, and matches of the
    empty regular expression. What a macro gives may differ elsewhere, and so may strings, which
    ``#!subst`` and installers fill in: they are left alone."""
    for node in context.nodes(ast.If):
        _constant(context, node.cond, "condition")
    for loop in context.nodes(ast.While):
        if isinstance(loop.cond, ast.Int) and loop.cond.value == 0:
            _constant(context, loop.cond, "condition")
    for switch in context.nodes(ast.Switch):
        _constant(context, switch.subject, "subject of the switch")
    for binary in context.nodes(ast.Binary):
        if binary.op not in _COMPARES:
            continue
        left, right = binary.left, binary.right
        if binary.op == "=~" and isinstance(right, ast.Str) and not right.value:
            context.reporter.report("K0306", "the empty expression matches anything", right.span)
        elif type(left) is type(right) and _varies(left) and left == right and is_pure(left):
            result = "true" if binary.op in _TRUE_OF_EQUALS else "false"
            context.reporter.report(
                "K0306", f"always {result}: both sides are the same", binary.span
            )


def _constant(context: Context, node: ast.Expr, what: str) -> None:
    if not isinstance(node, ast.Int | ast.Unary | ast.Binary | ast.Builtin | ast.Cast):
        return
    for inner in walk(node):
        if isinstance(inner, ast.Int):
            if inner.span.expansion is not None:
                return
        elif not isinstance(inner, ast.Unary | ast.Binary | ast.Builtin | ast.Cast):
            return
    context.reporter.report("K0306", f"the {what} is constant", node.span)


def _varies(node: ast.Expr) -> bool:
    return type(node) not in (ast.Int, ast.Str, ast.Word, ast.Missing)
