"""Expressions with calls in them: a call that ends the script must end the route too."""

from __future__ import annotations

from collections.abc import Callable

from kcc.codegen.emitter import Emitter
from kcc.codegen.expressions import Expressions
from kcc.codegen.operands import arguments, can_fail
from kcc.ir import values as ir
from kcc.source.span import Span
from runtime.declare.record import walk

FLOW = "runtime.script.flow"
Form = Callable[[ir.Expr], str]


class Conditions:
    """Writes an expression so that its calls are checked; the text of it stays to be used."""

    def __init__(
        self, out: Emitter, expressions: Expressions, exiting: frozenset[str], kept: frozenset[int]
    ) -> None:
        self.out = out
        self.expressions = expressions
        self.exiting = exiting
        self.kept = kept

    def stops(self, call: ir.Call) -> bool:
        """Whether the call can end the script."""
        if isinstance(call, ir.RouteCall | ir.BlockCall):
            return call.method in self.exiting
        return isinstance(call, ir.DynamicRouteCall) or (
            isinstance(call, ir.ModuleCall) and call.stops
        )

    def check(self, call: ir.Call, code: str, span: Span) -> None:
        """Write the test of a code that is in a local."""
        if isinstance(call, ir.ModuleCall):
            head, result = f"if {code} == 0:", self._flow("EXIT")
        else:
            head, result = f"if {code} < {self._flow('STOP')}:", code
        with self.out.block(head, span):
            self.out.line(f"return {result}", span)

    def simple(self, *roots: object) -> bool:
        """Whether nothing has to be checked or kept."""
        return not self._calls(roots) and not any(map(can_fail, roots))

    def holds_calls(self, roots: object) -> bool:
        """Whether there are calls that have to be looked at."""
        return bool(self._calls(roots))

    def prepared(self, e: ir.Expr, form: Form, span: Span, name: str, failed: str | None) -> str:
        """Write what comes before; the text returned is the value in the wanted form.

        ``name`` is the local where one is needed, ``failed`` its value if there is none (None:
        the caller catches EvalError).
        """
        calls = self._calls((e,))
        fails = failed is not None and can_fail(e)
        if not calls and not fails:
            return form(e)
        call = calls[0] if len(calls) == 1 else None
        if call and not fails and first_call(e) is call and not can_fail(arguments(call)):
            self.out.line(f"code = {self.expressions.code(call)}", span)
            if id(call) in self.kept:
                self.out.line("msg.rc = code", span)
            if self.stops(call):
                self.check(call, "code", span)
            return self._named({id(call): "code"}, lambda: form(e))
        return self._inline(e, calls, form, span, name, failed)

    def _inline(
        self,
        e: ir.Expr,
        calls: list[ir.Call],
        form: Form,
        span: Span,
        name: str,
        failed: str | None,
    ) -> str:
        checked = [call for call in calls if self.stops(call)]
        locals_ = {id(call): f"code_{n}" for n, call in enumerate(checked, 1)}
        if locals_:
            self.out.line(f"{' = '.join(locals_.values())} = 1", span)
        keeps = any(id(call) in self.kept for call in calls)
        if keeps:
            self.out.line("code = msg.rc", span)
        for call in calls:
            self.expressions.inline[id(call)] = self._call(call, locals_.get(id(call)))
        self.expressions.locals.update(locals_)
        self.expressions.code_local = keeps
        line = f"{name} = {form(e)}"
        self.expressions.code_local = False
        if failed is not None and can_fail(e):
            with self.out.block("try:", span):
                self.out.line(line, span)
            error = self.expressions.constants.use("runtime.script.values", "EvalError")
            with self.out.block(f"except {error}:", span):
                self.out.line(f"{name} = {failed}", span)
        else:
            self.out.line(line, span)
        for call in calls:
            self.expressions.inline.pop(id(call), None)
        self.expressions.locals.clear()
        for local in locals_.values():
            with self.out.block(f"if {local} < {self._flow('STOP')}:", span):
                self.out.line(f"return {local}", span)
        if keeps:
            self.out.line("msg.rc = code", span)
        return name

    def _call(self, call: ir.Call, local: str | None) -> str:
        """A call inside of an expression: its code is kept, and in a local to be looked at."""
        made = can_fail(arguments(call))
        text = "made" if made else self.expressions.code(call)
        if local is not None:
            end = f" or {self._flow('EXIT')}" if isinstance(call, ir.ModuleCall) else ""
            text = f"({local} := {text}{end})"
        if id(call) in self.kept:
            text = f"(code := {text})"
        return self.expressions.attempted(call, text) if made else text

    def _named(self, names: dict[int, str], write: Callable[[], str]) -> str:
        self.expressions.names.update(names)
        text = write()
        for key in names:
            del self.expressions.names[key]
        return text

    def _calls(self, roots: object) -> list[ir.Call]:
        """The calls that must be looked at, innermost arguments first."""
        found = [node.call for node in walk(roots) if isinstance(node, ir.Test)]
        found.reverse()
        return [call for call in found if id(call) in self.kept or self.stops(call)]

    def _flow(self, name: str) -> str:
        return self.expressions.constants.use(FLOW, name)


def first_call(e: ir.Expr) -> ir.Call | None:
    """The call that is evaluated before all else in the expression, if that is a call."""
    while True:
        if isinstance(e, ir.Test):
            return e.call
        if isinstance(e, ir.Not | ir.Unary | ir.Cast | ir.StrLen | ir.StrEmpty):
            e = e.operand
        elif isinstance(
            e, ir.Logic | ir.Compare | ir.Equal | ir.StrEqual | ir.Arith | ir.Concat | ir.Plus
        ):
            e = e.left
        else:
            return None
