"""``event_route[network:msg]`` sees and changes what Kamailio 5.6.3 has it see and change."""

from __future__ import annotations

import pytest

from tests.helpers.ports import PortPool
from tests.runtime.matrix import nio
from tests.runtime.matrix.wire import shown, wire_differences


@pytest.mark.oracle
@pytest.mark.parametrize("name", ["seen", "incoming", "outgoing", "long"])
def test_messages_are_seen_and_changed(name: str) -> None:
    found = wire_differences(list(nio.cases()), PortPool(), nio.SETUPS[name])
    assert not found, shown(found)


@pytest.mark.soak
@pytest.mark.oracle
@pytest.mark.parametrize("name", nio.SETUPS)
def test_every_setup(name: str) -> None:
    found = wire_differences(list(nio.cases()), PortPool(), nio.SETUPS[name])
    assert not found, shown(found)
