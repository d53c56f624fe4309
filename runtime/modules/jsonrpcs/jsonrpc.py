"""JSON-RPC 2.0 requests and answers, without any transport (``jsonrpcs_mod.c``)."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable
from dataclasses import dataclass

from runtime.server.log import LM_ERR
from runtime.server.rpc import RpcArg, RpcArray, RpcFault, RpcRegistry, RpcStruct, RpcValue

SMALLEST, LARGEST = 1e-6, 1e9
"""Fractions beyond these are written with an exponent."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The text of an answer, its code, and where the request wants it (``reply_name``)."""

    code: int
    reason: str
    body: bytes
    reply_name: str = ""
    after: tuple[Callable[[], None], ...] = ()

    def sent(self) -> None:
        """The answer is on its way: do what waits for that (``core.kill``)."""
        for function in self.after:
            function()


def _plain(value: RpcValue) -> object:
    if isinstance(value, RpcStruct):
        found: dict[str, object] = {}
        for name, member in value.members:
            found.setdefault(name, _plain(member))
        return found
    if isinstance(value, RpcArray):
        return [_plain(item) for _, item in value.items]
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape").encode("utf-8", "replace").decode()
    return value


def _arguments(params: object) -> tuple[RpcArg, ...]:
    values = list(params.values()) if isinstance(params, dict) else params
    if not isinstance(values, list):
        return ()
    found: list[RpcArg] = []
    for value in values:
        if isinstance(value, bool):
            found.append(int(value))
        elif isinstance(value, (int, float)):
            found.append(value)
        elif isinstance(value, str):
            found.append(value.encode("utf-8", "surrogatepass"))
        else:
            raise RpcFault(400, "Unsupported param type")
    return tuple(found)


def _fraction(value: float) -> str:
    """As ``print_number`` (``srjson.c``)."""
    if not math.isfinite(value):
        return "null"
    if abs(round(value) - value) <= sys.float_info.epsilon:
        return f"{value:.0f}" if round(value) else "0"
    return f"{value:e}" if not SMALLEST <= abs(value) <= LARGEST else f"{value:f}"


def _pretty(value: object, depth: int = 1) -> str:
    """As cJSON prints: a member a line behind ``depth`` tabs, arrays on their line."""
    if isinstance(value, dict):
        tabs = "\t" * depth
        members = (
            f"{tabs}{json.dumps(name, ensure_ascii=False)}:\t{_pretty(member, depth + 1)}"
            for name, member in value.items()
        )
        body = ",\n".join(members)
        return "{\n" + body + ("\n" if body else "") + tabs[1:] + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_pretty(item, depth + 1) for item in value) + "]"
    return _leaf(value)


def _compact(value: object) -> str:
    if isinstance(value, dict):
        members = (
            f"{json.dumps(name, ensure_ascii=False)}:{_compact(member)}"
            for name, member in value.items()
        )
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_compact, value)) + "]"
    return _leaf(value)


def _leaf(value: object) -> str:
    return _fraction(value) if isinstance(value, float) else json.dumps(value, ensure_ascii=False)


def handle(text: bytes, registry: RpcRegistry, *, pretty: bool, transport: str) -> Answer | None:
    """Run one request: its answer, or None where the text is no JSON object (it is logged)."""
    try:
        request = json.loads(text.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        shown = text[:128].replace(b"\r", b" ").replace(b"\n", b" ")
        LM_ERR("invalid json doc [[%s]]", shown.decode("utf-8", "replace"))
        return None
    if not isinstance(request, dict):
        LM_ERR("invalid json doc: no object")
        return None
    reply: dict[str, object] = {"jsonrpc": "2.0"}
    code, reason = 200, "OK"
    after: list[Callable[[], None]] = []
    try:
        reply["result"] = _run(request, registry, transport, after)
    except RpcFault as refusal:
        code, reason = refusal.code if refusal.code > 100 else 500, refusal.text
        reply["error"] = {"code": refusal.code, "message": refusal.text}
    if isinstance(request.get("id"), (str, int, float)):
        reply["id"] = request["id"]
    body = _pretty(reply) if pretty else _compact(reply)
    name = request.get("reply_name")
    return Answer(
        code,
        reason,
        body.encode("utf-8", "replace"),
        name if isinstance(name, str) else "",
        tuple(after),
    )


def _run(
    request: dict[str, object],
    registry: RpcRegistry,
    transport: str,
    after: list[Callable[[], None]],
) -> object:
    method = request.get("method")
    if request.get("jsonrpc") != "2.0" or not isinstance(method, str):
        LM_ERR("the request has no method, or is not of JSON-RPC 2.0")
        return {}
    entry = registry.get(method)
    if entry is None:
        raise RpcFault(500, "Method Not Found")
    if not isinstance(request.get("params", []), (list, dict)):
        LM_ERR("the parameters are neither an array nor an object")
        return [] if entry.returns_array else {}
    ctx = registry.call(method, _arguments(request.get("params")), transport)
    after += ctx.after
    results = [_plain(value) for value in ctx.results]
    if entry.returns_array or len(results) > 1:
        return results
    return results[0] if results else {}


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
