"""The entry: a configuration file to its syntax tree."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from kcc.diagnostics.model import Diagnostic
from kcc.diagnostics.reporter import Reporter
from kcc.grammar.build import Builder
from kcc.grammar.engine import MAX_STACK, Engine, Problem
from kcc.grammar.lexer import Lexer
from kcc.grammar.tables import load
from kcc.grammar.tokens import Token
from kcc.preprocess import include
from kcc.preprocess.directives import Preprocessor
from kcc.source.span import Span
from kcc.source.text import SourceFile
from kcc.source.version import TARGET
from kcc.syntax import ast
from runtime.declare.record import Record, replaced

MAX_UNCLOSED: Final = 8
"""Strings without an end that are told apart in one text."""
_RECURSION: Final = 16 * MAX_STACK
_MILD: Final = frozenset({"K0111", "K0112"})
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
    substs: Sequence[tuple[str, str]] = (),
) -> Reading:
    """``parse_file`` with everything that was found out on the way. Where the text is given as
    ``data``, ``path`` is only its name; ``substs`` are (directive, rule) of the command line."""
    try:
        data = include.read(path) if data is None else data
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        reporter.report("K0001", f"cannot read the file: {reason}", path=path)
        source = SourceFile(path, "")
        empty = ast.File(Span(source, 0, 0), ())
        return Reading(empty, (), Preprocessor(reporter, {}, target))
    source = SourceFile.from_bytes(path, data)
    return parse_source(source, defines, reporter, environ, target, substs)


def parse_source(
    source: SourceFile,
    defines: Mapping[str, str | None],
    reporter: Reporter,
    environ: Mapping[bytes, bytes] | None = None,
    target: str = TARGET,
    substs: Sequence[tuple[str, str]] = (),
) -> Reading:
    """Parse a text that is at hand."""
    # the tree may be deeper than Python's usual limit; frames of Python code take no C stack
    sys.setrecursionlimit(max(sys.getrecursionlimit(), _RECURSION))
    known = os.environb if environ is None else environ

    def attempt(unclosed: frozenset[tuple[str, int]], balance: bool = False) -> _Attempt:
        return _Attempt(source, defines, known, target, unclosed, balance, substs)

    best = attempt(frozenset())
    if best.problems or best.unclosed is not None:
        best = _closing_strings(best, attempt)
        if best.unclosed is None and best.unbalanced:
            other = attempt(best.closed, True)
            best = other if other.left_over < best.left_over else best
    best.report_to(reporter)
    if not best.tokens[:-1] and not reporter.error_count:
        reporter.report("K0101", "the file has no statement", Span(source, 0, 0))
    span = Span(source, 0, len(source.text))
    kept = tuple(item for item in best.items if item is not None)
    return Reading(ast.File(span, kept), tuple(best.tokens), best.preprocessor)


class _Attempt:
    """One reading of a text; ``unclosed`` are the strings taken to end with their line, and with
    ``balance`` braces are added where the indentation tells that they are missing."""

    def __init__(
        self,
        source: SourceFile,
        defines: Mapping[str, str | None],
        environ: Mapping[bytes, bytes],
        target: str,
        unclosed: frozenset[tuple[str, int]],
        balance: bool,
        substs: Sequence[tuple[str, str]],
    ) -> None:
        self._directives: Final = Reporter()
        self._lexing: Final = Reporter()
        self._building: Final = Reporter()
        self.closed: Final = unclosed
        self.preprocessor: Final = Preprocessor(self._directives, environ, target)
        self.preprocessor.sources.append(source)
        for name, value in defines.items():
            self.preprocessor.predefine(name, value)
        for kind, rule in substs:
            self.preprocessor.presubstitute(kind, rule)
        lexer = Lexer(source, self.preprocessor, self._lexing, unclosed)
        self.tokens: Final = lexer.tokens()
        self.unclosed: Final = _unclosed(self._lexing.diagnostics, self.tokens, unclosed)
        engine = Engine(load(), Builder(self._building, target).actions(), ast.Missing, target)
        problems: list[Problem] = []
        tokens = self.tokens
        if balance:
            from kcc.grammar.balance import rebalanced

            tokens, problems = rebalanced(tokens)
        self.items: Final[list[Any]] = engine.parse(tokens)
        self.left_over: Final = len(engine.problems)
        problems += engine.problems
        if self.preprocessor.skipping and len(self.tokens) > 1:
            problems = [p for p in problems if not _at_end(p, self.tokens[-2].span)]
        self.problems: Final = problems

    @property
    def badness(self) -> int:
        """How many mistakes this reading sees; what is on the line of one is part of it, and a
        string that holds code hides more than one."""
        lines = {_line(d) for d in self._lexing.diagnostics if d.severity == "error"}
        others = {_line(p) for p in self.problems}
        hiding = sum(_swallows(token) for token in self.tokens)
        return len(lines | others) + (self.unclosed is not None) + 3 * hiding

    @property
    def unbalanced(self) -> bool:
        """Whether braces do not pair up."""
        kinds = [token.kind for token in self.tokens]
        return kinds.count("LBRACE") != kinds.count("RBRACE") or any(
            problem.code == "K0116" for problem in self.problems
        )

    def report_to(self, reporter: Reporter) -> None:
        """Pass on what was found."""
        for diagnostic in self._directives.diagnostics:
            reporter.add(diagnostic)
        for diagnostic in self._lexing.diagnostics:
            at = diagnostic.span
            if diagnostic.code in _UNCLOSED and at is not None and _key(at) in self.closed:
                reporter.add(diagnostic)
            elif diagnostic.code in _UNCLOSED and self.unclosed is not None:
                reporter.add(replaced(diagnostic, span=self.unclosed))
            elif diagnostic.code != "K0012" or _is_before(diagnostic, self.unclosed):
                reporter.add(diagnostic)
        follow_up = {_line(d) for d in self._lexing.diagnostics if d.code in ("K0104", *_UNCLOSED)}
        _report_parsing(
            self._building, self.problems, self.unclosed, follow_up, self.preprocessor, reporter
        )


def _closing_strings(
    first: _Attempt, attempt: Callable[[frozenset[tuple[str, int]]], _Attempt]
) -> _Attempt:
    """Where a quote is missing, all strings after it are turned inside out. So try and end the
    first string that holds what looks like code with its line, and the next; take the reading
    that sees the fewest mistakes."""
    best = last = first
    for _ in range(MAX_UNCLOSED):
        suspect = next(
            (t.span for t in last.tokens if _swallows(t) and _key(t.span) not in last.closed), None
        )
        if suspect is None:
            suspect = last.unclosed
        if suspect is None or suspect.expansion is not None or _key(suspect) in last.closed:
            break
        last = attempt(last.closed | {_key(suspect)})
        if last.badness < best.badness:
            best = last
    return best


def _key(span: Span) -> tuple[str, int]:
    return span.path, span.start


def _unclosed(
    found: tuple[Diagnostic, ...], tokens: list[Token], closed: frozenset[tuple[str, int]]
) -> Span | None:
    """Where text began to be swallowed by a string or comment, if it was.

    A quote too few or too many shows at the end of the file only, with all strings between
    turned inside out: the place to show is the first string that looks like swallowed code.
    """
    for diagnostic in found:
        span = diagnostic.span
        if diagnostic.code not in _UNCLOSED or span is None or _key(span) in closed:
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
    kept = [d for d in building.diagnostics if d.code not in _MILD or _line(d) not in wrong]
    kept += _first_of_lines([d for d in syntax.diagnostics if _line(d) not in words])
    for diagnostic in sorted(kept, key=lambda d: place(d.span)):
        if unclosed is not None and diagnostic.code == "K0116":
            continue
        if _is_before(diagnostic, unclosed):
            reporter.add(diagnostic)


def _first_of_lines(found: list[Diagnostic]) -> list[Diagnostic]:
    """One syntax error a line: a second one is mostly what the first left behind."""
    kept: dict[tuple[int, int], Diagnostic] = {}
    for diagnostic in found:
        kept.setdefault(_line(diagnostic), diagnostic)
    return list(kept.values())


def _at_end(problem: Problem, last: Span) -> bool:
    """Whether it follows from the end of the text, which an open ``#!ifdef`` has swallowed."""
    return problem.code == "K0116" or problem.span.outer().end >= last.outer().end


def _line(diagnostic: Diagnostic | Problem) -> tuple[int, int]:
    span = diagnostic.span.outer() if diagnostic.span is not None else None
    return (id(span.file), span.line) if span is not None else (0, 0)


def _is_before(diagnostic: Diagnostic, limit: Span | None) -> bool:
    return limit is None or diagnostic.span is None or _before(diagnostic.span, limit)


def _swallows(token: Token) -> bool:
    """Whether a string holds a newline and, before that, what ends a statement, or goes right
    over to a word: then its quotes are those of others."""
    if token.kind != "STRING" or "\n" not in token.value:
        return False
    written = token.span.text  # the newline of an escape is none
    if "\n" not in written:
        return False
    line = written.partition("\n")[0].rstrip()
    if line.endswith((";", "{", ")", ",")):
        return True
    following = token.span.file.text[token.span.end : token.span.end + 1]
    return following.isalnum() or (following != "" and following in "_/.$@%-<\\:#")


def _before(span: Span, limit: Span) -> bool:
    """Whether ``span`` is read before ``limit``, as far as one file can tell."""
    a, b = span.outer(), limit.outer()
    return a.file is not b.file or a.start < b.start
