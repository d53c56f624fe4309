"""What each directive does: the state of preprocessing over all files of one configuration."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import cache
from typing import Final, NamedTuple

from kcc.diagnostics.model import Note
from kcc.diagnostics.reporter import Reporter
from kcc.preprocess import include
from kcc.preprocess.conditions import MAX_DEPTH, Conditions
from kcc.preprocess.expression import ExpressionError, Value, as_text, evaluate, is_true
from kcc.preprocess.lookalike import Lookalikes
from kcc.preprocess.macros import DefineMode, Macro, MacroTable
from kcc.preprocess.misspelt import report_misspelt
from kcc.preprocess.printed import Cuts
from kcc.preprocess.substitution import Rule, SubstitutionError, parse_rule, split_rule
from kcc.source.span import Span
from kcc.source.text import SourceFile, display
from kcc.source.version import TARGET, version_of
from runtime.declare.pvspec import PvSpec, PvSyntaxError, parse_format
from runtime.declare.record import Record

_START: Final = r"""(?:\#!|!!)(?:
      (?P<define>{define})[ \t\b\r]+
    | (?P<ifdef>{ifdef})[ \t\b\r]+
    | (?P<flip>else|endif)[ \t\b\r]*\n
    | (?P<env>{env})
    | (?P<subst>substdefs|substdef|subst)
    | (?P<include>include_file|import_file)
    )
    | (?:\#|//)!(?P<compat>SER|KAMAILIO|OPENSER|MAXCOMPAT|ALL)\n"""
_DEAD: Final = r"(?:#!|!!)(?:(?P<ifdef>{ifdef})[ \t\b\r]+|(?P<flip>else|endif)[ \t\b\r]*\n)"
_NAME: Final = re.compile(r"[^A-Za-z_]*+(?P<name>[A-Za-z_][A-Za-z0-9_]*+)(?P<minus>-?)")
_VALUE: Final = re.compile(r"[ \t\b\r]*+(?P<value>[^\n](?:\\\n|[^\n])*+)?(?:\n|\Z)")
_LINE: Final = re.compile(r"[^\n]*\n?")
_WORD: Final = re.compile(r"[ \t\r\n]*+(?P<word>[^ \t\r\n]+)")
_COMMENT: Final = re.compile(r"""(?:[^"'#/]|"[^"]*"|'[^']*'|/(?![/*]))*+(?P<comment>\#|//|/\*)""")

_MODES: Final[Mapping[str, DefineMode]] = {
    "define": "define",
    "def": "define",
    "trydefine": "trydef",
    "trydef": "trydef",
    "redefine": "redef",
    "redef": "redef",
}
_SINCE: Final = {
    "ifexp": "5.7", "defexp": "5.7", "defexps": "5.7", "defenv": "5.5", "defenvs": "5.6",
    "trydefenv": "5.6", "trydefenvs": "5.6",
}  # fmt: skip


@cache
def _directives(target: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What begins a directive in live and in dead text, in that version of Kamailio."""
    version = version_of(target)
    later = [word for word, since in _SINCE.items() if version >= version_of(since)]
    words = {
        "define": "|".join([*_MODES, *(word for word in ("defexps", "defexp") if word in later)]),
        "ifdef": "ifn?def|ifexp" if "ifexp" in later else "ifn?def",
        "env": "|".join(sorted((w for w in later if "env" in w), reverse=True)) or "(?!)",
    }
    start, dead = _START, _DEAD
    for name, alternatives in words.items():
        start = start.replace(f"{{{name}}}", alternatives)
        dead = dead.replace(f"{{{name}}}", alternatives)
    return re.compile(start, re.VERBOSE), re.compile(dead)


def _later(target: str) -> dict[str, str]:
    """The directives that came after that version, with the one that has them first."""
    version = version_of(target)
    return {word: since for word, since in _SINCE.items() if version < version_of(since)}


class Step(NamedTuple):
    """Where to go on after a directive, and what the lexer has to do then."""

    pos: int
    include: SourceFile | None = None
    subst: str | None = None
    compat: str | None = None


class Test(Record):
    """One ``#!ifdef`` or ``#!ifndef`` in live text: what it asked for."""

    name: str
    defined: bool
    span: Span


class Preprocessor:
    """Macros, conditions, substitutions and files of one configuration.

    ``environ`` is where ``#!defenv`` looks; what it read stands in ``environment``.
    """

    def __init__(
        self, reporter: Reporter, environ: Mapping[bytes, bytes], target: str = TARGET
    ) -> None:
        self.target: Final = target
        self._start, self._dead = _directives(target)
        self.macros: Final = MacroTable(target)
        self.environment: Final[dict[str, str | None]] = {}
        self.sources: Final[list[SourceFile]] = []
        self.tests: Final[list[Test]] = []
        self.cuts: Final = Cuts()
        self._reporter: Final = reporter
        self._environ: Final = environ
        self._conditions: Final = Conditions()
        self._lookalikes: Final = Lookalikes(reporter, target, _later(target))
        self._rules: Final[list[Rule]] = []

    @property
    def skipping(self) -> bool:
        """Whether the text that follows is in a false #!ifdef."""
        return self._conditions.skipping

    # --- command line --------------------------------------------------------------------------

    def predefine(self, name: str, value: str | None) -> None:
        """A macro from the command line (``-A name=value``); a repeated one is an error."""
        text = os.fsencode(value).decode("latin-1") if value is not None else ""
        self._add(Macro(name, text, None, False), "define", None)

    def presubstitute(self, kind: str, rule: str) -> None:
        """``--subst``, ``--substdef`` or ``--substdefs`` of the command line."""
        text = os.fsencode(rule).decode("latin-1")
        self.substitute(kind, text, Span(SourceFile(f"--{kind}", text), 0, len(text)))

    # --- directives ----------------------------------------------------------------------------

    def directive(self, file: SourceFile, pos: int) -> Step | None:
        """Carry out the directive at ``pos`` of live text; None where there is none."""
        match = self._start.match(file.text, pos)
        if match is None:
            self._lookalikes.at(file, pos)
            return None
        span = Span(file, pos, match.end())
        end = match.end()
        kind = match.lastgroup
        word = match[kind] if kind is not None else ""
        if kind == "define":
            return Step(self._define(file, end, word, span))
        if kind == "ifdef":
            after = self._ifdef(file, end, word, span)
            self.cuts.note(file, pos, after)
            return Step(after)
        if kind == "flip":
            self._flip(word, span)
            self.cuts.note(file, pos, end)
            return Step(end)
        if kind == "env":
            return Step(self._defenv(file, end, word, span))
        if kind == "subst":
            return Step(end, subst=word)
        if kind == "include":
            return self.include(file, end, word == "import_file", span)
        return Step(end, compat=word)

    def skip(self, file: SourceFile, pos: int) -> int:
        """Go through dead text; returns where it gets live again or the end of the file."""
        start = pos
        while self._conditions.skipping:
            match = self._dead.search(file.text, pos)
            if match is None:
                pos = len(file.text)
                break
            span = Span(file, match.start(), match.end())
            if match["flip"] is not None:
                self._flip(match["flip"], span)
                pos = match.end()
            else:
                pos = self._ifdef(file, match.end(), match["ifdef"], span, dead=True)
        self._lookalikes.dead(Span(file, start, pos))
        self.cuts.note(file, start, pos)
        return pos

    def _flip(self, word: str, span: Span) -> None:
        if word == "endif":
            self._conditions.endif(span)
        elif not self._conditions.orelse():
            self._reporter.report(
                "K0006", "`#!else` without an `#!ifdef` before it", span, severity="warning"
            )

    def _unfinished(self, code: str, message: str, span: Span) -> None:
        """The file ends within a directive, which Kamailio does not notice."""
        self._reporter.report(code, message, span, severity="warning")

    def _name(self, file: SourceFile, pos: int, span: Span) -> tuple[str, int]:
        """The macro name after ``pos`` and the offset after it; an empty name is reported."""
        match = _NAME.match(file.text, pos)
        if match is None:
            self._unfinished("K0005", "the directive has no name", span)
            return "", len(file.text)
        end = match.end("name")
        if match["minus"]:
            self._reporter.report(
                "K0005",
                f"`-` in the name of a macro, after `{match['name']}`",
                Span(file, match.start("name"), match.end()),
                help="names are made of letters, digits and `_`",
            )
        return match["name"], end

    def _ifdef(
        self, file: SourceFile, pos: int, word: str, span: Span, *, dead: bool = False
    ) -> int:
        if word == "ifexp":
            return self._ifexp(file, pos, span)
        name, end = self._name(file, pos, span)
        defined = self.macros.get(name) is not None
        where = Span(file, span.start, end)
        if not dead and name:
            self.tests.append(Test(name, defined, where))
        self._open(defined == (word == "ifdef"), where)
        line = _LINE.match(file.text, end)
        return line.end() if line is not None else end

    def _open(self, live: bool, where: Span) -> None:
        if not self._conditions.ifdef(live, where):
            self._reporter.report("K0010", f"more than {MAX_DEPTH} conditions are open", where)

    def _ifexp(self, file: SourceFile, pos: int, span: Span) -> int:
        """An expression that cannot be evaluated is false."""
        line = _LINE.match(file.text, pos)
        end = line.end() if line is not None else pos
        text = file.text[pos:end].rstrip()
        where = Span(file, span.start, pos + len(text))
        value = self._expression(text, Span(file, pos, pos + len(text)), "the condition is false")
        self._open(value is not None and is_true(value), where)
        return end

    def _expression(self, text: str, span: Span, outcome: str) -> Value | None:
        try:
            return evaluate(text.strip(), self._value_of)
        except ExpressionError as error:
            self._reporter.report("K0014", f"{error}: {outcome}", span)
            return None

    def _value_of(self, name: str) -> Value:
        """A macro in an expression; the quotes around its value do not count."""
        macro = self.macros.get(name)
        if macro is None:
            return 0.0
        value = macro.value
        if not value:
            return 1.0
        if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
            return value[1:-1]
        return value

    def _define(self, file: SourceFile, pos: int, word: str, span: Span) -> int:
        name, at = self._name(file, pos, span)
        match = _VALUE.match(file.text, at)
        if match is None or not name:
            line = _LINE.match(file.text, at)
            return line.end() if line is not None else at
        raw = match["value"] or ""
        first, rest = raw[:1], raw[1:]
        value = first + rest.replace("\\\n", "")
        start = match.start("value") if raw else at
        where = Span(file, start, start + len(raw))
        whole = Span(file, span.start, max(at, where.end))
        if word.startswith("defexp") and raw:
            found = self._expression(value, where, f"`{name}` gets no value")
            value = as_text(found) if found is not None else ""
            if word == "defexps" and found is not None:
                value = f'"{value}"'
            self._add(Macro(name, value, where, False), "define", whole)
            return match.end()
        self._add(Macro(name, value, where, value == raw), _MODES.get(word, "define"), whole)
        comment = _COMMENT.match(value)
        if comment is not None:
            at_comment = start + comment.start("comment")
            self._reporter.report(
                "K0013",
                f"the comment is part of the value of `{name}`",
                Span(file, at_comment, where.end) if value == raw else where,
                help="put it on a line of its own: it eats the rest of every line using the macro",
            )
        return match.end()

    def _add(self, macro: Macro, mode: DefineMode, span: Span | None) -> bool:
        if self.macros.full and self.macros.get(macro.name) is None:
            self._reporter.report(
                "K0010", f"more than {self.macros.limit} macros are defined", span, path="-A"
            )
            return False
        present = self.macros.define(macro, mode)
        if present is None:
            return True
        notes = (Note("first defined here", present.span),) if present.span is not None else ()
        self._reporter.report(
            "K0004",
            f"`{macro.name}` is already defined",
            span,
            notes=notes,
            path="-A",
            help="use #!redefine to replace it or #!trydef to keep the first",
        )
        return False

    def _defenv(self, file: SourceFile, pos: int, word: str, span: Span) -> int:
        match = _WORD.match(file.text, pos)
        if match is None:
            self._unfinished("K0005", f"`{word}` has no name", span)
            return len(file.text)
        where = Span(file, match.start("word"), match.end())
        name, equals, variable = match["word"].partition("=")
        if (equals and not variable) or not name:
            self._reporter.report("K0005", f"bad `{word}`; write NAME or NAME=VARIABLE", where)
            return match.end()
        value = self._getenv(variable or name)
        if value is None:
            if not word.startswith("try"):
                self._reporter.report(
                    "K0008",
                    f"the environment variable `{display(variable or name)}` is not set",
                    where,
                    help="use #!trydefenv where it may be missing",
                )
            return match.end()
        if word.endswith("s"):
            value = f'"{value}"'
        self._add(Macro(name, value, where, False), "define", where)
        return match.end()

    def _getenv(self, name: str) -> str | None:
        value = self._environ.get(name.encode("latin-1"))
        text = value.decode("latin-1") if value is not None else None
        self.environment[name] = text
        return text

    # --- include files -------------------------------------------------------------------------

    def include(self, file: SourceFile, pos: int, importing: bool, span: Span) -> Step:
        """``include_file "x"`` or ``import_file "x"`` whose word ends at ``pos``."""
        match = _WORD.match(file.text, pos)
        if match is None:
            self._unfinished("K0002", "the name of the file is missing", span)
            return Step(len(file.text))
        where = Span(file, span.start, match.end())
        try:
            name = include.parse_name(self.substituted(match["word"]))
        except include.IncludeError as error:
            self._reporter.report("K0002", str(error), Span(file, match.start("word"), match.end()))
            return Step(match.end())
        path = include.find(name, file.path)
        self.cuts.note(file, where.start, match.end())
        if path is None:
            if not importing:
                tried = ", ".join(include.candidates(name, file.path))
                self._reporter.report("K0001", f"cannot open `{name}`; tried {tried}", where)
            return Step(match.end())
        depth = 0
        outer: Span | None = where
        while outer is not None:
            depth += 1
            outer = outer.file.included_from
        if depth > include.MAX_DEPTH:
            self._reporter.report(
                "K0003", f"more than {include.MAX_DEPTH} files include each other", where
            )
            return Step(match.end())
        try:
            source = SourceFile.from_bytes(path, include.read(path), where)
        except OSError as error:
            self._reporter.report(
                "K0001", f"cannot read `{path}`: {error.strerror or error}", where
            )
            return Step(match.end())
        self.sources.append(source)
        self.cuts.note(file, where.start, match.end(), source)
        return Step(match.end(), include=source)

    # --- substitutions -------------------------------------------------------------------------

    def substitute(self, kind: str, text: str, span: Span) -> None:
        """``#!subst`` and its kin with the rule ``text``."""
        try:
            rule = parse_rule(text, self._evaluate)
        except SubstitutionError as error:
            self._reporter.report("K0009", str(error), span)
            return
        self._rules.append(rule)
        if kind == "subst":
            return
        name, value, _ = split_rule(text)
        if not name:
            self._reporter.report("K0009", "the name of the macro is empty", span)
            return
        if "$" in value:
            try:
                value = self._evaluate_all(value)
            except (SubstitutionError, PvSyntaxError) as error:
                self._reporter.report("K0009", str(error), span)
                return
        if kind == "substdefs":
            value = f'"{value}"'
        self._add(Macro(name, value, span, False), "define", span)

    def _evaluate_all(self, value: str) -> str:
        return "".join(
            (self._evaluate(part) if isinstance(part, PvSpec) else part).decode("latin-1")
            for part in parse_format(value)
        )

    def _evaluate(self, spec: PvSpec) -> bytes:
        """Variables that have a value before anything runs."""
        if spec.index is None and not spec.transforms and isinstance(spec.inner, str):
            if spec.name == "env":
                return (self._getenv(spec.inner) or "").encode("latin-1")
            if spec.name in ("def", "defn"):
                macro = self.macros.get(spec.inner)
                return macro.value.encode("latin-1") if macro is not None else b""
        raise SubstitutionError(
            f"`${spec.name}` has no value at compile time; $env(NAME) and $def(NAME) have"
        )

    def substituted(self, text: str) -> str:
        """The text of a string or variable token with all rules applied."""
        if not self._rules or not text:
            return text
        octets = text.encode("latin-1")
        for rule in self._rules:
            octets = rule.apply(octets)
        return octets.decode("latin-1")

    # --- the end -------------------------------------------------------------------------------

    def finish(self) -> None:
        """Report conditions that do not pair up, of which Kamailio only compares the numbers, and
        those that test a name which is probably misspelt."""
        report_misspelt(self.tests, self.macros.macros, self.sources, self._reporter)
        unclosed, surplus = self._conditions.unclosed, self._conditions.surplus
        severity = "warning" if len(unclosed) == len(surplus) else "error"
        for span in unclosed:
            notes = self._lookalikes.unclosed()
            self._reporter.report(
                "K0006",
                "this condition is never closed",
                span,
                severity="warning" if severity == "warning" else "error",
                notes=notes,
                help=None if notes else "add `#!endif`, followed by a newline",
            )
        for span in surplus:
            message, notes = "`#!endif` without an `#!ifdef` before it", self._lookalikes.unopened()
            if notes:
                message = f"{notes[0].message}, so that an `#!endif` is too many"
                span, notes = notes[0].span, (Note("this one closes nothing", span),)
            self._reporter.report(
                "K0006",
                message,
                span,
                severity="warning" if severity == "warning" else "error",
                notes=notes,
            )
        undefined = {test.name for test in self.tests if self.macros.get(test.name) is None}
        self._lookalikes.finish(self.sources, undefined)
