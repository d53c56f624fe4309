"""Calls: the function found, its arity and route type checked, its arguments fixed up."""

from __future__ import annotations

import re
from typing import Final

from kcc.catalog.catalog import Found, route_names, suggest
from kcc.ir import values as ir
from kcc.lower import expressions
from kcc.lower.accepts import is_avp_name, is_int, own_fault, refusal
from kcc.lower.declared import check_declared
from kcc.lower.optimize import NoValue, evaluate
from kcc.lower.patterns import check_regex
from kcc.lower.scope import Scope
from kcc.lower.trace import call_trace
from kcc.lower.types import is_constant
from kcc.lower.variables import (
    check_variables,
    counted,
    format_fault,
    lower_format,
    lower_subst,
    lower_variable,
    prefix_fault,
    spec_prefix,
)
from kcc.source.span import Span
from kcc.source.text import to_name
from kcc.syntax import ast
from runtime.declare.exports import Accepts, Arg, Fixup, Function, Status, Takes
from runtime.declare.methods import METHODS
from runtime.declare.pvspec import PvSyntaxError, parse_whole_spec, spec_text

_MOST = 6  # arguments of a call: MAX_ACTIONS of route_struct.h less the function and their number
_ROUTE_KIND = {
    "route": "route", "request_route": "route", "failure_route": "failure",
    "branch_route": "branch", "onreply_route": "onreply", "event_route": "event",
    "branch_failure_route": "branch_failure",
}  # fmt: skip


_NEEDS: Final = {("rr", "is_direction"): "append_fromtag"}
"""Functions that a start refuses where a parameter of their module is off."""


def lower_call(node: ast.Call, scope: Scope) -> ir.Call | None:
    """The call of a function or route; None after a report."""
    call = _lower_call(node, scope)
    if scope.traced and call is not None:
        scope.traces[id(call)] = call_trace(node, scope)
    return call


def _lower_call(node: ast.Call, scope: Scope) -> ir.Call | None:
    if any(isinstance(arg, ast.Missing) for arg in node.args):
        return None
    if node.core and node.name == "route":
        return _route_call(node, scope)
    found = _find(node, scope)
    if found is None:
        return None
    row = found.function
    if not row.routes & scope.route_type:
        scope.reporter.report(
            "K0205",
            f"`{node.name}` is allowed in {', '.join(route_names(row.routes))}, "
            f"used in {scope.route_label}",
            node.span,
        )
        return None
    check_declared(scope, found.module, node)
    fixups = row.args
    if row.variadic:
        fixups = (*row.args, *row.args[-1:] * (len(node.args) - len(row.args)))
    args = tuple(
        _argument(scope, row, arg, given) for arg, given in zip(fixups, node.args, strict=False)
    )
    needed = _NEEDS.get((found.module, node.name))
    if needed is not None and scope.params.get((found.module, needed)) == 0:
        scope.reporter.report(
            "K0243", f"`{node.name}` is refused where `{found.module}:{needed}` is 0", node.span
        )
    if row.status is Status.PARSED_ONLY:
        scope.not_built(f"function {node.name} of module {found.module}", node.span)
        return ir.MissingCall(node.span, node.name)
    if row.native is not None and not any(_is_unknown_method(arg) for arg in args):
        return ir.NativeCall(node.span, found.module, row.native, args)
    method = row.method or row.name
    return ir.ModuleCall(node.span, found.module, method, args, row.stops, row.rest)


def _route_call(node: ast.Call, scope: Scope) -> ir.Call | None:
    if len(node.args) != 1:
        return None  # the builder has said so
    given = node.args[0]
    if isinstance(given, ast.Word | ast.Str | ast.Int):
        name = given.name if isinstance(given, ast.Word) else _name(_constant(given) or b"")
        method = scope.methods.get(("request", "") if name == "0" else ("route", name))
        if method is not None:
            return ir.RouteCall(node.span, name, method)
        near = suggest(name, scope.names("route"))
        help_text = f"did you mean `route({near})`?" if near else None
        if "$" in name:
            help_text = "the name is taken literally: write route($x) without quotes"
        scope.reporter.report("K0206", f"there is no route[{name}]", given.span, help=help_text)
        return None
    return ir.DynamicRouteCall(node.span, expressions.lower_expression(given, scope))


