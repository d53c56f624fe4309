"""A diagnostic: one message about one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kcc.source.span import Span

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Note:
    """A second place that explains a diagnostic."""

    message: str
    span: Span


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. ``path`` stands in for a place where there is none (an unreadable file)."""

    code: str
    name: str
    severity: Severity
    message: str
    span: Span | None = None
    help: str | None = None
    notes: tuple[Note, ...] = ()
    path: str | None = None
