"""Statements, routes and the whole program."""

from __future__ import annotations

from kcc.ir.values import Arg, Call, Expr
from kcc.source.span import Span
from runtime.declare.record import Record, field


class Node(Record):
    """What every statement has: where it is written."""

    span: Span = field(compare=False)


class SetNative(Node):
    """Assignment to an attribute of the message."""

    attr: str
    value: Expr


class SetVar(Node):
    """Assignment to ``$var(name)``; null becomes 0."""

    name: str
    value: Expr


class SetPv(Node):
    """Assignment by a module's ``set_pv_<method>(msg, value, *args)``; ``texts``: it tells a number
    from a variable that holds one."""

    module: str
    method: str
    args: tuple[Arg, ...]
    value: Expr
    texts: bool = False


class Do(Node):
    """A call as a statement."""

    call: Call


class If(Node):
    """``if``; its own code is 1, or that of the branch taken."""

    cond: Expr
    then: tuple[Stmt, ...]
    orelse: tuple[Stmt, ...]


class While(Node):
    """``while``: at most max_while_loops times."""

    cond: Expr
    body: tuple[Stmt, ...]


class Case(Record):
    """The statements that run from one case on, fall-through included.

    ``values`` are those of all labels on it; regular expressions are ``Pattern``.
    """

    tests: tuple[int | bytes | Pattern, ...]
    body: tuple[Stmt, ...]


class Pattern(Record):
    """A regular expression of a case."""

    pattern: bytes


class Switch(Node):
    """``switch``; ``text`` compares texts, else integers. ``default`` is None without one."""

    subject: Expr
    text: bool
    cases: tuple[Case, ...]
    default: tuple[Stmt, ...] | None


class Break(Node):
    """``break``"""


class Trace(Node):
    """What the module debugger tells before an action: the action as Kamailio would call it."""

    route: str
    path: str
    line: int
    kind: int
    name: str


class Assigned(Node):
    """The module debugger tells what a variable has become."""

    variable: bytes


class Return(Node):
    """``return value``"""

    value: Expr


class Exit(Node):
    """``exit``, or ``drop``; a negative value makes the message one that failed."""

    drop: bool
    value: Expr | None


Stmt = (
    SetNative | SetVar | SetPv | Do | If | While | Switch | Break | Return | Exit | Trace | Assigned
)


class Route(Node):
    """A route, or statements used as a value (kind ``block``); ``method`` is its Python name."""

    kind: str
    name: str
    method: str
    body: tuple[Stmt, ...]


class Socket(Record):
    """One socket of a listen or alias."""

    proto: str
    hosts: tuple[str, ...]
    port: int
    advertise: str | None
    advertise_port: int
    name: str | None
    virtual: bool
    span: Span = field(compare=False)


class Setting(Record):
    """A core parameter or a custom one (``group`` set)."""

    group: str | None
    name: str
    value: int | bytes
    description: bytes
    index: int | None
    span: Span = field(compare=False)


class ModParam(Record):
    """A parameter of one module. ``evaluated`` says that it comes from a ``modparamx``; one that is
    not ``built`` is known to the checks only."""

    module: str
    name: str
    value: int | bytes
    span: Span = field(compare=False)
    value_span: Span = field(compare=False)
    evaluated: bool = False
    built: bool = True


class Missing(Record):
    """Something used that is not built."""

    what: str
    span: Span = field(compare=False)


class Program(Record):
    """A whole configuration, ready to be written out."""

    source: str
    modules: tuple[str, ...]
    core: tuple[Setting, ...]
    custom: tuple[Setting, ...]
    listens: tuple[Socket, ...]
    aliases: tuple[Socket, ...]
    modparams: tuple[ModParam, ...]
    flags: tuple[tuple[str, int], ...]
    routes: tuple[Route, ...]
    blocks: tuple[Route, ...]
    vars: tuple[str, ...]
    reads_code: bool
    missing: tuple[Missing, ...]
    defines: tuple[tuple[bytes, bytes], ...] = ()
    traces: tuple[tuple[int, Trace], ...] = ()  # of calls, by their identity
