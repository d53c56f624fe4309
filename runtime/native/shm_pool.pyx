"""The pool of shared memory: pages by buddies, slabs by class, under one robust mutex.

Objects up to 16 kB live in slabs, pages of 64 kB that hold one size class; each has a header of
8 octets that tells its state and owner. Headers are the truth: every list (a slab's free objects,
the slabs of a class, the buddies of free pages) is rebuilt from them when a process died inside the
mutex. Blocks above 16 kB are runs of pages, and their header is in the page table.
"""

from libc.string cimport memcpy
from runtime.native.fault cimport fault_area, fault_attach, fault_id, fault_point
from runtime.native.lock cimport lock_area, lock_attach
from runtime.native.pkg cimport pkg_area, pkg_attach
from runtime.native.proc cimport proc_area, proc_attach, process_incarnation, process_no

cdef extern from *:
    """
    #include <errno.h>
    #include <pthread.h>
    #include <stdint.h>
    #include <sys/mman.h>
    #define kcc_fence() __asm__ volatile("" ::: "memory")
    static void *kcc_map(size_t size) {
        void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        return p == MAP_FAILED ? NULL : p;
    }
    static void kcc_mutex_init(pthread_mutex_t *m) {
        pthread_mutexattr_t a;
        pthread_mutexattr_init(&a);
        pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
        pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST);
        pthread_mutex_init(m, &a);
        pthread_mutexattr_destroy(&a);
    }
    static int kcc_mutex_lock(pthread_mutex_t *m) {     /* 1: the holder died in it */
        if (pthread_mutex_lock(m) != EOWNERDEAD)
            return 0;
        pthread_mutex_consistent(m);
        return 1;
    }
    """
    void *kcc_map(size_t size) nogil
    void kcc_mutex_init(pthread_mutex_t *m) nogil
    int kcc_mutex_lock(pthread_mutex_t *m) nogil
    int pthread_mutex_unlock(pthread_mutex_t *m) nogil
    void kcc_fence() nogil

cdef shm_header *heap = NULL
cdef char *pages = NULL
cdef page_desc *descs = NULL
cdef int F_REFILL = fault_id("shm.refill")
cdef int F_FLUSH = fault_id("shm.flush")
cdef int F_PAGE = fault_id("shm.page")


# -- free pages: buddies, heads linked through the page table by number

cdef void buddy_push(uint32_t i, int order) noexcept nogil:
    cdef page_desc *d = &descs[i]
    d.kind = PAGE_FREE
    d.order = order
    d.listed = 1
    d.prev = NONE
    d.next = heap.buddies[order]
    if d.next != NONE:
        descs[d.next].prev = i
    heap.buddies[order] = i


cdef void buddy_take(uint32_t i) noexcept nogil:
    cdef page_desc *d = &descs[i]
    d.listed = 0
    if d.prev != NONE:
        descs[d.prev].next = d.next
    else:
        heap.buddies[d.order] = d.next
    if d.next != NONE:
        descs[d.next].prev = d.prev


cdef void pages_free(uint32_t i, uint32_t n) noexcept nogil:
    """Give back a run of n pages, in aligned pieces that join their buddies."""
    cdef int order
    cdef uint32_t at, piece, buddy
    while n:
        order = 0
        while order + 1 < MAX_ORDER and not i & ((2u << order) - 1) and (2u << order) <= n:
            order += 1
        piece = 1u << order
        at = i
        i += piece
        n -= piece
        while order + 1 < MAX_ORDER:
            buddy = at ^ (1u << order)
            if (buddy >= heap.pages or descs[buddy].kind != PAGE_FREE or not descs[buddy].listed
                    or descs[buddy].order != order):
                break
            buddy_take(buddy)
            if buddy < at:
                at = buddy
            order += 1
        buddy_push(at, order)


cdef uint32_t pages_take(uint32_t n) noexcept nogil:
    """First of n pages in a row, or NONE; what the buddy has too much goes back."""
    cdef int order = 0
    cdef uint32_t i
    while (1u << order) < n:
        order += 1
        if order >= MAX_ORDER:
            return NONE
    while heap.buddies[order] == NONE:
        order += 1
        if order >= MAX_ORDER:
            return NONE
    i = heap.buddies[order]
    buddy_take(i)
    pages_free(i + n, (1u << order) - n)
    return i


