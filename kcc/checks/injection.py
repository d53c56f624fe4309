"""Text of a message inside text that something else interprets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from kcc.checks import functions
from kcc.checks.context import Context, Index, by_route
from kcc.syntax import ast
from runtime.declare.pvspec import PvFormat, PvSpec, PvSyntaxError, parse_format, spec_text

Made = dict[str, list[PvSpec]]
"""What the variables of a route hold that the sender wrote."""

_SENT: Final = frozenset(
    {"fu", "fU", "fd", "fn", "ft", "fti", "tu", "tU", "td", "tn", "tt", "tti"}
    | {"ru", "rU", "rd", "ou", "oU", "od", "ua", "ct", "ci", "cT", "rb", "mb"}
    | {"hdr", "rm", "rr", "re", "rt", "hu", "di", "dip", "pu", "pU", "pd", "pn"}
)
"""Variables that say what the sender wrote."""
_KEEPS: Final = (
    r"s\.(?:substr|select|tolower|toupper|trim|rtrim|ltrim|trimw|trimr|triml|strip|striptail"
    r"|before|after|rbefore|rafter|prefixes|unquote|unbracket|unescape\..*|decode\..*|ltrimw"
    r"|rtrimw|selectstr)"
    r"|(?:nameaddr|tobody|param|line|val)\..*|uri\.(?:user|host|domain|params|param|uri|name"
    r"|duri|saor|suri|tosocket)"
)
"""Transformations after which it still may be anything."""
_SAFE_SELECTS: Final = ("cfg_get.", "@cfg_get.", "src.", "dst.", "tls.")


def check_arguments(
    context: Context, code: str, table: Mapping[str, Mapping[str, int]], message: str, help: str
) -> None:
    """Report ``code`` at each argument of ``table`` with variables in it that the sender chose, or
    with variables that were made of such ones in the same route."""
    where = functions.argument_of(table, context)
    if not functions.calls_of(context, where):
        return
    tested = _tested(context)
    for _, nodes in context.fact(by_route):
        made: Made | None = None
        for call in nodes.get(ast.Call, ()):
            if not isinstance(call, ast.Call) or where.get(call.name, 9) >= len(call.args):
                continue
            given = call.args[where[call.name]]
            if made is None:
                made = _made(nodes)
            names = dict.fromkeys(
                spec_text(spec) for spec in _sent(given, made) if _key(spec) not in tested
            )
            if names:
                shown = ", ".join(f"`{name}`" for name in names)
                context.reporter.report(code, message.format(shown), given.span, help=help)


def _made(nodes: Index) -> Made:
    """The variables that hold text of the sender: whatever is assigned to them does."""
    made: Made = {}
    clean: set[str] = set()
    for node in nodes.get(ast.Assign, ()):
        if isinstance(node, ast.Assign) and isinstance(node.target, ast.PvExpr):
            slot = _key(node.target.spec)
            sent = _sent(node.value, {})
            if sent:
                made.setdefault(slot, []).extend(sent)
            elif not isinstance(node.value, ast.Str | ast.Int):
                clean.add(slot)
    return {slot: sent for slot, sent in made.items() if slot not in clean}


def _sent(given: ast.Expr, made: Made) -> list[PvSpec]:
    """The variables in an argument that hold text of the sender as it is."""
    if isinstance(given, ast.Str):
        try:
            parts: PvFormat = parse_format(given.value) if b"$" in given.value else ()
        except PvSyntaxError:
            return []
        specs = [part for part in parts if isinstance(part, PvSpec)]
    elif isinstance(given, ast.PvExpr):
        specs = [given.spec]
    elif isinstance(given, ast.Binary) and given.op == "+":
        return _sent(given.left, made) + _sent(given.right, made)
    else:
        return []
    found: list[PvSpec] = []
    for spec in specs:
        if _is_sent(spec):
            found.append(spec)
        elif not spec.transforms:
            found.extend(made.get(_key(spec), ()))
    return found


def _is_sent(spec: PvSpec) -> bool:
    if not all(re.fullmatch(_KEEPS, f"{call.cls}.{call.fn.lower()}") for call in spec.transforms):
        return False
    if spec.name in ("T_req", "T_rpl", "T_inv"):
        return isinstance(spec.inner, PvSpec) and _is_sent(spec.inner)
    if spec.name == "sel":
        return isinstance(spec.inner, str) and not spec.inner.startswith(_SAFE_SELECTS)
    return spec.name in _SENT


def _key(spec: PvSpec) -> str:
    return f"{spec.name} {spec.inner}"


def _tested(context: Context) -> set[str]:
    """Variables that some condition compares with an anchored expression."""
    found: set[str] = set()
    for test in context.nodes(ast.Binary):
        left, right = test.left, test.right
        if test.op != "=~" or not isinstance(left, ast.PvExpr) or not isinstance(right, ast.Str):
            continue
        if right.value.startswith(b"^") and right.value.endswith(b"$"):
            found.add(_key(left.spec))
    for call in functions.calls_of(context, ("is_numeric", "is_tel_number", "is_alphanum")):
        if call.args and isinstance(call.args[0], ast.Str):
            found.update(map(_key, _sent(call.args[0], {})))
    return found
