"""Shared memory: one anonymous mapping made before the fork, and its allocator (guide ch. 4).

The mapping is cut into pages of 64 KiB. A page holds objects of one size class, or begins a run
of pages for a large block. Each object has a header that says whose it is, so that what a dead
process held can be found again by walking the pages (`shm_reclaim`). A process keeps a few free
objects of each class to itself (its magazine) and takes the pool's lock only to fill or empty it.
The pool's lock is a robust mutex; its repair rebuilds the free lists from the headers.
"""

from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t, uintptr_t
from libc.string cimport memcpy, memset
from runtime.native.fault cimport fault_area, fault_attach, fault_id, fault_point
from runtime.native.proc cimport MAX_PROCS, proc_area, proc_attach, process_incarnation, process_no

from typing import NamedTuple

cdef extern from *:
    """
    #include <errno.h>
    #include <pthread.h>
    #include <sys/mman.h>
    #ifndef MADV_POPULATE_WRITE
    #define MADV_POPULATE_WRITE 23
    #endif
    static void *kcc_map(size_t size) {
        void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        return p == MAP_FAILED ? NULL : p;
    }
    static int kcc_populate(void *p, size_t size) { return madvise(p, size, MADV_POPULATE_WRITE); }
    static int kcc_mutex_init(pthread_mutex_t *m) {
        pthread_mutexattr_t a;
        int r;
        pthread_mutexattr_init(&a);
        pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
        pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST);
        r = pthread_mutex_init(m, &a);
        pthread_mutexattr_destroy(&a);
        return r;
    }
    """
    ctypedef struct pthread_mutex_t:
        pass
    int EOWNERDEAD
    int pthread_mutex_lock(pthread_mutex_t *m) nogil
    int pthread_mutex_unlock(pthread_mutex_t *m) nogil
    int pthread_mutex_consistent(pthread_mutex_t *m) nogil
    int kcc_mutex_init(pthread_mutex_t *m) nogil
    void *kcc_map(size_t size) nogil
    int kcc_populate(void *p, size_t size) nogil

cdef enum:
    MAGIC = 0x6b636331          # "kcc1"
    VERSION = 1
    PAGE = 65536
    CLASSES = 22
    LARGE = 255                 # class of a block that has pages to itself
    MAGAZINE = 32
    GRAIN = 16
    LARGEST = 32768             # object size, header included, of the largest class

    PAGE_FREE = 0
    PAGE_CARVING = 1            # being cut into objects: given back if its maker dies
    PAGE_OBJECTS = 2
    PAGE_RUN = 3                # first page of a large block
    PAGE_TAIL = 4               # a later page of one

    FREE = 0xF4EE               # object states: unlikely to be payload by chance
    CACHED = 0xCAC4             # in the magazine of `owner`
    IN_FLIGHT = 0x1F17          # allocated, `owner` has not published it
    PUBLISHED = 0x9B11

cdef struct object_header:      # before every payload; payloads are aligned to 16
    uint16_t state
    uint16_t owner
    uint32_t incarnation
    uint32_t size               # usable octets
    uint16_t cls
    uint16_t pad

cdef struct page_info:
    uint8_t state
    uint8_t cls
    uint16_t pad
    uint32_t run                # pages of a run, in its first page

cdef struct usage_row:          # one cache line a process, written by it alone
    int64_t used
    int64_t pad[7]

cdef struct heap:
    uint32_t magic
    uint32_t version
    uint64_t size               # of the whole mapping
    pthread_mutex_t lock
    char *first_page
    uint32_t n_pages
    uint32_t free_pages
    uint32_t hint               # where the last free page was found
    uint64_t real_used
    uint64_t max_used
    object_header *free[CLASSES]
    uint32_t n_free[CLASSES]
    usage_row usage[MAX_PROCS]
    page_info pages[1]

cdef struct magazine:
    uint32_t count
    object_header *items[MAGAZINE]

