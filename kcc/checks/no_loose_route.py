"""K0405: requests within dialogs are relayed, and nothing follows their Route header."""

from __future__ import annotations

from kcc.checks import functions, requests
from kcc.checks.context import Context
from kcc.checks.followed import followed

_REQUESTS = requests.SORT["request"]
_MATTERS = (
    _REQUESTS
    & requests.IN_DIALOG
    & ~requests.of_methods(["ACK", "CANCEL", "REGISTER", "PUBLISH", "OPTIONS", "MESSAGE"])
)


def check(context: Context) -> None:
    """Report once: at the test for a To tag, or where the Record-Route header is added. Without
    that header, there must be a relay for requests within dialogs alone."""
    if "rr" not in context.program.modules or not functions.complete(context):
        return
    recorded = functions.calls_of(context, functions.loaded(functions.RECORD_ROUTES, context))
    tests = functions.calls_of(context, ["has_totag"])
    followers = functions.loaded(functions.LOOSE_ROUTES, context)
    if not recorded and not tests:
        return
    if functions.calls_of(context, followers | functions.loaded(functions.SCRIPTS, context)):
        return
    relayed = [mask & _REQUESTS for mask in context.fact(followed).relayed.values()]
    within = [mask for mask in relayed if mask & _MATTERS]
    if not recorded:
        within = [mask for mask in within if not mask & ~requests.IN_DIALOG]
    if not within:
        return
    context.reporter.report(
        "K0405",
        "requests within a dialog are relayed without `loose_route()`",
        (tests or recorded)[0].span,
        help="if (has_totag()) { if (loose_route()) { t_relay(); } … }",
    )
