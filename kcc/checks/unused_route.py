"""K0223: a route that nothing calls."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final, cast

from kcc.checks.context import Context, by_route
from kcc.checks.flow import RouteKey, route_name
from kcc.checks.variables import Variables
from kcc.checks.written import texts
from kcc.lower.scope import route_key
from kcc.syntax import ast

_NAMED: Final = frozenset({"route", "failure", "branch", "onreply"})
_MENTION: Final = re.compile(r"""\broute\s*[(\[]\s*([\w.-]+)\s*\)|"([^"\n]*)"|'([^'\n]*)'""")
_WORD: Final = re.compile(rb"[\w.:-]+")


def check(context: Context) -> None:
    """Report routes that no path from an entry of the server calls or arms. Where a name is
    computed, every route counts as called; a string that is the name of a route counts as a use,
    whatever function or parameter takes it. Scripts in other languages may call any."""
    if context.fact(Variables).scripted or any(
        isinstance(item, ast.CfgEngine) for item in context.file.items
    ):
        return
    named: dict[str, list[RouteKey]] = {}
    routes: dict[RouteKey, list[ast.Route]] = {}
    uses: dict[RouteKey, set[str]] = {}
    counts: Counter[str] = Counter()
    dynamic: set[RouteKey] = set()
    for route, nodes in context.fact(by_route):
        key = route_key(route)
        routes.setdefault(key, []).append(route)
        if key[0] in _NAMED:
            named.setdefault(key[1], []).append(key)
        strings = cast("list[ast.Str]", nodes.get(ast.Str, []))
        names = [node.value.decode("latin-1") for node in strings]
        for call in nodes.get(ast.Call, ()):
            if isinstance(call, ast.Call) and call.core and call.name == "route":
                name = route_name(call)
                if name is None:
                    dynamic.add(key)
                elif not isinstance(call.args[0], ast.Str):
                    names.append(name)
        uses.setdefault(key, set()).update(names)
        counts.update(names)
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
    suggested = _suggested(context)
    mentioned = {name for key in routes if key not in used for name in uses[key]}
    for key, found in routes.items():
        if key in used or f"`{key[1]}`" in suggested:
            continue
        if context.fact(_mentions)[key[1]] <= counts[key[1]]:
            route = found[0]
            only = " but in routes that are never used" if key[1] in mentioned else ""
            context.reporter.report(
                "K0223",
                f"{route.kind}[{key[1]}] is never used{only}",
                route.name_span or route.span,
            )


def _suggested(context: Context) -> str:
    """The names that mistyped ones were taken for: a route that one of them means is used."""
    found = context.reporter.diagnostics
    return " ".join(d.help for d in found if d.code == "K0221" and d.help is not None)


def _mentions(context: Context) -> Counter[str]:
    """How often the files hold a name as a string or in ``route(NAME)``, what is left out because
    a name is not defined included."""
    return Counter(
        first or second or third
        for text in context.fact(texts)
        for first, second, third in _MENTION.findall(text)
    )


def _parameters(context: Context) -> set[str]:
    """The words in the parameters of modules and of the core."""
    found: set[str] = set()
    for item in context.file.items:
        if isinstance(item, ast.ModParam | ast.CoreParam) and isinstance(item.value, ast.Str):
            found.add(item.value.value.decode("latin-1"))
            found.update(word.decode("latin-1") for word in _WORD.findall(item.value.value))
    return found
