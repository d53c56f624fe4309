# onsend_route: what is about to be sent, shown to the script (onsend.h).
from libc.stdint cimport uint32_t
from runtime.native.msg cimport sip_msg
from runtime.native.net cimport dest_info

cdef bint has_onsend_reply() noexcept nogil               # would it run for a reply?
# Run the onsend_route on the message that buf was built from; 0: the script dropped it, else send.
# Replies only where the core parameter onsend_route_reply asks for them. dst.send_flags may change.
cdef int run_onsend(sip_msg *msg, dest_info *dst, const char *buf, uint32_t len) noexcept nogil
