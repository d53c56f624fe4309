"""Loose routing of the rr module (loose.c); what Record-Route adds is in rr_record.

Which Route parameters were ours is kept per process for the message in work, as there.
"""

from libc.stdint cimport uint16_t, uint32_t
from libc.string cimport memcmp, memcpy, memset
from runtime.native.cstr cimport lower, span_t, str_t
from runtime.native.dset cimport rewrite_uri
from runtime.native.hdrs cimport (
    contact_iter, contact_t, get_from, get_ruri, get_to, next_contact,
)
from runtime.native.lump cimport anchor_lump, del_lump, insert_new_lump_before, lump
from runtime.native.msg cimport (
    FL_ROUTE_ADDR, HDR_EOH_F, HDR_ROUTE, NO_HDR, SIP_REQUEST, get_hdr, hdr_field, parse_headers, sip_msg,
    set_dst_uri, to_body,
)
from runtime.native.net cimport (
    PROTO_TLS, check_self, get_socket, grep_sock_info, socket_count, socket_info,
)
from runtime.native.sipmsg cimport SipMsg
from runtime.native.uri cimport find_param, parse_uri, sip_uri

cdef enum:
    SIP_PORT = 5060
    RR_DRIVEN = 1
    RR_ERROR = -1
    RR_NOT_DRIVEN = -1
    RR_PRELOADED = -3
    RR_FLOW_DOWNSTREAM = 1
    RR_FLOW_UPSTREAM = 2

cdef bint double_rr = True
cdef bint force_socket = False
cdef bint sockname_mode = False

# The Route parameters of this server's own entry, in the message in work
cdef uint32_t routed_id = 0
cdef span_t routed
routed.off = routed.len = 0
cdef uint32_t direction_id = 0
cdef int direction = 0


def configure(*, bint enable_double_rr, bint force_send_socket, bint sockname):
    """Module parameters, before the fork."""
    global double_rr, force_socket, sockname_mode
    double_rr = enable_double_rr
    force_socket = force_send_socket
    sockname_mode = sockname


cdef bint has_param(str_t *params, const char *name) noexcept nogil:
    """Is there a parameter of this two-letter name, with or without a value?"""
    cdef int i = 0
    cdef bint quoted
    while i + 1 < params.len:
        while i < params.len and (params.s[i] == b' ' or params.s[i] == b'\t' or params.s[i] == b'\r' or params.s[i] == b'\n'):
            i += 1
        if i + 1 < params.len and lower(params.s[i]) == name[0] and lower(params.s[i + 1]) == name[1]:
            i += 2
            while i < params.len and (params.s[i] == b' ' or params.s[i] == b'\t' or params.s[i] == b'\r' or params.s[i] == b'\n'):
                i += 1
            if i >= params.len or params.s[i] == b';' or params.s[i] == b'=':
                return True
        quoted = False
        while i < params.len and (quoted or params.s[i] != b';'):
            if params.s[i] == b'"':
                quoted = not quoted
            elif params.s[i] == b'\\' and quoted:
                i += 1
            i += 1
        i += 1
    return False


cdef bint is_myself(sip_uri *u) noexcept nogil:
    """By host and port, any protocol; a GRUU is a user's."""
    if u.host.len == 0 or u.gr.s is not NULL:
        return False
    return check_self(u.host.s, u.host.len, u.port_no if u.port_no else SIP_PORT, 0)


# The route set: an iterator and its current element

cdef struct route_t:
    contact_iter it
    contact_t c
    sip_uri uri


cdef int next_route(sip_msg *msg, route_t *r) noexcept nogil:
    """1 and the next Route element, 0 none, -1 broken, or another in the same header is."""
    cdef bint entered = r.it.off == 0
    cdef int found = next_contact(msg, HDR_ROUTE, &r.it, &r.c)
    cdef contact_iter ahead
    cdef contact_t c
    if found <= 0 or r.c.star:
        return found if found <= 0 else -1
    ahead = r.it
    while entered and ahead.off:
        if next_contact(msg, HDR_ROUTE, &ahead, &c) < 0:
            return -1
    return 1


