# Slots of the cfg framework: numbers that all processes see change at once.
from libc.stdint cimport int64_t

cdef int64_t *cfg_slot(int handle) noexcept nogil              # NULL: no such handle
cdef int cfg_find(const char *group, const char *name)         # handle, -1: not registered
