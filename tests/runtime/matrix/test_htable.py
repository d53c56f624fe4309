"""Hash tables do what Kamailio's do."""

from __future__ import annotations

import random

import pytest

from tests.helpers.ports import PortPool
from tests.helpers.servers import need_kamailio
from tests.runtime.matrix import htable
from tests.runtime.matrix.harness import Case, differences

SEED = 5063
SIZE = 250
PARTS = 6


def _differ(cases: list[Case]) -> None:
    need_kamailio()
    found = differences(cases, PortPool(), setup=htable.SETUP)
    assert not found, "\n".join(
        f"{case.script}\n  Kamailio: {theirs!r}\n  ours:     {ours!r}"
        for case, theirs, ours in found[:20]
    )


@pytest.mark.oracle
def test_a_sample() -> None:
    numbers = random.Random(SEED).sample(range(len(cases := list(htable.all_cases()))), SIZE)
    _differ([cases[number] for number in sorted(numbers)])


@pytest.mark.oracle
def test_a_name_where_a_number_is_wanted() -> None:
    """Kamailio does not call a function whose argument cannot be fixed up as a number."""
    script = 'sht_setxs("e", "x", "v", $rU); $var(out) = $_s($sht(e=>x));'
    _differ([Case("X1", script)])


@pytest.mark.soak
@pytest.mark.oracle
@pytest.mark.parametrize("part", range(PARTS))
def test_everything(part: int) -> None:
    cases = list(htable.all_cases())
    size = -(-len(cases) // PARTS)
    _differ(cases[part * size : (part + 1) * size])
