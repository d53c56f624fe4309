"""JSON-RPC 2.0 requests and answers, without any transport (``jsonrpcs_mod.c``)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from runtime.modules.jsonrpcs import srjson
from runtime.modules.jsonrpcs.context import JsonContext
from runtime.server.log import LM_ERR
from runtime.server.rpc import RpcArray, RpcFault, RpcRegistry, RpcStruct, RpcValue

FAULT_TEXT = 127
NO_METHOD = "Method Not Found"
STANDARD = {
    -32700: "Parse Error",
    -32600: "Invalid Request",
    -32601: "Method Not Found",
    -32602: "Invalid Parameters",
    -32603: "Internal Error",
    -32000: "Execution Error",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """The text of an answer, its code, and where the request wants it (``reply_name``)."""

    code: int
    reason: str
    body: bytes
    reply_name: bytes = b""
    after: tuple[Callable[[], None], ...] = ()

    def sent(self) -> None:
        """The answer is on its way: do what waits for that (``core.kill``)."""
        for function in self.after:
            function()


class Printer:
    """Turns values of an answer into JSON."""

    def __init__(self, pretty: bool) -> None:
        self._pretty = pretty

    def value(self, value: RpcValue, depth: int) -> bytes:
        """One value, in an object at this depth."""
        if isinstance(value, RpcStruct):
            members = [(_name(name), self.value(of, depth + 1)) for name, of in value.members]
            return self.object(members, depth + 1)
        if isinstance(value, RpcArray):
            items = [self._item(name, of, depth + 1) for name, of in value.items]
            return srjson.array_of(items, self._pretty)
        if value is None:
            return b"null"
        if isinstance(value, (int, float)):
            return srjson.number_of(float(value))
        return srjson.text_of(_name(value) if isinstance(value, str) else value.partition(b"\0")[0])

    def _item(self, name: str, value: RpcValue, depth: int) -> bytes:
        """An item that has a name becomes an object with one member."""
        if not name:
            return self.value(value, depth)
        return self.object([(_name(name), self.value(value, depth + 1))], depth + 1)

    def object(self, members: list[tuple[bytes, bytes]], depth: int) -> bytes:
        """Printed members as an object."""
        return srjson.object_of(members, self._pretty, depth)

    def results(self, values: list[RpcValue], as_array: bool) -> bytes:
        """What a command has added: all of it in an array, or the last of it."""
        if as_array:
            return srjson.array_of([self.value(value, 2) for value in values], self._pretty)
        return self.value(values[-1], 1) if values else self.object([], 2)


def _name(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape").partition(b"\0")[0]


def handle(
    text: bytes, registry: RpcRegistry, *, pretty: bool, needs_reply_name: bool = False
) -> Answer | None:
    """Run one request: its answer, or None where the text is no JSON value (it is logged).

    A request that is none has an empty result; an array of requests is such a one.
    """
    try:
        request = srjson.parse(text)
    except srjson.BadJson:
        shown = text[:128].replace(b"\r", b" ").replace(b"\n", b" ")
        LM_ERR("invalid json doc [[%s]]", shown.decode("utf-8", "replace"))
        return None
    if not isinstance(request, srjson.Object):
        request = srjson.Object()
    printer = Printer(pretty)
    code, reason = 200, "OK"
    reply: list[tuple[bytes, bytes]] = [(b"jsonrpc", b'"2.0"')]
    reply_name = request.get(b"reply_name") if _is_2_0(request) else None
    after: list[Callable[[], None]] = []
    try:
        if needs_reply_name and not isinstance(reply_name, bytes):
            LM_ERR("the request has no reply_name")
            result = printer.object([], 2)
        else:
            result = _run(request, registry, printer, after)
        reply.append((b"result", result))
    except RpcFault as refusal:
        code, reason = refusal.code if refusal.code > 100 else 500, refusal.text
        message = STANDARD.get(refusal.code or -32000, refusal.text)
        shown = message.encode("utf-8", "surrogateescape")[:FAULT_TEXT] or b"Unexpected Error"
        members = [
            (b"code", b"%d" % (refusal.code or -32000)),
            (b"message", srjson.text_of(shown)),
        ]
        reply.append((b"error", printer.object(members, 2)))
    if request.has(b"id"):
        reply.append((b"id", _id(request.get(b"id"))))
    body = printer.object(reply, 1)
    name = reply_name if isinstance(reply_name, bytes) else b""
    return Answer(code, reason[:FAULT_TEXT], body, name, tuple(after))


def _id(value: srjson.Value) -> bytes:
    if isinstance(value, bytes):
        return srjson.text_of(value)
    return srjson.number_of(float(value) if isinstance(value, (bool, float)) else 0.0)


def _is_2_0(request: srjson.Object) -> bool:
    return request.get(b"jsonrpc") == b"2.0"


def _run(
    request: srjson.Object,
    registry: RpcRegistry,
    printer: Printer,
    after: list[Callable[[], None]],
) -> bytes:
    method, params = request.get(b"method"), request.get(b"params")
    if not _is_2_0(request) or not isinstance(method, bytes):
        LM_ERR("the request has no method, or is not of JSON-RPC 2.0")
        return printer.object([], 2)
    entry = registry.get(method.decode("utf-8", "surrogateescape"))
    if entry is None:
        raise RpcFault(500, NO_METHOD)
    if isinstance(params, srjson.Object):
        args = [value for _, value in params.members]
    elif isinstance(params, list):
        args = params
    else:
        args = []
        if request.has(b"params"):
            LM_ERR("the parameters are neither an array nor an object")
            return printer.results([], entry.returns_array)
    ctx = JsonContext(entry.name, args)
    registry.call(ctx)
    after += ctx.after
    return printer.results(ctx.results, entry.returns_array)


def complete(data: bytes) -> int:
    """Length of the first whole JSON object in ``data`` by its braces; 0: more is needed."""
    depth, quote, found = 0, 0, False
    at = 0
    while at < len(data):
        char = data[at]
        if quote:
            if char == 0x5C:
                at += 1
            elif char == quote:
                quote = 0
        elif char in b"\"'":
            quote = char
        elif char == 0x7B:
            depth += 1
            found = True
        elif char == 0x7D:
            depth -= 1
        at += 1
        if found and depth <= 0:
            return at
    return 0
