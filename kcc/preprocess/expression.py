"""Expressions of ``#!ifexp``, ``#!defexp`` and ``#!defexps`` (Kamailio's utils/snexpr.h, 5.7).

Values are numbers (C floats) and text. Words are macros: one without a value is 1, one that is
not defined is 0. The left operand of ``+`` and of a comparison says what the right one becomes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from ctypes import c_float
from typing import Final

Value = float | str
Lookup = Callable[[str], Value]

MAX_TOKENS: Final = 1000
"""Tokens of one expression; bounds how deep it nests."""

_OPERAND: Final = re.compile(
    r"""[ \t\r\v\f]*(?:\#.*)?(?:
      (?P<number>[0-9][0-9.]*) | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<word>[$@-\]_-{}~\x7f-\xff][$\#0-9@-\]_-{}~\x7f-\xff]*)
    | (?P<open>\() | (?P<unary>[-!^]) | (?P<end>\Z))""",
    re.VERBOSE,
)
_OPERATOR: Final = re.compile(
    r"[ \t\r\v\f]*(?:#.*)?(?:(?P<close>\))|(?P<end>\Z)"
    r"|(?P<binary>\*\*|<<|<=|>>|>=|==|!=|&&|\|\||[*/%+<>&|^=,-]))"
)
_LEVEL: Final[Mapping[str, int]] = {
    "-u": 1, "!u": 1, "^u": 1, "**": 2, "*": 2, "/": 2, "%": 2, "+": 3, "-": 3, "<<": 4, ">>": 4,
    "<": 5, "<=": 5, ">": 5, ">=": 5, "==": 5, "!=": 5, "&": 6, "|": 7, "^": 8, "&&": 9,
    "||": 10, "=": 11, ",": 12,
}  # fmt: skip
_RIGHT: Final = frozenset({"-u", "!u", "^u", "**", "=", ","})
_ESCAPED: Final = {"n": "\n", "r": "\r", "t": "\t"}
_INT_MAX: Final = 2**31 - 1


class ExpressionError(ValueError):
    """The expression is malformed or has no value; the message says why."""


class _Node:
    """An operator with its operands, or a leaf: a value, or a word to look up."""

    __slots__ = ("args", "op", "value")

    def __init__(self, op: str, args: tuple[_Node, ...], value: Value = 0.0) -> None:
        self.op: Final = op
        self.args: Final = args
        self.value: Final = value


def evaluate(text: str, lookup: Lookup) -> Value:
    """The value of an expression. Raises ExpressionError."""
    return _Evaluator(lookup).value(_parse(text))


def is_true(value: Value) -> bool:
    """Whether ``#!ifexp`` takes the value as true: a number but 0, text that is not empty."""
    return value != "" if isinstance(value, str) else value != 0


def as_text(value: Value) -> str:
    """What ``#!defexp`` makes of a value: numbers lose their fraction, and are unsigned longs."""
    if isinstance(value, str):
        return value
    return str(int(value) & (2**64 - 1)) if math.isfinite(value) else str(2**63)


def _parse(text: str) -> _Node:
    """Operator precedence with a stack, as the original does it."""
    operands: list[_Node] = []
    operators: list[str] = []
    pos, count = 0, 0
    wanted = True
    while True:
        match = (_OPERAND if wanted else _OPERATOR).match(text, pos)
        if match is None:
            what = "an operand" if wanted else "an operator"
            raise ExpressionError(f"{what} is expected at `{text[pos:].strip()}`")
        count += 1
        if count > MAX_TOKENS:
            raise ExpressionError(f"more than {MAX_TOKENS} operands and operators")
        kind = match.lastgroup or ""
        pos = match.end()
        if kind == "end":
            break
        token = match[kind]
        if kind == "unary":
            operators.append(f"{token}u")
        elif kind == "open":
            operators.append("(")
        elif kind == "close":
            while operators and operators[-1] != "(":
                _bind(operators.pop(), operands)
            if not operators:
                raise ExpressionError("a `)` closes nothing")
            operators.pop()
        elif kind == "binary":
            while operators and operators[-1] != "(" and _binds_first(token, operators[-1]):
                _bind(operators.pop(), operands)
            operators.append(token)
            wanted = True
        else:
            operands.append(_leaf(kind, token))
            wanted = False
            if kind == "word" and text[pos:].lstrip(" \t").startswith("("):
                raise ExpressionError(f"there is no function `{token}`")
    if wanted and count > 1:
        raise ExpressionError("an operand is missing at the end")
    while operators:
        if operators[-1] == "(":
            raise ExpressionError("a `(` is not closed")
        _bind(operators.pop(), operands)
    return operands.pop() if operands else _Node("value", (), 0.0)


def _binds_first(new: str, old: str) -> bool:
    level, other = _LEVEL[new], _LEVEL[old]
    return level > other or (level == other and new not in _RIGHT)


def _leaf(kind: str, token: str) -> _Node:
    if kind == "word":
        return _Node("word", (), token)
    if kind == "text":
        inner = re.sub(r"\\(.)", lambda m: _ESCAPED.get(m[1], m[1]), token[1:-1])
        return _Node("value", (), inner)
    number = _to_number(token)
    if math.isnan(number):
        raise ExpressionError(f"`{token}` is no number")
    return _Node("value", (), number)


def _bind(op: str, operands: list[_Node]) -> None:
    """Make a node of an operator and the operands it takes from the stack."""
    if op.endswith("u"):
        operands.append(_Node(op, (operands.pop(),)))
        return
    right, left = operands.pop(), operands.pop()
    if op == "=" and left.op != "word":
        raise ExpressionError("only a name can be assigned to")
    operands.append(_Node(op, (left, right)))


class _Evaluator:
    """Values of nodes; what ``=`` assigned hides the macros of that name."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup: Final = lookup
        self._assigned: Final[dict[str, Value]] = {}

    def value(self, node: _Node) -> Value:
        """The value of a node."""
        op, args = node.op, node.args
        if op == "value":
            return node.value
        if op == "word":
            name = str(node.value)
            return self._assigned[name] if name in self._assigned else self._lookup(name)
        if op in ("&&", "||"):
            left = _truth(self.value(args[0]))
            decided = left == 0 if op == "&&" else left != 0
            return left if decided else _truth(self.value(args[1]))
        if op == "=":
            found = self.value(args[1])
            self._assigned[str(args[0].value)] = found
            return found
        values = [self.value(arg) for arg in args]
        if op == ",":
            return values[1]
        if op == "+" or _LEVEL[op] == 5:
            return _mixed(op, values[0], values[1])
        return c_float(_arithmetic(op, [_number(value, op) for value in values])).value


def _truth(value: Value) -> float:
    """Text counts as true: Kamailio takes its address for the number."""
    return 1.0 if isinstance(value, str) else value


def _number(value: Value, op: str) -> float:
    if isinstance(value, str):
        raise ExpressionError(f"`{op[0]}` takes numbers, not text")
    return value


def _mixed(op: str, left: Value, right: Value) -> Value:
    """``+`` and comparisons: the right operand becomes what the left one is."""
    if isinstance(left, str):
        right = right if isinstance(right, str) else _to_text(right)
        return left + right if op == "+" else float(_compare(op, left, right))
    right = _to_number(right) if isinstance(right, str) else right
    return c_float(left + right).value if op == "+" else float(_compare(op, left, right))


def _compare(op: str, left: str | float, right: str | float) -> bool:
    if op == "==":
        return left == right
    if op == "!=":
        return left != right
    if isinstance(left, str) and isinstance(right, str):
        left, right = (left > right) - (left < right), 0
    assert not isinstance(left, str)
    assert not isinstance(right, str)
    if op == "<":
        return left < right
    if op == "<=":
        return left <= right
    return left > right if op == ">" else left >= right


def _arithmetic(op: str, args: list[float]) -> float:
    left = args[0]
    if op == "-u":
        return -left
    if op == "!u":
        return float(left == 0)
    if op == "^u":
        return float(~_int(left))
    right = args[1]
    try:
        if op == "**":
            return math.pow(left, right)
        if op == "%":
            return math.fmod(left, right)
    except (OverflowError, ValueError):
        return math.nan
    if op == "/":
        if right == 0:
            raise ExpressionError("division by zero")
        return left / right
    if op in ("*", "-"):
        return left * right if op == "*" else left - right
    a, b = _int(left), _int(right)
    if op in ("<<", ">>"):
        shifted = a << (b & 31) if op == "<<" else a >> (b & 31)
        return float((shifted + 2**31) % 2**32 - 2**31)
    return float(a & b if op == "&" else a | b if op == "|" else a ^ b)


def _int(value: float) -> int:
    if math.isnan(value):
        return 0
    return max(-_INT_MAX - 1, min(_INT_MAX, int(value))) if math.isfinite(value) else _INT_MAX


def _to_number(text: str) -> float:
    """Digits with at most one point; anything else is no number."""
    if re.fullmatch(r"[0-9]+(?:\.[0-9]*)?|\.[0-9]+", text, re.ASCII) is None:
        return math.nan
    return c_float(float(text)).value


def _to_text(value: float) -> str:
    if math.isfinite(value) and value == int(value):
        return str(int(value))
    return f"{value:.4g}"
