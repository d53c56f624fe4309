"""K0221, for functions that take the name of a ``route[…]`` as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kcc.catalog.catalog import suggest
from kcc.checks import functions
from kcc.checks.context import Context
from kcc.lower.scope import route_key

_NAMES: Final[Mapping[str, Mapping[str, int]]] = {
    "async": {
        "async_route": 0, "async_ms_route": 0, "async_task_route": 0, "async_task_group_route": 0,
    },
    "tmx": {"t_continue": 2},
    "http_async_client": {"http_async_query": 1},
    "ims_icscf": {
        "I_perform_user_authorization_request": 0, "I_perform_location_information_request": 0,
    },
    "ims_registrar_scscf": {"assign_server_unreg": 0},
    "ims_qos": {"Rx_AAR": 0, "Rx_AAR_Register": 0},
    "ims_charging": {"Ro_CCR": 0},
}  # fmt: skip


def check(context: Context) -> None:
    """Report constant names of routes that do not exist."""
    where = functions.argument_of(_NAMES, context)
    calls = functions.calls_of(context, where)
    if not calls:
        return
    known = {name for kind, name in map(route_key, context.routes()) if kind == "route"}
    for call in calls:
        at = where[call.name]
        name = functions.text_of(call.args[at]) if at < len(call.args) else None
        if name and "$" not in name and name not in known:
            near = suggest(name, known)
            context.reporter.report(
                "K0221",
                f"`{call.name}`: there is no route[{name}]",
                call.args[at].span,
                help=f"did you mean `{near}`?" if near else None,
            )
