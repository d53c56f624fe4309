"""Diagnostics for machines: json (our own), GitHub workflow commands. ``sarif`` is a file apart."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from kcc.diagnostics.model import Diagnostic
from kcc.source.span import trail

_GITHUB_LEVEL = {"error": "error", "warning": "warning", "info": "notice"}


def render_json(diagnostics: Iterable[Diagnostic], version: str) -> str:
    """One object: ``{"diagnostics": [...], "version": ...}``; places are null if there is none."""
    return json.dumps({"diagnostics": [_entry(d) for d in diagnostics], "version": version}) + "\n"


def _entry(diagnostic: Diagnostic) -> dict[str, Any]:
    span = diagnostic.span
    return {
        "code": diagnostic.code,
        "name": diagnostic.name,
        "severity": diagnostic.severity,
        "message": clean(_full_message(diagnostic)),
        "path": clean(span.path if span is not None else diagnostic.path or "") or None,
        "line": span.line if span is not None else None,
        "column": span.column if span is not None else None,
        "end_line": span.end_line if span is not None else None,
        "end_column": span.end_column if span is not None else None,
        "help": clean(diagnostic.help) if diagnostic.help is not None else None,
    }


def clean(text: str) -> str:
    """Text that every JSON reader takes: no lone surrogates."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _full_message(diagnostic: Diagnostic) -> str:
    """The message with the macro uses and includes that led to its place."""
    steps = trail(diagnostic.span) if diagnostic.span is not None else ()
    shown = "; ".join(f"{what} {where.path}:{where.line}" for what, where in steps[:4])
    return f"{diagnostic.message} ({shown})" if shown else diagnostic.message


def render_github(diagnostics: Iterable[Diagnostic]) -> str:
    """Workflow commands that GitHub turns into annotations."""
    return "".join(_command(d) for d in diagnostics)


def _command(diagnostic: Diagnostic) -> str:
    span = diagnostic.span
    properties = [f"title={_property(f'{diagnostic.code} {diagnostic.name}')}"]
    path = span.path if span is not None else diagnostic.path
    if path is not None:
        properties.insert(0, f"file={_property(path)}")
    if span is not None:
        properties += [
            f"line={span.line}",
            f"endLine={span.end_line}",
            f"col={span.column}",
            f"endColumn={span.end_column}",
        ]
    message = _full_message(diagnostic)
    if diagnostic.help is not None:
        message += f"\nhelp: {diagnostic.help}"
    level = _GITHUB_LEVEL[diagnostic.severity]
    return f"::{level} {','.join(properties)}::{_data(message)}\n"


def _data(text: str) -> str:
    return clean(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
