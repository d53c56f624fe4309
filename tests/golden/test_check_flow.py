"""Following the paths of a configuration: which calls may have happened, which must have."""

from __future__ import annotations

from kcc.checks.flow import Branches, Flow
from kcc.syntax import ast
from tests.golden.front import parse

State = frozenset[frozenset[str]]


class Paths:
    """Collects, per way out, the sets of functions that were called on a path to it."""

    def __init__(self) -> None:
        self.left: list[tuple[str, State]] = []

    def join(self, first: State, second: State) -> State:
        return first | second

    def read(self, node: ast.Expr, state: State) -> State:
        return state

    def call(self, node: ast.Call, state: State) -> Branches[State]:
        after = frozenset(path | {node.name} for path in state)
        return Branches(after, frozenset(path | {f"!{node.name}"} for path in state))

    def assign(self, node: ast.Assign, state: State) -> State:
        return state

    def assume(self, cond: ast.Expr, truth: bool, state: State) -> State | None:
        if isinstance(cond, ast.Int):
            return state if bool(cond.value) is truth else None
        return state

    def leave(self, node: ast.Statement | ast.Route, state: State) -> None:
        self.left.append((type(node).__name__, state))


def paths(text: str) -> list[tuple[str, set[str]]]:
    """The ways out of ``request_route``: kind, and the calls on each path in words."""
    reading, found = parse(text)
    assert not found
    analysis = Paths()
    flow = Flow([item for item in reading.file.items if isinstance(item, ast.Route)], analysis)
    flow.enter(("request", ""), frozenset({frozenset[str]()}))
    return [(kind, {" ".join(sorted(p)) for p in state}) for kind, state in analysis.left]


def test_conditions_split_the_paths() -> None:
    text = "request_route { if (a() && !b()) { c(); exit; } d(); }"
    assert paths(text) == [
        ("Exit", {"!b a c", "!b !c a"}),
        ("Route", {"!a d", "!a !d", "a b d", "!d a b"}),
    ]


def test_a_route_returns_by_its_code() -> None:
    text = """
        request_route { if (route(R)) { f(); exit; } g(); }
        route[R] { if (a()) return 1; if (b()) return 0; return -1; }
    """
    assert paths(text) == [
        ("Return", {"!a b"}),
        ("Exit", {"a f", "!f a"}),
        ("Route", {"!a !b g", "!a !b !g"}),
    ]


def test_loops_and_switches() -> None:
    text = """
        request_route {
            switch ($rU) { case "x": a(); case "y": b(); break; default: exit; }
            while (1) { c(); break; }
        }
    """
    found = dict(paths(text))
    assert found["Exit"] == {""}
    assert found["Route"] == {
        " ".join(sorted(filter(None, (x, y, z))))
        for x in ("a", "!a", "")
        for y in ("b", "!b")
        for z in ("c", "!c")
    }


def test_recursion_and_many_callers_end() -> None:
    text = "request_route { route(R); } route[R] { if (a()) route(R); else return; b(); }"
    assert ("Route", {"!a"}) in paths(text)
    calls = "".join(f"if (c{n}()) route(R);" for n in range(6))
    assert paths(f"request_route {{ {calls} }} route[R] {{ a(); }}")


def test_return_codes_and_labels_split_the_paths() -> None:
    text = """
        request_route { route(R); if ($rc < 0) exit; f(); switch ($rc) { case 1: g(); break; } }
        route[R] { a(); }
    """
    assert paths(text) == [("Exit", {"!a"}), ("Route", {"a f g", "!g a f", "!f a"})]


def test_the_default_is_what_no_label_matched() -> None:
    class Method(Paths):
        def assume(self, cond: ast.Expr, truth: bool, state: State) -> State | None:
            assert isinstance(cond, ast.Binary) and isinstance(cond.right, ast.Str)
            word = ("" if truth else "!") + cond.right.value.decode()
            return frozenset(path | {word} for path in state)

    reading, _ = parse('request_route { switch ($rm) { case "A": default: exit; case "B": } }')
    analysis = Method()
    routes = [item for item in reading.file.items if isinstance(item, ast.Route)]
    end = Flow(routes, analysis).enter(("request", ""), frozenset({frozenset[str]()}))
    assert analysis.left == [
        ("Exit", frozenset({frozenset({"A"}), frozenset({"!A", "!B"})})),
        ("Route", frozenset({frozenset({"!A", "B"})})),
    ]
    assert end is not None


def test_a_long_chain_of_routes_is_followed_as_far_as_a_message_can_go() -> None:
    chain = "".join(f"route[R{n}] {{ if (a{n}()) route(R{n + 1}); }}\n" for n in range(3000))
    found = dict(paths(f"request_route {{ route(R0); }} {chain} route[R3000] {{ b(); }}"))
    assert max(len(path.split()) for path in found["Route"]) == 99
