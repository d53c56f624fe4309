"""Hash tables of scripts in shared memory (``htable/ht_api.c``).

A new text makes a new cell that takes the old one's place, so a process killed in between leaves a
whole value, old or new; `repair` counts anew when the holder of a slot's lock has died. A slot
locked by a script or by an iterator is open to its own process only.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t
from runtime.native.htable_slot cimport (
    SITE_HTABLE,
    c_time,
    case_hash,
    cell_new,
    find,
    ht_cell,
    ht_slot,
    ht_table,
    insert,
    int_value,
    is_str,
    name_bytes,
    number_of,
    remove,
    repair,
    replace,
    slot_lock,
    slot_unlock,
    value_of,
)
from runtime.native.lock cimport LOCK_BUSY, LOCK_DIED, lock_init, lock_try
from runtime.native.shm cimport shm_free, shm_mallocxz, shm_publish

cdef extern from "<sched.h>" nogil:
    int sched_yield()


cdef class HTable:
    """One table. Made before the fork; times are seconds since 1970."""

    def __cinit__(
        self, bytes name not None, uint32_t size, *,
        int64_t expire=0, bint updateexpire=True, initval=None,
    ):
        """`size` slots (a power of two). Raises MemoryError where shared memory is full."""
        cdef uint32_t n
        if size == 0 or size & (size - 1):
            raise ValueError(f"a hash table has a power of two of slots, not {size}")
        self.t = <ht_table *>shm_mallocxz(sizeof(ht_table) + (size - 1) * sizeof(ht_slot))
        if self.t is NULL:
            raise MemoryError(f"no shared memory left for hash table {name!r}")
        self.t.size = size
        self.t.htexpire = expire
        self.t.updateexpire = updateexpire
        for n in range(size):
            lock_init(&self.t.slots[n].lock)
        shm_publish(self.t)
        self.name = name
        self.size = size
        self.htexpire = expire
        self.updateexpire = updateexpire
        self.initval = initval

    cdef ht_slot *slot_of(self, uint32_t hash) noexcept:
        return &self.t.slots[hash & (self.size - 1)]

    cdef bint expired(self, ht_cell *c) noexcept:
        return self.htexpire > 0 and c.expire != 0 and c.expire < c_time(NULL)

    @property
    def dbload(self):
        """Did rows come from the database?"""
        return self.t.dbload != 0

    @dbload.setter
    def dbload(self, bint value):
        self.t.dbload = value

    # one item

    def get(self, bytes key not None):
        """The value: octets, an int; the initial value or None where there is no live item."""
        cdef uint32_t length = <uint32_t>len(key)
        cdef uint32_t hash = case_hash(key, length)
        cdef ht_slot *s = self.slot_of(hash)
        cdef ht_cell **link
        cdef ht_cell *c
        if s.first is NULL:
            return self.initval
        slot_lock(s)
        try:
            c = find(s, hash, key, length, &link)
            return self.initval if c is NULL or self.expired(c) else value_of(c)
        finally:
            slot_unlock(s)

    def item(self, bytes key not None):
        """(name, value, expire) of a live item, or None."""
        cdef uint32_t length = <uint32_t>len(key)
        cdef uint32_t hash = case_hash(key, length)
        cdef ht_slot *s = self.slot_of(hash)
        cdef ht_cell **link
        cdef ht_cell *c
        slot_lock(s)
        try:
            c = find(s, hash, key, length, &link)
            if c is NULL or self.expired(c):
                return None
            return name_bytes(c), value_of(c), c.expire
        finally:
            slot_unlock(s)

    def set(self, bytes key not None, value not None, int64_t expires=0):
        """Assign octets or an int; ``expires`` seconds from now where above 0. False: no memory.

        As in 5.6.3 ``expires`` is lost where a text takes the place of a shorter one or of a
        number: such an item never expires.
        """
        cdef uint32_t length = <uint32_t>len(key)
        cdef uint32_t hash = case_hash(key, length)
        cdef ht_slot *s = self.slot_of(hash)
        cdef ht_cell **link
        cdef ht_cell *c
        cdef ht_cell *fresh = NULL
        cdef const char *text = NULL
        cdef uint32_t text_length = 0
        cdef int64_t number = 0
        cdef int64_t now = c_time(NULL) if self.htexpire > 0 else 0
        if isinstance(value, bytes):
            text = <bytes>value
            text_length = <uint32_t>len(<bytes>value)
        else:
            number = value
        if text is not NULL:
            fresh = cell_new(hash, key, length, text, text_length)
            if fresh is NULL:
                return False
        slot_lock(s)
        c = find(s, hash, key, length, &link)
        if c is NULL:
            if fresh is NULL:
                fresh = cell_new(hash, key, length, NULL, 0)
                if fresh is NULL:
                    slot_unlock(s)
                    return False
                fresh.value = int_value(<int32_t>number)
            fresh.expire = now + (expires if expires > 0 else self.htexpire)
            insert(s, link, fresh)
        elif fresh is NULL:
            c.value = int_value(<int32_t>number)
            self.renew(c, now, expires)
        else:
            fresh.expire = c.expire
            if expires > 0 and not (is_str(c) and c.text_length >= text_length):
                fresh.expire = 0
            else:
                self.renew(fresh, now, expires)
            replace(s, link, fresh)
        slot_unlock(s)
        return True

    cdef void renew(self, ht_cell *c, int64_t now, int64_t expires) noexcept:
        if expires > 0:
            c.expire = now + expires
        elif self.updateexpire:
            c.expire = now + self.htexpire

    def add(self, bytes key not None, int32_t number):
        """Add to an item that is a number (or to the initial value): the sum, None where the item
        is a text, where there is neither, or where there is no memory."""
        cdef uint32_t length = <uint32_t>len(key)
        cdef uint32_t hash = case_hash(key, length)
        cdef ht_slot *s = self.slot_of(hash)
        cdef ht_cell **link
        cdef ht_cell *c
        cdef int64_t now = c_time(NULL) if self.htexpire > 0 else 0
        cdef int32_t first = 0 if self.initval is None else self.initval
        slot_lock(s)
        try:
            c = find(s, hash, key, length, &link)
            if c is NULL:
                if self.initval is None:
                    return None
                c = cell_new(hash, key, length, NULL, 0)
                if c is NULL:
                    return None
                c.value = int_value(<int32_t>(<uint32_t>first + <uint32_t>number))
                c.expire = now + self.htexpire
                insert(s, link, c)
                return number_of(c)
            if now > 0 and c.expire != 0 and c.expire < now:
                if self.initval is None:
                    return None
                c.value = int_value(first)
            if is_str(c):
                return None
            c.value = int_value(<int32_t>(<uint32_t>number_of(c) + <uint32_t>number))
            if self.updateexpire:
                c.expire = now + self.htexpire
            return number_of(c)
        finally:
            slot_unlock(s)

    def delete(self, bytes key not None):
        """Take an item away; was it there?"""
        cdef uint32_t length = <uint32_t>len(key)
        cdef uint32_t hash = case_hash(key, length)
        cdef ht_slot *s = self.slot_of(hash)
        cdef ht_cell **link
        cdef bint there
        if s.first is NULL:
            return False
        slot_lock(s)
        there = find(s, hash, key, length, &link) is not NULL
        if there:
            remove(s, link)
        slot_unlock(s)
        return there

    def expires_in(self, bytes key not None):
        """Seconds until an item expires, below 0 after that or where it never does; 0 where it is
        not there or where the table has no ``autoexpire``."""
        cdef uint32_t length = <uint32_t>len(key)
        cdef uint32_t hash = case_hash(key, length)
        cdef ht_slot *s = self.slot_of(hash)
        cdef ht_cell **link
        cdef ht_cell *c
        cdef int32_t left = 0
        if self.htexpire == 0:
            return 0
        slot_lock(s)
        c = find(s, hash, key, length, &link)
        if c is not NULL:
            left = <int32_t>(<uint32_t>(c.expire - c_time(NULL)))
        slot_unlock(s)
        return left

    def set_expire(self, bytes key not None, int64_t seconds):
        """Let an item expire in so many seconds, never where that is not above 0."""
        cdef uint32_t length = <uint32_t>len(key)
        cdef uint32_t hash = case_hash(key, length)
        cdef ht_slot *s = self.slot_of(hash)
        cdef ht_cell **link
        cdef ht_cell *c
        if self.htexpire == 0:
            return
        slot_lock(s)
        c = find(s, hash, key, length, &link)
        if c is not NULL:
            c.expire = c_time(NULL) + seconds if seconds > 0 else 0
        slot_unlock(s)

    # locks of scripts

    def slot_index(self, bytes key not None):
        """The slot of a key."""
        return case_hash(key, <uint32_t>len(key)) & (self.size - 1)

    def lock(self, bytes key not None):
        """Lock the slot of a key; a process may lock it several times."""
        cdef ht_slot *s = self.slot_of(case_hash(key, <uint32_t>len(key)))
        with nogil:
            slot_lock(s)

    def unlock(self, bytes key not None):
        """Unlock it, whoever holds it."""
        slot_unlock(self.slot_of(case_hash(key, <uint32_t>len(key))))

    # all items

    def esize(self, uint32_t index):
        """How many items are in one slot."""
        return self.t.slots[index].esize

    def count(self):
        """How many items there are."""
        cdef uint32_t n
        cdef int64_t total = 0
        for n in range(self.size):
            total += self.t.slots[n].esize
        return total

    def slot(self, uint32_t index):
        """(name, value, expire) of every item of one slot, in order."""
        cdef ht_slot *s = &self.t.slots[index]
        cdef ht_cell *c
        rows = []
        if s.first is NULL:
            return rows
        slot_lock(s)
        try:
            c = s.first
            while c is not NULL:
                rows.append((name_bytes(c), value_of(c), c.expire))
                c = c.next
        finally:
            slot_unlock(s)
        return rows

    def remove_where(self, wanted):
        """Take away what ``wanted(name, value)`` says."""
        cdef uint32_t n
        cdef ht_slot *s
        cdef ht_cell **link
        for n in range(self.size):
            s = &self.t.slots[n]
            slot_lock(s)
            try:
                link = &s.first
                while link[0] is not NULL:
                    if wanted(name_bytes(link[0]), value_of(link[0])):
                        remove(s, link)
                    else:
                        link = &link[0].next
            finally:
                slot_unlock(s)

    def count_where(self, wanted, *, bint first=False):
        """How many items ``wanted(name, value)`` takes; the first is enough where asked."""
        cdef uint32_t n
        cdef ht_slot *s
        cdef ht_cell *c
        number = 0
        for n in range(self.size):
            s = &self.t.slots[n]
            slot_lock(s)
            try:
                c = s.first
                while c is not NULL:
                    if wanted(name_bytes(c), value_of(c)):
                        number += 1
                        if first:
                            return number
                    c = c.next
            finally:
                slot_unlock(s)
        return number

    def clear(self):
        """Take every item away."""
        cdef uint32_t n
        cdef ht_slot *s
        for n in range(self.size):
            s = &self.t.slots[n]
            slot_lock(s)
            while s.first is not NULL:
                remove(s, &s.first)
            slot_unlock(s)

    def exchange(self, HTable other not None):
        """Take the items of another table of the same size, which gets ours."""
        cdef uint32_t n
        cdef ht_slot *mine
        cdef ht_slot *theirs
        cdef ht_cell *first
        cdef uint32_t esize
        if other.size != self.size:
            raise ValueError("tables of one size exchange their items")
        for n in range(self.size):
            mine = &self.t.slots[n]
            theirs = &other.t.slots[n]
            slot_lock(mine)
            first, esize = mine.first, mine.esize
            mine.first, mine.esize = theirs.first, theirs.esize
            slot_unlock(mine)
            theirs.first, theirs.esize = first, esize

    def free(self):
        """Give the memory of the table and its items back; it must not be used again."""
        self.clear()
        shm_free(self.t)
        self.t = NULL

    # time and death

    def drop_expired(self, uint32_t index, told=None):
        """Take what has expired out of a slot; ``told(name, value)`` is called for each before,
        the slot being locked."""
        cdef ht_slot *s = &self.t.slots[index]
        cdef ht_cell **link
        cdef int64_t now = c_time(NULL)
        cdef list due = []
        if s.first is NULL:
            return
        slot_lock(s)
        try:
            link = &s.first
            while link[0] is not NULL:
                if link[0].expire == 0 or link[0].expire >= now:
                    link = &link[0].next
                elif told is None:
                    remove(s, link)
                else:
                    due.append((name_bytes(link[0]), value_of(link[0])))
                    link = &link[0].next
            for name, value in due:
                told(name, value)
                self.delete(name)
        finally:
            slot_unlock(s)

    def process_died(self):
        """Repair what a dead process was changing, before its memory is reclaimed (in the
        arbiter). Slots that it held otherwise are free for who waits for them."""
        cdef uint32_t n
        cdef int got
        cdef ht_slot *s
        for n in range(self.size):
            s = &self.t.slots[n]
            while s.changing:           # a live process is through with it at once
                got = lock_try(&s.lock, SITE_HTABLE)
                if got == LOCK_BUSY:
                    sched_yield()
                    continue
                if got == LOCK_DIED:
                    repair(s)
                slot_unlock(s)
