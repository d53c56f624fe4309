"""Syntax tree to configuration text. Parsing the text gives an equal tree.

Text is latin-1 ``str``, as in source files. Every operand that is an operation is put in
parentheses, every branch in braces.
"""

from __future__ import annotations

from functools import singledispatch

from kcc.source.text import from_name, quote
from kcc.syntax import ast

_INDENT = "    "


def print_file(file: ast.File) -> str:
    """The whole configuration; its first line makes ``$x`` a variable, as the tree has it.

    A file without statements is an error, so an empty one has an empty statement.
    """
    return "#!KAMAILIO\n" + ("".join(_item(item) + "\n" for item in file.items) or ";\n")


def print_expr(expr: ast.Expr) -> str:
    """One expression."""
    return _expr(expr)


# --- items ---------------------------------------------------------------------------------------


@singledispatch
def _item(item: ast.Node) -> str:
    raise TypeError(f"no item: {item!r}")


@_item.register
def _(item: ast.LoadModule) -> str:
    word = f"loadmodule{'x' if item.extended else ''}"
    if item.options is not None:
        return f"{word}({_expr(item.name)}, {_expr(item.options)})"
    return f"{word} {_expr(item.name)}"


@_item.register
def _(item: ast.LoadPath) -> str:
    return f"loadpath {_expr(item.path)}"


@_item.register
def _(item: ast.CfgEngine) -> str:
    return f"cfgengine {_expr(item.name)}"


@_item.register
def _(item: ast.ModParam) -> str:
    args = ", ".join(map(_expr, (item.module, item.name, item.value)))
    return f"modparam{'x' if item.extended else ''}({args})"


@_item.register
def _(item: ast.CoreParam) -> str:
    return f"{item.name} = {_expr(item.value)}"


@_item.register
def _(item: ast.Listen) -> str:
    text = f"listen = {' '.join(map(_expr, item.sockets))}"
    if item.advertise is not None:
        text += f" advertise {_expr(item.advertise)}"
    if item.name is not None:
        text += f" name {_expr(item.name)}"
    return text + (" virtual;" if item.virtual else ";")


@_item.register
def _(item: ast.SocketDecl) -> str:
    attrs = []
    if item.bind is not None:
        last = f" - {item.last_port}" if item.last_port is not None else ""
        attrs.append(f"bind = {_expr(item.bind)}{last}")
    for word, text in (("name", item.name), ("agname", item.agname)):
        if text is not None:
            attrs.append(f"{word} = {_expr(text)}")
    if item.advertise is not None:
        attrs.append(f"advertise = {_expr(item.advertise)}")
    if item.workers is not None:
        attrs.append(f"workers = {item.workers}")
    if item.virtual:
        attrs.append("virtual = 1")
    return f"socket = {{ {' '.join(f'{attr};' for attr in attrs or [''])} }}"


@_item.register
def _(item: ast.Alias) -> str:
    return f"alias = {' '.join(map(_expr, item.sockets))};"


@_item.register
def _(item: ast.CustomParam) -> str:
    index = f"[{item.index}]" if item.index is not None else ""
    description = f" desc {_expr(item.description)}" if item.description is not None else ""
    return f"{item.group}{index}.{item.name} = {_expr(item.value)}{description}"


@_item.register
def _(item: ast.FlagsDecl) -> str:
    flags = ", ".join(
        quote(from_name(flag.name).encode("latin-1"))
        + (f":{flag.number}" if flag.number is not None else "")
        for flag in item.flags
    )
    return f"{item.kind} {flags};"


@_item.register
def _(item: ast.Route) -> str:
    head: str = item.kind
    if item.name is not None:
        name = from_name(item.name)
        shown = name if item.kind == "event_route" else quote(name.encode("latin-1"))
        head = f"{item.kind}[{shown}]"
    return f"{head} {_block(item.body, '')}"


# --- statements ----------------------------------------------------------------------------------


def _block(block: ast.Block, indent: str) -> str:
    inner = indent + _INDENT
    lines = [inner + _statement(statement, inner) for statement in block.statements]
    return "{\n" + "\n".join(lines or [inner + ";"]) + f"\n{indent}}}"


@singledispatch
def _statement(statement: ast.Node, indent: str) -> str:
    raise TypeError(f"no statement: {statement!r}")


@_statement.register
def _(statement: ast.If, indent: str) -> str:
    text = f"if ({_expr(statement.cond)}) {_block(statement.then, indent)}"
    if statement.orelse is not None:
        text += f" else {_block(statement.orelse, indent)}"
    return text


