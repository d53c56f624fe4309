"""Errors that end the start-up, each with its place in the configuration where it has one."""

from __future__ import annotations

from typing import Protocol


class PlaceLike(Protocol):
    """Where something stands: ``runtime.declare.config.Place``."""

    @property
    def file(self) -> str: ...
    @property
    def line(self) -> int: ...


class StartError(Exception):
    """The server cannot start. ``place`` is the configuration line at fault, if one is."""

    def __init__(self, text: str, place: PlaceLike | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.place = place

    def __str__(self) -> str:
        if self.place is None:
            return self.text
        line = f":{self.place.line}" if self.place.line else ""
        return f"{self.place.file}{line}: {self.text}"