# -- the pool: slabs by class, under the mutex

cdef void slab_list(uint32_t i) noexcept nogil:
    cdef page_desc *d = &descs[i]
    d.listed = 1
    d.prev = NONE
    d.next = heap.slabs[d.cls]
    if d.next != NONE:
        descs[d.next].prev = i
    heap.slabs[d.cls] = i


cdef void slab_unlist(uint32_t i) noexcept nogil:
    cdef page_desc *d = &descs[i]
    d.listed = 0
    if d.prev != NONE:
        descs[d.prev].next = d.next
    else:
        heap.slabs[d.cls] = d.next
    if d.next != NONE:
        descs[d.next].prev = d.prev


cdef bint slab_new(int cls) noexcept nogil:
    cdef uint32_t i = pages_take(1), at = 0
    cdef page_desc *d
    cdef free_obj *o
    if i == NONE:
        return False
    d = &descs[i]
    d.cls = cls
    d.n = PAGE // heap.sizes[cls]
    d.objects = NULL
    at = d.n
    while at:
        at -= 1
        o = <free_obj *>(page_at(i) + <size_t>at * heap.sizes[cls])
        o.h.state = OBJ_FREE
        o.h.cls = cls
        o.next = d.objects
        d.objects = o
    fault_point(F_PAGE)
    kcc_fence()
    d.kind = PAGE_SLAB
    slab_list(i)
    return True


cdef void object_to_slab(free_obj *o) noexcept nogil:
    cdef uint32_t i = page_of(o)
    cdef page_desc *d = &descs[i]
    o.h.state = OBJ_FREE
    o.next = d.objects
    d.objects = o
    d.n += 1
    if not d.listed:
        slab_list(i)
    if d.n == PAGE // heap.sizes[d.cls]:
        slab_unlist(i)
        d.kind = PAGE_FREE
        pages_free(i, 1)


cdef void rebuild() noexcept nogil:
    """A process died inside the mutex: all lists anew from page table and headers."""
    cdef uint32_t i, n, at, run = NONE
    cdef page_desc *d
    cdef free_obj *o
    heap.repairs += 1
    for i in range(<uint32_t>N_CLASSES):
        heap.slabs[i] = NONE
    for i in range(<uint32_t>MAX_ORDER):
        heap.buddies[i] = NONE
    for i in range(heap.pages):
        descs[i].listed = 0
    i = 0
    while i < heap.pages:
        d = &descs[i]
        if d.kind == PAGE_FREE:
            if run == NONE:
                run = i
            i += 1
            continue
        if run != NONE:
            pages_free(run, i - run)
            run = NONE
        if d.kind == PAGE_BLOCK:
            i += d.n
            continue
        n = PAGE // heap.sizes[d.cls]
        d.n = 0
        d.objects = NULL
        for at in range(n):
            o = <free_obj *>(page_at(i) + <size_t>at * heap.sizes[d.cls])
            if o.h.state == OBJ_FREE:
                o.next = d.objects
                d.objects = o
                d.n += 1
        if d.n:
            slab_list(i)
        i += 1
    if run != NONE:
        pages_free(run, heap.pages - run)


cdef void pool_lock() noexcept nogil:
    if kcc_mutex_lock(&heap.mutex):
        rebuild()


cdef void pool_unlock() noexcept nogil:
    pthread_mutex_unlock(&heap.mutex)


cdef uint64_t live(int64_t *used, int64_t *blocks) noexcept nogil:
    """Sum of all processes' counters: real_used."""
    cdef uint32_t i
    cdef int64_t u = 0, b = 0, h = 0
    for i in range(heap.n_procs):
        u += heap.mem[i].used
        h += heap.mem[i].headers
        b += heap.mem[i].blocks
    used[0] = u
    blocks[0] = b
    return <uint64_t>(u + h)


cdef void note_peak() noexcept nogil:
    cdef int64_t used, blocks
    cdef uint64_t real = live(&used, &blocks)
    if real > heap.max_used:
        heap.max_used = real


cdef bint empty_magazines() noexcept nogil:
    """The pool is out of pages: give back what this process keeps; False where that is nothing."""
    cdef int cls
    cdef magazine *m
    cdef free_obj *o
    cdef bint any = False
    for cls in range(N_CLASSES):
        m = &heap.mem[process_no].mags[cls]
        while m.head != NULL:
            o = m.head
            m.head = o.next
            object_to_slab(o)
            any = True
        m.n = 0
    return any


