"""Expressions: operators chosen by the types of their operands (``core/rvalue.c``)."""

from __future__ import annotations

from typing import Literal, cast

from kcc.ir import values as ir
from kcc.ir.values import Type, type_of
from kcc.lower import calls, legacy
from kcc.lower.byclass import ByClass
from kcc.lower.patterns import check_regex
from kcc.lower.scope import Scope
from kcc.lower.types import check_binary, check_builtin, check_unary, guess, is_null
from kcc.lower.variables import check_loaded_before, is_attr, lower_variable, select_of_text
from kcc.source.span import Span
from kcc.syntax import ast

_EQUALITY = ("==", "!=", "eq", "ne", "ieq", "ine", "=~")


@ByClass
def lower_expression(node: ast.Node, scope: Scope) -> ir.Expr:
    """The typed form of an expression. What is wrong is reported, a null stands in its place."""
    return ir.Null(node.span)


@lower_expression.register(ast.Int)
def _(node: ast.Int, scope: Scope) -> ir.Expr:
    return ir.Int(node.span, node.value)


@lower_expression.register(ast.Str)
def _(node: ast.Str, scope: Scope) -> ir.Expr:
    return ir.Str(node.span, node.value)


@lower_expression.register(ast.PvExpr)
def _(node: ast.PvExpr, scope: Scope) -> ir.Expr:
    if node.or_attr and is_attr(scope, node.spec, node.span):
        scope.not_built("a SER attribute", node.span)
        return ir.NotBuilt(node.span, "SER attribute")
    if scope.late:
        check_loaded_before(scope, node.spec, node.span)
    return lower_variable(scope, node.spec, node.span)


@lower_expression.register(ast.Attr)
def _(node: ast.Attr, scope: Scope) -> ir.Expr:
    scope.not_built("a SER attribute", node.span)
    return ir.NotBuilt(node.span, "SER attribute")


def _index_text(index: int | bytes | None) -> str:
    if index is None:
        return ""
    return f"[{index}]" if isinstance(index, int) else f'["{index.decode("latin-1")}"]'


@lower_expression.register(ast.Select)
def _(node: ast.Select, scope: Scope) -> ir.Expr:
    text = ".".join(part.name + ("" if part.index is None else "[…]") for part in node.parts)
    whole = ".".join(part.name + _index_text(part.index) for part in node.parts)
    found = legacy.lower_select(text, node.span) or select_of_text(scope, whole, node.span)
    if found is not None:
        return found
    scope.not_built(f"select @{text}", node.span)
    return ir.NotBuilt(node.span, f"@{text}")


@lower_expression.register(ast.Unary)
def _(node: ast.Unary, scope: Scope) -> ir.Expr:
    check_unary(node, scope)
    operand = as_int(lower_expression(node.operand, scope))
    if node.op == "!":
        return ir.Not(node.span, operand)
    return ir.Unary(node.span, "-" if node.op == "-" else "~", operand)


@lower_expression.register(ast.Cast)
def _(node: ast.Cast, scope: Scope) -> ir.Expr:
    to = Type.INT if node.to == "int" else Type.STR
    operand = lower_expression(node.operand, scope)
    return ir.Cast(node.span, to, as_int(operand) if to is Type.INT else operand)


@lower_expression.register(ast.Binary)
def _(node: ast.Binary, scope: Scope) -> ir.Expr:
    if isinstance(node.left, ast.Legacy):
        return legacy.lower_comparison(node, scope, lower_expression)
    check_binary(node, scope)
    left = lower_expression(node.left, scope)
    op, span = node.op, node.span
    if op in _EQUALITY and is_null(node.right):
        # cfg.y turns a comparison with $null into a test of being defined
        defined = ir.Defined(span, left)
        return defined if op in ("!=", "ne", "ine") else ir.Not(span, defined)
    right = lower_expression(node.right, scope)
    if op in ("==", "eq"):
        for text, other in ((right, left), (left, right)):
            if isinstance(text, ir.Str) and not text.value:
                return ir.StrEmpty(span, other)  # rve_opt_01
    if op in ("==", "!=") and guess(node.left) is Type.ANY:
        return ir.Equal(span, op == "!=", left, right)
    if op in ("eq", "ne") or (op in ("==", "!=") and guess(node.left) is Type.STR):
        return ir.StrEqual(span, op in ("ne", "!="), left, right)
    if op == "=~":
        return ir.Match(span, left, _pattern(scope, right))
    if op == "+":
        return _plus(node, span, left, right)
    left, right = as_int(left), as_int(right)
    if op in ("&&", "||"):
        return _logic(span, "and" if op == "&&" else "or", left, right)
    if op in ("<", ">", "<=", ">=", "ieq", "ine", "==", "!="):
        order = {"ieq": "==", "ine": "!="}.get(op, op)
        return ir.Compare(span, cast(ir.Order, order), left, right)
    if op in ("/", "mod") and left == ir.Int(span, 0) and not isinstance(right, ir.Int):
        return left  # rve_opt_01
    return ir.Arith(span, cast(ir.IntOp, op), left, right)


