"""K0401, K0402, K0403: a request is answered, and then answered again or relayed."""

from __future__ import annotations

from kcc.checks import requests
from kcc.checks.context import Context
from kcc.checks.followed import Followed, followed
from kcc.checks.replies import Again
from kcc.diagnostics.model import Note

_CODES = {
    ("reply", "reply"): "K0401", ("reply", "relay"): "K0402",
    ("relay", "reply"): "K0403", ("relay", "relay"): "K0403",
}  # fmt: skip
_DID = {"reply": "a final reply was sent", "relay": "the request was relayed"}
_DOES = {"reply": "a final reply is sent", "relay": "the request is relayed"}
_ANSWERED = requests.ALL & ~requests.of_methods(["ACK"])


def check(context: Context) -> None:
    """Report each call once. Where both calls stand one after the other, it is the second that is
    too much; else the first lacks its ``exit``."""
    found = context.fact(followed)
    calls = found.replies.calls
    events = [
        event
        for event, mask in found.again.items()
        if mask & _ANSWERED and not _may_fork(found, event)
    ]
    events.sort(key=lambda event: (not _in_sequence(found, event), calls[event.second].span.start))
    seen: set[int] = set()
    shown: list[Again] = []
    for event in sorted(events, key=lambda event: calls[event.first].span.start):
        if event.first in seen:
            continue
        seen.add(event.first)
        if any(other.second == event.second and _within(found, event, other) for other in shown):
            continue
        shown.append(event)
        first, second = calls[event.first], calls[event.second]
        code = _CODES[event.before, event.after]
        again = " again" if event.before == event.after else ""
        if _in_sequence(found, event):
            context.reporter.report(
                code,
                f"{_DOES[event.after]}{again} after {_DID[event.before]}",
                second.span,
                help=f"`exit;` after `{first.name}`, or leave out one of them",
                notes=(Note(f"{_DID[event.before]} here", first.span),),
            )
        else:
            goes_on = _DOES[event.after].replace(" is ", f" is{again} ")
            context.reporter.report(
                code,
                f"{_DOES[event.before]} and the script goes on, until {goes_on}",
                first.span,
                help=f"`exit;` after `{first.name}`",
                notes=(Note(f"{_DOES[event.after]}{again} here", second.span),),
            )


def _in_sequence(found: Followed, event: Again) -> bool:
    """Whether both calls stand in one block, so that the second always follows the first."""
    first, second = found.plan.places[event.first], found.plan.places[event.second]
    return first.block is second.block and event.first != event.second


def _may_fork(found: Followed, event: Again) -> bool:
    """Whether a request may be relayed twice on purpose: elsewhere, or on other conditions."""
    if event.before != "relay" or event.after != "relay" or event.first == event.second:
        return False
    return bool(found.replies.calls[event.second].args) or not _in_sequence(found, event)


def _within(found: Followed, event: Again, other: Again) -> bool:
    """Whether the first call handles what ``other`` begins with: the reply in
    ``if (!t_relay()) sl_reply_error();``. What goes on goes on after both."""
    outer = found.plan.places[other.first].statement.span
    inner = found.replies.calls[event.first].span
    return inner.file is outer.file and outer.start <= inner.start < outer.end
