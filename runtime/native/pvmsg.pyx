"""What pseudo-variables show of a message beside the attributes of ``SipMsg`` (``pv_core.c``)."""

from libc.stdint cimport uint32_t
from libc.string cimport memset
from runtime.native.cstr cimport span_t, str_t
from runtime.native.dset cimport append_branch
from runtime.native.hdrs cimport parse_digest, dig_cred, contact_iter, contact_t, get_ruri_str, get_via1, get_via2, next_contact
from runtime.native.msg cimport (
    HDR_CONTACT, HDR_EOH_F, HDR_RECORDROUTE, HDR_ROUTE, HDR_VIA, branch_t, get_hdr, hdr_field,
    hdr_type, next_hdr, parse_headers, sip_msg, to_body, via_body,
)
from runtime.native.net cimport proto_name, socket_info
from runtime.native.scan cimport nameaddr_scan, via_scan
from runtime.native.sipmsg cimport SipMsg
from runtime.native.sipmsg_line cimport str_or_none
from runtime.native.uri cimport parse_uri, sip_uri

cdef enum:
    MAX_IDENTITIES = 20     # of one P-Asserted-Identity header (NUM_PAI_BODIES)


cdef bytes nonempty_span(sip_msg *m, span_t s):
    return m.buf[s.off:s.off + s.len] if s.len else None


# Via

cdef class Via:
    """One via-parm. Absent parts are None; ``port`` is 0 without one."""

    cdef readonly bytes host, transport, branch, rport, received, i, proto_name
    cdef readonly bytes whole, params, port_text
    cdef readonly int port, proto


cdef Via made_via(sip_msg *m, via_body *v):
    cdef Via via
    if v is NULL:
        return None
    via = Via.__new__(Via)
    via.host = nonempty_span(m, v.host)
    via.port = v.port
    via.transport = m.buf[v.transport.off:v.transport.off + v.transport.len]
    via.proto = v.proto
    via.proto_name = <bytes>proto_name(v.proto)
    via.whole = m.buf[v.whole.off:v.whole.off + v.whole.len].strip(b" \t\r\n")
    via.params = m.buf[v.params.off:v.params.off + v.params.len]
    via.port_text = nonempty_span(m, v.port_str)
    via.branch = nonempty_span(m, v.branch)
    via.rport = nonempty_span(m, v.rport)
    via.received = nonempty_span(m, v.received)
    via.i = nonempty_span(m, v.ival)
    return via


def via(SipMsg msg, int which):
    """The first (0), second (1) or last (-1) via-parm; None: none, or headers that are broken."""
    cdef sip_msg *m = msg.ptr()
    cdef via_body last
    cdef hdr_field *h
    cdef uint32_t p
    cdef int i, more
    if parse_headers(m, HDR_EOH_F) < 0:
        return None
    if which == 0:
        return made_via(m, get_via1(m))
    if which == 1:
        return made_via(m, get_via2(m))
    last.valid = 0
    for i in range(m.n_hdrs):
        h = &m.hdrs[i]
        if h.type == HDR_VIA:
            p, more = h.body_off, 1
            while more and p:
                p = via_scan(m.buf, p, m.len, &last, &more)
    return made_via(m, &last) if last.valid == 1 else None


def via_at(SipMsg msg, int index):
    """The via-parm of an index from 1, or from -1 for the last; None: there is none. Headers must
    have been parsed."""
    cdef sip_msg *m = msg.ptr()
    cdef via_body v
    cdef hdr_field *h
    cdef uint32_t p
    cdef int i, more
    found = []
    for i in range(m.n_hdrs):
        h = &m.hdrs[i]
        if h.type == HDR_VIA:
            p, more = h.body_off, 1
            while more and p:
                p = via_scan(m.buf, p, m.len, &v, &more)
                if p:
                    found.append(made_via(m, &v))
    if index == 0 or not -len(found) <= index <= len(found):
        return None
    return found[index - 1 if index > 0 else <int>len(found) + index]   # no wraparound here


