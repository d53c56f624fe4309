"""Hash tables: order, iterators on items that go, sums over processes, dead holders, no room."""

from __future__ import annotations

import os
import signal
import time

import pytest

from runtime.native import fault, htable_iter, proc, shm
from runtime.native.htable import HTable
from tests.runtime.native_base.alone import alone, child
from tests.runtime.native_base.fleet import Fleet, cell, number, store, wait_for

POINTS = ("htable.insert", "htable.replace", "htable.delete")
WORKERS = 4
ROUNDS = 20_000


def table(size: int = 4, megabytes: int = 16, **how: int) -> HTable:
    shm.create(megabytes << 20)
    proc.setup()
    return HTable(b"t", size, expire=how.get("expire", 0), initval=how.get("initval"))


def items(found: HTable) -> dict[bytes, bytes | int]:
    return {
        name: value for index in range(found.size) for name, value, _ in found.slot(index)
    }  # fmt: skip


def values_replace_each_other() -> None:
    found = table()
    before = shm.status().used
    for value in (b"text", 5, b"a longer text", b"", -(2**31), 2**31 - 1, b"x" * 5000, b"\xff\0y"):
        assert found.set(b"key", value)
        assert found.get(b"key") == value
        assert found.count() == 1
    assert found.delete(b"key") and not found.delete(b"key")
    assert found.get(b"key") is None and found.count() == 0
    assert shm.status().used == before


def names_differ_by_case_within_one_slot() -> None:
    found = table(16)
    for n, name in enumerate((b"Key", b"KEY", b"key", b"kEy")):
        assert found.set(name, n)
    assert {found.slot_index(name) for name in (b"Key", b"KEY", b"key")} == {
        found.slot_index(b"kEy")
    }
    assert [found.get(name) for name in (b"Key", b"KEY", b"key", b"kEy", b"KeY")] == [
        *(0, 1, 2, 3, None)
    ]


def an_iterator_outlives_its_item() -> None:
    found = table(1)
    before = shm.status().used
    for n in range(6):
        assert found.set(b"k%d" % n, n)
    order = [name for name, _, _ in found.slot(0)]
    assert htable_iter.iterator_start(b"i", found) == 0 and htable_iter.iterator_next(b"i") == 0
    assert htable_iter.iterator_item(b"i") == (order[0], int(order[0][1:]))
    found.delete(order[0])
    found.delete(order[1])
    assert htable_iter.iterator_item(b"i") == (order[0], int(order[0][1:]))
    assert htable_iter.iterator_set(b"i", b"nowhere") == 0
    assert htable_iter.iterator_next(b"i") == 0
    item = htable_iter.iterator_item(b"i")
    assert item is not None and item[0] == order[2]
    found.set(order[2], b"a text in place of a number")
    assert htable_iter.iterator_start(b"j", found) == 0 and htable_iter.iterator_next(b"j") == 0
    found.clear()
    assert htable_iter.iterator_next(b"i") == -1 and htable_iter.iterator_next(b"j") == -1
    assert htable_iter.iterator_end(b"i") == 0 and htable_iter.iterator_end(b"j") == 0
    assert shm.status().used == before


def an_iterator_starts_anew() -> None:
    one, two = table(2), HTable(b"u", 2)
    one.set(b"a", 1)
    two.set(b"b", 2)
    assert htable_iter.iterator_start(b"i", one) == 0 and htable_iter.iterator_next(b"i") == 0
    one.delete(b"a")
    assert htable_iter.iterator_start(b"i", two) == 0 and htable_iter.iterator_next(b"i") == 0
    assert htable_iter.iterator_item(b"i") == (b"b", 2)
    assert htable_iter.iterator_rm(b"i") == -2 and htable_iter.iterator_rm(b"i") == -1
    assert htable_iter.iterator_end(b"i") == 0 and htable_iter.iterator_end(b"i") == -1
    names = [b"%d" % n for n in range(5)]
    assert [htable_iter.iterator_start(name, one) for name in names] == [0, 0, 0, 0, -1]
    assert htable_iter.iterator_end(b"0") == 0
    assert htable_iter.iterator_start(b"n" * 32, one) == -2


