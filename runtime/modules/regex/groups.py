"""The file of groups: one pattern for each, of the lines below its ``[n]`` (``load_pcres``)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

LINE = 495
"""Octets that are read as one line; a longer one is several."""
_SPACE = b" \t\n\v\f\r"


class GroupsError(Exception):
    """Why the file cannot be used."""


def read_groups(path: Path, most: int, size: int) -> list[bytes]:
    """The patterns of the groups in order, whatever number stands in the brackets.

    Raises GroupsError: no file, no group, more than ``most``, one of ``size`` octets and more.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise GroupsError(f"could not open file '{path}': {error.strerror}") from None
    groups: list[bytes] = []
    for line in _lines(data):
        if line[:1] in _SPACE or line.startswith(b"#"):
            continue
        if line.startswith(b"["):
            if len(groups) >= most:
                raise GroupsError(f"more than {most} groups in '{path}' (max_groups)")
            groups.append(b"(")
        elif not groups:
            raise GroupsError(f"a line of '{path}' stands before the first group: begin with [0]")
        elif len(groups[-1]) + len(line) >= size - 4:
            raise GroupsError(
                f"group {len(groups) - 1} of '{path}' has {size} octets or more (group_max_size)"
            )
        else:
            end = b"\n" if line.endswith(b"\n") else b""
            groups[-1] += b"(" + line.removesuffix(b"\n") + b")" + end
    if not groups:
        raise GroupsError(f"no groups in '{path}'")
    return [_pattern(group) for group in groups]


def _lines(data: bytes) -> Iterator[bytes]:
    """Lines with their ends; what is behind a NUL in one is not seen."""
    *lines, last = data.split(b"\n")
    for line in (*(text + b"\n" for text in lines), last):
        for at in range(0, len(line), LINE):
            if piece := line[at : at + LINE].partition(b"\0")[0]:
                yield piece


def _pattern(group: bytes) -> bytes:
    """A group of no lines matches the empty text only."""
    if group == b"(":
        return b"^$"
    return group.removesuffix(b"\n").replace(b"\n", b"|") + b")"
