"""What can be said of names and calls where the text has mistakes: the rest is judged as ever."""

from __future__ import annotations

from typing import Final

from kcc.catalog.catalog import Catalog
from kcc.diagnostics.reporter import Reporter
from kcc.lower.lower import lower_file
from kcc.source.span import Span
from kcc.syntax import ast

_LOST_TEXT: Final = frozenset({"K0001", "K0002", "K0003", "K0102", "K0103"})
"""Errors after which modules and macros may be missing that the author has."""

_INDEPENDENT: Final = frozenset(
    {
        "K0201",
        "K0203",
        "K0204",
        "K0205",
        "K0207",
        "K0210",
        "K0211",
        "K0212",
        "K0215",
        "K0217",
        "K0253",
    }
)
_OF_LOADED: Final = frozenset({"K0202", "K0208", "K0209", "K0252"})


def resolve_beside_errors(file: ast.File, catalog: Catalog, reporter: Reporter) -> None:
    """Report unknown names, modules and wrong calls in what could be parsed of ``file``.

    What may only follow from the text that is missing is left out: routes not found, and, where
    a mistake stands outside of all routes, everything that needs a module to be loaded.
    """
    broken = [d for d in reporter.diagnostics if d.severity == "error"]
    if any(d.code in _LOST_TEXT for d in broken):
        return
    routes = [item.span for item in file.items if isinstance(item, ast.Route)]
    inside = all(d.span is not None and _within(d.span, routes) for d in broken)
    kept = _INDEPENDENT | _OF_LOADED if inside else _INDEPENDENT
    lines = {_line(d.span) for d in broken if d.span is not None}
    found = Reporter()
    lower_file(file, catalog, found)
    for diagnostic in found.diagnostics:
        span = diagnostic.span
        if diagnostic.code in kept and span is not None and _line(span) not in lines:
            reporter.add(diagnostic)


def _line(span: Span) -> tuple[str, int]:
    outer = span.outer()
    return outer.path, outer.line


def _within(span: Span, routes: list[Span]) -> bool:
    at = span.outer()
    return any(r.file is at.file and r.start <= at.start < r.end for r in map(Span.outer, routes))
