"""Text of a message inside text that something else interprets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from kcc.checks import functions
from kcc.checks.context import Context
from kcc.syntax import ast
from runtime.declare.pvspec import PvFormat, PvSpec, PvSyntaxError, parse_format, spec_text

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
    """Report ``code`` at each argument of ``table`` with variables in it that the sender chose."""
    where = functions.argument_of(table, context)
    tested: set[str] | None = None
    for call in functions.calls_of(context, where):
        at = where[call.name]
        if at >= len(call.args):
            continue
        given = call.args[at]
        names = [spec for spec in _sent(given) if spec_text(spec)]
        if not names:
            continue
        if tested is None:
            tested = _tested(context)
        shown = dict.fromkeys(spec_text(spec) for spec in names if _key(spec) not in tested)
        if shown:
            context.reporter.report(
                code,
                message.format(", ".join(f"`{name}`" for name in shown)),
                given.span,
                help=help,
            )


def _sent(given: ast.Expr) -> list[PvSpec]:
    """The variables in an argument that hold text of the sender as it is."""
    if isinstance(given, ast.Str):
        try:
            parts: PvFormat = parse_format(given.value) if b"$" in given.value else ()
        except PvSyntaxError:
            return []
        return [part for part in parts if isinstance(part, PvSpec) and _is_sent(part)]
    if isinstance(given, ast.PvExpr):
        return [given.spec] if _is_sent(given.spec) else []
    if isinstance(given, ast.Binary) and given.op == "+":
        return _sent(given.left) + _sent(given.right)
    return []


def _is_sent(spec: PvSpec) -> bool:
    if not all(re.fullmatch(_KEEPS, f"{call.cls}.{call.fn}") for call in spec.transforms):
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
            found.update(map(_key, _sent(call.args[0])))
    return found
