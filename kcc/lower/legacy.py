"""Operands that are keywords: ``method``, ``uri``, ``src_ip`` and so on (``core/route.c``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from kcc.ir import values as ir
from kcc.ir.values import Type
from kcc.lower.scope import Scope
from kcc.source.span import Span
from kcc.syntax import ast

Lower = Callable[[ast.Expr, Scope], ir.Expr]

_TEXTS = {
    "method": "method",
    "from_uri": "from_uri",
    "to_uri": "to_uri",
}
_NUMBERS = {"src_port": "src_port", "dst_port": "rcv_port", "msg:len": "msg_len"}
_ADDRESSES = {"src_ip": "src_ip", "dst_ip": "rcv_ip"}
_MYSELF = {
    "uri": "is_myself_uri",
    "from_uri": "from_is_myself",
    "to_uri": "to_is_myself",
    "src_ip": "src_is_myself",
    "dst_ip": "dst_is_myself",
}
_NOT_MYSELF = {  # an address that cannot be parsed is neither, and counts as both
    "uri": "not_myself_uri",
    "from_uri": "from_not_myself",
    "to_uri": "to_not_myself",
}
_PROTOS = {"udp": 1, "tcp": 2, "tls": 3, "sctp": 4, "ws": 5, "wss": 6, "*": 0}
_SELECTS = {
    "method": ("method", Type.STR),
    "ruri": ("ruri", Type.STR),
    "ruri.host": ("ruri_domain", Type.STR),
    "from.uri": ("from_uri", Type.STR),
    "from.uri.host": ("from_domain", Type.STR),
    "to.uri": ("to_uri", Type.STR),
    "to.uri.host": ("to_domain", Type.STR),
    "call_id": ("call_id", Type.STR),
    "src.ip": ("src_ip", Type.STR),
}


def lower_select(text: str, span: Span) -> ir.Expr | None:
    """The selects that are an attribute of the message; None for others."""
    found = _SELECTS.get(text)
    return None if found is None else ir.Native(span, *found)


def lower_operand(node: ast.Legacy, scope: Scope) -> ir.Expr:
    """What stands on the left of a comparison, as a value."""
    name, span = node.name, node.span
    if name == "uri":
        return ir.Script(span, "uri_or_status", (), Type.STR)
    if name in _TEXTS:
        return ir.Native(span, _TEXTS[name], Type.STR)
    if name in _NUMBERS:
        return ir.Native(span, _NUMBERS[name], Type.INT)
    if name in _ADDRESSES:
        return ir.Native(span, _ADDRESSES[name], Type.STR)
    if name == "proto":
        return ir.Script(span, "proto_number", (), Type.INT)
    if name == "af":
        return ir.Script(span, "address_family", (), Type.INT)
    scope.not_built(f"operand {name}", span)
    return ir.NotBuilt(span, name)


def lower_comparison(node: ast.Binary, scope: Scope, lower: Lower) -> ir.Expr:
    """A comparison with a keyword on its left side."""
    left, right = cast(ast.Legacy, node.left), node.right
    span, negated = node.span, node.op == "!="
    if isinstance(right, ast.Myself):
        method = _MYSELF.get(left.name)
        if method is None:
            scope.not_built(f"{left.name}==myself", span)
            return ir.NotBuilt(span, left.name)
        if negated and left.name in _NOT_MYSELF:
            method, negated = _NOT_MYSELF[left.name], False
        test: ir.Expr = ir.Test(span, ir.NativeCall(span, "core", method, ()), raw=False)
        return ir.Not(span, test) if negated else test
    if left.name in _ADDRESSES and isinstance(right, ast.Ip | ast.Net | ast.Str):
        network = _network(right)
        if network is not None:
            script = ir.Script(
                span, "in_network", (_ADDRESSES[left.name].encode(), network), Type.INT
            )
            return ir.Not(span, script) if negated else script
    operand = lower_operand(left, scope)
    if isinstance(right, ast.Word | ast.Ip):
        text = right.name if isinstance(right, ast.Word) else right.address
        value: ir.Expr = ir.Str(right.span, text.encode("latin-1"))
    elif isinstance(right, ast.Proto):
        value = ir.Int(right.span, _PROTOS[right.name])
    else:
        value = lower(right, scope)
    if node.op == "=~":
        if isinstance(value, ir.Str):
            from kcc.lower.patterns import check_regex

            check_regex(scope, value.value, value.span)
            return ir.Match(span, operand, value.value)
        return ir.Match(span, operand, value)
    if ir.type_of(operand) is Type.STR:
        return ir.StrEqual(span, negated, operand, value)
    return ir.Compare(span, cast(ir.Order, node.op), operand, value)


def _network(node: ast.Ip | ast.Net | ast.Str) -> bytes | None:
    """The network as ``address/bits``; None for text that is no address."""
    import ipaddress  # costs 2 ms at start

    if isinstance(node, ast.Ip):
        text = node.address
    elif isinstance(node, ast.Net):
        text = f"{node.address}/{node.mask}"
    else:
        text = node.value.decode("latin-1")
    try:
        return str(ipaddress.ip_network(text, strict=False)).encode()
    except ValueError:
        return None
