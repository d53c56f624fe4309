"""How a route ends (``core/action.c``: EXIT_R_F, DROP_R_F, RETURN_R_F).

A route returns its return code, a C int, or one of two marks that lie outside of the C ints and
end the whole script.
"""

from __future__ import annotations

from typing import Final

EXIT: Final = -(2**40)
"""The script ended by ``exit``, or by an action that returned 0."""

DROP: Final = EXIT + 1
"""The script ended by ``drop``: no implied forwarding, the reply or branch is not sent on."""

STOP: Final = -(2**39)
"""Codes below are EXIT or DROP: ``if code < STOP: return code``."""


def stopped(code: int) -> bool:
    """Whether a route's result ends the script."""
    return code < STOP


def truth(code: int) -> bool:
    """The truth of an action's return code."""
    return code > 0
