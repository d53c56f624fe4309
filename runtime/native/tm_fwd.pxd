# Forwarding: branches from the destination set, CANCEL to the branches (tm/t_fwd.c; RFC 3261 s. 16.6).
from libc.stdint cimport uint32_t
from runtime.native.msg cimport sip_msg
from runtime.native.net cimport dest_info, socket_info
from runtime.native.tm cimport tm_cell

# fixed: a destination already resolved, or NULL. proto: forced, or PROTO_NONE.
cdef int t_forward_nonack(tm_cell *t, sip_msg *msg, dest_info *fixed, int proto) noexcept nogil      # 1; E_* below 0
cdef void e2e_cancel(sip_msg *cancel_msg, tm_cell *t_cancel, tm_cell *t_invite) noexcept nogil
cdef int add_blind_uac(tm_cell *t) noexcept nogil                                # its number, -1
cdef int uri_dest(socket_info *force, const char *uri, int len, int proto, dest_info *dst) noexcept nogil   # 0, E_*
cdef void mark_ruri_consumed(sip_msg *msg) noexcept nogil
