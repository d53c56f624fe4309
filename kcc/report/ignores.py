"""``# kcc: ignore[CODE]``: comments that hide findings.

The lexer drops comments, so they are looked for in the text of the files that hold ``kcc:`` at all.
At the end of a line such a comment means that line, alone on a line the next one with code, and a
line that a backslash continues is one with the next. ``ignore-file`` means the file. What stands in
the definition of a macro is found where it is written, so that is where it is ignored.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Container, Iterable, Sequence
from typing import Final

from kcc.diagnostics.codes import CODES
from kcc.diagnostics.model import Diagnostic
from kcc.diagnostics.reporter import Reporter
from kcc.grammar.parse import Reading
from kcc.report.selection import UNUSED_IGNORE, codes_of, split
from kcc.source.span import Span
from kcc.source.text import SourceFile
from runtime.declare.record import Record, field

_COMMENT: Final = re.compile(
    r"(?:\#|//|/\*)[ \t]*(?P<whole>kcc:[ \t]*(?P<word>[A-Za-z_-]*)"
    r"(?:[ \t]*\[(?P<codes>[^\]\n]*)\])?)(?P<rest>[^\n]*)"
)
_LOOKS_LIKE_CODES: Final = re.compile(r"[ \t]*[\[(:]|[ \t]+[kK][0-9]{2,}")
_NO_CODE: Final = re.compile(r"[ \t\r]*(?:\Z|\#(?!!)|//(?!!)|/\*)")


class Ignore(Record):
    """One comment. Without ``codes`` it means all; without ``lines`` (first, last) the file."""

    span: Span
    codes: tuple[str, ...]
    lines: tuple[int, int] | None
    used: set[str] = field(default_factory=set, compare=False)

    def covers(self, diagnostic: Diagnostic) -> bool:
        """Whether it hides ``diagnostic``, which stands in its file and lines."""
        return not self.codes or diagnostic.code in self.codes


def find(reading: Reading, reporter: Reporter) -> dict[str, list[Ignore]]:
    """The comments of every file that was read, by path. What is wrong with one is reported."""
    found: dict[str, list[Ignore]] = {}
    for source in reading.preprocessor.sources:
        if source.path not in found:
            found[source.path] = _in_file(source, reading, reporter)
    return found


def _in_file(source: SourceFile, reading: Reading, reporter: Reporter) -> list[Ignore]:
    strings = sorted(
        (t.span.start, t.span.end)
        for t in reading.tokens
        if t.kind == "STRING" and t.span.file is source
    )
    found: list[Ignore] = []
    for match in _COMMENT.finditer(source.text):
        start, end = match.span("whole")
        at = bisect_left(strings, (match.start(), 0)) - 1
        if at >= 0 and match.start() < strings[at][1]:
            continue
        span = Span(source, start, end)
        codes = _codes(match, span, reporter)
        if codes is not None:
            whole = match["word"] == "ignore-file"
            lines = None if whole else _target(source, match.start(), match.end())
            found.append(Ignore(span, codes, lines))
    return found


def _codes(match: re.Match[str], span: Span, reporter: Reporter) -> tuple[str, ...] | None:
    """The codes that a comment names; None where it says something else, which is reported."""
    word, names = match["word"], match["codes"]
    if word not in ("ignore", "ignore-file"):
        reporter.report(
            "K0902",
            f"a comment for kcc says `{word}`, which means nothing",
            span,
            help="write `# kcc: ignore[CODE]` or `# kcc: ignore-file[CODE]`",
        )
        return None
    if names is None:
        if _LOOKS_LIKE_CODES.match(match["rest"]):
            reporter.report(
                "K0902",
                "the codes to ignore must stand in brackets",
                span,
                help=f"write `# kcc: {word}[CODE]`",
            )
            return None
        return ()
    codes: list[str] = []
    for name in split((names,)):
        meant = codes_of(name)
        if not meant:
            reporter.report("K0902", f"there is no diagnostic `{name}` to ignore", span)
        codes.extend(meant)
    if not codes:
        if not names.strip():
            reporter.report("K0902", "the brackets are empty", span)
        return None
    return tuple(codes)


def _target(source: SourceFile, start: int, end: int) -> tuple[int, int]:
    """The first and the last line that a comment from ``start`` to ``end`` is about."""
    lines, text = source.lines, source.text
    line = lines.line(start)
    first, stop = lines.bounds(line)
    alone = not text[first:start].strip()
    if alone and text.startswith("/*", start):
        close = text.find("*/", start)
        alone = close < 0 or close >= stop or not text[close + 2 : stop].strip()
    if alone:
        line += 1
        while line < lines.count and _NO_CODE.match(text[slice(*lines.bounds(line))]):
            line += 1
    last = min(line, lines.count)
    while last < lines.count and text[slice(*lines.bounds(last))].endswith("\\"):
        last += 1
    return line, last


def apply(
    diagnostics: Iterable[Diagnostic], ignores: dict[str, list[Ignore]]
) -> tuple[list[Diagnostic], int]:
    """The findings that no comment hides, and how many are hidden."""
    kept: list[Diagnostic] = []
    hidden = 0
    by_line: dict[tuple[str, int], list[Ignore]] = {}
    for path, comments in ignores.items():
        for ignore in comments:
            first, last = ignore.lines or (0, 0)
            for line in range(first, last + 1):
                by_line.setdefault((path, line), []).append(ignore)
    for diagnostic in diagnostics:
        span = diagnostic.span
        lines = {0, span.line, span.end_line} if span else ()
        near = [i for line in lines for i in by_line.get((span.path, line), ())] if span else []
        covering = [ignore for ignore in near if ignore.covers(diagnostic)]
        for ignore in covering:
            ignore.used.add(diagnostic.code)
        if covering:
            hidden += 1
        else:
            kept.append(diagnostic)
    return kept, hidden


def report_unused(
    ignores: dict[str, list[Ignore]], reading: Reading, shown: Container[str], reporter: Reporter
) -> None:
    """Report comments that hid nothing, as far as that can be known: codes that are not ``shown``
    and lines that hold no live code do not count."""
    live = _live_lines(reading) if any(ignores.values()) else {}
    for path, comments in ignores.items():
        for ignore in comments:
            if ignore.lines is not None and not _meets(ignore.lines, live.get(path, set())):
                continue
            if not ignore.codes:
                unused: Sequence[str] = () if ignore.used else ("nothing",)
            else:
                unused = [c for c in ignore.codes if c in shown and c not in ignore.used]
            if unused and not ignore.codes:
                message = "there is nothing to ignore here"
            elif unused:
                names = ", ".join(f"{code} ({CODES[code].name})" for code in unused)
                message = f"there is no {names} to ignore here"
            else:
                continue
            reporter.report(UNUSED_IGNORE, message, ignore.span, help="remove it")


def _live_lines(reading: Reading) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for token in reading.tokens:
        found.setdefault(token.span.path, set()).add(token.span.line)
    return found


def _meets(lines: tuple[int, int], live: set[int]) -> bool:
    return any(line in live for line in range(lines[0], lines[1] + 1))
