"""Queues of scripts in shared memory (``mqueue/mqueue_api.c``)."""

from libc.stdint cimport int32_t, uint32_t
from libc.string cimport memcpy
from runtime.native.cstr cimport str_eq
from runtime.native.fault cimport fault_id, fault_point
from runtime.native.lock cimport (
    LOCK_BUSY,
    LOCK_DIED,
    gen_lock_t,
    lock_get,
    lock_init,
    lock_release,
    lock_try,
)
from runtime.native.shm cimport shm_free, shm_malloc, shm_mallocxz, shm_publish, shm_unpublish

cdef extern from "<sched.h>" nogil:
    int sched_yield()

cdef enum:
    SITE_MQUEUE = 91
    KEEP_OLDEST = 1
    KEEP_NEWEST = 2

cdef int F_ADD = fault_id("mqueue.add")
cdef int F_FETCH = fault_id("mqueue.fetch")

cdef struct mq_item:
    mq_item *next
    uint32_t key_length
    uint32_t length
    char key[1]             # and the value behind it

cdef struct mq_head:
    gen_lock_t lock
    mq_item *first          # the next pointers are the truth
    mq_item *last
    int32_t csize
    uint32_t changing       # an item is being linked or unlinked


cdef void repair(mq_head *h) noexcept nogil:
    """Count anew, find the last, publish what is linked."""
    cdef mq_item *item = h.first
    h.csize = 0
    h.last = NULL
    while item is not NULL:
        shm_publish(item)
        h.csize += 1
        h.last = item
        item = item.next
    h.changing = 0


cdef void queue_lock(mq_head *h) noexcept nogil:
    if lock_get(&h.lock, SITE_MQUEUE) == LOCK_DIED:
        repair(h)


cdef mq_item *unlink(mq_head *h, mq_item *before, mq_item *item) noexcept nogil:
    """Take an item out; it is this process's now."""
    h.changing = 1
    shm_unpublish(item)
    if before is NULL:
        h.first = item.next
    else:
        before.next = item.next
    if h.last == item:
        h.last = before
    h.csize -= 1
    fault_point(F_FETCH)
    h.changing = 0
    return item


cdef class Queue:
    """One queue. Made before the fork."""

    cdef mq_head *h
    cdef readonly bytes name
    cdef readonly int32_t msize
    cdef readonly int addmode

    def __cinit__(self, bytes name not None, int32_t msize=0, int addmode=0):
        """At most `msize` items where that is above 0; `addmode` 1 keeps the oldest of a key, 2
        the newest. Raises MemoryError where shared memory is full."""
        self.h = <mq_head *>shm_mallocxz(sizeof(mq_head))
        if self.h is NULL:
            raise MemoryError(f"no shared memory left for queue {name!r}")
        lock_init(&self.h.lock)
        shm_publish(self.h)
        self.name = name
        self.msize = msize
        self.addmode = addmode

    def add(self, bytes key not None, bytes value not None):
        """Put an item at the end; the first goes where there are too many. False: no memory."""
        cdef uint32_t key_length = <uint32_t>len(key), length = <uint32_t>len(value)
        cdef mq_item *item
        cdef mq_item *other
        cdef mq_item *before = NULL
        cdef mq_item *gone = NULL
        cdef mq_item *pushed = NULL
        item = <mq_item *>shm_malloc(sizeof(mq_item) + key_length + length)
        if item is NULL:
            return False
        item.next = NULL
        item.key_length = key_length
        item.length = length
        memcpy(item.key, <char *>key, key_length)
        memcpy(item.key + key_length, <char *>value, length)
        queue_lock(self.h)
        if self.addmode == KEEP_OLDEST or self.addmode == KEEP_NEWEST:
            other = self.h.first
            while other is not NULL and not str_eq(
                other.key, <int>other.key_length, key, <int>key_length
            ):
                before = other
                other = other.next
            if other is not NULL and self.addmode == KEEP_OLDEST:
                lock_release(&self.h.lock)
                shm_free(item)
                return True
            if other is not NULL:
                gone = unlink(self.h, before, other)
        self.h.changing = 1
        if self.h.first is NULL:
            self.h.first = item
        else:
            self.h.last.next = item
        fault_point(F_ADD)
        self.h.last = item
        shm_publish(item)
        self.h.csize += 1
        self.h.changing = 0
        if 0 < self.msize < self.h.csize:
            pushed = unlink(self.h, NULL, self.h.first)
        lock_release(&self.h.lock)
        shm_free(gone)
        shm_free(pushed)
        return True

    def fetch(self):
        """Take the first item: (key, value), None where there is none."""
        cdef mq_item *item = NULL
        queue_lock(self.h)
        if self.h.first is not NULL:
            item = unlink(self.h, NULL, self.h.first)
        lock_release(&self.h.lock)
        if item is NULL:
            return None
        try:
            return (
                item.key[:item.key_length],
                item.key[item.key_length:item.key_length + item.length],
            )
        finally:
            shm_free(item)

    @property
    def size(self):
        """How many items there are."""
        cdef int32_t size
        queue_lock(self.h)
        size = self.h.csize
        lock_release(&self.h.lock)
        return size

    def process_died(self):
        """Repair what a dead process was changing, before its memory is reclaimed (in the
        arbiter)."""
        cdef int got
        while self.h.changing:              # a live process is through with it at once
            got = lock_try(&self.h.lock, SITE_MQUEUE)
            if got == LOCK_BUSY:
                sched_yield()
                continue
            if got == LOCK_DIED:
                repair(self.h)
            self.h.changing = 0
            lock_release(&self.h.lock)
