"""Lines that look like directives and are comments to Kamailio."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from kcc.diagnostics.model import Note
from kcc.diagnostics.reporter import Reporter
from kcc.preprocess.misspelt import distance
from kcc.source.span import Span
from kcc.source.text import SourceFile

COMPAT: Final = ("KAMAILIO", "OPENSER", "SER", "MAXCOMPAT", "ALL")
_DEFINES: Final = ("define", "def", "trydefine", "trydef", "redefine", "redef")
_KNOWN: Final = (
    *_DEFINES,
    *(
        "ifdef",
        "ifndef",
        "ifexp",
        "defexp",
        "defexps",
        "else",
        "endif",
        "defenv",
        "defenvs",
        "trydefenv",
        "trydefenvs",
    ),
    *("subst", "substdef", "substdefs", "include_file", "import_file"),
    *COMPAT,
)
_OTHER_LANGUAGES: Final = {
    "elif": "else",
    "elseif": "else",
    "elsif": "else",
    "fi": "endif",
    "if": "ifdef",
}

_LIVE: Final = re.compile(r"(?:#!|!!)[ \t]*(?P<word>[A-Za-z_]+)")
_DEAD: Final = re.compile(
    r"^[ \t]*(?P<all>(?:#!|!!)[ \t]*(?P<word>el[a-z]*|es[a-z]*|en[a-z]*))(?P<rest>[^\n]*)",
    re.MULTILINE,
)
_BLANK: Final = re.compile(r"[ \t\b\r]*")
_COMMENT: Final = re.compile(
    r"""^[ \t]*(?P<all>
      (?:\#[ \t]+!|//[ \t]*!)[ \t]*
        (?P<word>ifn?def|(?:try|re)?def(?:ine)?)[ \t]+[A-Za-z_]\w*
    | \#(?P<other>ifn?def)[ \t]+[A-Za-z_]\w*(?=[ \t\r]*$)
    | \#def(?:ine)?[ \t]+(?P<name>[A-Za-z_]\w*)
    )""",
    re.VERBOSE | re.MULTILINE,
)
_HELP: Final = {
    "else": "nothing but blanks may follow `#!else` on its line, and a newline must",
    "endif": "nothing but blanks may follow `#!endif` on its line, and a newline must",
    "KAMAILIO": "it must be all of the line, without a carriage return",
}


class Lookalikes:
    """Collects them while the text is read; ``finish`` reports them."""

    def __init__(self, reporter: Reporter, target: str, later: Mapping[str, str]) -> None:
        self._reporter: Final = reporter
        self._target: Final = target
        self._later: Final = later
        self._starts: Final[list[Span]] = []
        self._ends: Final[list[Span]] = []
        self._dead: Final[list[Span]] = []

    def at(self, file: SourceFile, pos: int) -> None:
        """Live text at ``#!`` or ``!!`` that is no directive."""
        match = _LIVE.match(file.text, pos)
        if match is None or file.text.startswith("!!", pos):
            return
        span = Span(file, pos, match.end())
        word = match["word"]
        near = _nearest(word)
        if word in self._later:
            since = self._later[word]
            text = f"`#!{word}` is known since Kamailio {since}, a comment in {self._target}"
            self._report(span, text)
        elif near in ("ifdef", "ifndef"):
            self._starts.append(span)
        elif near == "endif":
            self._ends.append(span)
        elif word in _KNOWN:
            self._report(
                span, f"this `#!{word}` is a comment: it has a wrong form", _HELP.get(word)
            )
        elif word[0].islower() or near is not None:
            help = f"did you mean `#!{near}`?" if near is not None else None
            self._report(span, f"`#!{word}` is no directive but a comment", help)

    def dead(self, span: Span) -> None:
        """A piece of dead text: only ``#!else`` and ``#!endif`` could do something in it."""
        self._dead.append(span)
        text = span.file.text
        for match in _DEAD.finditer(text, span.start, span.end):
            word, start = match["word"], match.start("all")
            place = Span(span.file, start, match.end("all"))
            near = _nearest(word)
            if near not in ("else", "endif"):
                continue
            if near == word and text.startswith(f"!{word}", start + 1):
                if _BLANK.fullmatch(match["rest"]) is not None and match.end() < len(text):
                    continue
                place = Span(span.file, start, match.end())
            if near == "endif":
                self._ends.append(place)
            else:
                help = _HELP["else"] if near == word else "write `#!else` or a condition of its own"
                self._report(place, f"this `{_shown(place)}` is a comment: nothing changes", help)

    def unopened(self) -> tuple[Note, ...]:
        """Where somebody thought to have opened a condition; ``finish`` is silent about these."""
        return _taken(self._starts)

    def unclosed(self) -> tuple[Note, ...]:
        """Where somebody thought to have closed one."""
        return _taken(self._ends)

    def finish(self, sources: Sequence[SourceFile], undefined: Collection[str]) -> None:
        """Report the rest, and comments such as ``#ifdef X`` or ``# !define X``; ``#define X`` only
        where a condition on X is ``undefined``: it may be switched off on purpose."""
        for span in self._starts:
            self._report(span, f"this `{_shown(span)}` is a comment", "write `#!ifdef NAME`")
        for span in self._ends:
            self._report(span, f"this `{_shown(span)}` is a comment", _HELP["endif"])
        for source in sources:
            self._comments(source, undefined)

    def _comments(self, source: SourceFile, undefined: Collection[str]) -> None:
        text = source.text
        dead = [span for span in self._dead if span.file is source]
        starts = [span.start for span in dead]
        before, in_block = 0, False
        for match in _COMMENT.finditer(text):
            opened, closed = (text.rfind(mark, before, match.end()) for mark in ("/*", "*/"))
            in_block, before = opened > closed or (in_block and opened == closed), match.end()
            span = Span(source, match.start("all"), match.end("all"))
            at = bisect_right(starts, span.start) - 1
            if in_block or (at >= 0 and span.start < dead[at].end):
                continue
            if match["name"] is None or match["name"] in undefined:
                word = match["word"] or match["other"] or "define"
                help = f"a directive begins with `#!`: `#!{word}`"
                self._report(span, f"this `{_shown(span)}` is a comment", help)

    def _report(self, span: Span, message: str, help: str | None = None) -> None:
        self._reporter.report("K0011", message, span, help=help)


def _taken(spans: list[Span]) -> tuple[Note, ...]:
    found = tuple(Note(f"this `{_shown(span)}` is a comment", span) for span in spans)
    spans.clear()
    return found


def _shown(span: Span) -> str:
    return " ".join(span.text.split())


def _nearest(word: str) -> str | None:
    """The directive that ``word`` was meant to be."""
    if word in _KNOWN:
        return word
    if word.lower() in _KNOWN or word.upper() in COMPAT:
        return word.lower() if word.lower() in _KNOWN else word.upper()
    if word in _OTHER_LANGUAGES:
        return _OTHER_LANGUAGES[word]
    allowed = 1 if len(word) < 5 else 2
    alike = [known for known in _KNOWN if len(known) > 3 and known[0] == word[0]]
    best = min(((distance(word, known), known) for known in alike), default=(allowed + 1, ""))
    return best[1] if best[0] <= allowed else None
