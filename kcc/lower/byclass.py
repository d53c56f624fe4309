"""Functions chosen by the class of a node: ``functools.singledispatch`` at a fifth of its cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

from kcc.lower.scope import Scope
from kcc.syntax import ast

R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., Any])


class ByClass(Generic[R]):
    """Called with a node, calls what is registered for exactly its class, or the ``default``."""

    __slots__ = ("_default", "_table")

    def __init__(self, default: Callable[[ast.Node, Scope], R]) -> None:
        self._default: Final = default
        self._table: Final[dict[type[ast.Node], Callable[[Any, Scope], R]]] = {}

    def register(self, kind: type[ast.Node]) -> Callable[[F], F]:
        """Decorates the function for a class of nodes."""

        def keep(function: F) -> F:
            self._table[kind] = function
            return function

        return keep

    def __call__(self, node: ast.Node, scope: Scope) -> R:
        return self._table.get(type(node), self._default)(node, scope)
