"""``onsend_route``: runs on a message just before it is sent (``core/onsend.c``)."""

from libc.stdint cimport int64_t, uint32_t
from runtime.native.klog cimport say
from runtime.native.msg cimport SIP_REPLY
from runtime.native.net cimport proto_name, su_port
from runtime.native.sipmsg cimport SipMsg, wrap
from runtime.native.sipmsg_line cimport ip_text

cdef enum:
    ROUTE_ONSEND = 32       # runtime.declare.exports.Routes

cdef object route = None
cdef object route_error = None
cdef object current_of = None   # the message whose top route runs
cdef int64_t drop_code = 0
cdef bint replies = False
cdef dest_info *sending_to = NULL
cdef const char *sending = NULL
cdef uint32_t sending_len = 0


cdef bint has_onsend_reply() noexcept nogil:
    return route is not None and replies


cdef int run_onsend(sip_msg *msg, dest_info *dst, const char *buf, uint32_t len) noexcept nogil:
    if route is None or msg is NULL or dst.send_sock is NULL:
        return 1
    if msg.type == SIP_REPLY and not replies:
        return 1
    return _run(msg, dst, buf, len)


cdef int _run(sip_msg *m, dest_info *dst, const char *buf, uint32_t len) noexcept with gil:
    global sending_to, sending, sending_len
    cdef SipMsg own = None
    cdef SipMsg msg = current_of()
    cdef int before
    cdef uint32_t forward_flags = m.fwd_send_flags, reply_flags = m.rpl_send_flags
    if msg is None or msg.m != m:
        own = wrap(m)
        msg = own
    before = msg.route_type
    msg.route_type = ROUTE_ONSEND
    sending_to, sending, sending_len = dst, buf, len
    m.fwd_send_flags = dst.send_flags
    try:
        return 0 if route(msg) == drop_code else 1
    except SystemExit:
        return 1
    except BaseException as error:
        try:
            route_error(error)
        except BaseException as second:
            say(-1, "onsend", "error while reporting an error: %r" % (second,))
        return 1
    finally:
        dst.send_flags = m.fwd_send_flags
        m.fwd_send_flags = forward_flags
        m.rpl_send_flags = reply_flags
        sending_to = NULL
        msg.route_type = before
        if own is not None:
            own.invalidate()


def set_route(function, error, current, *, drop_value, on_replies) -> None:
    """Give this process its onsend_route: a callable of a SipMsg, ``error(exc)`` for what it raises,
    ``current()`` for the message whose top route runs."""
    global route, route_error, current_of, drop_code, replies
    route = function
    route_error = error
    current_of = current
    drop_code = drop_value
    replies = on_replies


def destination():
    """(address, port) that something is being sent to, None where nothing is."""
    if sending_to is NULL:
        return None
    return ip_text(&sending_to.to), su_port(&sending_to.to)


def source():
    """(address, port, family, protocol, its name) of the socket that it leaves by, or None."""
    if sending_to is NULL:
        return None
    si = sending_to.send_sock
    return (
        si.address_str.s[:si.address_str.len], <int>si.port, <int>si.su.s.sa_family, <int>si.proto,
        <bytes>proto_name(si.proto),
    )


def octets():
    """What is being sent, None where nothing is."""
    return None if sending_to is NULL else sending[:sending_len]
