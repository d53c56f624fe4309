# Shared memory: one anonymous mapping made before the fork, so that a pointer into it means the
# same in every process; an allocator by size class (guide ch. 4).
from libc.stdint cimport uint32_t, uint64_t

cdef struct shm_stats:      # bytes
    uint64_t total
    uint64_t free
    uint64_t used           # what live blocks can hold
    uint64_t real_used      # with headers and the tables of the allocator
    uint64_t max_used       # highest real_used, seen when a process changes memory with the pool
    uint64_t fragments      # live blocks

# Never searches: four size classes to each power of two, per-process magazines over a shared pool,
# pages of 64 kB by buddies above 16 kB. Blocks are aligned to 8 (to 64 kB above 16 kB).
# Memory comes uncleared. NULL when exhausted (logged once a second by the caller's topic).
cdef void *shm_malloc(size_t size) noexcept nogil
cdef void *shm_mallocxz(size_t size) noexcept nogil                # zeroed
cdef void *shm_realloc(void *p, size_t size) noexcept nogil        # keeps being published
cdef void shm_free(void *p) noexcept nogil                         # NULL is fine
# A fresh block belongs to the allocating process ("in flight"): when that process dies before
# shm_publish, the arbiter's shm_reclaim(slot) frees it. Publish a block as soon as another
# structure that survives points to it. shm_unpublish takes it back (before a teardown).
cdef void shm_publish(void *p) noexcept nogil
cdef void shm_unpublish(void *p) noexcept nogil
cdef uint64_t shm_reclaim(int slot) noexcept nogil                 # bytes freed
cdef void shm_status(shm_stats *out) noexcept nogil
cdef bint shm_contains(const void *p) noexcept nogil
