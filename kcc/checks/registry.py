"""The checks, in the order in which they run. They look at the syntax tree, so they run whatever is
wrong with names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from kcc.checks import (
    answered_twice,
    assigned_condition,
    blocking_call,
    compared_code,
    event_route,
    ignored_relay,
    literal_value,
    missing_file,
    never_written,
    no_loose_route,
    open_relay,
    queued_edits,
    set_twice,
    shell_injection,
    sql_injection,
    unproved_register,
    unreachable,
    unused_route,
)
from kcc.checks.context import Context

CHECKS: Final[tuple[Callable[[Context], None], ...]] = (
    unreachable.check,
    assigned_condition.check,
    compared_code.check,
    answered_twice.check,
    ignored_relay.check,
    queued_edits.check,
    sql_injection.check,
    shell_injection.check,
    blocking_call.check,
    event_route.check,
    set_twice.check,
    literal_value.check,
    missing_file.check,
)

CHECKS_OF_RESOLVED: Final[tuple[Callable[[Context], None], ...]] = (
    unused_route.check,
    never_written.check,
    no_loose_route.check,
    unproved_register.check,
    open_relay.check,
)
"""Those that look at the program: where a name could not be resolved, a part of it is missing."""