cdef bint refill(magazine *m, int cls) noexcept nogil:
    """Move a batch from the pool into an empty magazine of the calling process."""
    cdef uint32_t left = heap.batch[cls], i
    cdef page_desc *d
    cdef free_obj *o
    pool_lock()
    note_peak()
    while left:
        if heap.slabs[cls] == NONE and not slab_new(cls):
            if m.head != NULL or not empty_magazines():
                break
            if heap.slabs[cls] == NONE and not slab_new(cls):
                break
        i = heap.slabs[cls]
        d = &descs[i]
        while left and d.objects != NULL:
            o = d.objects
            o.h.owner = process_no
            o.h.incarnation = process_incarnation
            o.h.state = OBJ_MAGAZINE
            d.objects = o.next
            d.n -= 1
            fault_point(F_REFILL)
            o.next = m.head
            m.head = o
            m.n += 1
            left -= 1
        if d.objects == NULL:
            slab_unlist(i)
    pool_unlock()
    return m.head != NULL


cdef void flush(magazine *m, int cls) noexcept nogil:
    """Give a batch of a full magazine back to the pool."""
    cdef uint32_t left = heap.batch[cls]
    cdef free_obj *o
    pool_lock()
    while left and m.head != NULL:
        o = m.head
        m.head = o.next
        m.n -= 1
        fault_point(F_FLUSH)
        object_to_slab(o)
        left -= 1
    pool_unlock()


# -- the start

cdef void fill_tables() noexcept nogil:
    cdef uint32_t i, size = 16, step = 16, cls = 0
    while size <= MAX_SMALL:        # 16..112 by 16, then four steps to each power of two
        heap.sizes[cls] = size
        heap.batch[cls] = max(2, min(<uint32_t>MAGAZINE_MAX, MAGAZINE_BYTES // size) // 2)
        cls += 1
        if size >= 128 and (size & (size - 1)) == 0:
            step = size // 4
        size += step
    cls = 0
    for i in range(<uint32_t>SIXTEENTHS):
        if i * 16 > heap.sizes[cls]:
            cls += 1
        heap.class_of[i] = cls


cdef size_t round_up(size_t n, size_t to) noexcept nogil:
    return (n + to - 1) // to * to


cdef int pool_make(size_t size) except -1:
    """Map it all. Raises MemoryError, ValueError."""
    global heap, descs, pages
    cdef size_t procs_at, faults_at, sites_at, rows_at, descs_at, pages_at, n = size // PAGE
    cdef char *base
    cdef uint32_t i
    if heap != NULL:
        return 0
    if size < 1 << 20 or n >= <size_t>1 << (MAX_ORDER - 1):
        raise ValueError(f"shared memory of {size} octets: it is 1 MiB to 8 TiB")
    procs_at = round_up(sizeof(shm_header), 64)
    faults_at = procs_at + round_up(proc_area(), 64)
    sites_at = faults_at + round_up(fault_area(), 64)
    rows_at = sites_at + round_up(lock_area(), 64)
    descs_at = rows_at + round_up(pkg_area(), 64)
    pages_at = round_up(descs_at + n * sizeof(page_desc), PAGE)
    base = <char *>kcc_map(pages_at + (n + 1) * PAGE)
    if base == NULL:
        raise MemoryError(f"cannot map {size} octets of shared memory: lower -m")
    base = <char *>round_up(<size_t>base, PAGE)
    memcpy(base, b"kcc shm", 8)
    pages = base + pages_at
    descs = <page_desc *>(base + descs_at)
    heap = <shm_header *>base
    heap.version = LAYOUT_VERSION
    heap.pages = <uint32_t>n
    heap.total = pages_at + n * PAGE
    kcc_mutex_init(&heap.mutex)
    for i in range(<uint32_t>N_CLASSES):
        heap.slabs[i] = NONE
    for i in range(<uint32_t>MAX_ORDER):
        heap.buddies[i] = NONE
    fill_tables()
    pages_free(0, heap.pages)
    proc_attach(base + procs_at)
    fault_attach(base + faults_at)
    lock_attach(base + sites_at)
    pkg_attach(base + rows_at)
    return 0
