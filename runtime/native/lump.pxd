# Lumps: queued edits of a message (guide ch. 14).
from libc.stdint cimport uint8_t, uint16_t, uint32_t
from runtime.native.cstr cimport str_t

cdef enum:                  # lump.op
    LUMP_NOP = 0            # anchor
    LUMP_DEL = 1
    LUMP_ADD = 2
    LUMP_ADD_SUBST = 3      # value known only when the send socket is: subst says what
    LUMP_ADD_OPT = 4        # inserted on a condition on the send socket

cdef enum:                  # lump.subst / lump.cond
    SUBST_NOP = 0
    SUBST_RCV_IP = 1
    SUBST_RCV_PORT = 2
    SUBST_RCV_PROTO = 3
    SUBST_RCV_ALL = 4
    SUBST_SND_IP = 5
    SUBST_SND_PORT = 6
    SUBST_SND_PROTO = 7
    SUBST_SND_ALL = 8
    SUBST_RCV_ALL_EX = 9    # with the socket's name: ;sn=
    SUBST_SND_ALL_EX = 10
    COND_FALSE = 0
    COND_TRUE = 1
    COND_IF_DIFF_REALMS = 2
    COND_IF_DIFF_AF = 3
    COND_IF_DIFF_PROTO = 4
    COND_IF_DIFF_PORT = 5
    COND_IF_DIFF_IP = 6
    COND_IF_RAND = 7

cdef struct lump:
    lump *next              # main list, in order of offset
    lump *before            # inserted before this one
    lump *after
    uint32_t off            # NOP, DEL: place in the buffer
    uint32_t len            # DEL: bytes removed; ADD: length of value
    char *value
    uint16_t type           # header type, 0 where none
    uint8_t op
    uint8_t subst
    uint8_t cond
    uint8_t flags           # LUMPFLAG_*: per branch, dup, shmem

cdef struct reply_lump:     # add_lump_rpl
    reply_lump *next
    char *text
    uint32_t len
    uint32_t flags          # LUMP_RPL_HDR, LUMP_RPL_BODY

cdef enum:
    LUMP_RPL_HDR = 2
    LUMP_RPL_BODY = 4
    LUMP_RPL_NODUP = 8

# The functions take `sip_msg *` as void * here (msg.pxd cimports this file).
cdef lump *del_lump(void *msg, uint32_t off, uint32_t len, int type) noexcept nogil
cdef lump *anchor_lump(void *msg, uint32_t off, int type) noexcept nogil
cdef lump *insert_new_lump_before(void *msg, lump *at, const char *value, uint32_t len, int type) noexcept nogil  # copies value
cdef lump *insert_new_lump_after(void *msg, lump *at, const char *value, uint32_t len, int type) noexcept nogil
cdef lump *insert_subst_lump_before(void *msg, lump *at, int subst, int type) noexcept nogil
cdef lump *insert_subst_lump_after(void *msg, lump *at, int subst, int type) noexcept nogil
cdef lump *insert_cond_lump_before(void *msg, lump *at, int cond, int type) noexcept nogil
cdef lump *insert_cond_lump_after(void *msg, lump *at, int cond, int type) noexcept nogil
cdef reply_lump *add_lump_rpl(void *msg, const char *text, uint32_t len, uint32_t flags) noexcept nogil
