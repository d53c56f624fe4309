"""Pseudo-variables read as Kamailio 5.6.3 reads them, on any packet, in any route."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence

import pytest

from tests.helpers.ports import PortPool
from tests.helpers.servers import kamailio_installed
from tests.runtime.matrix import pseudovariables
from tests.runtime.matrix.contexts import Run, Snippet, compare

SEED = 5063
SIZE = 500
PARTS = 12


@pytest.fixture(autouse=True)
def oracle() -> None:
    if not kamailio_installed():
        if os.environ.get("KCC_REQUIRE_ORACLE") == "1":
            pytest.fail("KCC_REQUIRE_ORACLE=1, but there is no kamailio program")
        pytest.skip("no kamailio program")


def differences(snippets: Sequence[Snippet], runs: Sequence[Run]) -> list[str]:
    """What differs, a line each."""
    names = pseudovariables.named()
    theirs, ours, refused, refused_here = compare(snippets, runs, PortPool())
    found = [
        f"{names[name]}: refused by {'Kamailio' if name in refused else 'us'} alone"
        for name in sorted(refused ^ refused_here)
    ]
    for tag in sorted(set(theirs) | set(ours)):
        name, _, rest = tag.partition(".")
        there, here = theirs.get(tag, {}), ours.get(tag, {})
        for field in sorted(set(there) | set(here)):
            values = there.get(field), here.get(field)
            if values[0] != values[1] and not pseudovariables.varies(names[name], rest, field):
                found.append(f"{names[name]} {rest} {field}: {values[0]!r} there, {values[1]!r}")
    return found


@pytest.mark.oracle
def test_a_sample_of_all_variables() -> None:
    snippets = random.Random(SEED).sample(pseudovariables.snippets(), SIZE // 10)
    runs = pseudovariables.runs([snippet.name for snippet in snippets])
    found = differences(snippets, random.Random(SEED).sample(runs, SIZE))
    assert not found, "\n".join(found[:40])


@pytest.mark.soak
@pytest.mark.oracle
@pytest.mark.parametrize("part", range(PARTS))
def test_all_variables(part: int) -> None:
    snippets = pseudovariables.snippets()[part::PARTS]
    found = differences(snippets, pseudovariables.runs([snippet.name for snippet in snippets]))
    assert not found, "\n".join(found[:40])
