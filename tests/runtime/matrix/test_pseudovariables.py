"""Pseudo-variables read and written as Kamailio 5.6.3 does, on any packet, in any route."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import pytest

from tests.helpers.ports import PortPool
from tests.runtime.matrix import pseudovariables, writing
from tests.runtime.matrix.contexts import Run, Snippet, compare

SEED = 5063
SIZE = 500
PARTS = 12


Differ = Callable[[str, str, bytes | None, bytes | None], bool]


def differences(
    names: dict[str, str], snippets: Sequence[Snippet], runs: Sequence[Run], differ: Differ
) -> list[str]:
    """What differs, a line each."""
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
            if differ(names[name], field, *values):
                found.append(f"{names[name]} {rest} {field}: {values[0]!r} there, {values[1]!r}")
    return found


def read_differences(snippets: Sequence[Snippet], runs: Sequence[Run]) -> list[str]:
    """Of reading."""
    return differences(pseudovariables.named(), snippets, runs, pseudovariables.differ)


def write_differences(snippets: Sequence[Snippet], runs: Sequence[Run]) -> list[str]:
    """Of writing."""
    return differences(writing.named(), snippets, runs, lambda _, __, one, two: one != two)


@pytest.mark.oracle
def test_a_sample_of_all_variables() -> None:
    snippets = random.Random(SEED).sample(pseudovariables.snippets(), SIZE // 10)
    runs = pseudovariables.runs([snippet.name for snippet in snippets])
    found = read_differences(snippets, random.Random(SEED).sample(runs, SIZE))
    assert not found, "\n".join(found[:40])


@pytest.mark.soak
@pytest.mark.oracle
@pytest.mark.parametrize("part", range(PARTS))
def test_all_variables(part: int) -> None:
    snippets = pseudovariables.snippets()[part::PARTS]
    runs = pseudovariables.runs([snippet.name for snippet in snippets])
    found = read_differences(snippets, runs)
    assert not found, "\n".join(found[:40])


@pytest.mark.oracle
def test_a_sample_of_all_assignments() -> None:
    snippets = random.Random(SEED).sample(writing.snippets(), SIZE // 5)
    runs = writing.runs([snippet.name for snippet in snippets])
    found = write_differences(snippets, random.Random(SEED).sample(runs, SIZE))
    assert not found, "\n".join(found[:40])


@pytest.mark.soak
@pytest.mark.oracle
@pytest.mark.parametrize("part", range(PARTS))
def test_all_assignments(part: int) -> None:
    snippets = writing.snippets()[part::PARTS]
    found = write_differences(snippets, writing.runs([snippet.name for snippet in snippets]))
    assert not found, "\n".join(found[:40])
