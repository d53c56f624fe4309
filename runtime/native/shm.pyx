"""Shared memory: what processes call. The pool behind it is `shm_pool`.

A process keeps free objects of each class to itself (its magazine) and takes the pool's lock only
to fill or empty it. What it changes is written down first (its journal), so that counts are right
after its death; what it had is found by looking at every header (`shm_reclaim`).
"""

from libc.stdint cimport int64_t, uintptr_t
from libc.string cimport memcpy, memset
from runtime.native.fault cimport fault_id, fault_point
from runtime.native.proc cimport MAX_PROCS, process_incarnation, process_no
from runtime.native.shm_pool cimport (
    MAX_ORDER,
    MAX_SMALL,
    NONE,
    N_CLASSES,
    OBJ_FLIGHT,
    OBJ_FREE,
    OBJ_MAGAZINE,
    OBJ_PUBLISHED,
    PAGE,
    PAGE_BITS,
    PAGE_BLOCK,
    PAGE_FREE,
    PAGE_SLAB,
    heap,
    descs,
    empty_magazines,
    flush,
    free_obj,
    live,
    magazine,
    note_peak,
    obj_hdr,
    object_to_slab,
    page_at,
    page_desc,
    page_of,
    pages,
    pages_free,
    pages_take,
    pool_lock,
    pool_make,
    pool_unlock,
    proc_mem,
    refill,
)

from typing import NamedTuple

from runtime.native import lock

cdef extern from *:
    """
    #include <stdint.h>
    #include <sys/mman.h>
    #ifndef MADV_POPULATE_WRITE
    #define MADV_POPULATE_WRITE 23
    #endif
    #define kcc_fence() __asm__ volatile("" ::: "memory")
    #define kcc_caller() ((uint64_t)(uintptr_t)__builtin_return_address(0))
    static void kcc_raise(uint32_t *p, uint32_t to) {
        uint32_t seen = __atomic_load_n(p, __ATOMIC_RELAXED);
        while (seen < to && !__atomic_compare_exchange_n(p, &seen, to, 0, __ATOMIC_RELAXED,
                                                         __ATOMIC_RELAXED)) {}
    }
    static int kcc_populate(void *p, size_t size) { return madvise(p, size, MADV_POPULATE_WRITE); }
    """
    int kcc_populate(void *p, size_t size) nogil
    void kcc_fence() nogil
    uint64_t kcc_caller() nogil
    void kcc_raise(uint32_t *p, uint32_t to) nogil

cdef int F_MALLOC = fault_id("shm.malloc")
cdef int F_FREE = fault_id("shm.free")
cdef int F_RUN = fault_id("shm.run")


# -- what others call

cdef bint shm_contains(const void *p) noexcept nogil:
    return heap != NULL and <char *>heap <= <const char *>p < <char *>heap + heap.total


cdef inline void journal(proc_mem *me, uint64_t what) noexcept nogil:
    if <uint32_t>process_no >= heap.n_procs:
        kcc_raise(&heap.n_procs, process_no + 1)
    me.journal_used = me.used
    me.journal_headers = me.headers
    me.journal_blocks = me.blocks
    kcc_fence()
    me.journal = what
    kcc_fence()


cdef inline void count(proc_mem *me, int64_t size, int64_t header, int sign) noexcept nogil:
    kcc_fence()
    me.used += sign * size
    me.headers += sign * header
    me.blocks += sign
    kcc_fence()
    me.journal = 0


cdef void *shm_malloc(size_t size) noexcept nogil:
    cdef void *p
    if heap == NULL or not heap.debug:
        return take(size)
    if size > <size_t>-1 - sizeof(trailer):
        return NULL
    p = take(size + sizeof(trailer))
    if p != NULL:
        guard(p, size, kcc_caller())
    return p


cdef void *take(size_t size) noexcept nogil:
    cdef int cls
    cdef proc_mem *me
    cdef magazine *m
    cdef free_obj *o
    if size > MAX_SMALL - sizeof(obj_hdr):
        return block_malloc(size)
    if heap == NULL:
        return NULL
    cls = heap.class_of[(size + sizeof(obj_hdr) + 15) >> 4]
    me = &heap.mem[process_no]
    m = &me.mags[cls]
    if m.head == NULL and not refill(m, cls):
        return NULL
    o = m.head
    journal(me, <uint64_t>o)
    m.head = o.next
    m.n -= 1
    o.h.state = OBJ_FLIGHT
    fault_point(F_MALLOC)
    count(me, heap.sizes[cls] - sizeof(obj_hdr), sizeof(obj_hdr), 1)
    return <char *>o + sizeof(obj_hdr)


