"""cfgutils does what Kamailio 5.6.3 does."""

from __future__ import annotations

import random

import pytest

from tests.helpers.ports import PortPool
from tests.runtime.matrix import cfgutils
from tests.runtime.matrix.harness import differences, sample
from tests.runtime.matrix.sampling import shown as _shown

SEED = 5063


@pytest.mark.oracle
def test_a_sample() -> None:
    cases = sample(list(cfgutils.all_cases()), 300, 8, SEED, cfgutils.prepare)
    found = differences(cases, PortPool(), setup=cfgutils.prepare)
    assert not found, _shown(found)


@pytest.mark.oracle
def test_a_sample_of_locks() -> None:
    cases = random.Random(SEED).sample(list(cfgutils.locked_cases()), 30)
    found = differences(cases, PortPool(), setup=cfgutils.prepare_locks)
    assert not found, _shown(found)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.oracle
def test_all() -> None:
    found = differences(list(cfgutils.all_cases()), PortPool(), setup=cfgutils.prepare)
    assert not found, _shown(found)
