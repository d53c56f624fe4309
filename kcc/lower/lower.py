"""The entry: a syntax tree to a program."""

from __future__ import annotations

from kcc.catalog.catalog import Catalog
from kcc.diagnostics.model import Note
from kcc.diagnostics.reporter import Reporter
from kcc.ir.program import Program, Route
from kcc.lower import settings
from kcc.lower.modules import check_modules
from kcc.lower.scope import Scope, route_key
from kcc.lower.statements import lower_block
from kcc.source.span import Span
from kcc.syntax import ast


def lower_file(file: ast.File, catalog: Catalog, reporter: Reporter) -> Program:
    """Resolve every name and type every expression. Mistakes are reported and left out."""
    scope = Scope(file, catalog, reporter)
    check_modules(scope)
    core = settings.core_settings(scope)
    custom = settings.custom_settings(scope)
    listens, aliases = settings.sockets(scope)
    params = settings.mod_params(scope)
    scope.params = {(param.module, param.name): param.value for param in params}
    routes = _routes(scope)
    return Program(
        source=file.span.path,
        modules=scope.modules,
        core=core,
        custom=custom,
        listens=listens,
        aliases=aliases,
        modparams=params,
        flags=tuple(sorted(scope.flags.items())),
        routes=(*routes, *scope.rests),
        blocks=tuple(scope.blocks),
        vars=tuple(scope.vars),
        reads_code=scope.reads_code,
        missing=tuple(scope.missing),
        traces=tuple(scope.traces.items()),
    )


def _routes(scope: Scope) -> tuple[Route, ...]:
    """Routes in the order written. Several blocks of the unnamed ones are one route."""
    found: dict[tuple[str, str], Route] = {}
    places: dict[tuple[str, str], Span] = {}
    for number, item in enumerate(scope.file.items):
        if not isinstance(item, ast.Route):
            continue
        scope.read_to(number)
        kind, name = key = route_key(item)
        if key in found and item.name is not None and kind != "request":
            scope.reporter.report(
                "K0218",
                f"{item.kind}[{name}] is defined a second time" if name else "duplicate route",
                item.name_span or item.span,
                notes=(Note("first defined here", places[key]),),
            )
            continue
        scope.enter(kind, name)
        body = lower_block(item.body, scope)
        places.setdefault(key, item.name_span or item.span)
        before = found[key].body if key in found else ()
        found[key] = Route(item.span, kind, name, scope.methods[key], before + body)
    return tuple(found.values())
