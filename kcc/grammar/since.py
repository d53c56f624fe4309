"""What the version that a text is written for has, and has not."""

from __future__ import annotations

from typing import Final

from kcc.diagnostics.reporter import Reporter
from kcc.source.span import Span
from kcc.source.version import Version, version_of


class Since:
    """Reports K0119 for what the target version does not know yet, or any more."""

    def __init__(self, reporter: Reporter, target: str) -> None:
        self._reporter: Final = reporter
        self._target: Final = target
        self.version: Final[Version] = version_of(target)

    def require(self, first: Version, what: str, span: Span) -> None:
        """``what`` is there from version ``first`` on."""
        if self.version < first:
            self.report(f"{what} is known since Kamailio {first[0]}.{first[1]}", span)

    def report(self, message: str, span: Span) -> None:
        """The target version is not one that ``message`` speaks of."""
        self._reporter.report("K0119", f"{message}; --target is {self._target}", span)
