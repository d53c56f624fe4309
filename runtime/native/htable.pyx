"""Hash tables of scripts in shared memory (``htable/ht_api.c``).

A new text makes a new cell that takes the old one's place, so a process killed in between leaves a
whole value, old or new; `repair` counts anew when the holder of a slot's lock has died. A slot
locked by a script or by an iterator is open to its own process only.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t
from libc.string cimport memcpy, memset, strncmp
from runtime.native.cstr cimport lower
from runtime.native.fault cimport fault_id, fault_point
from runtime.native.lock cimport (
    LOCK_BUSY,
    LOCK_DIED,
    lock_get_recursive,
    lock_init,
    lock_release,
    lock_try,
)
from runtime.native.shm cimport shm_free, shm_malloc, shm_mallocxz, shm_publish, shm_unpublish

cdef extern from "<sched.h>" nogil:
    int sched_yield()

cdef extern from "<time.h>" nogil:
    int64_t c_time "time"(void *)

cdef enum:
    SITE_HTABLE = 90
    KIND_STR = 0
    KIND_INT = 1
    ITERATORS = 4           # HT_ITERATOR_SIZE
    ITERATOR_NAME = 32      # HT_ITERATOR_NAME_SIZE, its NUL included

cdef int F_INSERT = fault_id("htable.insert")
cdef int F_REPLACE = fault_id("htable.replace")
cdef int F_DELETE = fault_id("htable.delete")

cdef struct iterator:
    char name[ITERATOR_NAME]
    int name_length         # 0: free
    ht_table *table
    uint32_t slot
    ht_cell *it
    bint ghost              # `it` is no longer in the table: ours to free

cdef iterator iterators[ITERATORS]      # of this process
memset(iterators, 0, sizeof(iterators))


# ---- cells

cdef inline uint32_t mixed(uint32_t v) noexcept nogil:
    return v ^ (v >> 3)


cdef uint32_t case_hash(const char *s, uint32_t len) noexcept nogil:
    """``core_case_hash`` (hashes.h): C's char is signed there."""
    cdef uint32_t h = 0, v = 0, i = 0
    while i + 4 <= len:
        v = (<uint32_t>lower(s[i]) << 24) + (<uint32_t>lower(s[i + 1]) << 16)
        v += (<uint32_t>lower(s[i + 2]) << 8) + <uint32_t>lower(s[i + 3])
        h += mixed(v)
        i += 4
    v = 0
    while i < len:
        v = (v << 8) + <uint32_t>lower(s[i])
        i += 1
    h += mixed(v)
    return h + (h >> 11) + (h >> 13) + (h >> 23)


cdef inline int64_t int_value(int32_t number) noexcept nogil:
    return <int64_t>KIND_INT << 32 | <uint32_t>number


cdef inline bint is_str(ht_cell *c) noexcept nogil:
    return c.value >> 32 == KIND_STR


cdef inline int32_t number_of(ht_cell *c) noexcept nogil:
    return <int32_t>(<uint32_t>c.value)


cdef inline const char *text_of(ht_cell *c) noexcept nogil:
    return c.name + c.name_length + 1


cdef ht_cell *cell_new(
    uint32_t hash, const char *name, uint32_t length, const char *text, uint32_t text_length
) noexcept nogil:
    """A cell with a text, or with the number 0 where `text` is NULL; NULL: no memory."""
    cdef ht_cell *c = <ht_cell *>shm_malloc(sizeof(ht_cell) + length + text_length + 2)
    if c is NULL:
        return NULL
    c.next = NULL
    c.value = int_value(0) if text is NULL else 0
    c.expire = 0
    c.cellid = hash
    c.name_length = length
    c.text_length = text_length
    memcpy(c.name, name, length)
    c.name[length] = 0
    if text is not NULL:
        memcpy(c.name + length + 1, text, text_length)
    c.name[length + 1 + text_length] = 0
    return c


cdef bytes name_bytes(ht_cell *c):
    return c.name[:c.name_length]


cdef object value_of(ht_cell *c):
    if is_str(c):
        return c.name[c.name_length + 1:c.name_length + 1 + c.text_length]
    return number_of(c)


# ---- slots

