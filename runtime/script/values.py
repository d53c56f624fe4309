"""Values of the script and their conversions (``core/rvalue.c``).

A value is octets, a C int or ``None`` for ``$null``. ``int`` results wrap to 32 bits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from runtime.declare.cint import str_to_int as str_to_int
from runtime.declare.cint import wrap as wrap

Value: TypeAlias = bytes | int | None


NO_INDEX: Final = 2**31
"""What stands for an index that is no number: nothing has it."""


class Dual(bytes):
    """Text that has a number beside it, as ``$rm`` has that of the method: the type is text, and
    where a number is wanted it is this one (``PV_VAL_STR|PV_VAL_INT``)."""

    number: int

    def __new__(cls, text: bytes, number: int) -> Dual:
        made = super().__new__(cls, text)
        made.number = number
        return made


class ShownInt(int):
    """A number that shows as another text (``PV_TYPE_INT`` beside a text)."""

    text: bytes

    def __new__(cls, number: int, text: bytes) -> ShownInt:
        made = super().__new__(cls, number)
        made.text = text
        return made


def unsigned(number: int) -> int:
    """A C unsigned int as the script has it: a negative number that shows as it is."""
    number &= 0xFFFFFFFF
    return number if number < 0x80000000 else ShownInt(number - 0x100000000, b"%d" % number)


def to_int(value: Value) -> int:
    """Any value as an integer (``rval_get_int``): ``$null`` and text that is no number are 0."""
    if isinstance(value, int):
        return value if type(value) is int else int(value)
    if type(value) is Dual:
        return value.number
    return str_to_int(value) if value else 0


def to_str(value: Value) -> bytes:
    """Any value as octets (``rval_get_tmp_str``): ``$null`` is empty."""
    if type(value) is bytes:
        return value
    if value is None:
        return b""
    if isinstance(value, int):
        return value.text if type(value) is ShownInt else b"%d" % value
    return bytes(value)


def dual(text: bytes | None, number: int) -> Value:
    """A text with the number beside it, null without a text."""
    return None if text is None else Dual(text, number)


def dual_of(value: Value) -> Value:
    """The value of a variable: a number has its digits as text."""
    return Dual(to_str(value), value) if isinstance(value, int) else value


def text_of(value: Value) -> bytes | None:
    """The value of a variable where text is taken: a number is its digits."""
    return None if value is None else to_str(value)


def plain(value: Value) -> Value:
    """What is kept of a value that is assigned."""
    if type(value) is Dual:
        return bytes(value)
    return int(value) if type(value) is ShownInt else value


def index_of(value: Value) -> int:
    """A variable as an index (``pv_get_spec_index``): text is none."""
    if isinstance(value, int):
        return value
    return value.number if type(value) is Dual else NO_INDEX


def int_or(value: Value, default: int) -> int:
    """The value of an argument that wants a number (``get_int_fparam``): text is none."""
    return value if isinstance(value, int) else default


def str_or(value: Value, default: bytes) -> bytes:
    """The value of an argument that wants text (``get_str_fparam``)."""
    return default if value is None else to_str(value)


def var_value(value: Value) -> bytes | int:
    """What ``$var`` holds after an assignment: ``$null`` makes it 0."""
    if value is None:
        return 0
    if type(value) is Dual:
        return bytes(value)
    return int(value) if type(value) is ShownInt else value


def show(value: Value) -> bytes:
    """A variable inside of a string (``pv_printf``): ``$null`` prints as ``<null>``."""
    return b"<null>" if value is None else to_str(value)


class EvalError(ArithmeticError):
    """An expression without a value: an ``if`` takes it as false, an assignment is not made."""


class Choice:
    """What a ``selval`` gave, as an operand: text may be made of it, a number not."""

    __slots__ = ("value",)

    def __init__(self, value: bytes | int) -> None:
        self.value: Final = value


class Sum:
    """A sum as an operand: a sum of integers where a number is wanted, whatever its first term;
    else that says what it is."""

    __slots__ = ("terms",)

    def __init__(self, *terms: Operand) -> None:
        self.terms: Final = terms


Operand: TypeAlias = Value | Choice | Sum


def eq(left: Value, right: Operand) -> bool:
    """``==``: the left operand's type decides, the right one's where the left is ``$null``."""
    if isinstance(left, int):
        return left == _number(right)
    if left is None:
        first = right.terms[0] if isinstance(right, Sum) else right
        if isinstance(first, Choice):
            no_number()
        right = _evaluated(right)
        if isinstance(right, int):
            return right == 0
    right = _evaluated(right)
    if type(left) is Dual and not left and isinstance(right, int):  # of neither type
        return left.number == right
    return to_str(left) == to_str(right)


def add(first: Operand, *more: Operand) -> bytes | int:
    """``+``, from left to right: a sum after an integer, else the texts joined."""
    if isinstance(first, Choice | Sum):
        first = _evaluated(first)
    if isinstance(first, int):
        return wrap(first + sum(map(_number, more)))
    return to_str(first) + b"".join([to_str(_evaluated(term)) for term in more])


def _number(operand: Operand) -> int:
    if isinstance(operand, Sum):
        return wrap(sum(map(_number, operand.terms)))
    return no_number() if isinstance(operand, Choice) else to_int(operand)


def _evaluated(operand: Operand) -> Value:
    if isinstance(operand, Sum):
        return add(*operand.terms)
    return operand.value if isinstance(operand, Choice) else operand


def as_text(value: Value) -> Dual:
    """``(str)`` of a variable as an operand: a number beside its text stays."""
    return Dual(to_str(value), to_int(value))


def selected(value: Value) -> bytes | int:
    """What ``selval`` gives of the value that it chose: ``$null`` is empty text."""
    return int(value) if isinstance(value, int) else to_str(value)


NO_TEXT: Final = b"\0no text"
"""The subject of a ``switch`` that has no value: it is told by its identity."""


def no_number() -> int:
    """A ``selval`` where a number is wanted: it has none, nor is either value evaluated."""
    raise EvalError("selval gives no number")


def attempt(call: Callable[[], int]) -> int | None:
    """The code of a call; None where an argument has no value, or is none that is taken."""
    try:
        return call()
    except EvalError:
        return None


def div(left: int, right: int) -> int:
    """C division, towards zero. Raises EvalError for a divisor of 0."""
    if right == 0:
        raise EvalError("division by 0")
    quotient = abs(left) // abs(right)
    return wrap(quotient if (left < 0) == (right < 0) else -quotient)


def mod(left: int, right: int) -> int:
    """C remainder, with the sign of the dividend. Raises EvalError for a divisor of 0."""
    if right == 0:
        raise EvalError("remainder of a division by 0")
    remainder = abs(left) % abs(right)
    return -remainder if left < 0 else remainder


def shift_left(left: int, right: int) -> int:
    """``<<`` as the processor does it: the count is taken modulo 32."""
    return wrap(left << (right & 31))


def shift_right(left: int, right: int) -> int:
    """``>>`` with the sign kept: the count is taken modulo 32."""
    return left >> (right & 31)


def int_arg(value: Value) -> int:
    """A value as a number argument (``get_int_fparam``): digits, or 0."""
    return to_int(value)
