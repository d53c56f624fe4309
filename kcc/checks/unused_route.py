"""K0223: a route that nothing calls."""

from __future__ import annotations

import re
from typing import Final

from kcc.checks.context import Context, by_route
from kcc.checks.flow import RouteKey, route_name
from kcc.checks.written import uncommented
from kcc.lower.scope import route_key
from kcc.syntax import ast

_NAMED: Final = frozenset({"route", "failure", "branch", "onreply"})
_WORD: Final = re.compile(rb"[\w.:-]+")
_CALLED: Final = re.compile(r"\broute\s*\(\s*([^\s()\"']+)\s*\)")
_QUOTED: Final = re.compile(r"[\"']([^\"'\n]+)(?=[\"'])")


def check(context: Context) -> None:
    """Report routes that no path from an entry of the server calls or arms. Where a name is
    computed, every route counts as called; a string that is the name of a route counts as a use,
    whatever function or parameter takes it."""
    named: dict[str, list[RouteKey]] = {}
    routes: dict[RouteKey, list[ast.Route]] = {}
    uses: dict[RouteKey, set[str]] = {}
    dynamic: set[RouteKey] = set()
    for route, nodes in context.fact(by_route):
        key = route_key(route)
        routes.setdefault(key, []).append(route)
        if key[0] in _NAMED:
            named.setdefault(key[1], []).append(key)
        names = uses.setdefault(key, set())
        for text in nodes.get(ast.Str, ()):
            names.add(text.value.decode("latin-1"))  # type: ignore[attr-defined]
        for call in nodes.get(ast.Call, ()):
            if isinstance(call, ast.Call) and call.core and call.name == "route":
                name = route_name(call)
                if name is None:
                    dynamic.add(key)
                else:
                    names.add(name)
    stack = [key for key in routes if key[0] not in _NAMED]
    for word in _parameters(context):
        stack.extend(named.get(word, ()))
    used: set[RouteKey] = set()
    while stack:
        key = stack.pop()
        if key in used:
            continue
        used.add(key)
        for name in uses[key]:
            stack.extend(named.get(name, ()))
        if key in dynamic:
            stack.extend(other for other in routes if other[0] == "route")
    mentioned = {name for key in routes if key not in used for name in uses[key]}
    for key, found in routes.items():
        in_text = context.fact(_in_text)
        if key not in used and key[1] not in in_text and not _suggested(context, key[1]):
            route = found[0]
            only = " but in routes that are never used" if key[1] in mentioned else ""
            context.reporter.report(
                "K0223",
                f"{route.kind}[{key[1]}] is never used{only}",
                route.name_span or route.span,
            )


def _suggested(context: Context, name: str) -> bool:
    """Whether a mistyped name was taken for this one: that is the same mistake."""
    found = context.reporter.diagnostics
    return any(d.code == "K0221" and f"`{name}`" in (d.help or "") for d in found)


def _in_text(context: Context) -> set[str]:
    """What is called or quoted in the text, where ``#!ifdef`` leaves it out, too."""
    found: set[str] = set()
    for text in uncommented(context):
        found.update(_CALLED.findall(text))
        found.update(_QUOTED.findall(text))
    return found


def _parameters(context: Context) -> set[str]:
    """The words in the parameters of modules and of the core."""
    found: set[str] = set()
    for item in context.file.items:
        if isinstance(item, ast.ModParam | ast.CoreParam) and isinstance(item.value, ast.Str):
            found.add(item.value.value.decode("latin-1"))
            found.update(word.decode("latin-1") for word in _WORD.findall(item.value.value))
    return found
