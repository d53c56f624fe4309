"""sqlops does with queries and results what Kamailio 5.6.3 does."""

from __future__ import annotations

import pytest

from tests.helpers.ports import PortPool
from tests.runtime.matrix import sqlops
from tests.runtime.matrix.harness import differences, sample
from tests.runtime.matrix.sampling import shown as _shown

SEED = 5063


@pytest.mark.oracle
def test_a_sample() -> None:
    cases = sample(list(sqlops.all_cases()), 250, 8, SEED, sqlops.prepare)
    found = differences(cases, PortPool(), setup=sqlops.prepare)
    assert not found, _shown(found)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.oracle
@pytest.mark.parametrize("part", range(5))
def test_all(part: int) -> None:
    found = differences(list(sqlops.all_cases())[part::5], PortPool(), setup=sqlops.prepare)
    assert not found, _shown(found)
