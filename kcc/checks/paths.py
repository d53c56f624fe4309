"""What may have happened to a message, wherever it comes to: several checks on one walk.

Each check is a ``Track``: something that it follows through the script, such as the reply that
was sent. What may be known of it is a value; a state is the values that are possible at a place,
each with the messages (``requests``) for which it is. As each value goes its way independent of
the others, a route is walked once for each value that comes into it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from kcc.checks import requests
from kcc.checks.flow import MAX_DEPTH, Branches, Flow, Outcome, RouteKey, case_test, route_name
from kcc.lower.scope import route_key
from kcc.syntax import ast

_MAX_VALUES: Final = 24

Value = Hashable
Element = tuple[int, Value]
"""The number of a track, and a value of it."""
State = dict[Element, int]
Link = tuple[ast.Node, "Link | None"]
"""A node and those around it, outwards."""


class Move(NamedTuple):
    """What a step makes of a value: the values where it succeeds and where it fails (none: no
    path goes on there), and what is to be noted."""

    yes: tuple[Value, ...]
    no: tuple[Value, ...]
    events: tuple[Hashable, ...] = ()


Step = Callable[[Any], Move]


class Track:
    """One thing that is followed. A step tells what a node does to each of its values; those of
    ``prepared`` are known by the ids of nodes, the others are asked for. ``names`` are the
    functions that are asked about."""

    start: Value = None
    sorts: tuple[str, ...] = ("request",)
    prepared: Mapping[int, Step] = MappingProxyType({})
    names: frozenset[str] = frozenset()

    def call(self, node: ast.Call) -> Step | None:
        """What a call does; None: nothing."""
        return None

    def assign(self, node: ast.Assign) -> Step | None:
        """What an assignment does."""
        return None

    def test(self, node: ast.Binary | ast.PvExpr) -> Step | None:
        """What a comparison tells, or a variable that is a condition or is returned."""
        return None


class Carry(NamedTuple):
    """Variables and flags that may carry what is known from one place to another: those that are
    ``tested`` somewhere, and those that are ``trusted`` to carry it."""

    tested: frozenset[str]
    trusted: frozenset[str]


def slot_of(node: ast.PvExpr) -> str:
    """What a variable is, for tracks that remember it."""
    return f"{node.spec.name} {node.spec.inner}"


class Place(NamedTuple):
    """Where a call stands: the statement that holds it, its block and its route."""

    statement: ast.Statement
    block: ast.Block
    route: ast.Route


class Plan:
    """What of a configuration matters to the tracks. ``places`` are those of the nodes that do,
    ``calls`` the routes that each route calls."""

    def __init__(self, routes: Iterable[ast.Route], tracks: tuple[Track, ...]) -> None:
        self.tracks: Final = tracks
        self.steps: Final[dict[int, dict[int, Step]]] = {}
        self.filters: Final[dict[int, requests.Holds]] = {}
        self.places: Final[dict[int, Place]] = {}
        self.marked: Final[set[int]] = set()
        self.touched: Final[dict[RouteKey, int]] = {}
        self.calls: Final[dict[RouteKey, set[RouteKey]]] = {}
        self._names: Final = requests.CALLS.union(*(track.names for track in tracks))
        self._callers: Final = _those_that(tracks, "call")
        self._writers: Final = _those_that(tracks, "assign")
        self._testers: Final = _those_that(tracks, "test")
        self.prepared: Final[dict[int, dict[int, Step]]] = {}
        for number, track in enumerate(tracks):
            for node, step in track.prepared.items():
                self.prepared.setdefault(node, {})[number] = step
        self._codes: Final[set[tuple[str, object]]] = set(_CODES)
        self._tests: Final[list[tuple[RouteKey, Link]]] = []
        self._switches: Final[list[tuple[RouteKey, ast.Switch]]] = []
        self.labels: Final[dict[int, dict[int, Step]]] = {}
        known = list(routes)
        keys = {route_key(route) for route in known}
        for route in known:
            self._route(route, keys)
        for key, link in self._tests:
            self._test(key, link)
        for key, switch in self._switches:
            if id(switch) in self.marked:
                self._label(key, switch)
        self._spread()

    def _route(self, route: ast.Route, keys: set[RouteKey]) -> None:
        key = route_key(route)
        self.touched.setdefault(key, 0)
        prepared = self.prepared
        leaves = _LEAVES if prepared else _ALL_LEAVES
        stack: list[Any] = [(route.body, (route, None))]
        while stack:
            link = stack.pop()
            node = link[0]
            kind = type(node)
            if kind is ast.Block:
                for statement in node.statements:
                    stack.append((statement, link))
            elif kind is ast.CallStmt:
                stack.append((node.call, link))
            elif kind is ast.Call:
                self._call(key, node, link, keys)
                for arg in node.args:
                    if type(arg) not in leaves:
                        stack.append((arg, link))
            elif kind is ast.Binary:
                if node.op in ("&&", "||"):
                    stack.append((node.left, link))
                    stack.append((node.right, link))
                else:
                    self._tests.append((key, link))
                    for operand in (node.left, node.right):
                        if type(operand) not in leaves:
                            stack.append((operand, link))
            elif kind is ast.If:
                stack.append((node.cond, link))
                stack.append((node.then, link))
                if node.orelse is not None:
                    stack.append((node.orelse, link))
            elif kind is ast.Str or kind is ast.PvExpr:
                if id(node) in prepared:
                    self._steps(key, link, ())
                elif kind is ast.PvExpr and isinstance(link[1][0], _CONDITIONS):
                    self._tests.append((key, link))
            elif kind is ast.Assign:
                self._assign(key, node, link)
                if type(node.value) not in leaves:
                    stack.append((node.value, link))
            elif kind in _ENDS:
                self._mark(link)
                if kind is not ast.Break and node.value is not None:
                    stack.append((node.value, link))
            else:
                if kind is ast.Switch:
                    self._switches.append((key, node))
                for inner in _below(node):
                    stack.append((inner, link))

    def _call(self, key: RouteKey, node: ast.Call, link: Link, keys: set[RouteKey]) -> None:
        called = _called(node, keys) if node.core else None
        if called is not None:
            self.calls.setdefault(key, set()).add(called)
            self._mark(link)
            return
        self._steps(key, link, self._callers if node.name in self._names else ())
        holds = requests.of_call(node)
        if holds is not None:
            self.filters[id(node)] = holds
            self._tests.append((key, link))

    def _assign(self, key: RouteKey, node: ast.Assign, link: Link) -> None:
        self._steps(key, link, self._writers)
        if type(node.target) is ast.PvExpr and _is_code(node.value):
            self._codes.add((node.target.spec.name, node.target.spec.inner))
            if type(node.value) is ast.PvExpr:
                self._mark(link)

    def _test(self, key: RouteKey, link: Link) -> None:
        """A test matters only where what depends on it does."""
        at: Link | None = link
        while at is not None and not isinstance(at[0], _STATEMENTS):
            at = at[1]
        if at is None or id(at[0]) not in self.marked:
            return
        node = link[0]
        if not isinstance(node, ast.Binary):
            if isinstance(node, ast.PvExpr):
                self._steps(key, link, self._testers)
            else:
                self._mark(link)
            return
        self._steps(key, link, self._testers)
        left = node.left
        if isinstance(left, ast.Legacy | ast.PvExpr):
            holds = requests.of_test(node)
            if holds is not None:
                self.filters[id(node)] = holds
                self._mark(link)
            elif isinstance(left, ast.PvExpr) and self._is_code_variable(left):
                self._mark(link)

    def _label(self, key: RouteKey, node: ast.Switch) -> None:
        """What the labels of a switch tell, by the ids of their values."""
        for case in node.cases:
            if case.value is None:
                continue
            test = case_test(node, case, case.value)
            found = {number: step for number, ask in self._testers if (step := ask(test))}
            if found:
                self.labels[id(case.value)] = found
                for number in found:
                    self.touched[key] |= 1 << number

    def _is_code_variable(self, node: ast.PvExpr) -> bool:
        return (node.spec.name, node.spec.inner) in self._codes

    def reached(self, kinds: Iterable[str]) -> set[RouteKey]:
        """The routes that run in entry routes of these kinds."""
        wanted = frozenset(kinds)
        work = [key for key in self.touched if key[0] in wanted]
        found = set(work)
        while work:
            for key in self.calls.get(work.pop(), ()):
                if key not in found:
                    found.add(key)
                    work.append(key)
        return found

    def _steps(self, key: RouteKey, link: Link, asked: Iterable[tuple[int, Any]]) -> None:
        """Keep the steps of a node, and that it matters if it has some."""
        node = link[0]
        found = self.prepared.get(id(node))
        for number, ask in asked:
            step = ask(node)
            if step is not None:
                if found is None:
                    found = {}
                found[number] = step
        if found is None:
            return
        self.steps[id(node)] = found
        self.places[id(node)] = _place(link)
        self._mark(link)
        for number in found:
            self.touched[key] |= 1 << number

    def _mark(self, link: Link | None) -> None:
        while link is not None and id(link[0]) not in self.marked:
            self.marked.add(id(link[0]))
            link = link[1]

    def _spread(self) -> None:
        """A route touches what the routes that it calls touch."""
        callers: dict[RouteKey, set[RouteKey]] = defaultdict(set)
        for key, called in self.calls.items():
            for other in called:
                callers[other].add(key)
        work = list(self.touched)
        while work:
            key = work.pop()
            for caller in callers[key]:
                together = self.touched[caller] | self.touched[key]
                if together != self.touched[caller]:
                    self.touched[caller] = together
                    work.append(caller)


_CODES: Final = frozenset({("rc", None), ("retcode", None)})
_ENDS: Final = frozenset({ast.Return, ast.Exit, ast.Drop, ast.Break})
_STATEMENTS: Final = (ast.If, ast.While, ast.Switch, ast.CallStmt, ast.Assign, *_ENDS)
_CONDITIONS: Final = (ast.If, ast.While, ast.Unary, ast.Binary, ast.Return)
_LEAVES: Final = frozenset({ast.Int, ast.Legacy, ast.Myself, ast.Word, ast.Ip, ast.Net, ast.Proto})
_ALL_LEAVES: Final = _LEAVES | {ast.Str, ast.PvExpr, ast.Select}


def _those_that(tracks: tuple[Track, ...], method: str) -> list[tuple[int, Any]]:
    """A method of the tracks that have it, with their numbers."""
    return [
        (number, getattr(track, method))
        for number, track in enumerate(tracks)
        if getattr(type(track), method) is not getattr(Track, method)
    ]


def _is_code(node: ast.Expr) -> bool:
    """Whether a value is the code of a call."""
    if isinstance(node, ast.PvExpr):
        return node.spec.inner is None and (node.spec.name, None) in _CODES
    return isinstance(node, ast.Call)


def _called(node: ast.Call, keys: set[RouteKey]) -> RouteKey | None:
    if node.name != "route":
        return None
    name = route_name(node)
    key = ("request", "") if name == "0" else ("route", name or "")
    return key if name is not None and key in keys else None


def _place(link: Link) -> Place:
    """Where the node of a link stands."""
    statement: ast.Node | None = None
    block: ast.Node | None = None
    at: Link | None = link
    node: ast.Node = link[0]
    while at is not None:
        node, outer = at
        if block is None and isinstance(node, ast.Block):
            block = node
        elif block is None:
            statement = node
        at = outer
    assert isinstance(block, ast.Block) and isinstance(node, ast.Route)
    return Place(statement, block, node)  # type: ignore[arg-type]


def _below(node: ast.Node) -> Iterator[ast.Node]:
    for name in node._fields:
        if name == "span":
            continue
        found = getattr(node, name)
        if isinstance(found, ast.Node):
            yield found
        elif isinstance(found, tuple):
            for each in found:
                if isinstance(each, ast.Node):
                    yield each


class Paths(Flow[State]):
    """One walk of all tracks over one configuration. ``events`` are what the steps noted, each
    with the messages for which it happens."""

    def __init__(self, routes: Iterable[ast.Route], tracks: tuple[Track, ...]) -> None:
        known = list(routes)
        super().__init__(known, _Steps(self))
        self.plan: Final = Plan(known, tracks)
        self.events: Final[dict[Hashable, int]] = {}
        self._blocks: Final[dict[int, tuple[ast.Statement | None, ...]]] = {}
        self._summaries: Final[dict[RouteKey, dict[Element | None, Branches[State]]]] = {}
        self._noted: Final[dict[Any, dict[Hashable, int]]] = defaultdict(dict)
        self._passed: Final[dict[Any, dict[Any, int]]] = defaultdict(dict)
        self._at: list[tuple[RouteKey, Element | None]] = []

    def follow(self) -> None:
        """Walk from every entry."""
        reach: dict[Any, int] = {}
        for key in list(self._routes):
            sort = _SORT_OF_ENTRY.get(key[0])
            if sort is None:
                continue
            for number, track in enumerate(self.plan.tracks):
                if sort in track.sorts and self.plan.touched[key] >> number & 1:
                    element = (number, track.start)
                    self._summary(key, element)
                    reach[key, element] = requests.SORT[sort]
        self._settle(reach)

    def _settle(self, reach: dict[Any, int]) -> None:
        """Which messages come to each route that was walked, and so to each event."""
        work = list(reach)
        while work:
            at = work.pop()
            for to, mask in self._passed[at].items():
                together = reach.get(to, 0) | (reach[at] & mask)
                if together != reach.get(to, 0):
                    reach[to] = together
                    work.append(to)
        for at, noted in self._noted.items():
            for event, mask in noted.items():
                seen = mask & reach.get(at, 0)
                if seen:
                    self.events[event] = self.events.get(event, 0) | seen

    # --- routes ------------------------------------------------------------------------------

    def _summary(self, key: RouteKey, element: Element | None) -> Branches[State]:
        """The states at the end of a route that is entered with one value, for all messages.
        None is a value that nothing in the route touches. Where there is too much to follow, no
        path goes on."""
        done = self._summaries.setdefault(key, {})
        if element in done:
            return done[element]
        here = (key, element)
        full = len(done) > _MAX_VALUES * len(self.plan.tracks)
        if full or here in self._at or len(self._at) >= MAX_DEPTH:
            return Branches(None, None)
        self._at.append(here)
        done[element] = self._body(key, {element or _UNTOUCHED: requests.ALL})
        self._at.pop()
        return done[element]

    def _route(self, key: RouteKey, state: State) -> Branches[State]:
        yes: State = {}
        no: State = {}
        here = self._at[-1]
        for element, mask in state.items():
            touched = element[0] >= 0 and self.plan.touched[key] >> element[0] & 1
            inner = element if touched else None
            for end, found in zip((yes, no), self._summary(key, inner), strict=True):
                for after, seen in (found or {}).items():
                    if seen & mask:
                        to = after if touched else element
                        end[to] = end.get(to, 0) | (seen & mask)
            if touched:
                passed = self._passed[here]
                passed[key, inner] = passed.get((key, inner), 0) | mask
        return Branches(yes or None, no or None)

    def _join(self, first: State | None, second: State | None) -> State | None:
        if first is second or second is None:
            return first
        if first is None:
            return second
        both = dict(first)
        for element, mask in second.items():
            both[element] = both.get(element, 0) | mask
        return both

    # --- only what matters -------------------------------------------------------------------

    def _block(self, block: ast.Block, state: State) -> Outcome[State]:
        statements = self._blocks.get(id(block))
        if statements is None:
            statements = self._blocks[id(block)] = self._matters(block)
        at: State | None = state
        broke = yes = no = None
        self._called = None
        for statement in statements:
            if statement is None:
                self._forget_code()
                continue
            if at is None:
                break
            out = self._statement(statement, at)
            at = out.next
            if out.broke is not None:
                broke = self._join(broke, out.broke)
            if out.yes is not None:
                yes = self._join(yes, out.yes)
            if out.no is not None:
                no = self._join(no, out.no)
        return Outcome(at, broke, yes, no)

    def _matters(self, block: ast.Block) -> tuple[ast.Statement | None, ...]:
        """The statements that matter, and None for each gap between them."""
        found: list[ast.Statement | None] = []
        for statement in block.statements:
            if id(statement) in self.plan.marked:
                found.append(statement)
            elif found and found[-1] is not None:
                found.append(None)
        return tuple(found)

    def _condition(self, node: ast.Expr, state: State) -> Branches[State]:
        if id(node) not in self.plan.marked:
            if not isinstance(node, ast.PvExpr):
                self._forget_code()
            return Branches(state, state)
        return super()._condition(node, state)

    def _forget_code(self) -> None:
        """Something was done that does not matter: `$rc` is its code, a variable keeps its own."""
        if self._called is not None:
            names = self._called.names - _CODES
            self._called = self._called._replace(names=names) if names else None

    def _value(self, node: ast.Expr, state: State) -> State | None:
        return super()._value(node, state) if id(node) in self.plan.marked else state

    # --- steps -------------------------------------------------------------------------------

    def step(self, node: ast.Node, state: State) -> Branches[State]:
        """What a node does to a state."""
        steps = self.plan.steps.get(id(node))
        holds = self.plan.filters.get(id(node))
        if holds is None and steps is None and isinstance(node, ast.Binary):
            holds = requests.of_test(node)  # the label of a case
            steps = self.plan.labels.get(id(node.right))
        idle = steps is None or not any(element[0] in steps for element in state)
        if holds is None and idle:
            return Branches(state, state)
        yes: State = {}
        no: State = {}
        may, may_not = holds or (requests.ALL, requests.ALL)
        for element, mask in state.items():
            number = element[0]
            step = steps.get(number) if steps is not None else None
            if step is None:
                if mask & may:
                    yes[element] = yes.get(element, 0) | (mask & may)
                if mask & may_not:
                    no[element] = no.get(element, 0) | (mask & may_not)
                continue
            move = step(element[1])
            for event in move.events:
                noted = self._noted[self._at[-1]]
                noted[event] = noted.get(event, 0) | mask
            for end, values, most in ((yes, move.yes, may), (no, move.no, may_not)):
                if mask & most:
                    for value in values:
                        to = (number, value)
                        end[to] = end.get(to, 0) | (mask & most)
        return Branches(yes or None, no or None)


_UNTOUCHED: Final[Element] = (-1, None)
_SORT_OF_ENTRY: Final = {
    "request": "request", "failure": "failure", "branch": "branch", "onreply": "reply",
    "reply": "reply", "event": "event", "branch_failure": "failure", "onsend": "event",
}  # fmt: skip


class _Steps:
    """The analysis that ``Flow`` asks: it asks the steps of the plan."""

    def __init__(self, paths: Paths) -> None:
        self._paths: Final = paths

    def join(self, first: State, second: State) -> State:
        raise AssertionError("Paths joins by itself")

    def read(self, node: ast.Expr, state: State) -> State:
        if id(node) not in self._paths.plan.prepared:
            return state
        return self._paths.step(node, state).yes or {}

    def call(self, node: ast.Call, state: State) -> Branches[State]:
        return self._paths.step(node, state)

    def assign(self, node: ast.Assign, state: State) -> State:
        return self._paths.step(node, state).yes or {}

    def assume(self, cond: ast.Expr, truth: bool, state: State) -> State | None:
        if id(cond) in self._paths.plan.prepared:
            return state
        found = self._paths.step(cond, state)
        return found.yes if truth else found.no

    def leave(self, node: ast.Statement | ast.Route, state: State) -> None:
        pass
