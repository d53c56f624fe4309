"""The timer wheel in shared memory (guide ch. 15): four wheels of 256 slots, ticks of 10 ms.

One lock guards the lists. The next pointers are the truth: what the death of a process leaves half
done is put right from them (`repair`). A timer that changes lists is written down first
(`wheel.moving`), so that none is lost between two lists.
"""

from libc.stdint cimport int64_t, uint32_t, uint64_t, uintptr_t
from posix.time cimport CLOCK_MONOTONIC, clock_gettime, nanosleep, timespec
from runtime.native.fault cimport fault_id, fault_point
from runtime.native.lock cimport LOCK_DIED, gen_lock_t, lock_get, lock_init, lock_release
from runtime.native.proc cimport proc_alive, process_incarnation, process_no
from runtime.native.shm cimport shm_mallocxz, shm_publish

from runtime.native.lock import name_site

cdef extern from *:
    """
    #define kcc_fence() __asm__ volatile("" ::: "memory")
    """
    void kcc_fence() nogil

cdef enum:
    TICK_MS = 10
    LEVELS = 4
    SLOTS = 256
    IDLE = 0
    ARMED = 1
    SITE_TIMER = 10

cdef struct timer_wheel:
    gen_lock_t lock
    uint64_t tick               # the last one done
    timer_ln slots[LEVELS][SLOTS]   # heads of circular lists
    timer_ln due                # expired, their handlers not yet run
    timer_ln *moving            # between two lists at this moment
    timer_ln *running           # its handler runs now, in the process below; NULL once it is free
    int runner
    uint32_t runner_incarnation

cdef timer_wheel *wheel = NULL
cdef int F_ADD = fault_id("timer.add")
cdef int F_DEL = fault_id("timer.del")
cdef int F_MOVE = fault_id("timer.move")
cdef int F_RUN = fault_id("timer.run")
name_site(SITE_TIMER, "timer wheel")


cdef uint64_t now_ms() noexcept nogil:
    cdef timespec t
    clock_gettime(CLOCK_MONOTONIC, &t)
    return <uint64_t>t.tv_sec * 1000 + <uint64_t>t.tv_nsec // 1000000


# ---- lists

cdef inline void list_init(timer_ln *head) noexcept nogil:
    head.next = head
    head.prev = head


cdef inline void link(timer_ln *head, timer_ln *t) noexcept nogil:
    """At the end of the list; the write to `next` of the last one is what counts."""
    cdef timer_ln *last = head.prev
    t.next = head
    t.prev = last
    last.next = t
    head.prev = t


cdef inline void unlink(timer_ln *t) noexcept nogil:
    t.prev.next = t.next
    t.next.prev = t.prev


cdef void place(timer_ln *t) noexcept nogil:
    """Into the slot of its time, as seen from the present tick."""
    cdef uint64_t at = (t.expires_ms + TICK_MS - 1) // TICK_MS
    cdef uint64_t ahead
    cdef int level
    if at <= wheel.tick:
        at = wheel.tick + 1
    ahead = at - wheel.tick
    if ahead < SLOTS:
        level = 0
    elif ahead < SLOTS * SLOTS:
        level = 1
    elif ahead < <uint64_t>SLOTS * SLOTS * SLOTS:
        level = 2
    else:
        level = 3
        if ahead >= <uint64_t>SLOTS * SLOTS * SLOTS * SLOTS:
            at = wheel.tick + <uint64_t>SLOTS * SLOTS * SLOTS * (SLOTS - 1)
    link(&wheel.slots[level][(at >> (8 * level)) & 255], t)


cdef bint mend(timer_ln *head) noexcept nogil:
    """Make the prev pointers of a list follow its next pointers, without timers that are disarmed.

    Was the moving timer in it?
    """
    cdef timer_ln *last = head
    cdef timer_ln *t = head.next
    cdef bint found = False
    while t != head:
        if t.state == IDLE:
            last.next = t.next
            t = t.next
            continue
        if t == wheel.moving:
            found = True
        t.prev = last
        last = t
        t = t.next
    head.prev = last
    last.next = head
    return found


