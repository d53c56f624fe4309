"""Lumps: edits queued until the message is built (data_lump.c, data_lump_rpl.c)."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t
from libc.string cimport memcpy, memset
from runtime.native.msg cimport arena_alloc, sip_msg


cdef lump *new_lump(sip_msg *msg, int op, int type) noexcept nogil:
    cdef lump *l = <lump *>arena_alloc(msg.arena, sizeof(lump))
    if l is not NULL:
        memset(l, 0, sizeof(lump))
        l.op = <uint8_t>op
        l.type = <uint16_t>type
    return l


cdef lump *main_lump(sip_msg *msg, int op, uint32_t off, uint32_t len, int type) noexcept nogil:
    """Insert into its list after all of the same or a smaller offset."""
    cdef lump **at
    cdef lump *l
    if off > msg.len or len > msg.len - off:
        return NULL
    l = new_lump(msg, op, type)
    if l is NULL:
        return NULL
    l.off = off
    l.len = len
    at = &msg.body_lumps if msg.headers_done and off > msg.next_off else &msg.add_rm
    while at[0] is not NULL and at[0].off <= off:
        at = &at[0].next
    l.next = at[0]
    at[0] = l
    return l


cdef lump *del_lump(void *msg, uint32_t off, uint32_t len, int type) noexcept nogil:
    return main_lump(<sip_msg *>msg, LUMP_DEL, off, len, type)


cdef lump *anchor_lump(void *msg, uint32_t off, int type) noexcept nogil:
    return main_lump(<sip_msg *>msg, LUMP_NOP, off, 0, type)


cdef lump *chain(lump *at, lump *l, bint before) noexcept nogil:
    """Put l right before or after `at`, between it and what was put there earlier."""
    if l is NULL or at is NULL:
        return NULL
    if before:
        l.before = at.before
        at.before = l
    else:
        l.after = at.after
        at.after = l
    return l


cdef lump *text_lump(sip_msg *msg, const char *value, uint32_t len, int type) noexcept nogil:
    cdef lump *l = new_lump(msg, LUMP_ADD, type)
    if l is NULL:
        return NULL
    l.value = <char *>arena_alloc(msg.arena, len + 1)
    if l.value is NULL:
        return NULL
    memcpy(l.value, value, len)
    l.value[len] = 0
    l.len = len
    return l


cdef lump *insert_new_lump_before(void *msg, lump *at, const char *value, uint32_t len, int type) noexcept nogil:
    return chain(at, text_lump(<sip_msg *>msg, value, len, type), True)


cdef lump *insert_new_lump_after(void *msg, lump *at, const char *value, uint32_t len, int type) noexcept nogil:
    return chain(at, text_lump(<sip_msg *>msg, value, len, type), False)


cdef lump *subst_lump(sip_msg *msg, int subst, int type) noexcept nogil:
    cdef lump *l = new_lump(msg, LUMP_ADD_SUBST, type)
    if l is not NULL:
        l.subst = <uint8_t>subst
    return l


cdef lump *insert_subst_lump_before(void *msg, lump *at, int subst, int type) noexcept nogil:
    return chain(at, subst_lump(<sip_msg *>msg, subst, type), True)


cdef lump *insert_subst_lump_after(void *msg, lump *at, int subst, int type) noexcept nogil:
    return chain(at, subst_lump(<sip_msg *>msg, subst, type), False)


cdef lump *cond_lump(sip_msg *msg, int cond, int type) noexcept nogil:
    cdef lump *l = new_lump(msg, LUMP_ADD_OPT, type)
    if l is not NULL:
        l.cond = <uint8_t>cond
    return l


cdef lump *insert_cond_lump_before(void *msg, lump *at, int cond, int type) noexcept nogil:
    return chain(at, cond_lump(<sip_msg *>msg, cond, type), True)


cdef lump *insert_cond_lump_after(void *msg, lump *at, int cond, int type) noexcept nogil:
    return chain(at, cond_lump(<sip_msg *>msg, cond, type), False)


cdef reply_lump *add_lump_rpl(void *m, const char *text, uint32_t len, uint32_t flags) noexcept nogil:
    """Header lines or the body of replies made here; a message has one reply body."""
    cdef sip_msg *msg = <sip_msg *>m
    cdef reply_lump **at = &msg.reply_lumps
    cdef reply_lump *l
    while at[0] is not NULL:
        if flags & LUMP_RPL_BODY and at[0].flags & LUMP_RPL_BODY:
            return NULL
        at = &at[0].next
    l = <reply_lump *>arena_alloc(msg.arena, sizeof(reply_lump))
    if l is NULL:
        return NULL
    l.text = <char *>arena_alloc(msg.arena, len + 1)
    if l.text is NULL:
        return NULL
    memcpy(l.text, text, len)
    l.text[len] = 0
    l.len = len
    l.flags = flags
    l.next = NULL
    at[0] = l
    return l
