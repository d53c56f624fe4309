"""Expressions give what Kamailio 5.6.3 gives, and what it refuses to load is refused."""

from __future__ import annotations

import os
import random

import pytest

from tests.helpers.ports import PortPool
from tests.helpers.servers import kamailio_installed
from tests.runtime.matrix.expressions import all_cases
from tests.runtime.matrix.harness import Case, config_text, differences

SEED = 5063
SIZE = 700


@pytest.fixture(autouse=True)
def oracle() -> None:
    if not kamailio_installed():
        if os.environ.get("KCC_REQUIRE_ORACLE") == "1":
            pytest.fail("KCC_REQUIRE_ORACLE=1, but there is no kamailio program")
        pytest.skip("no kamailio program")


def _shown(found: list[tuple[Case, str, str]]) -> str:
    return "\n".join(
        f"{case.script}\n  Kamailio: {theirs!r}\n  ours:     {ours!r}"
        for case, theirs, ours in found[:20]
    )


@pytest.mark.oracle
def test_a_sample_of_all_expressions() -> None:
    cases = random.Random(SEED).sample(list(all_cases()), SIZE)
    found = differences(cases, PortPool())
    assert not found, _shown(found)


@pytest.mark.soak
@pytest.mark.oracle
@pytest.mark.parametrize("part", range(8))
def test_all_expressions(part: int) -> None:
    found = differences(list(all_cases())[part::8], PortPool())
    assert not found, _shown(found)


def test_cases_know_their_lines() -> None:
    cases = [Case("A", '$var(out) = "x";'), Case("B", '$var(out) =\n"y";')]
    text = config_text(cases)
    lines = text.text.split("\n")
    assert {name for name in text.lines.values()} == {"A", "B"}
    for number, name in text.lines.items():
        if name == "B":
            assert lines[number - 1] in ("route[B] {", "$var(out) =", '"y";', "return 1;", "}")
