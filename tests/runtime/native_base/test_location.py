"""The location table: its order, and workers killed while they change it."""

from __future__ import annotations

import os

import pytest

from runtime.native import fault, location, lock, proc, shm
from runtime.native.location import Contact, Domain
from tests.runtime.native_base.alone import alone, child

POINTS = ("location.record", "location.insert", "location.update", "location.delete")


def contact(name: bytes, q: int = -1, cseq: int = 1) -> Contact:
    return Contact(
        aor=b"bob",
        contact=b"sip:%b@192.0.2.1" % name,
        received=None,
        path=None,
        callid=b"call-" + name,
        user_agent=b"test",
        instance=None,
        ruid=b"uloc-" + name,
        expires=4_000_000_000,
        last_modified=1,
        q=q,
        cseq=cseq,
        reg_id=0,
        connection_id=-1,
        server_id=0,
        cflags=0,
        methods=0xFFFFFFFF,
        socket=None,
        flags=0,
        state=0,
    )


def table() -> Domain:
    shm.create(16 << 20)
    proc.setup()
    return Domain(b"location", 16)


def order_is_by_q_then_age() -> None:
    domain = table()
    for name, q in ((b"a", 500), (b"b", 1000), (b"c", 500), (b"d", -1)):
        assert domain.put(contact(name, q))
    assert [row.ruid for row in domain.record(b"bob")] == [
        b"uloc-b",
        b"uloc-a",
        b"uloc-c",
        b"uloc-d",
    ]


def killed_at(point: str) -> None:
    domain = table()
    assert domain.put(contact(b"kept"))
    before = (shm.status().used, shm.check())

    def work() -> None:
        for name in (b"x", b"y"):
            domain.put(contact(name)._replace(aor=b"alice"))
        domain.put(contact(b"x", cseq=2)._replace(aor=b"alice"))
        domain.remove(b"alice", contact=b"sip:x@192.0.2.1")

    fault.arm(point)
    status = child(1, work)
    fault.disarm()
    assert os.WIFSIGNALED(status), f"{point} is not reached"
    domain.settle()
    shm.reclaim(1)
    left = [row.ruid for row in domain.record(b"alice")]  # takes the bucket's lock: repaired
    assert len(set(left)) == len(left)
    assert set(left) <= {b"uloc-x", b"uloc-y"}
    assert domain.put(contact(b"z")._replace(aor=b"alice"))
    domain.remove(b"alice")
    assert domain.record(b"alice") == []
    assert [row.ruid for row in domain.record(b"bob")] == [b"uloc-kept"]
    assert lock.held() == []
    assert (shm.status().used, shm.check()) == before, (shm.status(), shm.check(), before)


def test_order() -> None:
    alone(order_is_by_q_then_age)


@pytest.mark.parametrize("point", POINTS)
def test_a_worker_is_killed_while_it_changes_the_table(point: str) -> None:
    alone(killed_at, point)


def test_all_points_are_covered() -> None:
    assert {name for name in fault.points() if name.startswith("location.")} == set(POINTS)
    assert location.hash_of(b"bob") != location.hash_of(b"alice")
