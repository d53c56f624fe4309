"""Modules and their order: what one needs of others, and what stands before its loadmodule."""

from __future__ import annotations

from typing import Final

from kcc.lower.databases import check_databases
from kcc.lower.scope import Scope, module_name
from kcc.source.span import Span
from kcc.syntax import ast
from runtime.declare.exports import Status

_INITIALISED_FIRST: Final = frozenset({"tm", "usrloc"})
"""Modules whose interface answers only once they are initialised, which is in the order of
loading (``load_tm``, ``bind_usrloc``)."""

_ONLY_WITH: Final = {"presence": ("db_url",)}
"""Parameters without which a module needs no other: presence is a library then."""

_ALSO_WITH: Final = {("nathelper", "natping_interval"): "usrloc"}
"""What a parameter that is not 0 makes needed."""


def check_modules(scope: Scope) -> None:
    """Report modules that are needed and missing, or that are loaded too late."""
    spans: dict[str, Span] = {}
    given: dict[tuple[str, str], Span] = {}
    for item in scope.file.items:
        if isinstance(item, ast.LoadModule):
            spans.setdefault(module_name(item.name.value), item.name.span)
        elif isinstance(item, ast.ModParam) and not _is_zero(item.value):
            name = item.name.value.decode("latin-1")
            for module in item.module.value.decode("latin-1").split("|"):
                given.setdefault((module, name), item.span)
    for module in scope.modules:
        exports = scope.catalog.module(module)
        if exports is None:
            continue
        condition = _ONLY_WITH.get(module, ())
        if not condition or any((module, name) in given for name in condition):
            for needed in exports.requires:
                _check_needed(scope, module, needed, spans)
        if exports.status is Status.PARSED_ONLY:
            scope.not_built(f"module {module}", spans[module])
    for (module, name), needed in _ALSO_WITH.items():
        if module in spans and (module, name) in given:
            _check_needed(scope, module, needed, spans, f" for `{name}`")
    check_databases(scope)


def _check_needed(
    scope: Scope, module: str, needed: str, spans: dict[str, Span], purpose: str = ""
) -> None:
    if needed not in scope.modules:
        message = f"module `{module}` needs module `{needed}`{purpose}, which is not loaded"
        help_text = f'loadmodule "{needed}.so"'
    elif needed in _INITIALISED_FIRST and scope.loaded_after(needed, module):
        message = f"module `{module}` needs module `{needed}`{purpose}, which is loaded after it"
        help_text = f"load `{needed}` first: modules are initialised in that order"
    else:
        return
    scope.reporter.report("K0213", message, spans[module], help=help_text)


def _is_zero(value: ast.Node) -> bool:
    return isinstance(value, ast.Int) and value.value == 0
