"""From lines of a generated module to lines of its configuration."""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Sequence
from types import CodeType, FrameType, TracebackType

from runtime.declare.config import Place


class LineTable:
    """The ``LINES`` of a module: (python line, file index, configuration line), sorted.

    A Python line without an entry belongs to the entry before it.
    """

    __slots__ = ("_entries", "_files", "_starts", "path")

    def __init__(
        self, path: str, files: Sequence[str], entries: Sequence[tuple[int, int, int]]
    ) -> None:
        self.path = path
        self._files = tuple(files)
        self._entries = tuple(entries)
        self._starts = [entry[0] for entry in self._entries]

    def place(self, python_line: int) -> Place | None:
        """The configuration line of a Python line."""
        at = bisect_right(self._starts, python_line)
        if at == 0:
            return None
        _, file, line = self._entries[at - 1]
        return Place(self._files[file], line) if line else None

    def of_code(self, code: CodeType, line: int) -> Place | None:
        """The place of a line of some code; None where it is not of this module."""
        return self.place(line) if code.co_filename == self.path else None

    def of_frame(self, frame: FrameType | None) -> Place | None:
        """The place of the innermost frame that runs this module."""
        while frame is not None:
            if frame.f_code.co_filename == self.path:
                return self.place(frame.f_lineno)
            frame = frame.f_back
        return None

    def of_traceback(self, traceback: TracebackType | None) -> list[Place]:
        """The places that a traceback goes through, outermost first."""
        places: list[Place] = []
        while traceback is not None:
            place = self.of_code(traceback.tb_frame.f_code, traceback.tb_lineno)
            if place is not None:
                places.append(place)
            traceback = traceback.tb_next
        return places


def current_place() -> Place | None:
    """The configuration line that is being executed: of the innermost frame of a compiled module,
    which is known by the table it carries. None outside of routes."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        lines = frame.f_globals.get("LINES")
        if lines is not None and "CONFIG" in frame.f_globals:
            table = LineTable(frame.f_code.co_filename, frame.f_globals["FILES"], lines)
            return table.place(frame.f_lineno)
        frame = frame.f_back
    return None