cdef void repair(ht_slot *s) noexcept nogil:
    """Count the cells anew and publish what is linked."""
    cdef ht_cell *c = s.first
    s.esize = 0
    while c is not NULL:
        shm_publish(c)
        s.esize += 1
        c = c.next
    s.changing = 0


cdef inline void slot_lock(ht_slot *s) noexcept nogil:
    if lock_get_recursive(&s.lock, SITE_HTABLE) == LOCK_DIED:
        repair(s)


cdef inline void slot_unlock(ht_slot *s) noexcept nogil:
    lock_release(&s.lock)


cdef ht_cell *find(
    ht_slot *s, uint32_t hash, const char *name, uint32_t length, ht_cell ***at
) noexcept nogil:
    """The cell of this name, or NULL; ``at``: the link to it, or to where it would be."""
    cdef ht_cell **link = &s.first
    while link[0] is not NULL and link[0].cellid < hash:
        link = &link[0].next
    while link[0] is not NULL and link[0].cellid == hash:
        if link[0].name_length == length and strncmp(link[0].name, name, length) == 0:
            break
        link = &link[0].next
    at[0] = link
    if link[0] is not NULL and link[0].cellid == hash:
        return link[0]
    return NULL


cdef void retire(ht_cell *c, ht_cell *successor) noexcept nogil:
    """Free a cell that is out of its list, unless an iterator of this process stands on it. One
    that stands on an unlinked cell goes on to what follows in the list."""
    cdef int k
    cdef bint kept = False
    for k in range(ITERATORS):
        if iterators[k].it is NULL:
            continue
        if iterators[k].it == c:
            iterators[k].ghost = True
            kept = True
        elif iterators[k].ghost and iterators[k].it.next == c:
            iterators[k].it.next = successor
    if not kept:
        shm_free(c)


cdef void leave(iterator *i) noexcept nogil:
    """The iterator goes from its cell, which may be one that only it holds."""
    cdef ht_cell *c = i.it
    cdef bint ghost = i.ghost
    cdef int k
    i.it = NULL
    i.ghost = False
    if not ghost:
        return
    for k in range(ITERATORS):
        if iterators[k].it == c:
            return
    shm_free(c)


cdef void insert(ht_slot *s, ht_cell **link, ht_cell *c) noexcept nogil:
    c.next = link[0]
    s.changing = 1
    link[0] = c
    fault_point(F_INSERT)
    shm_publish(c)
    s.esize += 1
    s.changing = 0


cdef void replace(ht_slot *s, ht_cell **link, ht_cell *fresh) noexcept nogil:
    cdef ht_cell *old = link[0]
    fresh.next = old.next
    s.changing = 1
    shm_unpublish(old)          # linked until it is not: repair publishes what is
    link[0] = fresh
    fault_point(F_REPLACE)
    shm_publish(fresh)
    s.changing = 0
    retire(old, fresh)


cdef void remove(ht_slot *s, ht_cell **link) noexcept nogil:
    cdef ht_cell *c = link[0]
    s.changing = 1
    shm_unpublish(c)
    link[0] = c.next
    fault_point(F_DELETE)
    s.esize -= 1
    s.changing = 0
    retire(c, c.next)


cdef class HTable:
    """One table. Made before the fork; times are seconds since 1970."""

    cdef ht_table *t
    cdef readonly bytes name
    cdef readonly uint32_t size
    cdef readonly int64_t htexpire
    cdef readonly bint updateexpire
    cdef readonly object initval

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

    cdef inline ht_slot *slot_of(self, uint32_t hash) noexcept:
        return &self.t.slots[hash & (self.size - 1)]

    cdef inline bint expired(self, ht_cell *c) noexcept:
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


# ---- iterators of this process (``ht_iterator_*``)

cdef iterator *iterator_find(bytes name) noexcept:
    """The one of this name, else a free one, else NULL."""
    cdef int k
    cdef iterator *free = NULL
    for k in range(ITERATORS):
        if iterators[k].name_length == 0:
            if free is NULL:
                free = &iterators[k]
        elif iterators[k].name_length == len(name) and (
            strncmp(iterators[k].name, name, len(name)) == 0
        ):
            return &iterators[k]
    return free


cdef bint iterator_walk(iterator *i) noexcept:
    """Go to the first item from the slot on; False at the end."""
    cdef ht_slot *s
    while i.slot < i.table.size:
        s = &i.table.slots[i.slot]
        slot_lock(s)
        if s.first is not NULL:
            i.it = s.first
            return True
        slot_unlock(s)
        i.slot += 1
    return False


