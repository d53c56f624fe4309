"""Slots of the hash tables of scripts, and their cells (``htable/ht_api.c``)."""

from libc.stdint cimport uint32_t
from libc.string cimport memcpy, memset, strncmp
from runtime.native.cstr cimport lower
from runtime.native.fault cimport fault_id, fault_point
from runtime.native.shm cimport shm_free, shm_malloc, shm_publish, shm_unpublish

cdef int F_INSERT = fault_id("htable.insert")
cdef int F_REPLACE = fault_id("htable.replace")
cdef int F_DELETE = fault_id("htable.delete")

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
