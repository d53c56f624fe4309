"""K0410: what a sender wrote stands in an SQL statement."""

from __future__ import annotations

from kcc.checks import functions
from kcc.checks.context import Context
from kcc.checks.injection import check_arguments


def check(context: Context) -> None:
    """Report the argument of a function that hands SQL to a database."""
    check_arguments(
        context,
        "K0410",
        functions.SQL,
        "{} goes into the SQL statement as the sender wrote it",
        "escape it: $(fU{s.escape.common}) for $fU",
    )
