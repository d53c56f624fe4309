"""gen_lock_t: a futex word in shared memory that knows its owner and outlives it (guide ch. 3).

The word is 0 when free. Else bit 0 says that somebody waits, bits 1-16 hold the owner's slot + 1,
bits 32-63 its incarnation. Who waits long looks whether the owner lives, and takes the lock over
from a dead one: `lock_get` then returns LOCK_DIED and the caller repairs what the lock guards.
"""

from libc.stdint cimport uint32_t, uint64_t
from libc.string cimport memcpy, strncmp
from runtime.native.proc cimport (
    MAX_HELD,
    PROC_RUNNING,
    proc_really_alive,
    proc_slots,
    process_incarnation,
    process_no,
    pt,
)

from typing import NamedTuple

cdef extern from *:
    """
    #include <errno.h>
    #include <linux/futex.h>
    #include <sys/syscall.h>
    #include <time.h>
    #include <unistd.h>
    static int kcc_futex_wait(void *word, unsigned value, long ms) {
        struct timespec t = { ms / 1000, ms % 1000 * 1000000L };
        return syscall(SYS_futex, word, FUTEX_WAIT, value, &t, NULL, 0) == 0 ? 0 : errno;
    }
    static void kcc_futex_wake(void *word, int n) {
        syscall(SYS_futex, word, FUTEX_WAKE, n, NULL, NULL, 0);
    }
    static int kcc_cas(unsigned long *p, unsigned long expected, unsigned long wanted) {
        return __atomic_compare_exchange_n(p, &expected, wanted, 0, __ATOMIC_ACQUIRE,
                                           __ATOMIC_RELAXED);
    }
    static unsigned long kcc_ns(void) {
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        return t.tv_sec * 1000000000UL + t.tv_nsec;
    }
    #define kcc_next(p) __atomic_fetch_add((p), 1, __ATOMIC_ACQ_REL)
    #define kcc_load(p) __atomic_load_n((p), __ATOMIC_RELAXED)
    #define kcc_swap(p, v) __atomic_exchange_n((p), (v), __ATOMIC_RELEASE)
    #if defined(__x86_64__) || defined(__i386__)
    #define kcc_pause() __builtin_ia32_pause()
    #else
    #define kcc_pause() __asm__ __volatile__("" ::: "memory")
    #endif
    """
    int ETIMEDOUT
    int kcc_futex_wait(void *word, unsigned value, long ms) nogil
    void kcc_futex_wake(void *word, int n) nogil
    bint kcc_cas(uint64_t *p, uint64_t expected, uint64_t wanted) nogil
    uint64_t kcc_ns() nogil
    uint32_t kcc_next(uint32_t *p) nogil
    uint64_t kcc_load(uint64_t *p) nogil
    uint64_t kcc_swap(uint64_t *p, uint64_t v) nogil
    void kcc_pause() nogil

cdef enum:
    WAITERS = 1
    SPINS = 200
    LOOK_MS = 20                # how long to sleep before looking whether the owner lives
    MAX_SITES = 1024
    SITE_SIZE = 64
    FIRST_SITE = 0x40000000     # of those named by `site`; smaller numbers are native code's

cdef struct site_table:         # in shared memory: any process may name what another one holds
    uint32_t n
    char names[MAX_SITES][SITE_SIZE]

cdef site_table *sites = NULL


cdef inline uint64_t own_word() noexcept nogil:
    return (<uint64_t>process_incarnation << 32) | <uint64_t>(process_no + 1) << 1


cdef inline int slot_of(uint64_t word) noexcept nogil:
    return <int>(word >> 1 & 0xffff) - 1


cdef inline void note(gen_lock_t *l, uint32_t site) noexcept nogil:
    """Write down who holds the lock, for the debugger."""
    l.site = site
    l.depth = 1
    if pt[process_no].n_held < MAX_HELD:
        pt[process_no].held[pt[process_no].n_held] = l
        pt[process_no].n_held += 1


cdef size_t lock_area() noexcept nogil:
    return sizeof(site_table)


cdef void lock_attach(void *area) noexcept nogil:
    global sites
    sites = <site_table *>area


cdef void lock_init(gen_lock_t *l) noexcept nogil:
    l.word = 0
    l.depth = 0
    l.site = 0


cdef int lock_get(gen_lock_t *l, uint32_t site) noexcept nogil:
    if kcc_cas(&l.word, 0, own_word()):
        note(l, site)
        return LOCK_OK
    return wait_for(l, site)


cdef int lock_get_recursive(gen_lock_t *l, uint32_t site) noexcept nogil:
    if (kcc_load(&l.word) & ~<uint64_t>WAITERS) == own_word():
        l.depth += 1
        return LOCK_OK
    return lock_get(l, site)


cdef int lock_try(gen_lock_t *l, uint32_t site) noexcept nogil:
    cdef uint64_t word
    if kcc_cas(&l.word, 0, own_word()):
        note(l, site)
        return LOCK_OK
    word = kcc_load(&l.word)
    if word != 0 and not proc_really_alive(slot_of(word), <uint32_t>(word >> 32)):
        if kcc_cas(&l.word, word, own_word() | WAITERS):
            note(l, site)
            return LOCK_DIED
    return LOCK_BUSY


