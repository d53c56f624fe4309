"""Which statements are reached, and how routes end. Every route is looked at as if it ran."""

from __future__ import annotations

from typing import Final

from kcc.checks.context import Context
from kcc.checks.flow import Branches, Flow, Outcome, RouteKey, route_name
from kcc.checks.written import conditional
from kcc.syntax import ast
from runtime.declare.record import Record, walk

ALWAYS_TRUE: Final = frozenset(
    {"xlog", "xdbg", "xinfo", "xnotice", "xwarn", "xerr", "xcrit", "xalert", "xbug", "xlogl"}
)
_GIVES_TRUTH: Final = frozenset(
    {"||", "&&", "==", "!=", "=~", "eq", "ne", "ieq", "ine", "<", ">", "<=", ">="}
)


_PLAIN: Final = frozenset({ast.Int, ast.Str, ast.PvExpr})
_BOTH: Final = Branches(True, True)


class _Anything:
    """Knows nothing: every condition may come out either way."""

    def join(self, first: bool, second: bool) -> bool:
        return True

    def read(self, node: ast.Expr, state: bool) -> bool:
        return True

    def call(self, node: ast.Call, state: bool) -> Branches[bool]:
        return Branches(True, True)

    def assign(self, node: ast.Assign, state: bool) -> bool:
        return True

    def assume(self, cond: ast.Expr, truth: bool, state: bool) -> bool | None:
        return True

    def leave(self, node: ast.Statement | ast.Route, state: bool) -> None:
        pass


class Reach(Flow[bool]):
    """``reached`` holds the ``id`` of statements that may run, ``ending`` of those after which
    the next one does not; ``calls`` are those of routes with constant names. A fact of the
    context."""

    def __init__(self, context: Context) -> None:
        super().__init__(context.routes(), _Anything())
        self.reached: Final[set[int]] = set()
        self.ending: Final[set[int]] = set()
        self.calls: Final[dict[RouteKey, list[tuple[RouteKey, ast.Call]]]] = {}
        self._endings: Final[dict[RouteKey, Ending]] = {}
        self._stack: Final[list[RouteKey]] = []
        for key in self._routes:
            self._route(key, True)

    def _route(self, key: RouteKey, state: bool) -> Branches[bool]:
        self._stack.append(key)
        self.calls.setdefault(key, [])
        found = Branches(True, True) if key in self._running else super()._route(key, state)
        self._stack.pop()
        return found

    def _condition(self, node: ast.Expr, state: bool) -> Branches[bool]:
        if isinstance(node, ast.Binary) and self._called is None:
            plain = type(node.left) in _PLAIN and type(node.right) in _PLAIN
            return _BOTH if plain else super()._condition(node, state)
        return super()._condition(node, state)

    def _value(self, node: ast.Expr, state: bool) -> bool | None:
        return True if type(node) in _PLAIN else super()._value(node, state)

    def _call(self, node: ast.Call, state: bool) -> Branches[bool]:
        target = self.target(node)
        if target is not None:
            self.calls[self._stack[-1]].append((target, node))
        return super()._call(node, state)

    def _statement(self, node: ast.Statement, state: bool) -> Outcome[bool]:
        out = super()._statement(node, state)
        self.reached.add(id(node))
        if out.next is None:
            self.ending.add(id(node))
        return out

    def blocks(self, key: RouteKey) -> list[ast.Block]:
        """The blocks of a route."""
        return [route.body for route in self._routes[key]]

    def conditional(self, key: RouteKey) -> bool:
        """Whether what a route does depends on what names are defined."""
        spans = [block.span.outer() for block in self.blocks(key)]
        return any(conditional(span.file.text, span.start, span.end) for span in spans)

    def falls_out(self, block: ast.Block) -> bool:
        """Whether the end of a block that is reached is reached, too."""
        statements = block.statements
        return not statements or (
            id(statements[-1]) in self.reached and id(statements[-1]) not in self.ending
        )

    def target(self, node: ast.Call) -> RouteKey | None:
        """The route that ``route(NAME)`` runs; None where that is not known."""
        if not node.core or node.name != "route":
            return None
        name = route_name(node)
        key = ("request", "") if name == "0" else ("route", name or "")
        return None if name is None or key not in self._routes else key

    def ending_of(self, key: RouteKey) -> Ending:
        """How a route gives its code."""
        found = self._endings.get(key)
        if found is None:
            self._endings[key] = _RECURSIVE
            found = self._endings[key] = self._ending(key)
        return found

    def _ending(self, key: RouteKey) -> Ending:
        ending = Ending()
        for route in self._routes[key]:
            for node in walk(route.body):
                if id(node) in self.reached:
                    if isinstance(node, ast.Return):
                        ending |= _returned(node.value)
                    elif isinstance(node, ast.Exit | ast.Drop):
                        ending |= Ending(stops=True)
                elif isinstance(node, ast.Call):
                    target = self.target(node)
                    if target is not None and self.ending_of(target).stops:
                        ending |= Ending(stops=True)
        return ending | self._last(self._routes[key][-1].body)

    def _last(self, block: ast.Block) -> Ending:
        """The code of a block whose end is reached: that of its last action."""
        if not block.statements:
            return Ending(yes=True)
        node = block.statements[-1]
        if id(node) not in self.reached:
            return Ending()
        if isinstance(node, ast.Assign):
            return Ending(yes=True)
        if isinstance(node, ast.Break):
            return Ending(no=True)
        if isinstance(node, ast.CallStmt):
            return self._code(node.call)
        if isinstance(node, ast.If):
            orelse = Ending(yes=True) if node.orelse is None else self._last(node.orelse)
            return self._last(node.then) | orelse
        if isinstance(node, ast.While):
            return self._last(node.body) | Ending(yes=True)
        if isinstance(node, ast.Switch):
            ending = Ending(yes=True)
            for case in node.cases:
                ending |= self._last(case.body)
            return ending
        return Ending()

    def _code(self, call: ast.Call) -> Ending:
        target = self.target(call)
        if target is not None:
            return self.ending_of(target)
        if call.core and call.name != "route":
            return Ending(yes=True)
        if call.name in ALWAYS_TRUE:
            return Ending(yes=True)
        return Ending(yes=True, no=True, unsure=(call,))


