"""K0313: a case that runs on into the next one."""

from __future__ import annotations

from kcc.checks.context import Context
from kcc.checks.reach import Reach
from kcc.diagnostics.model import Note
from kcc.syntax import ast


def check(context: Context) -> None:
    """Report the last statement of a case from which the next case is reached."""
    switches = context.nodes(ast.Switch)
    if not switches:
        return
    reach = context.fact(Reach)
    for node in switches:
        for case, after in zip(node.cases, node.cases[1:], strict=False):
            if case.body.statements and reach.falls_out(case.body):
                context.reporter.report(
                    "K0313",
                    "the next case is run after this statement, too",
                    case.body.statements[-1].span,
                    help="add `break;`",
                    notes=(Note("the next case", after.span),),
                )
