"""K0407: requests are relayed from anybody to anywhere."""

from __future__ import annotations

from kcc.checks import functions, requests
from kcc.checks.context import Context
from kcc.checks.followed import followed
from kcc.diagnostics.model import Note

_MATTERS = (
    requests.SORT["request"]
    & ~requests.IN_DIALOG
    & ~requests.FROM_OURS
    & ~requests.of_methods(["ACK", "CANCEL", "BYE", "PRACK", "UPDATE", "INFO"])
)
_SHOWN = 3


def check(context: Context) -> None:
    """Report the first call; the others are notes."""
    if not functions.complete(context):
        return
    found = context.fact(followed)
    calls = [
        found.senders.calls[event.call]
        for event, mask in found.unchecked.items()
        if event.what == "relay" and mask & _MATTERS
    ]
    if calls:
        calls.sort(key=lambda call: call.span.start)
        context.reporter.report(
            "K0407",
            f"`{calls[0].name}` is reached by requests from anybody to anywhere: an open relay",
            calls[0].span,
            help="check the sender (credentials, address), or the destination (uri==myself)",
            notes=tuple(Note("and here", call.span) for call in calls[1 : 1 + _SHOWN]),
        )
