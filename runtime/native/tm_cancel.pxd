# Cancelling branches (tm/t_cancel.c; RFC 3261 s. 9, 16.10).
from libc.stdint cimport uint32_t
from runtime.native.tm cimport tm_cell

cdef enum:
    F_CANCEL_B_KILL = 1         # stop all clocks of the branch: the caller ends the transaction
    F_CANCEL_B_FAKE_REPLY = 2   # answer 487 for branches that heard nothing yet
    F_CANCEL_B_FORCE_C = 4      # CANCEL branches that heard nothing yet
    F_CANCEL_B_FORCE_RETR = 8   # go on retransmitting to those

cdef enum:                      # cancel_reason.cause; a status code where it is positive
    CANCEL_REAS_UNKNOWN = 0
    CANCEL_REAS_PACKED_HDRS = -2

cdef struct cancel_reason:
    int cause
    const char *text            # phrase, or header lines; NULL: none
    uint32_t len

cdef struct cancel_info:
    uint32_t bitmap             # branches, from prepare_to_cancel
    cancel_reason reason

cdef void init_cancel_info(cancel_info *info) noexcept nogil
cdef bint prepare_cancel_branch(tm_cell *t, uint32_t branch, bint noreply) noexcept nogil
cdef uint32_t prepare_to_cancel(tm_cell *t, uint32_t skip) noexcept nogil      # bitmap
# 0 branch is over, 1 it still waits, -1 error, 2 a 487 has to be made up for it
cdef int cancel_branch_send(tm_cell *t, uint32_t branch, cancel_reason *reason, int flags) noexcept nogil
cdef int cancel_b_flags() noexcept nogil                        # of the parameter cancel_b_method
cdef int send_ack(tm_cell *t, uint32_t branch, const char *to_hdr, uint32_t to_len) noexcept nogil
