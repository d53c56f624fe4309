"""K0257: a module of which nothing is used."""

from __future__ import annotations

import re
from typing import Final

from kcc.checks.context import Context
from kcc.lower.scope import module_name
from kcc.source.text import from_name, to_octets
from kcc.syntax import ast
from runtime.declare.exports import Exports

_VARIABLE: Final = re.compile(rb"\$\(?([A-Za-z_][A-Za-z0-9_]*)")
_TRANSFORMATION: Final = re.compile(rb"\{([a-z0-9_]+)\.")


def check(context: Context) -> None:
    """Report modules that only offer functions, variables and transformations of which none is
    used. What has a parameter set, RPC commands or event routes, or what another
    module needs, may be loaded for that."""
    modules = context.program.modules
    offered = {name: context.catalog.module(name) for name in modules}
    needed = {name for exports in offered.values() if exports for name in exports.requires}
    needed.update(param.module for param in context.program.modparams)
    called = {node.name for node in context.nodes(ast.Call)}
    texts = [param.value for param in context.program.modparams if isinstance(param.value, bytes)]
    texts += [node.value for node in context.nodes(ast.Str)]
    texts += [to_octets(from_name(node.text)) for node in context.nodes(ast.PvExpr)]
    text = b"\n".join(texts)
    variables = {name.decode() for name in _VARIABLE.findall(text)}
    classes = {name.decode() for name in _TRANSFORMATION.findall(text)}
    for item in context.file.items:
        if not isinstance(item, ast.LoadModule):
            continue
        name = module_name(item.name.value)
        exports = offered.pop(name, None)
        if exports is None or name in needed or _works_by_itself(exports):
            continue
        if called.isdisjoint(row.name for row in exports.functions) and (
            variables.isdisjoint(row.name for row in exports.pvs)
            and classes.isdisjoint(row.cls for row in exports.transformations)
        ):
            context.reporter.report("K0257", f"nothing of module `{name}` is used", item.name.span)


def _works_by_itself(exports: Exports) -> bool:
    return bool(exports.rpc or exports.event_routes) or not (
        exports.functions or exports.pvs or exports.transformations
    )
