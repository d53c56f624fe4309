"""K0303: a ``$var`` is written and never read."""

from __future__ import annotations

from kcc.checks.context import Context
from kcc.checks.variables import Name, Variables
from kcc.syntax import ast


def check(context: Context) -> None:
    """Report the first assignment to each variable that nothing else mentions."""
    variables = context.fact(Variables)
    used: set[Name] = {name for _, names in variables.reads for name in names}
    used.update(name for names in variables.changes.values() for name in names)
    for node in context.nodes(ast.Assign):
        if isinstance(node.target, ast.PvExpr) and node.target.spec.name == "var":
            name = variables.mentions(node.target)[0]
            if name not in used:
                used.add(name)
                context.reporter.report(
                    "K0303", f"`$var({name[1]})` is written, but nothing reads it", node.target.span
                )
