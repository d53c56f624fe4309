# Private memory of a process: bounded by -M, counted, guarded (guide ch. 4.1). The interpreter's own
# memory is apart from it.
from libc.stdint cimport uint32_t, uint64_t

# NULL when the bound is reached or the system has none. `site` is a number of `lock.site`.
cdef void *pkg_malloc(size_t size, uint32_t site) noexcept nogil
cdef void *pkg_realloc(void *p, size_t size, uint32_t site) noexcept nogil
# NULL is fine; what was freed twice or written over is logged, and stays.
cdef void pkg_free(void *p) noexcept nogil

cdef size_t pkg_area() noexcept nogil                       # bytes wanted in the shared header
cdef void pkg_attach(void *area) noexcept nogil             # by shm.create
