# Which transaction does a message belong to (tm/t_lookup.c, RFC 3261 s. 17.1.3, 17.2.3)?
from libc.stdint cimport uint32_t
from runtime.native.msg cimport sip_msg
from runtime.native.tm cimport tm_cell

cdef enum:
    LOOKUP_E2E_ACK = -2
    LOOKUP_NOT_FOUND = -1
    LOOKUP_ERROR = 0
    LOOKUP_FOUND = 1

cdef bint check_transaction_quadruple(sip_msg *msg) noexcept nogil
# Sets the process's transaction (held). leave_locked: the entry stays locked unless found or error.
cdef int t_lookup_request(sip_msg *msg, bint leave_locked, bint *canceled) noexcept nogil
cdef tm_cell *get_e2e_ack() noexcept nogil              # after LOOKUP_E2E_ACK, entry still locked
cdef tm_cell *t_lookup_original(sip_msg *msg) noexcept nogil    # of a CANCEL; held, or NULL
cdef tm_cell *t_lookup_ident(uint32_t hash_index, uint32_t label) noexcept nogil        # held
cdef tm_cell *t_lookup_callid(const char *callid, int clen, const char *cseq, int slen) noexcept nogil  # INVITE; held
cdef int t_check_msg(sip_msg *msg, int *branch) noexcept nogil  # LOOKUP_*; branch of a reply
cdef int t_check(sip_msg *msg, int *branch) noexcept nogil      # 1 found, 0 not, -1 error
cdef bint unmatched_totag(tm_cell *t, sip_msg *ack) noexcept nogil      # first ACK of this To-tag?
