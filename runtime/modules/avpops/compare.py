"""``avp_check`` and ``avp_op``: what is done with a left and a right value (``avpops_impl.c``)."""

from __future__ import annotations

from runtime.native.regex import Regex, fnmatch
from runtime.script.avp import AvpValue
from runtime.script.values import div, mod, wrap
from runtime.server.log import LM_ERR


def matches(operation: bytes, left: AvpValue, right: AvpValue | Regex, ignore_case: bool) -> bool:
    """Whether the check holds; values of different types never match."""
    if isinstance(left, int):
        if not isinstance(right, int):
            LM_ERR("avp_check: the types of both values differ")
            return False
        return _numbers(operation, left, right)
    if isinstance(right, int):
        LM_ERR("avp_check: the types of both values differ")
        return False
    return _texts(operation, left, right, ignore_case)


def _numbers(operation: bytes, left: int, right: int) -> bool:
    match operation:
        case b"eq":
            return left == right
        case b"ne":
            return left != right
        case b"lt":
            return left < right
        case b"le":
            return left <= right
        case b"gt":
            return left > right
        case b"ge":
            return left >= right
        case b"and":
            return left & right != 0
        case b"or":
            return left | right != 0
        case b"xor":
            return left ^ right != 0
    LM_ERR("avp_check: %s is no check of numbers", operation.decode())
    return False


def _texts(operation: bytes, left: bytes, right: bytes | Regex, ignore_case: bool) -> bool:
    if operation == b"re":
        try:
            regex = right if isinstance(right, Regex) else Regex(right)
        except ValueError as error:
            LM_ERR("avp_check: %s", error)
            return False
        return regex.match(left)
    assert isinstance(right, bytes)
    match operation:
        case b"eq" | b"ne":
            equal = left.lower() == right.lower() if ignore_case else left == right
            return equal if operation == b"eq" else not equal
        case b"lt":
            return left.lower() < right.lower()
        case b"le":
            return left.lower() <= right.lower()
        case b"gt":
            return left.lower() > right.lower()
        case b"ge":
            return left.lower() >= right.lower()
        case b"fm":
            return fnmatch(right, left)
    LM_ERR("avp_check: %s is no check of texts", operation.decode())
    return False


def computed(operation: bytes, left: int, right: int) -> int:
    """The result of an operation; a division by 0 gives 0."""
    match operation:
        case b"add":
            return wrap(left + right)
        case b"sub":
            return wrap(left - right)
        case b"mul":
            return wrap(left * right)
        case b"and":
            return left & right
        case b"or":
            return left | right
        case b"xor":
            return left ^ right
        case b"not":
            return ~right
    if right == 0:
        LM_ERR("avp_op: division by 0")
        return 0
    return div(left, right) if operation == b"div" else mod(left, right)
