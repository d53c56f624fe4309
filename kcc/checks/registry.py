"""The checks, in the order in which they run. They look at the syntax tree, so they run whatever is
wrong with names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from kcc.checks import (
    assigned_condition,
    compared_code,
    never_written,
    unreachable,
    unused_route,
)
from kcc.checks.context import Context

CHECKS: Final[tuple[Callable[[Context], None], ...]] = (
    unreachable.check,
    assigned_condition.check,
    compared_code.check,
)

CHECKS_OF_RESOLVED: Final[tuple[Callable[[Context], None], ...]] = (
    unused_route.check,
    never_written.check,
)
"""Those that look at the program: where a name could not be resolved, a part of it is missing."""
