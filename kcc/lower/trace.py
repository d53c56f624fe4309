"""What the module debugger is told of each action: Kamailio's number, name and line of it.

The numbers are those of ``action_type`` (``route_struct.h``), the names those of
``debugger_act.c``. A line is where the parser stood when it had read the action: for an ``if``
without ``else`` that is the line of what follows.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from kcc.ir import program as ir
from kcc.lower.scope import Scope
from kcc.source.span import Span
from kcc.syntax import ast
from runtime.declare.pvspec import spec_text

_CORE: Final[Mapping[str, tuple[int, str]]] = MappingProxyType({
    "forward": (1, "forward"), "log": (3, "log"), "error": (4, "error"), "route": (5, "route"),
    "exec": (6, "exec"), "rewritehost": (7, "sethost"), "rewritehostport": (8, "sethostport"),
    "rewriteuser": (9, "setuser"), "rewriteuserpass": (10, "setuserpass"),
    "rewriteport": (11, "setport"), "rewriteuri": (12, "seturi"),
    "rewritehostporttrans": (13, "sethostporttrans"), "userphone": (15, "setuserphone"),
    "setflag": (39, "setflag"), "resetflag": (40, "resetflag"), "isflagset": (41, "isflagset"),
    "prefix": (44, "prefix"), "strip": (45, "strip"), "strip_tail": (46, "striptail"),
    "remove_branch": (48, "unknown"), "clear_branches": (49, "unknown"),
    "revert_uri": (50, "reverturi"), "forward_tcp": (51, "forward_tcp"),
    "forward_udp": (52, "forward_udp"), "forward_tls": (53, "forward_tls"),
    "forward_sctp": (54, "forward_sctp"), "force_rport": (55, "force_rport"),
    "add_local_rport": (56, "add_local_rport"), "set_advertised_address": (57, "set_adv_addr"),
    "set_advertised_port": (58, "set_adv_port"), "force_tcp_alias": (59, "force_tcp_alias"),
    "force_send_socket": (62, "force_send_socket"),
    "udp_mtu_try_proto": (65, "udp_mtu_try_proto"),
    "set_forward_no_connect": (66, "set_fwd_no_connect"),
    "set_reply_no_connect": (67, "set_rpl_no_connect"),
    "set_forward_close": (68, "set_fwd_close"), "set_reply_close": (69, "set_rpl_close"),
    "cfg_select": (70, "unknown"), "cfg_reset": (71, "unknown"),
})  # fmt: skip
_SETTERS: Final[Mapping[str, tuple[int, str]]] = MappingProxyType(
    {"ru": (12, "seturi"), "rU": (9, "setuser"), "rd": (7, "sethost"), "rp": (11, "setport")}
)
"""Assignments that run an action of the core, which has no place."""
_MODULE, _MODULEX, _MODULE_RVE, _MODULEX_RVE = 24, 31, 31, 38
_IF, _BLOCK, _SWITCH, _CASE, _WHILE, _DROP, _ASSIGN = 16, 18, 21, 22, 23, 2, 63
_ENDS: Final[Mapping[type[ast.Node], str]] = MappingProxyType(
    {ast.Break: "exit", ast.Exit: "exit", ast.Drop: "drop", ast.Return: "return"}
)


def call_trace(node: ast.Call, scope: Scope) -> ir.Trace:
    """What is told of a call, which may stand in an expression."""
    kind, name = _core(node) if node.core else (_module_kind(node, scope), node.name)
    return _trace(scope, node.span, node.span.outer().end_line, kind, name)


def _core(node: ast.Call) -> tuple[int, str]:
    return _CORE.get(node.name, (0, "unknown"))


def _module_kind(node: ast.Call, scope: Scope) -> int:
    rows = scope.catalog.function(node.name, scope.modules)
    variadic = any(row.function.variadic for row in rows)
    constants = ast.Str | ast.Int | ast.Word | ast.Proto | ast.MsgPart | ast.Ip | ast.Socket
    if all(isinstance(arg, constants) for arg in node.args):
        return _MODULEX if variadic else _MODULE + len(node.args)
    return _MODULEX_RVE if variadic else _MODULE_RVE + len(node.args)


def traced(node: ast.Node, scope: Scope) -> tuple[ir.Stmt, ...]:
    """The statement in its typed form, with what is told before and after it."""
    from kcc.lower.statements import lower_statement

    found = lower_statement(node, scope)
    if not scope.traced or isinstance(node, ast.CallStmt):
        return found
    kind, name, line = _statement(node, scope)
    told = _trace(scope, node.span, line, kind, name)
    if not isinstance(node, ast.Assign) or isinstance(node.target, ast.Attr):
        return (told, *found)
    after: list[ir.Stmt] = []
    setter = _SETTERS.get(node.target.spec.name)
    if setter is not None:
        after.append(ir.Trace(node.span, "", "", 0, *setter))
    assign = scope.params.get(("debugger", "log_assign"), 0)
    if isinstance(assign, int) and assign > 0:
        text = spec_text(node.target.spec).encode("latin-1")
        after.append(ir.Assigned(node.span, text))
    return (told, *found, *after)


def _statement(node: ast.Node, scope: Scope) -> tuple[int, str, int]:
    end = node.span.outer().end_line
    if isinstance(node, ast.If):
        return _IF, "if", end if _has_else(node) else scope.next_line
    if isinstance(node, ast.While):
        return _WHILE, "while", end
    if isinstance(node, ast.Switch):
        labels = [case for case in node.cases if case.kind != "default"]
        if not labels:
            return _BLOCK, "block", end
        numbers = all(isinstance(case.value, ast.Int) for case in labels)
        return (_SWITCH, "switch", end) if numbers else (_CASE, "case", end)
    if type(node) in _ENDS:
        return _DROP, _ENDS[type(node)], end
    return _ASSIGN, "assign", end


def _has_else(node: ast.If) -> bool:
    """Whether the last of a chain is an ``else``: the parser need not look further."""
    last = node.orelse
    if last is None:
        return False
    inner = last.statements[0] if len(last.statements) == 1 else None
    if isinstance(inner, ast.If) and not last.span.text.startswith("{"):
        return _has_else(inner)
    return True


def _trace(scope: Scope, span: Span, line: int, kind: int, name: str) -> ir.Trace:
    return ir.Trace(span, scope.route_name, span.outer().path, line, kind, name)
