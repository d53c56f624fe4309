"""K0314: two cases with the same label."""

from __future__ import annotations

from kcc.checks.context import Context
from kcc.checks.written import as_written
from kcc.diagnostics.model import Note
from kcc.syntax import ast


def check(context: Context) -> None:
    """Report a label that an earlier case of the switch has."""
    for node in context.nodes(ast.Switch):
        seen: dict[tuple[str, ast.Expr], ast.Expr] = {}
        for case in node.cases:
            if case.value is None:
                continue
            first = seen.setdefault((case.kind, case.value), case.value)
            if first is not case.value and as_written(first) == as_written(case.value):
                context.reporter.report(
                    "K0314",
                    "an earlier case has this label: this one is never chosen",
                    case.value.span,
                    notes=(Note("the first one", first.span),),
                )
