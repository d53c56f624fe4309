"""Counters (guide ch. 13): a row of cells a process, summed on reading; never locked.

The rows have a mapping of their own, made with the first counter before the fork; a process that
took a dead one's slot goes on in its row.
"""

from libc.stdint cimport int64_t
from runtime.native.proc cimport MAX_PROCS, process_no

cdef extern from *:
    """
    #include <sys/mman.h>
    static void *kcc_stat_map(size_t size) {
        void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        return p == MAP_FAILED ? NULL : p;
    }
    """
    void *kcc_stat_map(size_t size) nogil

cdef enum:
    MAX_COUNTERS = 2048

cdef int64_t *rows = NULL       # MAX_PROCS rows of MAX_COUNTERS cells
cdef int64_t *bases = NULL      # what a reset took off, a cell a counter
cdef list names_ = []
cdef dict handles = {}


cdef void stat_add(int handle, int64_t n) noexcept nogil:
    if rows is not NULL and 0 <= handle < MAX_COUNTERS:
        rows[process_no * MAX_COUNTERS + handle] += n


cdef int64_t total(int handle) noexcept nogil:
    cdef int64_t sum = 0
    cdef int slot
    if rows is NULL or not 0 <= handle < MAX_COUNTERS:
        return 0
    for slot in range(MAX_PROCS):
        sum += rows[slot * MAX_COUNTERS + handle]
    return sum


cdef int64_t stat_get(int handle) noexcept nogil:
    return total(handle) - bases[handle] if rows is not NULL and 0 <= handle < MAX_COUNTERS else 0


cdef void stat_reset(int handle) noexcept nogil:
    if rows is not NULL and 0 <= handle < MAX_COUNTERS:
        bases[handle] = total(handle)


def register(str group not None, str name not None):
    """Handle of a counter, made where it is new. Raises MemoryError where there are too many."""
    global rows, bases
    key = (group, name)
    found = handles.get(key)
    if found is not None:
        return found
    if len(names_) == MAX_COUNTERS:
        raise MemoryError(f"more than {MAX_COUNTERS} statistics")
    if rows is NULL:
        rows = <int64_t *>kcc_stat_map((MAX_PROCS + 1) * MAX_COUNTERS * sizeof(int64_t))
        if rows is NULL:
            raise MemoryError("cannot map memory for statistics")
        bases = rows + MAX_PROCS * MAX_COUNTERS
    handles[key] = len(names_)
    names_.append(key)
    return handles[key]


def names():
    """(group, name) of every counter, by handle."""
    return list(names_)


def add(int handle, int64_t n=1):
    stat_add(handle, n)


def get(int handle):
    return stat_get(handle)


def reset(int handle):
    stat_reset(handle)
