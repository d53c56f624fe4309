"""Iterators of this process over the hash tables of scripts (``ht_iterator_*``, ``htable/ht_api.c``)."""

from libc.stdint cimport int32_t, int64_t, uint32_t
from libc.string cimport memcpy, memset, strncmp
from runtime.native.htable cimport HTable
from runtime.native.htable_slot cimport (
    ITERATORS,
    ITERATOR_NAME,
    c_time,
    cell_new,
    ht_cell,
    ht_slot,
    int_value,
    iterator,
    iterators,
    leave,
    name_bytes,
    remove,
    replace,
    slot_lock,
    slot_unlock,
    value_of,
)
from runtime.native.shm cimport shm_free


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
