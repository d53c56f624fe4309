"""Lines of code, each with the place in the configuration that it came from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kcc.source.span import Span


class Emitter:
    """Collects indented lines."""

    def __init__(self, indent: int = 0) -> None:
        self.lines: list[tuple[str, Span | None]] = []
        self._indent = indent

    def line(self, text: str, span: Span | None = None) -> None:
        """Add one line, without line breaks."""
        self.lines.append(("    " * self._indent + text, span))

    @contextmanager
    def block(self, head: str, span: Span | None = None) -> Iterator[None]:
        """``head`` and, indented, what is added inside."""
        self.line(head, span)
        self._indent += 1
        before = len(self.lines)
        yield
        if len(self.lines) == before:
            self.line("pass", span)
        self._indent -= 1
