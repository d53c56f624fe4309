"""Fault injection: a process kills itself at a named point, so that tests can see the repair."""

from libc.stdint cimport int32_t
from posix.signal cimport kill
from posix.unistd cimport getpid

cdef extern from *:
    """
    #define kcc_take_one(p) __atomic_fetch_sub((p), 1, __ATOMIC_ACQ_REL)
    #define kcc_store_int(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)
    """
    int kcc_take_one(int *p) nogil
    void kcc_store_int(int *p, int v) nogil

cdef extern from "<signal.h>" nogil:
    int SIGKILL

cdef struct fault_words:
    int armed
    int left                # passes before the one that kills

cdef fault_words unmapped
unmapped.armed = -1
unmapped.left = 0
cdef fault_words *words = &unmapped
fault_armed = &unmapped.armed
cdef dict ids = {}


cdef size_t fault_area() noexcept nogil:
    return sizeof(fault_words)


cdef void fault_attach(void *area) noexcept nogil:
    global words, fault_armed
    words = <fault_words *>area
    words.armed = 0
    words.left = 0
    fault_armed = &words.armed


cdef void fault_die() noexcept nogil:
    """One process only dies: the pass that takes the last ticket."""
    if kcc_take_one(&words.left) == 0:
        kcc_store_int(&words.armed, 0)
        kill(getpid(), SIGKILL)


cdef int fault_id(str name):
    return ids.setdefault(name, len(ids) + 1)


def point(str name not None):
    return fault_id(name)


def arm(str name not None, int skip=0):
    if name not in ids:
        raise KeyError(f"no fault point {name!r}; there are: {', '.join(sorted(ids))}")
    if words == &unmapped:
        raise RuntimeError("fault.arm needs shared memory: call shm.create first")
    kcc_store_int(&words.armed, 0)
    words.left = skip
    kcc_store_int(&words.armed, ids[name])


def disarm():
    if words != &unmapped:
        kcc_store_int(&words.armed, 0)


def armed():
    cdef int now = words.armed
    return next((name for name, n in ids.items() if n == now), None)


def points():
    return tuple(sorted(ids))


def hit(int id):
    fault_point(id)
