# Text of Via headers.
from runtime.native.msg cimport sip_msg
from runtime.native.net cimport dest_info

# "Via: SIP/2.0/UDP host:port;branch=...\r\n" of a request sent to dst; length, -1 does not fit
# `params` are more of them, from a hook of module corex, for messages with FL_ADD_XAVP_VIA_PARAMS.
ctypedef int (*via_params_t)(sip_msg *msg, char *out, int size) noexcept nogil      # length
cdef void set_via_params(via_params_t f) noexcept nogil
cdef int own_via(sip_msg *msg, dest_info *dst, const char *branch, int branch_len, bint rport, char *out, int size) noexcept nogil
cdef bint needs_received(sip_msg *msg) noexcept nogil          # into the top Via
cdef int received_text(sip_msg *msg, char *out) noexcept nogil  # ";received=<source address>"
cdef int rport_text(sip_msg *msg, char *out) noexcept nogil     # ";rport=<source port>"