cdef bint parse_route(sip_msg *msg, route_t *r) noexcept nogil:
    return parse_uri(msg.buf + r.c.addr.uri.off, r.c.addr.uri.len, &r.uri) == 0


cdef int take_next(sip_msg *msg, route_t *r) noexcept nogil:
    """Go on to the next element; a header that was its last is removed. As next_route."""
    cdef hdr_field *h = &msg.hdrs[r.it.hdr]
    if r.it.off == 0 and del_lump(msg, h.off, h.len, 0) is NULL:
        return -1
    return next_route(msg, r)


cdef bint first_in_header(sip_msg *msg, route_t *r) noexcept nogil:
    return r.c.addr.body.off == msg.hdrs[r.it.hdr].body_off


cdef bint remove_current(sip_msg *msg, route_t *r) noexcept nogil:
    """From the header's start to the next element, or the whole header."""
    cdef hdr_field *h = &msg.hdrs[r.it.hdr]
    if r.it.off:
        return del_lump(msg, h.body_off, r.it.off - h.body_off, 0) is not NULL
    return del_lump(msg, h.off, h.len, 0) is not NULL


cdef bint remove_before(sip_msg *msg, route_t *r) noexcept nogil:
    """What precedes the current element in its header."""
    cdef hdr_field *h = &msg.hdrs[r.it.hdr]
    if first_in_header(msg, r):
        return True
    return del_lump(msg, h.body_off, r.c.addr.body.off - h.body_off, 0) is not NULL


cdef int target(sip_msg *msg, route_t *r, char *buf, str_t *out) noexcept nogil:
    """The element's URI, or sip:<maddr>[:port] where it has that; buf has 128 bytes."""
    cdef sip_uri u
    cdef int n
    out.s = msg.buf + r.c.addr.uri.off
    out.len = r.c.addr.uri.len
    if parse_uri(out.s, out.len, &u) < 0:
        return -1
    if u.maddr.s is NULL:
        return 0
    if u.maddr_val.len > 117:
        return -1
    memcpy(buf, b"sip:", 4)
    memcpy(buf + 4, u.maddr_val.s, u.maddr_val.len)
    n = 4 + u.maddr_val.len
    if u.port.len:
        buf[n] = b':'
        memcpy(buf + n + 1, u.port.s, u.port.len)
        n += 1 + u.port.len
    out.s = buf
    out.len = n
    return 0


cdef bint to_ruri(sip_msg *msg, route_t *r) noexcept nogil:
    cdef char buf[128]
    cdef str_t uri
    return target(msg, r, buf, &uri) == 0 and rewrite_uri(msg, uri.s, uri.len) > 0


cdef bint to_dst(sip_msg *msg, route_t *r) noexcept nogil:
    cdef char buf[128]
    cdef str_t uri
    if target(msg, r, buf, &uri) < 0 or set_dst_uri(msg, uri.s, uri.len) < 0:
        return False
    msg.ruri_new = 1
    return True


cdef void send_from(sip_msg *msg, sip_uri *u) noexcept nogil:
    """Send from the socket that a Route entry of ours names."""
    cdef socket_info *si = NULL
    cdef str_t name
    cdef int i
    if sockname_mode and u.params.len and find_param(u.params.s, u.params.len, b"sn", 2, &name) == 1:
        for i in range(socket_count()):
            si = get_socket(i)
            if name.len and si.sockname.len == name.len and memcmp(si.sockname.s, name.s, name.len) == 0:
                msg.force_send_socket = si
                return
    si = grep_sock_info(
        u.host.s, u.host.len, u.port_no or (5061 if u.proto == PROTO_TLS else SIP_PORT), u.proto
    )
    if si is NULL:
        si = grep_sock_info(u.host.s, u.host.len, u.port_no, u.proto)
    if si is not NULL:
        msg.force_send_socket = si