def first_element(SipMsg msg, bytes name):
    """The first element of the first Contact, Route or Record-Route header; None: none or broken.

    Of a Contact header it is the last one, as `elements` says.
    """
    cdef sip_msg *m = msg.ptr()
    cdef int kind = hdr_type(name, <int>len(name)), first = -1
    cdef contact_iter it
    cdef contact_t c
    cdef HeaderAddress found = None
    memset(&it, 0, sizeof(it))
    while next_contact(m, kind, &it, &c) > 0:
        if first >= 0 and it.hdr != first:
            break
        first = it.hdr
        if not c.star:
            found = made_address(m, &c.addr)
        if kind != HDR_CONTACT:
            break
    return found


def credentials(SipMsg msg, bytes name, bytes realm):
    """The Digest credentials of a realm in headers of this name: a dict of parts, ``whole`` the
    header; None: there are none."""
    cdef sip_msg *m = msg.ptr()
    cdef int kind = hdr_type(name, <int>len(name))
    cdef hdr_field *h = get_hdr(m, kind)
    cdef dig_cred c
    while h is not NULL:
        if parse_digest(m, h, &c) == 0 and m.buf[c.realm.off:c.realm.off + c.realm.len] == realm:
            return {
                "whole": m.buf[h.body_off:h.body_off + h.body_len],
                "username": nonempty_span(m, c.username), "realm": nonempty_span(m, c.realm),
                "nonce": nonempty_span(m, c.nonce), "uri": nonempty_span(m, c.uri),
                "cnonce": nonempty_span(m, c.cnonce), "nc": nonempty_span(m, c.nc),
                "response": nonempty_span(m, c.response), "opaque": nonempty_span(m, c.opaque),
                "algorithm": nonempty_span(m, c.algorithm), "qop": nonempty_span(m, c.qop),
            }
        h = next_hdr(m, h)
    return None


def reply_via(SipMsg msg):
    """The second via-parm, looked for no further than it."""
    cdef sip_msg *m = msg.ptr()
    return made_via(m, get_via2(m))


# Headers that are lists

cdef list via_texts(sip_msg *m):
    cdef via_body v
    cdef hdr_field *h
    cdef uint32_t p
    cdef int i, more
    found = []
    for i in range(m.n_hdrs):
        h = &m.hdrs[i]
        if h.type == HDR_VIA:
            p, more = h.body_off, 1
            while more and p:
                p = via_scan(m.buf, p, m.len, &v, &more)
                if p:
                    found.append(m.buf[v.whole.off:v.whole.off + v.whole.len].strip(b" \t\r\n"))
    return found


def header(SipMsg msg, bytes name):
    """Value of the first header of a type by any name of it; what follows it may be broken."""
    cdef sip_msg *m = msg.ptr()
    cdef hdr_field *h = get_hdr(m, hdr_type(name, <int>len(name)))
    return None if h is NULL else m.buf[h.body_off:h.body_off + h.body_len]


def parsed(SipMsg msg) -> bool:
    """Whether all headers can be parsed."""
    return parse_headers(msg.ptr(), HDR_EOH_F) == 0


def elements(SipMsg msg, bytes name):
    """The elements of all Via, Contact, Route or Record-Route headers, by any name of theirs.

    Those of one Contact header come the last one first, as in 5.6.3. None: this header is no such
    list. Raises ValueError where one is broken. Headers must have been parsed.
    """
    cdef sip_msg *m = msg.ptr()
    cdef int kind = hdr_type(name, <int>len(name)), r, last = -1
    cdef contact_iter it
    cdef contact_t c
    if kind == HDR_VIA:
        return via_texts(m)
    if kind != HDR_CONTACT and kind != HDR_ROUTE and kind != HDR_RECORDROUTE:
        return None
    found = []
    start = 0
    memset(&it, 0, sizeof(it))
    while True:
        r = next_contact(m, kind, &it, &c)
        if r < 0:
            raise ValueError("broken element")
        if r == 0:
            return found
        if c.star:
            continue
        if kind != HDR_CONTACT or it.hdr != last:
            start = len(found)
        last = it.hdr
        found.insert(
            start if kind == HDR_CONTACT else len(found),
            m.buf[c.addr.body.off:c.addr.body.off + c.addr.body.len].strip(b" \t\r\n"),
        )


