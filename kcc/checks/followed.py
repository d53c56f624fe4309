"""The walk along all paths that the checks of what happens to a request share."""

from __future__ import annotations

from typing import Final

from kcc.checks.context import Context
from kcc.checks.edits import Clash, Edited, Edits
from kcc.checks.paths import Carry, Paths, Plan, Track, slot_of
from kcc.checks.replies import Again, Relay, Replies
from kcc.checks.senders import Senders, Unchecked
from kcc.checks.transactions import Replied, Transactions
from kcc.syntax import ast

_MAX_PARTS: Final = 16


class Followed:
    """What was found on the way, each with the messages (``requests``) that it happens to."""

    def __init__(self, context: Context) -> None:
        self.edits: Final = Edits(context)
        parts = [Edited(self.edits, part) for part in self.edits.parts()[:_MAX_PARTS]]
        self.transactions: Final = Transactions(context)
        replies, senders = Replies(context), Senders(context)
        edited = paths = _walk(context, replies, senders, self.transactions, *parts)
        if any(isinstance(event, Again | Unchecked) for event in paths.events):
            carry = Carry(_tested(context), frozenset())
            replies, senders = Replies(context, carry), Senders(context, carry)
            paths = _walk(context, replies, senders)
            if replies.carriers or senders.carriers:
                replies = Replies(context, Carry(frozenset(), frozenset(replies.carriers)))
                senders = Senders(context, Carry(frozenset(), frozenset(senders.carriers)))
                paths = _walk(context, replies, senders)
        self.replies: Final = replies
        self.senders: Final = senders
        self.plan: Final[Plan] = edited.plan
        self.clashes: Final[list[Clash]] = [e for e in edited.events if isinstance(e, Clash)]
        self.replied: Final[dict[Replied, int]] = {
            event: mask for event, mask in edited.events.items() if isinstance(event, Replied)
        }
        self.again: Final[dict[Again, int]] = {}
        self.relayed: Final[dict[Relay, int]] = {}
        self.unchecked: Final[dict[Unchecked, int]] = {}
        for event, mask in paths.events.items():
            if isinstance(event, Again):
                self.again[event] = mask
            elif isinstance(event, Relay):
                self.relayed[event] = mask
            elif isinstance(event, Unchecked):
                self.unchecked[event] = mask


def _walk(context: Context, *tracks: Track) -> Paths:
    paths = Paths(context.routes(), tracks)
    paths.follow()
    return paths


def followed(context: Context) -> Followed:
    """For ``Context.fact``."""
    return Followed(context)


def _tested(context: Context) -> frozenset[str]:
    """The variables that are compared somewhere, or are a condition."""
    found: list[ast.Expr | None] = [node.cond for node in context.nodes(ast.If)]
    found += [node.operand for node in context.nodes(ast.Unary)]
    found += [node.value for node in context.nodes(ast.Return)]
    for test in context.nodes(ast.Binary):
        found += (test.left, test.right)
    return frozenset(slot_of(node) for node in found if isinstance(node, ast.PvExpr))
