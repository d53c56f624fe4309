"""sdpops does with every body what Kamailio 5.6.3 does."""

from __future__ import annotations

import random

import pytest

from tests.helpers.ports import PortPool
from tests.runtime.matrix.harness import differences
from tests.runtime.matrix.sampling import shown as _shown
from tests.runtime.matrix.sdpops import WIRE, all_cases, wire_cases
from tests.runtime.matrix.wire import shown, wire_differences

SEED = 5063
SIZE = 500
WIRED = 150


@pytest.mark.oracle
def test_a_sample_of_sdpops() -> None:
    cases = random.Random(SEED).sample(list(all_cases()), SIZE)
    found = differences(cases, PortPool())
    assert not found, _shown(found)


@pytest.mark.soak
@pytest.mark.oracle
@pytest.mark.parametrize("part", range(30))
def test_all_of_sdpops(part: int) -> None:
    found = differences(list(all_cases())[part::30], PortPool())
    assert not found, _shown(found)


@pytest.mark.oracle
def test_a_sample_of_packets() -> None:
    cases = random.Random(SEED).sample(list(wire_cases()), WIRED)
    found = wire_differences(cases, PortPool(), WIRE)
    assert not found, shown(found)


@pytest.mark.soak
@pytest.mark.oracle
@pytest.mark.parametrize("part", range(10))
def test_all_packets(part: int) -> None:
    found = wire_differences(list(wire_cases())[part::10], PortPool(), WIRE)
    assert not found, shown(found)
