"""The types that Kamailio gives expressions when it loads them (``core/rvalue.c``:
``rve_guess_type``, ``rve_check_type``). Variables have none: they may hold anything."""

from __future__ import annotations

from kcc.ir.values import Type
from kcc.lower.scope import Scope
from kcc.syntax import ast

_NAMES = {Type.INT: "a number", Type.STR: "a string"}
_OF_TEXT = ("eq", "ne", "=~")
_OF_ANYTHING = ("==", "!=", "+")


def guess(node: ast.Expr) -> Type:
    """The type of an expression; ANY where only run time knows."""
    while isinstance(node, ast.Binary) and node.op == "+":
        node = node.left
    if isinstance(node, ast.Str | ast.Select):
        return Type.STR
    if isinstance(node, ast.PvExpr | ast.Attr | ast.Missing):
        return Type.ANY
    if isinstance(node, ast.Binary) and node.op == "str+":
        return Type.STR
    if isinstance(node, ast.Cast):
        return Type.INT if node.to == "int" else Type.STR
    if isinstance(node, ast.Builtin) and node.name == "selval":
        return Type.ANY
    return Type.INT


def is_null(node: ast.Expr) -> bool:
    """Whether it is ``$null``: a comparison with that asks whether the left side has a value."""
    return isinstance(node, ast.PvExpr) and node.text == "$null"


def is_constant(node: ast.Expr) -> bool:
    """Whether it has the same value for every message (``rve_is_constant``)."""
    if isinstance(node, ast.Unary | ast.Cast):
        return is_constant(node.operand)
    if isinstance(node, ast.Binary):
        return is_constant(node.left) and is_constant(node.right)
    if isinstance(node, ast.Builtin):
        return all(map(is_constant, node.args))
    return isinstance(node, ast.Int | ast.Str)


def check_types(node: ast.Expr, scope: Scope) -> None:
    """Report operators on what they do not take, in an expression as it is written."""
    if isinstance(node, ast.Unary):
        check_types(node.operand, scope)
        _number(node.operand, f"`{node.op}`", scope)
    elif isinstance(node, ast.Cast):
        check_types(node.operand, scope)
    elif isinstance(node, ast.Builtin):
        for operand in node.args:
            check_types(operand, scope)
        if node.name != "selval":
            _text(node.args[0], f"`{node.name}`", scope)
    elif isinstance(node, ast.Binary) and not isinstance(node.left, ast.Legacy):
        check_types(node.left, scope)
        check_types(node.right, scope)
        _check_binary(node, scope)


def _check_binary(node: ast.Binary, scope: Scope) -> None:
    """What an operator takes on its left, and on its right after that."""
    op, left, right = node.op, node.left, node.right
    if op not in (*_OF_TEXT, *_OF_ANYTHING):
        if not (is_null(right) and op in ("ieq", "ine")):
            _number(left, f"`{op}`", scope) and _number(right, f"`{op}`", scope)
        else:
            _text(left, f"`{op} $null`", scope)
        return
    if op != "+" and is_null(right):
        _text(left, f"`{op} $null`", scope)
        return
    a, b = guess(left), guess(right)
    if Type.ANY not in (a, b) and a is not b and a is not Type.STR:
        scope.reporter.report(
            "K0217", f"the right side of `{op}` is {_NAMES[b]}, the left {_NAMES[a]}", right.span
        )
    elif op in _OF_TEXT:
        _text(left, f"`{op}`", scope)
        if op == "=~" and is_constant(right) and b is not Type.STR:
            scope.reporter.report("K0217", "the right side of `=~` is a string", right.span)


def check_number(node: ast.Expr, word: str, scope: Scope) -> None:
    """What ``while`` tests, and the code that ``return``, ``exit`` or ``drop`` gives."""
    _number(node, f"`{word}`", scope)


def _number(node: ast.Expr, what: str, scope: Scope) -> bool:
    if guess(node) is not Type.STR:
        return True
    scope.reporter.report("K0217", f"{what} takes a number, this is a string", node.span)
    return False


def _text(node: ast.Expr, what: str, scope: Scope) -> None:
    if guess(node) is Type.INT:
        scope.reporter.report(
            "K0217",
            f"{what} takes a string, this is a number",
            node.span,
            help="write it in quotes, or cast it with (str)",
        )