cdef void iterator_release(iterator *i) noexcept:
    if i.it is not NULL:
        leave(i)
        slot_unlock(&i.table.slots[i.slot])


def iterator_start(bytes name not None, HTable table):
    """Name an iterator and put it before the first item. 0; -1: none left, -2: name too long,
    -3: no table."""
    cdef iterator *i = iterator_find(name)
    if i is NULL:
        return -1
    if i.name_length > 0:
        iterator_release(i)
    else:
        if len(name) >= ITERATOR_NAME:
            return -2
        memcpy(i.name, <char *>name, len(name))
        i.name_length = <int>len(name)
    i.it = NULL
    i.ghost = False
    i.slot = 0
    i.table = NULL if table is None else table.t
    return -3 if table is None else 0


def iterator_next(bytes name not None):
    """Go to the next item, its slot being locked. 0; -1: at the end, -2: not started."""
    cdef iterator *i = iterator_find(name)
    cdef ht_cell *ahead
    if i is NULL or i.table is NULL:
        return -2
    if i.it is NULL:
        i.slot = 0
    else:
        ahead = i.it.next
        leave(i)
        i.it = ahead
        if ahead is not NULL:
            return 0
        slot_unlock(&i.table.slots[i.slot])
        i.slot += 1
    return 0 if iterator_walk(i) else -1


def iterator_end(bytes name not None):
    """Forget an iterator and unlock its slot. 0; -1: not started."""
    cdef iterator *i = iterator_find(name)
    if i is NULL or i.name_length == 0:
        return -1
    iterator_release(i)
    memset(i, 0, sizeof(iterator))
    return 0


def iterator_rm(bytes name not None):
    """Take the current item away and go to the next. 0; -1: not on an item, -2: at the end."""
    cdef iterator *i = iterator_find(name)
    cdef ht_slot *s
    cdef ht_cell **link
    cdef ht_cell *ahead
    if i is NULL or i.table is NULL or i.it is NULL:
        return -1
    s = &i.table.slots[i.slot]
    ahead = i.it.next
    if i.ghost:
        leave(i)
    else:
        link = &s.first
        while link[0] is not NULL and link[0] != i.it:
            link = &link[0].next
        i.it = NULL
        if link[0] is not NULL:
            remove(s, link)
    i.it = ahead
    if ahead is not NULL:
        return 0
    slot_unlock(s)
    i.slot += 1
    return 0 if iterator_walk(i) else -2


def iterator_set(bytes name not None, value not None):
    """Give the current item a value. 0; -1: not on an item, -2: no memory."""
    cdef iterator *i = iterator_find(name)
    cdef ht_cell **link
    cdef ht_cell *fresh
    if i is NULL or i.table is NULL or i.it is NULL:
        return -1
    if not isinstance(value, bytes):
        i.it.value = int_value(<int32_t><int64_t>value)
        if i.table.updateexpire:
            i.it.expire = c_time(NULL) + i.table.htexpire
        return 0
    fresh = cell_new(
        i.it.cellid, i.it.name, i.it.name_length, <bytes>value, <uint32_t>len(<bytes>value)
    )
    if fresh is NULL:
        return -2
    fresh.expire = c_time(NULL) + i.table.htexpire if i.table.updateexpire else i.it.expire
    link = &i.table.slots[i.slot].first
    while link[0] is not NULL and link[0] != i.it:
        link = &link[0].next
    if link[0] is NULL:             # it has been taken out of the table meanwhile
        shm_free(fresh)
        return 0
    replace(&i.table.slots[i.slot], link, fresh)
    leave(i)
    i.it = fresh
    return 0


def iterator_set_expire(bytes name not None, int64_t expire):
    """Give the current item an end. 0; -1: not on an item."""
    cdef iterator *i = iterator_find(name)
    if i is NULL or i.table is NULL or i.it is NULL:
        return -1
    i.it.expire = expire
    return 0


def iterator_item(bytes name not None):
    """(name, value) of the current item, or None."""
    cdef iterator *i = iterator_find(name)
    if i is NULL or i.name_length == 0 or i.it is NULL:
        return None
    return name_bytes(i.it), value_of(i.it)
