"""Collects diagnostics."""

from __future__ import annotations

from kcc.diagnostics.codes import CODES
from kcc.diagnostics.model import Diagnostic, Note, Severity
from kcc.source.span import Span


class Reporter:
    """Keeps what it is told, in order, and drops exact repetitions (a file included twice)."""

    __slots__ = ("_diagnostics", "_seen")

    def __init__(self) -> None:
        self._diagnostics: list[Diagnostic] = []
        self._seen: set[tuple[str, str, str, int]] = set()

    def report(
        self,
        code: str,
        message: str,
        span: Span | None = None,
        *,
        help: str | None = None,
        notes: tuple[Note, ...] = (),
        path: str | None = None,
        severity: Severity | None = None,
    ) -> None:
        """Add a diagnostic of a registered ``code``; KeyError for an unknown one."""
        entry = CODES[code]
        self.add(
            Diagnostic(
                code, entry.name, severity or entry.severity, message, span, help, notes, path
            )
        )

    def add(self, diagnostic: Diagnostic) -> None:
        """Add a diagnostic as it is."""
        span = diagnostic.span
        where = span.path if span is not None else diagnostic.path or ""
        start = span.start if span is not None else -1
        key = (diagnostic.code, diagnostic.message, where, start)
        if key not in self._seen:
            self._seen.add(key)
            self._diagnostics.append(diagnostic)

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Everything reported so far, in the order of reporting."""
        return tuple(self._diagnostics)

    @property
    def error_count(self) -> int:
        """How many of them are errors."""
        return sum(d.severity == "error" for d in self._diagnostics)
