"""K0305: ``$var(x) = "yes"; if ($var(x))``."""

from __future__ import annotations

from kcc.checks.context import Context
from kcc.checks.string_number import kind_of
from kcc.checks.var_flow import TEXT, VarFlow
from kcc.syntax import ast


def check(context: Context) -> None:
    """Report a variable as a condition that holds text for certain: only numbers are true."""
    values = context.fact(VarFlow).values
    if not values.at:
        return
    stack: list[ast.Expr] = [node.cond for node in context.nodes(ast.If)]
    stack += [node.cond for node in context.nodes(ast.While)]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Unary) and node.op == "!":
            stack.append(node.operand)
        elif isinstance(node, ast.Binary) and node.op in ("&&", "||"):
            stack += (node.left, node.right)
        elif not isinstance(node, ast.PvExpr) or node.spec.name != "var":
            continue
        elif kind_of(context, node) == TEXT:
            context.reporter.report(
                "K0305",
                f"`{node.text}` holds text here, which is false as a condition: only a number "
                "other than 0 is true",
                node.span,
                help=f'write `{node.text} != ""`, or compare it with a string',
            )
