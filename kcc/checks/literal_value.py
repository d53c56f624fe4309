"""K0255: a variable in a parameter that is not evaluated."""

from __future__ import annotations

import re
from typing import Final

from kcc.checks.context import Context
from runtime.declare.exports import ParamKind

_CONSTANT: Final = re.compile(rb"\$\(?(?:env|defn?|defs)\(")
_VARIABLE: Final = re.compile(rb"\$\(?(?:env|defn?|defs|var|shv|avp|xavp|sel|cfg|version)\(")
_LITERAL: Final = re.compile(
    r"(?:.*_)?(?:url|table|column|col|file|path|dir|sock|server|sqlcon)(?:_name)?"
    r"|config|load|certificate|private_key|ca_list|crl|modpath"
)
_MAYBE_EVALUATED: Final = re.compile(
    r"address|attr|av[pi]|body|challenge|data|duration|exp?r|extra|filter|format|fmt|hdr|header|^ka_"
    r"|log|msg|message|param|pv|rule|spec|suffix|template|text|var"
)


def check(context: Context) -> None:
    """Report variables where a value names a database, a table, a file or a server, and constants
    such as ``$env(X)`` wherever the name of the parameter does not speak of something that its
    module may evaluate for each message."""
    for param in context.program.modparams:
        value = param.value
        if param.evaluated or not isinstance(value, bytes) or b"$" not in value:
            continue
        pattern = _VARIABLE
        if _LITERAL.fullmatch(param.name) is None:
            kinds = {row.kind for row in context.catalog.params(param.module, param.name)}
            if kinds != {ParamKind.STR} or _MAYBE_EVALUATED.search(param.name) is not None:
                continue
            pattern = _CONSTANT
        match = pattern.search(value)
        if match is not None:
            written = value[match.start() :].partition(b")")[0].decode("latin-1") + ")"
            context.reporter.report(
                "K0255",
                f"`{param.name}` of `{param.module}` takes `{written}` as it is written",
                param.value_span,
                help="modparamx evaluates its value",
            )
