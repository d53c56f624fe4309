"""Locating SIP servers: numeric hosts here, names through the hook that ``runtime.dns`` sets."""

from libc.stdint cimport uint8_t

from runtime.native.klog cimport say
from runtime.native.net cimport (
    PROTO_NONE, PROTO_TLS, PROTO_UDP, PROTO_WSS, sockaddr_union, su_pton, su_setport,
)
from runtime.native.send cimport msg_send_flush


cdef object lookup = None       # (host: bytes, port, proto) -> (address, port, proto) | None


cdef inline int _default_port(int proto) noexcept nogil:
    return 5061 if proto == PROTO_TLS or proto == PROTO_WSS else 5060


cdef int _name(
    const char *host, int n, int port, int proto, sockaddr_union *out, uint8_t *proto_out
) noexcept with gil:
    cdef bytes address
    try:
        found = None if lookup is None else lookup(host[:n], port, proto)
        if found is None:
            return -1
        address = found[0]
        if su_pton(address, <int>len(address), out) < 0:
            return -1
        su_setport(out, found[1])
        if proto_out != NULL:
            proto_out[0] = found[2]
        return 0
    except Exception as error:
        say(-1, "resolve", "resolving %r: %r" % (host[:n], error,))
        return -1


cdef int sip_resolve(
    const char *host, int len, int port, int proto, sockaddr_union *out, uint8_t *proto_out
) noexcept nogil:
    if len <= 0:
        return -1
    if su_pton(host, len, out) == 0:
        su_setport(out, port if port else _default_port(proto))
        if proto_out != NULL:
            proto_out[0] = PROTO_UDP if proto == PROTO_NONE else proto
        return 0
    msg_send_flush()
    return _name(host, len, port, proto, out, proto_out)


def set_lookup(function) -> None:
    """Set what resolves names in this process: ``f(host, port, proto)`` as runtime.dns has it."""
    global lookup
    lookup = function