cdef heap *the_heap = NULL
cdef uint32_t class_size[CLASSES]               # header included
cdef uint8_t class_of[2049]     # LARGEST / GRAIN + 1, by grains wanted, header included
cdef magazine magazines[CLASSES]
cdef int magazine_slot = -1
cdef uint32_t magazine_incarnation = 0
cdef int F_REFILL = fault_id("shm.refill")
cdef int F_FLUSH = fault_id("shm.flush")
cdef int F_PAGE = fault_id("shm.page")
cdef int F_RUN = fault_id("shm.run")


cdef void make_classes() noexcept nogil:
    """32, 48, 64, 96, ...: powers of two and the steps half way between them."""
    cdef uint32_t size = 32
    cdef int cls = 0, grain
    while cls < CLASSES:
        class_size[cls] = size
        cls += 1
        size = size + size // 2 if size & (size - 1) == 0 else size // 3 * 4
    cls = 0
    for grain in range(LARGEST // GRAIN + 1):
        while cls < CLASSES - 1 and class_size[cls] < <uint32_t>grain * GRAIN:
            cls += 1
        class_of[grain] = <uint8_t>cls

make_classes()


# ---- the pool, under its lock

cdef void pool_lock() noexcept nogil:
    if pthread_mutex_lock(&the_heap.lock) == EOWNERDEAD:
        repair()
        pthread_mutex_consistent(&the_heap.lock)


cdef inline void pool_unlock() noexcept nogil:
    pthread_mutex_unlock(&the_heap.lock)


cdef inline char *page_at(uint32_t index) noexcept nogil:
    return the_heap.first_page + <size_t>index * PAGE


cdef inline object_header **link_of(object_header *h) noexcept nogil:
    return <object_header **>(h + 1)


cdef inline void push_free(object_header *h) noexcept nogil:
    h.state = FREE
    link_of(h)[0] = the_heap.free[h.cls]
    the_heap.free[h.cls] = h
    the_heap.n_free[h.cls] += 1


cdef void repair() noexcept nogil:
    """The holder of the lock died: page counts and free lists are made anew from the headers."""
    cdef uint32_t index, left = 0, cls
    cdef uint64_t used = 0
    cdef char *at
    cdef object_header *h
    for cls in range(CLASSES):
        the_heap.free[cls] = NULL
        the_heap.n_free[cls] = 0
    the_heap.free_pages = 0
    for index in range(the_heap.n_pages):
        if left:                # inside a run: its length is that of its first page
            the_heap.pages[index].state = PAGE_TAIL
            left -= 1
            used += PAGE
            continue
        if the_heap.pages[index].state in (PAGE_CARVING, PAGE_TAIL):
            the_heap.pages[index].state = PAGE_FREE
        if the_heap.pages[index].state == PAGE_FREE:
            the_heap.free_pages += 1
            continue
        used += PAGE
        if the_heap.pages[index].state == PAGE_RUN:
            left = the_heap.pages[index].run - 1
            continue
        cls = the_heap.pages[index].cls
        at = page_at(index)
        while at + class_size[cls] <= page_at(index) + PAGE:
            h = <object_header *>at
            if h.state == FREE:
                push_free(h)
            at += class_size[cls]
    the_heap.real_used = used


cdef void note_pages(int64_t pages) noexcept nogil:
    the_heap.free_pages -= <uint32_t>pages
    the_heap.real_used += <uint64_t>(pages * PAGE)
    if the_heap.real_used > the_heap.max_used:
        the_heap.max_used = the_heap.real_used


cdef int64_t find_run(uint32_t count) noexcept nogil:
    """Index of the first of `count` free pages in a row, from the hint on, then from 0; -1: none."""
    cdef uint32_t index, length, start, turn
    if the_heap.free_pages < count:
        return -1
    for turn in range(2):
        start = the_heap.hint if turn == 0 else 0
        length = 0
        for index in range(start, the_heap.n_pages):
            length = length + 1 if the_heap.pages[index].state == PAGE_FREE else 0
            if length == count:
                the_heap.hint = index + 1
                return <int64_t>index + 1 - count
    return -1


cdef bint carve(uint32_t cls) noexcept nogil:
    """Cut a new page into objects of a class; False: no page is left."""
    cdef int64_t index = find_run(1)
    cdef char *at
    cdef char *end
    cdef object_header *h
    if index < 0:
        return False
    the_heap.pages[index].cls = <uint8_t>cls
    the_heap.pages[index].state = PAGE_CARVING
    at = page_at(<uint32_t>index)
    end = at + PAGE
    while at + class_size[cls] <= end:
        h = <object_header *>at
        h.cls = <uint16_t>cls
        h.size = class_size[cls] - sizeof(object_header)
        h.state = FREE
        at += class_size[cls]
    fault_point(F_PAGE)
    the_heap.pages[index].state = PAGE_OBJECTS
    note_pages(1)
    at = page_at(<uint32_t>index)
    while at + class_size[cls] <= end:
        push_free(<object_header *>at)
        at += class_size[cls]
    return True


cdef void refill(uint32_t cls) noexcept nogil:
    """Half fill the magazine of a class from the pool; it stays empty where memory is out."""
    cdef magazine *m = &magazines[cls]
    cdef object_header *h
    pool_lock()
    if the_heap.free[cls] is NULL:
        carve(cls)
    while m.count < MAGAZINE // 2 and the_heap.free[cls] is not NULL:
        h = the_heap.free[cls]
        the_heap.free[cls] = link_of(h)[0]
        the_heap.n_free[cls] -= 1
        fault_point(F_REFILL)
        h.owner = <uint16_t>process_no
        h.incarnation = process_incarnation
        h.state = CACHED
        m.items[m.count] = h
        m.count += 1
    pool_unlock()


cdef void flush(uint32_t cls, uint32_t keep) noexcept nogil:
    cdef magazine *m = &magazines[cls]
    pool_lock()
    while m.count > keep:
        m.count -= 1
        push_free(m.items[m.count])
        fault_point(F_FLUSH)
    pool_unlock()


cdef void *large_malloc(size_t size) noexcept nogil:
    cdef uint32_t count = <uint32_t>((size + sizeof(object_header) + PAGE - 1) // PAGE)
    cdef uint32_t i
    cdef int64_t index
    cdef object_header *h
    pool_lock()
    index = find_run(count)
    if index < 0:
        pool_unlock()
        return NULL
    h = <object_header *>page_at(<uint32_t>index)
    h.cls = LARGE
    h.size = <uint32_t>(<size_t>count * PAGE - sizeof(object_header))
    h.owner = <uint16_t>process_no
    h.incarnation = process_incarnation
    the_heap.usage[process_no].used += h.size       # before the state: what is reclaimed was counted
    h.state = IN_FLIGHT
    the_heap.pages[index].run = count
    the_heap.pages[index].state = PAGE_RUN
    for i in range(1, count):
        the_heap.pages[index + i].state = PAGE_TAIL
    fault_point(F_RUN)
    note_pages(count)
    pool_unlock()
    return h + 1


cdef void large_free(object_header *h) noexcept nogil:
    """Under the lock."""
    cdef uint32_t index = <uint32_t>((<char *>h - the_heap.first_page) // PAGE)
    cdef uint32_t count = the_heap.pages[index].run
    cdef uint32_t i
    h.state = FREE
    the_heap.pages[index].state = PAGE_FREE
    for i in range(1, count):
        the_heap.pages[index + i].state = PAGE_FREE
    note_pages(-<int64_t>count)
    if index < the_heap.hint:
        the_heap.hint = index


# ---- what the other topics call

cdef inline void own_magazines() noexcept nogil:
    """After a fork the parent's magazines were copied: they stay the parent's."""
    global magazine_slot, magazine_incarnation
    cdef int cls
    if magazine_slot != process_no or magazine_incarnation != process_incarnation:
        for cls in range(CLASSES):
            magazines[cls].count = 0
        magazine_slot = process_no
        magazine_incarnation = process_incarnation


cdef void *shm_malloc(size_t size) noexcept nogil:
    cdef size_t whole = size + sizeof(object_header)
    cdef uint32_t cls
    cdef magazine *m
    cdef object_header *h
    if the_heap is NULL or size > <size_t>0xfff00000:
        return NULL
    if whole > LARGEST:
        return large_malloc(size)
    own_magazines()
    cls = class_of[(whole + GRAIN - 1) // GRAIN]
    m = &magazines[cls]
    if m.count == 0:
        refill(cls)
        if m.count == 0:
            return NULL
    m.count -= 1
    h = m.items[m.count]
    h.state = IN_FLIGHT
    the_heap.usage[process_no].used += h.size
    return h + 1


cdef void *shm_mallocxz(size_t size) noexcept nogil:
    cdef void *p = shm_malloc(size)
    if p is not NULL:
        memset(p, 0, size)
    return p


cdef void *shm_realloc(void *p, size_t size) noexcept nogil:
    cdef object_header *h
    cdef void *bigger
    if p is NULL:
        return shm_malloc(size)
    h = <object_header *>p - 1
    if size <= h.size:
        return p
    bigger = shm_malloc(size)
    if bigger is NULL:
        return NULL
    memcpy(bigger, p, h.size)
    if h.state == PUBLISHED:
        shm_publish(bigger)
    shm_free(p)
    return bigger


cdef void shm_free(void *p) noexcept nogil:
    cdef object_header *h
    cdef magazine *m
    if p is NULL or the_heap is NULL:
        return
    h = <object_header *>p - 1
    if h.state != PUBLISHED and h.state != IN_FLIGHT:
        with gil:
            raise_bug(h.state, <uintptr_t>p)
        return
    the_heap.usage[process_no].used -= h.size
    if h.cls == LARGE:
        pool_lock()
        large_free(h)
        pool_unlock()
        return
    own_magazines()
    h.owner = <uint16_t>process_no
    h.incarnation = process_incarnation
    h.state = CACHED
    m = &magazines[h.cls]
    if m.count == MAGAZINE:
        flush(h.cls, MAGAZINE // 2)
    m.items[m.count] = h
    m.count += 1


cdef int raise_bug(int state, uintptr_t address) except 0:
    from runtime.native import klog
    what = "freed twice" if state in (FREE, CACHED) else "overwritten or not ours"
    klog.say(-4, "shm", f"block at {address:#x} is {what}: it stays allocated")
    return 1


cdef void shm_publish(void *p) noexcept nogil:
    (<object_header *>p - 1).state = PUBLISHED


cdef void shm_unpublish(void *p) noexcept nogil:
    cdef object_header *h = <object_header *>p - 1
    h.owner = <uint16_t>process_no
    h.incarnation = process_incarnation
    h.state = IN_FLIGHT


cdef uint64_t shm_reclaim(int slot) noexcept nogil:
    """Free what the dead process of a slot held; by the arbiter, before the slot is used again."""
    cdef uint64_t freed = 0
    cdef uint32_t index, cls
    cdef char *at
    cdef object_header *h
    if the_heap is NULL:
        return 0
    pool_lock()
    index = 0
    while index < the_heap.n_pages:
        if the_heap.pages[index].state == PAGE_RUN:
            h = <object_header *>page_at(index)
            cls = the_heap.pages[index].run
            if h.state == IN_FLIGHT and h.owner == slot:
                freed += h.size
                large_free(h)
            index += cls
            continue
        if the_heap.pages[index].state == PAGE_OBJECTS:
            cls = the_heap.pages[index].cls
            at = page_at(index)
            while at + class_size[cls] <= page_at(index) + PAGE:
                h = <object_header *>at
                if h.owner == slot and (h.state == IN_FLIGHT or h.state == CACHED):
                    if h.state == IN_FLIGHT:
                        freed += h.size
                    push_free(h)
                at += class_size[cls]
        index += 1
    the_heap.usage[slot].used -= <int64_t>freed
    pool_unlock()
    return freed


cdef void shm_status(shm_stats *out) noexcept nogil:
    cdef int64_t used = 0
    cdef int slot, cls
    memset(out, 0, sizeof(shm_stats))
    if the_heap is NULL:
        return
    pool_lock()
    for slot in range(MAX_PROCS):
        used += the_heap.usage[slot].used
    out.total = <uint64_t>the_heap.n_pages * PAGE
    out.used = <uint64_t>used if used > 0 else 0
    out.real_used = the_heap.real_used
    out.max_used = the_heap.max_used
    out.free = out.total - out.real_used
    for cls in range(CLASSES):
        out.fragments += the_heap.n_free[cls]
        out.free += <uint64_t>the_heap.n_free[cls] * (class_size[cls] - sizeof(object_header))
    pool_unlock()


cdef bint shm_contains(const void *p) noexcept nogil:
    return the_heap is not NULL and <char *>the_heap <= <char *>p < <char *>the_heap + the_heap.size


# ---- Python

class Status(NamedTuple):
    total: int
    free: int
    used: int
    real_used: int
    max_used: int
    fragments: int


def create(size_t size):
    global the_heap
    cdef char *at
    cdef size_t n_pages, head
    if the_heap is not NULL:
        return
    if size < 1 << 20:
        raise ValueError(f"shared memory of {size} octets is too small: 1 MiB at the least")
    n_pages = size // PAGE
    head = sizeof(heap) + n_pages * sizeof(page_info)
    head = (head + 63) // 64 * 64 + (fault_area() + 63) // 64 * 64 + proc_area()
    head = (head + PAGE - 1) // PAGE * PAGE
    at = <char *>kcc_map(head + n_pages * PAGE)
    if at is NULL:
        raise MemoryError(f"cannot map {size} octets of shared memory: lower -m")
    the_heap = <heap *>at
    the_heap.magic = MAGIC
    the_heap.version = VERSION
    the_heap.size = head + n_pages * PAGE
    the_heap.n_pages = <uint32_t>n_pages
    the_heap.free_pages = <uint32_t>n_pages
    the_heap.first_page = at + head
    kcc_mutex_init(&the_heap.lock)
    at += (sizeof(heap) + n_pages * sizeof(page_info) + 63) // 64 * 64
    fault_attach(at)
    proc_attach(at + (fault_area() + 63) // 64 * 64)


def created():
    return the_heap is not NULL


def populate(size_t limit):
    """Make the page tables of this process for the first `limit` octets; False: the kernel cannot."""
    if the_heap is NULL:
        return False
    return kcc_populate(<char *>the_heap, min(limit, <size_t>the_heap.size) // 4096 * 4096) == 0


def status():
    cdef shm_stats s
    shm_status(&s)
    return Status(s.total, s.free, s.used, s.real_used, s.max_used, s.fragments)


def reclaim(int slot):
    return shm_reclaim(slot)


def malloc(size_t size):
    return <uintptr_t>shm_malloc(size)


def realloc(uintptr_t p, size_t size):
    return <uintptr_t>shm_realloc(<void *>p, size)


def free(uintptr_t p):
    shm_free(<void *>p)


def publish(uintptr_t p):
    shm_publish(<void *>p)


def unpublish(uintptr_t p):
    shm_unpublish(<void *>p)


def write(uintptr_t p, bytes data):
    memcpy(<void *>p, <char *>data, len(data))


def read(uintptr_t p, size_t size):
    return (<char *>p)[:size]


def check():
    """Walk every page: raises AssertionError where a header is damaged. Returns live objects."""
    cdef uint32_t index = 0, cls
    cdef uint64_t live = 0
    cdef char *at
    cdef object_header *h
    pool_lock()
    try:
        while index < the_heap.n_pages:
            if the_heap.pages[index].state == PAGE_RUN:
                live += 1
                index += the_heap.pages[index].run
                continue
            if the_heap.pages[index].state == PAGE_OBJECTS:
                cls = the_heap.pages[index].cls
                at = page_at(index)
                while at + class_size[cls] <= page_at(index) + PAGE:
                    h = <object_header *>at
                    if h.cls != cls or h.state not in (FREE, CACHED, IN_FLIGHT, PUBLISHED):
                        raise AssertionError(f"damaged header in page {index}")
                    live += h.state == IN_FLIGHT or h.state == PUBLISHED
                    at += class_size[cls]
            index += 1
    finally:
        pool_unlock()
    return live
