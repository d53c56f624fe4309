"""K0404: nobody looks whether ``t_relay()`` worked."""

from __future__ import annotations

from kcc.checks import requests
from kcc.checks.context import Context
from kcc.checks.flow import route_name
from kcc.checks.followed import followed
from kcc.checks.paths import Place
from kcc.lower.scope import route_key
from kcc.syntax import ast
from runtime.declare.record import walk

_MATTERS = requests.SORT["request"] & ~requests.of_methods(["ACK", "CANCEL"])


def check(context: Context) -> None:
    """Report calls as statements, where neither the next statement nor, at the end of a route,
    its caller looks at the return code. ACK and CANCEL do not count."""
    found = context.fact(followed)
    for event, mask in found.relayed.items():
        call = found.replies.calls[event.call]
        if not call.name.startswith("t_relay") or not mask & _MATTERS:
            continue
        place = found.plan.places[event.call]
        if isinstance(place.statement, ast.CallStmt) and not _looked_at(context, place):
            context.reporter.report(
                "K0404",
                f"nothing looks whether `{call.name}` worked",
                call.span,
                help=f"if (!{call.name}(…)) {{ sl_reply_error(); }}",
            )


def _looked_at(context: Context, place: Place) -> bool:
    statements = place.block.statements
    at = next(n for n, statement in enumerate(statements) if statement is place.statement)
    if at + 1 < len(statements):
        return _reads_code(statements[at + 1])
    route = place.route
    return place.block is route.body and route_key(route) in context.fact(_asked)


def _asked(context: Context) -> set[tuple[str, str]]:
    """The routes whose code a caller looks at."""
    found: set[tuple[str, str]] = set()
    asked: list[object] = [node.cond for node in context.nodes(ast.If)]
    asked += [node.value for node in context.nodes(ast.Assign)]
    asked += [node.value for node in context.nodes(ast.Return)]
    for block in context.nodes(ast.Block):
        for before, after in zip(block.statements, block.statements[1:], strict=False):
            if isinstance(before, ast.CallStmt) and before.call.core and _reads_code(after):
                asked.append(before.call)
    for node in walk(tuple(asked)):
        if isinstance(node, ast.Call) and node.core and node.name == "route":
            name = route_name(node)
            if name is not None:
                found.add(("route", name))
    return found


def _reads_code(statement: ast.Statement) -> bool:
    """Whether a statement begins with reading ``$rc``."""
    first: ast.Expr | None = None
    if isinstance(statement, ast.If | ast.While):
        first = statement.cond
    elif isinstance(statement, ast.Switch):
        first = statement.subject
    elif isinstance(statement, ast.Assign | ast.Return):
        first = statement.value
    elif isinstance(statement, ast.CallStmt):
        return any(
            isinstance(arg, ast.Str) and (b"$rc" in arg.value or b"$retcode" in arg.value)
            for arg in statement.call.args
        )
    return any(
        isinstance(node, ast.PvExpr) and node.spec.name in ("rc", "retcode") for node in walk(first)
    )