def as_int(value: ir.Expr) -> ir.Expr:
    """The same where a number is wanted: a sum whose type only run time knows adds numbers then
    (``rval_expr_eval_int``)."""
    if not isinstance(value, ir.Plus):
        return value
    terms = []
    left: ir.Expr = value
    while isinstance(left, ir.Plus):
        terms.append(left)
        left = left.left
    for term in reversed(terms):
        left = ir.Arith(term.span, "+", left, as_int(term.right))
    return left


def _logic(span: Span, op: Literal["and", "or"], left: ir.Expr, right: ir.Expr) -> ir.Expr:
    """``&&``, ``||``; a constant side is left out as Kamailio's optimizer does (``rve_opt_01``),
    which shows: ``$v && 1`` is the number ``$v``, and ``if`` takes -1 as false."""
    if isinstance(left, ir.Int) and isinstance(right, ir.Int):
        both = (bool(left.value), bool(right.value))
        return ir.Int(span, int(all(both) if op == "and" else any(both)))
    for constant, other in ((right, left), (left, right)):
        if isinstance(constant, ir.Int) and constant.value == (op == "or"):
            return ir.Int(span, constant.value)
        if isinstance(constant, ir.Int) and constant.value == (op == "and"):
            return other if _is_number(other) else ir.Cast(span, Type.INT, other)
    return ir.Logic(span, op, left, right)


def _plus(node: ast.Binary, span: Span, left: ir.Expr, right: ir.Expr) -> ir.Expr:
    kind = guess(node.left)
    if kind is Type.STR:
        return ir.Concat(span, left, right)
    return (
        ir.Arith(span, "+", left, as_int(right)) if kind is Type.INT else ir.Plus(span, left, right)
    )


def _is_number(value: ir.Expr) -> bool:
    """Whether it is a number whatever happens: a variable may have no value."""
    varying = ir.Native | ir.Pv | ir.Transform | ir.ReturnCode | ir.Select
    return not isinstance(value, varying) and type_of(value) is Type.INT


@lower_expression.register(ast.Builtin)
def _(node: ast.Builtin, scope: Scope) -> ir.Expr:
    check_builtin(node, scope)
    args = [lower_expression(arg, scope) for arg in node.args]
    if node.name == "defined":
        return ir.Defined(node.span, args[0])
    if node.name == "strlen":
        return ir.StrLen(node.span, args[0])
    if node.name == "strempty":
        return ir.StrEmpty(node.span, args[0])
    return ir.Select(node.span, args[0], args[1], args[2])


@lower_expression.register(ast.Legacy)
def _(node: ast.Legacy, scope: Scope) -> ir.Expr:
    return legacy.lower_operand(node, scope)


@lower_expression.register(ast.Call)
def _(node: ast.Call, scope: Scope) -> ir.Expr:
    call = calls.lower_call(node, scope)
    return ir.Null(node.span) if call is None else ir.Test(node.span, call, raw=False)


@lower_expression.register(ast.BlockExpr)
def _(node: ast.BlockExpr, scope: Scope) -> ir.Expr:
    from kcc.lower.statements import lower_block

    method = scope.block(node.span, lambda: lower_block(node.body, scope))
    return ir.Test(node.span, ir.BlockCall(node.span, method), raw=False)


@lower_expression.register(ast.AssignExpr)
def _(node: ast.AssignExpr, scope: Scope) -> ir.Expr:
    from kcc.lower.statements import lower_statement

    method = scope.block(node.span, lambda: lower_statement(node.assign, scope))
    return ir.Test(node.span, ir.BlockCall(node.span, method), raw=False)


def lower_assigned(node: ast.Expr, scope: Scope) -> ir.Expr:
    """The right side of an assignment: a call gives its code there, not its truth."""
    value = lower_expression(node, scope)
    if isinstance(value, ir.Test):
        return ir.Test(value.span, value.call, raw=True)
    return value


def _pattern(scope: Scope, right: ir.Expr) -> bytes | ir.Expr:
    if not isinstance(right, ir.Str):
        return right
    check_regex(scope, right.value, right.span)
    return right.value
