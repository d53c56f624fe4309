"""corex does what Kamailio 5.6.3 does."""

from __future__ import annotations

import pytest

from tests.helpers.ports import PortPool
from tests.runtime.matrix import corex
from tests.runtime.matrix.harness import differences, sample
from tests.runtime.matrix.sampling import shown as _shown

SEED = 5063


@pytest.mark.oracle
def test_a_sample() -> None:
    cases = sample(list(corex.all_cases()), 350, 8, SEED, corex.prepare)
    found = differences(cases, PortPool(), setup=corex.prepare)
    assert not found, _shown(found)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.oracle
@pytest.mark.parametrize("part", range(2))
def test_all(part: int) -> None:
    found = differences(list(corex.all_cases())[part::2], PortPool(), setup=corex.prepare)
    assert not found, _shown(found)
