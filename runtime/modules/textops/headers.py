"""Headers added, removed and looked for (``textops.c``). Edits are queued."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.native import edit
from runtime.native.regex import Regex
from runtime.server.log import LM_ERR

if TYPE_CHECKING:
    from collections.abc import Callable

    from runtime.native.sipmsg import SipMsg

TRUE, FALSE = 1, -1
NOT_THERE = 2


def remove_at(msg: SipMsg, name: bytes, index: int) -> int:
    """Remove the index-th header of this name; negative counts from the end."""
    found = edit.find_headers(msg, name)
    if index >= len(found):
        return NOT_THERE
    if index < -len(found):
        return TRUE
    return TRUE if edit.remove_header(msg, found[index]) else FALSE


def remove_where(msg: SipMsg, wanted: Callable[[int], bool], otherwise: int = FALSE) -> int:
    """Remove the headers whose index satisfies a condition."""
    removed = 0
    for index in range(edit.header_count(msg)):
        if wanted(index):
            if not edit.remove_header(msg, index):
                return FALSE
            removed += 1
    return TRUE if removed else otherwise


def remove_re(msg: SipMsg, names: Regex) -> int:
    """Remove the headers whose name matches."""
    return remove_where(msg, lambda index: names.match(edit.header_name(msg, index)))


def remove_except(msg: SipMsg, names: Regex, kept: Regex) -> int:
    """Remove the headers whose name matches one expression and not the other."""

    def wanted(index: int) -> bool:
        name = edit.header_name(msg, index)
        return not kept.match(name) and names.match(name)

    return remove_where(msg, wanted)


def remove_match(msg: SipMsg, name: bytes, op: bytes, expr: bytes) -> int:
    """Remove headers by value: ``eq ne in`` a text, or ``re``."""
    kind = op.lower()
    if kind == b"re":
        expression = compiled(expr)
        if expression is None:
            return FALSE

        def test(value: bytes) -> bool:
            return expression.match(value)

    elif kind in (b"eq", b"ne", b"in"):

        def test(value: bytes) -> bool:
            return expr in value if kind == b"in" else (expr == value) is (kind == b"eq")

    else:
        LM_ERR("unknown operator %r (eq, ne, in, re)", op)
        return FALSE
    found = set(edit.find_headers(msg, name))
    return remove_where(
        msg, lambda index: index in found and test(edit.header_body(msg, index)), otherwise=-2
    )


def present_re(msg: SipMsg, names: Regex) -> int:
    """Is there a header whose name matches?"""
    for index in range(edit.header_count(msg)):
        if names.match(edit.header_name(msg, index)):
            return TRUE
    return FALSE


def search(msg: SipMsg, name: bytes, expression: Regex, flags: bytes) -> int:
    """Does the value of one header match? Flags: ``a`` any, ``f`` the first, ``l`` the last."""
    found = edit.find_headers(msg, name)
    if flags[:1] == b"l":
        found = found[-1:]
    elif flags[:1] == b"f":
        found = found[:1]
    matches = any(expression.match(edit.header_body(msg, index)) for index in found)
    return TRUE if matches else FALSE


def compiled(pattern: bytes) -> Regex | None:
    """An expression that is known only now; None, and a log line, where it is none."""
    try:
        return Regex(pattern)
    except ValueError as error:
        LM_ERR("%s", error)
        return None
