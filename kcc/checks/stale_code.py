"""K0308: ``$rc`` read when another call has set it since."""

from __future__ import annotations

import re
from typing import Final

from kcc.checks.context import Context
from kcc.checks.flow import Branches, Flow
from kcc.checks.reach import ALWAYS_TRUE
from kcc.diagnostics.model import Note
from kcc.lower.scope import route_key
from kcc.syntax import ast

State = frozenset[int]
"""The ``id``s of the calls that may have set ``$rc`` last; empty where nothing is known."""

_UNKNOWN: Final[State] = frozenset()
_NAMES: Final = frozenset({"rc", "retcode", "?"})
_IN_TEXT: Final = re.compile(rb"(?<!\$)\$(rc|retcode)(?![A-Za-z0-9_])")


class _Codes:
    """Collects the reads of ``$rc`` after calls that always give 1."""

    def __init__(self) -> None:
        self.calls: Final[dict[int, ast.Call]] = {}
        self.found: Final[dict[int, tuple[ast.Expr, set[int]]]] = {}
        self.fine: Final[set[int]] = set()

    def join(self, first: State, second: State) -> State:
        return first | second if first and second else _UNKNOWN

    def read(self, node: ast.Expr, state: State) -> State:
        if isinstance(node, ast.PvExpr):
            reads = node.spec.name in _NAMES
        else:
            reads = isinstance(node, ast.Str) and _IN_TEXT.search(node.value) is not None
        if reads:
            if state and all(self.calls[call].name in ALWAYS_TRUE for call in state):
                self.found.setdefault(id(node), (node, set()))[1].update(state)
            else:
                self.fine.add(id(node))
        return state

    def call(self, node: ast.Call, state: State) -> Branches[State]:
        if not node.core or node.name == "route":
            self.calls[id(node)] = node
            state = frozenset((id(node),))
        return Branches(state, state)

    def assign(self, node: ast.Assign, state: State) -> State:
        return state

    def assume(self, cond: ast.Expr, truth: bool, state: State) -> State:
        return state

    def leave(self, node: ast.Statement | ast.Route, state: State) -> None:
        pass


class _InRoute(Flow[State]):
    """Follows each route by itself: a call of another one sets ``$rc``, no more is asked."""

    def _call(self, node: ast.Call, state: State) -> Branches[State]:
        return self._analysis.call(node, state) if _is_route(node) else super()._call(node, state)


def check(context: Context) -> None:
    """Report each read of ``$rc`` where, on every path, a call that always gives 1 set it."""
    if not _mentions(context):
        return
    codes = _Codes()
    flow = _InRoute(context.routes(), codes)
    for key in {route_key(route): None for route in context.routes()}:
        flow.enter(key, _UNKNOWN)
    for node, setters in codes.found.values():
        if id(node) in codes.fine:
            continue
        last = codes.calls[min(setters, key=lambda call: codes.calls[call].span.start)]
        context.reporter.report(
            "K0308",
            f"`$rc` is the code of `{last.name}` here, which is always 1",
            node.span,
            help="keep the code right after the call: `$var(rc) = $rc;`",
            notes=(Note("set here", last.span),),
        )


def _is_route(node: ast.Call) -> bool:
    return node.core and node.name == "route"


def _mentions(context: Context) -> bool:
    return any(node.spec.name in _NAMES for node in context.nodes(ast.PvExpr)) or any(
        _IN_TEXT.search(node.value) for node in context.nodes(ast.Str)
    )
