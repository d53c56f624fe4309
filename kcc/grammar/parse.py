"""The entry: a configuration file to its syntax tree."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Final

from kcc.diagnostics.model import Diagnostic
from kcc.diagnostics.reporter import Reporter
from kcc.grammar.build import Builder
from kcc.grammar.engine import MAX_STACK, Engine, Problem
from kcc.grammar.lexer import Lexer, Token
from kcc.grammar.tables import load
from kcc.preprocess import include
from kcc.preprocess.directives import Preprocessor
from kcc.source.span import Span
from kcc.source.text import SourceFile
from kcc.source.version import TARGET
from kcc.syntax import ast
from runtime.declare.record import Record, replaced

_RECURSION: Final = 16 * MAX_STACK
_UNCLOSED: Final = frozenset({"K0102", "K0103"})


class Reading(Record):
    """A parsed configuration and what it was made from: ``preprocessor`` knows the files
    (``sources``), the environment (``environment``) and the conditions (``tests``) it read.

    Where the reporter got errors, ``file`` lacks what they stand in.
    """

    file: ast.File
    tokens: tuple[Token, ...]
    preprocessor: Preprocessor


def parse_file(path: str, defines: Mapping[str, str | None], reporter: Reporter) -> ast.File:
    """Read, preprocess and parse ``path``. ``defines`` are those of ``-A``.

    Never raises for anything a file holds; an unreadable file is reported and gives no items.
    """
    return read(path, defines, reporter).file


def read(
    path: str,
    defines: Mapping[str, str | None],
    reporter: Reporter,
    environ: Mapping[bytes, bytes] | None = None,
    data: bytes | None = None,
    target: str = TARGET,
) -> Reading:
    """``parse_file`` with everything that was found out on the way. Where the text is given as
    ``data``, ``path`` is only its name."""
    try:
        data = include.read(path) if data is None else data
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        reporter.report("K0001", f"cannot read the file: {reason}", path=path)
        source = SourceFile(path, "")
        empty = ast.File(Span(source, 0, 0), ())
        return Reading(empty, (), Preprocessor(reporter, {}, target))
    return parse_source(SourceFile.from_bytes(path, data), defines, reporter, environ, target)


def parse_source(
    source: SourceFile,
    defines: Mapping[str, str | None],
    reporter: Reporter,
    environ: Mapping[bytes, bytes] | None = None,
    target: str = TARGET,
) -> Reading:
    """Parse a text that is at hand."""
    # the tree may be deeper than Python's usual limit; frames of Python code take no C stack
    sys.setrecursionlimit(max(sys.getrecursionlimit(), _RECURSION))
    preprocessor = Preprocessor(reporter, os.environb if environ is None else environ, target)
    preprocessor.sources.append(source)
    for name, value in defines.items():
        preprocessor.predefine(name, value)
    found = Reporter()
    tokens = Lexer(source, preprocessor, found).tokens()
    unclosed = _unclosed(found.diagnostics, tokens)
    building = Reporter()
    engine = Engine(load(), Builder(building, target).actions(), ast.Missing, target)
    items = engine.parse(tokens)
    for diagnostic in found.diagnostics:
        if diagnostic.code in _UNCLOSED and unclosed is not None:
            reporter.add(replaced(diagnostic, span=unclosed))
        elif diagnostic.code != "K0012" or _is_before(diagnostic, unclosed):
            reporter.add(diagnostic)
    follow_up = {_line(d) for d in found.diagnostics if d.code == "K0104"}
    problems = engine.problems
    if preprocessor.skipping and len(tokens) > 1:
        problems = [p for p in problems if not _at_end(p, tokens[-2].span)]
    _report_parsing(building, problems, unclosed, follow_up, preprocessor, reporter)
    if not tokens[:-1] and not reporter.error_count:
        reporter.report("K0101", "the file has no statement", Span(source, 0, 0))
    span = Span(source, 0, len(source.text))
    kept = tuple(item for item in items if item is not None)
    return Reading(ast.File(span, kept), tuple(tokens), preprocessor)


def _unclosed(found: tuple[Diagnostic, ...], tokens: list[Token]) -> Span | None:
    """Where text began to be swallowed by a string or comment, if it was.

    A quote too few or too many shows at the end of the file only, with all strings between
    turned inside out: the place to show is the first string that looks like swallowed code.
    """
    for diagnostic in found:
        span = diagnostic.span
        if diagnostic.code not in _UNCLOSED or span is None:
            continue
        if diagnostic.code == "K0102":
            suspect = next((token.span for token in tokens if _swallows(token)), None)
            if suspect is not None and _before(suspect, span):
                return Span(suspect.file, suspect.start, suspect.start + 1, suspect.expansion)
        return span
    return None


def _report_parsing(
    building: Reporter,
    problems: list[Problem],
    unclosed: Span | None,
    broken_lines: set[tuple[int, int]],
    preprocessor: Preprocessor,
    reporter: Reporter,
) -> None:
    """Pass on what the grammar and the builder found, in the order of the text.

    What follows from another mistake is left out: all after text that was swallowed, a syntax
    error on the line of a bare word or of a broken variable, a bad comparison on the line of a
    syntax error.
    """
    order = {id(source): number for number, source in enumerate(preprocessor.sources)}

    def place(span: Span | None) -> tuple[int, int]:
        outer = span.outer() if span is not None else None
        return (order.get(id(outer.file), -1), outer.start) if outer is not None else (-1, 0)

    syntax = Reporter()
    for problem in problems:
        syntax.report(problem.code, problem.message, problem.span, help=problem.help)
    words = {_line(d) for d in building.diagnostics if d.code == "K0109"} | broken_lines
    wrong = {_line(d) for d in syntax.diagnostics}
    kept = [d for d in building.diagnostics if d.code != "K0112" or _line(d) not in wrong]
    kept += [d for d in syntax.diagnostics if _line(d) not in words]
    for diagnostic in sorted(kept, key=lambda d: place(d.span)):
        if unclosed is not None and diagnostic.code == "K0116":
            continue
        if _is_before(diagnostic, unclosed):
            reporter.add(diagnostic)


def _at_end(problem: Problem, last: Span) -> bool:
    """Whether it follows from the end of the text, which an open ``#!ifdef`` has swallowed."""
    return problem.code == "K0116" or problem.span.outer().end >= last.outer().end


def _line(diagnostic: Diagnostic) -> tuple[int, int]:
    span = diagnostic.span.outer() if diagnostic.span is not None else None
    return (id(span.file), span.line) if span is not None else (0, 0)


def _is_before(diagnostic: Diagnostic, limit: Span | None) -> bool:
    return limit is None or diagnostic.span is None or _before(diagnostic.span, limit)


def _swallows(token: Token) -> bool:
    """Whether a string holds a newline and, before that, what ends a statement."""
    if token.kind != "STRING" or "\n" not in token.value:
        return False
    line = token.value.partition("\n")[0].rstrip()
    return line.endswith((";", "{", ")", ")) {"))


def _before(span: Span, limit: Span) -> bool:
    """Whether ``span`` is read before ``limit``, as far as one file can tell."""
    a, b = span.outer(), limit.outer()
    return a.file is not b.file or a.start < b.start
