"""K0231: ``@foo.bar``, which no select table knows."""

from __future__ import annotations

from kcc.catalog.selects import Part, complaint
from kcc.checks.context import Context
from kcc.syntax import ast


def check(context: Context) -> None:
    """Report selects that Kamailio cannot resolve at its start."""
    for node in context.nodes(ast.Select):
        parts: list[Part] = []
        for part in node.parts:
            parts.append(part.name)
            if part.index is not None:
                index = part.index
                parts.append(index if isinstance(index, int) else index.decode("latin-1"))
        message = complaint(context.catalog, context.program.modules, parts)
        if message is not None:
            context.reporter.report("K0231", message, node.span)
