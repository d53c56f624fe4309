"""K0226: a variable is read and nothing ever writes it."""

from __future__ import annotations

from kcc.checks.context import Context
from kcc.checks.variables import Name, Variables
from kcc.checks.written import earliest
from kcc.syntax import ast


def check(context: Context) -> None:
    """Report each variable once, where it is first read. A variable that a module may write,
    through an argument or a parameter, counts as written."""
    variables = context.fact(Variables)
    read: dict[Name, list[ast.PvExpr | ast.Str]] = {}
    for node, names in variables.reads:
        for name in names:
            if name not in variables.written:
                read.setdefault(name, []).append(node)
    for name, nodes in read.items():
        if not variables.may_be_written(name):
            context.reporter.report(
                "K0226",
                f"`${name[0]}({name[1]})` is read, but nothing writes it",
                variables.place(earliest(nodes), name),
                help=_near(name, variables),
            )


def _near(name: Name, variables: Variables) -> str | None:
    from kcc.catalog.catalog import suggest

    near = suggest(name[1], (other for cls, other in variables.written if cls == name[0]))
    return f"did you mean `${name[0]}({near})`?" if near else None