def contact_expires(SipMsg msg) -> list:
    """The ``expires`` of each contact, None where it has none or an empty one. Raises ValueError."""
    cdef sip_msg *m = msg.ptr()
    cdef contact_iter it
    cdef contact_t c
    cdef int r
    found = []
    memset(&it, 0, sizeof(it))
    while True:
        r = next_contact(m, HDR_CONTACT, &it, &c)
        if r < 0:
            raise ValueError("broken contact")
        if r == 0:
            return found
        if not c.star:
            found.append(nonempty_span(m, c.expires))


# Addresses

cdef class HeaderAddress:
    """A name-addr of a header; absent parts are None."""

    cdef readonly bytes uri, display, user, host, params, tag
    cdef readonly bint good     # whether its URI can be parsed


cdef HeaderAddress made_address(sip_msg *m, to_body *t):
    cdef HeaderAddress a = HeaderAddress.__new__(HeaderAddress)
    cdef sip_uri u
    a.uri = m.buf[t.uri.off:t.uri.off + t.uri.len]
    a.display = nonempty_span(m, t.display)
    a.params = nonempty_span(m, t.params)
    if t.tag.off:
        a.tag = m.buf[t.tag.off:t.tag.off + t.tag.len]
    if parse_uri(m.buf + t.uri.off, t.uri.len, &u) == 0:
        a.good = True
        a.user = u.user.s[:u.user.len] if u.user.len > 0 else None
        a.host = u.host.s[:u.host.len] if u.host.len > 0 else None
    return a


def address(SipMsg msg, bytes name, bint comma=False):
    """The address in the first header of this name; None: none, or a broken one.

    ``comma``: what follows a comma is not looked at.
    """
    cdef sip_msg *m = msg.ptr()
    cdef hdr_field *h = get_hdr(m, hdr_type(name, <int>len(name)))
    cdef to_body t
    cdef int more
    if h is NULL:
        return None
    if nameaddr_scan(m.buf, h.body_off, h.off + h.len, comma, &t, &more) == 0 or t.valid != 1:
        return None
    return made_address(m, &t)


def identities(SipMsg msg, bytes name):
    """The addresses of all headers of this name (``parse_pai_ppi_body``); None: a broken one."""
    cdef sip_msg *m = msg.ptr()
    cdef int kind = hdr_type(name, <int>len(name))
    cdef hdr_field *h
    cdef to_body t
    cdef int i, more, n
    cdef uint32_t p, end
    found = []
    if parse_headers(m, HDR_EOH_F) < 0 and get_hdr(m, kind) is NULL:
        return None
    for i in range(m.n_hdrs):
        h = &m.hdrs[i]
        if h.type != kind:
            continue
        p, end, more, n = h.body_off, h.off + h.len, 1, 0
        while more and n < MAX_IDENTITIES:
            while n and p < end and (m.buf[p] == b' ' or m.buf[p] == b'\t' or m.buf[p] == b'\r' or m.buf[p] == b'\n'):
                p += 1
            p = nameaddr_scan(m.buf, p, end, True, &t, &more)
            if p == 0 or t.valid != 1:
                return None
            found.append(made_address(m, &t))
            n += 1
    return found


# Parts of the buffer

