"""Private memory (pkg): libc's allocator under a bound, with guards at both ends of each block.

Each process counts for itself and writes its counters into a row of shared memory, so that any
process can show them (``pkg.stats``). A forked process goes on with the blocks of its parent.
"""

from libc.stdint cimport uint32_t, uint64_t, uintptr_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset
from runtime.native.proc cimport MAX_PROCS, process_no

from typing import NamedTuple

from runtime.native import lock

cdef struct block:              # before the octets of the caller
    block *next
    block *prev
    uint64_t size
    uint32_t site
    uint32_t pad
    uint64_t mark

cdef struct counters:
    uint64_t used
    uint64_t real_used
    uint64_t max_used
    uint64_t blocks

cdef enum:
    TAIL = 8

cdef uint64_t HEAD_MARK = 0xF0F0F0F0ABCDEFED
cdef uint64_t TAIL_MARK = 0xC0C0C0C0ABCDEFED
cdef uint64_t FREED_MARK = 0xDEADBEEFDEADBEEF

cdef block head
cdef counters mine
cdef counters *rows = NULL      # in shared memory, one for each process slot
cdef uint64_t limit = 0         # octets, real ones; 0: none
head.next = &head
head.prev = &head


cdef size_t pkg_area() noexcept nogil:
    return sizeof(counters) * MAX_PROCS


cdef void pkg_attach(void *area) noexcept nogil:
    global rows
    rows = <counters *>area


cdef inline void tell() noexcept nogil:
    if mine.real_used > mine.max_used:
        mine.max_used = mine.real_used
    if rows != NULL:
        rows[process_no] = mine


cdef inline void link(block *b, size_t size, uint32_t site) noexcept nogil:
    b.size = size
    b.site = site
    b.mark = HEAD_MARK ^ <uint64_t>b
    memcpy(<char *>(b + 1) + size, &TAIL_MARK, TAIL)
    b.next = head.next
    b.prev = &head
    head.next.prev = b
    head.next = b
    mine.used += size
    mine.real_used += size + sizeof(block) + TAIL
    mine.blocks += 1
    tell()


cdef inline void unlink(block *b) noexcept nogil:
    b.prev.next = b.next
    b.next.prev = b.prev
    mine.used -= b.size
    mine.real_used -= b.size + sizeof(block) + TAIL
    mine.blocks -= 1
    tell()


cdef inline bint whole(block *b) noexcept nogil:
    cdef uint64_t tail
    if b.mark != HEAD_MARK ^ <uint64_t>b:
        return False
    memcpy(&tail, <char *>(b + 1) + b.size, TAIL)
    return tail == TAIL_MARK


cdef void *pkg_malloc(size_t size, uint32_t site) noexcept nogil:
    cdef block *b
    if size > (<size_t>-1 >> 1) or (limit and mine.real_used + size + sizeof(block) + TAIL > limit):
        return NULL
    b = <block *>malloc(sizeof(block) + size + TAIL)
    if b == NULL:
        return NULL
    link(b, size, site)
    return b + 1


cdef void *pkg_realloc(void *p, size_t size, uint32_t site) noexcept nogil:
    cdef block *b
    cdef void *fresh
    if p == NULL:
        return pkg_malloc(size, site)
    b = <block *>p - 1
    if not whole(b):
        with gil:
            complain(<uintptr_t>p)
        return NULL
    fresh = pkg_malloc(size, site)
    if fresh == NULL:
        return NULL
    memcpy(fresh, p, b.size if b.size < size else size)
    pkg_free(p)
    return fresh


cdef void pkg_free(void *p) noexcept nogil:
    cdef block *b
    if p == NULL:
        return
    b = <block *>p - 1
    if not whole(b):
        with gil:
            complain(<uintptr_t>p)
        return
    unlink(b)
    b.mark = FREED_MARK ^ <uint64_t>b
    free(b)


cdef int complain(uintptr_t address) except 0:
    from runtime.native import klog
    cdef block *b = <block *>address - 1
    if b.mark == FREED_MARK ^ <uint64_t>b:
        what = "is freed twice"
    elif b.mark == HEAD_MARK ^ <uint64_t>b:
        what = f"made by {lock.site_name(b.site)}, was written behind its end"
    else:
        what = "is not ours, or was written before its start"
    klog.say(-4, "pkg", f"block at {address:#x} {what}: it stays allocated")
    return 1


# -- Python

class Status(NamedTuple):
    total: int
    free: int
    used: int
    real_used: int
    max_used: int
    fragments: int


def set_limit(uint64_t octets):
    global limit
    limit = octets


def status(int slot=-1):
    cdef counters c = mine
    if slot >= 0:
        if slot >= MAX_PROCS:
            raise ValueError(f"process slot {slot} is outside 0..{MAX_PROCS - 1}")
        memset(&c, 0, sizeof(c))
        if rows != NULL:
            c = rows[slot]
    free_octets = limit - c.real_used if limit > c.real_used else 0
    return Status(limit, free_octets, c.used, c.real_used, c.max_used, c.blocks)


def announce():
    """Write this process's counters into its row: at its start, before it allocates anything."""
    mine.max_used = mine.real_used
    tell()


def blocks():
    """Live blocks of this process: (site, octets, how many), by octets."""
    cdef block *b = head.next
    found = {}
    while b != &head:
        total, count = found.get(b.site, (0, 0))
        found[b.site] = total + b.size, count + 1
        b = b.next
    rows = [(lock.site_name(site), total, count) for site, (total, count) in found.items()]
    return sorted(rows, key=lambda row: (-row[1], row[0]))


def malloc_(size_t size, uint32_t site=0):
    return <size_t>pkg_malloc(size, site)


def realloc_(size_t p, size_t size, uint32_t site=0):
    return <size_t>pkg_realloc(<void *>p, size, site)


def free_(size_t p):
    pkg_free(<void *>p)


def write(size_t p, bytes data not None):
    memcpy(<void *>p, <const char *>data, len(data))


def read(size_t p, size_t size):
    return (<const char *>p)[:size]
