"""Queues and counters of scripts do what Kamailio's do."""

from __future__ import annotations

import random

import pytest

from tests.helpers.ports import PortPool
from tests.helpers.servers import need_kamailio
from tests.runtime.matrix import queues
from tests.runtime.matrix.harness import Case, differences

SEED = 5063
SIZE = 120


def _differ(cases: list[Case]) -> None:
    need_kamailio()
    found = differences(cases, PortPool(), setup=queues.SETUP)
    assert not found, "\n".join(
        f"{case.script}\n  Kamailio: {theirs!r}\n  ours:     {ours!r}"
        for case, theirs, ours in found[:20]
    )


@pytest.mark.oracle
def test_a_sample() -> None:
    cases = list(queues.all_cases())
    chosen = sorted(random.Random(SEED).sample(range(len(cases)), SIZE))
    _differ([cases[number] for number in chosen])


@pytest.mark.soak
@pytest.mark.oracle
@pytest.mark.parametrize("part", range(2))
def test_everything(part: int) -> None:
    cases = list(queues.all_cases())
    half = len(cases) // 2
    _differ(cases[half:] if part else cases[:half])
