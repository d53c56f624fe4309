"""The allocator of shared memory; each scene runs in an interpreter of its own."""

from __future__ import annotations

import random
import signal
from collections.abc import Callable
from functools import partial

import pytest

from runtime.native import fault, shm
from tests.runtime.native_base.alone import alone
from tests.runtime.native_base.fleet import Fleet

PROCESSES = 4
STEPS = 6000


def churn(seed: int, *, publish: bool) -> None:
    """Allocate, fill, grow, compare and free at random; nothing stays."""
    dice = random.Random(seed)
    mine: list[tuple[int, bytes, int]] = []
    for _ in range(STEPS):
        if len(mine) < 150 and dice.random() < 0.55:
            size = int(2 ** dice.uniform(0, 17))
            address = shm.malloc(size)
            if address:
                mark = bytes([dice.randrange(256)]) * min(size, 64)
                shm.write(address, mark)
                mine.append((address, mark, size))
                if publish:
                    shm.publish(address)
        elif mine:
            address, mark, size = mine.pop(dice.randrange(len(mine)))
            if dice.random() < 0.2:
                address = shm.realloc(address, size * 2) or address
            assert shm.read(address, len(mark)) == mark
            shm.free(address)
    for address, mark, _ in mine:
        assert shm.read(address, len(mark)) == mark
        shm.free(address)


def sizes() -> None:
    """Blocks of all sizes do not overlap, come back whole, and leave nothing."""
    shm.create(16 << 20)
    blocks = {}
    for size in (*range(0, 300), 1023, 4096, 16376, 16377, 65535, 65536, 65537, 300_000):
        address = shm.malloc(size)
        assert address and address % 8 == 0
        shm.write(address, bytes([size % 251]) * size)
        blocks[size] = address
    assert shm.check() == shm.status().fragments == len(blocks)
    assert shm.status().used >= sum(blocks)
    for size, address in blocks.items():
        assert shm.read(address, size) == bytes([size % 251]) * size
        shm.free(address)
    status = shm.status()
    assert (status.used, status.real_used, status.fragments) == (0, 0, 0)
    assert status.free == status.total == 16 << 20
    assert shm.check() == 0


def realloc() -> None:
    """Content survives growing, and so does being published."""
    shm.create(4 << 20)
    address = shm.malloc(10)
    shm.write(address, b"0123456789")
    shm.publish(address)
    for size in (11, 100, 5000, 20_000, 200_000):
        address = shm.realloc(address, size)
        assert shm.read(address, 10) == b"0123456789"
    address = shm.realloc(address, 10)
    assert shm.read(address, 10) == b"0123456789"
    assert shm.realloc(address, 64 << 20) == 0, "too large: the old block stays"
    assert shm.read(address, 10) == b"0123456789"
    shm.free(address)
    assert shm.check() == 0


def exhaustion() -> None:
    """Memory that is out gives 0, and all of it can be had again, in any size."""
    shm.create(2 << 20)
    for size in (24, 1000, 16_000, 65_536, 500_000):
        taken = []
        while address := shm.malloc(size):
            taken.append(address)
        assert shm.malloc(size) == 0
        assert len(taken) * size > (2 << 20) * (0.3 if size > 65_536 else 0.7)
        for address in taken:
            shm.free(address)
        assert shm.status().used == 0
        assert shm.check() == 0
    address = shm.malloc(2 << 20)
    assert address, "one block takes all of it"
    shm.free(address)


def misuse() -> None:
    """What is not a live block is not freed: nothing breaks."""
    shm.create(4 << 20)
    address, other = shm.malloc(100), shm.malloc(100)
    shm.free(address)
    shm.free(address)
    shm.free(other + 8)
    shm.free(0)
    assert shm.malloc(100) != shm.malloc(100)
    assert shm.check() == 3


def limits() -> None:
    """Sizes that no mapping can have are refused; a second create does nothing."""
    assert not shm.created() and shm.malloc(8) == 0 and not shm.populate(4096)
    for size in (0, 1 << 10, 1 << 50):
        with pytest.raises((ValueError, MemoryError)):
            shm.create(size)
    shm.create(4 << 20)
    shm.create(64 << 20)
    assert shm.status().total == 4 << 20


def stress() -> None:
    """Four processes at once leave nothing behind."""
    fleet = Fleet()
    for slot in range(1, PROCESSES + 1):
        fleet.fork(slot, partial(churn, slot, publish=slot % 2 == 0))
    assert set(fleet.wait().values()) == {0}
    assert shm.check() == shm.status().fragments == shm.status().used == 0
    assert shm.status().max_used > 0


def passing() -> None:
    """Blocks freed by other processes than those that made them."""
    fleet = Fleet()
    blocks = [shm.malloc(size) for size in (64, 700, 70_000) * 200]
    for block in blocks:
        shm.publish(block)
    parts = [blocks[n::PROCESSES] for n in range(PROCESSES)]

    def free_all(part: list[int]) -> None:
        for block in part:
            shm.free(block)

    for slot in range(1, PROCESSES + 1):
        fleet.fork(slot, partial(free_all, parts[slot - 1]))
    fleet.wait()
    assert shm.check() == shm.status().used == 0


def killed(point: str, skip: str) -> None:
    """One process of four dies inside the allocator: what it had in flight comes back, and what
    others had stays whole. Only blocks that it had published remain."""
    fleet = Fleet()
    fault.arm(point, int(skip))
    for slot in range(1, PROCESSES + 1):
        fleet.fork(slot, partial(churn, slot, publish=False))
    assert sorted(fleet.wait().values()) == [0, 0, 0, signal.SIGKILL]
    assert shm.check() == shm.status().fragments == 0
    assert shm.status().used == 0
    fleet.fork(1, partial(churn, 9, publish=False))
    assert fleet.wait() == {1: 0}
    assert shm.check() == 0


def published_stays() -> None:
    """Reclaim takes what is in flight, and that alone."""
    fleet = Fleet()
    cell = shm.malloc(8)

    def life() -> None:
        kept, taken_back, large = shm.malloc(500), shm.malloc(500), shm.malloc(100_000)
        shm.malloc(300)
        shm.malloc(200_000)
        for block in (kept, taken_back, large):
            shm.publish(block)
        shm.unpublish(taken_back)
        shm.write(cell, kept.to_bytes(8, "little"))

    before = shm.check()
    fleet.fork(1, life)
    fleet.wait()
    assert shm.check() == before + 2
    shm.free(int.from_bytes(shm.read(cell, 8), "little"))
    assert shm.check() == before + 1


@pytest.mark.parametrize(
    "scene", [sizes, realloc, exhaustion, misuse, limits, stress, passing, published_stays]
)
def test_memory(scene: Callable[[], None]) -> None:
    alone(scene)


@pytest.mark.parametrize("skip", ["0", "7"])
@pytest.mark.parametrize(
    "point", ["shm.malloc", "shm.free", "shm.refill", "shm.flush", "shm.page", "shm.run"]
)
def test_death_inside_the_allocator(point: str, skip: str) -> None:
    alone(killed, point, skip)
