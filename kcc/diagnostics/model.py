"""A diagnostic: one message about one place."""

from __future__ import annotations

from collections.abc import Iterable
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


def in_reading_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Sorted by place as the text is read: what is included comes where the include stands. What
    has no place comes first."""
    return tuple(sorted(diagnostics, key=lambda d: _position(d.span) if d.span else ()))


def _position(span: Span) -> tuple[int, ...]:
    outer = span.outer()
    site = outer.file.included_from
    return (outer.start,) if site is None else (*_position(site), outer.start)