cdef int save_ruri(sip_msg *msg) noexcept nogil:
    """The received r-URI as the last Route: the next hop is a strict router (RFC 3261 s. 16.6)."""
    cdef lump *at
    if parse_headers(msg, HDR_EOH_F) < 0:
        return -1
    at = anchor_lump(msg, msg.next_off, 0)
    if at is NULL or insert_new_lump_before(msg, at, b">\r\n", 3, 0) is NULL:
        return -1
    if insert_new_lump_before(msg, at, msg.buf + msg.uri.off, msg.uri.len, 0) is NULL:
        return -1
    return 0 if insert_new_lump_before(msg, at, b"Route: <", 8, 0) is not NULL else -1


cdef inline void keep_routed(sip_msg *msg, str_t *params) noexcept nogil:
    global routed_id
    routed_id = msg.id
    routed.off = <uint32_t>(params.s - msg.buf) if params.len else 0
    routed.len = params.len if params.len else 0


cdef int after_loose(sip_msg *msg, bint preloaded, route_t *r) noexcept nogil:
    """The previous hop was a loose router."""
    global routed_id
    cdef int done = RR_PRELOADED if preloaded else RR_DRIVEN
    cdef int found
    cdef bint second
    routed_id = 0
    routed.len = 0
    if not parse_route(msg, r):
        return RR_ERROR
    if is_myself(&r.uri):
        keep_routed(msg, &r.uri.params)
        second = double_rr and has_param(&r.uri.params, b"r2")
        if force_socket and not second:
            send_from(msg, &r.uri)
        found = take_next(msg, r)
        if found <= 0:
            return RR_ERROR if found < 0 else done
        if second:
            if not parse_route(msg, r):
                return RR_ERROR
            send_from(msg, &r.uri)
            found = take_next(msg, r)
            if found <= 0:
                return RR_ERROR if found < 0 else done
        if not parse_route(msg, r):
            return RR_ERROR
        msg.msg_flags |= FL_ROUTE_ADDR
    if not has_param(&r.uri.params, b"lr"):
        if save_ruri(msg) < 0 or not to_ruri(msg, r) or not remove_current(msg, r):
            return RR_ERROR
    elif not to_dst(msg, r) or not remove_before(msg, r):
        return RR_ERROR
    return RR_DRIVEN


cdef int last_to_ruri(sip_msg *msg) noexcept nogil:
    """The last Route element is the r-URI that a strict router had replaced."""
    cdef route_t r
    cdef route_t last
    cdef uint32_t before = 0, in_header = 0
    cdef uint16_t index
    cdef int found
    memset(&r, 0, sizeof(route_t))
    memset(&last, 0, sizeof(route_t))
    while True:
        found = next_route(msg, &r)
        if found <= 0:
            break
        before = 0
        if last.it.started and last.it.hdr == r.it.hdr:
            before = last.c.addr.body.off + last.c.addr.body.len
        last = r
    if found < 0 or not last.it.started or not to_ruri(msg, &last):
        return -1
    index = last.it.hdr
    in_header = last.c.addr.body.off + last.c.addr.body.len
    if before:
        return 0 if del_lump(msg, before, in_header - before, 0) is not NULL else -1
    return 0 if del_lump(msg, msg.hdrs[index].off, msg.hdrs[index].len, 0) is not NULL else -1


cdef int after_strict(sip_msg *msg, route_t *r) noexcept nogil:
    """The previous hop was a strict router: our own entry is in the r-URI."""
    global routed_id
    cdef int found
    cdef socket_info *si
    cdef str_t params
    routed_id = 0
    routed.len = 0
    if not parse_route(msg, r):
        return RR_ERROR
    if double_rr and has_param(&r.uri.params, b"r2") and is_myself(&r.uri):
        si = grep_sock_info(r.uri.host.s, r.uri.host.len, r.uri.port_no, r.uri.proto)
        if si is not NULL:
            msg.force_send_socket = si
        found = take_next(msg, r)
        if found <= 0:
            return RR_ERROR if found < 0 else RR_NOT_DRIVEN
        if not parse_route(msg, r):
            return RR_ERROR
    params = msg.parsed_uri.params
    if msg.new_uri.s is NULL:
        keep_routed(msg, &params)
    if not has_param(&r.uri.params, b"lr"):
        return RR_DRIVEN if to_ruri(msg, r) and remove_current(msg, r) else RR_ERROR
    if not to_dst(msg, r) or not remove_before(msg, r):
        return RR_ERROR
    return RR_DRIVEN if last_to_ruri(msg) == 0 else RR_ERROR


