"""K0255: a variable in a parameter that is not evaluated."""

from __future__ import annotations

import re
from typing import Final

from kcc.checks.context import Context

_VARIABLE: Final = re.compile(rb"\$\(?(?:env|defn?|defs|var|shv|avp|xavp|sel|cfg|version)\(")
_LITERAL: Final = re.compile(
    r"(?:.*_)?(?:url|table|column|col|file|path|dir|sock|server|sqlcon)(?:_name)?"
    r"|config|load|certificate|private_key|ca_list|crl|modpath"
)


def check(context: Context) -> None:
    """Report variables where a value names a database, a table, a file or a server. Parameters of
    other names may well hold a variable, which their module evaluates for each message."""
    for param in context.program.modparams:
        value = param.value
        if param.evaluated or not isinstance(value, bytes) or b"$" not in value:
            continue
        match = _VARIABLE.search(value)
        if match is None or _LITERAL.fullmatch(param.name) is None:
            continue
        variable = value[match.start() :].partition(b")")[0].decode("latin-1") + ")"
        context.reporter.report(
            "K0255",
            f"`{param.name}` of `{param.module}` takes `{variable}` as it is written",
            param.value_span,
            help="modparamx evaluates its value",
        )