def no_room_is_said() -> None:
    found = table(1024, megabytes=2)
    count = 0
    while found.set(b"key%d" % count, b"v" * 200):
        count += 1
    assert count > 1000 and found.count() == count
    assert not found.set(b"key0", b"v" * 100_000)
    assert found.get(b"key0") == b"v" * 200
    assert found.set(b"key0", 5) and found.get(b"key0") == 5
    assert found.add(b"none", 1) is None
    found.clear()
    assert found.set(b"again", b"v" * 200)
    with pytest.raises(MemoryError):
        HTable(b"huge", 1 << 24)


def time_ends_items() -> None:
    found = table(4, expire=100)
    for name in (b"gone", b"kept", b"for ever", b"renewed"):
        assert found.set(name, b"v")
    found.set_expire(b"for ever", 0)
    assert found.expires_in(b"for ever") < 0 < found.expires_in(b"kept") <= 100
    htable_iter.iterator_start(b"i", found)
    while htable_iter.iterator_next(b"i") == 0:
        item = htable_iter.iterator_item(b"i")
        if item is not None and item[0] in (b"gone", b"renewed"):
            htable_iter.iterator_set_expire(b"i", int(time.time()) - 1)
    htable_iter.iterator_end(b"i")
    assert found.get(b"gone") is None and found.count() == 4
    found.set(b"renewed", b"w")
    told: list[tuple[bytes, bytes | int]] = []

    def tell(name: bytes, value: bytes | int) -> None:
        told.append((name, value))
        found.set(name, b"renewed too late")

    for index in range(found.size):
        found.drop_expired(index, tell)
    assert told == [(b"gone", b"v")]
    assert sorted(items(found)) == [b"for ever", b"kept", b"renewed"]


def sums_are_exact() -> None:
    fleet = Fleet()
    found = HTable(b"t", 2, initval=0)
    for slot in range(1, WORKERS + 1):

        def work() -> None:
            for n in range(ROUNDS):
                assert found.add(b"sum", 1) is not None
                found.set(b"text%d" % (n % 7), b"x" * (n % 50))

        fleet.fork(slot, work)
    assert set(fleet.wait().values()) == {0}
    assert found.get(b"sum") == WORKERS * ROUNDS
    assert found.count() == 8


def a_lock_of_scripts_is_one_process_s() -> None:
    fleet = Fleet()
    found = HTable(b"t", 1, initval=0)
    held, done = cell(), cell()

    def holder() -> None:
        found.lock(b"k")
        found.lock(b"k")
        found.add(b"k", 1)
        found.unlock(b"k")
        store(held, 1)
        wait_for(lambda: number(held) == 2)
        os.kill(os.getpid(), signal.SIGKILL)

    def other() -> None:
        wait_for(lambda: number(held) == 1)
        store(held, 2)
        found.add(b"k", 1)
        store(done, 1)

    fleet.fork(1, holder)
    fleet.fork(2, other)
    assert fleet.wait() == {1: signal.SIGKILL, 2: 0}
    assert number(done) == 1 and found.get(b"k") == 2


def workers_die_while_they_change(point: str) -> None:
    found = table(1)
    for n in range(8):
        assert found.set(b"k%d" % n, n)
    used = shm.status().used

    def work() -> None:
        fault.arm(point)
        found.set(b"new", b"text")
        found.set(b"new", b"another")
        found.delete(b"new")

    assert os.WTERMSIG(child(1, work)) == signal.SIGKILL
    found.process_died()
    shm.reclaim(1)
    proc.free(1)
    for n in range(8):
        assert found.get(b"k%d" % n) == n
    assert found.get(b"new") in (None, b"text", b"another")
    assert found.count() == len(found.slot(0))
    found.delete(b"new")
    assert found.count() == 8 and shm.status().used == used
    shm.check()


@pytest.mark.parametrize(
    "function",
    [
        values_replace_each_other,
        names_differ_by_case_within_one_slot,
        an_iterator_outlives_its_item,
        an_iterator_starts_anew,
        no_room_is_said,
        time_ends_items,
        sums_are_exact,
        a_lock_of_scripts_is_one_process_s,
    ],
)
def test_tables(function: object) -> None:
    alone(function, seconds=120)  # type: ignore[arg-type]


@pytest.mark.parametrize("point", POINTS)
def test_a_dead_worker_leaves_a_whole_table(point: str) -> None:
    alone(workers_die_while_they_change, point)
