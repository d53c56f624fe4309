"""What Kamailio makes of an expression when it loads it (``core/rvalue.c``: ``rve_optimize``).

Constants are folded, ``+`` and ``==`` get the type that is known, and some operations with a
constant disappear. It shows: ``$v && 1`` is the number ``$v``, and an ``if`` takes -1 as false.
"""

from __future__ import annotations

from typing import Final, TypeGuard

from kcc.ir.values import Type
from kcc.lower.types import guess, is_constant, is_null
from kcc.preprocess.posix import REG_EXTENDED, REG_ICASE, Regex, RegexError
from kcc.syntax import ast
from runtime.declare.cint import str_to_int, wrap
from runtime.declare.record import replaced

Constant = bytes | int

_ASSOCIATIVE: Final = frozenset(("int+", "str+", "*", "&", "|", "^", "&&", "||"))
_COMMUTATIVE: Final = _ASSOCIATIVE - {"str+"}
_TYPED: Final[dict[tuple[str, Type], ast.BinaryOp]] = {
    ("+", Type.INT): "int+",
    ("+", Type.STR): "str+",
    ("==", Type.INT): "ieq",
    ("==", Type.STR): "eq",
    ("!=", Type.INT): "ine",
    ("!=", Type.STR): "ne",
}
_EQUALITY: Final = ("==", "!=", "eq", "ne", "ieq", "ine", "=~")


class NoValue(ArithmeticError):
    """A constant expression that has no value: run time finds it out each time."""


def optimized(node: ast.Expr) -> ast.Expr:
    """The expression as it is evaluated (``fix_rval_expr``)."""
    if isinstance(node, ast.Unary | ast.Cast):
        return _optimize(replaced(node, operand=optimized(node.operand)))
    if isinstance(node, ast.Builtin):
        return _optimize(replaced(node, args=tuple(map(optimized, node.args))))
    if not _is_operation(node):
        return node
    left, right = optimized(node.left), optimized(node.right)
    if is_null(right) and node.op in _EQUALITY:
        # cfg.y turns a comparison with $null into a test of being defined
        test = ast.Builtin(node.span, "defined", (left,))
        return _optimize(
            test if node.op in ("!=", "ne", "ine") else ast.Unary(node.span, "!", test)
        )
    return _optimize(replaced(node, left=left, right=right))


def _is_operation(node: ast.Expr) -> TypeGuard[ast.Binary]:
    """Whether it is an operator of values; the old comparisons are not."""
    return isinstance(node, ast.Binary) and not isinstance(node.left, ast.Legacy)


def _literal(node: ast.Expr, value: Constant) -> ast.Expr:
    if isinstance(value, int):
        return ast.Int(node.span, value)
    return ast.Str(node.span, value)


def _optimize(node: ast.Expr) -> ast.Expr:
    if isinstance(node, ast.Int | ast.Str):
        return node
    if is_constant(node):
        try:
            return _literal(node, evaluate(node))
        except NoValue:
            return node
    if isinstance(node, ast.Unary | ast.Cast):
        return replaced(node, operand=_optimize(node.operand))
    if isinstance(node, ast.Builtin):
        return replaced(node, args=tuple(map(_optimize, node.args)))
    if not _is_operation(node):
        return node
    return _binary(replaced(node, left=_optimize(node.left), right=_optimize(node.right)))


def _binary(node: ast.Binary) -> ast.Expr:
    try:
        if node.op == "-" and is_constant(node.right):
            value = evaluate(node.right)
            if isinstance(value, int):
                node = replaced(node, op="int+", right=_literal(node.right, wrap(-value)))
        node = replaced(node, op=_TYPED.get((node.op, guess(node.left)), node.op))
        simple = _simplified(node)
        return _associated(node) if simple is None else simple
    except NoValue:
        return node


def _simplified(node: ast.Binary) -> ast.Expr | None:
    """``$v * 0``, ``$v + 0`` and so on (``rve_opt_01``); None where nothing can be left out."""
    if is_constant(node.right):
        constant, other, right = node.right, node.left, True
    elif is_constant(node.left):
        constant, other, right = node.left, node.right, False
    else:
        return None
    op = node.op
    try:
        value = evaluate(constant)
    except NoValue:
        return None
    if value == b"":
        if op == "str+":
            return other if guess(other) is Type.STR else ast.Cast(node.span, "str", other)
        return ast.Builtin(node.span, "strempty", (other,)) if op in ("==", "eq") else None
    if value == 0:
        if op in ("*", "&", "&&") or (op in ("/", "mod") and not right):
            return ast.Int(node.span, 0)
        kept = op in ("|", "||", "int+")
    elif value == 1:
        if op == "||":
            return ast.Int(node.span, 1)
        kept = op in ("*", "&&") or (op == "/" and right)
    else:
        kept = False
    if not kept:
        return None
    return other if guess(other) is Type.INT else ast.Cast(node.span, "int", other)


