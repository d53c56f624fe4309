"""Every RPC method by the unmodified kamcmd and by JSON-RPC, against both servers."""

from __future__ import annotations

import pytest

from tests.runtime.control.commands import ELSEWHERE, cases, value
from tests.runtime.control.masks import mask
from tests.runtime.control.pair import Pair, Side

SAMPLE = 4


def methods(side: Side) -> list[str]:
    """All methods that a server lists."""
    return side.kamcmd(["system.listMethods"]).split()


def differences(pair: Pair, each: int | None, seed: int, channel: str) -> list[str]:
    """The calls whose answers differ."""
    found = []
    for method, words in cases(methods(pair.theirs), each, seed):
        answers = []
        for side in (pair.theirs, pair.ours):
            if channel == "json":
                text = side.call(method, [value(word) for word in words])
            else:
                text = side.kamcmd([method, *words], channel)
            answers.append(mask(method)(text))
        if answers[0] != answers[1]:
            found.append(f"{method} {words}\n  {answers[0][:400]!r}\n  {answers[1][:400]!r}")
    return found


def test_both_have_the_same_methods(pair: Pair) -> None:
    theirs = [name for name in methods(pair.theirs) if not name.startswith(ELSEWHERE)]
    assert [name for name in methods(pair.ours) if not name.startswith(ELSEWHERE)] == theirs


@pytest.mark.parametrize("channel", ["unixs", "json"])
def test_answers_are_kamailio_s(pair: Pair, channel: str) -> None:
    found = differences(pair, SAMPLE, 1, channel)
    assert not found, "\n".join(found)


@pytest.mark.soak
@pytest.mark.parametrize("channel", ["unixs", "unixd", "tcp", "udp", "json"])
def test_all_answers_are_kamailio_s(pair: Pair, channel: str) -> None:
    found = differences(pair, None, 1, channel)
    assert not found, f"{len(found)}\n" + "\n".join(found)