cdef void *block_malloc(size_t size) noexcept nogil:
    cdef uint64_t n = (<uint64_t>size + PAGE - 1) >> PAGE_BITS
    cdef uint32_t i
    cdef page_desc *d
    cdef proc_mem *me
    if heap == NULL or n > heap.pages:
        return NULL
    me = &heap.mem[process_no]
    pool_lock()
    i = pages_take(<uint32_t>n)
    if i == NONE and empty_magazines():
        i = pages_take(<uint32_t>n)
    if i == NONE:
        pool_unlock()
        return NULL
    d = &descs[i]
    journal(me, <uint64_t>d)
    d.n = <uint32_t>n
    d.h.owner = process_no
    d.h.incarnation = process_incarnation
    d.h.state = OBJ_FLIGHT
    kcc_fence()
    d.kind = PAGE_BLOCK
    fault_point(F_RUN)
    count(me, n << PAGE_BITS, 0, 1)
    note_peak()
    pool_unlock()
    return page_at(i)


cdef void *shm_mallocxz(size_t size) noexcept nogil:
    cdef void *p = shm_malloc(size)
    if p != NULL:
        memset(p, 0, size)
        if heap.debug:
            trailer_of(p).site = kcc_caller()
    return p


cdef inline obj_hdr *header_of(void *p) noexcept nogil:
    """NULL for what is no block; a block of pages is aligned to them, an object never is."""
    cdef uint32_t i
    if p < <void *>pages or p >= <void *>(<char *>heap + heap.total):
        return NULL
    if not (<uintptr_t>p - <uintptr_t>pages) & (PAGE - 1):
        i = page_of(p)
        return &descs[i].h if descs[i].kind == PAGE_BLOCK else NULL
    return <obj_hdr *>(<char *>p - sizeof(obj_hdr))


cdef inline bint is_block(void *p) noexcept nogil:
    return not (<uintptr_t>p - <uintptr_t>pages) & (PAGE - 1)


cdef void shm_free(void *p) noexcept nogil:
    cdef obj_hdr *h
    cdef proc_mem *me
    cdef magazine *m
    cdef free_obj *o
    cdef int cls
    if p == NULL:
        return
    h = header_of(p) if heap != NULL else NULL
    if h == NULL or (h.state != OBJ_FLIGHT and h.state != OBJ_PUBLISHED):
        with gil:
            complain(0 if h == NULL else h.state, <uintptr_t>p)
        return
    if heap.debug and not whole(p):
        with gil:
            complain_overwritten(<uintptr_t>p)
        return
    me = &heap.mem[process_no]
    if is_block(p):
        block_free(me, page_of(p))
        return
    o = <free_obj *>h
    cls = h.cls
    journal(me, <uint64_t>o | 1)
    h.owner = process_no
    h.incarnation = process_incarnation
    fault_point(F_FREE)
    h.state = OBJ_MAGAZINE
    count(me, heap.sizes[cls] - sizeof(obj_hdr), sizeof(obj_hdr), -1)
    m = &me.mags[cls]
    o.next = m.head
    m.head = o
    m.n += 1
    if m.n > 2 * heap.batch[cls]:
        flush(m, cls)


cdef int complain(int state, uintptr_t address) except 0:
    from runtime.native import klog
    what = "freed twice" if state in (OBJ_FREE, OBJ_MAGAZINE) else "overwritten or not ours"
    klog.say(-4, "shm", f"block at {address:#x} is {what}: it stays allocated")
    return 1


cdef void block_free(proc_mem *me, uint32_t i) noexcept nogil:
    cdef page_desc *d = &descs[i]
    cdef uint32_t n = d.n
    pool_lock()
    d.h.owner = process_no
    d.h.incarnation = process_incarnation
    journal(me, <uint64_t>d | 1)
    d.h.state = OBJ_FREE
    kcc_fence()
    d.kind = PAGE_FREE
    count(me, <int64_t>n << PAGE_BITS, 0, -1)
    pages_free(i, n)
    pool_unlock()


