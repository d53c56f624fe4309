"""The final reply that was sent on a path, or the relaying of the request."""

from __future__ import annotations

from typing import Final, NamedTuple

from kcc.checks import functions
from kcc.checks.context import Context
from kcc.checks.paths import Move, Step, Track
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


class Relays(Track):
    """Which requests are relayed, and where."""

    def __init__(self, context: Context) -> None:
        self._names: Final = functions.loaded(functions.RELAYS, context)
        self.calls: Final[dict[int, ast.Call]] = {}

    def call(self, node: ast.Call) -> Step | None:
        if node.name not in self._names:
            return None
        self.calls[id(node)] = node
        move = Move((None,), (None,), Relay(id(node)))
        return lambda value: move


class Replies(Track):
    """The value is None or what was done. ``calls`` are the calls that do something."""

    sorts = ("request", "failure")

    def __init__(self, context: Context) -> None:
        self._replies: Final = functions.loaded(functions.REPLIES, context)
        self._relays: Final = functions.loaded(functions.RELAYS, context)
        self.calls: Final[dict[int, ast.Call]] = {}

    def call(self, node: ast.Call) -> Step | None:
        if node.name in self._replies and functions.final(node):
            return self._step("reply", node)
        return self._step("relay", node) if node.name in self._relays else None

    def _step(self, what: str, node: ast.Call) -> Step:
        self.calls[id(node)] = node
        done = Done(what, id(node))

        def step(value: Done | None) -> Move:
            if value is None:
                return Move((done,), (None,))
            return Move((done,), (value,), Again(value.what, value.call, what, done.call))

        return step
