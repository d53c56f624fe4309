"""What the functions that are keywords take (the ``cmd`` rules of Kamailio's cfg.y)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kcc.diagnostics.reporter import Reporter
from kcc.grammar import declared
from kcc.grammar.expressions import Resolver
from kcc.syntax import ast

# One entry a call form; an argument is one of
#   s string   n number   i number with a sign   f flag: number, name or string
#   h host: string, name or address   P number or uri:port   U uri:host
#   a attribute, variable or string   g name or string   e expression   r expression or name
#   t transport
_FORMS: Final[Mapping[str, tuple[str, ...]]] = {
    "route": ("r",),
    "log": ("s", "ns"),
    "error": ("ss",),
    "exec": ("s",),
    "setflag": ("f",),
    "resetflag": ("f",),
    "isflagset": ("f",),
    "setavpflag": ("ag",),
    "resetavpflag": ("ag",),
    "isavpflagset": ("ag",),
    "rewritehost": ("s",),
    "rewritehostport": ("s",),
    "rewritehostporttrans": ("s",),
    "rewriteuser": ("s",),
    "rewriteuserpass": ("s",),
    "rewriteport": ("s",),
    "rewriteuri": ("s",),
    "prefix": ("s",),
    "strip": ("n",),
    "strip_tail": ("n",),
    "remove_branch": ("", "i"),
    "clear_branches": ("",),
    "userphone": ("",),
    "set_advertised_port": ("n",),
    "cfg_select": ("se",),
    "cfg_reset": ("s",),
    "forward": ("", "h", "hn", "U", "UP"),
    "forward_udp": ("h", "hn", "U", "UP"),
    "forward_tcp": ("h", "hn", "U", "UP"),
    "forward_tls": ("h", "hn", "U", "UP"),
    "forward_sctp": ("h", "hn", "U", "UP"),
    "send": ("h", "hn"),
    "send_tcp": ("h", "hn"),
    "append_branch": ("", "s", "ss"),
    "revert_uri": ("",),
    "force_rport": ("",),
    "add_local_rport": ("",),
    "force_tcp_alias": ("", "n"),
    "set_forward_no_connect": ("",),
    "set_reply_no_connect": ("",),
    "set_forward_close": ("",),
    "set_reply_close": ("",),
    "udp_mtu_try_proto": ("t",),
}

_WORDS: Final = {
    "s": "a string", "n": "a number", "i": "a number", "f": "a flag", "h": "a host",
    "P": "a port", "U": "uri:host", "a": "an attribute", "g": "a flag name",
    "e": "a value", "r": "a route", "t": "udp, tcp, tls or sctp",
}  # fmt: skip


def check_arguments(call: ast.Call, reporter: Reporter, resolver: Resolver) -> bool:
    """Whether the arguments fit a form of the core function; reports it where they do not."""
    if any(isinstance(arg, ast.Missing) for arg in call.args):
        return False
    forms = _FORMS.get(call.name) or declared.forms(call.name)
    for form in forms:
        if len(form) == len(call.args) and all(map(_fits, form, call.args)):
            for arg, kind in zip(call.args, form, strict=True):
                if kind == "e":
                    resolver.check_value(arg)
            return True
    takes = " or ".join(
        f"({', '.join(_WORDS[kind] for kind in form)})" if form else "no argument" for form in forms
    )
    span = call.args[0].span if call.args else call.span
    reporter.report("K0111", f"`{call.name}` takes {takes}", span)
    return False


def _fits(kind: str, arg: ast.Expr) -> bool:
    if kind == "s":
        return isinstance(arg, ast.Str)
    if kind == "n":
        return isinstance(arg, ast.Int) and arg.value >= 0
    if kind == "P":
        return isinstance(arg, ast.Int | ast.MsgPart) and _part(arg) != "uri:host"
    if kind == "i":
        return isinstance(arg, ast.Int)
    if kind == "f":
        return (isinstance(arg, ast.Int) and arg.value >= 0) or _name(arg)
    if kind == "g":
        return _name(arg)
    if kind == "h":
        return isinstance(arg, ast.Str | ast.Word | ast.Ip)
    if kind == "U":
        return _part(arg) == "uri:host"
    if kind == "a":
        return (
            isinstance(arg, ast.Str)
            or (isinstance(arg, ast.Attr) and arg.index is None)
            or (isinstance(arg, ast.PvExpr) and arg.or_attr)
        )
    if kind == "t":
        return isinstance(arg, ast.Proto) and arg.name not in ("ws", "wss")
    if kind == "r" and isinstance(arg, ast.Word):
        return "." not in arg.name and "-" not in arg.name
    return not isinstance(arg, ast.Ip | ast.Proto | ast.MsgPart)


def _name(arg: ast.Expr) -> bool:
    return isinstance(arg, ast.Str) or (
        isinstance(arg, ast.Word) and "." not in arg.name and "-" not in arg.name
    )


def _part(arg: ast.Expr) -> str:
    return arg.name if isinstance(arg, ast.MsgPart) else ""
