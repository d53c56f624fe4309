"""Chapter 4 of the guide: private and shared memory, their bounds, guards and dumps."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from runtime.api.memory import (
    Block,
    mem_dump_pkg,
    mem_dump_shm,
    pkg_free,
    pkg_malloc,
    pkg_realloc,
    pkg_status,
    shm_free,
    shm_malloc,
    shm_realloc,
    shm_status,
)
from runtime.native import klog, lock, pkg, proc, shm
from tests.runtime.native_base.alone import alone
from tests.runtime.native_base.fleet import Fleet

HERE = "test_04_memory.py"


def said() -> list[str]:
    """Where the log goes from now on."""
    lines: list[str] = []
    klog.set_sink(lambda level, facility, text: lines.append(text))
    return lines


def ours(block: Block | None) -> Block:
    assert block is not None
    return block


def s4_1_1_pkg_malloc() -> None:
    """Examples 4.2 and 4.4: get, use, give back; every octet is counted."""
    before = pkg_status()
    p = ours(pkg_malloc(9))
    p.write(b"kamailio\0")
    assert p.read(0, 8) == b"kamailio"
    assert (pkg_status().used, pkg_status().fragments) == (before.used + 9, before.fragments + 1)
    assert pkg_status().real_used > before.real_used + 9
    pkg_free(p)
    pkg_free(None)
    assert pkg_status()[:4] == before[:4]
    assert pkg_status().max_used > before.max_used
    with pytest.raises(ValueError, match="given back"):
        p.read()


def s4_1_3_pkg_realloc() -> None:
    """Example 4.6: what was in the block is in the larger one, and in the smaller."""
    p = ours(pkg_malloc(8))
    p.write(b"kamailio")
    larger = ours(pkg_realloc(p, 16))
    assert p.address is None
    larger.write(b"kamailio", 8)
    assert larger.read() == b"kamailiokamailio"
    smaller = ours(pkg_realloc(larger, 4))
    assert smaller.read() == b"kama"
    assert ours(pkg_realloc(None, 3)).size == 3


def s4_1_the_bound() -> None:
    """`-M`: beyond it there is None, what is there stays, and what is given back is there again."""
    pkg.set_limit(1 << 16)
    p = ours(pkg_malloc(60_000))
    assert pkg_status().total == 1 << 16 and pkg_status().free < 6_000
    assert pkg_malloc(10_000) is None
    p.write(b"x" * 60_000)
    assert pkg_realloc(p, 70_000) is None
    assert p.read() == b"x" * 60_000
    pkg_free(p)
    assert pkg_malloc(50_000) is not None
    assert pkg_malloc(2**64 - 1) is None


def s4_2_shared_memory() -> None:
    """Examples 4.8 to 4.12; what one process writes another one reads."""
    fleet = Fleet(4)
    before = shm_status().used
    p = ours(shm_malloc(8))
    fleet.fork(1, lambda: p.write(b"kamailio"))
    fleet.wait()
    p = ours(shm_realloc(p, 16))
    assert p.read(0, 8) == b"kamailio"
    shm_free(p)
    shm_free(None)
    assert shm_status().used == before
    assert shm_malloc(1 << 30) is None


def s4_2_it_stays_when_its_maker_dies() -> None:
    """A block that is there for all is not reclaimed with the process that made it."""
    fleet = Fleet(4)

    def life() -> None:
        shm.write(slots.where(), ours(shm_malloc(100)).where().to_bytes(8, "little"))

    slots = ours(shm_malloc(8))
    before = shm_status().fragments
    fleet.fork(1, life)
    fleet.wait()
    assert shm_status().fragments == before + 1
    assert int.from_bytes(slots.read(), "little")


def s4_3_bounds() -> None:
    """Nothing is read or written outside of a block."""
    Fleet(4)
    for p in (ours(pkg_malloc(8)), ours(shm_malloc(8))):
        for at, size in ((0, 9), (-1, 2), (9, 1)):
            with pytest.raises(IndexError):
                p.read(at, size)
        with pytest.raises(IndexError):
            p.write(b"123456789")
        with pytest.raises(IndexError):
            p.write(b"12", 7)


def s4_3_a_block_that_was_written_over() -> None:
    """Native code that writes behind its block is found out when the block is given back."""
    shm.create(8 << 20, debug=True)
    proc.setup()
    log = said()
    for make, free, raw in (
        (pkg_malloc, pkg_free, pkg.write),
        (shm_malloc, shm_free, shm.write),
    ):
        p = ours(make(20))
        raw(p.where() + 20, b"!")
        free(p)
        assert len(log) == 1
        assert f"made by {HERE}:" in log[0] and "written behind its end" in log[0]
        log.clear()
    p = ours(pkg_malloc(20))
    pkg.write(p.where() - 8, b"12345678")
    pkg_free(p)
    assert "not ours" in log.pop()
    address = shm.malloc(20_000)
    shm.write(address + 20_000, b"\0")
    shm.free(address)
    assert "written behind its end" in log.pop()
    assert shm.malloc(20) and shm_realloc(shm_malloc(20), 5000) is not None
    assert log == []


def s4_3_freed_twice() -> None:
    """The second time is refused and logged."""
    Fleet(4)
    log = said()
    address = shm.malloc(64)
    shm.free(address)
    shm.free(address)
    assert "freed twice" in log.pop()


def s4_3_mem_dump() -> None:
    """Example 4.14: what is in use, by the place that asked for it."""
    shm.create(8 << 20, debug=True)
    proc.setup()
    said()
    kept = [ours(pkg_malloc(100)) for _ in range(3)]
    rows = mem_dump_pkg()
    assert rows[0][1:] == (300, 3)
    assert rows[0][0].startswith(f"{HERE}:")
    shared = [ours(shm_malloc(30_000)) for _ in range(2)]
    assert any(row[1:] == (60_000, 2) and HERE in row[0] for row in mem_dump_shm())
    shm.malloc(40_000)
    assert any(row[1:] == (40_000, 1) and ".so+0x" in row[0] for row in mem_dump_shm())
    assert len(kept) + len(shared) == 5


def s4_3_statistics() -> None:
    """Example 4.15: any process shows the private memory of each."""
    fleet = Fleet(4)
    ready, done = ours(shm_malloc(1)), ours(shm_malloc(1))
    ready.write(b"0")
    done.write(b"0")

    def life() -> None:
        pkg.announce()
        keep = pkg_malloc(5000)
        ready.write(b"1")
        while done.read() == b"0":
            pass
        assert keep is not None

    fleet.fork(1, life)
    while ready.read() == b"0":
        pass
    status = pkg_status(1)
    done.write(b"1")
    fleet.wait()
    assert (status.used, status.fragments) == (5000, 1)
    assert pkg_status().used == 0
    assert lock.held() == []


SCENES = [scene for name, scene in list(globals().items()) if name.startswith("s4_")]


@pytest.mark.parametrize("scene", SCENES)
def test_section(scene: Callable[[], None]) -> None:
    alone(scene)
