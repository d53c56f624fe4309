"""Expressions as Python text, in the form that their place wants: number, octets, value, truth."""

from __future__ import annotations

from kcc.codegen.constants import Constants
from kcc.codegen.operands import arguments, can_fail, is_refixed, leads_with_choice, terms
from kcc.ir import values as ir
from kcc.ir.program import Trace
from kcc.ir.values import Type, type_of
from runtime.declare.cint import str_to_int, wrap
from runtime.declare.record import walk

VALUES = "runtime.script.values"
NOT_CALLED = "-5"
"""The code of a call whose arguments cannot be fixed up (``E_BUG``)."""

_PREDICATES = frozenset(
    [
        "is_method",
        "is_myself_uri",
        "not_myself_uri",
        "from_is_myself",
        "from_not_myself",
        "to_is_myself",
        "to_not_myself",
        "src_is_myself",
        "dst_is_myself",
    ]
)
_BOOLEAN = (ir.Not, ir.Logic, ir.Compare, ir.Equal, ir.StrEqual, ir.Match, ir.Defined, ir.StrEmpty)


def is_predicate(call: ir.Call) -> bool:
    """Whether a call gives a ``bool`` rather than a code."""
    return isinstance(call, ir.NativeCall) and call.method in _PREDICATES


class Expressions:
    """Writes expressions. ``names`` are the locals that hold the codes of checked calls, by the
    identity of their call; ``code`` is set where ``$rc`` may change inside of the expression."""

    def __init__(self, constants: Constants) -> None:
        self.constants = constants
        self.names: dict[int, str] = {}
        self.inline: dict[int, str] = {}
        self.code_local = False
        self.locals: dict[int, str] = {}
        self.traces: dict[int, Trace] = {}

    def _use(self, name: str, module: str = VALUES) -> str:
        return self.constants.use(module, name)

    # -- forms

    def number(self, e: ir.Expr) -> str:
        """As a C int."""
        if isinstance(e, ir.Int):
            return repr(wrap(e.value))
        if isinstance(e, ir.Str):
            return repr(str_to_int(e.value))
        if isinstance(e, ir.Null):
            return "0"
        if isinstance(e, ir.ReturnCode):
            return "code" if self.code_local else "msg.rc"
        if isinstance(e, ir.Test):
            return self._test_number(e)
        if isinstance(e, ir.Unary):
            if e.op == "~":
                return f"~{self._side(e.operand)}"
            return f"{self._use('wrap')}(-({self.number(e.operand)}))"
        if isinstance(e, ir.Arith):
            return self._arith(e)
        if isinstance(e, ir.StrLen):
            return f"len({self.octets(e.operand)})"
        if isinstance(e, ir.Cast):
            return self.number(e.operand) if e.to is Type.INT else self._text_number(e.operand)
        if isinstance(e, ir.Plus):
            return f"{self._use('wrap')}({' + '.join(map(self._side, terms(e)))})"
        if isinstance(e, ir.Select):
            return f"{self._use('no_number')}()"
        if isinstance(e, _BOOLEAN) or (isinstance(e, ir.Script) and e.function == "in_network"):
            return f"int({self.truth(e)})"
        if isinstance(e, ir.Script) and e.type is Type.INT:
            return self._script(e)
        if isinstance(e, ir.Native) and e.number is not None:
            return f"msg.{e.number}"
        return f"{self._use('to_int')}({self.value(e)})"

    def octets(self, e: ir.Expr) -> str:
        """As text; null is empty."""
        if isinstance(e, ir.Int):
            return repr(b"%d" % e.value)
        if isinstance(e, ir.Str):
            return repr(e.value)
        if isinstance(e, ir.Null):
            return 'b""'
        if isinstance(e, ir.Native) and e.type is Type.STR:
            return f'(msg.{e.attr} or b"")'
        if isinstance(e, ir.Concat):
            return f"{self.octets(e.left)} + {self.octets(e.right)}"
        if isinstance(e, ir.Join):
            return self._join(e)
        if isinstance(e, ir.Cast) and e.to is Type.STR:
            return self.octets(e.operand)
        if isinstance(e, ir.Script) and e.type is Type.STR:
            return self._script(e)
        if type_of(e) is Type.INT and not isinstance(e, ir.Native | ir.Pv | ir.Transform):
            return f'b"%d" % {self._wrapped(self.number(e))}'
        if isinstance(e, ir.CfgGet):
            return self.value(e)
        return f"{self._use('to_str')}({self.value(e)})"

    def value(self, e: ir.Expr) -> str:
        """As it is: octets, number or null."""
        if isinstance(e, ir.Null):
            return "None"
        if isinstance(e, ir.Native):
            return f"msg.{e.attr}"
        if isinstance(e, ir.Var):
            return f"self.vars[{self.constants.slot(e.name)}]"
        if isinstance(e, ir.Pv):
            return self._pv(e, "pv")
        if isinstance(e, ir.Transform):
            args = "".join(f", {self.arg(a)}" for a in e.args)
            module = self.constants.module(e.module)
            first = "msg, " if e.message else ""
            return f"{module}.{e.method}({first}{self._both(e.value)}{args})"
        if isinstance(e, ir.CfgGet):
            return f"{self._use('to_str')}(self.server.cfg.get({e.group!a}, {e.name!a}))"
        if isinstance(e, ir.NotBuilt):
            return f"{self._use('not_built', 'runtime.script.notbuilt')}({e.what!a})"
        if isinstance(e, ir.Plus):
            leading, *more = terms(e)
            summands = ", ".join([self.value(leading), *map(self._operand, more)])
            return f"{self._use('add')}({summands})"
        if isinstance(e, ir.Select):
            selected = self._use("selected")
            then, orelse = self.value(e.then), self.value(e.orelse)
            return f"{selected}({then} if {self.positive(e.cond)} else {orelse})"
        if type_of(e) is Type.STR:
            return self.octets(e)
        return self.number(e)

    def truth(self, e: ir.Expr) -> str:
        """Whether it is not 0 (inside of ``&&``, ``||``, ``!``)."""
        if isinstance(e, ir.Int):
            return repr(e.value != 0)
        if isinstance(e, ir.Test) and not e.raw:
            return self._test_truth(e, True)
        if isinstance(e, ir.Not):
            return self._not(e.operand)
        if isinstance(e, ir.Logic):
            return self._logic(e)
        if isinstance(e, ir.Compare):
            return f"{self._side(e.left)} {e.op} {self._side(e.right)}"
        if isinstance(e, ir.Equal):
            return self._equal(e.left, e.right, e.negated)
        if isinstance(e, ir.StrEqual):
            op = "!=" if e.negated else "=="
            return f"{self._text(e.left)} {op} {self._text(e.right)}"
        if isinstance(e, ir.Match):
            return self._match(e)
        if isinstance(e, ir.Defined):
            return self._defined(e, True)
        if isinstance(e, ir.StrEmpty):
            return f"not {self._blank(e.operand)}"
        if isinstance(e, ir.Script) and e.function == "in_network":
            return self._script(e)
        return f"{self._wrapped(self.number(e))} != 0"

    def positive(self, e: ir.Expr) -> str:
        """Whether it is above 0 (the test of ``if``)."""
        if isinstance(e, ir.Int):
            return repr(wrap(e.value) > 0)
        if isinstance(e, (ir.Test, *_BOOLEAN)):
            return self.truth(e)
        if isinstance(e, ir.Script) and e.function == "in_network":
            return self.truth(e)
        return f"{self._wrapped(self.number(e))} > 0"

    # -- arguments and calls

    def arg(self, arg: ir.Arg, module: str = "") -> str:
        """One argument of a call, of a function of ``module``."""
        if isinstance(arg, ir.RegexArg):
            return self.constants.regex(arg.pattern)
        if isinstance(arg, ir.MethodsArg):
            return self.constants.methods(arg.names)
        if isinstance(arg, ir.PatternArg):
            compiled = self._use("compiled", "runtime.script.matching")
            return f"{compiled}({self.octets(arg.pattern)})"
        if isinstance(arg, ir.TextArg):
            return self.constants.text(arg.kind, arg.text)
        if isinstance(arg, ir.OwnArg):
            return self.constants.own(module, arg.rule, arg.text)
        if isinstance(arg, ir.TableArg):
            return self.constants.table(module, arg.name)
        if isinstance(arg, ir.RouteArg):
            if arg.name is None:
                return "0"
            if isinstance(arg.name, str):
                return self.constants.route(arg.kind, arg.name)
            return f'self.server.route_index("{arg.kind}", {self.octets(arg.name)})'
        if arg.index and not isinstance(arg.value, ir.Int):
            return f"{self._use('index_of')}({self.value(arg.value)})"
        if arg.strict:
            return f"{self._use(arg.strict, 'runtime.script.params')}({self.value(arg.value)})"
        if arg.to is Type.INT:
            return self.number(arg.value)
        if arg.to is Type.ANY:
            return self.value(arg.value)
        if is_refixed(arg):
            refix = self._use("refix", "runtime.script.pv")
            return f"{refix}(self.server.pv, {self.octets(arg.value)}, msg)"
        if arg.shown and not isinstance(arg.value, ir.Str | ir.Join):
            return f"{self._use('show')}({self.value(arg.value)})"
        return self.octets(arg.value)

    def call(self, call: ir.Call) -> str:
        """The call itself, as Python; after a word to the module debugger where that is loaded."""
        trace = self.traces.get(id(call))
        return self._call(call) if trace is None else f"({self.trace(trace)} or {self._call(call)})"

    def trace(self, trace: Trace) -> str:
        """A word to the module debugger."""
        texts = ", ".join(map(ascii, (trace.route, trace.path)))
        module = self.constants.module("debugger")
        return f"{module}.action(msg, {texts}, {trace.line}, {trace.kind}, {trace.name!a})"

    def _call(self, call: ir.Call) -> str:
        if isinstance(call, ir.RouteCall | ir.BlockCall):
            return f"self.{call.method}(msg)"
        if isinstance(call, ir.DynamicRouteCall):
            return f"self.call_route(msg, {self.octets(call.name)})"
        if isinstance(call, ir.MissingCall):
            return f"{self._use('call_not_built', 'runtime.script.notbuilt')}({call.name!a})"
        if isinstance(call, ir.NativeCall):
            return f"msg.{call.method}({', '.join(map(self.arg, call.args))})"
        args = "".join(f", {self.arg(a, call.module)}" for a in call.args)
        return f"{self.constants.module(call.module)}.{call.method}(msg{args})"

    def code(self, call: ir.Call) -> str:
        """The code that a call returns."""
        known = self.names.get(id(call)) or self.inline.get(id(call))
        if known is not None:
            return known
        if is_predicate(call):
            return f"(1 if {self.call(call)} else -1)"
        if can_fail(arguments(call)):
            return self.attempted(call, "made")
        return self.call(call)

    def attempted(self, call: ir.Call, made: str) -> str:
        """The code of a call that is not made where an argument has no value; ``made`` is the code
        of one that is."""
        attempt = f"made := {self._use('attempt')}(lambda: {self.call(call)})"
        return f"({made} if ({attempt}) is not None else {NOT_CALLED})"

    # -- parts

    def _pv(self, e: ir.Pv, kind: str) -> str:
        args = "".join(f", {self.arg(a)}" for a in e.args)
        return f"{self.constants.module(e.module)}.{kind}_{e.method}(msg{args})"

    def _both(self, e: ir.Expr) -> str:
        """A value with the number beside its text, if it has one."""
        if isinstance(e, ir.Native) and e.number is not None:
            made = f"{self._use('Dual')}(msg.{e.attr}, msg.{e.number})"
            return f"{made} if msg.{e.attr} else None"
        return self.value(e)

    def _operand(self, e: ir.Expr) -> str:
        """What stands behind an operator whose left side says at run time whether it is taken as a
        number or as text."""
        if isinstance(e, ir.Plus):
            return f"{self._use('Sum')}({', '.join(map(self._operand, terms(e)))})"
        if isinstance(e, ir.Cast) and e.to is Type.STR:
            if leads_with_choice(e.operand):
                return f"{self._use('Choice')}({self.octets(e)})"
            if isinstance(e.operand, ir.Native | ir.Pv | ir.Transform):
                return f"{self._use('as_text')}({self._both(e.operand)})"
        if isinstance(e, ir.Select):
            return f"{self._use('Choice')}({self.value(e)})"
        if isinstance(e, ir.Int) and wrap(e.value) != e.value:
            return f"{self._use('Dual')}({self.octets(e)}, {self.number(e)})"
        return self._both(e)

    def _text_number(self, e: ir.Expr) -> str:
        """The number of a ``(str)``: that which stands beside a variable's text, if one does."""
        if leads_with_choice(e):
            return f"{self._use('no_number')}()"
        if isinstance(e, ir.Cast | ir.Plus):
            return f"{self._use('to_int')}({self.value(e)})"
        return self.number(e)

    def _test_number(self, e: ir.Test) -> str:
        if e.raw:
            return self.code(e.call)
        return f"int({self._test_truth(e, True)})"

    def _test_truth(self, e: ir.Test, wanted: bool) -> str:
        if is_predicate(e.call) and id(e.call) not in self.names | self.inline:
            return self.call(e.call) if wanted else f"not {self.call(e.call)}"
        return f"{self.code(e.call)} {'>' if wanted else '<='} 0"

    def _not(self, e: ir.Expr) -> str:
        if isinstance(e, ir.Test) and not e.raw:
            return self._test_truth(e, False)
        if isinstance(e, ir.Not):
            return self.truth(e.operand)
        if isinstance(e, ir.Equal):
            return self._equal(e.left, e.right, not e.negated)
        if isinstance(e, ir.Defined):
            return self._defined(e, False)
        if isinstance(e, ir.StrEmpty):
            return f"bool({self._blank(e.operand)})"
        if isinstance(e, ir.Script) and e.function != "in_network":
            return f"{self.number(e)} == 0"
        if isinstance(e, ir.Match | ir.Script):
            return f"not {self.truth(e)}"
        if isinstance(e, _BOOLEAN):
            return f"not ({self.truth(e)})"
        return f"{self._wrapped(self.number(e))} == 0"

    def _defined(self, e: ir.Defined, wanted: bool) -> str:
        if isinstance(e.operand, ir.Native | ir.Pv | ir.Transform | ir.NotBuilt):
            return f"{self.value(e.operand)} is {'not ' if wanted else ''}None"
        return repr(isinstance(e.operand, ir.Null) is not wanted)

    def _logic(self, e: ir.Logic) -> str:
        left, right = self._logical(e.left, e.op), self._logical(e.right, e.op)
        ended = [
            self.locals[id(node.call)]
            for node in walk(e.left)
            if isinstance(node, ir.Test) and id(node.call) in self.locals
        ]
        told = isinstance(e.left, ir.Test) if e.op == "and" else isinstance(e.left, ir.Not)
        if not ended or told:
            return f"{left} {e.op} {right}"
        # what stands behind a call that ended the script is not evaluated any more
        stop = self._use("STOP", "runtime.script.flow")
        guard = " and ".join(f"{name} > {stop}" for name in ended)
        if e.op == "and":
            return f"{left} and {guard} and {right}"
        return f"{left} or ({guard} and ({right}))"

    def _logical(self, e: ir.Expr, op: str) -> str:
        text = self.truth(e)
        return f"({text})" if isinstance(e, ir.Logic) and e.op != op else text

    def _equal(self, left: ir.Expr, right: ir.Expr, negated: bool) -> str:
        empty = isinstance(right, ir.Null) or (isinstance(right, ir.Str) and not right.value)
        variable = isinstance(left, ir.Native | ir.Pv | ir.Var | ir.Transform | ir.CfgGet)
        if empty and variable:
            return f"bool({self.value(left)})" if negated else f"not {self.value(left)}"
        op = "!=" if negated else "=="
        plain = isinstance(left, ir.Native | ir.Pv) and left.type is not Type.ANY
        if plain and isinstance(right, ir.Str) and type_of(left) is Type.STR:
            return f"{self.value(left)} {op} {right.value!r}"
        if plain and isinstance(right, ir.Int) and right.value and type_of(left) is Type.INT:
            return f"{self.value(left)} {op} {self.number(right)}"
        if isinstance(left, ir.Str | ir.Join | ir.Concat) or (
            isinstance(left, ir.Cast) and left.to is Type.STR
        ):
            return f"{self._text(left)} {op} {self._text(right)}"
        if isinstance(left, ir.ReturnCode) or (type_of(left) is Type.INT and not variable):
            return f"{self._side(left)} {op} {self._side(right)}"
        if leads_with_choice(left):
            return f"{self._use('no_number')}() != 0"
        text = f"{self._use('eq')}({self.value(left)}, {self._operand(right)})"
        return f"not {text}" if negated else text

    def _match(self, e: ir.Match) -> str:
        if isinstance(e.pattern, bytes):
            regex = self.constants.regex(e.pattern, ", newline=False")
            return f"{regex}.match({self._bare(e.left)})"
        match = self._use("match", "runtime.script.matching")
        return f"{match}({self.octets(e.left)}, {self.octets(e.pattern)})"

    def _bare(self, e: ir.Expr) -> str:
        """Octets as the only argument of a call."""
        if isinstance(e, ir.Native) and e.type is Type.STR:
            return f'msg.{e.attr} or b""'
        return self.octets(e)

    def _blank(self, e: ir.Expr) -> str:
        """Something that is false where the text is empty."""
        if isinstance(e, ir.Native | ir.Pv) and e.type is Type.STR:
            return self.value(e)
        return self._wrapped(self.octets(e))

    def _join(self, e: ir.Join) -> str:
        parts: list[str] = []
        for part in e.parts:
            if isinstance(part, ir.Str | ir.Transform):  # a transformation that fails shows nothing
                parts.append(self.octets(part))
            elif isinstance(part, ir.Pv) and part.shows:
                parts.append(self._pv(part, "show"))
            else:
                show = "to_str" if isinstance(part, ir.Pv) and part.blank else "show"
                parts.append(f"{self._use(show)}({self.value(part)})")
        return " + ".join(parts)

    def _arith(self, e: ir.Arith) -> str:
        left, right = self._side(e.left), self._side(e.right)
        helpers = {"/": "div", "mod": "mod", "<<": "shift_left", ">>": "shift_right"}
        if e.op in helpers:
            return f"{self._use(helpers[e.op])}({left}, {right})"
        if e.op in ("|", "&", "^"):
            return f"{left} {e.op} {right}"
        return f"{self._use('wrap')}({left} {e.op} {right})"

    def _side(self, e: ir.Expr) -> str:
        """A number as an operand."""
        return self._wrapped(self.number(e))

    def _text(self, e: ir.Expr) -> str:
        """Octets as an operand."""
        return self._wrapped(self.octets(e))

    @staticmethod
    def _wrapped(text: str) -> str:
        """In parentheses, unless it is one thing already."""
        if text.isidentifier() or text.lstrip("-").isdigit():
            return text
        if text[:2] in ("b'", 'b"') and " + " not in text and " % " not in text:
            return text
        opened = text.find("(")
        if text.endswith(")") and opened >= 0 and _closes(text, opened):
            return text
        return f"({text})" if " " in text else text

    def _script(self, e: ir.Script) -> str:
        self._use(e.function, "runtime.script.legacy")
        return f"{e.function}({', '.join(['msg', *map(repr, e.args)])})"


def _closes(text: str, opened: int) -> bool:
    """Whether the parenthesis at ``opened`` is closed by the last character, nothing but a name
    standing before it. Octets hold no unescaped parenthesis that is counted: quotes end it."""
    if not all(c.isalnum() or c in "._" for c in text[:opened]) or "b'" in text or 'b"' in text:
        return False
    depth = 0
    for at in range(opened, len(text)):
        depth += (text[at] == "(") - (text[at] == ")")
        if depth == 0:
            return at == len(text) - 1
    return False