def _associated(node: ast.Binary) -> ast.Expr:
    """``op(op($v, a), b)`` becomes ``op($v, op(a, b))``, and so on."""
    op, left, right = node.op, node.left, node.right
    if op not in _ASSOCIATIVE:
        return node
    if is_constant(right):
        if _is_operation(left) and left.op == op:
            if is_constant(left.right):
                return replaced(node, left=left.left, right=_folded(node, left.right, right))
            if is_constant(left.left) and op in _COMMUTATIVE:
                return replaced(node, left=_folded(node, left.left, right), right=left.right)
    elif is_constant(left) and _is_operation(right) and right.op == op:
        if is_constant(right.right) and op in _COMMUTATIVE:
            return replaced(node, left=_folded(node, left, right.right), right=right.left)
        if is_constant(right.left):
            return replaced(node, left=_folded(node, left, right.left), right=right.right)
    return node


def _folded(node: ast.Binary, left: ast.Expr, right: ast.Expr) -> ast.Expr:
    return _literal(node, evaluate(replaced(node, left=left, right=right)))


# --- values of constants -------------------------------------------------------------------------


def evaluate(node: ast.Expr) -> Constant:
    """The value of a constant expression (``rval_expr_eval``). Raises NoValue."""
    if isinstance(node, ast.Int | ast.Str):
        return node.value
    if isinstance(node, ast.Binary) and node.op in ("+", "str+"):
        left = evaluate(node.left)
        if node.op == "+" and isinstance(left, int):
            return wrap(left + _number(node.right))
        return _octets(left) + _octets(evaluate(node.right))
    if isinstance(node, ast.Cast) and node.to == "str":
        return _octets(evaluate(node.operand))
    if isinstance(node, ast.Builtin) and node.name == "selval":
        value = evaluate(node.args[1] if _number(node.args[0]) > 0 else node.args[2])
        return wrap(value) if isinstance(value, int) else value
    return _number(node)


def _octets(value: Constant) -> bytes:
    return value if isinstance(value, bytes) else b"%d" % value


def _number(node: ast.Expr) -> int:
    """As a number (``rval_expr_eval_int``)."""
    if isinstance(node, ast.Int):
        return wrap(node.value)
    if isinstance(node, ast.Str):
        return str_to_int(node.value)
    if isinstance(node, ast.Unary):
        value = _number(node.operand)
        return int(not value) if node.op == "!" else ~value if node.op == "~" else wrap(-value)
    if isinstance(node, ast.Cast):
        if node.to == "int":
            return _number(node.operand)
        inner = evaluate(node.operand)
        return inner if isinstance(inner, int) else str_to_int(inner)
    if isinstance(node, ast.Builtin):
        return _builtin(node)
    if isinstance(node, ast.Binary):
        return _operation(node)
    raise NoValue


def _builtin(node: ast.Builtin) -> int:
    if node.name == "defined":
        return 1
    if node.name == "selval":
        raise NoValue
    text = _octets(evaluate(node.args[0]))
    return len(text) if node.name == "strlen" else int(not text)


def _operation(node: ast.Binary) -> int:
    op = node.op
    if op == "str+":
        return str_to_int(_octets(evaluate(node)))
    if op in ("&&", "||"):
        if bool(_number(node.left)) is (op == "||"):
            return int(op == "||")
        return int(bool(_number(node.right)))
    if op in ("eq", "ne", "=~") or (op in ("==", "!=") and isinstance(evaluate(node.left), bytes)):
        left, right = _octets(evaluate(node.left)), _octets(evaluate(node.right))
        if op == "=~":
            return int(_matches(left, right))
        return int((left == right) is (op in ("eq", "==")))
    return _arithmetic(op, _number(node.left), _number(node.right))


def _arithmetic(op: str, left: int, right: int) -> int:
    if op in ("/", "mod"):
        if right == 0:
            raise NoValue
        quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
        return wrap(quotient if op == "/" else left - quotient * right)
    if op in ("<<", ">>"):
        return wrap(left << (right & 31)) if op == "<<" else left >> (right & 31)
    results = {
        "+": left + right,
        "int+": left + right,
        "-": left - right,
        "*": left * right,
        "|": left | right,
        "&": left & right,
        "^": left ^ right,
        "<": left < right,
        ">": left > right,
        "<=": left <= right,
        ">=": left >= right,
    }
    if op in results:
        return wrap(int(results[op]))
    return int((left == right) is (op in ("ieq", "==")))


def _matches(text: bytes, pattern: bytes) -> bool:
    try:
        return Regex(pattern, REG_EXTENDED | REG_ICASE).matches(text)
    except RegexError:
        raise NoValue from None
