"""Expressions: operators chosen by the types of their operands (``core/rvalue.c``)."""

from __future__ import annotations

from typing import cast

from kcc.ir import values as ir
from kcc.ir.values import Type
from kcc.lower import calls, legacy
from kcc.lower.byclass import ByClass
from kcc.lower.optimize import optimized
from kcc.lower.patterns import check_regex
from kcc.lower.scope import Scope
from kcc.lower.types import check_types
from kcc.lower.variables import check_loaded_before, is_attr, lower_variable, select_of_text
from kcc.syntax import ast


def lower_expression(node: ast.Expr, scope: Scope) -> ir.Expr:
    """The typed form of a whole expression. What is wrong is reported, a null stands in its
    place."""
    check_types(node, scope)
    return _lower(optimized(node), scope)


@ByClass
def _lower(node: ast.Node, scope: Scope) -> ir.Expr:
    return ir.Null(node.span)


@_lower.register(ast.Int)
def _(node: ast.Int, scope: Scope) -> ir.Expr:
    return ir.Int(node.span, node.value)


@_lower.register(ast.Str)
def _(node: ast.Str, scope: Scope) -> ir.Expr:
    return ir.Str(node.span, node.value)


@_lower.register(ast.PvExpr)
def _(node: ast.PvExpr, scope: Scope) -> ir.Expr:
    if node.or_attr and is_attr(scope, node.spec, node.span):
        scope.not_built("a SER attribute", node.span)
        return ir.NotBuilt(node.span, "SER attribute")
    if scope.late:
        check_loaded_before(scope, node.spec, node.span)
    return lower_variable(scope, node.spec, node.span)


@_lower.register(ast.Attr)
def _(node: ast.Attr, scope: Scope) -> ir.Expr:
    scope.not_built("a SER attribute", node.span)
    return ir.NotBuilt(node.span, "SER attribute")


def _index_text(index: int | bytes | None) -> str:
    if index is None:
        return ""
    return f"[{index}]" if isinstance(index, int) else f'["{index.decode("latin-1")}"]'


@_lower.register(ast.Select)
def _(node: ast.Select, scope: Scope) -> ir.Expr:
    text = ".".join(part.name + ("" if part.index is None else "[…]") for part in node.parts)
    whole = ".".join(part.name + _index_text(part.index) for part in node.parts)
    found = legacy.lower_select(text, node.span) or select_of_text(scope, whole, node.span)
    if found is not None:
        return found
    scope.not_built(f"select @{text}", node.span)
    return ir.NotBuilt(node.span, f"@{text}")


@_lower.register(ast.Unary)
def _(node: ast.Unary, scope: Scope) -> ir.Expr:
    operand = _lower(node.operand, scope)
    if node.op == "!":
        return ir.Not(node.span, operand)
    return ir.Unary(node.span, "-" if node.op == "-" else "~", operand)


@_lower.register(ast.Cast)
def _(node: ast.Cast, scope: Scope) -> ir.Expr:
    to = Type.INT if node.to == "int" else Type.STR
    return ir.Cast(node.span, to, _lower(node.operand, scope))


@_lower.register(ast.Binary)
def _(node: ast.Binary, scope: Scope) -> ir.Expr:
    if isinstance(node.left, ast.Legacy):
        return legacy.lower_comparison(node, scope, lower_expression)
    left, right = _lower(node.left, scope), _lower(node.right, scope)
    op, span = node.op, node.span
    if op in ("==", "!="):
        return ir.Equal(span, op == "!=", left, right)
    if op in ("eq", "ne"):
        return ir.StrEqual(span, op == "ne", left, right)
    if op == "=~":
        return ir.Match(span, left, _pattern(scope, right))
    if op == "+":
        return ir.Plus(span, left, right)
    if op == "str+":
        return ir.Concat(span, left, right)
    if op in ("&&", "||"):
        return ir.Logic(span, "and" if op == "&&" else "or", left, right)
    if op in ("<", ">", "<=", ">=", "ieq", "ine"):
        order = {"ieq": "==", "ine": "!="}.get(op, op)
        return ir.Compare(span, cast(ir.Order, order), left, right)
    return ir.Arith(span, "+" if op == "int+" else cast(ir.IntOp, op), left, right)


@_lower.register(ast.Builtin)
def _(node: ast.Builtin, scope: Scope) -> ir.Expr:
    args = [_lower(arg, scope) for arg in node.args]
    if node.name == "defined":
        return ir.Defined(node.span, args[0])
    if node.name == "strlen":
        return ir.StrLen(node.span, args[0])
    if node.name == "strempty":
        return ir.StrEmpty(node.span, args[0])
    return ir.Select(node.span, args[0], args[1], args[2])


@_lower.register(ast.Legacy)
def _(node: ast.Legacy, scope: Scope) -> ir.Expr:
    return legacy.lower_operand(node, scope)


@_lower.register(ast.Call)
def _(node: ast.Call, scope: Scope) -> ir.Expr:
    call = calls.lower_call(node, scope)
    return ir.Null(node.span) if call is None else ir.Test(node.span, call, raw=False)


@_lower.register(ast.BlockExpr)
def _(node: ast.BlockExpr, scope: Scope) -> ir.Expr:
    from kcc.lower.statements import lower_block

    method = scope.block(node.span, lambda: lower_block(node.body, scope))
    return ir.Test(node.span, ir.BlockCall(node.span, method), raw=False)


@_lower.register(ast.AssignExpr)
def _(node: ast.AssignExpr, scope: Scope) -> ir.Expr:
    from kcc.lower.statements import lower_statement

    method = scope.block(node.span, lambda: lower_statement(node.assign, scope))
    return ir.Test(node.span, ir.BlockCall(node.span, method), raw=False)


def lower_assigned(node: ast.Expr, scope: Scope) -> ir.Expr:
    """The right side of an assignment: a call gives its code there, not its truth, and a select
    without a value is an empty text."""
    value = lower_expression(node, scope)
    if isinstance(value, ir.Test):
        return ir.Test(value.span, value.call, raw=True)
    if isinstance(node, ast.Select):
        return ir.Cast(value.span, Type.STR, value)
    return value


def _pattern(scope: Scope, right: ir.Expr) -> bytes | ir.Expr:
    if not isinstance(right, ir.Str):
        return right
    check_regex(scope, right.value, right.span)
    return right.value
