# gen_lock_t: a futex word in shared memory with its owner, that outlives its owner (guide ch. 3).
from libc.stdint cimport uint32_t, uint64_t

cdef struct gen_lock_t:
    uint64_t word           # 0 free; else owner slot, incarnation, waiters bit
    uint32_t depth          # of a recursive hold
    uint32_t site           # who took it, for the debugger: a number that name_site knows

cdef enum:
    LOCK_OK = 0
    LOCK_DIED = 1           # taken over from a dead holder: the caller repairs the structure first
    LOCK_BUSY = -1          # lock_try only

cdef void lock_init(gen_lock_t *l) noexcept nogil
cdef int lock_get(gen_lock_t *l, uint32_t site) noexcept nogil
cdef int lock_get_recursive(gen_lock_t *l, uint32_t site) noexcept nogil
cdef int lock_try(gen_lock_t *l, uint32_t site) noexcept nogil
cdef void lock_release(gen_lock_t *l) noexcept nogil

cdef size_t lock_area() noexcept nogil                      # bytes wanted in the shared header
cdef void lock_attach(void *area) noexcept nogil            # by shm.create
