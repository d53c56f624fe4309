"""Edited messages leave both servers with the same octets."""

from __future__ import annotations

import random

import pytest

from tests.helpers.ports import PortPool
from tests.helpers.servers import OURS, need_kamailio
from tests.runtime.matrix.edits import alone, in_branches, in_failures, in_replies, together, told
from tests.runtime.matrix.wire import Message, WireCase, run, shown, wire_differences

SEED = 5063
ALONE = 200
PAIRS = 100
PARTS = 8
SOAK = 10_000


@pytest.fixture
def oracle() -> None:
    need_kamailio()


PLACES = {
    "requests": alone,
    "replies": in_replies,
    "branches": in_branches,
    "failures": in_failures,
}


@pytest.mark.oracle
@pytest.mark.usefixtures("oracle")
@pytest.mark.parametrize("place", PLACES)
def test_a_sample_of_all_edits(place: str) -> None:
    cases = random.Random(SEED).sample(list(PLACES[place]()), ALONE)
    found = wire_differences(cases, PortPool())
    assert not found, shown(found)


@pytest.mark.oracle
@pytest.mark.parametrize("size", (2, 3, 5))
@pytest.mark.usefixtures("oracle")
def test_a_sample_of_edits_together(size: int) -> None:
    found = wire_differences(list(together(PAIRS, size, SEED)), PortPool())
    assert not found, shown(found)


@pytest.mark.soak
@pytest.mark.oracle
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.usefixtures("oracle")
def test_all_edits(part: int) -> None:
    found = wire_differences(list(alone())[part::PARTS], PortPool())
    assert not found, shown(found)


@pytest.mark.soak
@pytest.mark.oracle
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.usefixtures("oracle")
def test_random_sequences_of_edits(part: int) -> None:
    size = 2 + part % 5
    found = wire_differences(list(together(SOAK // PARTS, size, part)), PortPool())
    found = [(case, theirs, ours) for case, theirs, ours in found if not _longer(theirs, ours)]
    assert not found, shown(found)


def _longer(theirs: str, ours: str) -> bool:
    """Has Kamailio's message octets behind its end (see the deviations)?"""
    one, other = (text.partition("\nto client:") for text in (theirs, ours))
    return one[0].startswith(other[0]) and one[2] == other[2] != ""


UNTYPED = Message(("X-A: one",), "text", "MESSAGE")
WORDS = Message(("Content-Type: text/plain",), "hello world", "MESSAGE")
CHARSET = Message(("Content-Type: text/plain;charset=utf-8",), "text", "MESSAGE")


def test_parts_of_a_body_without_a_type() -> None:
    cases = (
        WireCase("Get", 'get_body_part("a/b", "$var(p)"); append_hf("X: $var(p)\\r\\n");', UNTYPED),
        WireCase("Append", told('append_body_part("x", "a/b")'), UNTYPED),
        WireCase("Remove", told('remove_body_part("a/b")'), UNTYPED),
        WireCase("Set", told("set_body_multipart()"), UNTYPED),
    )
    got = _sent(cases)
    assert "\r\nX: text\r\n" in got["Get"]
    assert "\r\nX-Rc: -1\r\n" in got["Append"]
    assert "\r\nX-Rc: -1\r\n" in got["Remove"]
    assert got["Set"].endswith(
        'Content-Length: 76\r\nContent-Type: multipart/mixed;boundary="unique-boundary-1"\r\n'
        "Mime-Version: 1.0\r\nX-Rc: 1\r\n\r\n"
        "--unique-boundary-1\r\nContent-Type: text/plain\r\n\r\ntext\r\n--unique-boundary-1\r\n"
    )


def test_a_type_with_parameters_and_no_boundary() -> None:
    got = _sent((WireCase("Set", 'set_body_multipart("new", "a/b", "q");', CHARSET),))
    assert got["Set"].endswith("\r\n\r\n--q\r\nContent-Type: a/b\r\n\r\nnew\r\n--q\r\n")


def test_a_list_of_parameters_that_is_none() -> None:
    got = _sent((WireCase("From", told('assign_hf_value2("From.tag", "new")')),))
    assert ";tag=new\r\n" in got["From"] and "X-Rc: 1\r\n" in got["From"]


def test_an_edit_that_another_has_passed_is_left_out() -> None:
    cases = (
        WireCase("Longer", 'replace_all("l", "L_"); replace_body("o w", "1234567");', WORDS),
        WireCase("Shorter", 'replace_all("l", "L_"); replace_body("o w", "");', WORDS),
    )
    got = _sent(cases)
    assert got["Longer"].endswith("\r\n\r\nheL_L_o worL_d")
    assert got["Shorter"].endswith("\r\n\r\nheL_L_o wor")


def _sent(cases: tuple[WireCase, ...]) -> dict[str, str]:
    found = run(OURS, cases, PortPool())
    return {name: text.partition("\nto client:")[0] for name, text in found.items()}
