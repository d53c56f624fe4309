# Fault injection for tests: a process kills itself at a named point inside a critical section.
cdef int *fault_armed                   # in shared memory; 0 is off, -1 before the mapping exists
cdef void fault_die() noexcept nogil
cdef inline void fault_point(int id) noexcept nogil:
    if fault_armed[0] == id:
        fault_die()

# An id for a point (before the fork; Python: fault.point(name)): `cdef int F_X = fault_id("tm.x")`
cdef int fault_id(str name)
cdef size_t fault_area() noexcept nogil                     # bytes wanted in the shared header
cdef void fault_attach(void *area) noexcept nogil           # by shm.create
