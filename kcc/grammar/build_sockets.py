"""The part of the syntax tree that names sockets: `listen`, `alias`, `socket = {...}`.

A method gets the values of the alternative's symbols, as in :mod:`kcc.grammar.build`.
"""

from __future__ import annotations

from typing import Any, Final

from kcc.diagnostics.reporter import Reporter
from kcc.grammar.since import Since
from kcc.grammar.tokens import Token, number_value
from kcc.source.span import Span, join
from kcc.source.text import to_name, to_octets
from kcc.syntax import ast

Values = list[Any]


class SocketBuilder:
    """One method for each alternative that is about sockets."""

    def __init__(self, reporter: Reporter, since: Since) -> None:
        self._reporter: Final = reporter
        self._since: Final = since

    def listen(self, v: Values) -> ast.Listen:
        options: dict[str, Any] = v[3] if len(v) > 3 else {}
        last: Span = options.get("span", v[2][-1].span)
        self._check_listen_protocols(v[2])
        return ast.Listen(
            join(v[0].span, last),
            tuple(v[2]),
            options.get("name"),
            options.get("advertise"),
            "virtual" in options,
        )

    def alias(self, v: Values) -> ast.Alias:
        self._check_listen_protocols(v[2])
        return ast.Alias(join(v[0].span, v[2][-1].span), tuple(v[2]))

    def _check_listen_protocols(self, sockets: list[ast.Socket]) -> None:
        for entry in sockets:
            if entry.proto in ("ws", "wss"):
                self._reporter.report(
                    "K0115",
                    f"`{entry.proto}` is no protocol to listen on",
                    entry.span,
                    help="WebSocket connections come in over tcp and tls",
                )

    def core_call_socket(self, v: Values) -> ast.Call:
        self._check_listen_protocols([v[2]])
        return ast.Call(join(v[0].span, v[3].span), v[0].value, (v[2],), True)

    def socket_decl(self, v: Values) -> ast.SocketDecl:
        given: dict[str, Any] = {}
        for attr in v[3]:
            given.update(attr or {})
        if isinstance(given.get("bind"), ast.Socket):
            self._check_listen_protocols([given["bind"]])
        return ast.SocketDecl(
            join(v[0].span, v[4].span),
            given.get("bind"),
            given.get("last_port"),
            given.get("name"),
            given.get("advertise"),
            bool(given.get("virtual")),
            given.get("workers"),
            given.get("agname"),
        )

    def bind(self, v: Values) -> dict[str, Any]:
        return {"bind": v[2]}

    def bind_range(self, v: Values) -> dict[str, Any]:
        return self._bind_range(None, *v[2::2])

    def bind_proto_range(self, v: Values) -> dict[str, Any]:
        return self._bind_range(v[2], *v[4::2])

    def _bind_range(
        self, proto: Token | None, hosts: list[tuple[str, Span]], port: Token, last: Token
    ) -> dict[str, Any]:
        self._since.require((6, 0), "a range of ports", last.span)
        number = 0 if last.kind == "STAR" else number_value(last.value)
        return {"bind": _socket(proto, hosts, port), "last_port": number}

    def socket_attr(self, v: Values) -> dict[str, Any]:
        name: Token = v[0]
        value: Any = (
            ast.Str(v[2].span, to_octets(v[2].value))
            if v[2].kind == "STRING"
            else number_value(v[2].value)
        )
        if name.kind == "ID":
            if name.value == "workers":
                self._reporter.report(
                    "K0119",
                    "`workers` of a socket is documented, but Kamailio 5.7 to 6.0 do not read it",
                    name.span,
                    help="use socket_workers before the socket",
                    severity="warning",
                )
            else:
                self._reporter.report("K0101", f"a socket has no `{name.value}`", name.span)
                return {}
        return {name.value: value}

    def advertise_attr(self, v: Values) -> dict[str, Any]:
        if len(v) == 5:
            return {"advertise": _socket(None, [v[2]], v[4])}
        self._since.require((5, 8), "the protocol of an advertised address", v[2].span)
        return {"advertise": _socket(v[2], [v[4]], v[6])}

    def named(self, v: Values) -> dict[str, Any]:
        return {"name": ast.Str(v[1].span, to_octets(v[1].value)), "span": v[1].span}

    def virtual(self, v: Values) -> dict[str, Any]:
        return {"virtual": True, "span": v[0].span}

    def advertised(self, v: Values) -> dict[str, Any]:
        host, span = v[1]
        port = number_value(v[3].value) if len(v) > 3 else None
        span = join(span, v[3].span) if len(v) > 3 else span
        if port is None:
            self._since.require((5, 3), "an advertised address without a port", span)
        return {"advertise": ast.Socket(span, None, (host,), port), "span": span}

    def advertised_proto(self, v: Values) -> dict[str, Any]:
        self._since.require((5, 8), "the protocol of an advertised address", v[1].span)
        found = _socket(v[1], [v[3]], v[5])
        if found.proto is None:
            self._reporter.report("K0101", "`*` is no protocol to advertise", v[1].span)
        return {"advertise": found, "span": found.span}

    def both_options(self, v: Values) -> dict[str, Any]:
        return {**v[0], **v[1]}

    def and_virtual(self, v: Values) -> dict[str, Any]:
        return {**v[0], "virtual": True, "span": v[1].span}

    def both_and_virtual(self, v: Values) -> dict[str, Any]:
        return {**v[0], **v[1], "virtual": True, "span": v[2].span}

    def socket(self, v: Values) -> ast.Socket:
        return _socket(None, v[0], None)

    def socket_port(self, v: Values) -> ast.Socket:
        return _socket(None, v[0], v[2])

    def socket_proto(self, v: Values) -> ast.Socket:
        return _socket(v[0], v[2], None)

    def socket_proto_port(self, v: Values) -> ast.Socket:
        return _socket(v[0], v[2], v[4])

    def host_ip(self, v: Values) -> tuple[str, Span]:
        return v[0].address, v[0].span

    def host_string(self, v: Values) -> tuple[str, Span]:
        return to_name(v[0].value), v[0].span

    def host_part(self, v: Values) -> tuple[str, Span]:
        return v[0].value, v[0].span

    def host_joined(self, v: Values) -> tuple[str, Span]:
        return f"{v[0][0]}{v[1].value}{v[2].value}", join(v[0][1], v[2].span)


def _socket(proto: Token | None, hosts: list[tuple[str, Span]], port: Token | None) -> ast.Socket:
    first = proto.span if proto is not None else hosts[0][1]
    last = port.span if port is not None else hosts[-1][1]
    number = None
    if port is not None:
        number = 0 if port.kind == "STAR" else number_value(port.value)
    name = proto.value if proto is not None and proto.kind != "STAR" else None
    return ast.Socket(join(first, last), name, tuple(host for host, _ in hosts), number)
