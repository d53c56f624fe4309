"""Fast walks over the syntax tree: what hangs below a node of a route."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from operator import attrgetter
from types import MappingProxyType
from typing import Any, Final

from kcc.syntax import ast

Nodes = dict[type[ast.Node], list[ast.Node]]


def _backwards(*names: str) -> attrgetter[Any]:
    """Gets two or more fields as a tuple, last first: the way in which a stack wants them."""
    return attrgetter(*reversed(names))


_ONE: Final[Mapping[type[ast.Node], attrgetter[Any]]] = MappingProxyType(
    {
        ast.Unary: attrgetter("operand"),
        ast.Cast: attrgetter("operand"),
        ast.Builtin: attrgetter("args"),
        ast.Call: attrgetter("args"),
        ast.BlockExpr: attrgetter("body"),
        ast.AssignExpr: attrgetter("assign"),
        ast.Block: attrgetter("statements"),
        ast.Return: attrgetter("value"),
        ast.Exit: attrgetter("value"),
        ast.Drop: attrgetter("value"),
        ast.CallStmt: attrgetter("call"),
        ast.Route: attrgetter("body"),
    }
)
_MORE: Final[Mapping[type[ast.Node], attrgetter[Any]]] = MappingProxyType(
    {
        ast.Binary: _backwards("left", "right"),
        ast.If: _backwards("cond", "then", "orelse"),
        ast.Case: _backwards("value", "body"),
        ast.Switch: _backwards("subject", "cases"),
        ast.While: _backwards("cond", "body"),
        ast.Assign: _backwards("target", "value"),
    }
)


def walk(node: object) -> Iterator[ast.Node]:
    """Every node of a route below ``node`` and itself, in the order written."""
    stack: list[Any] = [node]
    while stack:
        found = stack.pop()
        kind = type(found)
        if kind is tuple:
            stack.extend(found[::-1])
        elif found is not None:
            yield found
            one = _ONE.get(kind)
            if one is not None:
                stack.append(one(found))
            else:
                more = _MORE.get(kind)
                if more is not None:
                    stack.extend(more(found))


def index(node: object) -> Nodes:
    """The nodes that ``walk`` gives, by class."""
    nodes: Nodes = {}
    for found in walk(node):
        try:
            nodes[type(found)].append(found)
        except KeyError:
            nodes[type(found)] = [found]
    return nodes
