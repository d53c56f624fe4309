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
    constant_condition,
    constant_route,
    duplicate_case,
    duplicate_condition,
    endless_loop,
    event_route,
    fall_through,
    identical_branches,
    ignored_relay,
    implicit_code,
    literal_value,
    maybe_unset_variable,
    misplaced_break,
    missing_file,
    named_route,
    never_written,
    no_loose_route,
    open_relay,
    queued_edits,
    recursive_route,
    return_zero,
    self_assignment,
    set_twice,
    shell_injection,
    sql_injection,
    stale_code,
    string_condition,
    string_number,
    timer_unit,
    unproved_register,
    unreachable,
    unset_variable,
    unused_route,
    unused_variable,
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
    named_route.check,
    event_route.check,
    set_twice.check,
    literal_value.check,
    missing_file.check,
    unset_variable.check,
    maybe_unset_variable.check,
    unused_variable.check,
    string_number.check,
    string_condition.check,
    constant_condition.check,
    endless_loop.check,
    stale_code.check,
    implicit_code.check,
    return_zero.check,
    constant_route.check,
    recursive_route.check,
    fall_through.check,
    duplicate_case.check,
    duplicate_condition.check,
    identical_branches.check,
    self_assignment.check,
    misplaced_break.check,
    timer_unit.check,
)

CHECKS_OF_RESOLVED: Final[tuple[Callable[[Context], None], ...]] = (
    unused_route.check,
    never_written.check,
    no_loose_route.check,
    unproved_register.check,
    open_relay.check,
)
"""Those that ask what is missing: where a name could not be resolved, a part of it is."""
