"""Places in source text, kept through macro expansion and file inclusion."""

from __future__ import annotations

from typing import NamedTuple

from kcc.source.text import SourceFile
from runtime.declare.record import Record


class Span(NamedTuple):
    """Octets ``start`` to ``end`` of ``file``: where something is written.

    For text that came out of a macro this is its place in the definition, and ``expansion``
    says where the macro was used.
    """

    file: SourceFile
    start: int
    end: int
    expansion: Expansion | None = None

    @property
    def path(self) -> str:
        """Path of the file."""
        return self.file.path

    @property
    def line(self) -> int:
        """First line, from 1."""
        return self.file.lines.line(self.start)

    @property
    def column(self) -> int:
        """First column in characters, from 1."""
        return self.file.lines.column(self.start)

    @property
    def end_line(self) -> int:
        """Line on which the last octet stands."""
        return self.file.lines.line(max(self.start, self.end - 1))

    @property
    def end_column(self) -> int:
        """Column just after the last octet."""
        if self.end <= self.start:
            return self.column
        return self.file.lines.column(self.end - 1) + 1

    @property
    def text(self) -> str:
        """The octets as latin-1 text."""
        return self.file.text[self.start : self.end]

    def outer(self) -> Span:
        """Where a reader finds it outside of all macros: the outermost use."""
        span = self
        while span.expansion is not None:
            span = span.expansion.used_at
        return span

    def __repr__(self) -> str:
        return f"<{self.path}:{self.line}:{self.column}>"


class Expansion(Record):
    """The use of macro ``macro`` at ``used_at``, which may itself lie in an expansion."""

    macro: str
    used_at: Span


def join(first: Span, last: Span) -> Span:
    """The span from the start of ``first`` to the end of ``last``.

    Pieces of different expansions are joined where both are visible: at the macro's use.
    Pieces of different files give ``first``.
    """
    if first.file is last.file and first.expansion is last.expansion:
        return Span(first.file, first.start, max(first.end, last.end), first.expansion)
    a, b = first.outer(), last.outer()
    if a.file is b.file and b.end >= a.start:
        return Span(a.file, a.start, max(a.end, b.end))
    return first


def trail(span: Span) -> tuple[tuple[str, Span], ...]:
    """How the reader got to ``span``: (what, where) for every macro use, then every include."""
    steps: list[tuple[str, Span]] = []
    while span.expansion is not None:
        steps.append(
            (f"in the expansion of macro `{span.expansion.macro}`", span.expansion.used_at)
        )
        span = span.expansion.used_at
    include = span.file.included_from
    while include is not None:
        steps.append(("included from here", include))
        include = include.outer().file.included_from
    return tuple(steps)
