"""K0307: a loop that nothing ends."""

from __future__ import annotations

from typing import Final

from kcc.checks.context import Context
from kcc.checks.flow import RouteKey
from kcc.checks.reach import Reach
from kcc.checks.variables import Name, Variables
from kcc.syntax import ast
from runtime.declare.record import walk

_ENDS: Final = (ast.Return, ast.Exit, ast.Drop)
_PARTS: Final = (ast.Int, ast.Str, ast.Unary, ast.Binary, ast.Builtin, ast.Cast, ast.PvExpr)


def check(context: Context) -> None:
    """Report loops whose condition is constant, or reads ``$var``s that the body never writes,
    and whose body has nothing that leaves them."""
    for loop in context.nodes(ast.While):
        cond = loop.cond
        if isinstance(cond, ast.Int) and cond.value == 0:
            continue
        names = _names(context, cond)
        if names is None or _leaves(context, loop.body):
            continue
        if any(name in context.fact(Variables).written_in(loop.body) for name in names):
            continue
        if names:
            text = " and ".join(f"`$var({name})`" for _, name in sorted(names))
            message = f"endless: nothing in the loop changes {text} or leaves it"
        else:
            message = "endless: nothing leaves the loop"
        context.reporter.report(
            "K0307", message, cond.span, help="Kamailio breaks it off after `max_while_loops` (100)"
        )


def _names(context: Context, cond: ast.Expr) -> set[Name] | None:
    """The ``$var``s of a condition; None where it looks at anything else, too."""
    variables = context.fact(Variables)
    names: set[Name] = set()
    for node in walk(cond):
        if isinstance(node, ast.Node) and not isinstance(node, _PARTS):
            return None
        if isinstance(node, ast.PvExpr):
            if node.spec.name != "var" or not isinstance(node.spec.inner, str):
                return None
            mentioned = variables.mentions(node)
            if any(cls != "var" for cls, _ in mentioned) or "$" in node.text[1:].lstrip("("):
                return None
            names.update(mentioned)
    return names


def _leaves(context: Context, body: ast.Block) -> bool:
    """Whether something in the body of a loop may leave it, in a route that it calls, too."""
    reach = context.fact(Reach)
    stack: list[tuple[ast.Block, bool]] = [(body, True)]
    while stack:
        block, breaks = stack.pop()
        for node in block.statements:
            if isinstance(node, _ENDS) or (breaks and isinstance(node, ast.Break)):
                return True
            if isinstance(node, ast.If):
                stack.append((node.then, breaks))
                if node.orelse is not None:
                    stack.append((node.orelse, breaks))
            elif isinstance(node, ast.While):
                stack.append((node.body, False))
            elif isinstance(node, ast.Switch):
                stack.extend((case.body, False) for case in node.cases)
    for inner in walk(body):
        if isinstance(inner, ast.Call) and inner.core:
            key: RouteKey | None = reach.target(inner)
            if inner.name == "route" and (key is None or reach.ending_of(key).stops):
                return True
    return False
