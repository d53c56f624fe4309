"""avpops does with AVPs and their database what Kamailio 5.6.3 does."""

from __future__ import annotations

from types import ModuleType

import pytest

from tests.helpers.ports import PortPool
from tests.runtime.matrix import avpops, avpops_db
from tests.runtime.matrix.harness import differences, sample
from tests.runtime.matrix.sampling import shown as _shown

SEED = 5063


@pytest.mark.oracle
@pytest.mark.parametrize(("topic", "good"), [(avpops, 300), (avpops_db, 200)])
def test_a_sample(topic: ModuleType, good: int) -> None:
    cases = sample(list(topic.all_cases()), good, 8, SEED, topic.prepare)
    found = differences(cases, PortPool(), setup=topic.prepare)
    assert not found, _shown(found)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.oracle
@pytest.mark.parametrize("topic", [avpops, avpops_db])
@pytest.mark.parametrize("part", range(40))
def test_many(topic: ModuleType, part: int) -> None:
    cases = sample(list(topic.all_cases()), 1000, 50, part, topic.prepare)
    found = differences(cases, PortPool(), setup=topic.prepare)
    assert not found, _shown(found)
