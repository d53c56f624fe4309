"""What holds where: runs a check's analysis over the routes, along every path.

The language has no jumps, so the syntax tree itself is followed: each statement takes a state and
gives one for each way of leaving it. A call of a route runs the route with the state at the call.
A state is hashable and never changed; None is the state of a place that is not reached.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import Any, Final, Generic, NamedTuple, Protocol, TypeVar

from kcc.lower.scope import route_key
from kcc.source.text import to_name
from kcc.syntax import ast

S = TypeVar("S")
_MAX_ENTRIES: Final = 12
_MAX_ROUNDS: Final = 8
MAX_DEPTH: Final = 100  # routes in each other, as at run time (``ROUTE_MAX_REC_LEV``)
_LEAVES: Final = frozenset({
    ast.PvExpr, ast.Str, ast.Select, ast.Attr, ast.Legacy, ast.Word, ast.Int,
})  # fmt: skip

_COMPARISONS: Final = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, ">": operator.gt, "<=": operator.le,
    ">=": operator.ge,
}  # fmt: skip

RouteKey = tuple[str, str]


class Branches(NamedTuple, Generic[S]):
    """The states after an expression, where it is true and where it is false."""

    yes: S | None
    no: S | None


class Analysis(Protocol[S]):
    """What a check knows of the language. Each method takes the state before it."""

    def join(self, first: S, second: S, /) -> S:
        """The state where two paths meet."""

    def read(self, node: ast.Expr, state: S, /) -> S:
        """An operand is evaluated: a variable, a constant, a select."""

    def call(self, node: ast.Call, state: S, /) -> Branches[S]:
        """A function (not a route) is called; its arguments have been read."""

    def assign(self, node: ast.Assign, state: S, /) -> S:
        """A value is assigned; it has been read."""

    def assume(self, cond: ast.Expr, truth: bool, state: S, /) -> S | None:
        """A condition without `&&`, `||`, `!` and calls came out ``truth``; None: it cannot."""

    def leave(self, node: ast.Statement | ast.Route, state: S, /) -> None:
        """The script ends here: ``exit``, ``drop``, ``return 0``, or the end of an entry route."""


class Outcome(NamedTuple, Generic[S]):
    """The states in which statements are left: at their end, by ``break``, by ``return``."""

    next: S | None
    broke: S | None = None
    yes: S | None = None
    no: S | None = None


_RC: Final[frozenset[tuple[str, object]]] = frozenset({("rc", None), ("retcode", None)})


class _Called(NamedTuple, Generic[S]):
    """The states after the last call, and the variables that hold its code."""

    ends: Branches[S]
    names: frozenset[tuple[str, object]]

    def speaks(self, node: ast.PvExpr) -> bool:
        """Whether a variable holds the code."""
        return not node.spec.transforms and (node.spec.name, node.spec.inner) in self.names


class Flow(Generic[S]):
    """One run of one analysis over one configuration."""

    def __init__(self, routes: Iterable[ast.Route], analysis: Analysis[S]) -> None:
        self._analysis: Final = analysis
        self._routes: Final[dict[RouteKey, list[ast.Route]]] = {}
        for route in routes:
            self._routes.setdefault(route_key(route), []).append(route)
        self._done: Final[dict[RouteKey, dict[S, Branches[S]]]] = {}
        self._running: Final[set[RouteKey]] = set()
        self._called: _Called[S] | None = None
        self.called: Final[set[RouteKey]] = set()

    def enter(self, key: RouteKey, state: S) -> S | None:
        """Run a route as the server does, from ``state``; gives the state at its end."""
        end = self._join(*self._route(key, state))
        if end is not None:
            self._analysis.leave(self._routes[key][-1], end)
        return end

    # --- routes ------------------------------------------------------------------------------

    def _route(self, key: RouteKey, state: S) -> Branches[S]:
        self.called.add(key)
        done = self._done.setdefault(key, {})
        if state in done:
            return done[state]
        if key in self._running:
            return Branches(None, None)
        if len(self._running) >= MAX_DEPTH:
            return Branches(state, state)
        if len(done) >= _MAX_ENTRIES:
            for other in tuple(done):
                state = self._analysis.join(state, other)
            if state in done:
                return done[state]
        self._running.add(key)
        done[state] = self._body(key, state)
        self._running.discard(key)
        return done[state]

    def _body(self, key: RouteKey, state: S) -> Branches[S]:
        """The states in which a route returns true and false: by ``return``, or with the code of
        the call that is its last statement."""
        yes = no = None
        at: S | None = state
        for route in self._routes[key]:
            if at is None:
                break
            self._called = None
            out = self._block(route.body, at)
            yes, no = self._join(yes, out.yes), self._join(no, out.no)
            at = self._join(out.next, out.broke)
        last = Branches(at, at)
        if at is not None and self._called is not None and _ends_in_call(route.body):
            last = self._called.ends
        self._called = None
        return Branches(self._join(yes, last.yes), self._join(no, last.no))

    def _join(self, first: S | None, second: S | None) -> S | None:
        if first is None or second is None:
            return second if first is None else first
        return first if first == second else self._analysis.join(first, second)

    # --- statements --------------------------------------------------------------------------

    def _block(self, block: ast.Block, state: S) -> Outcome[S]:
        at: S | None = state
        broke = yes = no = None
        self._called = None
        for statement in block.statements:
            if at is None:
                break
            out = self._statement(statement, at)
            at = out.next
            broke = self._join(broke, out.broke)
            yes, no = self._join(yes, out.yes), self._join(no, out.no)
        return Outcome(at, broke, yes, no)

    def _statement(self, node: ast.Statement, state: S) -> Outcome[S]:
        if isinstance(node, ast.CallStmt):
            ends = self._condition(node.call, state)
            self._called = _Called(ends, _RC)
            return Outcome(self._join(*ends))
        if isinstance(node, ast.Assign):
            return Outcome(self._assign_code(node, state))
        if isinstance(node, ast.If):
            out = self._if(node, state)
        elif isinstance(node, ast.While):
            out = self._while(node, state)
        elif isinstance(node, ast.Switch):
            out = self._switch(node, state)
        elif isinstance(node, ast.Break):
            out = Outcome(None, broke=state)
        else:
            out = self._leave(node, state)
        self._called = None
        return out

    def _assign_code(self, node: ast.Assign, state: S) -> S | None:
        """An assignment; the variable may hold the code of a call from then on."""
        called, self._called = self._called, None
        value = node.value
        if isinstance(value, ast.Call):
            called = _Called(self._condition(value, state), _RC)
        elif called is None or not isinstance(value, ast.PvExpr) or not called.speaks(value):
            return self._assign(node, state)
        yes, no = called.ends
        after = Branches(
            None if yes is None else self._analysis.assign(node, yes),
            None if no is None else self._analysis.assign(node, no),
        )
        names = called.names
        if isinstance(node.target, ast.PvExpr):
            names |= {(node.target.spec.name, node.target.spec.inner)}
        self._called = _Called(after, names)
        return self._join(*after)

    def _leave(self, node: ast.Return | ast.Exit | ast.Drop, state: S) -> Outcome[S]:
        value = node.value
        if not isinstance(node, ast.Return):
            at = state if value is None else self._value(value, state)
            if at is not None:
                self._analysis.leave(node, at)
            return Outcome(None)
        if value is None:
            return Outcome(None, yes=state)
        if isinstance(value, ast.Int):
            if value.value == 0:
                self._analysis.leave(node, state)
                return Outcome(None)
            return Outcome(None, yes=state) if value.value > 0 else Outcome(None, no=state)
        yes, no = self._condition(value, state)
        return Outcome(None, yes=yes, no=no)

    def _if(self, node: ast.If, state: S) -> Outcome[S]:
        yes, no = self._condition(node.cond, state)
        then: Outcome[S] = Outcome(None) if yes is None else self._block(node.then, yes)
        if no is None or node.orelse is None:
            return self._meet(then, Outcome(no))
        return self._meet(then, self._block(node.orelse, no))

    def _meet(self, first: Outcome[S], second: Outcome[S]) -> Outcome[S]:
        return Outcome(
            self._join(first.next, second.next),
            self._join(first.broke, second.broke),
            self._join(first.yes, second.yes),
            self._join(first.no, second.no),
        )

    def _while(self, node: ast.While, state: S) -> Outcome[S]:
        at = state
        for _ in range(_MAX_ROUNDS):
            yes, no = self._condition(node.cond, at)
            body: Outcome[S] = Outcome(None) if yes is None else self._block(node.body, yes)
            again = self._join(at, body.next)
            if again is None or again == at:
                break
            at = self._again(again)
        return Outcome(self._join(no, body.broke), None, body.yes, body.no)

    def _again(self, state: S) -> S:
        """The state in which the body of a loop is run once more."""
        return state

    def _switch(self, node: ast.Switch, state: S) -> Outcome[S]:
        called = self._called
        at = self._value(node.subject, state)
        entries: list[S | None] = []
        for case in node.cases:
            if at is None or case.value is None:
                entries.append(None)
                continue
            self._called = called
            entry, at = self._test(case_test(node, case, case.value), at)
            entries.append(entry)
        falling: S | None = None
        out: Outcome[S] = Outcome(None)
        for case, matched in zip(node.cases, entries, strict=True):
            entry = self._join(falling, at if case.kind == "default" else matched)
            if entry is None:
                falling = None
                continue
            self._called = None
            body = self._block(case.body, entry)
            falling = body.next
            out = self._meet(out, body._replace(next=None))
        if not any(case.kind == "default" for case in node.cases):
            falling = self._join(falling, at)
        return out._replace(next=self._join(falling, out.broke), broke=None)

    def _assign(self, node: ast.Assign, state: S) -> S | None:
        at = self._value(node.value, state)
        return None if at is None else self._analysis.assign(node, at)

    # --- expressions -------------------------------------------------------------------------

    def _value(self, node: ast.Expr, state: S) -> S | None:
        """The state after an expression whose truth is not asked for."""
        if type(node) in _LEAVES:
            return self._analysis.read(node, state)
        if isinstance(node, ast.Binary) and node.op in ("&&", "||"):
            return self._join(*self._condition(node, state))
        if isinstance(node, (ast.Call, ast.BlockExpr)):  # a union would be made each time
            return self._join(*self._condition(node, state))
        if isinstance(node, ast.AssignExpr):
            return self._assign(node.assign, state)
        at: S | None = state
        for operand in _operands(node):
            if at is not None:
                at = self._value(operand, at)
        return at

    def _condition(self, node: ast.Expr, state: S) -> Branches[S]:
        if isinstance(node, ast.Unary) and node.op == "!":
            yes, no = self._condition(node.operand, state)
            return Branches(no, yes)
        if isinstance(node, ast.Binary) and node.op in ("&&", "||"):
            return self._chain(node, state)
        if isinstance(node, ast.Call):
            return self._call(node, state)
        if isinstance(node, ast.BlockExpr):
            out = self._block(node.body, state)
            return Branches(out.next, out.next)
        if isinstance(node, ast.Binary) and isinstance(node.left, ast.Call):
            truths = _truth_test(node)
            if truths is not None:
                yes, no = self._condition(node.left, state)
                return self._split(Branches(yes, no), truths)
        at = self._value(node, state)
        return Branches(None, None) if at is None else self._test(node, at)

    def _test(self, node: ast.Expr, state: S) -> Branches[S]:
        """The states after a condition without calls, whose operands have been read."""
        called, self._called = self._called, None
        if called is not None:
            holds = _code_test(node, called)
            if holds is not None:
                return self._split(called.ends, holds)
        return Branches(
            self._analysis.assume(node, True, state), self._analysis.assume(node, False, state)
        )

    def _split(self, ends: Branches[S], holds: tuple[set[int], set[int]]) -> Branches[S]:
        """The states where a test of a call's code holds and where not: 1 is true, -1 false."""
        yes, no = ends
        return Branches(
            self._join(yes if 1 in holds[0] else None, no if -1 in holds[0] else None),
            self._join(yes if 1 in holds[1] else None, no if -1 in holds[1] else None),
        )

    def _chain(self, node: ast.Binary, state: S) -> Branches[S]:
        """``a && b && c``, which leans to the left however long it is."""
        operator = node.op
        parts = [node.right]
        left = node.left
        while isinstance(left, ast.Binary) and left.op == operator:
            parts.append(left.right)
            left = left.left
        yes, no = self._condition(left, state)
        for part in reversed(parts):
            if operator == "&&":
                if yes is None:
                    break
                yes, failed = self._condition(part, yes)
                no = self._join(no, failed)
            else:
                if no is None:
                    break
                held, no = self._condition(part, no)
                yes = self._join(yes, held)
        return Branches(yes, no)

    def _call(self, node: ast.Call, state: S) -> Branches[S]:
        self._called = None
        at: S | None = state
        for arg in node.args:
            if at is not None:
                at = self._value(arg, at)
        if at is None:
            return Branches(None, None)
        if node.core and node.name == "route":
            name = route_name(node)
            key = ("request", "") if name == "0" else ("route", name or "")
            if name is None or key not in self._routes:
                return self._analysis.call(node, at)
            return self._route(key, at)
        return self._analysis.call(node, at)


