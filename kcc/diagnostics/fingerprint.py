"""Names of findings that stay the same where lines are moved."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterable

from kcc.diagnostics.model import Diagnostic


def place(diagnostic: Diagnostic) -> str:
    """The file of a finding, or ''."""
    return diagnostic.span.path if diagnostic.span is not None else diagnostic.path or ""


def fingerprint(diagnostic: Diagnostic) -> str:
    """A hash of the text of its line without superfluous blanks (of its message, where it has no
    place): the line itself may hold a password."""
    span = diagnostic.span
    text = diagnostic.message if span is None else span.file.line_text(span.line)
    return _hash(" ".join(text.split()))


def numbered(diagnostics: Iterable[Diagnostic], root: str) -> list[str]:
    """For each finding the hash of its code, file (as seen from ``root``) and line, and its number
    among its like."""
    seen: Counter[str] = Counter()
    names: list[str] = []
    for diagnostic in diagnostics:
        path = os.path.relpath(os.path.abspath(place(diagnostic)), root)
        name = _hash(f"{diagnostic.code}\0{path}\0{fingerprint(diagnostic)}")
        seen[name] += 1
        names.append(f"{name}:{seen[name]}")
    return names


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
