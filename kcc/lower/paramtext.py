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
_TABLE: Final = re.compile(rb"\s*[^=\s]+\s*=>(?P<rest>.*)", re.S)
_TABLE_NUMBERS: Final = frozenset(
    ("size", "autoexpire", "initval", "updateexpire", "dmqreplicate", "dbmode")
)
_TABLE_TEXTS: Final = frozenset(("dbtable", "cols", "colnull", "coldelim"))
_NAME: Final = re.compile(rb"[ \t\r\n]*([^= \t\r\n]*)[ \t\r\n]*=[ \t\r\n]*")


def start_value(scope: Scope, text: bytes, span: Span) -> Fault:
    """``varset`` and ``shvset`` of pv: ``name=i:7`` or ``name=s:text``."""
    return None if _VARIABLE.fullmatch(text) else "`name=i:number` or `name=s:text`"


def shared_table(scope: Scope, text: bytes, span: Span) -> Fault:
    """``htable``: ``name=>size=8;autoexpire=30;``."""
    found = _TABLE.fullmatch(text)
    if found is None:
        return "a name and attributes, as in `name=>size=8;autoexpire=30;`"
    rest = found.group("rest").strip()
    if b'"' in rest or b"'" in rest:
        return None
    for part in rest.removesuffix(b";").split(b";") if rest else ():
        name, equals, value = (piece.strip().decode("latin-1") for piece in part.partition(b"="))
        if not equals or name not in (_TABLE_NUMBERS | _TABLE_TEXTS):
            known = ", ".join(sorted(_TABLE_NUMBERS | _TABLE_TEXTS))
            return f"made of the attributes {known}; `{part.decode('latin-1')}` is none"
        if name in _TABLE_NUMBERS and not re.fullmatch(r"-?[0-9]+", value):
            return f"a table whose `{name}` is a number"
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
