"""Walking over a program."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from kcc.source.span import Span


def walk(node: object) -> Iterator[object]:
    """Every node in a part of a program, in the order in which they are written."""
    stack = [node]
    while stack:
        found = stack.pop()
        if isinstance(found, Span | str | bytes | int):
            continue
        if isinstance(found, tuple):
            stack.extend(reversed(found))
        elif is_dataclass(found):
            yield found
            stack.extend(getattr(found, field.name) for field in reversed(fields(found)))
