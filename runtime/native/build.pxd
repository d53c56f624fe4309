# From a parsed message and its lumps to wire bytes (msg_translator.c is the behaviour).
from libc.stdint cimport uint32_t
from runtime.native.cstr cimport str_t
from runtime.native.msg cimport sip_msg
from runtime.native.net cimport dest_info

cdef struct out_t:          # result: bytes in the process's build buffer, valid until the next build
    char *s
    uint32_t len

# Longer than udp_mtu: *dst may change to TCP or TLS.
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
# The same with header lines (Reason...) put before the end.
cdef int build_local_hdrs(const char *sent, uint32_t sent_len, const char *method, int mlen, const char *to_hdr, int to_len, const char *hdrs, int hdrs_len, out_t *out) noexcept nogil
# A message with its lumps applied and nothing else done (msg_apply_changes, $mbu)
cdef int build_all(sip_msg *msg, out_t *out) noexcept nogil
# Via header line for a request made here (tm's local requests): "Via: ...\r\n", into out
cdef int build_via(sip_msg *msg, dest_info *dst, const char *branch, int branch_len, char *out, int size) noexcept nogil   # length, -1
# "Server: ..." line of local replies, "User-Agent: ..." of local requests, without CRLF; len 0: off
cdef str_t server_hdr
cdef str_t user_agent_hdr
cdef bint local_rport               # core parameter add_local_rport
cdef bint force_rport               # core parameter force_rport
# Destination of a reply to msg by its top Via (RFC 3261 s. 18.2.2, RFC 3581); 0, -1.
cdef int reply_dest(sip_msg *msg, dest_info *dst) noexcept nogil
# Stateless branch parameter and tm's: deterministic over (msg, branch index)
cdef int branch_builder(uint32_t hash_index, uint32_t label, const char *md5, int branch, char *out, int *out_len) noexcept nogil