def _ends_in_call(block: ast.Block) -> bool:
    return bool(block.statements) and isinstance(block.statements[-1], ast.CallStmt)


def case_test(node: ast.Switch, case: ast.Case, value: ast.Expr) -> ast.Expr:
    """The comparison that a label stands for."""
    return ast.Binary(value.span, "=~" if case.kind == "regex" else "==", node.subject, value)


def _code_test(node: ast.Expr, called: _Called[Any]) -> tuple[set[int], set[int]] | None:
    """Which return codes (1 true, -1 false) a comparison of ``$rc`` leaves where it holds and
    where it does not. None: the condition is another one."""
    if not isinstance(node, ast.Binary) or not isinstance(node.left, ast.PvExpr):
        return None
    value = _number(node.right)
    if value is None or not called.speaks(node.left):
        return None
    no, yes, both = {-1}, {1}, {1, -1}
    if (node.op, value) in (("<", 0), ("<=", 0), ("<", 1)):
        return no, yes
    if (node.op, value) in ((">", 0), (">=", 0), (">=", 1)):
        return yes, no
    if node.op in ("==", "!=") and value != 0:
        other = no if value == 1 else both
        held = yes if value > 0 else no
        return (held, other) if node.op == "==" else (other, held)
    return None


def _truth_test(node: ast.Binary) -> tuple[set[int], set[int]] | None:
    """The same for a call that is compared: it is 1 or 0 there, not its code."""
    value = _number(node.right)
    compare = _COMPARISONS.get(node.op)
    if value is None or compare is None:
        return None
    holds = {code for code, truth in ((1, 1), (-1, 0)) if compare(truth, value)}
    return holds, {1, -1} - holds


def _number(node: ast.Expr) -> int | None:
    if isinstance(node, ast.Unary) and node.op == "-" and isinstance(node.operand, ast.Int):
        return -node.operand.value
    return node.value if isinstance(node, ast.Int) else None


def route_name(node: ast.Call) -> str | None:
    """The constant name in ``route(NAME)``; None where it is computed."""
    if not node.args:
        return None
    given = node.args[0]
    if isinstance(given, ast.Word):
        return given.name
    if isinstance(given, ast.Str):
        return to_name(given.value.decode("latin-1"))
    return str(given.value) if isinstance(given, ast.Int) else None


def _operands(node: ast.Expr) -> tuple[ast.Expr, ...]:
    if isinstance(node, ast.Binary):
        return node.left, node.right
    if isinstance(node, ast.Unary | ast.Cast):
        return (node.operand,)
    if isinstance(node, ast.Builtin):
        return node.args
    return ()
