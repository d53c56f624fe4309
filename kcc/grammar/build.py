"""Makes the syntax tree: one method for each alternative of the grammar that has an alias.

A method gets the values of the alternative's symbols: tokens for terminals, what other methods
returned for the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast

from kcc.diagnostics.reporter import Reporter
from kcc.grammar.build_sockets import SocketBuilder
from kcc.grammar.core_functions import check_arguments
from kcc.grammar.declared import flag_at
from kcc.grammar.expressions import Chain, Resolver
from kcc.grammar.keywords import ENGINES, PARAM_KINDS, PARAM_VALUES, ParamKind
from kcc.grammar.since import Since
from kcc.grammar.tokens import Token, c_int, number_value
from kcc.source.span import Span, join
from kcc.source.text import to_name, to_octets
from kcc.source.version import TARGET
from kcc.syntax import ast
from runtime.declare.pvspec import PvSpec, PvSyntaxError, parse_whole_spec

Values = list[Any]

_ROUTE_KINDS: Final[dict[str, ast.RouteKind]] = {
    "route": "request_route",
    "request_route": "request_route",
    "reply_route": "onreply_route",
}
_TAKES: Final[dict[ParamKind, str]] = {
    "number": "a number without a sign",
    "integer": "a number",
    "string": "a string",
    "word": "a bare word",
    "text": "a string or a bare word",
    "tos": "a number or a bare word",
    "protocols": "a number or a string",
    "ipv4": "an IPv4 address",
    "ipv6": "an IPv6 address",
    "tls": "SSLv23, SSLv2, SSLv3 or TLSv1",
}
_TLS_WORDS: Final = frozenset({"sslv23", "sslv2", "sslv3", "tlsv1"})
_NO_SPEC: Final = PvSpec("null")
_ONSEND_ONLY: Final = frozenset({"snd_ip", "to_ip"})
_MAX_FLAG: Final = 31
_WITH_AVPFLAG: Final = frozenset({"setavpflag", "resetavpflag", "isavpflagset"})


class Builder:
    """Holds what building needs: where to report, and the variables parsed so far."""

    def __init__(self, reporter: Reporter, target: str = TARGET) -> None:
        self._reporter: Final = reporter
        self._since: Final = Since(reporter, target)
        self._sockets: Final = SocketBuilder(reporter, self._since)
        self._resolver: Final = Resolver(reporter)
        self._specs: Final[dict[str, PvSpec]] = {}
        self._flags: Final[set[str]] = set()
        self._avpflags: Final[set[str]] = set()
        self._modules: Final[set[str]] = set()
        self._onsend_only: Final[list[ast.Legacy]] = []

    def actions(self) -> dict[str, Callable[[Values], Any]]:
        """Method by alias."""
        return {
            name: getattr(builder, name)
            for builder in (self, self._sockets)
            for name in dir(builder)
            if not name.startswith("_") and name != "actions"
        }

    # --- lists and passing on ------------------------------------------------------------------

    def empty(self, v: Values) -> Values:
        return []

    def first(self, v: Values) -> Values:
        return [v[0]]

    def append(self, v: Values) -> Values:
        v[0].append(v[1])
        return cast(Values, v[0])

    def append_item(self, v: Values) -> Values:
        v[0].append(v[2])
        return cast(Values, v[0])

    def nothing(self, v: Values) -> None:
        return None

    def inner(self, v: Values) -> Any:
        return v[1]

    def inner_first(self, v: Values) -> Any:
        return v[0]

    # --- parameters ----------------------------------------------------------------------------

    def core_param(self, v: Values) -> ast.CoreParam | None:
        name: Token = v[0]
        value: ast.Expr = v[2]
        fits = True
        if name.value == "udp_mtu_try_proto":
            fits = isinstance(value, ast.Proto) and value.name not in ("ws", "wss")
            takes = "udp, tcp, tls or sctp"
        else:
            kind = PARAM_KINDS[name.value]
            fits, takes = _fits(kind, value), _TAKES[kind]
        if not fits:
            self._reporter.report("K0110", f"`{name.value}` takes {takes}", value.span)
            return None
        self._check_value(name.value, value)
        kept = cast("ast.Int | ast.Str | ast.Word | ast.Ip | ast.Proto", value)
        return ast.CoreParam(join(name.span, value.span), name.value, kept)

    def _check_value(self, name: str, value: ast.Expr) -> None:
        """Parameters that take one of a few words."""
        if isinstance(value, ast.Word):
            text = value.name
        elif isinstance(value, ast.Str):
            text = value.value.decode("latin-1")
        else:
            return
        if name == "ipv6_hex_style":
            if text not in ("a", "A", "c"):
                self._reporter.report("K0110", f'`{name}` takes "a", "A" or "c"', value.span)
            return
        known = PARAM_VALUES.get(name)
        if known is not None and text.lower() not in known:
            shown = ", ".join(sorted(known))
            if name == "log_facility":
                shown = shown.upper()
            self._reporter.report(
                "K0110", f"`{name}` has no value `{text}`", value.span, help=f"there are {shown}"
            )

    def advertised_address(self, v: Values) -> ast.CoreParam:
        host, span = v[2]
        value = ast.Str(span, host.encode("utf-8", "surrogateescape"))
        return ast.CoreParam(join(v[0].span, span), "advertised_address", value)

    def kemi_param(self, v: Values) -> ast.CoreParam:
        value = _str(v[4])
        return ast.CoreParam(join(v[0].span, value.span), f"kemi.{v[2].value}", value)

    def old_param(self, v: Values) -> None:
        """``statistics`` had no effect in its last years, ``max_len`` never was a parameter."""
        if v[0].value != "statistics":
            self._reporter.report("K0101", f"`{v[0].value}` is no parameter", v[0].span)
        elif self._since.version > (5, 2):
            self._since.report("`statistics` was a parameter until Kamailio 5.2", v[0].span)

    def custom(self, v: Values) -> ast.CustomParam:
        span = join(v[0].span, v[4].span)
        return ast.CustomParam(span, v[0].value, None, v[2].value, v[4], None)

    def custom_described(self, v: Values) -> ast.CustomParam:
        span = join(v[0].span, v[6].span)
        return ast.CustomParam(span, v[0].value, None, v[2].value, v[4], _str(v[6]))

    def custom_indexed(self, v: Values) -> ast.CustomParam:
        index = number_value(v[2].value)
        span = join(v[0].span, v[7].span)
        return ast.CustomParam(span, v[0].value, index, v[5].value, v[7], None)

    def flags(self, v: Values) -> ast.FlagsDecl:
        kind: Any = v[0].value
        for flag in v[1]:
            if kind == "avpflags":
                self._avpflags.add(flag.name.lower())
            elif flag.name in self._flags:
                self._reporter.report(
                    "K0219", f"flag `{flag.name}` is declared a second time", v[0].span
                )
            self._flags.add(flag.name)
        return ast.FlagsDecl(v[0].span, kind, tuple(v[1]))

    def flag(self, v: Values) -> ast.Flag:
        number = number_value(v[2].value) if len(v) > 2 else None
        if number is not None and not 0 <= number <= _MAX_FLAG:
            self._reporter.report("K0219", f"a flag is 0 to {_MAX_FLAG}", v[2].span)
            number = None
        return ast.Flag(to_name(v[0].value), number)

    def loadmodule(self, v: Values) -> ast.LoadModule:
        self._modules.add(v[1].value.rpartition("/")[2].removesuffix(".so"))
        return ast.LoadModule(join(v[0].span, v[1].span), _str(v[1]), v[0].value == "loadmodulex")

    def loadmodule_parens(self, v: Values) -> ast.LoadModule:
        self._since.require((5, 7), f"`{v[0].value}(…)`", v[1].span)
        found = self.loadmodule([v[0], v[2]])
        options = _str(v[4]) if len(v) > 4 else None
        return ast.LoadModule(join(v[0].span, v[-1].span), found.name, found.extended, options)

    def loadpath(self, v: Values) -> ast.LoadPath:
        return ast.LoadPath(join(v[0].span, v[-1].span), _str(v[-1]))

    def cfgengine(self, v: Values) -> ast.CfgEngine:
        name: str = v[-1].value
        modules = ENGINES.get(name)
        if modules is None or (modules and self._modules.isdisjoint(modules)):
            help = f'loadmodule "{modules[0]}.so" before it' if modules else None
            self._reporter.report(
                "K0110", f"no loaded module has the routing engine `{name}`", v[-1].span, help=help
            )
        return ast.CfgEngine(join(v[0].span, v[-1].span), _str(v[-1]))

    def modparam(self, v: Values) -> ast.ModParam:
        extended = v[0].value == "modparamx"
        value = v[6]
        if isinstance(value, ast.PvExpr) and not extended:
            self._reporter.report(
                "K0101",
                "modparam takes a string or a number",
                value.span,
                help="use modparamx for the value of a variable",
            )
        return ast.ModParam(join(v[0].span, v[7].span), _str(v[2]), _str(v[4]), value, extended)

    # --- routes and statements -----------------------------------------------------------------

    def route(self, v: Values) -> ast.Route:
        kind = _ROUTE_KINDS.get(v[0].value, v[0].value)
        self._check_onsend(kind)
        return ast.Route(join(v[0].span, v[1].span), cast(Any, kind), None, v[1], None)

    def route_named(self, v: Values) -> ast.Route:
        kind, name = v[0].value, v[2]
        self._check_onsend(kind)
        text = str(number_value(name.value)) if name.kind == "NUMBER" else to_name(name.value)
        if name.kind == "EVENT_NAME" and (text.count(":") > 1 or "_" in text.partition(":")[2]):
            self._since.require((4, 1), "a second `:` or a `_` in the name of an event", name.span)
        unnamed = kind == "onreply_route" and text == "0"
        return ast.Route(
            join(v[0].span, v[4].span), kind, None if unnamed else text, v[4], name.span
        )

    def _check_onsend(self, kind: str) -> None:
        """``snd_ip`` and ``to_ip`` exist where a message is about to be sent."""
        if kind != "onsend_route":
            for operand in self._onsend_only:
                self._reporter.report(
                    "K0205", f"`{operand.name}` is allowed in onsend_route only", operand.span
                )
        self._onsend_only.clear()

    def block(self, v: Values) -> ast.Block:
        return ast.Block(join(v[0].span, v[2].span), _statements(v[1]))

    def single(self, v: Values) -> Any:
        return v[0]

    def call_stmt(self, v: Values) -> ast.CallStmt:
        return ast.CallStmt(v[0].span, v[0])

    def if_(self, v: Values) -> ast.If:
        then = _block(v[2], self._resolver.extent(v[1]))
        return ast.If(join(v[0].span, then.span), v[1], then, None)

    def if_else(self, v: Values) -> ast.If:
        then, orelse = _block(v[2], self._resolver.extent(v[1])), _block(v[4], v[3].span)
        return ast.If(join(v[0].span, orelse.span), v[1], then, orelse)

    def while_(self, v: Values) -> ast.While:
        body = _block(v[2], self._resolver.extent(v[1]))
        return ast.While(join(v[0].span, body.span), v[1], body)

    def switch_empty(self, v: Values) -> ast.Switch:
        return ast.Switch(join(v[0].span, v[3].span), v[1], ())

    def switch(self, v: Values) -> ast.Switch:
        cases = tuple(v[3])
        self._check_cases(cases)
        return ast.Switch(join(v[0].span, v[4].span), v[1], cases)

    def case(self, v: Values) -> ast.Case:
        return _case("value", v[0], v[1], v[2], v[3] if len(v) > 3 else [])

    def case_regex(self, v: Values) -> ast.Case:
        return _case("regex", v[0], v[2], v[3], v[4] if len(v) > 4 else [])

    def default(self, v: Values) -> ast.Case:
        return _case("default", v[0], None, v[1], v[2] if len(v) > 2 else [])

    def _check_cases(self, cases: tuple[ast.Case, ...]) -> None:
        defaults = [case for case in cases if case.kind == "default"]
        for case in defaults[1:]:
            self._reporter.report("K0113", "a second `default` in the switch", case.span)
        kinds: dict[str, ast.Case] = {}
        for case in cases:
            if case.value is not None and not _constant(case.value):
                self._reporter.report(
                    "K0118", "the label of a case must be constant", case.value.span
                )
            if case.kind == "regex" or isinstance(case.value, ast.Str):
                kinds.setdefault("string", case)
            elif isinstance(case.value, ast.Int):
                kinds.setdefault("integer", case)
        if len(kinds) > 1:
            self._reporter.report(
                "K0114",
                "a switch cannot have both integer and string cases",
                max(kinds.values(), key=lambda case: case.span.start).span,
            )

    def break_(self, v: Values) -> ast.Break:
        return ast.Break(v[0].span)

    def leave(self, v: Values) -> ast.Statement:
        if len(v) == 1:
            return _leave(v[0], None, v[0].span)
        return _leave(v[0], v[1], join(v[0].span, self._resolver.extent(v[1])))

    def leave_parens(self, v: Values) -> ast.Statement:
        return _leave(v[0], None, join(v[0].span, v[2].span))

    def assign(self, v: Values) -> ast.Assign:
        target = v[0]
        if isinstance(target, ast.PvExpr) and target.spec.transforms:
            self._reporter.report(
                "K0108", "a variable with transformations cannot be assigned to", target.span
            )
        if isinstance(target, ast.Attr) and isinstance(target.index, int):
            self._reporter.report(
                "K0108", "an attribute with an index cannot be assigned to", target.span
            )
        return ast.Assign(join(target.span, self._resolver.extent(v[2])), target, v[2])

    # --- calls ---------------------------------------------------------------------------------

    def call(self, v: Values) -> ast.Call:
        for arg in v[2]:
            self._resolver.check_value(arg)
        return ast.Call(join(v[0].span, v[3].span), v[0].value, tuple(v[2]), False)

    def core_call(self, v: Values) -> ast.Call:
        args = tuple(v[2])
        call = ast.Call(join(v[0].span, v[3].span), v[0].value, args, True)
        if check_arguments(call, self._reporter, self._resolver):
            self._check_flag(call)
        return call

    def _check_flag(self, call: ast.Call) -> None:
        """A flag's name must be declared before its use."""
        at = flag_at(call.name)
        if at is not None and at < len(call.args):
            arg, known, kind = call.args[at], self._flags, "flag"
        elif call.name in _WITH_AVPFLAG:
            arg, known, kind = call.args[1], self._avpflags, "avpflag"
        else:
            return
        if isinstance(arg, ast.Word):
            name = arg.name
        elif isinstance(arg, ast.Str):
            name = to_name(arg.value.decode("latin-1"))
        else:
            if isinstance(arg, ast.Int) and not 0 <= arg.value <= _MAX_FLAG:
                self._reporter.report("K0219", f"a flag is 0 to {_MAX_FLAG}", arg.span)
            return
        if (name if kind == "flag" else name.lower()) not in known:
            self._reporter.report(
                "K0219",
                f"{kind} `{name}` is not declared before this",
                arg.span,
                help=f"write `{kind}s {name};` above the routes",
            )

    def core_call_bare(self, v: Values) -> ast.Call:
        return ast.Call(v[0].span, v[0].value, (), True)

    def core_call_host(self, v: Values) -> ast.Call:
        host, span = v[2]
        value = ast.Str(span, host.encode("utf-8", "surrogateescape"))
        return ast.Call(join(v[0].span, v[3].span), v[0].value, (value,), True)

    def arg(self, v: Values) -> ast.Expr:
        return self._resolver.resolve(_host_chain(v[0]))

    # --- expressions ---------------------------------------------------------------------------

    def expr(self, v: Values) -> ast.Expr:
        expr = self._resolver.resolve(v[0])
        self._resolver.check_value(expr)
        return expr

    def chain(self, v: Values) -> Chain:
        chain: Chain = v[0] if isinstance(v[0], list) else [v[0]]
        chain += (v[1].value, v[2])
        return chain

    def unary(self, v: Values) -> ast.Expr:
        span = join(v[0].span, self._resolver.extent(v[1]))
        if v[0].kind == "MINUS" and isinstance(v[1], ast.Int):
            return ast.Int(span, -v[1].value)
        self._resolver.check_value(v[1])
        return ast.Unary(span, v[0].value, v[1])

    def cast(self, v: Values) -> ast.Cast:
        return ast.Cast(join(v[0].span, self._resolver.extent(v[1])), v[0].value, self._plain(v[1]))

    def defined(self, v: Values) -> ast.Builtin:
        span = join(v[0].span, self._resolver.extent(v[1]))
        return ast.Builtin(span, "defined", (self._plain(v[1]),))

    def _plain(self, operand: ast.Expr) -> ast.Expr:
        """An operand that cannot be an old comparison's keyword."""
        expr = self._resolver.resolve(operand)
        self._resolver.check_value(expr)
        return expr

    def number(self, v: Values) -> ast.Int:
        return ast.Int(v[0].span, number_value(v[0].value))

    def negative(self, v: Values) -> ast.Int:
        return ast.Int(join(v[0].span, v[1].span), c_int(-number_value(v[1].value)))

    def string(self, v: Values) -> ast.Str:
        return _str(v[0])

    def word(self, v: Values) -> ast.Word:
        return ast.Word(v[0].span, v[0].value)

    def dotted(self, v: Values) -> ast.Word:
        return ast.Word(join(v[0].span, v[2].span), f"{v[0].name}.{v[2].value}")

    def transport(self, v: Values) -> ast.Proto:
        return ast.Proto(v[0].span, v[0].value)

    def legacy(self, v: Values) -> ast.Legacy:
        found = ast.Legacy(v[0].span, v[0].value)
        if found.name in _ONSEND_ONLY:
            self._onsend_only.append(found)
        return found

    def myself(self, v: Values) -> ast.Myself:
        return ast.Myself(v[0].span)

    def msg_part(self, v: Values) -> ast.MsgPart:
        return ast.MsgPart(v[0].span, v[0].value)

    def ipv4(self, v: Values) -> ast.Ip:
        octets = [number_value(token.value) for token in v[::2]]
        span = join(v[0].span, v[6].span)
        if any(not 0 <= octet <= 255 for octet in octets):
            self._reporter.report("K0115", "each part of an IPv4 address is 0 to 255", span)
            octets = [0, 0, 0, 0]
        return ast.Ip(span, ".".join(map(str, octets)))

    def ipv6(self, v: Values) -> ast.Ip:
        return self._ipv6(v[0], v[0].span)

    def ipv6_bracketed(self, v: Values) -> ast.Ip:
        return self._ipv6(v[1], join(v[0].span, v[2].span))

    def _ipv6(self, token: Token, span: Span) -> ast.Ip:
        import socket  # costs 3 ms at start, and few configurations hold such addresses

        try:
            packed = socket.inet_pton(socket.AF_INET6, token.value)
        except OSError:
            self._reporter.report("K0115", f"`{token.value}` is no IPv6 address", token.span)
            return ast.Ip(span, "::")
        return ast.Ip(span, socket.inet_ntop(socket.AF_INET6, packed))

    def pvar(self, v: Values) -> ast.PvExpr:
        token: Token = v[0]
        spec = self._specs.get(token.value)
        if spec is None:
            try:
                spec = parse_whole_spec(token.value)
            except PvSyntaxError as error:
                self._reporter.report("K0108", error.message, _inside(token, error.offset))
                spec = _NO_SPEC
            self._specs[token.value] = spec
        return ast.PvExpr(token.span, spec, to_name(token.value))

    def pvar_or_attr(self, v: Values) -> ast.PvExpr:
        found = self.pvar(v)
        return ast.PvExpr(found.span, found.spec, found.text, True)

    def attr(self, v: Values) -> ast.Attr:
        track, name, span = v[1]
        return ast.Attr(join(v[0].span, span), track, name, None)

    def attr_all(self, v: Values) -> ast.Attr:
        track, name, _ = v[1]
        return ast.Attr(join(v[0].span, v[3].span), track, name, "*")

    def attr_indexed(self, v: Values) -> ast.Attr:
        track, name, _ = v[1]
        return ast.Attr(join(v[0].span, v[4].span), track, name, v[3].value)

    def attr_name(self, v: Values) -> tuple[str, str, Span]:
        if len(v) == 1:
            return "", v[0].value, v[0].span
        return v[0].value, v[2].value, v[2].span

    def select(self, v: Values) -> ast.Select:
        last: Span = v[1][-1][1]
        return ast.Select(join(v[0].span, last), tuple(part for part, _ in v[1]))

    def select_part(self, v: Values) -> tuple[ast.SelectPart, Span]:
        if len(v) == 1:
            return ast.SelectPart(v[0].value, None), v[0].span
        index = to_octets(v[2].value) if isinstance(v[2], Token) else v[2].value
        return ast.SelectPart(v[0].value, index), v[3].span

    def block_expr(self, v: Values) -> ast.BlockExpr:
        return ast.BlockExpr(v[0].span, v[0])

    def parens(self, v: Values) -> Any:
        self._resolver.enclose(v[1], join(v[0].span, v[2].span))
        return v[1]

    def assign_expr(self, v: Values) -> ast.AssignExpr:
        return ast.AssignExpr(join(v[0].span, v[2].span), v[1])

    def builtin(self, v: Values) -> ast.Builtin:
        return ast.Builtin(join(v[0].span, v[3].span), v[0].value, (v[2],))

    def selval(self, v: Values) -> ast.Builtin:
        return ast.Builtin(join(v[0].span, v[7].span), "selval", (v[2], v[4], v[6]))


