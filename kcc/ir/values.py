"""Expressions with their names resolved and their types known.

A value is octets, a C int or null. ``type`` says what an expression gives: ``STR`` and ``INT``
may still be null where a variable has no value.
"""

from __future__ import annotations

from enum import Enum
from typing import Literal

from kcc.source.span import Span
from runtime.declare.record import Record, field


class Type(Enum):
    """What an expression gives."""

    INT = "int"
    STR = "str"
    ANY = "any"


class Value(Record):
    """What every expression has: where it is written."""

    span: Span = field(compare=False)


# --- constants -----------------------------------------------------------------------------------


class Int(Value):
    """An integer, as it is written (``ast.Int``)."""

    value: int


class Str(Value):
    """Octets."""

    value: bytes


class Null(Value):
    """``$null``."""


# --- what is read --------------------------------------------------------------------------------


class Native(Value):
    """An attribute of the message; ``number`` is the one that is read for a number."""

    attr: str
    type: Type
    number: str | None = None


class ReturnCode(Value):
    """``$rc``."""


class Var(Value):
    """``$var(name)``."""

    name: str


class Pv(Value):
    """A variable that a module's method reads: ``pv_<method>(msg, *args)``. In a string it prints
    as nothing where it has no value (``blank``), or as ``show_<method>`` says (``shows``)."""

    module: str
    method: str
    args: tuple[Arg, ...]
    type: Type
    blank: bool = False
    shows: bool = False


class Transform(Value):
    """``{cls.fn,args}`` of a module applied to a value; ``message``: it is given that too."""

    module: str
    method: str
    value: Expr
    args: tuple[Arg, ...]
    type: Type
    message: bool = False


class Join(Value):
    """Text with variables in it; null shows as ``<null>``."""

    parts: tuple[Expr, ...]


class CfgGet(Value):
    """``@cfg_get.group.name`` of the run-time configuration."""

    group: str
    name: str


class Script(Value):
    """A function of ``runtime.script.legacy`` applied to the message."""

    function: str
    args: tuple[int | bytes, ...]
    type: Type


class NotBuilt(Value):
    """A value that the server cannot give; starting it is refused."""

    what: str


# --- operators -----------------------------------------------------------------------------------


class Test(Value):
    """A call as an operand: 1 where its code is above 0, else 0. ``raw`` gives the code itself
    (the right side of an assignment)."""

    call: Call
    raw: bool


class Not(Value):
    """``!x``"""

    operand: Expr


class Unary(Value):
    """``-x`` and ``~x``"""

    op: Literal["-", "~"]
    operand: Expr


class Logic(Value):
    """``&&`` and ``||``"""

    op: Literal["and", "or"]
    left: Expr
    right: Expr


IntOp = Literal["+", "-", "*", "/", "mod", "|", "&", "^", "<<", ">>"]
Order = Literal["==", "!=", "<", ">", "<=", ">="]


class Arith(Value):
    """An operator on integers with an integer as its result."""

    op: IntOp
    left: Expr
    right: Expr


class Compare(Value):
    """A comparison of integers."""

    op: Order
    left: Expr
    right: Expr


class Equal(Value):
    """``==`` and ``!=`` by the type of the left side."""

    negated: bool
    left: Expr
    right: Expr


class StrEqual(Value):
    """``eq`` and ``ne``: the sides are taken as text."""

    negated: bool
    left: Expr
    right: Expr


class Concat(Value):
    """``+`` after text."""

    left: Expr
    right: Expr


class Plus(Value):
    """``+`` where only run time knows the left side's type."""

    left: Expr
    right: Expr


class Match(Value):
    """``=~``; the pattern is constant, or an expression."""

    left: Expr
    pattern: bytes | Expr


class Cast(Value):
    """``(int)x``, ``(str)x``"""

    to: Type
    operand: Expr


class Defined(Value):
    """``defined x``"""

    operand: Expr


class StrLen(Value):
    """``strlen(x)``"""

    operand: Expr


class StrEmpty(Value):
    """``strempty(x)``"""

    operand: Expr


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


class Evaluated(Record):
    """An argument whose value is computed at the call. ``shown`` prints null as ``<null>``;
    ``refix`` evaluates variables in the text that results; ``index`` takes a text for none.
    ``strict`` converts by a rule of its own; it names the function of ``runtime.script.params``."""

    value: Expr
    to: Type
    shown: bool = False
    refix: bool = False
    index: bool = False
    strict: Literal["number_param", "text_param", "buffered_param", "fixed_number"] | None = None


class RegexArg(Record):
    """A regular expression that is compiled at load."""

    pattern: bytes


class TextArg(Record):
    """Text that is fixed up at load: a reference to a variable, a format, a substitution."""

    kind: Literal["pv", "format", "subst"]
    text: bytes


class OwnArg(Record):
    """Text that the module itself fixes up at load, by a rule of its own."""

    rule: str
    text: bytes


class TableArg(Record):
    """The name of a table that processes share; its module is told before the fork."""

    name: bytes


class RouteArg(Record):
    """The index of a named route; name None is none, an expression is looked up at the call."""

    kind: str
    name: str | Expr | None


class MethodsArg(Record):
    """A mask of SIP methods."""

    names: tuple[str, ...]


class PatternArg(Record):
    """A regular expression that is computed, and compiled at the call."""

    pattern: Expr


Arg = Evaluated | RegexArg | MethodsArg | PatternArg | TextArg | OwnArg | TableArg | RouteArg


class ModuleCall(Value):
    """A call of a module's method. ``stops``: a result of 0 ends the script; ``rest``: it is told
    the route of what follows."""

    module: str
    method: str
    args: tuple[Arg, ...]
    stops: bool
    rest: bool = False


class NativeCall(Value):
    """A call of a method of the message; none of them ends the script."""

    module: str
    method: str
    args: tuple[Arg, ...]


class MissingCall(Value):
    """A call of something that is not built; starting the server is refused."""

    name: str


class RouteCall(Value):
    """``route(NAME)``: ``method`` is that of the route."""

    name: str
    method: str


class DynamicRouteCall(Value):
    """``route($x)``"""

    name: Expr


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
