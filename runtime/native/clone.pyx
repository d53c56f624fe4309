"""Messages kept in shared memory (sip_msg_clone.c): one block, indexed by the same offsets."""


from libc.stdlib cimport free, malloc
from libc.string cimport memcpy
from runtime.native.cstr cimport str_t
from runtime.native.lump cimport LUMP_ADD, lump, reply_lump
from runtime.native.msg cimport HDR_EOH_F, arena_alloc, arena_free, arena_new, arena_str, hdr_field, parse_headers
from runtime.native.hdrs cimport get_from
from runtime.native.shm cimport shm_free, shm_malloc
from runtime.native.sipmsg cimport SipMsg, wrap


cdef struct block_t:        # the block being filled; base NULL: only measured
    char *base
    size_t len


cdef void *take(block_t *b, const void *data, size_t size) noexcept nogil:
    """Room for `size` bytes, filled from data; NULL while measuring."""
    cdef char *p = NULL
    if b.base is not NULL:
        p = b.base + b.len
        memcpy(p, data, size)
    b.len += (size + 7) & ~<size_t>7
    return p


cdef void take_str(block_t *b, str_t *from_, str_t *to) noexcept nogil:
    to[0] = from_[0]
    if from_.s is not NULL:
        to.s = <char *>take(b, from_.s, from_.len)


cdef lump *take_lump(block_t *b, lump *l) noexcept nogil:
    cdef lump copy = l[0]
    if l.before is not NULL:
        copy.before = take_lump(b, l.before)
    if l.after is not NULL:
        copy.after = take_lump(b, l.after)
    if l.op == LUMP_ADD:
        copy.value = <char *>take(b, l.value, l.len)
    return <lump *>take(b, &copy, sizeof(lump))


cdef lump *take_lumps(block_t *b, lump *l) noexcept nogil:
    cdef lump *first = NULL
    cdef lump *last = NULL
    cdef lump *copy
    while l is not NULL:
        copy = take_lump(b, l)
        if copy is not NULL:
            copy.next = NULL
            if last is NULL:
                first = copy
            else:
                last.next = copy
            last = copy
        l = l.next
    return first


cdef reply_lump *take_reply_lumps(block_t *b, reply_lump *l) noexcept nogil:
    cdef reply_lump *first = NULL
    cdef reply_lump *last = NULL
    cdef reply_lump *p
    cdef reply_lump copy
    while l is not NULL:
        copy = l[0]
        copy.next = NULL
        copy.text = <char *>take(b, l.text, l.len)
        p = <reply_lump *>take(b, &copy, sizeof(reply_lump))
        if p is not NULL:
            if last is NULL:
                first = p
            else:
                last.next = p
            last = p
        l = l.next
    return first


cdef sip_msg *fill(block_t *b, sip_msg *msg) noexcept nogil:
    cdef sip_msg copy = msg[0]
    cdef sip_msg *out = <sip_msg *>take(b, &copy, sizeof(sip_msg))
    copy.buf = <char *>take(b, msg.buf, msg.len + 1)
    copy.hdrs = <hdr_field *>take(b, msg.hdrs, msg.n_hdrs * sizeof(hdr_field))
    copy.cap_hdrs = msg.n_hdrs
    take_str(b, &msg.new_uri, &copy.new_uri)
    take_str(b, &msg.dst_uri, &copy.dst_uri)
    take_str(b, &msg.path_vec, &copy.path_vec)
    take_str(b, &msg.ruid, &copy.ruid)
    take_str(b, &msg.instance, &copy.instance)
    take_str(b, &msg.location_ua, &copy.location_ua)
    take_str(b, &msg.set_global_address, &copy.set_global_address)
    take_str(b, &msg.set_global_port, &copy.set_global_port)
    take_str(b, &msg.add_to_branch, &copy.add_to_branch)
    copy.add_rm = take_lumps(b, msg.add_rm)
    copy.body_lumps = take_lumps(b, msg.body_lumps)
    copy.reply_lumps = take_reply_lumps(b, msg.reply_lumps)
    copy.uri_parsed = 0                         # parsed_uri points into what was copied
    copy.orig_uri_parsed = 0
    copy.branches = NULL                        # the destination set stays with the process
    copy.n_branches = 0
    copy.arena = NULL
    if out is not NULL:
        out[0] = copy
    return out


