"""Statements."""

from __future__ import annotations

from kcc.ir import program as ir
from kcc.ir import values
from kcc.lower import calls
from kcc.lower.byclass import ByClass
from kcc.lower.expressions import lower_assigned, lower_expression
from kcc.lower.patterns import check_regex
from kcc.lower.scope import Scope
from kcc.lower.trace import traced
from kcc.lower.types import check_number
from kcc.lower.variables import is_attr, lower_target
from kcc.syntax import ast
from runtime.declare.cint import wrap

_ENDS = (ast.Break, ast.Return, ast.Exit, ast.Drop)


def lower_block(block: ast.Block | None, scope: Scope) -> tuple[ir.Stmt, ...]:
    """The statements of a block, in order."""
    if block is None:
        return ()
    found: list[ir.Stmt] = []
    after = scope.next_line
    for at, node in enumerate(block.statements):
        if at + 1 < len(block.statements):
            scope.next_line = block.statements[at + 1].span.outer().line
        else:
            scope.next_line = after or block.span.outer().end_line
            if block.span.text.endswith("}"):
                scope.next_line = block.span.outer().end_line
        found += traced(node, scope)
    scope.next_line = after
    return _with_rests(found, scope)


def _with_rests(statements: list[ir.Stmt], scope: Scope) -> tuple[ir.Stmt, ...]:
    """Calls that go on later are told the route of what follows them in their block."""
    for at in range(len(statements) - 2, -1, -1):
        s = statements[at]
        if isinstance(s, ir.Do) and isinstance(s.call, values.ModuleCall) and s.call.rest:
            name = scope.rest(s.span, tuple(statements[at + 1 :]))
            statements[at] = ir.Do(
                s.span, _with_argument(s.call, values.RouteArg("route", name), scope)
            )
    return tuple(statements)


def _with_argument(call: values.ModuleCall, arg: values.Arg, scope: Scope) -> values.ModuleCall:
    """The call with one argument more."""
    args = (*call.args, arg)
    made = values.ModuleCall(call.span, call.module, call.method, args, call.stops)
    if id(call) in scope.traces:
        scope.traces[id(made)] = scope.traces[id(call)]
    return made


@ByClass
def lower_statement(node: ast.Node, scope: Scope) -> tuple[ir.Stmt, ...]:
    """The typed form of one statement: one, or none after a report."""
    return ()


@lower_statement.register(ast.If)
def _(node: ast.If, scope: Scope) -> tuple[ir.Stmt, ...]:
    cond = lower_expression(node.cond, scope)
    return (ir.If(node.span, cond, lower_block(node.then, scope), lower_block(node.orelse, scope)),)


@lower_statement.register(ast.While)
def _(node: ast.While, scope: Scope) -> tuple[ir.Stmt, ...]:
    check_number(node.cond, "while", scope)
    cond = lower_expression(node.cond, scope)
    return (ir.While(node.span, cond, lower_block(node.body, scope)),)


@lower_statement.register(ast.Switch)
def _(node: ast.Switch, scope: Scope) -> tuple[ir.Stmt, ...]:
    subject = lower_expression(node.subject, scope)
    cases: list[ir.Case] = []
    default: tuple[ir.Stmt, ...] | None = None
    tests: list[int | bytes | ir.Pattern] = []
    text = False
    for at, case in enumerate(node.cases):
        if case.kind == "default":
            default = _falling(node.cases[at:], scope)
        else:
            value = lower_expression(case.value, scope) if case.value is not None else None
            if isinstance(value, values.Str) and case.kind == "regex":
                check_regex(scope, value.value, value.span)
                tests.append(ir.Pattern(value.value))
                text = True
            elif isinstance(value, values.Str):
                tests.append(value.value)
                text = True
            elif isinstance(value, values.Int):
                tests.append(wrap(value.value))
        last = at + 1 == len(node.cases)
        if tests and (case.body.statements or last or node.cases[at + 1].kind == "default"):
            cases.append(ir.Case(tuple(tests), _falling(node.cases[at:], scope)))
            tests = []
    return (ir.Switch(node.span, subject, text, tuple(cases), default),)


def _falling(cases: tuple[ast.Case, ...], scope: Scope) -> tuple[ir.Stmt, ...]:
    """What runs from a case on: its statements, and those of the next cases until one ends."""
    found: list[ir.Stmt] = []
    for case in cases:
        for node in case.body.statements:
            found.extend(traced(node, scope))
            if isinstance(node, _ENDS):
                return _with_rests(found, scope)
    return _with_rests(found, scope)


@lower_statement.register(ast.Break)
def _(node: ast.Break, scope: Scope) -> tuple[ir.Stmt, ...]:
    return (ir.Break(node.span),)


@lower_statement.register(ast.Return)
def _(node: ast.Return, scope: Scope) -> tuple[ir.Stmt, ...]:
    if node.value is None:
        return (ir.Return(node.span, values.Int(node.span, 1)),)
    check_number(node.value, "return", scope)
    return (ir.Return(node.span, lower_expression(node.value, scope)),)


@lower_statement.register(ast.Exit)
def _(node: ast.Exit, scope: Scope) -> tuple[ir.Stmt, ...]:
    if node.value is not None:
        check_number(node.value, "exit", scope)
    value = None if node.value is None else lower_expression(node.value, scope)
    return (ir.Exit(node.span, False, value),)


@lower_statement.register(ast.Drop)
def _(node: ast.Drop, scope: Scope) -> tuple[ir.Stmt, ...]:
    if node.value is not None:
        check_number(node.value, "drop", scope)
    value = None if node.value is None else lower_expression(node.value, scope)
    return (ir.Exit(node.span, True, value),)


@lower_statement.register(ast.Assign)
def _(node: ast.Assign, scope: Scope) -> tuple[ir.Stmt, ...]:
    value = lower_assigned(node.value, scope)
    target = node.target
    if isinstance(target, ast.Attr) or (
        target.or_attr and is_attr(scope, target.spec, target.span)
    ):
        scope.not_built("a SER attribute", node.target.span)
        return ()
    found = lower_target(scope, target.spec, value, node.span, target.span)
    return () if found is None else (found,)


@lower_statement.register(ast.CallStmt)
def _(node: ast.CallStmt, scope: Scope) -> tuple[ir.Stmt, ...]:
    call = calls.lower_call(node.call, scope)
    return () if call is None else (ir.Do(node.span, call),)
