"""Chapter 17 of the guide: libraries for modules. ``srdb1`` has its test in chapter 9."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable

import pytest

from runtime.lib.trie.dtrie import (
    dtrie_clear,
    dtrie_contains,
    dtrie_destroy,
    dtrie_init,
    dtrie_insert,
    dtrie_leaves,
    dtrie_loaded_nodes,
    dtrie_longest_match,
    dtrie_size,
)
from runtime.native import lock, shm
from tests.runtime.native_base.alone import alone
from tests.runtime.native_base.fleet import Fleet, cell, number, store, wait_for


def s17_longest_match() -> None:
    """The longest prefix that has data, by digits or by octets."""
    shm.create(8 << 20)
    root = dtrie_init(10)
    assert dtrie_longest_match(root, b"49") is None
    for prefix, data in ((b"49", 1), (b"4930", 2), (b"49301", 3), (b"1", 2**63)):
        assert dtrie_insert(root, prefix, data) == 0
    assert dtrie_longest_match(root, b"493099") == (2, 4)
    assert dtrie_longest_match(root, b"4940") == (1, 2)
    assert dtrie_longest_match(root, b"4930x1") == (2, 4)
    assert dtrie_longest_match(root, b"18005551234") == (2**63, 1)
    assert dtrie_longest_match(root, b"") is None
    assert dtrie_longest_match(root, b"2") is None
    assert dtrie_contains(root, b"4930") == 2
    assert dtrie_contains(root, b"493") is None
    assert dtrie_contains(root, b"493011") is None
    assert (dtrie_size(root), dtrie_loaded_nodes(root), dtrie_leaves(root)) == (7, 4, 2)
    assert dtrie_insert(root, b"", 9) == 0
    assert dtrie_longest_match(root, b"777") == (9, 0)
    letters = dtrie_init(128)
    assert dtrie_insert(letters, b"sip:alice", 5) == 0
    assert dtrie_longest_match(letters, b"sip:alice@x") == (5, 9)


def s17_bad_keys() -> None:
    """What has no branch is refused, and leaves nothing behind."""
    shm.create(8 << 20)
    root = dtrie_init(10)
    for key in (b"12a", b"+49", b"\xff", b"\0", b"1" * 256):
        assert dtrie_insert(root, key, 1) == -1
    assert dtrie_size(root) == 1
    assert dtrie_insert(root, b"1" * 255, 1) == 0
    assert dtrie_insert(dtrie_init(128), b"\x80", 1) == -1
    for data in (0, -1):
        with pytest.raises(ValueError, match="above 0"):
            dtrie_insert(root, b"1", data)
    with pytest.raises(ValueError, match="branches"):
        dtrie_init(0)


def s17_memory() -> None:
    """All of it is back; where there is none left, that is said and the tree stays whole."""
    shm.create(4 << 20)
    before = shm.status().used
    root, dice = dtrie_init(10), random.Random(17)
    numbers = {b"%d" % dice.randrange(10**9): n for n in range(1, 2000)}
    for key, data in numbers.items():
        dtrie_insert(root, key, data)
    assert all(dtrie_contains(root, key) == data for key, data in numbers.items())
    dtrie_clear(root)
    assert (dtrie_size(root), dtrie_longest_match(root, b"1")) == (1, None)
    dtrie_destroy(root)
    assert shm.status().used == before
    with pytest.raises(ValueError, match="destroyed"):
        dtrie_size(root)
    root = dtrie_init(128)
    with pytest.raises(MemoryError):
        for n in range(10**6):
            dtrie_insert(root, b"%08d" % (n * 7919), n + 1)
    assert dtrie_contains(root, b"%08d" % 7919) == 2
    dtrie_destroy(root)
    assert shm.status().used == before


def s17_a_writer_dies() -> None:
    """Readers go on, what was stored stays, no lock is left."""
    fleet = Fleet(64)
    root = dtrie_init(10)
    stored = cell()

    def write() -> None:
        for n in range(10**6):
            dtrie_insert(root, b"%06d" % (n * 7919 % 10**6), n + 1)
            store(stored, n + 1)

    fleet.fork(1, write)
    wait_for(lambda: number(stored) > 5000)
    os.kill(next(iter(fleet.pids)), signal.SIGKILL)
    fleet.wait()
    for n in range(number(stored)):
        assert dtrie_contains(root, b"%06d" % (n * 7919 % 10**6)) == n + 1
    assert dtrie_insert(root, b"1", 1) == 0
    assert lock.held() == []


SCENES = [scene for name, scene in list(globals().items()) if name.startswith("s17_")]


@pytest.mark.parametrize("scene", SCENES)
def test_section(scene: Callable[[], None]) -> None:
    alone(scene)
