"""Tasks that wait: when their time is over the timer process writes them to a socket, whose readers
do them (``async/async_sleep.c``)."""

from libc.errno cimport EAGAIN, EINTR, ENOBUFS, errno
from libc.stdint cimport int32_t, uint32_t, uint64_t
from libc.string cimport memcpy
from runtime.native.shm cimport shm_free, shm_mallocxz, shm_publish, shm_unpublish
from runtime.native.timer cimport now_ms, timer_add, timer_forget, timer_init, timer_ln

cdef extern from "<sys/socket.h>" nogil:
    int MSG_DONTWAIT, MSG_NOSIGNAL
    ssize_t send(int fd, const void *data, size_t size, int flags)

cdef extern from *:
    """
    #define kcc_count(p, n) __sync_fetch_and_add((p), (n))
    """
    int32_t kcc_count(int32_t *p, int32_t n) nogil

cdef enum:
    ROOM = 32
    RETRY_MS = 10

MOST = ROOM

cdef struct sleep_item:
    timer_ln timer
    int fd
    uint32_t size
    int32_t counted
    char task[ROOM]

cdef struct sleep_state:
    int32_t count               # of those that are counted
    int32_t most

cdef sleep_state *state = NULL


cdef uint32_t fire(timer_ln *t, uint64_t now) noexcept nogil:
    """Written once; where nobody reads fast enough, again a little later."""
    cdef sleep_item *item = <sleep_item *> t.data
    if send(item.fd, item.task, item.size, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 \
            and errno in (EAGAIN, EINTR, ENOBUFS):
        return RETRY_MS
    if item.counted:
        item.counted = 0
        kcc_count(&state.count, -1)
    timer_forget(t)
    shm_unpublish(item)
    shm_free(item)
    return 0


def init(int32_t most):
    """Make the shared state, before the fork: at most so many counted sleeps at a time."""
    global state
    if state == NULL:
        state = <sleep_state *> shm_mallocxz(sizeof(sleep_state))
        if state == NULL:
            raise MemoryError("no shared memory for sleeps (raise -m)")
        shm_publish(state)
    state.most = most


def sleep(uint64_t ms, int fd, bytes task not None, *, bint counted=False):
    """Write ``task`` to a datagram socket after ``ms``. Raises MemoryError; OverflowError: too many
    are counted already."""
    cdef sleep_item *item
    if len(task) > ROOM:
        raise ValueError(f"a task that sleeps has at most {ROOM} octets")
    if counted and state.count >= state.most:
        raise OverflowError(f"{state.most} sleep already")
    item = <sleep_item *> shm_mallocxz(sizeof(sleep_item))
    if item == NULL:
        raise MemoryError("no shared memory for a sleep (raise -m)")
    item.fd = fd
    item.size = <uint32_t> len(task)
    memcpy(item.task, <const char *> task, len(task))
    item.counted = counted
    timer_init(&item.timer, fire, item)
    shm_publish(item)
    if counted:
        kcc_count(&state.count, 1)
    timer_add(&item.timer, now_ms() + ms)


def counted():
    """How many counted ones sleep."""
    return state.count