cdef int loose_route(sip_msg *msg, int mode) noexcept nogil:
    """mode 1: never take the previous hop for a strict router."""
    cdef route_t r
    cdef sip_uri *u
    cdef to_body *to
    memset(&r, 0, sizeof(route_t))
    if msg.type != SIP_REQUEST or next_route(msg, &r) <= 0:
        return -1
    u = get_ruri(msg)
    to = get_to(msg)
    if u is NULL or to is NULL:
        return -1
    if to.tag.len == 0:
        return after_loose(msg, True, &r)
    if mode == 0 and is_myself(u):
        return after_strict(msg, &r)
    return after_loose(msg, False, &r)


cdef bint find_routed(sip_msg *msg) noexcept nogil:
    """Are there parameters of our own Route entry? Looked up where loose_route was not called.

    As in Kamailio there are none before something has parsed the headers as far as Route.
    """
    cdef route_t r
    if msg.type != SIP_REQUEST or msg.first[HDR_ROUTE] == NO_HDR:
        return False
    if routed_id == msg.id and routed_id != 0 and routed.len and routed.off + routed.len <= msg.len:
        return True
    memset(&r, 0, sizeof(route_t))
    if next_route(msg, &r) <= 0 or not parse_route(msg, &r) or not is_myself(&r.uri):
        return False
    keep_routed(msg, &r.uri.params)
    return routed.len > 0


cdef bint is_direction(sip_msg *msg, int wanted) noexcept nogil:
    """By the ftag that record_route put into our Route entry; remembered for the message."""
    global direction_id, direction
    cdef str_t ftag
    cdef to_body *f
    if direction_id != msg.id or direction == 0:
        direction = RR_FLOW_DOWNSTREAM
        direction_id = msg.id
        if find_routed(msg):
            f = get_from(msg)
            if (
                find_param(msg.buf + routed.off, routed.len, b"ftag", 4, &ftag) == 1
                and ftag.len and f is not NULL and f.tag.len
                and not (ftag.len == <int>f.tag.len and memcmp(ftag.s, msg.buf + f.tag.off, ftag.len) == 0)
            ):
                direction = RR_FLOW_UPSTREAM
    return direction == wanted


# Python

def follow(SipMsg msg, int mode=0):
    """(return code, parameters of our Route entry or b"")."""
    cdef sip_msg *m = msg.ptr()
    cdef int result = loose_route(m, mode)
    if routed_id == m.id and routed.len:
        return result, m.buf[routed.off:routed.off + routed.len]
    return result, b""


def route_params(SipMsg msg):
    """Parameters of our own Route entry from its first ';' on; None: there are none."""
    cdef sip_msg *m = msg.ptr()
    cdef uint32_t off
    if not find_routed(m):
        return None
    off = routed.off - 1 if m.buf[routed.off - 1] == b';' else routed.off
    return m.buf[off:routed.off + routed.len]


def upstream(SipMsg msg) -> bool:
    """Does the request go from callee to caller?"""
    return is_direction(msg.ptr(), RR_FLOW_UPSTREAM)


def next_hop_route(SipMsg msg) -> bool:
    """Did loose_route find a further hop?"""
    return (msg.ptr().msg_flags & FL_ROUTE_ADDR) != 0


def route_uri(SipMsg msg):
    """URI of the first Route entry, None: there is none."""
    cdef sip_msg *m = msg.ptr()
    cdef route_t r
    memset(&r, 0, sizeof(route_t))
    if next_route(m, &r) <= 0:
        return None
    return m.buf[r.c.addr.uri.off:r.c.addr.uri.off + r.c.addr.uri.len]
