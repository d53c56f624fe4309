"""What stands outside of routes: parameters, sockets, module parameters."""

from __future__ import annotations

import re

from kcc.catalog.catalog import suggest
from kcc.ir.program import ModParam, Setting, Socket
from kcc.lower import modparam
from kcc.lower.paramvalues import check_value
from kcc.lower.scope import Scope, module_name
from kcc.lower.variables import check_variables
from kcc.source.span import Span
from kcc.syntax import ast
from runtime.declare.exports import ParamKind, Status
from runtime.declare.record import replaced

_INT_KINDS = (ParamKind.INT, ParamKind.FUNC_INT)


def core_settings(scope: Scope) -> tuple[Setting, ...]:
    """Core parameters in the order written."""
    known = scope.catalog.core_params
    found: list[Setting] = []
    for item in scope.file.items:
        if not isinstance(item, ast.CoreParam):
            continue
        row = known.get(item.name)
        if row is not None and row.status is Status.PARSED_ONLY:
            scope.reporter.report(
                "K0214", f"core parameter {item.name} has no effect here yet", item.span
            )
        found.append(Setting(None, item.name, _value(item.value), b"", None, item.span))
    return tuple(found)


def _value(node: ast.Int | ast.Str | ast.Word | ast.Ip | ast.Proto) -> int | bytes:
    if isinstance(node, ast.Int | ast.Str):
        return node.value
    return (node.address if isinstance(node, ast.Ip) else node.name).encode("latin-1")


def custom_settings(scope: Scope) -> tuple[Setting, ...]:
    """``group.name = value`` in the order written."""
    return tuple(
        Setting(
            item.group,
            item.name,
            item.value.value,
            item.description.value if item.description is not None else b"",
            item.index,
            item.span,
        )
        for item in scope.file.items
        if isinstance(item, ast.CustomParam)
    )


def sockets(scope: Scope) -> tuple[tuple[Socket, ...], tuple[Socket, ...]]:
    """What is listened on, and the aliases."""
    listens: list[Socket] = []
    aliases: list[Socket] = []
    for item in scope.file.items:
        if isinstance(item, ast.Listen):
            name = item.name.value.decode("latin-1") if item.name is not None else None
            for socket in item.sockets:
                listens.append(_socket(socket, item.advertise, name, item.virtual))
        elif isinstance(item, ast.SocketDecl) and item.bind is not None:
            name = item.name.value.decode("latin-1") if item.name is not None else None
            first = item.bind.port or 0
            for port in range(first, max(first, item.last_port or 0) + 1):
                socket = replaced(item.bind, port=port)
                listens.append(_socket(socket, item.advertise, name, item.virtual))
        elif isinstance(item, ast.Alias):
            aliases.extend(_socket(socket, None, None, False) for socket in item.sockets)
    return tuple(listens), tuple(aliases)


def _socket(
    node: ast.Socket, advertise: ast.Socket | None, name: str | None, virtual: bool
) -> Socket:
    return Socket(
        node.proto or "",
        node.hosts,
        node.port or 0,
        advertise.hosts[0] if advertise is not None else None,
        (advertise.port or 0) if advertise is not None else 0,
        name,
        virtual,
        node.span,
    )


def mod_params(scope: Scope) -> tuple[ModParam, ...]:
    """Module parameters, one for each module that a modparam matches."""
    found: list[ModParam] = []
    loaded: list[str] = []
    for item in scope.file.items:
        if isinstance(item, ast.LoadModule):
            name = module_name(item.name.value)
            if name in scope.modules and name not in loaded:
                loaded.append(name)
        elif isinstance(item, ast.ModParam):
            found.extend(_mod_param(scope, item, loaded))
    return tuple(found)


def _mod_param(scope: Scope, item: ast.ModParam, loaded: list[str]) -> list[ModParam]:
    name = item.name.value.decode("latin-1")
    if isinstance(item.value, ast.PvExpr):
        scope.not_built("a variable as the value of modparamx", item.value.span)
        return []
    value = item.value.value
    found: list[ModParam] = []
    for module in modparam.matched(scope, item, loaded):
        rows = scope.catalog.params(module, name)
        if not rows:
            exports = scope.catalog.module(module)
            near = suggest(name, (p.name for p in exports.params) if exports else ())
            scope.reporter.report(
                "K0211",
                f"module `{module}` has no parameter `{name}`",
                item.name.span,
                help=scope.catalog.changes.parameter(module, name)
                or (f"did you mean `{near}`?" if near else None),
            )
            continue
        kinds = [row.kind for row in rows]
        if isinstance(value, int) and not any(kind in _INT_KINDS for kind in kinds):
            _wrong_type(scope, module, name, "text", item.value.span)
        elif (
            isinstance(value, bytes)
            and all(kind in _INT_KINDS for kind in kinds)
            and re.fullmatch(rb"[+-]?[0-9]+|", value) is None
        ):
            _wrong_type(scope, module, name, "a number", item.value.span)
        check_value(scope, module, name, value, item.value.span)
        if isinstance(value, bytes) and ParamKind.PV in kinds:
            check_variables(scope, value, item.value.span)
        built = any(row.status is not Status.PARSED_ONLY for row in rows)
        if not built:
            scope.not_built(f"parameter {name} of module {module}", item.span)
        span = item.value.span
        found.append(ModParam(module, name, value, item.span, span, item.extended, built))
    return found


def _wrong_type(scope: Scope, module: str, name: str, wanted: str, span: Span) -> None:
    scope.reporter.report("K0212", f"parameter `{name}` of `{module}` takes {wanted}", span)
