"""K0230: timers of tm given in seconds, as SER and OpenSER took them until 3.0."""

from __future__ import annotations

from typing import Final

from kcc.checks.context import Context
from kcc.source.span import Span
from kcc.syntax import ast

_PARAMS: Final = frozenset(
    ("fr_timer", "fr_inv_timer", "wt_timer", "max_inv_lifetime", "max_noninv_lifetime")
)
_FUNCTIONS: Final = frozenset(("t_set_fr", "t_set_max_lifetime"))
_T1: Final = 500  # milliseconds, RFC 3261: a shorter timer fires before the first retransmission


def check(context: Context) -> None:
    """Report a time that no one means as milliseconds."""
    for item in context.file.items:
        if not isinstance(item, ast.ModParam) or b"tm" not in item.module.value.split(b"|"):
            continue
        name = item.name.value.decode("latin-1")
        if name in _PARAMS:
            _look(context, f"`{name}`", item.value, item.value.span)
    for call in context.nodes(ast.Call):
        if call.name in _FUNCTIONS:
            for arg in call.args:
                _look(context, f"`{call.name}`", arg, arg.span)


def _look(context: Context, what: str, given: ast.Node, span: Span) -> None:
    if isinstance(given, ast.Int):
        time = given.value
    elif isinstance(given, ast.Str) and given.value.isdigit() and len(given.value) < 10:
        time = int(given.value)
    else:
        return
    if 0 < time < _T1:
        context.reporter.report(
            "K0230",
            f"{what} takes milliseconds: {time} is less than one retransmission",
            span,
            help=f"write {time}000 for {time} seconds",
        )
