# Counters (guide ch. 13): one row of 64-bit cells a process, summed on reading; never locked.
from libc.stdint cimport int64_t, uint64_t

# Handles are made before the fork (Python: stats.register(group, name) -> int).
cdef void stat_add(int handle, int64_t n) noexcept nogil
cdef inline void stat_inc(int handle) noexcept nogil:
    stat_add(handle, 1)
cdef int64_t stat_get(int handle) noexcept nogil
cdef void stat_reset(int handle) noexcept nogil