def _find(node: ast.Call, scope: Scope) -> Found | None:
    rows = scope.catalog.function(node.name, scope.modules)
    if scope.late and rows and all(row.module in scope.late for row in rows):
        scope.reporter.report(
            "K0202",
            f"module `{rows[0].module}`, which exports `{node.name}`, is loaded only later",
            node.span,
            help="a route stands after the loadmodule of the functions that it calls",
        )
        return None
    count = len(node.args)
    fitting = [row for row in rows if _takes(row.function, count)]
    for row in fitting:
        if row.function.routes & scope.route_type:
            return row
    if fitting:
        return fitting[0]
    if rows:
        counts = [(r.function.required, len(r.function.args)) for r in rows]
        takes = " or ".join(dict.fromkeys(counted(*pair) for pair in counts))
        scope.reporter.report("K0203", f"`{node.name}` takes {takes}, {count} given", node.span)
        return None
    if node.core:
        scope.not_built(f"core function {node.name}", node.span)
        return None
    elsewhere = scope.catalog.find_function_anywhere(node.name)
    if elsewhere:
        names = " or ".join(f"`{name}`" for name in elsewhere[:3])
        scope.reporter.report(
            "K0202",
            f"`{node.name}` is exported by module {names}, which is not loaded",
            node.span,
            help=scope.catalog.changes.moved(node.name, scope.modules),
        )
        return None
    known = {f.name for m in ("core", *scope.modules) for f in _functions(scope, m)}
    near = suggest(node.name, known)
    scope.reporter.report(
        "K0201",
        f"unknown function `{node.name}`",
        node.span,
        help=scope.catalog.changes.function(node.name, scope.modules)
        or (f"did you mean `{near}`?" if near else None),
    )
    return None


def _functions(scope: Scope, module: str) -> tuple[Function, ...]:
    exports = scope.catalog.module(module)
    return exports.functions if exports is not None else ()


def _is_unknown_method(arg: ir.Arg) -> bool:
    return isinstance(arg, ir.Evaluated) and arg.to is ir.Type.ANY and isinstance(arg.value, ir.Str)


def _name(text: bytes) -> str:
    """A name given as a string."""
    return to_name(text.decode("latin-1"))


def _takes(row: Function, count: int) -> bool:
    return row.required <= count <= (_MOST if row.variadic else len(row.args))


# --- arguments -----------------------------------------------------------------------------------


def _argument(scope: Scope, row: Function, arg: Arg, given: ast.Expr) -> ir.Arg:
    """One argument, fixed up. What is wrong is reported, an empty one stands in its place."""
    if arg.fixup is Fixup.FLAG:
        return _flag(scope, row, arg, given)
    if isinstance(given, ast.MsgPart) and given.name == "uri:port":
        return ir.Evaluated(ir.Native(given.span, "ruri_port", ir.Type.STR), ir.Type.INT)
    text = _constant(given)
    if text is None and is_constant(given):
        scope.reporter.report(
            "K0204", f"argument `{arg.name}` of `{row.name}` has no value", given.span
        )
        return ir.Evaluated(ir.Null(given.span), ir.Type.ANY)
    if text is None:
        return _computed(scope, row, arg, given)
    if not _accepted(scope, row, arg, text, given.span):
        return ir.Evaluated(ir.Null(given.span), ir.Type.ANY)
    return _written(scope, row, arg, text, given.span)


