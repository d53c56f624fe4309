# The pool of shared memory: its layout, and what moves objects between it and the processes.
from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from runtime.native.proc cimport MAX_PROCS

cdef extern from "pthread.h" nogil:
    ctypedef struct pthread_mutex_t:
        pass

cdef enum:
    LAYOUT_VERSION = 1
    PAGE_BITS = 16
    PAGE = 1 << PAGE_BITS
    N_CLASSES = 36
    MAX_SMALL = 16384       # largest class, header included
    SIXTEENTHS = 1025       # of MAX_SMALL, and 0
    MAX_ORDER = 28
    MAGAZINE_BYTES = 32768
    MAGAZINE_MAX = 64
    NONE = 0xffffffff       # no page

cdef enum:                  # obj_hdr.state
    OBJ_FREE = 0xA0         # in its slab's list
    OBJ_MAGAZINE = 0xA1     # in the owner's magazine
    OBJ_FLIGHT = 0xA2       # allocated, known to its owner alone
    OBJ_PUBLISHED = 0xA3

cdef enum:                  # page_desc.kind
    PAGE_FREE = 0           # also the inner pages of a block
    PAGE_SLAB = 1
    PAGE_BLOCK = 2          # first page of a block of n pages

cdef struct obj_hdr:
    uint32_t incarnation    # of the owner
    uint16_t owner          # process slot
    uint8_t cls
    uint8_t state

cdef struct free_obj:       # how an object looks while free
    obj_hdr h
    free_obj *next

cdef struct page_desc:
    obj_hdr h               # of a block
    uint8_t kind
    uint8_t cls             # of a slab
    uint8_t order           # of a free run
    uint8_t listed          # free run: head in buddies; slab: in its class's list
    uint32_t n              # pages of a block; free objects of a slab
    uint32_t next
    uint32_t prev
    free_obj *objects

cdef struct magazine:
    free_obj *head
    uint64_t n

cdef struct proc_mem:       # of one process slot; written by its process alone
    int64_t used            # bytes of its mallocs less those of its frees
    int64_t headers
    int64_t blocks
    uint64_t journal        # header under change, | 1 where it is a free; the counters before it
    int64_t journal_used
    int64_t journal_headers
    int64_t journal_blocks
    magazine mags[N_CLASSES]
    uint64_t pad            # whole cache lines

cdef struct shm_header:
    char magic[8]
    uint32_t version
    uint32_t pages
    uint64_t total          # of the mapping
    uint64_t max_used
    uint64_t repairs
    uint32_t n_procs        # rows of mem in use
    uint32_t debug          # blocks have a trailer: who made them, and a guard
    uint32_t pad[4]
    proc_mem mem[MAX_PROCS]         # on cache lines of their own
    uint32_t sizes[N_CLASSES]       # of the classes, headers included
    uint32_t batch[N_CLASSES]       # objects moved between pool and magazine at once
    uint8_t class_of[SIXTEENTHS]    # of a size of so many times 16
    uint32_t slabs[N_CLASSES]       # slabs that have free objects
    uint32_t buddies[MAX_ORDER]
    pthread_mutex_t mutex

cdef shm_header *heap                   # NULL before `pool_make`
cdef char *pages                        # of page 0
cdef page_desc *descs

cdef inline uint32_t page_of(const void *p) noexcept nogil:
    return <uint32_t>((<const char *>p - pages) >> PAGE_BITS)
cdef inline char *page_at(uint32_t i) noexcept nogil:
    return pages + (<size_t>i << PAGE_BITS)

cdef int pool_make(size_t size) except -1
cdef void pool_lock() noexcept nogil                    # repaired where its holder died
cdef void pool_unlock() noexcept nogil
# Under the lock
cdef uint32_t pages_take(uint32_t n) noexcept nogil     # first of n pages in a row, or NONE
cdef void pages_free(uint32_t i, uint32_t n) noexcept nogil
cdef void object_to_slab(free_obj *o) noexcept nogil
cdef bint empty_magazines() noexcept nogil              # of this process; False: nothing in them
cdef uint64_t live(int64_t *used, int64_t *blocks) noexcept nogil   # real_used of all processes
cdef void note_peak() noexcept nogil
# They take the lock
cdef bint refill(magazine *m, int cls) noexcept nogil   # False: memory is out
cdef void flush(magazine *m, int cls) noexcept nogil
