"""rr and maxfwd send what Kamailio 5.6.3 sends."""

from __future__ import annotations

import random

import pytest

from tests.helpers.ports import PortPool
from tests.runtime.matrix.routing import MAXFWD_SETUPS, RR_SETUPS, maxfwd_cases, rr_cases
from tests.runtime.matrix.wire import shown, wire_differences

SEED = 5063
SIZE = 60


@pytest.mark.oracle
@pytest.mark.parametrize("name", MAXFWD_SETUPS)
def test_a_sample_of_maxfwd(name: str) -> None:
    cases = random.Random(SEED).sample(list(maxfwd_cases()), SIZE)
    found = wire_differences(cases, PortPool(), MAXFWD_SETUPS[name])
    assert not found, shown(found)


@pytest.mark.oracle
@pytest.mark.parametrize("name", RR_SETUPS)
def test_a_sample_of_rr(name: str) -> None:
    cases = random.Random(SEED).sample(list(rr_cases()), SIZE)
    found = wire_differences(cases, PortPool(), RR_SETUPS[name])
    assert not found, shown(found)


@pytest.mark.soak
@pytest.mark.oracle
@pytest.mark.parametrize("name", MAXFWD_SETUPS)
def test_all_of_maxfwd(name: str) -> None:
    found = wire_differences(list(maxfwd_cases()), PortPool(), MAXFWD_SETUPS[name])
    assert not found, shown(found)


@pytest.mark.soak
@pytest.mark.oracle
@pytest.mark.parametrize("name", RR_SETUPS)
def test_all_of_rr(name: str) -> None:
    found = wire_differences(list(rr_cases()), PortPool(), RR_SETUPS[name])
    assert not found, shown(found)
