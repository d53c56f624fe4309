"""Requests that the server makes itself, and what relays, are as with Kamailio 5.6.3."""

from __future__ import annotations

import random

import pytest

from tests.helpers.ports import PortPool
from tests.helpers.servers import need_kamailio
from tests.runtime.matrix.exchange import Case, differences
from tests.runtime.matrix.local_cases import UAC, all_cases

SEED = 5063
SIZE = 80


def _shown(found: list[tuple[Case, str, str]]) -> str:
    return "\n".join(
        f"{case.name} {case.setup}\n{case.script}\n  Kamailio:\n{theirs}\n  ours:\n{ours}"
        for case, theirs, ours in found[:5]
    )


@pytest.mark.oracle
def test_a_sample_of_local_requests() -> None:
    need_kamailio()
    plain = [case for case in all_cases() if case.setup in ("", UAC)]
    found = differences(random.Random(SEED).sample(plain, SIZE), PortPool())
    assert not found, _shown(found)


@pytest.mark.soak
@pytest.mark.oracle
@pytest.mark.parametrize("part", range(2))
def test_all_local_requests(part: int) -> None:
    need_kamailio()
    found = differences(list(all_cases())[part::2], PortPool())
    assert not found, _shown(found)
