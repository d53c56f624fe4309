# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""What one fuzz input is tried on. Its first octet chooses the parser; what a parser is given ends
where the memory ends, so that reading one octet too far is found."""

from libc.stdint cimport int64_t, uint8_t, uint32_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset
from runtime.native.bodies cimport (
    body_etag, body_event, body_expires, body_methods, body_min_se, body_options, body_privacy,
    body_retry_after, body_session_expires, body_substate, event_t, expires_t, session_expires_t,
    substate_t,
)
from runtime.native.bodies_text cimport (
    body_date, body_disposition, body_identity, body_identity_info, body_mime, date_t,
    disposition_param_t, identity_info_t,
)
from runtime.native.build cimport build_all, build_req, build_res, build_res_forward, out_t, reply_dest
from runtime.native.cstr cimport span_t, str_t
from runtime.native.dset cimport (
    PREFIX_T, SET_HOSTPORT_T, SET_HOST_T, SET_PORT_T, SET_USER_T, STRIP_T, edit_ruri,
)
from runtime.native.frame cimport FRAME_PING, frame
from runtime.native.hdrs cimport (
    contact_iter, contact_t, dig_cred, get_cseq, get_from, get_from_uri, get_ruri, get_to,
    get_to_uri, get_via1, get_via2, next_contact, next_hdr_param, parse_digest,
)
from runtime.native.http cimport HTTP_CHUNKED, http_chunks, http_kind
from runtime.native.lump cimport del_lump
from runtime.native.msg cimport (
    HDR_AUTHORIZATION, HDR_CONTACT, HDR_EOH_F, HDR_PATH, HDR_PROXYAUTH, HDR_RECORDROUTE, HDR_ROUTE,
    arena_free, arena_new, arena_t, cseq_body, get_hdr, hdr_field, msg_body, msg_init, next_hdr,
    parse_headers, sip_msg, to_body, via_body,
)
from runtime.native.net cimport PROTO_UDP, dest_info, get_socket, su_pton, su_setport
from runtime.native.registrar_parse cimport header_expires, methods_of, path_vector, q_of
from runtime.native.scan cimport (
    cseq_scan, line_scan, nameaddr_scan, number_line_scan, via_scan,
)
from runtime.native.sdp cimport content_mime, sdp_free, sdp_info, sdp_parse
from runtime.native.sipmsg cimport SipMsg, wrap
from runtime.native.uri cimport find_param, parse_uri, sip_uri, uri_eq

from runtime.native import contacts, digest, net, pvmsg, rr, sanity, sipmsg
from runtime.native.sipmsg import SipMsg as PySipMsg


cdef extern from *:
    """
    static volatile unsigned kcc_sum;
    static void kcc_touch(const char *s, size_t n) {
        size_t i;
        for (i = 0; i < n; i++)
            kcc_sum += (unsigned char)s[i];
    }
    """
    void touch "kcc_touch"(const char *s, size_t n) nogil


cdef enum:
    KINDS = 13


cdef void touch_str(str_t s) noexcept nogil:
    if s.s is not NULL and s.len > 0:
        touch(s.s, s.len)


cdef void touch_uri(sip_uri *u) noexcept nogil:
    touch_str(u.user)
    touch_str(u.passwd)
    touch_str(u.host)
    touch_str(u.port)
    touch_str(u.params)
    touch_str(u.sip_params)
    touch_str(u.headers)
    touch_str(u.transport_val)
    touch_str(u.maddr_val)
    touch_str(u.lr)
    touch_str(u.gr_val)
    touch_str(u.user_param_val)


cdef void touch_span(const char *buf, span_t s) noexcept nogil:
    touch(buf + s.off, s.len)


cdef void touch_address(const char *buf, to_body *t) noexcept nogil:
    cdef sip_uri u
    if t is NULL or t.valid != 1:
        return
    touch_span(buf, t.body)
    touch_span(buf, t.display)
    touch_span(buf, t.uri)
    touch_span(buf, t.params)
    touch_span(buf, t.tag)
    if parse_uri(buf + t.uri.off, t.uri.len, &u) == 0:
        touch_uri(&u)


cdef void touch_via(const char *buf, via_body *v) noexcept nogil:
    if v is NULL or v.valid != 1:
        return
    touch_span(buf, v.whole)
    touch_span(buf, v.transport)
    touch_span(buf, v.host)
    touch_span(buf, v.port_str)
    touch_span(buf, v.params)
    touch_span(buf, v.branch)
    touch_span(buf, v.received)
    touch_span(buf, v.received_param)
    touch_span(buf, v.rport)
    touch_span(buf, v.rport_param)
    touch_span(buf, v.ival)
    touch_span(buf, v.alias)
    touch_span(buf, v.tid)


cdef void read_contacts(sip_msg *m, int kind) noexcept nogil:
    cdef contact_iter it
    cdef contact_t c
    cdef int i
    memset(&it, 0, sizeof(it))
    for i in range(100):
        if next_contact(m, kind, &it, &c) <= 0:
            return
        touch_address(m.buf, &c.addr)
        touch_span(m.buf, c.q)
        touch_span(m.buf, c.expires)
        touch_span(m.buf, c.methods)
        touch_span(m.buf, c.instance)
        touch_span(m.buf, c.received)
        q_of(m.buf + c.q.off, c.q.len)
        methods_of(m.buf + c.methods.off, c.methods.len)


cdef void read_digest(sip_msg *m, int kind) noexcept nogil:
    cdef hdr_field *h = get_hdr(m, kind)
    cdef dig_cred c
    while h is not NULL:
        if parse_digest(m, h, &c) == 0:
            touch_span(m.buf, c.username)
            touch_span(m.buf, c.realm)
            touch_span(m.buf, c.nonce)
            touch_span(m.buf, c.response)
            touch_span(m.buf, c.nc)
        h = next_hdr(m, h)


cdef void read_message(sip_msg *m) noexcept nogil:
    """Every native reader, in an order that leaves headers unread at first."""
    cdef sip_uri u
    cdef sdp_info sdp
    cdef str_t path, received
    cdef int i
    cdef sip_uri *ruri = get_ruri(m)
    cdef cseq_body *cseq
    if ruri is not NULL:
        touch_uri(ruri)
    touch_via(m.buf, get_via1(m))
    touch_via(m.buf, get_via2(m))
    touch_address(m.buf, get_to(m))
    touch_address(m.buf, get_from(m))
    cseq = get_cseq(m)
    if cseq is not NULL:
        touch_span(m.buf, cseq.number)
        touch_span(m.buf, cseq.method)
    get_from_uri(m, &u)
    get_to_uri(m, &u)
    read_contacts(m, HDR_CONTACT)
    read_contacts(m, HDR_ROUTE)
    read_contacts(m, HDR_RECORDROUTE)
    read_contacts(m, HDR_PATH)
    read_digest(m, HDR_AUTHORIZATION)
    read_digest(m, HDR_PROXYAUTH)
    header_expires(m)
    parse_headers(m, HDR_EOH_F)
    for i in range(m.n_hdrs):
        touch(m.buf + m.hdrs[i].off, m.hdrs[i].len)
        touch(m.buf + m.hdrs[i].body_off, m.hdrs[i].body_len)
    path_vector(m, True, &path, &received)
    content_mime(m)
    touch_str(msg_body(m))
    sdp_parse(m, &sdp)
    for i in range(sdp.n_streams):
        touch_str(sdp.streams[i].media)
        touch_str(sdp.streams[i].port)
        touch_str(sdp.streams[i].payloads)
        touch_str(sdp.streams[i].ip_addr)
        touch_str(sdp.streams[i].raw)
    for i in range(sdp.n_payloads):
        touch_str(sdp.payloads[i].id)
        touch_str(sdp.payloads[i].codec)
    sdp_free(&sdp)


cdef void write_message(sip_msg *m) noexcept nogil:
    """Messages made from it, with edits."""
    cdef out_t out
    cdef dest_info dst
    memset(&dst, 0, sizeof(dst))
    su_pton(b"127.0.0.1", 9, &dst.to)
    su_setport(&dst.to, 5080)
    dst.proto = PROTO_UDP
    dst.send_sock = get_socket(0)
    m.rcv.src = dst.to
    m.rcv.dst = dst.to
    m.rcv.proto = PROTO_UDP
    m.rcv.bind_address = get_socket(0)
    if m.status:
        if build_res_forward(m, &out) == 0:
            touch(out.s, out.len)
        return
    if build_res(m, 404, b"Not Found", 9, b"tag", 3, NULL, &out) == 0:
        touch(out.s, out.len)
    reply_dest(m, &dst)
    su_pton(b"127.0.0.1", 9, &dst.to)
    dst.send_sock = get_socket(0)
    edit_ruri(m, SET_USER_T, b"new", 3, 0)
    edit_ruri(m, STRIP_T, b"", 0, 2)
    edit_ruri(m, PREFIX_T, b"00", 2, 0)
    edit_ruri(m, SET_HOSTPORT_T, b"h:1", 3, 0)
    edit_ruri(m, SET_PORT_T, b"", 0, 0)
    edit_ruri(m, SET_HOST_T, b"a.b", 3, 0)
    if m.n_hdrs:
        del_lump(m, m.hdrs[m.n_hdrs // 2].off, m.hdrs[m.n_hdrs // 2].len, 0)
    if build_req(m, &dst, b"z9hG4bKx", 8, 0, &out) == 0:
        touch(out.s, out.len)
    if build_all(m, &out) == 0:
        touch(out.s, out.len)


READS = sorted(
    name for name in dir(PySipMsg)
    if not name.startswith("_") and not callable(getattr(PySipMsg, name))
)


cdef object script(sip_msg *m):
    """What scripts read, by way of Python."""
    cdef SipMsg msg = wrap(m)
    try:
        for name in READS:
            getattr(msg, name)
        pvmsg.via(msg, -1)
        pvmsg.via_at(msg, 2)
        for name in (b"Contact", b"Route", b"Via"):
            pvmsg.first_element(msg, name)
            try:
                pvmsg.elements(msg, name)
            except ValueError:
                pass
        for name in (b"P-Asserted-Identity", b"P-Preferred-Identity"):
            pvmsg.identities(msg, name)
        for name in (b"Diversion", b"Refer-To", b"Remote-Party-ID", b"Referred-By"):
            pvmsg.address(msg, name)
            pvmsg.address(msg, name, True)
        pvmsg.credentials(msg, b"Authorization", b"r")
        pvmsg.parts(msg)
        for every in (False, True):
            try:
                contacts.uri_spans(msg, every)
            except ValueError:
                pass
        try:
            digest.find_credentials(msg, b"r", True)
        except ValueError:
            pass
        sanity.check(msg, 65535, 15, b"timer")
        if msg.is_request:
            rr.follow(msg)
            rr.upstream(msg)
    finally:
        sipmsg.invalidate(msg)


cdef int one_message(const char *data, uint32_t size, bint scripted) noexcept nogil:
    """A datagram: the receiver puts a NUL behind it."""
    cdef char *buf = <char *>malloc(size + 1)
    cdef sip_msg *m = <sip_msg *>malloc(sizeof(sip_msg))
    cdef arena_t *arena = arena_new()
    memcpy(buf, data, size)
    buf[size] = 0
    if msg_init(m, arena, buf, size) == 0:
        if scripted:
            with gil:
                script(m)
        else:
            read_message(m)
            write_message(m)
    arena_free(arena)
    free(m)
    free(buf)
    return 0


cdef const char *TEMPLATE = (
    b"INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\n"
    b"To: <sip:c@d>\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\n"
)

cdef const char *NAMES[24]
NAMES[:] = [
    b"Via", b"To", b"From", b"CSeq", b"Contact", b"Route", b"Record-Route", b"Path", b"Expires",
    b"Authorization", b"Proxy-Authorization", b"Content-Type", b"Content-Length", b"Diversion",
    b"P-Asserted-Identity", b"P-Preferred-Identity", b"Remote-Party-ID", b"Refer-To",
    b"Proxy-Require", b"Retry-After", b"Max-Forwards", b"Call-ID", b"Referred-By", b"X",
]


cdef extern from "<string.h>" nogil:
    size_t strlen(const char *s)


cdef int one_header(const char *data, uint32_t size) noexcept nogil:
    """The value of one header of an otherwise good request; the first octet is its name."""
    cdef uint32_t head = <uint32_t>strlen(TEMPLATE), name_len, total
    cdef const char *name
    cdef char *text
    if size == 0:
        return 0
    name = NAMES[<uint8_t>data[0] % 24]
    name_len = <uint32_t>strlen(name)
    total = head + name_len + 2 + size - 1 + 4
    text = <char *>malloc(total)
    memcpy(text, TEMPLATE, head)
    memcpy(text + head, name, name_len)
    memcpy(text + head + name_len, b": ", 2)
    memcpy(text + head + name_len + 2, data + 1, size - 1)
    memcpy(text + total - 4, b"\r\n\r\n", 4)
    one_message(text, total, (<uint8_t>data[0] >= 128))
    free(text)
    return 0


cdef int one_body(const char *data, uint32_t size) noexcept nogil:
    """A body, of SDP or in parts."""
    cdef const char *type = b"Content-Type: application/sdp\r\n\r\n"
    cdef uint32_t head = <uint32_t>strlen(TEMPLATE), extra
    cdef char *text
    if size and data[0] & 1:
        type = b"Content-Type: multipart/mixed;boundary=b\r\n\r\n"
    extra = <uint32_t>strlen(type)
    text = <char *>malloc(head + extra + size)
    memcpy(text, TEMPLATE, head)
    memcpy(text + head, type, extra)
    memcpy(text + head + extra, data, size)
    one_message(text, head + extra + size, False)
    free(text)
    return 0


cdef int one_stream(const char *data, uint32_t size) noexcept nogil:
    """Octets of a connection: the frames in them are messages; each piece gives the same frames."""
    cdef uint32_t skipped = 0, at = 0
    cdef int64_t n
    while at < size:
        n = frame(data + at, size - at, False, True, &skipped)
        if n > 0:
            one_message(data + at + skipped, <uint32_t>n, False)
            at += skipped + <uint32_t>n
        elif n == FRAME_PING:
            at += skipped
        else:
            break
    return 0


cdef int one_http(char *data, uint32_t size) noexcept nogil:
    cdef uint32_t head = 0, body = 0
    cdef bint expects = False
    if http_kind(data, size, &head, &expects) == HTTP_CHUNKED and head <= size:
        http_chunks(data + head, size - head, &body)
    return 0


cdef int one_uri(const char *data, uint32_t size) noexcept nogil:
    cdef sip_uri u
    cdef str_t value
    if parse_uri(data, <int>size, &u) == 0:
        touch_uri(&u)
        if find_param(u.params.s, u.params.len, b"lr", 2, &value) > 0:
            touch_str(value)
    uri_eq(data, <int>size // 2, data + size // 2, <int>(size - size // 2))
    return 0


cdef int one_scan(const char *data, uint32_t size, int which) noexcept nogil:
    """A scanner on octets that nothing follows."""
    cdef via_body via
    cdef to_body to
    cdef cseq_body cseq
    cdef span_t name, value
    cdef int more = 0, number
    cdef uint32_t pos
    if which == 0:
        if via_scan(data, 0, size, &via, &more):
            touch_via(data, &via)
    elif which == 1:
        if nameaddr_scan(data, 0, size, size & 1, &to, &more):
            touch_address(data, &to)
    elif which == 2:
        cseq_scan(data, 0, size, &cseq)
        number_line_scan(data, 0, size, &number)
        line_scan(data, 0, size)
    else:
        pos = 0
        while next_hdr_param(data, &pos, size, b';', which & 1, &name, &value) > 0:
            touch_span(data, name)
            touch_span(data, value)
    return 0


cdef int one_body_of_header(const char *data, uint32_t size) noexcept nogil:
    """Every parser of a header's body, on octets that nothing follows."""
    cdef int len = <int>size, n, i
    cdef event_t event
    cdef expires_t expires
    cdef substate_t substate
    cdef session_expires_t session
    cdef date_t date
    cdef identity_info_t info
    cdef disposition_param_t params[4]
    cdef str_t text
    cdef uint32_t number
    cdef char *out = <char *>malloc(size)
    if body_event(data, len, &event) == 0:
        touch_str(event.name)
        touch_str(event.params)
    if body_etag(data, len, &text) == 0:
        touch_str(text)
    if body_expires(data, len, &expires) == 0:
        touch_str(expires.text)
    if body_substate(data, len, &substate) == 0:
        touch_str(substate.reason)
    body_session_expires(data, len, &session)
    body_options(data, len)
    body_methods(data, len, &number)
    body_privacy(data, len, &number)
    body_min_se(data, len, &number)
    body_retry_after(data, len, &number)
    body_date(data, len, &date)
    n = body_identity(data, len, out)
    if n > 0:
        touch(out, n)
    if body_identity_info(data, len, &info) == 0:
        touch_str(info.uri)
        touch_str(info.domain)
        touch_str(info.alg)
    body_mime(data, len, &number)
    n = body_disposition(data, len, &text, params, 4)
    for i in range(min(n, 4)):
        touch_str(params[i].name)
        touch_str(params[i].body)
    free(out)
    return 0


cdef api int fuzz_one(const uint8_t *data, size_t size) noexcept nogil:
    """One input of libFuzzer."""
    cdef char *copy
    cdef uint32_t n
    cdef int kind
    if size == 0 or size > 65535:
        return 0
    kind = data[0] % KINDS
    n = <uint32_t>size - 1
    copy = <char *>malloc(n)
    memcpy(copy, data + 1, n)
    if kind == 0:
        one_message(copy, n, False)
    elif kind == 1:
        one_message(copy, n, True)
    elif kind == 2 or kind == 3:
        one_header(copy, n)
    elif kind == 4:
        one_body(copy, n)
    elif kind == 5:
        one_stream(copy, n)
    elif kind == 6:
        one_http(copy, n)
    elif kind == 7:
        one_uri(copy, n)
    elif kind == 12:
        one_body_of_header(copy, n)
    else:
        one_scan(copy, n, kind - 8)
    free(copy)
    return 0


net.add_socket(PROTO_UDP, b"127.0.0.1", 5060)
