"""Finding and reading files."""

from __future__ import annotations

import os
import stat
from typing import Final

MAX_DEPTH: Final = 10
MAX_NAME: Final = 127  # octets, quotes included, as in Kamailio
MAX_SIZE: Final = 256 * 1024 * 1024


class IncludeError(ValueError):
    """The name of an included file is malformed."""


def parse_name(word: str) -> str:
    """The file name in an include directive's word, quotes and escapes resolved."""
    if len(word) > MAX_NAME:
        raise IncludeError(f"the file name is longer than {MAX_NAME} characters")
    if len(word) < 2 or word[0] != '"' or word[-1] != '"':
        raise IncludeError("the file name must be in double quotes, without spaces")
    name: list[str] = []
    at = 1
    last = len(word) - 1
    while at < last:
        char = word[at]
        if char == "\\":
            at += 1
            if at == last:
                raise IncludeError("the file name ends in a backslash")
            char = {"t": "\t", "n": "\n", "r": "\r"}.get(word[at], word[at])
        name.append(char)
        at += 1
    if not name or "\0" in name:
        raise IncludeError("the file name is empty" if not name else "NUL in the file name")
    return os.fsdecode("".join(name).encode("latin-1"))


def candidates(name: str, including: str) -> tuple[str, ...]:
    """Where Kamailio looks: the name as it is, then beside the including file."""
    folder = os.path.dirname(including)
    if os.path.isabs(name) or not folder:
        return (name,)
    return (name, os.path.join(folder, name))


def find(name: str, including: str) -> str | None:
    """The first candidate that exists."""
    for path in candidates(name, including):
        if os.path.exists(path):
            return path
    return None


def read(path: str) -> bytes:
    """The content of a file or pipe. Raises OSError, also for devices, folders and giants."""
    with open(path, "rb") as stream:
        mode = os.fstat(stream.fileno()).st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode)):
            raise OSError(f"not a regular file: {path}")
        data = stream.read(MAX_SIZE + 1)
    if len(data) > MAX_SIZE:
        raise OSError(f"larger than {MAX_SIZE} octets: {path}")
    return data
