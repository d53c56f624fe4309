"""Facts about conditions that several checks need."""

from __future__ import annotations

from typing import Final

from kcc.checks.context import Context
from kcc.checks.flow import RouteKey
from kcc.checks.reach import Reach
from kcc.syntax import ast
from runtime.declare.record import walk

_PURE: Final = frozenset(
    {
        "has_body", "has_totag", "is_direction", "is_first_hop", "is_method",
        "is_myself", "is_present_hf", "is_reply", "is_request", "isbflagset", "isdsturiset",
        "isflagset", "issflagset", "nat_uac_test", "search", "search_body", "search_hf",
        "starts_with", "strempty", "t_is_set", "t_is_canceled", "t_is_expired",
        "t_is_branch_route", "t_is_failure_route", "t_any_replied", "t_any_timeout",
        "t_branch_replied", "t_branch_timeout", "t_check_status", "uri_param", "is_in_profile",
        "allow_source_address", "allow_address", "is_audio_on_hold", "is_privacy",
    }
)  # fmt: skip


def tested_routes(context: Context) -> list[tuple[ast.Call, RouteKey]]:
    """The calls of routes whose outcome is looked at as true or false."""
    reach = context.fact(Reach)
    called = {id(node.call) for node in context.nodes(ast.CallStmt)}
    called.update(id(node.value) for node in context.nodes(ast.Assign))
    for binary in context.nodes(ast.Binary):
        if binary.op not in ("&&", "||"):
            called.update((id(binary.left), id(binary.right)))
    found = []
    for node in context.nodes(ast.Call):
        if node.core and node.name == "route" and id(node) not in called:
            key = reach.target(node)
            if key is not None:
                found.append((node, key))
    return found


def is_pure(node: ast.Expr) -> bool:
    """Whether evaluating an expression twice gives the same, and changes nothing."""
    return all(
        (
            inner.name in _PURE
            if isinstance(inner, ast.Call)
            else not isinstance(inner, ast.BlockExpr | ast.AssignExpr)
        )
        for inner in walk(node)
    )
