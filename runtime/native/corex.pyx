"""What ``corex`` does to a message: internal flags, sockets, source address, raw sending."""

from libc.stdint cimport uint8_t, uint32_t
from libc.string cimport memcpy, memset

from runtime.native.msg cimport FL_ADD_SRVID, FL_ADD_XAVP_VIA_PARAMS, SIP_REPLY, sip_msg
from runtime.native.net cimport (
    PROTO_NONE, PROTO_UDP, dest_info, get_socket, send_socket_for, sockaddr_union,
    socket_info, su_setport,
)
from runtime.native.receive cimport forward_reply as _forward_reply
from runtime.native.registrar_parse cimport q_of
from runtime.native.resolve cimport sip_resolve
from runtime.native.send cimport msg_send
from runtime.native.sipmsg cimport SipMsg
from runtime.native.tm_hooks cimport get_route_msg
from runtime.native.via_text cimport set_via_params

from runtime.server.log import LM_ERR

cdef enum:
    FL_USE_UAC_TO = 1 << 26     # sip_msg.msg_flags, beside FL_USE_UAC_FROM
    FL_UAC_AUTH = 1 << 27
    FL_USE_UAC_FROM = 4096

IFLAGS = {
    b"use_uac_from": FL_USE_UAC_FROM, b"use_uac_to": FL_USE_UAC_TO, b"uac_auth": FL_UAC_AUTH,
}


cdef object params_of = None        # (SipMsg) -> bytes: what is added to our Via
cdef SipMsg flagged = None          # the message that asked for it last


cdef int _via_params(sip_msg *m, char *out, int size) noexcept with gil:
    cdef SipMsg msg = get_route_msg()
    cdef bytes text
    if msg is None or msg.m is not m:
        msg = flagged
    if msg is None or msg.m is not m:
        return 0
    try:
        text = params_of(msg)
    except Exception as error:
        LM_ERR("via_add_xavp_params: %r", error)
        return 0
    if len(text) > size:
        LM_ERR("via_add_xavp_params: %d octets are too many", len(text))
        return 0
    memcpy(out, <char *>text, len(text))
    return <int>len(text)


def set_params_of(object function) -> None:
    """``function(SipMsg)`` gives the parameters that ``via_add_xavp_params`` puts into our Via."""
    global params_of
    params_of = function
    set_via_params(_via_params)


def add_via_params(SipMsg msg, bint on) -> None:
    """Have them in the Via of what is sent for this message, or not."""
    global flagged
    flagged = msg
    set_iflags(msg, FL_ADD_XAVP_VIA_PARAMS, on)


def add_via_srvid(SipMsg msg, bint on) -> None:
    """Have ``;srvid=`` there, or not."""
    set_iflags(msg, FL_ADD_SRVID, on)


def set_iflags(SipMsg msg, int mask, bint on) -> None:
    """Set or clear internal flags of the message."""
    if on:
        msg.ptr().msg_flags |= <uint32_t>mask
    else:
        msg.ptr().msg_flags &= ~<uint32_t>mask


def has_iflags(SipMsg msg, int mask) -> bool:
    """Is one of them set?"""
    return msg.ptr().msg_flags & <uint32_t>mask != 0


def q_value(bytes text) -> int:
    """Thousandths of a q value; -1 for what is none."""
    return q_of(text, <uint32_t>len(text))


def set_send_socket(SipMsg msg, int index) -> None:
    """Send by this listen socket; -1: by the usual one."""
    msg.ptr().force_send_socket = get_socket(index) if index >= 0 else NULL


def set_recv_socket(SipMsg msg, int index) -> None:
    """The message counts as received on this listen socket."""
    cdef sip_msg *m = msg.ptr()
    cdef socket_info *si = get_socket(index)
    m.rcv.bind_address = si
    m.rcv.dst = si.su
    m.rcv.proto = si.proto
    m.rcv.proto_reserved1 = 0


def set_source(SipMsg msg, bytes host, int port, int proto) -> bool:
    """The message counts as sent from this address; False where the host cannot be resolved."""
    cdef sip_msg *m = msg.ptr()
    cdef sockaddr_union found
    cdef uint8_t by = <uint8_t>proto
    if sip_resolve(host, <int>len(host), port, proto, &found, &by) < 0:
        return False
    su_setport(&found, port)
    m.rcv.src = found
    return True


def send_raw(SipMsg msg, bytes data, bytes host, int port, int proto, int socket=-1) -> bool:
    """Send ``data`` to a host; by the socket that ``msg`` (may be None) is forced to, or one given.
    False where that fails."""
    cdef dest_info dst
    cdef uint8_t by = <uint8_t>proto
    cdef const char *text = data
    cdef uint32_t n = <uint32_t>len(data)
    cdef socket_info *forced = NULL
    cdef int code
    memset(&dst, 0, sizeof(dst))
    if sip_resolve(host, <int>len(host), port, proto, &dst.to, &by) < 0:
        return False
    dst.proto = <uint8_t>proto if proto != PROTO_NONE else PROTO_UDP
    if socket >= 0:
        forced = get_socket(socket)
    elif msg is not None:
        forced = msg.ptr().force_send_socket
    dst.send_sock = send_socket_for(forced, &dst.to, dst.proto)
    with nogil:
        code = msg_send(&dst, text, n)
    return code >= 0


def received_bytes(SipMsg msg) -> bytes:
    """The message as it came."""
    cdef sip_msg *m = msg.ptr()
    return m.buf[:m.len]


def forward_reply(SipMsg msg) -> int:
    """Send the reply on by its second Via: 0, -1."""
    cdef sip_msg *m = msg.ptr()
    if m.type != SIP_REPLY:
        return -1
    return _forward_reply(m)