cdef size_t whole_room(void *p) noexcept nogil:
    if is_block(p):
        return <size_t>descs[page_of(p)].n << PAGE_BITS
    return heap.sizes[(<obj_hdr *>(<char *>p - sizeof(obj_hdr))).cls] - sizeof(obj_hdr)


cdef size_t room(void *p) noexcept nogil:
    return whole_room(p) - sizeof(trailer) if heap.debug else whole_room(p)


# -- debug mode: the last octets of a block tell who made it; what the caller did not ask for
# -- before them holds a pattern, at most FENCE octets of it

cdef enum:
    FENCE = 64
    PATTERN = 0xFD

cdef struct trailer:
    uint64_t size           # as asked for
    uint64_t site           # a number of lock.site, or the address of the call
    uint64_t mark

cdef uint64_t GUARD = 0xC0C0C0C0ABCDEFED


cdef inline trailer *trailer_of(void *p) noexcept nogil:
    return <trailer *>(<char *>p + whole_room(p) - sizeof(trailer))


cdef void guard(void *p, size_t size, uint64_t site) noexcept nogil:
    cdef trailer *t = trailer_of(p)
    cdef size_t spare = <size_t>(<char *>t - <char *>p) - size
    memset(<char *>p + size, PATTERN, spare if spare < FENCE else FENCE)
    t.size = size
    t.site = site
    t.mark = GUARD ^ <uint64_t>p


cdef bint whole(void *p) noexcept nogil:
    """Whether nobody wrote behind the block."""
    cdef trailer *t = trailer_of(p)
    cdef size_t i, spare
    if t.mark != GUARD ^ <uint64_t>p or t.size > <size_t>(<char *>t - <char *>p):
        return False
    spare = <size_t>(<char *>t - <char *>p) - t.size
    for i in range(spare if spare < FENCE else FENCE):
        if (<unsigned char *>p)[t.size + i] != PATTERN:
            return False
    return True


cdef int complain_overwritten(uintptr_t address) except 0:
    from runtime.native import klog
    cdef trailer *t = trailer_of(<void *>address)
    site = where(t.site) if t.mark == GUARD ^ <uint64_t>address else "unknown"
    klog.say(-4, "shm", f"block at {address:#x}, made by {site}, was written behind its end: "
             "it stays allocated")
    return 1


cdef void *shm_realloc(void *p, size_t size) noexcept nogil:
    cdef size_t old
    cdef void *fresh
    if p == NULL:
        return shm_malloc(size)
    old = room(p)
    if heap.debug:
        if not whole(p):
            with gil:
                complain_overwritten(<uintptr_t>p)
            return NULL
        old = trailer_of(p).size
    elif size <= old and size >= old // 2:
        return p
    fresh = shm_malloc(size)
    if fresh == NULL:
        return p if size <= old else NULL
    memcpy(fresh, p, old if old < size else size)
    if header_of(p).state == OBJ_PUBLISHED:
        shm_publish(fresh)
    shm_free(p)
    return fresh


cdef void shm_publish(void *p) noexcept nogil:
    cdef obj_hdr *h = header_of(p)
    if h != NULL and h.state == OBJ_FLIGHT:
        h.state = OBJ_PUBLISHED


cdef void shm_unpublish(void *p) noexcept nogil:
    cdef obj_hdr *h = header_of(p)
    if h != NULL and h.state == OBJ_PUBLISHED:
        h.owner = process_no
        h.incarnation = process_incarnation
        kcc_fence()
        h.state = OBJ_FLIGHT


cdef void settle_journal(int slot) noexcept nogil:
    """What the death cut short: a free is completed, a malloc counts if its header says so."""
    cdef proc_mem *dead = &heap.mem[slot]
    cdef bint freeing = dead.journal & 1
    cdef obj_hdr *h = <obj_hdr *>(dead.journal & ~<uint64_t>1)
    cdef bint block = <char *>h < pages     # in the page table
    cdef page_desc *d = <page_desc *>h
    cdef bint is_live = h.state == OBJ_FLIGHT or h.state == OBJ_PUBLISHED
    cdef int64_t size = <int64_t>d.n << PAGE_BITS if block else heap.sizes[h.cls] - sizeof(obj_hdr)
    dead.used = dead.journal_used
    dead.headers = dead.journal_headers
    dead.blocks = dead.journal_blocks
    if block and d.kind != PAGE_BLOCK:
        is_live = False
    if freeing:
        if is_live and block:
            h.state = OBJ_FREE
            d.kind = PAGE_FREE
            pages_free(<uint32_t>(d - descs), d.n)
        elif is_live:
            h.owner = slot
            h.state = OBJ_MAGAZINE          # found by the walk, as all of the magazine
        count(dead, size, 0 if block else sizeof(obj_hdr), -1)
    elif is_live and h.owner == slot:
        count(dead, size, 0 if block else sizeof(obj_hdr), 1)
    dead.journal = 0


