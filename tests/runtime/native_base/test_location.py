"""The location table: its order, and workers killed while they change it."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from runtime.native import fault, location, location_sync, lock, proc, shm
from runtime.native.location import Contact, Domain
from tests.runtime.native_base.alone import alone, child

POINTS = (
    "location.record",
    "location.insert",
    "location.update",
    "location.delete",
    "location.release",
    "location.bury",
)
PER_CONTACT = 1200
"""Octets of shared memory that Kamailio needs for a contact."""


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


def an_update_keeps_its_place_or_goes_where_kamailio_puts_it() -> None:
    domain = table()
    for name, q in ((b"a", 1000), (b"b", 500), (b"c", 300)):
        assert domain.put(contact(name, q))
    assert domain.put(contact(b"b", 400, cseq=2))
    assert [row.q for row in domain.record(b"bob")] == [1000, 400, 300]
    assert domain.put(contact(b"c", 700, cseq=2))
    assert [row.q for row in domain.record(b"bob")] == [700, 1000, 400]
    assert [row.version for row in domain.record(b"bob")] == [2, 1, 2]


def the_newest_comes_first_where_time_orders() -> None:
    domain = table()
    domain.desc_time_order = True
    for name in (b"a", b"b", b"c"):
        assert domain.put(contact(name))
    assert domain.put(contact(b"a", cseq=2))
    assert [row.ruid for row in domain.record(b"bob")] == [b"uloc-a", b"uloc-c", b"uloc-b"]


def matching_follows_the_mode() -> None:
    domain = table()
    known = contact(b"a")._replace(path=b"<sip:p;lr>")
    assert domain.put(known)
    other_call = known._replace(callid=b"other", ruid=b"new")
    expected = {0: b"uloc-a", 1: b"new", 2: b"uloc-a", 3: b"new"}
    for mode, ruid in expected.items():
        domain.matching_mode = mode
        stored = domain.add(other_call)
        assert stored is not None and stored.ruid == ruid, mode
        domain.clear()
        assert domain.put(known)
    domain.matching_mode = 2
    assert domain.add(other_call._replace(path=b"<sip:q;lr>")) is not None
    assert len(domain.record(b"bob")) == 2
    with pytest.raises(LookupError):
        domain.remove_match(known._replace(cseq=0))
    with pytest.raises(KeyError):
        domain.remove_match(known._replace(aor=b"nobody"))


def a_contact_is_small() -> None:
    domain = table()
    before = shm.status().used
    count = 1000
    for n in range(count):
        row = contact(b"user%d" % n)._replace(
            aor=b"user%d" % n,
            contact=b"sip:user%d@192.0.2.1:5060;transport=udp" % n,
            callid=b"a84b4c76e66710-%d@pc33.example.com" % n,
            user_agent=b"Example Phone 1.0.0 (build 20260101)",
            received=b"sip:192.0.2.1:5060",
        )
        assert domain.put(row)
    assert (shm.status().used - before) / count <= PER_CONTACT


def each_process_has_a_bucket_of_its_own() -> None:
    shm.create(16 << 20)
    proc.setup()
    domain = Domain(b"location", 16, by_process=True)
    assert domain.put(contact(b"mine"))

    def work() -> None:
        assert domain.record(b"bob") == []
        assert domain.put(contact(b"theirs"))
        domain.clear()
        assert domain.record(b"bob") == []

    assert child(1, work) == 0
    assert [row.ruid for row in domain.record(b"bob")] == [b"uloc-mine"]
    assert domain.counts()[:2] == (0, 0) and domain.bucket(0) == [] and domain.size == 16


def memory_ends() -> None:
    shm.create(2 << 20)
    proc.setup()
    domain = Domain(b"location", 16)
    large = contact(b"x")._replace(user_agent=b"x" * 900)
    stored = 0
    while domain.put(large._replace(aor=b"u%d" % stored)):
        stored += 1
    assert stored == domain.counts()[1] == domain.counts()[0] > 100
    domain.clear()
    assert domain.counts()[:2] == (0, 0)
    assert domain.put(large)


def killed_at(point: str) -> None:
    domain = table()
    assert domain.put(contact(b"kept"))
    before = (shm.status().used, shm.check())

    def work() -> None:
        for name in (b"x", b"y"):
            domain.put(contact(name)._replace(aor=b"alice"))
        domain.put(contact(b"x", cseq=2)._replace(aor=b"alice"))
        domain.put(contact(b"y", q=900, cseq=2)._replace(aor=b"alice"))
        domain.remove(b"alice", ruid=b"uloc-x")
        location_sync.bury(domain, b"alice", b"uloc-x")
        domain.remove(b"alice")

    fault.arm(point)
    status = child(1, work)
    fault.disarm()
    assert os.WIFSIGNALED(status), f"{point} is not reached"
    location_sync.process_died(domain)
    shm.reclaim(1)
    left = [row.ruid for row in domain.record(b"alice")]  # takes the bucket's lock: repaired
    assert len(set(left)) == len(left)
    assert set(left) <= {b"uloc-x", b"uloc-y"}
    assert domain.put(contact(b"z")._replace(aor=b"alice"))
    domain.remove(b"alice")
    assert domain.record(b"alice") == []
    for index in range(location_sync.buckets(domain)):
        buried = location_sync.pending(domain, index, 0)[2]
        assert location_sync.settle(domain, index, [], [], buried) == []
    assert [row.ruid for row in domain.record(b"bob")] == [b"uloc-kept"]
    assert lock.held() == []
    assert (shm.status().used, shm.check()) == before, (shm.status(), shm.check(), before)


def test_order() -> None:
    alone(order_is_by_q_then_age)


@pytest.mark.parametrize(
    "check",
    [
        an_update_keeps_its_place_or_goes_where_kamailio_puts_it,
        the_newest_comes_first_where_time_orders,
        matching_follows_the_mode,
        a_contact_is_small,
        each_process_has_a_bucket_of_its_own,
        memory_ends,
    ],
)
def test_table(check: Callable[[], None]) -> None:
    alone(check)


@pytest.mark.parametrize("point", POINTS)
def test_a_worker_is_killed_while_it_changes_the_table(point: str) -> None:
    alone(killed_at, point)


def test_all_points_are_covered() -> None:
    assert {name for name in fault.points() if name.startswith("location.")} == set(POINTS)
    assert location.hash_of(b"bob") != location.hash_of(b"alice")
