"""The final reply that was sent on a path, or the relaying of the request."""

from __future__ import annotations

from typing import Final, NamedTuple

from kcc.checks import functions
from kcc.checks.context import Context
from kcc.checks.paths import Carry, Move, Step, Track, slot_of
from kcc.syntax import ast


class Again(NamedTuple):
    """A request that was answered (``first``) is answered once more (``second``): what was done
    (``reply`` or ``relay``), and the ids of the calls."""

    before: str
    first: int
    after: str
    second: int


class Done(NamedTuple):
    """What was done with the request: ``reply`` or ``relay``, and by which call."""

    what: str
    call: int


class Relay(NamedTuple):
    """A request comes to a call that relays it."""

    call: int


class Replies(Track):
    """The value is None or what was done. ``calls`` are the calls that do something.

    ``carriers`` are the variables that were set after something was done; a test of one that is
    trusted may be about that, so the path is not followed further.
    """

    sorts = ("request", "failure")

    def __init__(self, context: Context, carry: Carry | None = None) -> None:
        self._carry: Final = carry
        self.carriers: Final[set[str]] = set()
        self._replies: Final = functions.loaded(functions.REPLIES, context)
        self._relays: Final = functions.loaded(functions.RELAYS, context)
        self.names = self._replies | self._relays
        self.calls: Final[dict[int, ast.Call]] = {}

    def call(self, node: ast.Call) -> Step | None:
        if node.name in self._replies and functions.final(node):
            return self._step("reply", node)
        return self._step("relay", node) if node.name in self._relays else None

    def assign(self, node: ast.Assign) -> Step | None:
        target = node.target
        if self._carry is None or not isinstance(target, ast.PvExpr):
            return None
        slot = slot_of(target)
        if slot not in self._carry.tested or not isinstance(node.value, ast.Int | ast.Str):
            return None

        def step(value: Done | None) -> Move:
            if value is not None:
                self.carriers.add(slot)
            return Move((value,), (value,))

        return step

    def test(self, node: ast.Binary | ast.PvExpr) -> Step | None:
        left = node.left if isinstance(node, ast.Binary) else node
        if self._carry is None or not isinstance(left, ast.PvExpr):
            return None
        return _unsure if slot_of(left) in self._carry.trusted else None

    def _step(self, what: str, node: ast.Call) -> Step:
        self.calls[id(node)] = node
        done = Done(what, id(node))
        relay = (Relay(id(node)),) if what == "relay" else ()

        def step(value: Done | None) -> Move:
            if value is None:
                return Move((done,), (None,), relay)
            return Move((done,), (value,), (Again(value.what, value.call, what, done.call), *relay))

        return step


def _unsure(value: Done | None) -> Move:
    return Move((), ()) if value is not None else Move((None,), (None,))
