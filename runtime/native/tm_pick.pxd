# Which of the branches' replies goes back (tm/t_reply.c; RFC 3261 s. 16.7, 6).
from runtime.native.msg cimport sip_msg
from runtime.native.tm cimport tm_cell

# The reply that is being worked on is private memory: it is kept here, never in the cell.
cdef struct in_work:
    tm_cell *t
    int branch
    sip_msg *reply
cdef in_work set_in_work(tm_cell *t, int branch, sip_msg *reply) noexcept nogil     # what it was before

cdef sip_msg *branch_reply(tm_cell *t, int branch) noexcept nogil       # stored, or just arrived
cdef int t_pick_branch(int inc_branch, int inc_code, tm_cell *t, int *code) noexcept nogil
cdef int t_pick_branch_blind(tm_cell *t, int *code) noexcept nogil