def _accepted(scope: Scope, row: Function, arg: Arg, text: bytes, span: Span) -> bool:
    """Whether a start accepts a constant; the reason is reported where it does not."""
    if arg.values:
        if arg.accepts is Accepts.LETTERS:
            if not set(text.decode("latin-1")) - set(arg.values):
                return True
            _wrong(scope, row, arg, span, f"made of the letters {' '.join(arg.values)}")
            return False
        if text.decode("latin-1").lower() in {v.lower() for v in arg.values}:
            return True
        if arg.accepts is Accepts.TEXT:
            scope.reporter.report(
                "K0242",
                f"argument `{arg.name}` of `{row.name}` is one of "
                f"{', '.join(v for v in arg.values if v)}; others mean nothing",
                span,
            )
            return True
        _wrong(scope, row, arg, span, f"one of {', '.join(v for v in arg.values if v)}")
        return False
    rule = Accepts.METHODS if arg.fixup is Fixup.METHODS else arg.accepts
    if arg.own is not None:
        fault = own_fault(scope, arg.own, text, span)
    elif rule is None:
        return True
    else:
        fault = refusal(scope, rule, text, span)
    if isinstance(fault, str):
        _wrong(scope, row, arg, span, fault)
    elif fault is not None:
        scope.reporter.add(fault)
    return fault is None


def _constant(given: ast.Expr) -> bytes | None:
    """The text of a constant argument."""
    if isinstance(given, ast.Str):
        return given.value
    if isinstance(given, ast.Int):
        return b"%d" % given.value
    if isinstance(given, ast.Word | ast.Proto | ast.MsgPart):
        return given.name.encode("latin-1")
    if isinstance(given, ast.Ip):
        return given.address.encode()
    if isinstance(given, ast.Socket):
        host = ",".join(given.hosts)
        proto = f"{given.proto}:" if given.proto else ""
        port = f":{given.port}" if given.port else ""
        return f"{proto}{host}{port}".encode("latin-1")
    if is_constant(given):
        try:
            value = evaluate(given)
        except NoValue:
            return None
        return b"%d" % value if isinstance(value, int) else value
    return None


def _written(scope: Scope, row: Function, arg: Arg, text: bytes, span: Span) -> ir.Arg:
    fixup, accepts = arg.fixup, arg.accepts
    if fixup is Fixup.INT:
        return _number(scope, row, arg, text, span)
    if fixup is Fixup.INT_PV:
        if not text.strip().startswith(b"$"):
            return _number(scope, row, arg, text, span)
        avps = accepts in (Accepts.INT_VAR, Accepts.INT_VAR_NONEMPTY)
        wanted = ir.Type.ANY if arg.raw else ir.Type.INT
        return ir.Evaluated(_single(scope, text, span, literal=avps), wanted)
    if fixup is Fixup.OWN:
        return ir.OwnArg((arg.own or "").partition(".")[2], text)
    if fixup is Fixup.TABLE:
        return ir.TableArg(text)
    if fixup is Fixup.STR:
        return ir.Evaluated(ir.Str(span, text), ir.Type.STR)
    if fixup is Fixup.STR_PV:
        avps = accepts in (Accepts.FORMAT_AVP, Accepts.FORMAT_AVP_NONEMPTY)
        if avps and is_avp_name(text) and format_fault(scope, text, span) is not None:
            return ir.Evaluated(_single(scope, text, span, literal=True), ir.Type.STR)
        if arg.raw and text.strip().startswith(b"$") and not prefix_fault(scope, text, span):
            return ir.Evaluated(_single(scope, text, span), ir.Type.ANY)
        return ir.Evaluated(lower_format(scope, text, span), ir.Type.STR, shown=True)
    if fixup in (Fixup.STR_VAR, Fixup.VAL_VAR):
        if not text.strip().startswith(b"$"):
            if fixup is Fixup.VAL_VAR and accepts is Accepts.INT_VAR:
                return _number(scope, row, arg, text, span)
            return ir.Evaluated(ir.Str(span, text), ir.Type.STR)
        kind = ir.Type.ANY if fixup is Fixup.VAL_VAR or arg.raw else ir.Type.STR
        return ir.Evaluated(_single(scope, text, span, literal=True), kind)
    if fixup is Fixup.VAL_PV:
        if accepts in _NUMBERS and not text.strip().startswith(b"$"):
            return _number(scope, row, arg, text, span)
        whole = spec_prefix(text) if text.startswith(b"$") else None
        if whole is not None and _is_whole(text):
            return ir.Evaluated(lower_variable(scope, whole, span), ir.Type.ANY)
        return ir.Evaluated(lower_format(scope, text, span), ir.Type.ANY)
    if fixup is Fixup.PV:
        spec = spec_prefix(text)
        if accepts is Accepts.TEXT and (spec is None or prefix_fault(scope, text, span)):
            scope.reporter.report(
                "K0242", f"argument `{arg.name}` of `{row.name}` is one variable", span
            )
            return ir.TextArg("pv", b"$null")
        if spec is None:
            _wrong(scope, row, arg, span, 'one variable, as in "$var(x)"')
            return ir.TextArg("pv", b"$null")
        lower_variable(scope, spec, span)
        _after_variable(scope, text, span)
        return ir.TextArg("pv", spec_text(spec).encode("latin-1"))
    if fixup is Fixup.FORMAT:
        check_variables(scope, text, span)
        return ir.TextArg("format", text)
    if fixup is Fixup.SUBST:
        return lower_subst(scope, f"argument `{arg.name}` of `{row.name}`", text, span)
    if fixup is Fixup.METHODS:
        return _methods(text, span)
    if fixup is Fixup.ROUTE:
        return _route(scope, row, text, span)
    if fixup is Fixup.REGEX_PV and text.startswith(b"$"):
        variable = spec_prefix(text)
        if variable is not None and prefix_fault(scope, text, span) is None:
            return ir.PatternArg(lower_variable(scope, variable, span))
        if is_avp_name(text):
            return ir.PatternArg(_single(scope, text, span, literal=True))
    check_regex(scope, text, span)
    return ir.RegexArg(text)


