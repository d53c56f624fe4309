"""K0411: what a sender wrote stands in a command of a shell."""

from __future__ import annotations

from kcc.checks import functions
from kcc.checks.context import Context
from kcc.checks.injection import check_arguments


def check(context: Context) -> None:
    """Report the argument of a function that hands a command to a shell."""
    check_arguments(
        context,
        "K0411",
        functions.SHELLS,
        "{} goes into a command of the shell as the sender wrote it",
        "the command finds it in its environment (SIP_HF_…, SIP_RURI); or encode it: "
        "$(fU{s.encode.hexa})",
    )
