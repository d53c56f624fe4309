"""What a check looks at, and walking over the syntax tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

from kcc.diagnostics.reporter import Reporter
from kcc.ir.program import Program
from kcc.syntax import ast


@dataclass(frozen=True, slots=True)
class Context:
    """One configuration, as written and as understood."""

    file: ast.File
    program: Program
    reporter: Reporter

    def routes(self) -> Iterator[ast.Route]:
        """The route blocks in the order written."""
        for item in self.file.items:
            if isinstance(item, ast.Route):
                yield item


def walk(node: object) -> Iterator[ast.Node]:
    """Every node below ``node`` and itself, in the order written."""
    stack: list[object] = [node]
    while stack:
        found = stack.pop()
        if isinstance(found, ast.Node):
            yield found
            stack.extend(getattr(found, field.name) for field in reversed(fields(found)))
        elif isinstance(found, tuple) and not hasattr(found, "_fields"):
            stack.extend(reversed(found))
