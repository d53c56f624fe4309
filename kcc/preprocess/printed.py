"""What conditions and included files leave of a configuration (``kcc run --cfg-print``)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kcc.source.text import SourceFile


class Cuts:
    """The pieces of the text that are not read as they stand, noted while it is read."""

    def __init__(self) -> None:
        self._of: Final[dict[SourceFile, list[tuple[int, int, SourceFile | None]]]] = {}

    def note(self, file: SourceFile, start: int, end: int, put: SourceFile | None = None) -> None:
        """A condition, text that it leaves out, or a file to ``put`` in its place."""
        self._of.setdefault(file, []).append((start, end, put))

    def pieces(self, file: SourceFile) -> Iterator[str]:
        """What is left of a file, those that it includes in their places."""
        at = 0
        for start, end, put in sorted(self._of.get(file, ()), key=lambda cut: cut[:2]):
            yield file.text[at : max(at, start)]
            if put is not None:
                yield from self.pieces(put)
            at = max(at, end)
        yield file.text[at:]
