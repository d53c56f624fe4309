"""Commands and arguments, good and bad, for each method that both servers have."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Final

ARGUMENTS: Final[tuple[tuple[str, ...], ...]] = (
    *((), ("x",), ("5",), ("s:5",), ("f:1.5",), ("x", "y"), ("x", "5"), ("5", "x"), ("all",)),
    *(("core",), ("core", "debug"), ("script.calls",), ("script", "calls"), ("a",), ("first",)),
    *(("a", "alice"), ("location",), ("location", "a@b"), ("x", "y", "z"), ("a", "b", "5")),
    *(("a", "b", "c", "d"), ("a", "b", "c", "d", "e", "f", "g", "h"), ("",), ("-1",)),
    *(("99999999999",), ("a", "alice", "s:7", "9"), ("site", "limit", "3"), ("site", "limit")),
    *(("site", "title", "s:new"), ("site[1]", "limit"), ("site[x]", "limit", "3"), ("num",)),
    *(("num", "int", "9"), ("txt", "str", "s:nine"), ("txt", "int", "x"), ("core:",)),
    *(("script:",), ("core.rcv_requests",), ("pid", "x"), ("rank", "0"), ("idx", "0")),
)
"""As kamcmd takes them: what looks like a number is one, ``s:`` makes a text of anything."""

NOT_ASKED: Final = frozenset({"core.kill", "tm.t_uac_wait", "tm.t_uac_wait_block"})
"""They end the server, or need an answer from elsewhere."""

CRASHES: Final = frozenset({("cfg.reset", "site"), ("cfg.reset", "site[1]")})
"""Method and first argument with which Kamailio reads memory that is not its own."""

INSTANCES: Final = frozenset(
    (f"cfg.{name}", "site[1]")
    for name in ("add_group_inst", "del_group_inst", "del", "del_delayed")
)
"""Instances of groups are not built."""

ELSEWHERE: Final = ("dns.", "dst_blocklist.")
"""Methods that come with the transports."""


def value(word: str) -> str | int | float:
    """A word of kamcmd as JSON."""
    if word.startswith("s:"):
        return word[2:]
    if word.startswith("f:"):
        return float(word[2:])
    try:
        return int(word)
    except ValueError:
        return word


def cases(
    methods: Sequence[str], each: int | None, seed: int
) -> Iterator[tuple[str, tuple[str, ...]]]:  # fmt: skip
    """``each`` argument lists for every method, or all of them; without any is always one."""
    chance = random.Random(seed)
    for method in methods:
        if method in NOT_ASKED or method.startswith(ELSEWHERE):
            continue
        chosen = ARGUMENTS if each is None else ((), *chance.sample(ARGUMENTS[1:], each - 1))
        for words in chosen:
            if (method, *words[:1]) not in CRASHES | INSTANCES:
                yield method, words
