"""Regular expressions match, and texts are substituted, as with Kamailio 5.6.3."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest

from tests.helpers.ports import PortPool
from tests.runtime.matrix.harness import Case
from tests.runtime.matrix.regexes import computed, edits, matches, operands, substitutions
from tests.runtime.matrix.sampling import SEED, same_outcomes, sample
from tests.runtime.matrix.wire import shown, wire_differences

pytestmark = pytest.mark.oracle
KINDS: dict[str, tuple[Callable[[], Iterator[Case]], int]] = {
    "matches": (matches, 150),
    "computed": (computed, 150),
    "operands": (operands, 60),
    "substitutions": (substitutions, 200),
}
"""Cases of each kind, and how many of them are the sample."""
EDITS = 120


@pytest.mark.parametrize("kind", KINDS)
def test_a_sample_of_values(kind: str) -> None:
    cases, size = KINDS[kind]
    same_outcomes(sample(cases(), size))


def test_a_sample_of_edits() -> None:
    cases = random.Random(SEED).sample(list(edits()), EDITS)
    found = wire_differences(cases, PortPool())
    assert not found, shown(found)


@pytest.mark.soak
@pytest.mark.parametrize("part", range(4))
@pytest.mark.parametrize("kind", KINDS)
def test_all_values(kind: str, part: int) -> None:
    same_outcomes(list(KINDS[kind][0]())[part::4])


@pytest.mark.soak
@pytest.mark.parametrize("part", range(8))
def test_all_edits(part: int) -> None:
    found = wire_differences(list(edits())[part::8], PortPool())
    assert not found, shown(found)
