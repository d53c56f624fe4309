"""siputils does with every URI and header what Kamailio 5.6.3 does."""

from __future__ import annotations

import random
import re

import pytest

from tests.helpers.ports import PortPool
from tests.helpers.servers import KAMAILIO, OURS
from tests.runtime.matrix.harness import differences
from tests.runtime.matrix.sampling import shown as _shown
from tests.runtime.matrix.siputils import WIRE, all_cases, wire_cases
from tests.runtime.matrix.wire import WireCase, run, shown, wire_differences

SEED = 5063
SIZE = 500


@pytest.mark.oracle
def test_a_sample_of_siputils() -> None:
    cases = random.Random(SEED).sample(list(all_cases()), SIZE)
    found = differences(cases, PortPool())
    assert not found, _shown(found)


@pytest.mark.soak
@pytest.mark.oracle
@pytest.mark.parametrize("part", range(10))
def test_all_of_siputils(part: int) -> None:
    found = differences(list(all_cases())[part::10], PortPool())
    assert not found, _shown(found)


@pytest.mark.oracle
def test_a_charging_vector_is_made() -> None:
    made = r'sip_p_charging_vector("g"); append_hf("X: $pcv(value) $pcv(genaddr) $pcv(orig)\r\n");'
    cases = [WireCase("Made", made), WireCase("Forced", made.replace('"g"', '"f"'))]
    theirs, ours = (run(program, cases, PortPool()) for program in (KAMAILIO, OURS))
    for name, text in ours.items():
        assert re.search(r"P-Charging-Vector: icid-value=495653[0-9A-F]{26}; ", text)
        assert _without_number(text) == _without_number(theirs[name])


@pytest.mark.oracle
def test_replies() -> None:
    found = wire_differences(list(wire_cases()), PortPool(), WIRE)
    assert not found, shown(found)


def _without_number(text: str) -> str:
    return re.sub(r"495653[0-9A-F]{26}", "<number>", text)