def _fits(kind: ParamKind, value: ast.Expr) -> bool:
    tls = isinstance(value, ast.Word) and value.name in _TLS_WORDS
    if kind == "tls":
        return tls
    word = isinstance(value, ast.Word) and not tls
    if kind == "number":
        return isinstance(value, ast.Int) and value.value >= 0
    if kind == "integer":
        return isinstance(value, ast.Int)
    if kind == "string":
        return isinstance(value, ast.Str)
    if kind == "word":
        return word
    if kind == "text":
        return word or isinstance(value, ast.Str)
    if kind == "protocols":
        return isinstance(value, ast.Str) or (isinstance(value, ast.Int) and value.value >= 0)
    if kind == "tos":
        return word or (isinstance(value, ast.Int) and value.value >= 0)
    return isinstance(value, ast.Ip) and (":" in value.address) == (kind == "ipv6")


def _str(token: Token) -> ast.Str:
    return ast.Str(token.span, to_octets(token.value))


def _statements(actions: Values) -> tuple[ast.Statement, ...]:
    return tuple(action for action in actions if action is not None)


def _block(branch: Any, after: Span) -> ast.Block:
    """The block of a branch: a single statement makes one, an empty one (`;`) an empty one."""
    if isinstance(branch, ast.Block):
        return branch
    if branch is None:
        return ast.Block(after, ())
    return ast.Block(branch.span, (branch,))


