"""``=~`` with a pattern that only run time knows (``core/rvalue.c``, RVE_MATCH_OP)."""

from __future__ import annotations

from runtime.native.regex import Regex
from runtime.script.values import EvalError


def match(text: bytes, pattern: bytes) -> bool:
    """Whether the extended expression is found in the text, without regard to case.

    Raises EvalError for a pattern that is no regular expression.
    """
    try:
        return Regex(pattern, newline=False).match(text)
    except ValueError as error:
        raise EvalError(str(error)) from None


def compiled(pattern: bytes) -> Regex:
    """An argument that is a computed pattern. Raises EvalError."""
    try:
        return Regex(pattern)
    except ValueError as error:
        raise EvalError(str(error)) from None
