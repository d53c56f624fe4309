"""Transformations give what Kamailio 5.6.3 gives, and what it refuses to load is refused."""

from __future__ import annotations

import random

import pytest

from tests.helpers.ports import PortPool
from tests.runtime.matrix.harness import Case, differences
from tests.runtime.matrix.transformations import all_cases, refused_cases

SEED = 5063
SIZE = 1500

pytestmark = pytest.mark.oracle


def _shown(found: list[tuple[Case, str, str]]) -> str:
    return "\n".join(
        f"{case.script}  {case.body[:200]!r}\n  Kamailio: {theirs!r}\n  ours:     {ours!r}"
        for case, theirs, ours in found[:20]
    )


def test_a_sample_of_all_transformations() -> None:
    cases = random.Random(SEED).sample(list(all_cases()), SIZE)
    found = differences(cases, PortPool())
    assert not found, _shown(found)


def test_what_is_no_transformation_is_refused() -> None:
    found = differences(list(refused_cases()), PortPool())
    assert not found, _shown(found)


@pytest.mark.soak
@pytest.mark.parametrize("part", range(4))
def test_all_transformations(part: int) -> None:
    found = differences(list(all_cases())[part::4], PortPool())
    assert not found, _shown(found)