cdef uint64_t reclaim_page(uint32_t i, int slot) noexcept nogil:
    """Free what the slot's process had in one page, under the lock; octets in flight."""
    cdef page_desc *d = &descs[i]
    cdef proc_mem *dead = &heap.mem[slot]
    cdef uint32_t at, size
    cdef uint64_t freed = 0
    cdef free_obj *o
    if d.kind == PAGE_BLOCK and d.h.state == OBJ_FLIGHT and d.h.owner == slot:
        freed = <uint64_t>d.n << PAGE_BITS
        d.h.state = OBJ_FREE
        d.kind = PAGE_FREE
        pages_free(i, d.n)
        count(dead, <int64_t>freed, 0, -1)
    elif d.kind == PAGE_SLAB:
        size = heap.sizes[d.cls]
        for at in range(<uint32_t>PAGE // size):
            o = <free_obj *>(page_at(i) + <size_t>at * size)
            if o.h.owner != slot or (o.h.state != OBJ_FLIGHT and o.h.state != OBJ_MAGAZINE):
                continue
            if o.h.state == OBJ_FLIGHT:
                freed += size - sizeof(obj_hdr)
                count(dead, size - sizeof(obj_hdr), sizeof(obj_hdr), -1)
            object_to_slab(o)
            if d.kind != PAGE_SLAB:         # the page itself was given back
                break
    return freed


cdef uint64_t shm_reclaim(int slot) noexcept nogil:
    """Free what the dead process of a slot held; by the arbiter, before the slot is used again."""
    cdef uint64_t freed = 0
    cdef uint32_t i = 0, step
    if heap == NULL or slot < 0 or slot >= MAX_PROCS:
        return 0
    pool_lock()                 # repairs the pool if it must
    if heap.mem[slot].journal:
        settle_journal(slot)
    memset(heap.mem[slot].mags, 0, sizeof(heap.mem[slot].mags))
    pool_unlock()
    while i < heap.pages:
        pool_lock()             # page by page: others need the pool meanwhile
        step = descs[i].n if descs[i].kind == PAGE_BLOCK else 1
        freed += reclaim_page(i, slot)
        pool_unlock()
        i += step
    return freed


cdef void shm_status(shm_stats *out) noexcept nogil:
    cdef int64_t used = 0, blocks = 0
    memset(out, 0, sizeof(shm_stats))
    if heap == NULL:
        return
    pool_lock()
    note_peak()
    out.total = <uint64_t>heap.pages << PAGE_BITS
    out.real_used = live(&used, &blocks)
    out.used = used
    out.free = out.total - out.real_used
    out.max_used = heap.max_used
    out.fragments = blocks
    pool_unlock()


# -- Python

class Status(NamedTuple):
    total: int
    free: int
    used: int
    real_used: int
    max_used: int
    fragments: int


def create(size_t size, bint debug=False):
    pool_make(size)
    heap.debug = debug


cdef str where(uint64_t site):
    """The name of a site: a text, or a library and an offset for addr2line."""
    if site <= 0xffffffff:
        return lock.site_name(<uint32_t>site)
    with open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:
        for line in maps:
            span, _, _, _, _, *path = line.split(None, 5)
            low, _, high = span.partition("-")
            if int(low, 16) <= site < int(high, 16):
                offset = site - int(low, 16) + int(line.split()[2], 16)
                name = path[0].strip().rpartition("/")[2] if path else "?"
                return f"{name}+{offset:#x}"
    return f"{site:#x}"


def set_site(size_t p, uint32_t site):
    """Debug mode: say in words who made a block (a number of ``lock.site``)."""
    if heap != NULL and heap.debug:
        trailer_of(<void *>p).site = site


def blocks():
    """Live blocks: (site, octets, how many), by octets; sites are known in debug mode only."""
    cdef uint32_t i = 0, at, step, size
    cdef page_desc *d
    cdef free_obj *o
    found = {}
    while heap != NULL and i < heap.pages:
        pool_lock()
        d = &descs[i]
        step = d.n if d.kind == PAGE_BLOCK else 1
        rows = []
        if d.kind == PAGE_BLOCK and (d.h.state == OBJ_FLIGHT or d.h.state == OBJ_PUBLISHED):
            rows.append(row_of(page_at(i)))
        elif d.kind == PAGE_SLAB:
            size = heap.sizes[d.cls]
            for at in range(<uint32_t>PAGE // size):
                o = <free_obj *>(page_at(i) + <size_t>at * size)
                if o.h.state == OBJ_FLIGHT or o.h.state == OBJ_PUBLISHED:
                    rows.append(row_of(<char *>o + sizeof(obj_hdr)))
        pool_unlock()
        for site, octets in rows:
            total, count = found.get(site, (0, 0))
            found[site] = total + octets, count + 1
        i += step
    names = {site: where(site) if site else "" for site in found}
    listed = [(names[site], total, count) for site, (total, count) in found.items()]
    return sorted(listed, key=lambda row: (-row[1], row[0]))


cdef tuple row_of(void *p):
    cdef trailer *t
    if not heap.debug:
        return 0, whole_room(p)
    t = trailer_of(p)
    if t.mark != GUARD ^ <uint64_t>p:
        return 0, whole_room(p)
    return t.site, t.size


def created():
    return heap != NULL


def populate(size_t limit):
    if heap == NULL:
        return False
    return kcc_populate(heap, min(limit, <size_t>heap.total) // 4096 * 4096) == 0


def status():
    cdef shm_stats s
    shm_status(&s)
    return Status(s.total, s.free, s.used, s.real_used, s.max_used, s.fragments)


def reclaim(int slot):
    return shm_reclaim(slot)


def repairs():
    return 0 if heap == NULL else heap.repairs


cdef int slab_error(uint32_t i, uint64_t *live) except 0:
    """Compare one slab's counts with its headers; adds its live objects."""
    cdef page_desc *d = &descs[i]
    cdef free_obj *o = d.objects
    cdef uint32_t at, listed = 0, marked = 0
    while o != NULL:
        if page_of(o) != i or o.h.state != OBJ_FREE or listed > d.n:
            raise AssertionError(f"free list of page {i} is broken")
        listed += 1
        o = o.next
    for at in range(<uint32_t>PAGE // heap.sizes[d.cls]):
        o = <free_obj *>(page_at(i) + <size_t>at * heap.sizes[d.cls])
        if o.h.cls != d.cls or not OBJ_FREE <= o.h.state <= OBJ_PUBLISHED:
            raise AssertionError(f"damaged header {at} in page {i}")
        marked += o.h.state == OBJ_FREE
        live[0] += o.h.state == OBJ_FLIGHT or o.h.state == OBJ_PUBLISHED
    if listed != d.n or marked != d.n or d.listed != (d.n != 0):
        raise AssertionError(f"page {i}: {d.n} free counted, {listed} listed, {marked} marked")
    return 1


def check():
    """Live blocks. AssertionError says where counts or lists differ from the headers."""
    cdef uint32_t i = 0
    cdef uint64_t free_pages = 0, listed = 0, found = 0
    cdef int order
    if heap == NULL:
        return 0
    pool_lock()
    try:
        while i < heap.pages:
            if descs[i].kind == PAGE_BLOCK:
                if descs[i].n == 0 or i + descs[i].n > heap.pages:
                    raise AssertionError(f"block at page {i} has {descs[i].n} pages")
                found += 1
                i += descs[i].n
                continue
            if descs[i].kind == PAGE_SLAB:
                slab_error(i, &found)
            else:
                free_pages += 1
            i += 1
        for order in range(MAX_ORDER):
            i = heap.buddies[order]
            while i != NONE:
                listed += 1ull << order
                i = descs[i].next
        if listed != free_pages:
            raise AssertionError(f"{free_pages} free pages, {listed} listed")
    finally:
        pool_unlock()
    return found


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
