# The process table, in shared memory: who runs in which slot. Written by the arbiter alone.
from libc.stdint cimport uint32_t, uint64_t

cdef enum:
    MAX_PROCS = 256
    MAX_HELD = 16
    PROC_FREE = 0
    PROC_RUNNING = 1
    PROC_DEAD = 2           # reaped, its structures not yet repaired

cdef struct proc_slot:
    int pid
    uint32_t incarnation    # grows with every process put into the slot: (slot, incarnation) is unique
    int state
    int rank                # Kamailio's: >0 worker, PROC_MAIN 0, PROC_TIMER -1, PROC_RPC -2, ...
    uint64_t started        # seconds since 1970
    char desc[128]
    uint32_t n_held         # locks that the process holds, for the debugger (lock.pyx)
    void *held[MAX_HELD]
    void *waits_for         # the lock that it sleeps for, since waits_since; for waits_site
    uint64_t waits_since    # ns of CLOCK_MONOTONIC
    uint32_t waits_site

cdef int process_no                     # slot of this process; 0 is the arbiter
cdef uint32_t process_incarnation
cdef proc_slot *pt                      # the table; before shm.create a private one of slot 0 only
cdef int proc_slots                     # its rows: 1 before shm.create, then MAX_PROCS
cdef inline bint proc_alive(int slot, uint32_t incarnation) noexcept nogil:
    return pt[slot].incarnation == incarnation and pt[slot].state == PROC_RUNNING

# As proc_alive, and where the caller is the parent it also asks the kernel: the arbiter must not
# wait for a child that is dead and not reaped yet.
cdef bint proc_really_alive(int slot, uint32_t incarnation) noexcept nogil
cdef size_t proc_area() noexcept nogil                      # bytes wanted in the shared header
cdef void proc_attach(void *area) noexcept nogil            # by shm.create
