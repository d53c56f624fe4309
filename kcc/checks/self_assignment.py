"""K0317: ``$var(x) = $var(x)``."""

from __future__ import annotations

from typing import Final

from kcc.checks.context import Context
from kcc.syntax import ast

_STACKS: Final = frozenset({"avp", "xavp", "xavu", "xavi", "hdr", "ru", "du", "rU", "rd"})


def check(context: Context) -> None:
    """Report an assignment that changes nothing. To assign an AVP adds a value, and to assign the
    request URI makes a new branch of it, so these are left alone."""
    for node in context.nodes(ast.Assign):
        target = node.target
        if isinstance(target, ast.PvExpr) and target == node.value:
            if target.spec.name in _STACKS:
                continue
            context.reporter.report("K0317", "this assigns a variable to itself", node.span)
