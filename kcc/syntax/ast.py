"""The syntax tree of a Kamailio configuration.

Nodes are frozen; ``span`` is where a node is written and does not count in comparisons.
Alternative spellings are gone, the first one of Kamailio's list stands: ``rewriteuri`` for
``seturi``, ``force_rport`` for ``add_rport``, ``&&`` for ``and``, ``onreply_route`` for
``reply_route``. Values of strings are octets, names are ``str``.
"""

from __future__ import annotations

from typing import Literal

from kcc.source.span import Span
from runtime.declare.pvspec import PvSpec
from runtime.declare.record import Record, field


class Node(Record):
    """What every node has."""

    span: Span = field(compare=False)


# --- expressions ---------------------------------------------------------------------------------


class Int(Node):
    """An integer literal; ``yes`` and ``no`` are 1 and 0. A C int, but ``-2147483648`` is
    2147483648: that is its text, and the number after it is wrapped."""

    value: int


class Str(Node):
    """A string literal, escapes resolved, adjacent double-quoted pieces joined."""

    value: bytes


class PvExpr(Node):
    """A pseudo-variable outside of a string. ``text`` is what was written.

    ``or_attr``: without a first line ``#!KAMAILIO`` a plain ``$x`` that is no variable is the
    attribute ``x``.
    """

    spec: PvSpec
    text: str
    or_attr: bool = field(default=False, compare=False)


class Attr(Node):
    """A SER attribute ``%x``, ``$f.x``, ``$x[1]``: ``track`` is ``""`` or f, t, fr, ... g.

    ``index`` is None without brackets and ``*`` for empty ones.
    """

    track: str
    name: str
    index: int | Literal["*"] | None


class SelectPart(Record):
    """One ``name`` or ``name[index]`` of a select."""

    name: str
    index: int | bytes | None


class Select(Node):
    """``@to.tag``, ``@hf_value["x"]``."""

    parts: tuple[SelectPart, ...]


class Unary(Node):
    """``op`` is ``!``, ``~`` or ``-``."""

    op: Literal["!", "~", "-"]
    operand: Expr


class Cast(Node):
    """``(int)x`` and ``(str)x``."""

    to: Literal["int", "str"]
    operand: Expr


BinaryOp = Literal[
    "||", "&&", "|", "&", "^", "<<", ">>", "==", "!=", "=~", "eq", "ne", "ieq", "ine",
    ">", "<", ">=", "<=", "+", "-", "*", "/", "mod", "int+", "str+",
]  # fmt: skip


class Binary(Node):
    """An operator with two operands. With a ``Legacy`` left side the right one may be
    ``Myself``, ``Word`` (``method==INVITE``, a host name), ``Proto`` or ``Net``."""

    op: BinaryOp
    left: Expr
    right: Expr


class Builtin(Node):
    """Operators written like functions: defined, strlen, strempty (1 operand), selval (3)."""

    name: Literal["defined", "strlen", "strempty", "selval"]
    args: tuple[Expr, ...]


class Legacy(Node):
    """An operand that is a keyword: method, uri, from_uri, to_uri, src_ip, src_port, dst_ip,
    dst_port, snd_ip, snd_port, snd_proto, snd_af, to_ip, to_port, proto, af, msg:len.
    It is always the left side of a comparison."""

    name: str


class Myself(Node):
    """``myself``: right side of a comparison (``myself==uri`` is turned around)."""


class Word(Node):
    """A bare word: a method or host name after a comparison, a flag, route or host name as
    the argument of a core function."""

    name: str


class Proto(Node):
    """udp, tcp, tls, sctp, ws, wss or ``*`` where a transport is expected."""

    name: Literal["udp", "tcp", "tls", "sctp", "ws", "wss", "*"]


class Ip(Node):
    """An unquoted IP address in canonical text form."""

    address: str


class Net(Node):
    """``address/mask``: ``mask`` is a bit count or an address."""

    address: str
    mask: int | str


class MsgPart(Node):
    """``uri:host`` or ``uri:port`` as an argument of ``forward``."""

    name: Literal["uri:host", "uri:port"]


class Socket(Node):
    """``[proto:]host[:port]``. Several hosts are the addresses of one multihomed socket.

    A host is text: an address, a host name or an interface. ``port`` 0 or None is the default.
    """

    proto: str | None
    hosts: tuple[str, ...]
    port: int | None


class Call(Node):
    """A function call, of a module's function or of a core function.

    ``core`` tells them apart; core functions have one name whatever spelling was used.
    """

    name: str
    args: tuple[Expr, ...]
    core: bool


class BlockExpr(Node):
    """``{ statements }`` as a value: that of its last action."""

    body: Block


