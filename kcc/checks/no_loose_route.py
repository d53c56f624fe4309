"""K0405: requests within dialogs are relayed, and nothing follows their Route header."""

from __future__ import annotations

from kcc.checks import functions, requests
from kcc.checks.context import Context
from kcc.checks.followed import followed

_MATTERS = (
    requests.SORT["request"]
    & requests.IN_DIALOG
    & ~requests.of_methods(["CANCEL", "REGISTER", "PUBLISH", "OPTIONS", "MESSAGE"])
)


def check(context: Context) -> None:
    """Report once: at the test for a To tag, or where the Record-Route header is added."""
    recorded = functions.calls_of(context, functions.loaded(functions.RECORD_ROUTES, context))
    if not recorded:
        return
    followers = functions.loaded(functions.LOOSE_ROUTES, context)
    if functions.calls_of(context, followers | functions.loaded(functions.ANYTHING, context)):
        return
    found = context.fact(followed)
    if not any(mask & _MATTERS for mask in found.relayed.values()):
        return
    tests = functions.calls_of(context, ["has_totag"])
    context.reporter.report(
        "K0405",
        "requests within a dialog are relayed without `loose_route()`",
        (tests or recorded)[0].span,
        help="if (has_totag()) { if (loose_route()) { t_relay(); } … }",
    )
