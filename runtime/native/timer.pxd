# The timer wheel, in shared memory: hierarchical, O(1) arm and cancel, 10 ms ticks (guide ch. 15).
# Time is passed in. One process runs it; any process arms and cancels.
from libc.stdint cimport uint32_t, uint64_t

ctypedef uint32_t (*timer_handler)(timer_ln *t, uint64_t now_ms) noexcept nogil

cdef struct timer_ln:       # embedded in what it times
    timer_ln *next
    timer_ln *prev
    uint64_t expires_ms
    timer_handler f         # same address in every process: all are forks of one image
    void *data
    uint32_t state          # see timer.pyx
    uint32_t slot

# f returns 0 for done, or the milliseconds after which to run again. The wheel's lock is not held
# while f runs. timer_del returns 1 where it took the timer out, 0 where it was not armed, and -1
# where its handler is running at this moment in another process.
# A handler whose process dies in it runs again in the next one: it must bear that, and must call
# timer_forget before it frees what holds its timer.
cdef uint64_t now_ms() noexcept nogil                              # CLOCK_MONOTONIC
cdef void timer_init(timer_ln *t, timer_handler f, void *data) noexcept nogil
cdef int timer_add(timer_ln *t, uint64_t expires_ms) noexcept nogil    # -1: already armed
cdef int timer_del(timer_ln *t) noexcept nogil
cdef void timer_forget(timer_ln *t) noexcept nogil               # by a handler, before it frees t
cdef int timer_run(uint64_t now) noexcept nogil                    # handlers run; how many
cdef uint64_t timer_next(uint64_t now) noexcept nogil              # ms until something may be due
