"""The entry: a configuration file to its syntax tree."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kcc.diagnostics.reporter import Reporter
from kcc.grammar.build import Builder
from kcc.grammar.engine import MAX_STACK, Engine
from kcc.grammar.lexer import Lexer, Token
from kcc.grammar.tables import load
from kcc.preprocess import include
from kcc.preprocess.directives import Preprocessor
from kcc.source.span import Span
from kcc.source.text import SourceFile
from kcc.syntax import ast

_RECURSION: Final = 16 * MAX_STACK
_UNCLOSED: Final = frozenset({"K0102", "K0103"})


@dataclass(frozen=True, slots=True)
class Reading:
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
) -> Reading:
    """``parse_file`` with everything that was found out on the way."""
    try:
        data = include.read(path)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        reporter.report("K0001", f"cannot read the file: {reason}", path=path)
        source = SourceFile(path, "")
        empty = ast.File(Span(source, 0, 0), ())
        return Reading(empty, (), Preprocessor(reporter, {}))
    return parse_source(SourceFile.from_bytes(path, data), defines, reporter, environ)


def parse_source(
    source: SourceFile,
    defines: Mapping[str, str | None],
    reporter: Reporter,
    environ: Mapping[bytes, bytes] | None = None,
) -> Reading:
    """Parse a text that is at hand."""
    # the tree may be deeper than Python's usual limit; frames of Python code take no C stack
    sys.setrecursionlimit(max(sys.getrecursionlimit(), _RECURSION))
    preprocessor = Preprocessor(reporter, os.environb if environ is None else environ)
    preprocessor.sources.append(source)
    for name, value in defines.items():
        preprocessor.predefine(name, value)
    lexing = Reporter()
    tokens = Lexer(source, preprocessor, lexing).tokens()
    unclosed = _report_lexing(lexing, tokens, reporter)
    engine = Engine(load(), Builder(reporter).actions(), ast.Missing)
    items = engine.parse(tokens)
    for problem in engine.problems:
        if unclosed is not None and not _before(problem.span, unclosed):
            continue
        reporter.report(problem.code, problem.message, problem.span, help=problem.help)
    if not tokens[:-1] and not reporter.error_count:
        reporter.report("K0101", "the file has no statement", Span(source, 0, 0))
    span = Span(source, 0, len(source.text))
    kept = tuple(item for item in items if item is not None)
    return Reading(ast.File(span, kept), tuple(tokens), preprocessor)


def _report_lexing(lexing: Reporter, tokens: list[Token], reporter: Reporter) -> Span | None:
    """Pass on what the lexer found; returns where text began to be swallowed, if it was.

    A quote too few or too many shows at the end of the file only, with all strings between
    turned inside out: the place to show is the first string that looks like swallowed code.
    """
    unclosed: Span | None = None
    for found in lexing.diagnostics:
        span = found.span
        if found.code == "K0102" and span is not None:
            suspect = next((t.span for t in tokens if _swallows(t)), None)
            if suspect is not None and _before(suspect, span):
                span = Span(suspect.file, suspect.start, suspect.start + 1, suspect.expansion)
        if found.code in _UNCLOSED and span is not None and unclosed is None:
            unclosed = span
        reporter.report(
            found.code, found.message, span, help=found.help, notes=found.notes, path=found.path
        )
    return unclosed


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
