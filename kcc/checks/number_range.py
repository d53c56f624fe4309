"""K0242: a number that means nothing to the function that takes it."""

from __future__ import annotations

from typing import Final, NamedTuple

from kcc.checks.context import Context
from kcc.checks.functions import text_of
from kcc.syntax import ast


class _Range(NamedTuple):
    """The numbers that argument ``at`` (from 0) of a module's function has a meaning for."""

    modules: tuple[str, ...]
    at: int
    what: str
    low: int
    high: int


_ALGORITHM: Final = _Range(("dispatcher",), 1, "algorithm", 0, 13)  # dispatch.c
_FINAL: Final = _Range(("sl", "tm"), 0, "status code", 100, 699)  # RFC 3261 s. 7.2
_RANGES: Final[dict[str, _Range]] = {
    "ds_select": _ALGORITHM,
    "ds_select_dst": _ALGORITHM,
    "ds_select_domain": _ALGORITHM,
    "sl_send_reply": _FINAL,
    "send_reply": _FINAL,
    "t_reply": _FINAL,
    "t_send_reply": _FINAL,
    "change_reply_status": _Range(("textopsx",), 0, "status code", 100, 699),
}


def check(context: Context) -> None:
    """Report constant numbers; a start accepts them, the call fails or falls back."""
    for call in context.nodes(ast.Call):
        limits = _RANGES.get(call.name)
        if limits is None or limits.at >= len(call.args):
            continue
        if not any(module in context.program.modules for module in limits.modules):
            continue
        given = call.args[limits.at]
        text = text_of(given)
        if text is None or not text.isdecimal() or len(text) > 9:
            continue
        if not limits.low <= int(text) <= limits.high:
            context.reporter.report(
                "K0242",
                f"`{call.name}` knows no {limits.what} {text}: they are "
                f"{limits.low} to {limits.high}",
                given.span,
            )
