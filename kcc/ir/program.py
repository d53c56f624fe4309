"""Statements, routes and the whole program."""

from __future__ import annotations

from dataclasses import dataclass, field

from kcc.ir.values import Arg, Call, Expr
from kcc.source.span import Span


@dataclass(frozen=True, slots=True)
class Node:
    """What every statement has: where it is written."""

    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class SetNative(Node):
    """Assignment to an attribute of the message."""

    attr: str
    value: Expr


@dataclass(frozen=True, slots=True)
class SetVar(Node):
    """Assignment to ``$var(name)``; null becomes 0."""

    name: str
    value: Expr


@dataclass(frozen=True, slots=True)
class SetPv(Node):
    """Assignment by a module's ``set_pv_<method>(msg, value, *args)``."""

    module: str
    method: str
    args: tuple[Arg, ...]
    value: Expr


@dataclass(frozen=True, slots=True)
class Do(Node):
    """A call as a statement."""

    call: Call


@dataclass(frozen=True, slots=True)
class If(Node):
    """``if``; its own code is 1, or that of the branch taken."""

    cond: Expr
    then: tuple[Stmt, ...]
    orelse: tuple[Stmt, ...]


@dataclass(frozen=True, slots=True)
class While(Node):
    """``while``: at most max_while_loops times."""

    cond: Expr
    body: tuple[Stmt, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """The statements that run from one case on, fall-through included.

    ``values`` are those of all labels on it; regular expressions are ``Pattern``.
    """

    tests: tuple[int | bytes | Pattern, ...]
    body: tuple[Stmt, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression of a case."""

    pattern: bytes


@dataclass(frozen=True, slots=True)
class Switch(Node):
    """``switch``; ``text`` compares texts, else integers. ``default`` is None without one."""

    subject: Expr
    text: bool
    cases: tuple[Case, ...]
    default: tuple[Stmt, ...] | None


@dataclass(frozen=True, slots=True)
class Break(Node):
    """``break``"""


@dataclass(frozen=True, slots=True)
class Return(Node):
    """``return value``"""

    value: Expr


@dataclass(frozen=True, slots=True)
class Exit(Node):
    """``exit``, or ``drop``; the value of ``drop`` and ``exit`` shows nowhere but is evaluated."""

    drop: bool
    value: Expr | None


Stmt = SetNative | SetVar | SetPv | Do | If | While | Switch | Break | Return | Exit


@dataclass(frozen=True, slots=True)
class Route(Node):
    """A route, or statements used as a value (kind ``block``); ``method`` is its Python name."""

    kind: str
    name: str
    method: str
    body: tuple[Stmt, ...]


@dataclass(frozen=True, slots=True)
class Socket:
    """One socket of a listen or alias."""

    proto: str
    hosts: tuple[str, ...]
    port: int
    advertise: str | None
    advertise_port: int
    name: str | None
    virtual: bool
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Setting:
    """A core parameter or a custom one (``group`` set)."""

    group: str | None
    name: str
    value: int | bytes
    description: bytes
    index: int | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ModParam:
    """A parameter of one module."""

    module: str
    name: str
    value: int | bytes
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Missing:
    """Something used that is not built."""

    what: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Program:
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
