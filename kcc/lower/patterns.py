"""Regular expressions of a configuration, tried by libc itself."""

from __future__ import annotations

from kcc.lower.scope import Scope
from kcc.preprocess.posix import REG_EXTENDED, REG_ICASE, Regex, RegexError
from kcc.source.span import Span


def check_regex(scope: Scope, pattern: bytes, span: Span) -> None:
    """Report a regular expression that libc refuses."""
    fault = scope.regexes.get(pattern)
    if fault is None:
        try:
            Regex(pattern, REG_EXTENDED | REG_ICASE)
            fault = ""
        except RegexError as error:
            fault = str(error)
        scope.regexes[pattern] = fault
    if fault:
        scope.reporter.report("K0207", f"bad regular expression: {fault}", span)
