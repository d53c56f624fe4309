"""Variables of scripts hold what they hold in Kamailio 5.6.3."""

from __future__ import annotations

import pytest

from tests.runtime.matrix import variables
from tests.runtime.matrix.sampling import same_outcomes, sample


@pytest.mark.oracle
@pytest.mark.usefixtures("oracle")
def test_a_sample_of_variables() -> None:
    same_outcomes(sample(variables.all_cases(), 500))


@pytest.mark.soak
@pytest.mark.oracle
@pytest.mark.usefixtures("oracle")
@pytest.mark.parametrize("part", range(4))
def test_all_variables(part: int) -> None:
    same_outcomes(list(variables.all_cases())[part::4])
