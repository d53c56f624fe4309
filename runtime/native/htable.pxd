# Hash tables of scripts in shared memory (module htable).
from libc.stdint cimport int64_t, uint32_t
from runtime.native.lock cimport gen_lock_t

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
