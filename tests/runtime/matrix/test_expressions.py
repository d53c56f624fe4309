"""Expressions give what Kamailio 5.6.3 gives, and what it refuses to load is refused."""

from __future__ import annotations

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.runtime.matrix import expressions, random_expressions
from tests.runtime.matrix.harness import Case, config_text
from tests.runtime.matrix.sampling import same_outcomes, sample


@pytest.mark.oracle
@pytest.mark.usefixtures("oracle")
def test_a_sample_of_all_expressions() -> None:
    same_outcomes(sample(expressions.all_cases(), 500))


@pytest.mark.oracle
@pytest.mark.usefixtures("oracle")
@settings(max_examples=1, derandomize=True, deadline=None, phases=[Phase.generate])
@given(seed=st.integers(0, 2**32))
def test_random_expressions(seed: int) -> None:
    same_outcomes(random_expressions.random_cases(seed, 400), random_expressions.SETUP)


@pytest.mark.oracle
def test_a_choice_is_no_number() -> None:
    """Where Kamailio wants a number, a `selval` has none: the whole expression has no value."""
    same_outcomes(
        [
            Case(
                "S1",
                "$var(one) = 1; if (!(selval($var(one), 5, 0)))"
                ' $var(out) = "not"; else $var(out) = "yes";',
            ),
            Case("S2", "$var(r) = 7; $var(r) = 1 * selval($var(one), 5, 0); $var(out) = $var(r);"),
        ]
    )


@pytest.mark.soak
@pytest.mark.oracle
@pytest.mark.usefixtures("oracle")
@pytest.mark.parametrize("part", range(8))
def test_all_expressions(part: int) -> None:
    same_outcomes(list(expressions.all_cases())[part::8])


@pytest.mark.soak
@pytest.mark.oracle
@pytest.mark.usefixtures("oracle")
@pytest.mark.parametrize("seed", range(10))
def test_many_random_expressions(seed: int) -> None:
    same_outcomes(random_expressions.random_cases(seed, 1000), random_expressions.SETUP)


def test_cases_know_their_lines() -> None:
    cases = [Case("A", '$var(out) = "x";'), Case("B", '$var(out) =\n"y";')]
    text = config_text(cases)
    lines = text.text.split("\n")
    assert {name for name in text.lines.values()} == {"A", "B"}
    for number, name in text.lines.items():
        if name == "B":
            assert lines[number - 1] in ("route[B] {", "$var(out) =", '"y";', "return 1;", "}")
