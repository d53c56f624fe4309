"""A diagnostic: one message about one place."""

from __future__ import annotations

from typing import Literal

from kcc.source.span import Span
from runtime.declare.record import Record

Severity = Literal["error", "warning", "info"]


class Note(Record):
    """A second place that explains a diagnostic."""

    message: str
    span: Span


class Diagnostic(Record):
    """One finding. ``path`` stands in for a place where there is none (an unreadable file)."""

    code: str
    name: str
    severity: Severity
    message: str
    span: Span | None = None
    help: str | None = None
    notes: tuple[Note, ...] = ()
    path: str | None = None
