"""A thousand small texts, each as Kamailio 5.6.3 takes or refuses it."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.golden.front import kamailio_takes, parse, shown
from tests.golden.test_front_traps import needs_kamailio
from tests.golden.traps import PREAMBLE

HEAD = (
    f"{PREAMBLE}#!KAMAILIO\nflags fa, fb:7;\navpflags av;\nroute[A] {{ exit; }}\n"
    "route[1] { exit; }\nrequest_route {\n"
)
LINE = re.compile(r"(?:config file [^,\n]*, (?:from )?|error at \S+ )line (\d+)")
PART = 12
OFTEN = 3  # every so many are held against Kamailio in each run


@dataclass(frozen=True, slots=True)
class Case:
    """A text and its verdict: ``+``, ``-`` or ``~``."""

    verdict: str
    text: str


def _cases() -> list[Case]:
    cases = []
    for line in Path(__file__).with_name("cases.txt").read_text("ascii").splitlines():
        if line.startswith("#"):
            continue
        kind, verdict, quoted = line.split(" ", 2)
        text = json.loads(quoted)
        cases.append(Case(verdict, f"{HEAD}{text}\n}}\n" if kind == "route" else text))
    return cases


CASES = _cases()


def first_error(text: str) -> tuple[int | None, str]:
    """The line of our first error, and all that is said."""
    _, found = parse(text)
    lines = [d.span.outer().line for d in found if d.severity == "error" and d.span]
    return min(lines, default=None), shown(found)


def test_verdicts() -> None:
    assert len(CASES) > 1000
    wrong = []
    for case in CASES:
        line, text = first_error(case.text)
        if (line is None) != (case.verdict == "+"):
            wrong.append(f"{case.verdict} {case.text}\n{text}")
    assert not wrong, "\n".join(wrong)


@needs_kamailio
@pytest.mark.parametrize("part", range(PART))
def test_verdicts_are_those_of_kamailio(part: int) -> None:
    cases = CASES[::OFTEN][part::PART]
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(lambda case: kamailio_takes(case.text.encode()), cases))
    for case, (taken, output) in zip(cases, outcomes, strict=True):
        assert taken == (case.verdict == "+"), (case, output)
        if case.verdict == "-" and (first := LINE.search(output)) is not None:
            assert first_error(case.text)[0] == int(first[1]), (case, output)
