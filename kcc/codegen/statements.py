"""Statements as Python. A route returns the code of its last action, so the last statement of a
route is written as what it returns (``tail``)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from kcc.codegen.conditions import FLOW, Conditions
from kcc.codegen.constants import Constants
from kcc.codegen.emitter import Emitter
from kcc.codegen.expressions import NOT_CALLED, Expressions
from kcc.codegen.operands import arguments, can_fail
from kcc.ir import program as ir
from kcc.ir import values

CASE_OPTIONS = ", icase=False, newline=False"


class Statements:
    """Writes the statements of routes."""

    def __init__(
        self,
        out: Emitter,
        constants: Constants,
        exiting: frozenset[str],
        kept: frozenset[int],
        forgetting: frozenset[int],
    ) -> None:
        self.out = out
        self.constants = constants
        self.expressions = Expressions(constants)
        self.conditions = Conditions(out, self.expressions, exiting, kept)
        self._forgetting = forgetting
        self._break = "return 0"
        self._depth = 0

    def route(self, route: ir.Route) -> None:
        """One method."""
        with self.out.block(f"def {route.method}(self, msg: SipMsg) -> int:", route.span):
            if not route.body:
                self.out.line("return 1", route.span)
            self.body(route.body, tail=True)

    def body(self, statements: tuple[ir.Stmt, ...], tail: bool) -> None:
        """Statements in order, up to one that ends the block."""
        for at, statement in enumerate(statements):
            last = at + 1 == len(statements)
            following = None if last else statements[at + 1]
            self.statement(statement, tail and last, following)
            if isinstance(statement, ir.Return | ir.Exit | ir.Break):
                return

    def statement(self, s: ir.Stmt, tail: bool, following: ir.Stmt | None) -> None:
        """One statement; in the tail it returns its code."""
        if id(s) in self._forgetting:
            forget = self.constants.use("runtime.native.error", "forget_error")
            self.out.line(f"{forget}()", s.span)
        if isinstance(s, ir.Do):
            self._do(s, tail, following)
        elif isinstance(s, ir.SetNative | ir.SetVar | ir.SetPv):
            self._set(s)
            if tail:
                self.out.line("return 1", s.span)
        elif isinstance(s, ir.If):
            self._if(s, tail)
        elif isinstance(s, ir.While):
            self._while(s)
            if tail:
                self.out.line("return 1", s.span)
        elif isinstance(s, ir.Switch):
            self._switch(s, tail)
        elif isinstance(s, ir.Trace):
            self.out.line(self.expressions.trace(s), s.span)
        elif isinstance(s, ir.Assigned):
            module = self.constants.module("debugger")
            variable = self.constants.text("pv", s.variable)
            self.out.line(f"{module}.assigned(msg, {variable})", s.span)
            if tail:
                self.out.line("return 1", s.span)
        elif isinstance(s, ir.Break):
            self.out.line(self._break, s.span)
        elif isinstance(s, ir.Return):
            self._return(s)
        else:
            self._exit(s)

    # -- calls

    def _do(self, s: ir.Do, tail: bool, following: ir.Stmt | None) -> None:
        call, span = s.call, s.span
        stops = self.conditions.stops(call)
        nested = not self.conditions.simple(*arguments(call))
        if nested:
            self._nested(s, tail)
            return
        kept = id(call) in self.conditions.kept
        if tail or kept:
            text = self.expressions.code(call)
            if kept:
                self.out.line(f"code = {text}", span)
                self.out.line("msg.rc = code", span)
                text = "code"
            if tail:
                end = f" or {self._flow('EXIT')}" if stops and _is_module(call) else ""
                text = text.removeprefix("(").removesuffix(")") if text.startswith("(1 ") else text
                self.out.line(f"return {text}{end}", span)
            elif stops:
                self.conditions.check(call, "code", span)
            return
        ends = isinstance(following, ir.Exit) and not following.drop and following.value is None
        text = self.expressions.call(call)
        if not stops or (ends and _is_module(call)):
            self.out.line(text, span)
        elif _is_module(call):
            with self.out.block(f"if {text} == 0:", span):
                self.out.line(f"return {self._flow('EXIT')}", span)
        else:
            with self.out.block(f"if (code := {text}) < {self._flow('STOP')}:", span):
                self.out.line("return code", span)

    def _nested(self, s: ir.Do, tail: bool) -> None:
        """A call whose arguments hold calls, or may have no value."""
        parts = arguments(s.call)
        if can_fail(parts) and not self.conditions.holds_calls(parts):
            self._tried(s, tail)
            return
        test = values.Test(s.span, s.call, raw=True)
        text = self.conditions.prepared(test, self.expressions.number, s.span, "value", None)
        self.out.line(f"return {text}" if tail else text, s.span)

    def _tried(self, s: ir.Do, tail: bool) -> None:
        """A call that is not made where an argument has no value: ``$rc`` stays then."""
        call, span = s.call, s.span
        kept, stops = id(call) in self.conditions.kept, self.conditions.stops(call)
        wanted = tail or kept or stops
        with self.out.block("try:", span):
            text = self.expressions.call(call)
            self.out.line(f"code = {text}" if wanted else text, span)
            if kept:
                self.out.line("msg.rc = code", span)
        error = self.constants.use("runtime.script.values", "EvalError")
        with self.out.block(f"except {error}:", span):
            self.out.line(f"code = {NOT_CALLED}" if wanted else "pass", span)
        if tail:
            end = f" or {self._flow('EXIT')}" if stops and _is_module(call) else ""
            self.out.line(f"return code{end}", span)
        elif stops:
            self.conditions.check(call, "code", span)

    # -- assignments

    def _set(self, s: ir.SetNative | ir.SetVar | ir.SetPv) -> None:
        args = s.args if isinstance(s, ir.SetPv) else ()
        fails = can_fail((s.value, args))
        if fails:
            with self.out.block("try:", s.span):
                self._store(s)
            error = self.constants.use("runtime.script.values", "EvalError")
            with self.out.block(f"except {error}:", s.span):
                self.out.line("pass", s.span)
        else:
            self._store(s)

    def _store(self, s: ir.SetNative | ir.SetVar | ir.SetPv) -> None:
        value = s.value
        text = self.conditions.prepared(value, self.expressions.value, s.span, "value", None)
        if isinstance(s, ir.SetVar):
            slot = self.constants.slot(s.name)
            if isinstance(value, values.Null):
                text = "0"
            elif not isinstance(value, values.Plus) and (
                values.type_of(value) is values.Type.ANY
                or isinstance(value, values.Native | values.Pv | values.Transform)
            ):
                text = f"{self.constants.use('runtime.script.values', 'var_value')}({text})"
            self.out.line(f"self.vars[{slot}] = {text}", s.span)
        elif isinstance(s, ir.SetPv):
            args = "".join(f", {self.expressions.arg(a)}" for a in s.args)
            module = self.constants.module(s.module)
            if isinstance(value, values.Native) and value.number is not None:
                dual = self.constants.use("runtime.script.values", "dual")
                text = f"{dual}({text}, msg.{value.number})"
            elif s.texts and _numeric_variable(value):
                text = f"{self.constants.use('runtime.script.values', 'dual_of')}({text})"
            self.out.line(f"{module}.set_pv_{s.method}(msg, {text}{args})", s.span)
        elif s.attr:
            if _numeric_variable(value) or isinstance(value, values.Pv):
                text = f"{self.constants.use('runtime.script.values', 'text_of')}({text})"
            self.out.line(f"msg.{s.attr} = {text}", s.span)
        else:
            not_built = self.constants.use("runtime.script.notbuilt", "call_not_built")
            self.out.line(f'{not_built}("assignment")', s.span)

    # -- branches

    def _if(self, s: ir.If, tail: bool) -> None:
        word = "if"
        while True:
            test = self.conditions.prepared(
                s.cond, self.expressions.positive, s.span, "test", "False"
            )
            if not s.then and not s.orelse:
                self.out.line(test, s.span)
                break
            with self.out.block(f"{word} {test}:", s.span):
                self.body(s.then, tail)
                if tail and not s.then:
                    self.out.line("return 1", s.span)
            inner = s.orelse[0] if len(s.orelse) == 1 else None
            chained = isinstance(inner, ir.If) and self.conditions.simple(inner.cond)
            if isinstance(inner, ir.If) and chained and id(inner) not in self._forgetting:
                s, word = inner, "elif"
                continue
            if s.orelse:
                with self.out.block("else:", s.span):
                    self.body(s.orelse, tail)
                return
            break
        if tail:
            self.out.line("return 1", s.span)

    def _while(self, s: ir.While) -> None:
        self._depth += 1
        rounds = f"rounds_{self._depth}" if self._depth > 1 else "rounds"
        limit = self.constants.use("", "MAX_WHILE_LOOPS")
        self.out.line(f"{rounds} = 0", s.span)
        simple = self.conditions.simple(s.cond)
        head = f"while {self.expressions.truth(s.cond)}:" if simple else "while True:"
        with self.out.block(head, s.span), self._breaking("break"):
            if not simple:
                test = self.conditions.prepared(
                    s.cond, self.expressions.truth, s.span, "test", "False"
                )
                with self.out.block(f"if not ({test}):", s.span):
                    self.out.line("break", s.span)
            self.out.line(f"{rounds} += 1", s.span)
            with self.out.block(f"if 0 < {limit} < {rounds}:", s.span):
                error = self.constants.use("runtime.server.log", "LM_ERR")
                self.out.line(f'{error}("runaway while: more than %d loops", {limit})', s.span)
                self.out.line("break", s.span)
            self.body(s.body, tail=False)
        self._depth -= 1

    def _switch(self, s: ir.Switch, tail: bool) -> None:
        form = self.expressions.octets if s.text else self.expressions.number
        other = self._other(s)
        text = self.conditions.prepared(s.subject, form, s.span, "subject", other)
        fails = other if can_fail(s.subject) else None
        if s.cases and not text.isidentifier():
            self.out.line(f"subject = {text}", s.span)
            text = "subject"
        bodies = [case.body for case in s.cases] + ([s.default] if s.default else [])
        if tail:
            with self._breaking("return 0"):
                self._cases(s, text, fails, tail=True)
            if s.default is None or not s.cases:
                code = "1" if fails is None else f"-1 if {text} == {other} else 1"
                self.out.line(f"return {code}", s.span)
        elif any(_breaks(_without_last(body)) for body in bodies):
            with self.out.block("while True:", s.span), self._breaking("break"):
                self._cases(s, text, fails, tail=False)
                self.out.line("break", s.span)
        else:
            self._cases(s, text, fails, tail=False)

    def _other(self, s: ir.Switch) -> str:
        """What stands for a subject without a value, which takes the default."""
        if s.text:
            return self.constants.use("runtime.script.values", "NO_TEXT")
        labels = {test for case in s.cases for test in case.tests}
        return str(next(n for n in count() if n not in labels))

    def _cases(self, s: ir.Switch, subject: str, fails: str | None, tail: bool) -> None:
        word = "if"
        for case in s.cases:
            tests = " or ".join(self._case_tests(case, subject, s.text))
            if fails is not None and s.text:
                tests = f"{subject} is not {fails} and ({tests})"
            with self.out.block(f"{word} {tests}:", s.span):
                self._case_body(case.body, s, tail)
            word = "elif"
        if s.default is None:
            return
        if not s.cases:
            self._case_body(s.default, s, tail)
            return
        with self.out.block("else:", s.span):
            self._case_body(s.default, s, tail)

    def _case_body(self, body: tuple[ir.Stmt, ...], s: ir.Switch, tail: bool) -> None:
        if not tail:
            body = _without_last(body)
        self.body(body, tail)
        if tail and not body:
            self.out.line("return 1", s.span)

    def _case_tests(self, case: ir.Case, subject: str, text: bool) -> Iterator[str]:
        constants: list[str] = []
        for test in case.tests:
            if isinstance(test, ir.Pattern):
                yield f"{self.constants.regex(test.pattern, CASE_OPTIONS)}.match({subject})"
            elif text and isinstance(test, int):
                constants.append(repr(b"%d" % test))
            else:
                constants.append(repr(test))
        if len(constants) == 1:
            yield f"{subject} == {constants[0]}"
        elif constants:
            yield f"{subject} in ({', '.join(constants)})"

    @contextmanager
    def _breaking(self, text: str) -> Iterator[None]:
        before, self._break = self._break, text
        yield
        self._break = before

    # -- ends

    def _return(self, s: ir.Return) -> None:
        value = s.value
        if isinstance(value, values.Int):
            code = self.expressions.number(value) if value.value else self._flow("EXIT")
            self.out.line(f"return {code}", s.span)
            return
        inner: values.Expr = value
        while isinstance(inner, values.Cast):
            inner = inner.operand
        pattern = isinstance(inner, values.Match) and not can_fail((inner.left, inner.pattern))
        failed = "0" if pattern else NOT_CALLED  # a bad pattern is no match, and an error
        text = self.conditions.prepared(value, self.expressions.number, s.span, "value", failed)
        self.out.line(f"return {text} or {self._flow('EXIT')}", s.span)

    def _exit(self, s: ir.Exit) -> None:
        if isinstance(s.value, values.Int):
            if s.value.value < 0:
                self.out.line("msg.failed = True", s.span)
        elif s.value is not None:
            text = self.conditions.prepared(s.value, self.expressions.number, s.span, "value", "0")
            text = text if text.isidentifier() else f"({text})"
            self.out.line(f"msg.failed = {text} < 0", s.span)
        self.out.line(f"return {self._flow('DROP' if s.drop else 'EXIT')}", s.span)

    def _flow(self, name: str) -> str:
        return self.constants.use(FLOW, name)


def _is_module(call: values.Call) -> bool:
    return isinstance(call, values.ModuleCall)


def _without_last(body: tuple[ir.Stmt, ...]) -> tuple[ir.Stmt, ...]:
    return body[:-1] if body and isinstance(body[-1], ir.Break) else body


def _breaks(statements: tuple[ir.Stmt, ...]) -> bool:
    """Whether a ``break`` in there is meant for the switch around it."""
    for s in statements:
        if isinstance(s, ir.Break):
            return True
        if isinstance(s, ir.If) and (_breaks(s.then) or _breaks(s.orelse)):
            return True
    return False


def _numeric_variable(value: values.Expr) -> bool:
    """A variable that may hold a number: it has a text beside it, which a plain number has not."""
    variable = values.Native | values.Pv | values.Var | values.Transform | values.ReturnCode
    return isinstance(value, variable) and values.type_of(value) is not values.Type.STR
