"""Several values as one text."""

from __future__ import annotations

from collections.abc import Iterable

from runtime.script.values import Value, to_str


def joined(values: Iterable[Value]) -> bytes:
    """Values with ``, `` between them (``[*]``); none is put behind nothing, as in 5.6.3."""
    text = b""
    for value in values:
        text += (b", " if text else b"") + to_str(value)
    return text
