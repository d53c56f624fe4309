"""The walk along all paths that the checks of what happens to a request share."""

from __future__ import annotations

from typing import Final

from kcc.checks.context import Context
from kcc.checks.edits import Clash, Edited, Edits
from kcc.checks.paths import Carry, Paths, Plan, slot_of
from kcc.checks.replies import Again, Relay, Replies
from kcc.checks.senders import Senders, Unchecked
from kcc.syntax import ast

_MAX_PARTS: Final = 16


class Followed:
    """What was found on the way, each with the messages (``requests``) that it happens to."""

    def __init__(self, context: Context) -> None:
        self.edits: Final = Edits(context)
        replies, senders = Replies(context), Senders(context)
        paths = self._walk(context, replies, senders)
        if any(isinstance(event, Again | Unchecked) for event in paths.events):
            carry = Carry(_tested(context), frozenset())
            replies, senders = Replies(context, carry), Senders(context, carry)
            paths = self._walk(context, replies, senders)
            if replies.carriers or senders.carriers:
                known = Carry(frozenset(), frozenset(replies.carriers))
                replies = Replies(context, known)
                senders = Senders(context, Carry(frozenset(), frozenset(senders.carriers)))
                paths = self._walk(context, replies, senders)
        self.replies: Final = replies
        self.senders: Final = senders
        self.plan: Final[Plan] = paths.plan
        self.again: Final[dict[Again, int]] = {}
        self.relayed: Final[dict[Relay, int]] = {}
        self.unchecked: Final[dict[Unchecked, int]] = {}
        self.clashes: Final[dict[Clash, int]] = {}
        for event, mask in paths.events.items():
            if isinstance(event, Again):
                self.again[event] = mask
            elif isinstance(event, Relay):
                self.relayed[event] = mask
            elif isinstance(event, Unchecked):
                self.unchecked[event] = mask
            elif isinstance(event, Clash):
                self.clashes[event] = mask

    def _walk(self, context: Context, replies: Replies, senders: Senders) -> Paths:
        parts = self.edits.parts()[:_MAX_PARTS]
        tracks = (replies, senders, *(Edited(self.edits, part) for part in parts))
        paths = Paths(context.routes(), tracks)
        paths.follow()
        return paths


def followed(context: Context) -> Followed:
    """For ``Context.fact``."""
    return Followed(context)


def _tested(context: Context) -> frozenset[str]:
    """The variables that are compared somewhere."""
    return frozenset(
        slot_of(test.left)
        for test in context.nodes(ast.Binary)
        if isinstance(test.left, ast.PvExpr) and test.op not in ("+", "-")
    )