cdef sip_msg *msg_clone_shm(sip_msg *msg) noexcept nogil:
    cdef block_t b
    if parse_headers(msg, HDR_EOH_F) < 0:
        return NULL
    get_from(msg)
    b.base = NULL
    b.len = 0
    fill(&b, msg)
    b.base = <char *>shm_malloc(b.len)
    if b.base is NULL:
        return NULL
    b.len = 0
    return fill(&b, msg)


cdef int copy_str(arena_t *a, str_t *s) noexcept nogil:
    return 0 if s.s is NULL else arena_str(a, s.s, s.len, s)


cdef lump *own_lump(arena_t *a, lump *l) noexcept nogil:
    """A private copy of one lump with its chains; texts stay where they are."""
    cdef lump *p = <lump *>arena_alloc(a, sizeof(lump))
    if p is NULL:
        return NULL
    p[0] = l[0]
    if l.before is not NULL:
        p.before = own_lump(a, l.before)
    if l.after is not NULL:
        p.after = own_lump(a, l.after)
    return p


cdef lump *own_lumps(arena_t *a, lump *l) noexcept nogil:
    cdef lump *first = NULL
    cdef lump **at = &first
    while l is not NULL:
        at[0] = own_lump(a, l)
        if at[0] is NULL:
            break
        at = &at[0].next
        at[0] = NULL
        l = l.next
    return first


cdef reply_lump *own_reply_lumps(arena_t *a, reply_lump *l) noexcept nogil:
    cdef reply_lump *first = NULL
    cdef reply_lump **at = &first
    while l is not NULL:
        at[0] = <reply_lump *>arena_alloc(a, sizeof(reply_lump))
        if at[0] is NULL:
            break
        at[0][0] = l[0]
        at = &at[0].next
        at[0] = NULL
        l = l.next
    return first


cdef int msg_from_clone(sip_msg *clone, sip_msg *out, arena_t *a) noexcept nogil:
    out[0] = clone[0]
    out.arena = a
    if (
        copy_str(a, &out.new_uri) < 0 or copy_str(a, &out.dst_uri) < 0
        or copy_str(a, &out.path_vec) < 0 or copy_str(a, &out.ruid) < 0
        or copy_str(a, &out.instance) < 0 or copy_str(a, &out.location_ua) < 0
        or copy_str(a, &out.set_global_address) < 0 or copy_str(a, &out.set_global_port) < 0
        or copy_str(a, &out.add_to_branch) < 0
    ):
        return -1
    out.add_rm = own_lumps(a, clone.add_rm)
    out.body_lumps = own_lumps(a, clone.body_lumps)
    out.reply_lumps = own_reply_lumps(a, clone.reply_lumps)
    return 0


def round_trip(SipMsg msg):
    """A message made from a clone of `msg` in shared memory, which is freed with it (tests).

    None: no memory. The clone is what transactions keep of a request.
    """
    cdef sip_msg *clone = msg_clone_shm(msg.ptr())
    cdef _Kept kept
    cdef SipMsg out
    if clone is NULL:
        return None
    kept = _Kept.__new__(_Kept)
    kept.clone = clone
    kept.arena = arena_new()
    kept.msg = <sip_msg *>malloc(sizeof(sip_msg))
    if kept.arena is NULL or kept.msg is NULL or msg_from_clone(clone, kept.msg, kept.arena) < 0:
        return None
    out = wrap(kept.msg)
    out.owner = kept
    return out


cdef class _Kept:
    """Memory of a message made by round_trip()."""

    cdef sip_msg *clone
    cdef sip_msg *msg
    cdef arena_t *arena

    def __dealloc__(self):
        free(self.msg)
        arena_free(self.arena)
        shm_free(self.clone)
