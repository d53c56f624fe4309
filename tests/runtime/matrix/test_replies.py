"""Replies are Kamailio 5.6.3's, octet for octet: those made here, and those of branches."""

from __future__ import annotations

import random

import pytest

from tests.helpers import servers
from tests.helpers.ports import PortPool
from tests.helpers.servers import need_kamailio
from tests.runtime.matrix.exchange import Case, answer, differences, run
from tests.runtime.matrix.replies import all_cases

SEED = 5063
SIZE = 250

KNOWN = frozenset({"event3INVITE", "event3OPTIONS"})
"""Cases that differ on purpose (docs/deviations.md)."""


def _cases() -> list[Case]:
    return [c for c in all_cases() if c.name not in KNOWN]


def _shown(found: list[tuple[Case, str, str]]) -> str:
    return "\n".join(
        f"{case.name} {case.setup}\n{case.script}\n{case.more}\n"
        f"  Kamailio:\n{theirs}\n  ours:\n{ours}"
        for case, theirs, ours in found[:5]
    )


@pytest.mark.oracle
def test_a_sample_of_replies() -> None:
    need_kamailio()
    plain = [case for case in _cases() if not case.setup]
    found = differences(random.Random(SEED).sample(plain, SIZE), PortPool())
    assert not found, _shown(found)


@pytest.mark.soak
@pytest.mark.oracle
@pytest.mark.parametrize("part", range(8))
def test_all_replies(part: int) -> None:
    need_kamailio()
    found = differences(_cases()[part::8], PortPool())
    assert not found, _shown(found)


def test_each_local_response_runs_its_route() -> None:
    (case,) = [case for case in all_cases() if case.name == "event3OPTIONS"]
    found = run(servers.OURS, [case], PortPool())[case.name]
    assert [line.split()[1] for line in found.splitlines() if line.startswith("log: ")] == [
        "180",
        "404",
    ]


def test_names_are_unique() -> None:
    names = [case.name for case in all_cases()]
    assert len(set(names)) == len(names)


def test_a_sink_answers_with_the_headers_of_the_request() -> None:
    request = "INVITE sip:a SIP/2.0\r\nVia: x\r\nTo: <sip:b>\r\nX-Case: c\r\n\r\n"
    assert answer(request, "486 Busy|X-A: 1", 2) == (
        "SIP/2.0 486 Busy\r\nVia: x\r\nTo: <sip:b>;tag=sink-2\r\n"
        "X-A: 1\r\nContent-Length: 0\r\n\r\n"
    )
