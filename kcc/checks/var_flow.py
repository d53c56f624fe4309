"""What ``$var``s may hold where they are read, along every path."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Final

from kcc.checks.context import Context, by_route
from kcc.checks.flow import MAX_DEPTH, Branches, Flow, Outcome, RouteKey, route_name
from kcc.checks.reach import Reach
from kcc.checks.variables import Name, Variables
from kcc.lower.scope import route_key
from kcc.syntax import ast

UNSET: Final = 1
"""Not written since the message came: whatever an earlier message left."""
NUMBER: Final = 2
TEXT: Final = 4
"""A constant string that is no number."""
STRING: Final = 8
"""Another string."""
ANY: Final = NUMBER | TEXT | STRING
_BITS: Final = 4
_MAX_STATES: Final = 4  # from how many states a route is followed one by one
_DIGITS: Final = re.compile(rb"[+-]?[0-9]+|0[xX][0-9a-fA-F]+")
_NUMERIC: Final = frozenset({"-", "*", "/", "mod", "|", "&", "^", "<<", ">>"})


class VarFlow(Flow[int]):
    """A fact of the context. What routes write that run before the messages, or while another
    route calls a function, counts as written everywhere.

    A state has four bits for each variable, and one on top that says
    that a loop is run again. ``first`` and ``seen`` are what nodes found, by their ``id``: on the
    first round of loops, and on any."""

    def __init__(self, context: Context) -> None:
        analysis = _Values(context)
        super().__init__(context.routes(), analysis)
        self.values: Final = analysis
        self._concerns: Final = analysis.concerns(context) if analysis.at else {}
        self._run(context)

    def _run(self, context: Context) -> None:
        values = self.values
        if not values.at or any(isinstance(i, ast.CfgEngine) for i in context.file.items):
            return
        keys = {route_key(route): None for route in context.routes()}
        unknown = values.every(ANY)
        inside: set[Name] = set()
        for route in context.routes():
            if route.kind in ("event_route", "branch_route", "onsend_route"):
                inside |= context.fact(Variables).written_in(route.body)
        fresh = values.every(UNSET) ^ values.mask(inside, UNSET) | values.mask(inside, ANY)
        kept = [name for name in values.at if name[0] != "var"]
        later = fresh & ~values.mask(kept, UNSET) | values.mask(kept, ANY)
        for key in keys:
            if key[0] == "request":
                self.enter(key, fresh)
            elif key[0] in ("reply", "onreply", "failure", "branch_failure"):
                self.enter(key, later)
            elif key[0] != "route":
                self.enter(key, unknown)
        direct = {key for calls in context.fact(Reach).calls.values() for key, _ in calls}
        for key in keys:
            if key[0] == "route" and (key not in direct or values.computed):
                self.enter(key, unknown)

    def _route(self, key: RouteKey, state: int) -> Branches[int]:
        """What a route neither reads nor writes passes by it, and is no reason to follow it
        again."""
        values = self.values
        if key in self._running or len(self._running) >= MAX_DEPTH:
            state |= values.every(ANY)
            return Branches(state, state)
        mine = self._concerns.get(key, 0) | values.later
        passing = state & ~mine
        inside = state & mine
        done = self._done.get(key, {})
        if inside not in done and len(done) >= _MAX_STATES:
            inside = self._widened(inside, done, mine)
        yes, no = super()._route(key, inside)
        return Branches(
            None if yes is None else yes | passing, None if no is None else no | passing
        )

    def _widened(self, state: int, others: Collection[int], mine: int) -> int:
        """The states together; what differs in them may be anything, and so may all after a few
        more rounds of this."""
        joined = common = state
        for other in others:
            joined |= other
            common &= other
        differs = joined ^ common
        units = self.values.every(UNSET)
        first = (differs | differs >> 1 | differs >> 2 | differs >> 3) & units
        if len(others) >= 2 * _MAX_STATES:
            return joined | (self.values.every(UNSET) | self.values.every(ANY)) & mine
        return joined | first * ANY

    def _again(self, state: int) -> int:
        return state | self.values.later

    def _while(self, node: ast.While, state: int) -> Outcome[int]:
        out = super()._while(node, state)
        later = self.values.later
        kept = [None if s is None else (s & ~later) | (state & later) for s in out]
        return Outcome(*kept)


class _Values:
    """The analysis."""

    def __init__(self, context: Context) -> None:
        variables = context.fact(Variables)
        names = sorted(
            name
            for name in variables.written
            if name[1] != "*"
            and (name[0] == "var" or (name[0] in ("avp", "xavp") and not variables.outside(name)))
        )
        self.at: Final = {name: at * _BITS for at, name in enumerate(names)}
        self.later: Final = 1 << (len(names) * _BITS)
        self._every: Final = {
            kind: sum(kind << at for at in self.at.values()) for kind in (UNSET, ANY)
        }
        self.first: Final[dict[int, int]] = {}
        self.seen: Final[dict[int, int]] = {}
        self.reads: Final[list[tuple[ast.PvExpr | ast.Str, list[Name]]]] = []
        self._masks: Final[dict[int, int]] = {}
        for node, found in variables.reads:
            mine = [name for name in found if name in self.at]
            if mine:
                self.reads.append((node, mine))
                self._masks[id(node)] = self.mask(mine, UNSET | ANY)
        self._changes: Final = {
            call: [name for name in found if name in self.at]
            for call, found in variables.changes.items()
        }
        self._opaque: Final = variables.opaque
        self._routes: Final = {
            route.name.encode("latin-1")
            for route in context.routes()
            if route.kind == "route" and route.name is not None
        }
        self._variables: Final = variables
        self.computed: Final = any(
            node.core
            and node.name == "route"
            and not isinstance(node.args[0], ast.Word | ast.Int | ast.Str)
            for node in context.nodes(ast.Call)
            if node.args
        )

    def concerns(self, context: Context) -> dict[RouteKey, int]:
        """The variables that a route reads or writes, and the routes that it calls."""
        found: dict[RouteKey, int] = {}
        for route, nodes in context.fact(by_route):
            mask = found.get(route_key(route), 0)
            for kind in (ast.PvExpr, ast.Str):
                for node in nodes.get(kind, ()):
                    mask |= self._masks.get(id(node), 0)
            for node in nodes.get(ast.Assign, ()):
                if isinstance(node, ast.Assign) and isinstance(node.target, ast.PvExpr):
                    names = self._variables.mentions(node.target)[:1]
                    mask |= self.mask(names, UNSET | ANY)
            for call in nodes.get(ast.Call, ()):
                if id(call) in self._changes:
                    mask |= self.mask(self._changes[id(call)], UNSET | ANY)
                elif isinstance(call, ast.Call) and self._writes_any(call):
                    mask |= self.every(UNSET) | self.every(ANY)
            found[route_key(route)] = mask
        callers: dict[RouteKey, set[RouteKey]] = {}
        for key, calls in context.fact(Reach).calls.items():
            for target, _ in calls:
                callers.setdefault(target, set()).add(key)
        stack = list(found)
        while stack:
            key = stack.pop()
            for caller in callers.get(key, ()):
                mask = found.get(caller, 0)
                if found[key] & ~mask:
                    found[caller] = mask | found[key]
                    stack.append(caller)
        return found

    def every(self, kind: int) -> int:
        """The state in which all variables are of this kind."""
        return self._every[kind]

    def kind(self, node: ast.Expr, name: Name) -> int:
        """What a variable may be where a node reads it; 0 where that is not reached."""
        return self.first_kind(node, name) | (
            self.seen.get(id(node), 0) >> self.at[name] & (UNSET | ANY)
        )

    def unset(self, node: ast.Expr) -> bool:
        """Whether a node reads anything that may be unset."""
        found = self.first.get(id(node), 0) | self.seen.get(id(node), 0)
        return found & self._every[UNSET] != 0

    def first_kind(self, node: ast.Expr, name: Name) -> int:
        """The same, but for a node in a loop only as it is reached from before the loop."""
        return self.first.get(id(node), 0) >> self.at[name] & (UNSET | ANY)

    def mask(self, names: Iterable[Name], kind: int) -> int:
        """These variables in a state."""
        mask = 0
        for name in names:
            if name in self.at:
                mask |= kind << self.at[name]
        return mask

    def join(self, first: int, second: int) -> int:
        return first | second

    def read(self, node: ast.Expr, state: int) -> int:
        mask = self._masks.get(id(node))
        if mask is not None:
            found = self.seen if state & self.later else self.first
            found[id(node)] = found.get(id(node), 0) | (state & mask)
        return state

    def call(self, node: ast.Call, state: int) -> Branches[int]:
        changed = self._changes.get(id(node))
        if changed:
            state = state & ~self.mask(changed, UNSET) | self.mask(changed, ANY)
        elif id(node) in self._opaque or self._runs_route(node):
            state = state & ~self._every[UNSET] | self._every[ANY]
        return Branches(state, state)

    def _writes_any(self, node: ast.Call) -> bool:
        """Whether a call may write whatever there is."""
        if node.core:
            return node.name == "route" and route_name(node) is None
        return id(node) in self._opaque or self._runs_route(node)

    def _runs_route(self, node: ast.Call) -> bool:
        """Whether a call may run a route whose name it is given, or computes."""
        if node.core:
            return node.name == "route"
        return any(isinstance(arg, ast.Str) and arg.value in self._routes for arg in node.args)

    def assign(self, node: ast.Assign, state: int) -> int:
        target = node.target
        names = self._variables.mentions(target) if isinstance(target, ast.PvExpr) else ()
        at = self.at.get(names[0]) if names else None
        if at is None:
            return state
        return state & ~((UNSET | ANY) << at) | self.value(node.value, state) << at

    def value(self, node: ast.Expr, state: int) -> int:
        """What an expression gives."""
        if isinstance(node, ast.Int | ast.Unary | ast.Call | ast.BlockExpr | ast.AssignExpr):
            return NUMBER
        if isinstance(node, ast.Str):
            return STRING if _DIGITS.fullmatch(node.value) else TEXT
        if isinstance(node, ast.PvExpr):
            return self._variable(node, state)
        if isinstance(node, ast.Binary):
            if node.op != "+":
                return NUMBER
            left = self.value(node.left, state)
            return NUMBER if left == NUMBER else (ANY if left & NUMBER else STRING)
        if isinstance(node, ast.Cast):
            return NUMBER if node.to == "int" else STRING
        if isinstance(node, ast.Builtin):
            return ANY if node.name == "selval" else NUMBER
        return STRING | TEXT if isinstance(node, ast.Select) else ANY

    def _variable(self, node: ast.PvExpr, state: int) -> int:
        spec = node.spec
        if spec.name == "null":
            return NUMBER
        if spec.name != "var" or spec.transforms or not isinstance(spec.inner, str):
            return ANY
        at = self.at.get(("var", spec.inner))
        found = ANY if at is None else state >> at & (UNSET | ANY)
        return ANY if found & UNSET else found

    def assume(self, cond: ast.Expr, truth: bool, state: int) -> int | None:
        if isinstance(cond, ast.Int):
            return state if (cond.value > 0) is truth else None
        return state

    def leave(self, node: ast.Statement | ast.Route, state: int) -> None:
        pass