@_statement.register
def _(statement: ast.While, indent: str) -> str:
    return f"while ({_expr(statement.cond)}) {_block(statement.body, indent)}"


@_statement.register
def _(statement: ast.Switch, indent: str) -> str:
    inner = indent + _INDENT
    lines = [f"switch ({_expr(statement.subject)}) {{"]
    for case in statement.cases:
        if case.value is None:
            lines.append(f"{inner}default:")
        else:
            lines.append(f"{inner}case {'/' if case.kind == 'regex' else ''}{_expr(case.value)}:")
        deeper = inner + _INDENT
        lines += [deeper + _statement(each, deeper) for each in case.body.statements]
    return "\n".join(lines) + f"\n{indent}}}"


@_statement.register
def _(statement: ast.Break, indent: str) -> str:
    return "break;"


@_statement.register(ast.Return | ast.Exit | ast.Drop)
def _(statement: ast.Return | ast.Exit | ast.Drop, indent: str) -> str:
    word = type(statement).__name__.lower()
    return f"{word};" if statement.value is None else f"{word} ({_expr(statement.value)});"


@_statement.register
def _(statement: ast.Assign, indent: str) -> str:
    return f"{_expr(statement.target)} = {_expr(statement.value)};"


@_statement.register
def _(statement: ast.CallStmt, indent: str) -> str:
    return f"{_expr(statement.call)};"


# --- expressions ---------------------------------------------------------------------------------


@singledispatch
def _expr(expr: ast.Node) -> str:
    raise TypeError(f"no expression: {expr!r}")


def _operand(expr: ast.Expr) -> str:
    text = _expr(expr)
    return f"({text})" if isinstance(expr, ast.Binary | ast.Unary | ast.Cast) else text


@_expr.register
def _(expr: ast.Int) -> str:
    return str(expr.value)


@_expr.register
def _(expr: ast.Str) -> str:
    return quote(expr.value)


@_expr.register
def _(expr: ast.PvExpr) -> str:
    return from_name(expr.text)


@_expr.register
def _(expr: ast.Attr) -> str:
    track = f"{expr.track}." if expr.track else ""
    index = "" if expr.index is None else "[]" if expr.index == "*" else f"[{expr.index}]"
    return f"%{track}{expr.name}{index}"


@_expr.register
def _(expr: ast.Select) -> str:
    parts = []
    for part in expr.parts:
        index = part.index
        shown = quote(index) if isinstance(index, bytes) else str(index)
        parts.append(part.name + (f"[{shown}]" if index is not None else ""))
    return "@" + ".".join(parts)


@_expr.register
def _(expr: ast.Unary) -> str:
    return f"{expr.op}{_operand(expr.operand)}"


@_expr.register
def _(expr: ast.Cast) -> str:
    return f"({expr.to}){_operand(expr.operand)}"


@_expr.register
def _(expr: ast.Binary) -> str:
    return f"{_operand(expr.left)} {expr.op} {_operand(expr.right)}"


@_expr.register
def _(expr: ast.Builtin) -> str:
    return f"{expr.name}({', '.join(map(_expr, expr.args))})"


@_expr.register(ast.Legacy | ast.Word | ast.Proto | ast.MsgPart)
def _(expr: ast.Legacy | ast.Word | ast.Proto | ast.MsgPart) -> str:
    return from_name(expr.name)


@_expr.register
def _(expr: ast.Myself) -> str:
    return "myself"


@_expr.register
def _(expr: ast.Ip) -> str:
    return expr.address


@_expr.register
def _(expr: ast.Net) -> str:
    return f"{expr.address}/{expr.mask}"


@_expr.register
def _(expr: ast.Socket) -> str:
    hosts = ", ".join(quote(from_name(host).encode("latin-1")) for host in expr.hosts)
    proto = f"{expr.proto}:" if expr.proto is not None else ""
    port = "" if expr.port is None else f":{expr.port or '*'}"
    return f"{proto}{f'({hosts})' if len(expr.hosts) > 1 else hosts}{port}"


@_expr.register
def _(expr: ast.Call) -> str:
    return f"{expr.name}({', '.join(map(_expr, expr.args))})"


@_expr.register
def _(expr: ast.BlockExpr) -> str:
    return _block(expr.body, "")


@_expr.register
def _(expr: ast.AssignExpr) -> str:
    return f"({_expr(expr.assign.target)} = {_expr(expr.assign.value)})"


@_expr.register
def _(expr: ast.Missing) -> str:
    return "<missing>"