cdef int wait_for(gen_lock_t *l, uint32_t site) noexcept nogil:
    """Spin a while, then sleep; who slept leaves the waiters' bit set, since others may sleep too."""
    cdef int spin, result
    for spin in range(SPINS):
        kcc_pause()
        if kcc_load(&l.word) == 0 and kcc_cas(&l.word, 0, own_word()):
            note(l, site)
            return LOCK_OK
    pt[process_no].waits_since = kcc_ns()
    pt[process_no].waits_site = site
    pt[process_no].waits_for = l
    result = sleep_for(l)
    pt[process_no].waits_for = NULL
    note(l, site)
    return result


cdef int sleep_for(gen_lock_t *l) noexcept nogil:
    cdef uint64_t word
    cdef int why
    while True:
        word = kcc_load(&l.word)
        if word == 0:
            if kcc_cas(&l.word, 0, own_word() | WAITERS):
                return LOCK_OK
            continue
        if word & WAITERS == 0:
            if not kcc_cas(&l.word, word, word | WAITERS):
                continue
            word |= WAITERS
        why = kcc_futex_wait(&l.word, <uint32_t>word, LOOK_MS)
        if why != ETIMEDOUT:
            continue
        if not proc_really_alive(slot_of(word), <uint32_t>(word >> 32)):
            if kcc_cas(&l.word, word, own_word() | WAITERS):
                return LOCK_DIED


cdef void lock_release(gen_lock_t *l) noexcept nogil:
    cdef uint64_t word
    cdef uint32_t i, n
    if l.depth > 1:
        l.depth -= 1
        return
    n = pt[process_no].n_held
    for i in range(n, 0, -1):           # the last one, nearly always
        if pt[process_no].held[i - 1] == l:
            pt[process_no].held[i - 1] = pt[process_no].held[n - 1]
            pt[process_no].n_held = n - 1
            break
    l.depth = 0
    word = kcc_swap(&l.word, 0)
    if word & WAITERS:
        kcc_futex_wake(&l.word, 1)


# ---- Python: for tests, script locks and the debugger

cdef dict site_names = {}       # of native code, the same in every process
cdef dict site_numbers = {}     # of texts, as this process has seen them

class Held(NamedTuple):
    slot: int
    pid: int
    site: str
    address: int


class Waiting(NamedTuple):
    slot: int
    pid: int
    site: str
    address: int
    milliseconds: int
    holder: int


def name_site(int site, str name not None):
    site_names[site] = name


def site(str name not None):
    """The number of a place in the code; 0 where the table is full or not there yet."""
    cdef bytes text
    cdef uint32_t i
    number = site_numbers.get(name)
    if number is not None:
        return number
    if sites == NULL:
        return 0
    text = name.encode("utf-8", "replace")[-(SITE_SIZE - 1):]
    for i in range(min(sites.n, <uint32_t>MAX_SITES)):
        if strncmp(sites.names[i], <const char *>text, SITE_SIZE) == 0:
            break
    else:
        if sites.n >= MAX_SITES:
            return 0
        i = kcc_next(&sites.n)
        if i >= MAX_SITES:
            sites.n = MAX_SITES
            return 0
        memcpy(sites.names[i], <const char *>text, len(text) + 1)
    site_numbers[name] = FIRST_SITE + i
    return FIRST_SITE + i


def site_name(uint32_t number):
    if number >= FIRST_SITE and sites != NULL and number - FIRST_SITE < MAX_SITES:
        return sites.names[number - FIRST_SITE].decode("utf-8", "replace")
    return site_names.get(number, str(number))


def held():
    """(slot, pid, site, address) of every lock that is held, by dead processes too; 16 a process
    at most."""
    cdef int slot
    cdef uint32_t i
    cdef uint64_t word
    cdef gen_lock_t *l
    rows = []
    for slot in range(proc_slots):
        for i in range(pt[slot].n_held):
            l = <gen_lock_t *>pt[slot].held[i]
            word = kcc_load(&l.word)
            if slot_of(word) == slot and <uint32_t>(word >> 32) == pt[slot].incarnation:
                rows.append(Held(slot, pt[slot].pid, site_name(l.site), <size_t>l))
    return rows


def waiting():
    """(slot, pid, site, address, milliseconds, holder's slot) of each process that sleeps for a
    lock; the holder is -1 where the lock is free just now."""
    cdef int slot
    cdef gen_lock_t *l
    cdef uint64_t word, now = kcc_ns()
    rows = []
    for slot in range(proc_slots):
        l = <gen_lock_t *>pt[slot].waits_for
        if l == NULL or pt[slot].state != PROC_RUNNING:
            continue
        word = kcc_load(&l.word)
        since = (now - pt[slot].waits_since) // 1000000 if now > pt[slot].waits_since else 0
        rows.append(
            Waiting(slot, pt[slot].pid, site_name(pt[slot].waits_site), <size_t>l, since,
                    slot_of(word) if word else -1)
        )
    return rows


def init(size_t address):
    lock_init(<gen_lock_t *>address)


def get(size_t address, uint32_t site=0):
    cdef int result
    with nogil:
        result = lock_get(<gen_lock_t *>address, site)
    return result


def get_recursive(size_t address, uint32_t site=0):
    cdef int result
    with nogil:
        result = lock_get_recursive(<gen_lock_t *>address, site)
    return result


def try_get(size_t address, uint32_t site=0):
    return lock_try(<gen_lock_t *>address, site)


def release(size_t address):
    lock_release(<gen_lock_t *>address)


def size():
    return sizeof(gen_lock_t)