def _case(
    kind: Any, keyword: Token, value: ast.Expr | None, colon: Token, actions: Values
) -> ast.Case:
    body = _statements(actions)
    span = join(body[0].span, body[-1].span) if body else colon.span
    return ast.Case(join(keyword.span, colon.span), kind, value, ast.Block(span, body))


def _leave(word: Token, value: ast.Expr | None, span: Span) -> ast.Statement:
    if word.value == "return":
        return ast.Return(span, value)
    return ast.Exit(span, value) if word.value == "exit" else ast.Drop(span, value)


def _constant(expr: ast.Expr) -> bool:
    """Whether Kamailio knows the value when it starts."""
    if isinstance(expr, ast.Unary | ast.Cast):
        return _constant(expr.operand)
    if isinstance(expr, ast.Binary):
        return _constant(expr.left) and _constant(expr.right)
    if isinstance(expr, ast.Builtin):
        return all(map(_constant, expr.args))
    return isinstance(expr, ast.Int | ast.Str | ast.Missing)


def _host_chain(chain: ast.Expr | Chain) -> ast.Expr | Chain:
    """A chain ``a-b.c`` of bare words is a host name; only core functions take one."""
    if not isinstance(chain, list):
        return chain
    words = [part for part in chain[::2] if isinstance(part, ast.Word)]
    if len(words) * 2 != len(chain) + 1 or any(op != "-" for op in chain[1::2]):
        return chain
    return ast.Word(join(words[0].span, words[-1].span), "-".join(word.name for word in words))


def _inside(token: Token, offset: int) -> Span:
    """The octet at ``offset`` of a token's text, where the text is what is written."""
    span = token.span
    if span.text != token.value or offset >= span.end - span.start:
        return span
    return Span(span.file, span.start + offset, span.end, span.expansion)
