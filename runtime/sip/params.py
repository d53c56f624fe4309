"""Parameter lists: ``a=1;b="x;y";c`` (``parser/parse_param.c``)."""

from __future__ import annotations

import re
from functools import lru_cache

_SPACE = rb"[ \t\r\n]*"


@lru_cache(maxsize=16)
def _entry(separator: bytes) -> re.Pattern[bytes]:
    mark = re.escape(separator)
    value = rb"(?:\"((?:[^\"\\]|\\.)*)\"|'([^']*)'|([^" + mark + rb"]*))"
    return re.compile(
        _SPACE
        + rb"([^=\s"
        + mark
        + rb"]+)"
        + _SPACE
        + rb"(?:="
        + _SPACE
        + value
        + rb")?"
        + _SPACE
        + rb"(?:"
        + mark
        + rb"|\Z)",
        re.DOTALL,
    )


def split_params(text: bytes, separator: bytes = b";") -> list[tuple[bytes, bytes]] | None:
    """(name, value) in order, quotes around values taken off; None where malformed."""
    entry = _entry(separator)
    found: list[tuple[bytes, bytes]] = []
    at = 0
    while at < len(text):
        match = entry.match(text, at)
        if match is None:
            return None if text[at:].strip() else found
        value = next((group for group in match.groups()[1:] if group is not None), b"")
        found.append((match[1], value if match[2] is not None else value.rstrip()))
        at = match.end()
    return found