cdef void repair() noexcept nogil:
    cdef int level, i
    cdef bint found = mend(&wheel.due)
    for level in range(LEVELS):
        for i in range(SLOTS):
            found |= mend(&wheel.slots[level][i])
    if wheel.moving is not NULL and not found and wheel.moving.state == ARMED:
        place(wheel.moving)
    wheel.moving = NULL


cdef inline void begin_move(timer_ln *t) noexcept nogil:
    """From here to `end_move`, `repair` sees to it that t ends in a list if it is armed."""
    wheel.moving = t
    kcc_fence()


cdef inline void end_move() noexcept nogil:
    kcc_fence()
    wheel.moving = NULL


cdef inline void wheel_lock() noexcept nogil:
    if lock_get(&wheel.lock, SITE_TIMER) == LOCK_DIED:
        repair()


# ---- what the other topics call

cdef void timer_init(timer_ln *t, timer_handler f, void *data) noexcept nogil:
    t.next = NULL
    t.prev = NULL
    t.expires_ms = 0
    t.f = f
    t.data = data
    t.state = IDLE
    t.slot = 0


cdef int timer_add(timer_ln *t, uint64_t expires_ms) noexcept nogil:
    if wheel is NULL:
        return -1
    wheel_lock()
    if t.state == ARMED:
        lock_release(&wheel.lock)
        return -1
    t.expires_ms = expires_ms
    begin_move(t)
    t.state = ARMED
    fault_point(F_ADD)
    place(t)
    end_move()
    lock_release(&wheel.lock)
    return 0


cdef int timer_del(timer_ln *t) noexcept nogil:
    cdef int result = 0
    if wheel is NULL:
        return 0
    wheel_lock()
    if t.state == ARMED:
        t.state = IDLE
        kcc_fence()
        fault_point(F_DEL)
        unlink(t)
        result = 1
    elif wheel.running == t and wheel.runner != process_no:
        if proc_alive(wheel.runner, wheel.runner_incarnation):
            result = -1
        else:
            wheel.running = NULL
    lock_release(&wheel.lock)
    return result


cdef void timer_forget(timer_ln *t) noexcept nogil:
    """A handler calls this before it frees the memory of its own timer."""
    if wheel is not NULL and wheel.running == t:
        wheel.running = NULL


cdef void cascade(int level) noexcept nogil:
    """The timers of the slot that the present tick enters, down to finer wheels."""
    cdef timer_ln *head = &wheel.slots[level][(wheel.tick >> (8 * level)) & 255]
    cdef timer_ln *t
    cdef timer_ln *end = head.prev
    while head.next != head:
        t = head.next
        begin_move(t)
        unlink(t)
        fault_point(F_MOVE)
        place_now(t)
        end_move()
        if t == end:
            break


cdef void place_now(timer_ln *t) noexcept nogil:
    """As `place`, but what is due at this very tick goes to the due list."""
    if (t.expires_ms + TICK_MS - 1) // TICK_MS <= wheel.tick:
        link(&wheel.due, t)
    else:
        place(t)


cdef void advance(uint64_t now) noexcept nogil:
    """Move all that is due by `now` to the due list."""
    cdef uint64_t target = now // TICK_MS
    cdef timer_ln *head
    cdef timer_ln *t
    if target > wheel.tick + SLOTS * SLOTS:
        target = wheel.tick + SLOTS * SLOTS     # after a long stop, in steps
    while wheel.tick < target:
        wheel.tick += 1
        if wheel.tick & 255 == 0:
            if wheel.tick & 0xffff == 0:
                if wheel.tick & 0xffffff == 0:
                    cascade(3)
                cascade(2)
            cascade(1)
        head = &wheel.slots[0][wheel.tick & 255]
        while head.next != head:
            t = head.next
            begin_move(t)
            unlink(t)
            fault_point(F_MOVE)
            link(&wheel.due, t)
            end_move()


cdef void resume() noexcept nogil:
    """A timer whose handler died with its process is due again, unless it was freed or armed."""
    cdef timer_ln *t = wheel.running
    if t is NULL or proc_alive(wheel.runner, wheel.runner_incarnation):
        return
    if t.state == IDLE:
        begin_move(t)
        t.state = ARMED
        link(&wheel.due, t)
        end_move()
    wheel.running = NULL


