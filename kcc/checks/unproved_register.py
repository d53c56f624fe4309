"""K0406: ``save()`` for a sender that has not proved who it is."""

from __future__ import annotations

from kcc.checks import functions, requests
from kcc.checks.context import Context
from kcc.checks.followed import followed

_MATTERS = requests.SORT["request"] & requests.of_methods(["REGISTER"])
_NO_USERS = frozenset({"tls", "secsipid", "stirshaken", "auth_identity"})


def check(context: Context) -> None:
    """Report where a module that authenticates is loaded."""
    if not functions.complete(context):
        return
    modules = set(context.program.modules)
    if not modules & (set(functions.AUTHENTICATE) - _NO_USERS):
        return
    found = context.fact(followed)
    for event, mask in found.unchecked.items():
        if event.what == "save" and mask & _MATTERS:
            context.reporter.report(
                "K0406",
                "REGISTER is saved on a path without authentication",
                found.senders.calls[event.call].span,
                help="challenge it, and `exit;`, where its credentials are not right",
            )
