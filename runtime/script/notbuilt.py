"""Stands where a configuration uses what is not built: starting such a module is refused, so
none of this is ever reached by a message."""

from __future__ import annotations

from typing import NoReturn


class NotBuiltError(RuntimeError):
    """A route came upon something that is not built."""


def not_built(what: str) -> NoReturn:
    """In the place of a value."""
    raise NotBuiltError(f"{what} is not built")


def call_not_built(what: str) -> int:
    """In the place of a call."""
    raise NotBuiltError(f"function {what} is not built")
