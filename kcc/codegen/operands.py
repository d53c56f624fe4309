"""What is to be known of expressions before they are written."""

from __future__ import annotations

from kcc.ir import values as ir
from runtime.declare.record import Record, parts_of


def terms(e: ir.Plus) -> list[ir.Expr]:
    """The terms of a sum, flat: a deep nesting would be no Python."""
    found: list[ir.Expr] = []
    left: ir.Expr = e
    while isinstance(left, ir.Plus):
        found.append(left.right)
        left = left.left
    return [left, *reversed(found)]


def leads_with_choice(e: ir.Expr) -> bool:
    """Whether it is a ``selval()``, or a sum that begins with one: where Kamailio must know first
    whether it is a number, it has no value (``rval_expr_eval_rvint``)."""
    return isinstance(terms(e)[0] if isinstance(e, ir.Plus) else e, ir.Select)


def is_refixed(arg: ir.Evaluated) -> bool:
    """Whether variables in the text that results are evaluated."""
    return arg.refix and not isinstance(arg.value, ir.Str)


def can_fail(root: object) -> bool:
    """Whether an expression, or an argument, may have no value: a division, a pattern that is
    computed, a number that is made of text, a ``selval`` as an operand. A call in it has always
    a code."""
    return any(map(_can_fail, root)) if isinstance(root, tuple) else _can_fail(root)


def _can_fail(part: object) -> bool:
    if isinstance(part, ir.Test) or not isinstance(part, Record):
        return False
    if isinstance(part, ir.Arith) and part.op in ("/", "mod"):
        divisor = part.right
        return not (isinstance(divisor, ir.Int) and divisor.value) or can_fail(part.left)
    if isinstance(part, ir.PatternArg):
        return True
    if isinstance(part, ir.Match) and not isinstance(part.pattern, bytes):
        return True
    if isinstance(part, ir.Evaluated) and (part.strict == "fixed_number" or is_refixed(part)):
        return True
    return any(isinstance(inner, ir.Select) or can_fail(inner) for inner in parts_of(part))


def arguments(call: ir.Call) -> tuple[object, ...]:
    """What is evaluated for a call."""
    if isinstance(call, ir.ModuleCall | ir.NativeCall):
        return call.args
    return (call.name,) if isinstance(call, ir.DynamicRouteCall) else ()
