"""Which messages a condition lets through: sets of kinds of messages, as bits of an integer.

A kind is what does not change while a message is in a script: its method, whether it has a To
tag, whether its From domain is ours, and what sort of route it came into.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from kcc.checks.functions import text_of
from kcc.syntax import ast

METHODS: Final = (
    "INVITE", "ACK", "CANCEL", "BYE", "REGISTER", "OPTIONS", "SUBSCRIBE", "NOTIFY", "PUBLISH",
    "MESSAGE", "INFO", "UPDATE", "PRACK", "REFER", "",
)  # fmt: skip
"""The empty one stands for all others."""
SORTS: Final = ("request", "failure", "branch", "reply", "event")

_WIDTH: Final = len(METHODS)
_ROW: Final = (1 << _WIDTH) - 1
ALL: Final = (1 << (_WIDTH * 4 * len(SORTS))) - 1


def _rows(wanted: Iterable[int], row: int = _ROW) -> int:
    """``row`` at each of the places, which are To tag + 2 * own From domain + 4 * sort."""
    return sum(row << (_WIDTH * at) for at in wanted)


_PLACES: Final = range(4 * len(SORTS))
IN_DIALOG: Final = _rows(at for at in _PLACES if at & 1)
FROM_OURS: Final = _rows(at for at in _PLACES if at & 2)
SORT: Final = {sort: _rows(range(4 * number, 4 * number + 4)) for number, sort in enumerate(SORTS)}
REQUESTS: Final = ALL & ~SORT["reply"]


def of_methods(names: Iterable[str]) -> int:
    """The messages with these methods."""
    row = sum(1 << METHODS.index(name if name in METHODS else "") for name in set(names))
    return _rows(_PLACES, row)


OTHERS: Final = of_methods([""])


class Holds(tuple[int, int]):
    """The messages for which a condition may be true, and those for which it may be false."""

    __slots__ = ()


def _exactly(mask: int) -> Holds:
    return Holds((mask, ALL & ~mask))


def _methods(names: Iterable[str]) -> Holds:
    mask = of_methods(names)
    return Holds((mask, (ALL & ~mask) | (mask & OTHERS)))


_CALLS: Final = {
    "has_totag": _exactly(IN_DIALOG),
    "is_request": _exactly(REQUESTS),
    "is_reply": _exactly(SORT["reply"]),
    "t_is_request_route": _exactly(SORT["request"]),
    "t_is_failure_route": _exactly(SORT["failure"]),
    "t_is_branch_route": _exactly(SORT["branch"]),
    "t_is_reply_route": _exactly(SORT["reply"]),
    "is_from_local": _exactly(FROM_OURS),
}
CALLS: Final = frozenset({"is_method", *_CALLS})
_ALTERNATIVES: Final = r"\^?\(?([A-Z]+(?:\|[A-Z]+)*)\)?\$?"


def of_call(call: ast.Call) -> Holds | None:
    """What a call tells of the message; None: nothing."""
    if call.name == "is_method" and len(call.args) == 1:
        text = text_of(call.args[0])
        if text is None or "$" in text:
            return None
        return _methods(name.strip().upper() for name in text.replace(",", "|").split("|"))
    return _CALLS.get(call.name)


def of_test(test: ast.Binary) -> Holds | None:
    """What a comparison tells of the message; None: nothing."""
    left, right = test.left, test.right
    if isinstance(left, ast.Legacy):
        if left.name == "from_uri" and isinstance(right, ast.Myself):
            found: Holds | None = _exactly(FROM_OURS)
        else:
            found = _method_test(test.op, right) if left.name == "method" else None
    elif isinstance(left, ast.PvExpr) and left.spec.inner is None and not left.spec.transforms:
        if left.spec.name == "rm":
            found = _method_test(test.op, right)
        elif left.spec.name == "tt" and _is_null(right):
            found = Holds((ALL & ~IN_DIALOG, IN_DIALOG))
        else:
            return None
    else:
        return None
    if found is None or test.op in ("==", "eq", "ieq", "=~"):
        return found
    return Holds((found[1], found[0])) if test.op in ("!=", "ne", "ine") else None


def _is_null(node: ast.Expr) -> bool:
    if isinstance(node, ast.PvExpr):
        return node.spec.name == "null"
    return isinstance(node, ast.Str) and not node.value


def _method_test(op: str, right: ast.Expr) -> Holds | None:
    text = text_of(right)
    if text is None or "$" in text.rstrip("$"):
        return None
    if op != "=~":
        return _methods([text])
    match = re.fullmatch(_ALTERNATIVES, text)
    return None if match is None else _methods(match[1].split("|"))
