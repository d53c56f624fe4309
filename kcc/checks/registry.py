"""The checks, in the order in which they run."""

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
    unused_route.check,
    assigned_condition.check,
    compared_code.check,
    never_written.check,
)
