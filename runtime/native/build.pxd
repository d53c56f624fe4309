# From a parsed message and its lumps to wire bytes (msg_translator.c is the behaviour).
from libc.stdint cimport uint32_t
from runtime.native.cstr cimport str_t
from runtime.native.msg cimport sip_msg
from runtime.native.net cimport dest_info

cdef struct out_t:          # result: bytes in the process's build buffer, valid until the next build
    char *s
    uint32_t len

# Request forwarded to dst: r-URI replaced, own Via on top (branch = `branch`), received/rport put
# into the old top Via, lumps applied, Content-Length mended. BUILD_NO_LOCAL_VIA etc. in mode.
cdef enum:
    BUILD_NO_LOCAL_VIA = 1
    BUILD_NO_VIA1_UPDATE = 2
    BUILD_NO_PATH = 4
cdef int build_req(sip_msg *msg, dest_info *dst, const char *branch, int branch_len, int mode, out_t *out) noexcept nogil
# Reply forwarded: top Via removed, lumps applied.
cdef int build_res_forward(sip_msg *msg, out_t *out) noexcept nogil
# Reply made here to request msg, with reply lumps; to_tag NULL adds none (or one exists already).
cdef struct bookmark:       # offsets of the to-tag value in out, for tm's later use
    uint32_t to_tag_off
    uint32_t to_tag_len
cdef int build_res(sip_msg *msg, int code, const char *reason, int reason_len, const char *to_tag, int to_tag_len, bookmark *bm, out_t *out) noexcept nogil
# Local ACK to a negative final reply, and CANCEL, from the request as sent (uac.request bytes).
cdef int build_local(const char *sent, uint32_t sent_len, const char *method, int mlen, const char *to_hdr, int to_len, out_t *out) noexcept nogil
# Destination of a reply to msg by its top Via (RFC 3261 s. 18.2.2, RFC 3581); 0, -1.
cdef int reply_dest(sip_msg *msg, dest_info *dst) noexcept nogil
# Stateless branch parameter and tm's: deterministic over (msg, branch index)
cdef int branch_builder(uint32_t hash_index, uint32_t label, const char *md5, int branch, char *out, int *out_len) noexcept nogil
