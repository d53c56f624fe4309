"""ipops says of every text what Kamailio 5.6.3 says."""

from __future__ import annotations

import pytest

from tests.helpers.ports import PortPool
from tests.runtime.matrix.harness import differences
from tests.runtime.matrix.ipops import SETUP, all_cases
from tests.runtime.matrix.sampling import shown as _shown


@pytest.mark.oracle
@pytest.mark.parametrize("part", range(4))
def test_all_of_ipops(part: int) -> None:
    found = differences(list(all_cases())[part::4], PortPool(), setup=SETUP)
    assert not found, _shown(found)
