# Stateless forwarding of requests (forward.c).
from runtime.native.msg cimport sip_msg

# To host:port by proto; host NULL: to the dst_uri or the r-URI. 1, -1.
cdef int forward_request(sip_msg *msg, const char *host, int hlen, int port, int proto) noexcept nogil
