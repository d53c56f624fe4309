"""What a check looks at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar, cast

from kcc.catalog.catalog import Catalog
from kcc.diagnostics.reporter import Reporter
from kcc.ir.program import Program
from kcc.syntax import ast
from runtime.declare.record import Record, walk

T = TypeVar("T")
N = TypeVar("N", bound=Record)
Index = dict[type[Record], list[Record]]


class Context:
    """One configuration, as written (``file``) and as understood (``program``)."""

    def __init__(
        self, file: ast.File, program: Program, reporter: Reporter, catalog: Catalog
    ) -> None:
        self.file = file
        self.program = program
        self.reporter = reporter
        self.catalog = catalog
        self._facts: dict[object, Any] = {}

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
        """Every node of exactly this class in the routes as written, in order."""
        if kind not in self._facts:
            found: list[Record] = []
            for _, nodes in self.fact(by_route):
                found.extend(nodes.get(kind, ()))
            self._facts[kind] = found
        return cast("list[N]", self._facts[kind])

    def resolved(self, kind: type[N]) -> list[N]:
        """Every node of exactly this class in the routes of the program, in order."""
        return cast("list[N]", self.fact(_understood).get(kind, []))


def by_route(context: Context) -> list[tuple[ast.Route, Index]]:
    """Each route and what is in it, by class of node; a fact of the context."""
    return [(route, _index(route.body)) for route in context.routes()]


def _understood(context: Context) -> Index:
    return _index((context.program.routes, context.program.blocks))


def _index(tree: object) -> Index:
    found: Index = {}
    for node in walk(tree):
        try:
            found[type(node)].append(node)
        except KeyError:
            found[type(node)] = [node]
    return found
