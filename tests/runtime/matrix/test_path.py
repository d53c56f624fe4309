"""The path module sends what Kamailio 5.6.3 sends."""

from __future__ import annotations

import random

import pytest

from tests.helpers.ports import PortPool
from tests.runtime.matrix.path import SETUPS, cases
from tests.runtime.matrix.wire import shown, wire_differences

SEED = 5063
SIZE = 40


@pytest.mark.oracle
@pytest.mark.parametrize("name", SETUPS)
def test_a_sample_of_packets(name: str) -> None:
    every = list(cases(name))
    routes = [case for case in every if case.name.startswith("Route")]
    sample = random.Random(SEED).sample(every, SIZE) + routes
    found = wire_differences(
        list({case.name: case for case in sample}.values()), PortPool(), SETUPS[name]
    )
    assert not found, shown(found)


@pytest.mark.soak
@pytest.mark.oracle
@pytest.mark.parametrize("name", SETUPS)
def test_all_packets(name: str) -> None:
    found = wire_differences(list(cases(name)), PortPool(), SETUPS[name])
    assert not found, shown(found)
