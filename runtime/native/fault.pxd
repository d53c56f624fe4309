# Fault injection for tests: a process kills itself at a named point inside a critical section.
cdef int *fault_armed                   # in shared memory; 0 is off, -1 before the mapping exists
cdef void fault_die() noexcept nogil
cdef inline void fault_point(int id) noexcept nogil:
    if fault_armed[0] == id:
        fault_die()
