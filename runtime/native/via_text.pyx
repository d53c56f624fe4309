"""Text of Via headers: our own, and what is put into the one below (msg_translator.c)."""

from libc.stdint cimport uint32_t
from libc.string cimport memchr, memcpy
from runtime.native.cstr cimport str_caseeq, str_t
from runtime.native.msg cimport FL_ADD_LOCAL_RPORT, FL_ADD_SRVID, FL_ADD_XAVP_VIA_PARAMS
from runtime.native.net cimport (
    PROTO_SCTP, PROTO_TCP, PROTO_TLS, PROTO_UDP, PROTO_WS, PROTO_WSS, socket_info, su_ntop,
    su_port,
)
from runtime.native.render cimport number, reverse_hex

cdef extern from "<sys/socket.h>" nogil:
    int AF_INET6

cdef enum:
    SIP_PORT = 5060

cdef via_params_t more_params = NULL
cdef uint32_t server_id = 0                 # core parameter


cdef void set_via_params(via_params_t f) noexcept nogil:
    global more_params
    more_params = f


def set_server_id(int number):
    """Core parameter ``server_id``, for ``via_add_srvid``."""
    global server_id
    server_id = <uint32_t>number


cdef int own_via(sip_msg *msg, dest_info *dst, const char *branch, int branch_len, bint rport, char *out, int size) noexcept nogil:
    cdef socket_info *si = dst.send_sock
    cdef str_t *address
    cdef str_t *port
    cdef const char *name
    cdef int n
    cdef bint brackets
    if si is NULL:
        return -1
    address = &si.useinfo_name if si.useinfo_name.len else &si.address_str
    port = &si.useinfo_port_str if si.useinfo_port else &si.port_str
    if msg is not NULL:
        if msg.set_global_address.len:
            address = &msg.set_global_address
        if msg.set_global_port.len:
            port = &msg.set_global_port
    if address.len + port.len + branch_len + 96 > size:
        return -1
    if dst.proto == PROTO_UDP:
        name = b"UDP"
    elif dst.proto == PROTO_TCP:
        name = b"TCP"
    elif dst.proto == PROTO_TLS:
        name = b"TLS"
    elif dst.proto == PROTO_SCTP:
        name = b"SCTP"
    elif dst.proto == PROTO_WS:
        name = b"WS"
    elif dst.proto == PROTO_WSS:
        name = b"WSS"
    else:
        return -1
    memcpy(out, b"Via: SIP/2.0/", 13)
    n = 13
    while name[0] != 0:
        out[n] = name[0]
        n += 1
        name += 1
    out[n] = b' '
    n += 1
    brackets = (
        si.su.s.sa_family == AF_INET6 and address.s[0] != b'['
        and memchr(address.s, b':', address.len) is not NULL
    )
    if brackets:
        out[n] = b'['
        n += 1
    memcpy(out + n, address.s, address.len)
    n += address.len
    if brackets:
        out[n] = b']'
        n += 1
    if si.port != SIP_PORT or port != &si.port_str:
        out[n] = b':'
        memcpy(out + n + 1, port.s, port.len)
        n += 1 + port.len
    memcpy(out + n, b";branch=", 8)
    n += 8
    memcpy(out + n, branch, branch_len)
    n += branch_len
    if msg is not NULL and (
        msg.rcv.proto == PROTO_TCP or msg.rcv.proto == PROTO_TLS or msg.rcv.proto == PROTO_SCTP
    ):
        memcpy(out + n, b";i=", 3)
        n += 3
        n += reverse_hex(out + n, <uint32_t>msg.rcv.proto_reserved1)
    if rport or (msg is not NULL and msg.msg_flags & FL_ADD_LOCAL_RPORT):
        memcpy(out + n, b";rport", 6)
        n += 6
    if msg is not NULL and msg.msg_flags & FL_ADD_SRVID and server_id:
        memcpy(out + n, b";srvid=", 7)
        n += 7
        n += number(out + n, server_id)
    if msg is not NULL and msg.msg_flags & FL_ADD_XAVP_VIA_PARAMS and more_params is not NULL:
        n += more_params(msg, out + n, size - n - 2)
    memcpy(out + n, b"\r\n", 2)
    return n + 2


cdef bint via_differs(sip_msg *msg) noexcept nogil:
    """Is the top Via's host not the address that the message came from?"""
    cdef char ip[64]
    cdef int len = su_ntop(&msg.rcv.src, ip)
    cdef const char *host = msg.buf + msg.via1.host.off
    cdef int hlen = msg.via1.host.len
    if str_caseeq(host, hlen, ip, len):
        return False
    return not (hlen == len + 2 and host[0] == b'[' and str_caseeq(host + 1, len, ip, len))


cdef bint needs_received(sip_msg *msg) noexcept nogil:
    return msg.via1.received_param.off != 0 or msg.via1.rport_param.off != 0 or via_differs(msg)


cdef int received_text(sip_msg *msg, char *out) noexcept nogil:
    memcpy(out, b";received=", 10)
    return 10 + su_ntop(&msg.rcv.src, out + 10)


cdef int rport_text(sip_msg *msg, char *out) noexcept nogil:
    memcpy(out, b";rport=", 7)
    return 7 + number(out + 7, su_port(&msg.rcv.src))
