"""Versions of Kamailio: what ``--target`` names."""

from __future__ import annotations

from functools import cache
from typing import Final

Version = tuple[int, int]

TARGET: Final = "5.6"
"""The version that is meant where none is said."""

_PATCH: Final = {"5.2": 8, "5.3": 9, "5.4": 9, "5.5": 7, "5.6": 3, "5.7": 7, "5.8": 8, "6.0": 7}


@cache
def version_of(target: str) -> Version:
    """A version such as ``5.6`` in numbers. ValueError where it is none."""
    major, _, minor = target.partition(".")
    return int(major), int(minor)


def release(target: str) -> tuple[int, int, int]:
    """The release whose own macros are defined: the last one known of that version."""
    return (*version_of(target), _PATCH.get(target, 0))