def parts(SipMsg msg):
    """(octets of the first line, offset of the end of headers, offset of the first header).

    None where headers are broken.
    """
    cdef sip_msg *m = msg.ptr()
    cdef uint32_t first, end
    if parse_headers(m, HDR_EOH_F) < 0:
        return None
    end = m.next_off
    first = m.hdrs[0].off if m.n_hdrs else end
    return first, end, first


def header_total(SipMsg msg) -> int:
    """How many headers there are."""
    return msg.ptr().n_hdrs


def octet(SipMsg msg, int at):
    """The octet of the buffer at an offset; None: there is none."""
    cdef sip_msg *m = msg.ptr()
    return m.buf[at:at + 1] if 0 <= at < <int>m.len else None


def set_octet(SipMsg msg, int at, bytes value) -> bool:
    """Overwrite one octet of the buffer with the first of a text."""
    cdef sip_msg *m = msg.ptr()
    if not 0 <= at < <int>m.len or len(value) == 0:
        return False
    m.buf[at] = (<const char *>value)[0]
    return True


# Sockets

cdef tuple socket_tuple(socket_info *si):
    if si is NULL:
        return None
    return (
        si.address_str.s[:si.address_str.len], <int>si.port, <int>si.proto,
        si.sockname.s[:si.sockname.len] if si.sockname.len else None,
        si.useinfo_name.s[:si.useinfo_name.len] if si.useinfo_name.len else None,
        <int>si.useinfo_port if si.useinfo_port_str.len else 0,
        <int>si.su.s.sa_family,
    )


def received_socket(SipMsg msg):
    """(address, port, protocol, name, advertised address, its port or 0, family) or None."""
    return socket_tuple(msg.ptr().rcv.bind_address)


def forced_socket(SipMsg msg):
    """The same of the socket that the message is forced to leave by."""
    return socket_tuple(msg.ptr().force_send_socket)


def location_ua(SipMsg msg):
    """The user agent of the location record that the request goes to."""
    return str_or_none(&msg.ptr().location_ua)


def received_proto(SipMsg msg) -> int:
    """Number of the transport that the message came by."""
    return msg.ptr().rcv.proto


def request_uri(SipMsg msg) -> bytes:
    """The request URI as it is now, good or not."""
    cdef str_t uri = get_ruri_str(msg.ptr())
    return uri.s[:uri.len]


def new_uri(SipMsg msg):
    """The request URI that the script has set, None without one; and its q of 0…1000, or -1."""
    cdef sip_msg *m = msg.ptr()
    return str_or_none(&m.new_uri), m.q


# Branches

cdef branch_t *branch_at(sip_msg *m, int index):
    if index < 0:
        index += m.n_branches
    return &m.branches[index] if 0 <= index < m.n_branches else NULL


def push_branch(SipMsg msg, bytes uri, int q) -> bool:
    """Add a branch of this URI and nothing else but the forced socket; False: it cannot be."""
    cdef sip_msg *m = msg.ptr()
    cdef branch_t *b = append_branch(m, uri, <int>len(uri))
    if b is NULL:
        return False
    b.q = q
    b.force_send_socket = m.force_send_socket
    return True


def branch_more(SipMsg msg, int index):
    """(connection id, instance) of a branch; (0, None) without it."""
    cdef branch_t *b = branch_at(msg.ptr(), index)
    if b is NULL:
        return 0, None
    return <int>b.otcpid, str_or_none(&b.instance) if b.instance.len else None


def set_branch_otcpid(SipMsg msg, int index, number):
    """Set the connection that a branch goes by."""
    cdef branch_t *b = branch_at(msg.ptr(), index)
    if b is not NULL:
        b.otcpid = number & 0xffffffff


def set_target(SipMsg msg, number, int q):
    """Connection and q of the request URI."""
    cdef sip_msg *m = msg.ptr()
    m.otcpid = number & 0xffffffff
    m.q = q


def is_socket(SipMsg msg, bytes text) -> bool:
    """Whether a text names a listen socket."""
    return msg._socket(text) >= 0
