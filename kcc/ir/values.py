"""Expressions with their names resolved and their types known.

A value is octets, a C int or null. ``type`` says what an expression gives: ``STR`` and ``INT``
may still be null where a variable has no value.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

from kcc.source.span import Span


class Type(Enum):
    """What an expression gives."""

    INT = "int"
    STR = "str"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Value:
    """What every expression has: where it is written."""

    span: Span = field(compare=False, repr=False)


# --- constants -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Int(Value):
    """An integer."""

    value: int


@dataclass(frozen=True, slots=True)
class Str(Value):
    """Octets."""

    value: bytes


@dataclass(frozen=True, slots=True)
class Null(Value):
    """``$null``."""


# --- what is read --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Native(Value):
    """An attribute of the message."""

    attr: str
    type: Type


@dataclass(frozen=True, slots=True)
class ReturnCode(Value):
    """``$rc``."""


@dataclass(frozen=True, slots=True)
class Var(Value):
    """``$var(name)``."""

    name: str


@dataclass(frozen=True, slots=True)
class Pv(Value):
    """A variable that a module's method reads: ``pv_<method>(msg, *args)``."""

    module: str
    method: str
    args: tuple[Arg, ...]
    type: Type


@dataclass(frozen=True, slots=True)
class Transform(Value):
    """``{cls.fn,args}`` of a module applied to a value."""

    module: str
    method: str
    value: Expr
    args: tuple[Arg, ...]
    type: Type


@dataclass(frozen=True, slots=True)
class Join(Value):
    """Text with variables in it; null shows as ``<null>``."""

    parts: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class CfgGet(Value):
    """``@cfg_get.group.name`` of the run-time configuration."""

    group: str
    name: str


@dataclass(frozen=True, slots=True)
class Script(Value):
    """A function of ``runtime.script.legacy`` applied to the message."""

    function: str
    args: tuple[int | bytes, ...]
    type: Type


@dataclass(frozen=True, slots=True)
class NotBuilt(Value):
    """A value that the server cannot give; starting it is refused."""

    what: str


# --- operators -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Test(Value):
    """A call as an operand: 1 where its code is above 0, else 0. ``raw`` gives the code itself
    (the right side of an assignment)."""

    call: Call
    raw: bool


@dataclass(frozen=True, slots=True)
class Not(Value):
    """``!x``"""

    operand: Expr


@dataclass(frozen=True, slots=True)
class Unary(Value):
    """``-x`` and ``~x``"""

    op: Literal["-", "~"]
    operand: Expr


@dataclass(frozen=True, slots=True)
class Logic(Value):
    """``&&`` and ``||``"""

    op: Literal["and", "or"]
    left: Expr
    right: Expr


IntOp = Literal["+", "-", "*", "/", "mod", "|", "&", "^", "<<", ">>"]
Order = Literal["==", "!=", "<", ">", "<=", ">="]


@dataclass(frozen=True, slots=True)
class Arith(Value):
    """An operator on integers with an integer as its result."""

    op: IntOp
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Compare(Value):
    """A comparison of integers."""

    op: Order
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Equal(Value):
    """``==`` and ``!=`` by the type of the left side."""

    negated: bool
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class StrEqual(Value):
    """``eq`` and ``ne``: the sides are taken as text."""

    negated: bool
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Concat(Value):
    """``+`` after text."""

    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Plus(Value):
    """``+`` where only run time knows the left side's type."""

    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Match(Value):
    """``=~``; the pattern is constant, or an expression."""

    left: Expr
    pattern: bytes | Expr


@dataclass(frozen=True, slots=True)
class Cast(Value):
    """``(int)x``, ``(str)x``"""

    to: Type
    operand: Expr


@dataclass(frozen=True, slots=True)
class Defined(Value):
    """``defined x``"""

    operand: Expr


@dataclass(frozen=True, slots=True)
class StrLen(Value):
    """``strlen(x)``"""

    operand: Expr


@dataclass(frozen=True, slots=True)
class StrEmpty(Value):
    """``strempty(x)``"""

    operand: Expr


@dataclass(frozen=True, slots=True)
class Select(Value):
    """``selval(cond, x, y)``"""

    cond: Expr
    then: Expr
    orelse: Expr


Expr = (
    Int | Str | Null | Native | ReturnCode | Var | Pv | Transform | Join | CfgGet | Script
    | NotBuilt | Test | Not | Unary | Logic | Arith | Compare | Equal | StrEqual | Concat | Plus
    | Match | Cast | Defined | StrLen | StrEmpty | Select
)  # fmt: skip


# --- arguments and calls -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Evaluated:
    """An argument whose value is computed at the call. ``shown`` prints null as ``<null>``;
    ``refix`` evaluates variables in the text that results."""

    value: Expr
    to: Type
    shown: bool = False
    refix: bool = False


@dataclass(frozen=True, slots=True)
class RegexArg:
    """A regular expression that is compiled at load."""

    pattern: bytes


@dataclass(frozen=True, slots=True)
class TextArg:
    """Text that is fixed up at load: a reference to a variable, a format, a substitution."""

    kind: Literal["pv", "format", "subst"]
    text: bytes


@dataclass(frozen=True, slots=True)
class RouteArg:
    """The index of a named route; name None is none, an expression is looked up at the call."""

    kind: str
    name: str | Expr | None


@dataclass(frozen=True, slots=True)
class MethodsArg:
    """A mask of SIP methods."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PatternArg:
    """A regular expression that is computed, and compiled at the call."""

    pattern: Expr


Arg = Evaluated | RegexArg | MethodsArg | PatternArg | TextArg | RouteArg


@dataclass(frozen=True, slots=True)
class ModuleCall(Value):
    """A call of a module's method. ``stops``: a result of 0 ends the script."""

    module: str
    method: str
    args: tuple[Arg, ...]
    stops: bool


@dataclass(frozen=True, slots=True)
class NativeCall(Value):
    """A call of a method of the message; none of them ends the script."""

    method: str
    args: tuple[Arg, ...]


@dataclass(frozen=True, slots=True)
class MissingCall(Value):
    """A call of something that is not built; starting the server is refused."""

    name: str


@dataclass(frozen=True, slots=True)
class RouteCall(Value):
    """``route(NAME)``: ``method`` is that of the route."""

    name: str
    method: str


@dataclass(frozen=True, slots=True)
class DynamicRouteCall(Value):
    """``route($x)``"""

    name: Expr


@dataclass(frozen=True, slots=True)
class BlockCall(Value):
    """Statements as a value; they became a method of their own."""

    method: str


Call = ModuleCall | NativeCall | MissingCall | RouteCall | DynamicRouteCall | BlockCall


def type_of(value: Expr) -> Type:
    """The type under which an expression enters an operator (``rve_guess_type``)."""
    if isinstance(value, Native | Pv | Transform | Script):
        return value.type
    if isinstance(value, Cast):
        return value.to
    if isinstance(value, Str | Join | CfgGet | Concat):
        return Type.STR
    if isinstance(value, Null | Var | Plus | Select | NotBuilt):
        return Type.ANY
    return Type.INT