class Ending(Record):
    """The codes that a route may give: above 0, below; ``stops`` where it may end the script,
    ``zero`` where it does so by returning 0.
    ``unsure`` are the calls whose own code it is, since no ``return`` stands behind them."""

    yes: bool = False
    no: bool = False
    stops: bool = False
    zero: bool = False
    unsure: tuple[ast.Call, ...] = ()

    def __or__(self, other: Ending) -> Ending:
        return Ending(
            self.yes or other.yes,
            self.no or other.no,
            self.stops or other.stops,
            self.zero or other.zero,
            self.unsure + tuple(call for call in other.unsure if call not in self.unsure),
        )


_RECURSIVE: Final = Ending(yes=True, no=True, stops=True)


def is_truth(node: ast.Expr | None) -> bool:
    """Whether a value is 0 or 1: what a test comes out as."""
    if isinstance(node, ast.Binary):
        return node.op in _GIVES_TRUTH
    if isinstance(node, ast.Unary):
        return node.op == "!"
    if isinstance(node, ast.Builtin):
        return node.name in ("defined", "strempty")
    return isinstance(node, ast.Call)


def _returned(value: ast.Expr | None) -> Ending:
    if value is None:
        return Ending(yes=True)
    if isinstance(value, ast.Int):
        zero = value.value == 0
        return Ending(yes=value.value > 0, no=value.value < 0, stops=zero, zero=zero)
    if is_truth(value):
        return Ending(yes=True, stops=True, zero=True)
    return Ending(yes=True, no=True, stops=True)
