"""K0220: an event route that nothing runs."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from kcc.catalog.catalog import suggest
from kcc.checks.context import Context
from kcc.lower.scope import route_key
from kcc.syntax import ast

_COMPUTED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "erlang": "erlang:",
        "kazoo": "kazoo:consumer-event-",
        "nats": "nats:",
        "nsq": "nsq:consumer-event-",
    }
)
"""How the names begin that a module makes out of what it receives."""


def check(context: Context) -> None:
    """Report event routes of a name that no loaded module looks for. A name that stands in a string
    may be given to one by a parameter (evrexec) or a function (rtp_media_server)."""
    catalog, modules = context.catalog, context.program.modules
    for route in context.routes():
        kind, name = route_key(route)
        if kind != "event" or catalog.event_route_modules(name, ("core", *modules)):
            continue
        if any(m in modules and name.startswith(start) for m, start in _COMPUTED.items()):
            continue
        octets = name.encode("latin-1")
        texts = [p.value for p in context.program.modparams if isinstance(p.value, bytes)]
        texts += [node.value for node in context.nodes(ast.Str)]
        if any(octets in text for text in texts):
            continue
        owners = catalog.event_route_modules(name)
        if owners:
            message = f"event_route[{name}] is run by module `{owners[0]}`, which is not loaded"
            help_text: str | None = f'loadmodule "{owners[0]}.so"'
        else:
            message = f"nothing runs event_route[{name}]"
            near = suggest(name, _names(context))
            help_text = f"did you mean `{near}`?" if near else None
        context.reporter.report("K0220", message, route.name_span or route.span, help=help_text)


def _names(context: Context) -> list[str]:
    found: list[str] = []
    for module in ("core", *context.catalog.module_names):
        exports = context.catalog.module(module)
        found += [row.name.removesuffix("*") for row in exports.event_routes] if exports else []
    return found
