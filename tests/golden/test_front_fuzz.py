"""The seeded part of ``tests/soak/test_fuzz.py`` that every run of the tests does."""

from __future__ import annotations

import random

import pytest

from kcc.diagnostics.render import render_text
from kcc.diagnostics.reporter import Reporter
from kcc.driver import Request, check
from kcc.grammar.parse import parse_source
from kcc.source.text import SourceFile
from tests.helpers.mutation import mutated

SEEDS = range(10)
INPUTS = 300
WHOLE = 10


@pytest.mark.parametrize("seed", SEEDS)
def test_broken_configurations_give_diagnostics_only(seed: int) -> None:
    chooser = random.Random(1000 + seed)
    for number in range(INPUTS):
        data = mutated(chooser)
        if number % WHOLE == 0:
            found = check(Request("/nonexistent/fuzz.cfg", data=data)).diagnostics
        else:
            reporter = Reporter()
            target = ("5.6", "6.0", "3.2")[number % 3]
            parse_source(SourceFile.from_bytes("fuzz.cfg", data), {}, reporter, {}, target)
            found = reporter.diagnostics
        render_text(found)
