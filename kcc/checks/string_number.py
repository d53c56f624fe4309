"""K0304: a string compared with a number."""

from __future__ import annotations

from typing import Final

from kcc.checks.context import Context
from kcc.checks.var_flow import NUMBER, STRING, TEXT, VarFlow
from kcc.syntax import ast
from runtime.declare.exports import PvType

_ORDER: Final = frozenset({"<", ">", "<=", ">="})


def check(context: Context) -> None:
    """Report comparisons of a string with a number, where both are certain."""
    for node in context.nodes(ast.Binary):
        if node.op in _ORDER:
            for one, other in ((node.left, node.right), (node.right, node.left)):
                if not isinstance(one, ast.PvExpr):
                    continue
                kind = kind_of(context, one)
                if kind and not kind & ~(TEXT | STRING) and kind_of(context, other) == NUMBER:
                    context.reporter.report(
                        "K0304",
                        f"`{one.text}` holds a string here, and `{node.op}` compares numbers",
                        node.span,
                        help="assign a number, without quotes",
                    )
        elif node.op in ("==", "!="):
            message = _equality(context, node)
            if message is not None:
                context.reporter.report("K0304", message, node.span)


def _equality(context: Context, node: ast.Binary) -> str | None:
    left, right = node.left, node.right
    if isinstance(left, ast.Int):
        if left.value == 0 and isinstance(right, ast.PvExpr) and _is_text(context, right):
            return f"every text that is no number equals 0: compare `{right.text}` with a string"
        return None
    if not isinstance(left, ast.PvExpr):
        return None
    result = "false" if node.op == "==" else "true"
    kinds = kind_of(context, left), kind_of(context, right)
    if kinds == (NUMBER, TEXT):
        if isinstance(right, ast.Str) and not right.value:
            return f"always {result}: `{left.text}` holds a number here, which is never empty"
        return (
            f"`{left.text}` holds a number here: the string on the right is no number and counts "
            "as 0"
        )
    if kinds == (TEXT, NUMBER):
        return f"always {result}: `{left.text}` holds a string here that is no number"
    return None


def kind_of(context: Context, node: ast.Expr) -> int:
    """What an operand is for certain; 0 where that is not known."""
    values = context.fact(VarFlow).values
    if isinstance(node, ast.PvExpr):
        spec = node.spec
        if spec.transforms:
            return 0
        if spec.name == "var":
            name = spec.inner if isinstance(spec.inner, str) else ""
            return values.kind(node, ("var", name)) if ("var", name) in values.at else 0
        return NUMBER if _type(context, node) is PvType.INT else 0
    return values.value(node, 0) if isinstance(node, ast.Int | ast.Str) else 0


def _is_text(context: Context, node: ast.PvExpr) -> bool:
    if node.spec.name == "var":
        return kind_of(context, node) == TEXT
    return not node.spec.transforms and _type(context, node) is PvType.STR


def _type(context: Context, node: ast.PvExpr) -> PvType | None:
    return context.fact(_types).get(node.spec.name)


def _types(context: Context) -> dict[str, PvType]:
    found = context.catalog.pseudo_vars(context.program.modules)
    return {name: row.type for name, (_, row) in found.items()}
