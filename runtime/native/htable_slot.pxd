# Slots of the hash tables of scripts, and their cells, in shared memory.
from libc.stdint cimport int32_t, int64_t, uint32_t
from runtime.native.lock cimport LOCK_DIED, gen_lock_t, lock_get_recursive, lock_release

cdef extern from "<time.h>" nogil:
    int64_t c_time "time"(void *)

cdef enum:
    SITE_HTABLE = 90
    KIND_STR = 0
    KIND_INT = 1
    ITERATORS = 4           # HT_ITERATOR_SIZE
    ITERATOR_NAME = 32      # HT_ITERATOR_NAME_SIZE, its NUL included

cdef struct ht_cell:        # name and text stand behind it, each with a NUL
    ht_cell *next
    int64_t value           # kind in the high half, number in the low
    int64_t expire          # seconds since 1970, 0 never
    uint32_t cellid         # core_case_hash of the name: cells are in its order
    uint32_t name_length
    uint32_t text_length
    char name[1]

cdef struct ht_slot:
    gen_lock_t lock         # recursive; scripts take it too
    ht_cell *first          # the next pointers are the truth
    uint32_t esize
    uint32_t changing       # a cell is being linked, replaced or unlinked

cdef struct ht_table:
    uint32_t size
    bint updateexpire
    int64_t htexpire
    uint32_t dbload         # rows came from the database: dbmode 1 writes back
    ht_slot slots[1]

cdef struct iterator:
    char name[ITERATOR_NAME]
    int name_length         # 0: free
    ht_table *table
    uint32_t slot
    ht_cell *it
    bint ghost              # `it` is no longer in the table: ours to free

cdef iterator iterators[ITERATORS]      # of this process

cdef inline int64_t int_value(int32_t number) noexcept nogil:
    return <int64_t>KIND_INT << 32 | <uint32_t>number

cdef inline bint is_str(ht_cell *c) noexcept nogil:
    return c.value >> 32 == KIND_STR

cdef inline int32_t number_of(ht_cell *c) noexcept nogil:
    return <int32_t>(<uint32_t>c.value)

cdef inline void slot_lock(ht_slot *s) noexcept nogil:
    if lock_get_recursive(&s.lock, SITE_HTABLE) == LOCK_DIED:
        repair(s)

cdef inline void slot_unlock(ht_slot *s) noexcept nogil:
    lock_release(&s.lock)

cdef uint32_t case_hash(const char *s, uint32_t len) noexcept nogil
cdef ht_cell *cell_new(uint32_t hash, const char *name, uint32_t length, const char *text, uint32_t text_length) noexcept nogil
cdef bytes name_bytes(ht_cell *c)
cdef object value_of(ht_cell *c)
# All below with the slot locked.
cdef void repair(ht_slot *s) noexcept nogil
cdef ht_cell *find(ht_slot *s, uint32_t hash, const char *name, uint32_t length, ht_cell ***at) noexcept nogil
cdef void leave(iterator *i) noexcept nogil
cdef void insert(ht_slot *s, ht_cell **link, ht_cell *c) noexcept nogil
cdef void replace(ht_slot *s, ht_cell **link, ht_cell *fresh) noexcept nogil
cdef void remove(ht_slot *s, ht_cell **link) noexcept nogil
