"""The stack of #!ifdef (``pp_ifdef`` in Kamailio's cfg.lex), whose counting is peculiar:
``#!else`` flips the innermost condition as often as it stands there, and an ``#!endif`` too
many is only noticed where the totals differ at the very end."""

from __future__ import annotations

from typing import Final

from kcc.source.span import Span
from runtime.declare.record import Record, replaced

MAX_DEPTH: Final = 512


class _Open(Record):
    span: Span
    live: bool


class Conditions:
    """Open conditions, and the ``#!endif`` that had none to close."""

    __slots__ = ("_dead", "_open", "_surplus")

    def __init__(self) -> None:
        self._open: list[_Open] = []
        self._surplus: list[Span] = []
        self._dead = 0

    @property
    def skipping(self) -> bool:
        """Whether text is skipped here: some open condition is false."""
        return self._dead > 0

    def ifdef(self, live: bool, span: Span) -> bool:
        """Open a condition; False where there are too many already."""
        if len(self._open) >= MAX_DEPTH:
            return False
        self._open.append(_Open(span, live))
        self._dead += not live
        return True

    def orelse(self) -> bool:
        """Flip the innermost condition; False where none is open."""
        if not self._open:
            return False
        top = self._open[-1]
        self._open[-1] = replaced(top, live=not top.live)
        self._dead += 1 if top.live else -1
        return True

    def endif(self, span: Span) -> None:
        """Close the innermost condition, or note a surplus ``#!endif``."""
        if not self._open:
            self._surplus.append(span)
            return
        self._dead -= not self._open.pop().live

    @property
    def unclosed(self) -> tuple[Span, ...]:
        """The ``#!ifdef`` still open, outermost first."""
        return tuple(entry.span for entry in self._open)

    @property
    def surplus(self) -> tuple[Span, ...]:
        """Every ``#!endif`` that closed nothing."""
        return tuple(self._surplus)
