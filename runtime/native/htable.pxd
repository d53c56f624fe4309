# Hash tables of scripts in shared memory (module htable).
from libc.stdint cimport int64_t, uint32_t
from runtime.native.htable_slot cimport ht_cell, ht_slot, ht_table

cdef class HTable:
    cdef ht_table *t
    cdef readonly bytes name
    cdef readonly uint32_t size
    cdef readonly int64_t htexpire
    cdef readonly bint updateexpire
    cdef readonly object initval
    cdef ht_slot *slot_of(self, uint32_t hash) noexcept
    cdef bint expired(self, ht_cell *c) noexcept
    cdef void renew(self, ht_cell *c, int64_t now, int64_t expires) noexcept
