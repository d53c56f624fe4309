"""What a check looks at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from kcc.catalog.catalog import Catalog
from kcc.checks.tree import Nodes, index
from kcc.diagnostics.reporter import Reporter
from kcc.ir.program import Program
from kcc.syntax import ast

T = TypeVar("T")
N = TypeVar("N", bound=ast.Node)


@dataclass(frozen=True, slots=True)
class Context:
    """One configuration, as written and as understood."""

    file: ast.File
    program: Program
    reporter: Reporter
    catalog: Catalog
    _facts: dict[object, Any] = field(default_factory=dict, compare=False, repr=False)

    def routes(self) -> Iterator[ast.Route]:
        """The route blocks in the order written."""
        for item in self.file.items:
            if isinstance(item, ast.Route):
                yield item

    def fact(self, make: Callable[[Context], T]) -> T:
        """What ``make`` finds out about the configuration: made once, for all checks."""
        if make not in self._facts:
            self._facts[make] = make(self)
        return cast(T, self._facts[make])

    def nodes(self, kind: type[N]) -> list[N]:
        """Every node of exactly this class in the routes, in the order written."""
        return cast("list[N]", self.fact(_nodes).get(kind, []))


def _nodes(context: Context) -> Nodes:
    return index(tuple(route.body for route in context.routes()))
