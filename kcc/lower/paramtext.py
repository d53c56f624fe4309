"""Parameters with a syntax of their own, as their modules read it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, TypeAlias

from kcc.diagnostics.model import Diagnostic
from kcc.lower.scope import Scope
from kcc.lower.variables import prefix_fault
from kcc.source.span import Span
from runtime.declare.pvspec import PvSyntaxError, parse_spec

Fault: TypeAlias = Diagnostic | str | None
TextRule: TypeAlias = Callable[[Scope, bytes, Span], Fault]

_VARIABLE: Final = re.compile(rb"\s*[^=\s]+=(?:s:.*|i:[+-]?[0-9]*)", re.S)
_NAME: Final = re.compile(rb"[ \t\r\n]*([^= \t\r\n]*)[ \t\r\n]*=[ \t\r\n]*")


def start_value(scope: Scope, text: bytes, span: Span) -> Fault:
    """``varset`` and ``shvset`` of pv: ``name=i:7`` or ``name=s:text``."""
    return None if _VARIABLE.fullmatch(text) else "`name=i:number` or `name=s:text`"


def shared_table(scope: Scope, text: bytes, span: Span) -> Fault:
    """``htable``: ``name=>size=8;autoexpire=30;``."""
    from runtime.modules.htable.syntax import parse_spec

    ignored = () if scope.catalog.target == "5.6" else ("colnull", "coldelim")
    try:
        name = parse_spec(text, ignored).name
    except ValueError as error:
        return f"the declaration of a hash table ({error})"
    if name in scope.tables:
        return "a table that is not declared yet"
    scope.tables.add(name)
    return None


def extra(scope: Scope, text: bytes, span: Span) -> Fault:
    """``log_extra`` of acc: ``name=$variable;name=$variable``, no semicolon at the end."""
    at = 0
    while True:
        name = _NAME.match(text, at)
        if name is None or not text.startswith(b"$", name.end()):
            if at and not text[at:].strip():
                return "without a semicolon at its end"
            return "written `name=$variable;name=$variable`"
        try:
            _, end = parse_spec(text, name.end())
        except PvSyntaxError as error:
            return f"written `name=$variable;name=$variable` ({error.message})"
        fault = prefix_fault(scope, text[name.end() : end], span)
        if fault is not None:
            return fault
        rest = text[end:].lstrip(b" \t\r\n")
        if not rest:
            return None
        if not rest.startswith(b";"):
            return "written with a `;` between its variables"
        at = len(text) - len(rest) + 1
