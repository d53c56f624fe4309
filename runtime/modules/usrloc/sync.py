"""What is to be written of a location table, in batches (``mem_timer_udomain``)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from runtime.native import location_sync
from runtime.native.location import Contact, Domain

ROWS = 500
"""So many rows go into one transaction."""


@dataclass(frozen=True, slots=True)
class Part:
    """What is to be done for one bucket."""

    index: int
    put: list[Contact]
    gone: list[Contact]
    buried: list[bytes]


@dataclass(frozen=True, slots=True)
class Batch:
    """What one transaction does: rows to write, ruids to delete."""

    parts: tuple[Part, ...]

    @property
    def put(self) -> list[Contact]:
        """The contacts to write."""
        return [contact for part in self.parts for contact in part.put]

    @property
    def dead(self) -> list[bytes]:
        """The ruids to delete."""
        return [
            ruid
            for part in self.parts
            for ruid in (*(contact.ruid for contact in part.gone), *part.buried)
        ]

    def settle(self, domain: Domain) -> list[bytes]:
        """It is done: what must be deleted again, as it went meanwhile."""
        return [
            ruid
            for part in self.parts
            for ruid in location_sync.settle(domain, part.index, part.put, part.gone, part.buried)
        ]

    def singly(self) -> Iterator[Batch]:
        """The same, a row at a time."""
        for part in self.parts:
            for contact in part.put:
                yield Batch((Part(part.index, [contact], [], []),))
            for contact in part.gone:
                yield Batch((Part(part.index, [], [contact], []),))
            for ruid in part.buried:
                yield Batch((Part(part.index, [], [], [ruid]),))


def pending_batches(
    domain: Domain, now: int, first: int, step: int
) -> Iterator[tuple[Batch, list[Contact]]]:
    """What is to be written of buckets first, first + step, …; with it the contacts that ended."""
    parts: list[Part] = []
    over: list[Contact] = []
    rows = 0
    for index in range(first, location_sync.buckets(domain), step):
        put, gone, buried, ended = location_sync.pending(domain, index, now)
        over += ended
        if put or gone or buried:
            parts.append(Part(index, put, gone, buried))
            rows += len(put) + len(gone) + len(buried)
        if rows >= ROWS:
            yield Batch(tuple(parts)), over
            parts, over, rows = [], [], 0
    yield Batch(tuple(parts)), over
