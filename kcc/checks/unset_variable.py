"""K0301: a variable is read before anything has written it for this message."""

from __future__ import annotations

from kcc.checks.context import Context
from kcc.checks.var_flow import UNSET, VarFlow
from kcc.checks.variables import Name, Variables
from kcc.checks.written import earliest
from kcc.syntax import ast

_HOLDS = {
    "var": "it holds what an earlier message left in this process",
    "avp": "it has no value here",
    "xavp": "it has no value here",
}


def check(context: Context) -> None:
    """Report, once for each variable, a read to which no path leads that writes it. Whether an AVP
    has a value may be asked."""
    values, variables = context.fact(VarFlow).values, context.fact(Variables)
    asked = _asked(context)
    unset: dict[Name, list[ast.PvExpr | ast.Str]] = {}
    for node, names in values.reads:
        for name in names if values.unset(node) else ():
            if name[0] != "var" and id(node) in asked:
                continue
            if values.first_kind(node, name) == UNSET:
                unset.setdefault(name, []).append(node)
    for name, nodes in unset.items():
        if not variables.left_out(name):
            shown = f"${name[0]}({name[1]})"
            context.reporter.report(
                "K0301",
                f"`{shown}` is read before anything has written it: {_HOLDS[name[0]]}",
                variables.place(earliest(nodes), name),
                help="assign it first on every path to this line",
            )


def _asked(context: Context) -> set[int]:
    """What is compared with ``$null`` or the empty string, asked to be defined, or a condition."""
    found: set[int] = {id(node.cond) for node in context.nodes(ast.If)}
    found.update(id(node.operand) for node in context.nodes(ast.Unary))
    for node in context.nodes(ast.Binary):
        right = node.right
        null = isinstance(right, ast.PvExpr) and right.spec.name == "null"
        if null or (isinstance(right, ast.Str) and not right.value):
            found.add(id(node.left))
        elif node.op in ("&&", "||"):
            found.update((id(node.left), id(right)))
    for asked in context.nodes(ast.Builtin):
        found.update(id(arg) for arg in asked.args)
    return found
