"""What the tests of the matrix share: the outcomes of cases must be equal."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import TypeVar

from tests.helpers.ports import PortPool
from tests.runtime.matrix.harness import Case, Setup, differences

SEED = 5063
OneCase = TypeVar("OneCase")


def sample(cases: Iterable[OneCase], size: int) -> list[OneCase]:
    """So many of the cases, the same each time."""
    every = list(cases)
    return Random(SEED).sample(every, min(size, len(every)))


def same_outcomes(cases: Iterable[Case], setup: Setup = "") -> None:
    """Both servers give the same for each case, or refuse it both."""
    found = differences(list(cases), PortPool(), setup=setup)
    assert not found, shown(found)


def shown(found: list[tuple[Case, str, str]]) -> str:
    """The first of the differences, for a failed test."""
    text = "\n".join(
        f"{case.name}: {case.script}\n  Kamailio: {theirs!r}\n  ours:     {ours!r}"
        for case, theirs, ours in found[:20]
    )
    return text.encode("ascii", "backslashreplace").decode()
