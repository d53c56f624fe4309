"""Our Via has what Kamailio 5.6.3 puts there."""

from __future__ import annotations

import pytest

from tests.helpers.ports import PortPool
from tests.runtime.matrix import via
from tests.runtime.matrix.sampling import sample
from tests.runtime.matrix.wire import Setup, shown, wire_differences


@pytest.mark.oracle
@pytest.mark.parametrize("setup", [via.SETUP, via.BOTH], ids=["params", "both"])
def test_a_sample(setup: Setup) -> None:
    found = wire_differences(sample(via.all_cases(), 60), PortPool(), setup)
    assert not found, shown(found)


@pytest.mark.soak
@pytest.mark.oracle
@pytest.mark.parametrize("setup", [via.SETUP, via.BOTH, via.TURNED, via.BARE])
def test_all(setup: Setup) -> None:
    found = wire_differences(list(via.all_cases()), PortPool(), setup)
    assert not found, shown(found)
