"""``forward()``: a request sent on without a transaction (forward.c; RFC 3261 s. 16.11)."""

from libc.stdint cimport uint32_t, uint64_t, uint8_t
from libc.string cimport memset
from runtime.native.build cimport branch_builder, build_req, out_t
from runtime.native.cstr cimport str_t
from runtime.native.error cimport (
    E_BAD_ADDRESS, E_NO_SOCKET, E_OK, E_SEND, E_UNSPEC, set_ser_error,
)
from runtime.native.hdrs cimport get_cseq, get_from, get_ruri_str, get_to
from runtime.native.msg cimport (
    HDR_CALLID, METHOD_ACK, METHOD_CANCEL, METHOD_INVITE, SIP_REQUEST, cseq_body, get_hdr,
    hdr_field, to_body,
)
from runtime.native.net cimport PROTO_NONE, PROTO_TCP, PROTO_TLS, PROTO_UDP, dest_info, has_family, send_socket_for
from runtime.native.onsend cimport run_onsend
from runtime.native.receive cimport STAT_ERR_REQUESTS, STAT_FWD_REQUESTS, core_stat
from runtime.native.resolve cimport sip_resolve
from runtime.native.send cimport msg_send
from runtime.native.sipmsg cimport SipMsg
from runtime.native.stats cimport stat_inc
from runtime.native.tcpconn cimport tcp_add_alias
from runtime.native.uri cimport SIPS_URI_T, parse_uri, sip_uri


cdef void mix(uint64_t *h, const char *s, uint32_t len) noexcept nogil:
    """Two FNV-1a hashes over the text and its end."""
    cdef uint32_t i
    for i in range(len):
        h[0] = (h[0] ^ <uint8_t>s[i]) * <uint64_t>0x100000001b3
        h[1] = (h[1] ^ <uint8_t>(s[i] + 77)) * <uint64_t>0x10000000233
    h[0] = (h[0] ^ 0x100) * <uint64_t>0x100000001b3
    h[1] = (h[1] ^ 0x100) * <uint64_t>0x10000000233


cdef int branch_of(sip_msg *m, char *out, int *len) noexcept nogil:
    """The same for every copy of a request, and for an INVITE, its ACK and its CANCEL."""
    cdef uint64_t h[2]
    cdef char hex_[32]
    cdef to_body *f = get_from(m)
    cdef to_body *t = get_to(m)
    cdef cseq_body *c = get_cseq(m)
    cdef hdr_field *callid = get_hdr(m, HDR_CALLID)
    cdef int i, d
    if f is NULL or t is NULL or c is NULL or callid is NULL:
        return -1
    h[0] = <uint64_t>0xcbf29ce484222325
    h[1] = <uint64_t>0x84222325cbf29ce4
    mix(h, m.buf + f.tag.off, f.tag.len)
    if not m.method_id & (METHOD_INVITE | METHOD_ACK | METHOD_CANCEL):
        mix(h, m.buf + t.tag.off, t.tag.len)
    mix(h, m.buf + callid.body_off, callid.body_len)
    mix(h, m.buf + m.uri.off, m.uri.len)
    mix(h, m.buf + c.number.off, c.number.len)
    mix(h, m.buf + m.via1.host.off, m.via1.host.len)
    mix(h, m.buf + m.via1.port_str.off, m.via1.port_str.len)
    mix(h, m.buf + m.via1.branch.off, m.via1.branch.len)
    for i in range(32):
        d = <int>(h[i >> 4] >> ((i & 15) * 4)) & 15
        hex_[i] = <char>(48 + d if d < 10 else 87 + d)
    return branch_builder(<uint32_t>(h[0] >> 40) & 0xffff, 0, hex_, 0, out, len)


cdef int forward_request(sip_msg *msg, const char *host, int hlen, int port, int proto) noexcept nogil:
    cdef dest_info dst
    cdef sip_uri u
    cdef str_t uri
    cdef out_t out
    cdef uint8_t found = <uint8_t>proto
    cdef char branch[64]
    cdef int branch_len
    if msg.type != SIP_REQUEST:
        return -1
    set_ser_error(E_UNSPEC)
    memset(&dst, 0, sizeof(dst))
    if host is NULL or hlen == 0:
        uri = msg.dst_uri if msg.dst_uri.s is not NULL else get_ruri_str(msg)
        if parse_uri(uri.s, uri.len, &u) < 0:
            return -1
        if proto == PROTO_NONE:
            proto = u.proto
        if proto == PROTO_NONE and u.type == SIPS_URI_T:
            proto = PROTO_TLS
        host, hlen = u.host.s, u.host.len
        if u.maddr_val.len:
            host, hlen = u.maddr_val.s, u.maddr_val.len
        port = u.port_no
    if hlen == 0 or sip_resolve(host, hlen, port, proto, &dst.to, &found) < 0:
        set_ser_error(E_BAD_ADDRESS)
        return -1
    dst.proto = found if found != PROTO_NONE else PROTO_UDP
    dst.send_flags = msg.fwd_send_flags
    dst.send_sock = send_socket_for(msg.force_send_socket, &dst.to, dst.proto)
    if dst.send_sock is NULL:
        set_ser_error(E_NO_SOCKET if has_family(&dst.to) else E_BAD_ADDRESS)
        return -1
    if branch_of(msg, branch, &branch_len) < 0:
        return -1
    if build_req(msg, &dst, branch, branch_len, 0, &out) < 0:
        return -1
    if run_onsend(msg, &dst, out.s, out.len) == 0:
        set_ser_error(E_OK)
        return -1
    if msg_send(&dst, out.s, out.len) < 0:
        stat_inc(core_stat(STAT_ERR_REQUESTS))
        set_ser_error(E_SEND)
        return -1
    stat_inc(core_stat(STAT_FWD_REQUESTS))
    set_ser_error(E_OK)
    return 1


def forward(SipMsg msg, bytes host=b"", int port=0, int proto=0):
    """Send the request to host:port, or where its dst_uri or r-URI says: 1, or -1."""
    return forward_request(msg.ptr(), host, <int>len(host), port, proto)


def tcp_alias(SipMsg msg, int port=0):
    """``force_tcp_alias``: requests to port (0: the top Via's) of this peer use its connection."""
    cdef sip_msg *m = msg.ptr()
    if m.rcv.proto != PROTO_TCP and m.rcv.proto != PROTO_TLS:
        return 1
    if port == 0:
        port = m.via1.port
    return 1 if tcp_add_alias(m.rcv.proto_reserved1, port) == 0 else -1
