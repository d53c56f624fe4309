"""From and To go out, and come back, as with Kamailio 5.6.3."""

from __future__ import annotations

import random

import pytest

from tests.helpers.ports import PortPool
from tests.helpers.servers import need_kamailio
from tests.runtime.matrix.exchange import Case, differences
from tests.runtime.matrix.uac_cases import all_cases, setup

SEED = 5063
SIZE = 90


def _shown(found: list[tuple[Case, str, str]]) -> str:
    return "\n".join(
        f"{case.name} {case.setup}\n{case.script}\n  Kamailio:\n{theirs}\n  ours:\n{ours}"
        for case, theirs, ours in found[:5]
    )


@pytest.mark.oracle
def test_a_sample_of_from_and_to() -> None:
    need_kamailio()
    wanted = {setup(""), setup("auto"), setup("pass")}
    plain = [case for case in all_cases() if case.setup in wanted]
    found = differences(random.Random(SEED).sample(plain, SIZE), PortPool())
    assert not found, _shown(found)


@pytest.mark.soak
@pytest.mark.oracle
@pytest.mark.parametrize("part", range(3))
def test_all_of_from_and_to(part: int) -> None:
    need_kamailio()
    found = differences(list(all_cases())[part::3], PortPool())
    assert not found, _shown(found)
