"""The walk along all paths that the checks of what happens to a request share."""

from __future__ import annotations

from typing import Final

from kcc.checks.context import Context
from kcc.checks.edits import Clash, Edited, Edits
from kcc.checks.paths import Paths, Plan
from kcc.checks.replies import Again, Relay, Relays, Replies
from kcc.checks.senders import Senders, Unchecked

_MAX_PARTS: Final = 16


class Followed:
    """What was found on the way, each with the messages (``requests``) that it happens to."""

    def __init__(self, context: Context) -> None:
        self.replies: Final = Replies(context)
        self.relays: Final = Relays(context)
        self.edits: Final = Edits(context)
        senders = Senders(context)
        paths = self._walk(context, senders)
        if senders.carriers and any(isinstance(event, Unchecked) for event in paths.events):
            senders = Senders(context, frozenset(senders.carriers))
            paths = self._walk(context, senders)
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

    def _walk(self, context: Context, senders: Senders) -> Paths:
        parts = self.edits.parts()[:_MAX_PARTS]
        tracks = (self.replies, self.relays, senders, *(Edited(self.edits, part) for part in parts))
        paths = Paths(context.routes(), tracks)
        paths.follow()
        return paths


def followed(context: Context) -> Followed:
    """For ``Context.fact``."""
    return Followed(context)