cdef int timer_run(uint64_t now) noexcept nogil:
    cdef timer_ln *t
    cdef uint32_t again
    cdef int count = 0
    if wheel is NULL:
        return 0
    wheel_lock()
    resume()
    advance(now)
    while wheel.due.next != &wheel.due:
        t = wheel.due.next
        wheel.runner = process_no
        wheel.runner_incarnation = process_incarnation
        wheel.running = t
        kcc_fence()
        t.state = IDLE
        unlink(t)
        lock_release(&wheel.lock)
        fault_point(F_RUN)
        again = t.f(t, now)
        count += 1
        wheel_lock()
        if again != 0 and wheel.running == t and t.state == IDLE:
            t.expires_ms = now + again
            begin_move(t)
            t.state = ARMED
            place(t)
            end_move()
        wheel.running = NULL
    lock_release(&wheel.lock)
    return count


cdef uint64_t timer_next(uint64_t now) noexcept nogil:
    """Milliseconds to the next tick that has something, at most to the end of the first wheel."""
    cdef uint64_t tick
    cdef uint64_t limit
    if wheel is NULL:
        return 1000
    if wheel.due.next != &wheel.due:
        return 0
    tick = wheel.tick + 1
    limit = (wheel.tick | 255) + 1
    while tick < limit and wheel.slots[0][tick & 255].next == &wheel.slots[0][tick & 255]:
        tick += 1
    return tick * TICK_MS - now if tick * TICK_MS > now else 0


# ---- Python

def create(start_ms=None):
    """Make the wheel in shared memory, before the fork; `start_ms` is the present (for tests)."""
    global wheel
    cdef int level, i
    if wheel is not NULL:
        return
    wheel = <timer_wheel *>shm_mallocxz(sizeof(timer_wheel))
    if wheel is NULL:
        raise MemoryError("no shared memory left for the timers")
    shm_publish(wheel)
    lock_init(&wheel.lock)
    wheel.tick = (now_ms() if start_ms is None else <uint64_t>start_ms) // TICK_MS
    list_init(&wheel.due)
    for level in range(LEVELS):
        for i in range(SLOTS):
            list_init(&wheel.slots[level][i])


def run(uint64_t now):
    """Run the handlers due by `now` (milliseconds); how many."""
    cdef int count
    with nogil:
        count = timer_run(now)
    return count


def run_once():
    """Sleep one tick, or less where something is due, then run what is; how many handlers."""
    cdef timespec t
    cdef int count
    cdef uint64_t now
    with nogil:
        now = now_ms()
        if timer_next(now) > 0:
            t.tv_sec = 0
            t.tv_nsec = (TICK_MS - <long>(now % TICK_MS)) * 1000000
            nanosleep(&t, NULL)
        count = timer_run(now_ms())
    return count


def next_ms(uint64_t now):
    return timer_next(now)


def now():
    return now_ms()


def armed():
    """How many timers are armed: walks every list."""
    cdef int level, i
    cdef timer_ln *t
    cdef uint64_t count = 0
    wheel_lock()
    t = wheel.due.next
    while t != &wheel.due:
        count += 1
        t = t.next
    for level in range(LEVELS):
        for i in range(SLOTS):
            t = wheel.slots[level][i].next
            while t != &wheel.slots[level][i]:
                count += 1
                t = t.next
    lock_release(&wheel.lock)
    return count


cdef uint32_t count_down(timer_ln *t, uint64_t now) noexcept nogil:
    """Handler of tests: data counts its runs; runs again while `slot` milliseconds are set."""
    (<uint64_t *>t.data)[0] += 1
    return t.slot


def test_init(uintptr_t t, uintptr_t counter, uint32_t period=0):
    """For tests: a timer at an address in shared memory that counts at another."""
    timer_init(<timer_ln *>t, count_down, <void *>counter)
    (<timer_ln *>t).slot = period


def test_add(uintptr_t t, uint64_t expires_ms):
    return timer_add(<timer_ln *>t, expires_ms)


def test_del(uintptr_t t):
    return timer_del(<timer_ln *>t)


def size():
    return sizeof(timer_ln)