_NUMBERS = (Accepts.INT_PV, Accepts.INT_VAR, Accepts.STAT_VALUE)
_CONSTANT = (
    *(Fixup.PV, Fixup.SUBST, Fixup.REGEX, Fixup.ROUTE, Fixup.TABLE, Fixup.METHODS, Fixup.OWN),
)


def _computed(scope: Scope, row: Function, arg: Arg, given: ast.Expr) -> ir.Arg:
    """An argument that is an expression."""
    span, fixup = given.span, arg.fixup
    value = expressions.lower_expression(given, scope)
    if row.takes is Takes.CONSTANT:
        _wrong(scope, row, arg, span, "a constant", 'write it as a string: "$x"')
    elif fixup in _CONSTANT:
        scope.not_built(f"an expression as argument of {row.name}", span)
        return ir.TextArg("format", b"")
    if fixup is Fixup.FORMAT:
        scope.not_built(f"an expression as argument of {row.name}", span)
        return ir.TextArg("format", b"")
    if fixup is Fixup.REGEX_PV:
        return ir.PatternArg(value)
    if fixup in (Fixup.INT, Fixup.INT_PV) or arg.accepts in _NUMBERS:
        return ir.Evaluated(value, ir.Type.INT, strict="fixed_number")
    if fixup in (Fixup.VAL_PV, Fixup.VAL_VAR):
        return ir.Evaluated(value, ir.Type.ANY)
    refix = row.takes is Takes.REFIX and fixup is Fixup.STR_PV
    return ir.Evaluated(value, ir.Type.STR, refix=refix)


def _wrong(
    scope: Scope, row: Function, arg: Arg, span: Span, wanted: str, help: str | None = None
) -> None:
    scope.reporter.report(
        "K0204", f"argument `{arg.name}` of `{row.name}` is {wanted}", span, help=help
    )


def _number(scope: Scope, row: Function, arg: Arg, text: bytes, span: Span) -> ir.Arg:
    if arg.accepts is Accepts.SAVE_FLAGS:
        return ir.Evaluated(
            ir.Int(span, int(text or b"0", 16 if text[:2].lower() == b"0x" else 10)), ir.Type.INT
        )
    if not is_int(text):
        if arg.accepts is Accepts.TEXT:
            scope.reporter.report(
                "K0242", f"argument `{arg.name}` of `{row.name}` is a number", span
            )
        else:
            _wrong(scope, row, arg, span, "a number")
        return ir.Evaluated(ir.Int(span, 0), ir.Type.INT)
    return ir.Evaluated(ir.Int(span, int((text.strip(b"+-") and text) or b"0")), ir.Type.INT)


