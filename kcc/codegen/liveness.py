"""After which calls ``$rc`` must be stored: those whose code may be read before the next call.

A backward pass over each route, and a fixpoint over what routes read at their start. A route's
own code is stored by its caller, so nothing is read at the end of a route. Functions of the core
leave ``$rc`` as it was.
"""

from __future__ import annotations

from collections.abc import Iterable

from kcc.codegen.operands import arguments, can_fail
from kcc.ir import program as ir
from kcc.ir import values
from runtime.declare.pvspec import PvFormat, PvSpec, PvSyntaxError, parse_format
from runtime.declare.record import walk

_NAMES = frozenset({"rc", "retcode", "?"})


def kept_calls(program: ir.Program) -> frozenset[int]:
    """The identities of the calls whose code must be stored."""
    routes = (*program.routes, *program.blocks)
    if not program.reads_code:
        return frozenset()
    settings = [s.value for s in (*program.core, *program.custom)]
    settings += [p.value for p in program.modparams]
    if any(isinstance(value, bytes) and _text_reads(value) for value in settings):
        return frozenset(id(call) for call in _all_calls(routes))
    entries = {route.method: False for route in routes}
    while True:
        pass_ = _Pass(entries)
        found = {route.method: pass_.route(route) for route in routes}
        if found == entries:
            return frozenset(pass_.kept)
        entries = found


def _all_calls(routes: Iterable[ir.Route]) -> Iterable[values.Call]:
    for node in walk(tuple(routes)):
        if isinstance(node, values.Test | ir.Do) and not _silent(node.call):
            yield node.call


class _Pass:
    """One backward pass. ``entries`` says which routes read the code at their start."""

    def __init__(self, entries: dict[str, bool]) -> None:
        self.entries = entries
        self.kept: set[int] = set()
        self._after_break = [False]

    def route(self, route: ir.Route) -> bool:
        """Whether the route reads the code that was there before it."""
        return self._body(route.body, route.kind == "block")

    def _body(self, statements: tuple[ir.Stmt, ...], live: bool) -> bool:
        for statement in reversed(statements):
            live = self._statement(statement, live)
        return live

    def _statement(self, s: ir.Stmt, live: bool) -> bool:
        if isinstance(s, ir.Do):
            return self._call(s.call, live)
        if isinstance(s, ir.If):
            branches = self._body(s.then, live) | self._body(s.orelse, live)
            return self._expression(s.cond, branches)
        if isinstance(s, ir.While):
            return self._while(s, live)
        if isinstance(s, ir.Switch):
            self._after_break.append(live)
            before = live if s.default is None else self._body(s.default, live)
            for case in s.cases:
                before |= self._body(case.body, live)
            self._after_break.pop()
            return self._expression(s.subject, before)
        if isinstance(s, ir.Break):
            return self._after_break[-1]
        if isinstance(s, ir.Return | ir.Exit):
            return False if s.value is None else self._expression(s.value, False)
        if isinstance(s, ir.Trace | ir.Assigned):
            return live
        if isinstance(s, ir.SetPv):
            return self._expression(s.value, live) or _reads(s.args)
        return self._expression(s.value, live)

    def _while(self, s: ir.While, live: bool) -> bool:
        self._after_break.append(live)
        start = self._expression(s.cond, live)
        again = self._expression(s.cond, live | self._body(s.body, start))
        if again != start:
            again = self._expression(s.cond, live | self._body(s.body, again))
        self._after_break.pop()
        return again

    def _expression(self, e: values.Expr, live: bool) -> bool:
        tests = [node.call for node in walk(e) if isinstance(node, values.Test)]
        reads = _reads(e)
        if not tests:
            return live or reads
        if live or reads:
            for call in tests:
                self._keep(call)
        first = tests[0] if isinstance(e, values.Test) or _leads(e, tests[0]) else None
        if first is not None and not isinstance(first, values.BlockCall):
            inner = self._call(first, live or reads)
            return inner
        return live or reads or any(self._starts(call) for call in tests)

    def _call(self, call: values.Call, live: bool) -> bool:
        if isinstance(call, values.BlockCall):
            return live or self._starts(call)
        silent = _silent(call)
        if live:
            self._keep(call)
        nested = [n.call for n in walk(arguments(call)) if isinstance(n, values.Test)]
        for inner in nested:
            if live or _reads(arguments(call)):
                self._keep(inner)
        through = live and (silent or bool(nested) or can_fail(arguments(call)))
        return through or _reads(arguments(call)) or self._starts(call)

    def _keep(self, call: values.Call) -> None:
        if not _silent(call):
            self.kept.add(id(call))

    def _starts(self, call: values.Call) -> bool:
        """Whether what is called reads the code that was there before."""
        if isinstance(call, values.RouteCall | values.BlockCall):
            return self.entries.get(call.method, False)
        return isinstance(call, values.DynamicRouteCall) and any(self.entries.values())


def _silent(call: values.Call) -> bool:
    """Whether ``$rc`` stays as it was: the core's own functions do not store their code."""
    if isinstance(call, values.ModuleCall | values.NativeCall):
        return call.module == "core"
    return isinstance(call, values.BlockCall)


def _leads(e: values.Expr, call: values.Call) -> bool:
    from kcc.codegen.conditions import first_call

    return first_call(e) is call


def _reads(part: object) -> bool:
    for node in walk(part):
        if isinstance(node, values.ReturnCode):
            return True
        if isinstance(node, values.TextArg | values.OwnArg) and _text_reads(node.text):
            return True
    return False


def _text_reads(text: bytes) -> bool:
    """Whether text with variables in it reads the code."""
    try:
        return _format_reads(parse_format(text))
    except PvSyntaxError:
        return any(b"$" + name.encode() in text for name in _NAMES)


def _format_reads(parts: PvFormat) -> bool:
    return any(isinstance(part, PvSpec) and _spec_reads(part) for part in parts)


def _spec_reads(spec: PvSpec) -> bool:
    if spec.name in _NAMES:
        return True
    inner = [spec.inner] if isinstance(spec.inner, PvSpec) else []
    if isinstance(spec.inner, tuple):
        inner = [part for part in spec.inner if isinstance(part, PvSpec)]
    inner += [arg for call in spec.transforms for arg in call.args if isinstance(arg, PvSpec)]
    return any(map(_spec_reads, inner))
