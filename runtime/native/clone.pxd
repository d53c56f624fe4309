# A message copied into one block of shared memory, and back (sip_msg_clone.c).
from runtime.native.lump cimport lump
from runtime.native.msg cimport arena_t, sip_msg
cdef sip_msg *msg_clone_shm(sip_msg *msg) noexcept nogil           # all headers parsed first; NULL: no memory
# Fill *out (private) from the clone so that a route can run on it: buffer and index shared
# read-only, editable fields copied to arena a; lumps of the clone come along.
cdef int msg_from_clone(sip_msg *clone, sip_msg *out, arena_t *a) noexcept nogil
# A private copy of a list of lumps; the texts stay where they are.
cdef lump *own_lumps(arena_t *a, lump *l) noexcept nogil
