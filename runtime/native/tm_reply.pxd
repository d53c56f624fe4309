# Replies: ours, and which of the branches' goes back (tm/t_reply.c; RFC 3261 s. 16.7).
from libc.stdint cimport uint32_t
from runtime.native.msg cimport sip_msg
from runtime.native.tm cimport tm_cell
from runtime.native.tm_cancel cimport cancel_info, cancel_reason

cdef enum:                      # what became of a reply (enum rps)
    RPS_ERROR = 0
    RPS_PUSHED_AFTER_COMPLETION
    RPS_COMPLETED
    RPS_STORE
    RPS_DISCARDED
    RPS_PROVISIONAL

# 1; -1: it was answered finally already, or cannot be. req: the message, or the cell's clone.
cdef int t_reply(tm_cell *t, sip_msg *req, int code, const char *reason, int len) noexcept nogil
# The same to the clone, with more header lines, a body and a To-tag of the caller's (len 0: none).
cdef int t_reply_with_body(tm_cell *t, int code, const char *reason, int len, const char *hdrs, uint32_t hlen, const char *body, uint32_t blen, const char *tag, uint32_t tlen) noexcept nogil
cdef int kill_transaction(tm_cell *t, int error) noexcept nogil
cdef void t_release_transaction(tm_cell *t) noexcept nogil
cdef int cancel_branch(tm_cell *t, uint32_t branch, cancel_reason *reason, int flags) noexcept nogil
cdef uint32_t cancel_uacs(tm_cell *t, cancel_info *info, int flags) noexcept nogil     # still waiting
# The next two are entered with the reply lock held and give it back.
cdef int relay_reply(tm_cell *t, sip_msg *msg, uint32_t branch, int status, cancel_info *info, bint wait) noexcept nogil
cdef int local_reply(tm_cell *t, sip_msg *msg, uint32_t branch, int status, cancel_info *info) noexcept nogil
cdef void fake_reply(tm_cell *t, uint32_t branch, int code) noexcept nogil      # lock held too
