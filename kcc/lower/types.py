"""The types that Kamailio gives expressions when it loads them (``core/rvalue.c``:
``rve_guess_type``, ``rve_check_type``). Variables have none: they may hold anything."""

from __future__ import annotations

from kcc.ir.values import Type
from kcc.lower.scope import Scope
from kcc.syntax import ast
from runtime.declare.cint import str_to_int, wrap

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
    if isinstance(node, ast.Cast):
        return Type.INT if node.to == "int" else Type.STR
    if isinstance(node, ast.Builtin) and node.name == "selval":
        return Type.ANY
    return Type.INT


def is_constant(node: ast.Expr) -> bool:
    """Whether it has the same value for every message (``rve_is_constant``)."""
    if isinstance(node, ast.Unary | ast.Cast):
        return is_constant(node.operand)
    if isinstance(node, ast.Binary):
        return is_constant(node.left) and is_constant(node.right)
    if isinstance(node, ast.Builtin):
        return all(map(is_constant, node.args))
    return isinstance(node, ast.Int | ast.Str)


def constant_value(node: ast.Expr) -> bytes | int | None:
    """What a constant expression gives, folded when Kamailio loads it (``rve_optimize``); None
    for one that is not constant, and for operators that nobody writes between constants."""
    if isinstance(node, ast.Int | ast.Str):
        return node.value
    if isinstance(node, ast.Cast):
        inner = constant_value(node.operand)
        if inner is None:
            return None
        return _number_of(inner) if node.to == "int" else _octets_of(inner)
    if not isinstance(node, ast.Binary) or node.op not in ("+", "-", "*"):
        return None
    left, right = constant_value(node.left), constant_value(node.right)
    if left is None or right is None:
        return None
    if isinstance(left, bytes):
        return left + _octets_of(right) if node.op == "+" else None
    other = _number_of(right)
    if node.op == "+":
        return wrap(left + other)
    return wrap(left - other if node.op == "-" else left * other)


def _number_of(value: bytes | int) -> int:
    return value if isinstance(value, int) else str_to_int(value)


def _octets_of(value: bytes | int) -> bytes:
    return value if isinstance(value, bytes) else b"%d" % value


def is_null(node: ast.Expr) -> bool:
    """Whether it is ``$null``: a comparison with that asks whether the left side has a value."""
    return isinstance(node, ast.PvExpr) and node.text == "$null"


def check_unary(node: ast.Unary, scope: Scope) -> None:
    """``!``, ``-`` and ``~`` take no text."""
    _number(node.operand, f"`{node.op}`", scope)


def check_builtin(node: ast.Builtin, scope: Scope) -> None:
    """``defined``, ``strlen`` and ``strempty`` take no number."""
    if node.name != "selval":
        _text(node.args[0], f"`{node.name}`", scope)


def check_binary(node: ast.Binary, scope: Scope) -> None:
    """What an operator takes on its left, and on its right after that."""
    op, left, right = node.op, node.left, node.right
    if op not in (*_OF_TEXT, *_OF_ANYTHING):
        if not (is_null(right) and op in ("ieq", "ine")):
            _number(left, f"`{op}`", scope) and _number(right, f"`{op}`", scope)
        else:
            _text(left, f"`{op} $null`", scope)
        by_zero = op in ("/", "mod") and isinstance(right, ast.Int) and not right.value
        if by_zero and is_constant(left):
            scope.reporter.report("K0217", "a constant is divided by 0", right.span)
        return
    if op != "+" and is_null(right):
        _text(left, f"`{op} $null`", scope)
        return
    a, b = guess(left), guess(right)
    if Type.ANY not in (a, b) and a is not b and a is not Type.STR:
        scope.reporter.report(
            "K0217", f"the right side of `{op}` is {_NAMES[b]}, the left {_NAMES[a]}", right.span
        )
    elif op == "=~" and b is Type.INT and is_constant(right):
        scope.reporter.report("K0217", "the right side of `=~` is a string", right.span)
    elif op in _OF_TEXT:
        _text(left, f"`{op}`", scope)


def check_code(node: ast.Expr, word: str, scope: Scope) -> None:
    """The code that ``return``, ``exit`` or ``drop`` gives."""
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