def _single(scope: Scope, text: bytes, span: Span, literal: bool = False) -> ir.Expr:
    """The variable that the text begins with; ``literal``: what is none stays as it is written."""
    spec = spec_prefix(text)
    if spec is None or (literal and prefix_fault(scope, text.strip(), span) is not None):
        if not literal:
            scope.reporter.report("K0208", "in a string: this is no variable", span)
        elif len(text) > 1:
            shown_text = text.decode("utf-8", "replace")
            scope.reporter.report(
                "K0240", f"`{shown_text}` is no variable, and is taken as it is written", span
            )
        return ir.Str(span, text)
    _after_variable(scope, text, span)
    return lower_variable(scope, spec, span)


def _after_variable(scope: Scope, text: bytes, span: Span) -> None:
    if not _is_whole(text.strip()):
        shown_text = text.decode("utf-8", "replace")
        scope.reporter.report(
            "K0240", f"one variable is taken here: the rest of `{shown_text}` is dropped", span
        )


def _is_whole(text: bytes) -> bool:
    """Whether the text is one variable and nothing else."""
    try:
        parse_whole_spec(text)
    except PvSyntaxError:
        return False
    return True


def _flag(scope: Scope, row: Function, arg: Arg, given: ast.Expr) -> ir.Arg:
    text = _constant(given)
    number: int | None = None
    if text is not None:
        name = _name(text)
        number = int(name) if name.isdigit() and len(name) < 4 else scope.flags.get(name)
        if number is None or not 0 <= number <= 31:
            near = suggest(name, scope.flags)
            scope.reporter.report(
                "K0219",
                f"`{row.name}` takes a flag 0 to 31 or a declared name, not `{name}`",
                given.span,
                help=f"did you mean `{near}`?" if near else None,
            )
    elif row.takes is Takes.CONSTANT:
        _wrong(scope, row, arg, given.span, "a flag number")
    else:
        return ir.Evaluated(expressions.lower_expression(given, scope), ir.Type.INT)
    return ir.Evaluated(ir.Int(given.span, number or 0), ir.Type.INT)


def _methods(text: bytes, span: Span) -> ir.Arg:
    names = [name.strip().upper() for name in re.split(r"[|,]", text.decode("latin-1"))]
    if any(name not in METHODS for name in names):
        return ir.Evaluated(ir.Str(span, text), ir.Type.ANY)
    return ir.MethodsArg(tuple(names))


def _route(scope: Scope, row: Function, text: bytes, span: Span) -> ir.Arg:
    kind = _ROUTE_KIND.get(row.route_kind or "route", row.route_kind or "route")
    name = _name(text)
    if name in ("", "0"):
        return ir.RouteArg(kind, None)
    if (kind, name) not in scope.methods:
        scope.reporter.report(
            "K0221",
            f"`{row.name}`: there is no {_route_block(kind, name)}",
            span,
            help=_route_help(scope, kind, name),
        )
        return ir.RouteArg(kind, None)
    return ir.RouteArg(kind, name)


def _route_block(kind: str, name: str) -> str:
    """How a route block of a kind is written."""
    if kind == "branch_failure":
        return f"event_route[tm:branch-failure:{name}]"
    return f"route[{name}]" if kind == "route" else f"{kind}_route[{name}]"


def _route_help(scope: Scope, kind: str, name: str) -> str | None:
    if "$" in name:
        return "the name is taken as it is written, without variables"
    for other in ("failure", "onreply", "branch", "route"):
        if other != kind and (other, name) in scope.methods:
            return f"{_route_block(other, name)} is a route of another kind"
    near = suggest(name, scope.names(kind))
    return f"did you mean `{near}`?" if near else None
