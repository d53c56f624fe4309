"""Diagnostics as text for people: place, line, caret, help."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final

from kcc.diagnostics.model import Diagnostic
from kcc.source.span import Span, trail
from kcc.source.text import display

_MAX_LINE = 200
_MAX_TRAIL = 8
_STYLES: Final[Mapping[str, str]] = MappingProxyType(
    {"error": "1;31", "warning": "1;33", "info": "1;36", "frame": "1;34"}
)

Paint = Callable[[str, str], str]


def render_text(diagnostics: Iterable[Diagnostic], *, colour: bool = False) -> str:
    """All diagnostics, one paragraph each; ``colour`` adds the escapes of a terminal."""
    paint = _paint if colour else _plain
    return "".join(_one(diagnostic, paint) + "\n" for diagnostic in diagnostics)


def _plain(text: str, style: str) -> str:
    return text


def _paint(text: str, style: str) -> str:
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m"


def _one(diagnostic: Diagnostic, paint: Paint) -> str:
    severity = diagnostic.severity
    head = paint(f"{severity}[{diagnostic.code}]", severity)
    lines = [f"{head} {printable(diagnostic.message)}  ({diagnostic.name})"]
    span = diagnostic.span
    if span is None:
        if diagnostic.path is not None:
            lines.append(f"{paint('  -->', 'frame')} {printable(diagnostic.path)}")
    else:
        lines += _snippet(span, "  -->", severity, paint)
        for what, where in trail(span)[:_MAX_TRAIL]:
            lines.append(f"   {paint('=', 'frame')} {what}: {_place(where)}")
    for note in diagnostic.notes:
        lines.append(f"   {paint('=', 'frame')} {printable(note.message)}")
        lines += _snippet(note.span, "   :::", "frame", paint)
    if diagnostic.help is not None:
        lines.append(f"   {paint('= help:', 'frame')} {printable(diagnostic.help)}")
    return "\n".join(lines) + "\n"


def _place(span: Span) -> str:
    return f"{printable(span.path)}:{span.line}:{span.column}"


def _snippet(span: Span, arrow: str, style: str, paint: Paint) -> list[str]:
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
    bar = paint("|", "frame")
    gutter = " " * len(number)
    return [
        f"{paint(arrow, 'frame')} {_place(span)}",
        f" {gutter} {bar}",
        f" {paint(number, 'frame')} {bar} {printable(line)}",
        f" {gutter} {bar} {margin}{paint('^' * width, style)}",
    ]


def printable(text: str) -> str:
    """``text`` without control characters, which could steer a terminal; tabs stay."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char == "\t" else "\N{REPLACEMENT CHARACTER}" for char in text
    )
