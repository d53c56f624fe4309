"""K0301: ``$var(x)`` is read before anything has written it for this message."""

from __future__ import annotations

from kcc.checks.context import Context
from kcc.checks.var_flow import UNSET, VarFlow
from kcc.checks.variables import Variables
from kcc.checks.written import earliest
from kcc.syntax import ast


def check(context: Context) -> None:
    """Report, once for each variable, a read to which no path leads that writes it."""
    values, variables = context.fact(VarFlow).values, context.fact(Variables)
    unset: dict[str, list[ast.PvExpr | ast.Str]] = {}
    for node, names in values.reads:
        for name in names if values.unset(node) else ():
            if values.first_kind(node, name) == UNSET:
                unset.setdefault(name, []).append(node)
    for name, nodes in unset.items():
        if not variables.left_out(("var", name)):
            context.reporter.report(
                "K0301",
                f"`$var({name})` is read before anything has written it: it holds what an "
                "earlier message left in this process",
                variables.place(earliest(nodes), ("var", name)),
                help="assign it first on every path to this line",
            )
