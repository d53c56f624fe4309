"""K0413: ``t_reply()`` for a request that has no transaction."""

from __future__ import annotations

from kcc.checks import functions, requests
from kcc.checks.context import Context
from kcc.checks.followed import followed

_MATTERS = requests.SORT["request"] & ~requests.of_methods(["ACK"])


def check(context: Context) -> None:
    """Report the calls that no path with a transaction comes to."""
    if not functions.complete(context):
        return
    found = context.fact(followed)
    with_one = {event.call for event, mask in found.replied.items() if event.exists and mask}
    for event, mask in found.replied.items():
        if not event.exists and mask & _MATTERS and event.call not in with_one:
            context.reporter.report(
                "K0413",
                "`t_reply` sends nothing here: the request has no transaction",
                found.transactions.calls[event.call].span,
                help="call `t_newtran()` before it, or use `send_reply`",
            )
