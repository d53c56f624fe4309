"""Slots of the cfg framework (``cfg/cfg.h``): one mapping of numbers, made before the fork.

Texts stand in the same mapping, each in a fixed room, guarded by a lock a slot.
"""

from libc.stdint cimport int64_t, uint32_t
from libc.string cimport memcpy
from runtime.native.lock cimport gen_lock_t, lock_get, lock_release

from runtime.native.lock import name_site

cdef extern from *:
    """
    #include <sys/mman.h>
    static void *kcc_cfg_map(size_t size) {
        void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        return p == MAP_FAILED ? NULL : p;
    }
    """
    void *kcc_cfg_map(size_t size) nogil

cdef enum:
    MAX_SLOTS = 4096
    TEXT_ROOM = 8192
    SITE_CFG = 71

name_site(SITE_CFG, "cfg variable")

cdef struct text_slot:
    gen_lock_t lock
    uint32_t length
    char text[TEXT_ROOM]

cdef int64_t *slots = NULL
cdef text_slot *texts = NULL    # by handle, as the numbers; pages are made when touched
cdef dict handles = {}
cdef list kinds = []


cdef int64_t *cfg_slot(int handle) noexcept nogil:
    return &slots[handle] if slots is not NULL and 0 <= handle < MAX_SLOTS else NULL


cdef int cfg_find(const char *group, const char *name):
    return handles.get((group.decode(), name.decode()), -1)


def register(str group not None, str name not None, value):
    """Handle of a variable with its first value (int or bytes); the same one a second time."""
    global slots, texts
    key = (group, name)
    if key in handles:
        return handles[key]
    if len(kinds) == MAX_SLOTS:
        raise MemoryError(f"more than {MAX_SLOTS} configuration variables")
    if slots is NULL:
        slots = <int64_t *>kcc_cfg_map(MAX_SLOTS * (sizeof(int64_t) + sizeof(text_slot)))
        if slots is NULL:
            raise MemoryError("cannot map memory for configuration variables")
        texts = <text_slot *>(slots + MAX_SLOTS)
    handle = len(kinds)
    kinds.append(type(value))
    handles[key] = handle
    set(handle, value)
    return handle


def find(str group not None, str name not None):
    return handles.get((group, name), -1)


def get(int handle):
    if not 0 <= handle < len(kinds):
        raise KeyError(f"no configuration variable has the handle {handle}")
    if kinds[handle] is not bytes:
        return slots[handle]
    lock_get(&texts[handle].lock, SITE_CFG)
    text = texts[handle].text[:texts[handle].length]
    lock_release(&texts[handle].lock)
    return text


def set(int handle, value):
    """Change a value. Raises KeyError, TypeError (other kind), ValueError (too long, too big)."""
    cdef bytes text
    if not 0 <= handle < len(kinds):
        raise KeyError(f"no configuration variable has the handle {handle}")
    if kinds[handle] is not bytes:
        slots[handle] = value
        return
    text = value
    if len(text) > TEXT_ROOM:
        raise ValueError(f"a configuration text has at most {TEXT_ROOM} octets, not {len(text)}")
    lock_get(&texts[handle].lock, SITE_CFG)
    memcpy(texts[handle].text, <char *>text, len(text))
    texts[handle].length = <uint32_t>len(text)
    lock_release(&texts[handle].lock)
