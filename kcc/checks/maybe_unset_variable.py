"""K0302: ``$var(x)`` is read, and some path to it does not write it."""

from __future__ import annotations

from kcc.checks.context import Context
from kcc.checks.var_flow import ANY, UNSET, VarFlow
from kcc.checks.variables import Name, Variables
from kcc.checks.written import earliest
from kcc.syntax import ast


def check(context: Context) -> None:
    """Report, once for each variable, a read to which a path leads that does not write it."""
    values = context.fact(VarFlow).values
    unset: dict[Name, list[ast.PvExpr | ast.Str]] = {}
    for node, names in values.reads:
        for name in names if values.unset(node) else ():
            kind = values.kind(node, name)
            if name[0] == "var" and kind & UNSET and kind & ANY:
                unset.setdefault(name, []).append(node)
    for name, nodes in unset.items():
        context.reporter.report(
            "K0302",
            f"`$var({name[1]})` may be read before it is written: on some path it holds what an "
            "earlier message left",
            context.fact(Variables).place(earliest(nodes), name),
            help="assign it before the paths part",
        )
