# Locating SIP servers (RFC 3263): numbers natively, names through runtime/dns with the GIL.
from libc.stdint cimport uint8_t
from runtime.native.net cimport sockaddr_union

# Resolve host:port for proto (0: choose). port 0 allows SRV. *out gets address and port, *proto_out
# (may be NULL) the protocol. 0; -1 cannot (the caller logs). Bounded by dns_retr_time * dns_retr_no.
cdef int sip_resolve(const char *host, int len, int port, int proto, sockaddr_union *out, uint8_t *proto_out) noexcept nogil
