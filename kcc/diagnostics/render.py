"""Diagnostics as text for people: place, line, caret, help."""

from __future__ import annotations

from collections.abc import Iterable

from kcc.diagnostics.model import Diagnostic
from kcc.source.span import Span, trail
from kcc.source.text import display

_MAX_LINE = 200
_MAX_TRAIL = 8


def render_text(diagnostics: Iterable[Diagnostic]) -> str:
    """All diagnostics, one paragraph each."""
    return "".join(_one(diagnostic) + "\n" for diagnostic in diagnostics)


def _one(diagnostic: Diagnostic) -> str:
    head = f"{diagnostic.severity}[{diagnostic.code}] {diagnostic.message}  ({diagnostic.name})"
    lines = [printable(head)]
    span = diagnostic.span
    if span is None:
        if diagnostic.path is not None:
            lines.append(f"  --> {printable(diagnostic.path)}")
    else:
        lines += _snippet(span, "  --> ")
        for what, where in trail(span)[:_MAX_TRAIL]:
            lines.append(f"   = {what}: {_place(where)}")
    for note in diagnostic.notes:
        lines.append(f"   = {printable(note.message)}")
        lines += _snippet(note.span, "   ::: ")
    if diagnostic.help is not None:
        lines.append(f"   = help: {printable(diagnostic.help)}")
    return "\n".join(lines) + "\n"


def _place(span: Span) -> str:
    return f"{printable(span.path)}:{span.line}:{span.column}"


def _snippet(span: Span, arrow: str) -> list[str]:
    """The place, its first line and a caret under what is meant."""
    number = str(span.line)
    line = span.file.line_text(span.line)
    _, line_end = span.file.lines.bounds(span.line)
    column = span.column - 1
    stop = min(max(span.end, span.start + 1), max(line_end, span.start + 1))
    width = max(1, len(display(span.file.text[span.start : stop])))
    if len(line) > _MAX_LINE:
        cut = max(0, column - _MAX_LINE // 2)
        line, column = line[cut : cut + _MAX_LINE], column - cut
        width = min(width, max(1, _MAX_LINE - column))
    margin = "".join("\t" if char == "\t" else " " for char in line[:column])
    margin += " " * (column - len(margin))
    gutter = " " * len(number)
    return [
        f"{arrow}{_place(span)}",
        f" {gutter} |",
        f" {number} | {printable(line)}",
        f" {gutter} | {margin}{'^' * width}",
    ]


def printable(text: str) -> str:
    """``text`` without control characters, which could steer a terminal; tabs stay."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char == "\t" else "\N{REPLACEMENT CHARACTER}" for char in text
    )