class AssignExpr(Node):
    """``($x = 1)`` as a value."""

    assign: Assign


class Missing(Node):
    """Stands where the text had a syntax error that was reported."""


Expr = (
    Int | Str | PvExpr | Attr | Select | Unary | Cast | Binary | Builtin | Legacy | Myself | Word
    | Proto | Ip | Net | MsgPart | Socket | Call | BlockExpr | AssignExpr | Missing
)  # fmt: skip


# --- statements ----------------------------------------------------------------------------------


class Block(Node):
    """Statements in order. Empty statements (a stray ``;``) are left out, so it may be empty."""

    statements: tuple[Statement, ...]


class If(Node):
    """``if cond then [else orelse]``."""

    cond: Expr
    then: Block
    orelse: Block | None


class Case(Node):
    """``case value:``, ``case /regex:`` or ``default:`` (no value) and its statements."""

    kind: Literal["value", "regex", "default"]
    value: Expr | None
    body: Block


class Switch(Node):
    """``switch(subject) { cases }``."""

    subject: Expr
    cases: tuple[Case, ...]


class While(Node):
    """``while(cond) body``."""

    cond: Expr
    body: Block


class Break(Node):
    """``break;`` ends a switch or a loop."""


class Return(Node):
    """``return [value];`` without a value returns 1."""

    value: Expr | None


class Exit(Node):
    """``exit [value];`` without a value gives 1."""

    value: Expr | None


class Drop(Node):
    """``drop [value];`` without a value gives 0."""

    value: Expr | None


class Assign(Node):
    """``target = value;``"""

    target: PvExpr | Attr
    value: Expr


class CallStmt(Node):
    """A call as a statement."""

    call: Call


Statement = If | Switch | While | Break | Return | Exit | Drop | Assign | CallStmt


# --- top level -----------------------------------------------------------------------------------


class LoadModule(Node):
    """``loadmodule "name"``; ``extended`` for loadmodulex, which evaluates variables in it.
    ``options`` stand in ``loadmodule("name", "options")``."""

    name: Str
    extended: bool
    options: Str | None = None


class LoadPath(Node):
    """``loadpath "dir[:dir]"``, ``mpath=…``."""

    path: Str


class ModParam(Node):
    """``modparam("module|module", "name", value)``; ``extended`` for modparamx."""

    module: Str
    name: Str
    value: Str | Int | PvExpr
    extended: bool


class CfgEngine(Node):
    """``cfgengine "name"``."""

    name: Str


class CoreParam(Node):
    """``name = value``. ``name`` is the first spelling of Kamailio's list (``dns_srv_lb`` for
    ``dns_srv_loadbalancing``), ``kemi.…_callback`` for those of KEMI."""

    name: str
    value: Int | Str | Word | Ip | Proto


class Listen(Node):
    """``listen=…``: sockets that share what follows them."""

    sockets: tuple[Socket, ...]
    name: Str | None
    advertise: Socket | None
    virtual: bool


class SocketDecl(Node):
    """``socket = { bind = …; … }``: one socket, or one for each port up to ``last_port``."""

    bind: Socket | None
    last_port: int | None
    name: Str | None
    advertise: Socket | None
    virtual: bool
    workers: int | None
    agname: Str | None


class Alias(Node):
    """``alias=…``"""

    sockets: tuple[Socket, ...]


class CustomParam(Node):
    """``group.name = value [desc "…"]`` or ``group[index].name = value``."""

    group: str
    index: int | None
    name: str
    value: Int | Str
    description: Str | None


class Flag(Record):
    """``name[:number]`` of a flags declaration."""

    name: str
    number: int | None


class FlagsDecl(Node):
    """``flags a, b:3`` or ``avpflags a, b``."""

    kind: Literal["flags", "avpflags"]
    flags: tuple[Flag, ...]


RouteKind = Literal[
    "request_route", "route", "failure_route", "onreply_route", "branch_route", "onsend_route",
    "event_route",
]  # fmt: skip


class Route(Node):
    """A route block. ``route {}`` is ``request_route``; ``route[X]`` has kind ``route``.

    ``name`` is None for the unnamed block of a kind; ``name_span`` is where the name stands.
    """

    kind: RouteKind
    name: str | None
    body: Block
    name_span: Span | None = field(compare=False)


Item = (
    LoadModule | LoadPath | ModParam | CfgEngine | CoreParam | Listen | SocketDecl | Alias
    | CustomParam
    | FlagsDecl | Route
)  # fmt: skip


class File(Node):
    """A whole configuration, includes in place."""

    items: tuple[Item, ...]
