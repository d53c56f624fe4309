"""What the database is told of a location table, and what time takes out of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from runtime.native import location_sync, proc, shm
from runtime.native.location import Contact, Domain
from tests.runtime.native_base.alone import alone
from tests.runtime.native_base.test_location import contact

NOW = 1_000
SYNCED, DIRTY = 1, 2


def table(*, write_back: bool = True) -> Domain:
    shm.create(16 << 20)
    proc.setup()
    return Domain(b"location", 1, write_back=write_back)


def states(domain: Domain) -> dict[bytes, int]:
    return {row.ruid: row.state for row in domain.record(b"bob")}


def take(domain: Domain) -> tuple[list[Contact], list[Contact], list[bytes], list[Contact]]:
    return location_sync.pending(domain, 0, NOW)


def marks_go_when_the_database_has_it() -> None:
    domain = table()
    domain.put(contact(b"a"))
    put, gone, dead, ended = take(domain)
    assert [row.ruid for row in put] == [b"uloc-a"] and not gone and not dead and not ended
    assert states(domain) == {b"uloc-a": 0}, "a process may die before it has written"
    assert location_sync.settle(domain, 0, put, gone, dead) == []
    assert states(domain) == {b"uloc-a": SYNCED}
    assert take(domain) == ([], [], [], [])


def a_change_meanwhile_stays_marked() -> None:
    domain = table()
    domain.put(contact(b"a"))
    put, gone, dead, _ = take(domain)
    domain.put(contact(b"a", q=500, cseq=2))
    location_sync.settle(domain, 0, put, gone, dead)
    assert states(domain) == {b"uloc-a": DIRTY}
    assert [row.q for row in take(domain)[0]] == [500]


def an_older_contact_may_overwrite_a_newer_row() -> None:
    domain = table(write_back=False)
    domain.put(contact(b"a"))
    older = domain.record(b"bob")[0]
    put, gone, dead, _ = take(domain)
    domain.put(contact(b"a", q=500, cseq=2))
    newer = domain.record(b"bob")[0]
    for write_older in (
        lambda: location_sync.mark_synced(domain, older),
        lambda: location_sync.settle(domain, 0, put, gone, dead),
    ):
        assert location_sync.mark_synced(domain, newer)
        assert states(domain) == {b"uloc-a": SYNCED}
        write_older()
        assert states(domain) == {b"uloc-a": DIRTY}


def what_went_meanwhile_is_deleted_again() -> None:
    domain = table(write_back=False)
    domain.put(contact(b"a"))
    put, gone, dead, _ = take(domain)
    domain.remove(b"bob")
    assert location_sync.settle(domain, 0, put, gone, dead) == [b"uloc-a"]


def a_deleted_contact_stays_until_the_database_forgets_it() -> None:
    domain = table()
    domain.put(contact(b"a"), SYNCED)
    domain.remove(b"bob")
    assert [row.expires for row in domain.record(b"bob")] == [10]
    put, gone, dead, ended = take(domain)
    assert [row.ruid for row in gone] == [row.ruid for row in ended] == [b"uloc-a"] and not put
    again = take(domain)
    assert [row.ruid for row in again[1]] == [b"uloc-a"], "to be deleted until it is done"
    assert not again[3], "told of once"
    location_sync.settle(domain, 0, put, gone, dead)
    assert domain.record(b"bob") == [] and domain.counts()[:2] == (0, 0)


def it_comes_back_meanwhile() -> None:
    domain = table()
    domain.put(contact(b"a"), SYNCED)
    domain.remove(b"bob")
    put, gone, dead, _ = take(domain)
    domain.put(contact(b"a", cseq=2))
    location_sync.settle(domain, 0, put, gone, dead)
    assert [row.ruid for row in take(domain)[0]] == [b"uloc-a"], "it is to be written anew"


def the_database_never_knew_it() -> None:
    domain = table()
    domain.put(contact(b"a")._replace(expires=NOW - 1))
    domain.put(contact(b"m")._replace(flags=1))
    put, gone, _, ended = take(domain)
    assert not put and not gone and [row.ruid for row in ended] == [b"uloc-a"]
    assert states(domain) == {b"uloc-m": SYNCED}, "in memory only"
    assert domain.counts() == (1, 1, 1)


def graves_are_kept_until_done() -> None:
    domain = table(write_back=False)
    assert location_sync.bury(domain, b"bob", b"uloc-a")
    assert location_sync.bury(domain, b"bob", b"uloc-b")
    assert sorted(take(domain)[2]) == [b"uloc-a", b"uloc-b"]
    location_sync.settle(domain, 0, [], [], [b"uloc-a"])
    assert take(domain)[2] == [b"uloc-b"]


def time_empties_a_table_without_database() -> None:
    domain = table(write_back=False)
    for name, expires in ((b"a", NOW), (b"b", NOW + 1), (b"c", 0)):
        domain.put(contact(name)._replace(expires=expires))
    gone = location_sync.expire(domain, NOW, report=True)
    assert [row.ruid for row in gone] == [b"uloc-a"]
    assert sorted(states(domain)) == [b"uloc-b", b"uloc-c"]
    assert domain.counts() == (1, 2, 1)
    assert location_sync.expire(domain, NOW + 1) == [] and domain.counts() == (1, 1, 2)


def a_lost_connection_ends_a_contact() -> None:
    domain = table(write_back=False)
    domain.put(contact(b"a")._replace(connection_id=7))
    domain.put(contact(b"b"))
    assert len(domain.record(b"bob")) == 2
    domain.handle_lost_tcp = True
    assert [row.expires for row in domain.record(b"bob") if row.ruid == b"uloc-a"] == [10]
    location_sync.expire(domain, NOW)
    assert sorted(states(domain)) == [b"uloc-b"]
    assert not location_sync.close_connection(7)


@pytest.mark.parametrize(
    "check",
    [
        marks_go_when_the_database_has_it,
        a_change_meanwhile_stays_marked,
        an_older_contact_may_overwrite_a_newer_row,
        what_went_meanwhile_is_deleted_again,
        a_deleted_contact_stays_until_the_database_forgets_it,
        it_comes_back_meanwhile,
        the_database_never_knew_it,
        graves_are_kept_until_done,
        time_empties_a_table_without_database,
        a_lost_connection_ends_a_contact,
    ],
)
def test_sync(check: Callable[[], None]) -> None:
    alone(check)
