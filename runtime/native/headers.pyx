"""Headers of a message by index, and what they say as views: what `runtime.api` is made of."""

from libc.stdint cimport uint16_t, uint32_t, uint64_t
from runtime.native.hdrs cimport contact_iter, dig_cred, next_contact, parse_digest
from runtime.native.msg cimport (
    HDR_ACCEPT, HDR_ACCEPTCONTACT, HDR_ACCEPTLANGUAGE, HDR_ALLOW, HDR_ALLOWEVENTS,
    HDR_AUTHORIZATION, HDR_CALLID, HDR_CALLINFO, HDR_CONTACT, HDR_CONTENTDISPOSITION,
    HDR_CONTENTENCODING, HDR_CONTENTLENGTH, HDR_CONTENTTYPE, HDR_CSEQ, HDR_DATE, HDR_DIVERSION,
    HDR_EVENT, HDR_EXPIRES, HDR_FROM, HDR_IDENTITY, HDR_IDENTITY_INFO, HDR_MAX,
    HDR_MAXFORWARDS, HDR_MIN_EXPIRES, HDR_MIN_SE, HDR_ORGANIZATION, HDR_PAI, HDR_PATH, HDR_PPI,
    HDR_PRIORITY, HDR_PRIVACY, HDR_PROXYAUTH, HDR_PROXYREQUIRE, HDR_PROXY_AUTHENTICATE, HDR_REASON,
    HDR_RECORDROUTE, HDR_REFERREDBY, HDR_REFER_TO, HDR_REJECTCONTACT, HDR_REQUESTDISPOSITION,
    HDR_REQUIRE, HDR_RETRY_AFTER, HDR_ROUTE, HDR_RPID, HDR_SERVER, HDR_SESSIONEXPIRES,
    HDR_SIPIFMATCH, HDR_SUBJECT, HDR_SUBSCRIPTION_STATE, HDR_SUPPORTED, HDR_TO, HDR_UNSUPPORTED,
    HDR_USERAGENT, HDR_VIA, HDR_WARNING, HDR_WWW_AUTHENTICATE, SIP_REQUEST, cseq_body, get_hdr,
    hdr_field, hdr_type, method_of, next_hdr, parse_next, sip_msg, to_body,
)
from runtime.native.scan cimport cseq_scan, nameaddr_scan
from runtime.native.sdp cimport SDP_NONE, SDP_OK, sdp_free, sdp_info, sdp_parse, sdp_session, sdp_stream
from runtime.native.sipmsg cimport SipMsg
from runtime.native.views cimport Contact, at, made_address, some, vias

from runtime.native.views import uri

cdef enum:
    HDR_VIA2_T = 2          # a flag only
    HDR_EOH_T = 56
    MAX_ELEMENTS = 20       # of one list of identities (NUM_PAI_BODIES)

cdef int kamailio_type[HDR_MAX]         # Kamailio's number of a type of ours (hf.h)
cdef int own_type[HDR_EOH_T]            # and back; 0: none


def _fill():
    for own, number in {
        HDR_VIA: 1, HDR_TO: 3, HDR_FROM: 4, HDR_CSEQ: 5, HDR_CALLID: 6, HDR_CONTACT: 7,
        HDR_MAXFORWARDS: 8, HDR_ROUTE: 9, HDR_RECORDROUTE: 10, HDR_CONTENTTYPE: 11,
        HDR_CONTENTLENGTH: 12, HDR_AUTHORIZATION: 13, HDR_EXPIRES: 14, HDR_MIN_EXPIRES: 15,
        HDR_PROXYAUTH: 16, HDR_SUPPORTED: 17, HDR_REQUIRE: 18, HDR_PROXYREQUIRE: 19,
        HDR_UNSUPPORTED: 20, HDR_ALLOW: 21, HDR_EVENT: 22, HDR_ACCEPT: 23, HDR_ACCEPTLANGUAGE: 24,
        HDR_ORGANIZATION: 25, HDR_PRIORITY: 26, HDR_SUBJECT: 27, HDR_USERAGENT: 28, HDR_SERVER: 29,
        HDR_CONTENTDISPOSITION: 30, HDR_DIVERSION: 31, HDR_RPID: 32, HDR_REFER_TO: 33,
        HDR_SIPIFMATCH: 34, HDR_SESSIONEXPIRES: 35, HDR_MIN_SE: 36, HDR_SUBSCRIPTION_STATE: 37,
        HDR_ACCEPTCONTACT: 38, HDR_ALLOWEVENTS: 39, HDR_CONTENTENCODING: 40, HDR_REFERREDBY: 41,
        HDR_REJECTCONTACT: 42, HDR_REQUESTDISPOSITION: 43, HDR_WWW_AUTHENTICATE: 44,
        HDR_PROXY_AUTHENTICATE: 45, HDR_DATE: 46, HDR_IDENTITY: 47, HDR_IDENTITY_INFO: 48,
        HDR_RETRY_AFTER: 49, HDR_PPI: 50, HDR_PAI: 51, HDR_PATH: 52, HDR_PRIVACY: 53,
        HDR_REASON: 54, HDR_CALLINFO: 55, HDR_WARNING: 0,
    }.items():
        kamailio_type[own] = number
        if number:
            own_type[number] = own


_fill()


cdef hdr_field *header_at(sip_msg *m, int index) except NULL:
    if not 0 <= index < m.n_hdrs:
        raise IndexError(f"no header {index}")
    return &m.hdrs[index]


def buffer_id(SipMsg msg) -> int:
    """Another number after the message was parsed anew from other octets."""
    return <size_t>msg.ptr().buf


def parse(SipMsg msg, uint64_t flags, bint next_one) -> int:
    """Parse until one header of each type was found (HDR_*_F), with `next_one` until a further one
    of each: 0, or -1 where headers are broken."""
    cdef sip_msg *m = msg.ptr()
    cdef uint64_t missing = 0
    cdef int t, r, from_ = 0
    cdef bint via2 = (flags >> HDR_VIA2_T) & 1
    if flags & 1:                               # HDR_OTHER_F: one that has no type
        missing = 1
    for t in range(1, HDR_EOH_T):
        if flags >> t & 1:
            if t == HDR_VIA2_T or own_type[t]:
                missing |= <uint64_t>1 << t
            else:
                missing |= <uint64_t>1 << 63    # nothing is ever found of it
    if next_one:
        from_ = m.n_hdrs
    while True:
        while from_ < m.n_hdrs:
            missing &= ~(<uint64_t>1 << kamailio_type[m.hdrs[from_].type])
            from_ += 1
        if via2 and m.via2.valid == 1:
            missing &= ~(<uint64_t>1 << HDR_VIA2_T)
        if missing == 0:
            return 0
        r = parse_next(m)
        if r < 0:
            return -1
        if r > 0:
            return 0


def first(SipMsg msg, int type) -> int:
    """Index of the first header of a type of Kamailio's, looked for to the end; -1: none."""
    cdef hdr_field *h
    if not 0 < type < HDR_EOH_T or own_type[type] == 0:
        return -1
    h = get_hdr(msg.ptr(), own_type[type])
    return -1 if h is NULL else h.index


def sibling(SipMsg msg, int index) -> int:
    """Index of the next header of the same type; -1: none."""
    cdef sip_msg *m = msg.ptr()
    cdef hdr_field *h = header_at(m, index)
    h = next_hdr(m, h)
    return -1 if h is NULL else h.index


def following(SipMsg msg, int index) -> int:
    """Index of the header behind this one (-1: the first); -1: none."""
    cdef sip_msg *m = msg.ptr()
    while index + 1 >= m.n_hdrs:
        if parse_next(m) != 0:
            return -1
    return index + 1


def total(SipMsg msg) -> int:
    """How many headers were parsed so far."""
    return msg.ptr().n_hdrs


def header(SipMsg msg, int index):
    """(type, name, body, offset, octets, offset of the body)."""
    cdef sip_msg *m = msg.ptr()
    cdef hdr_field *h = header_at(m, index)
    return (
        kamailio_type[h.type], m.buf[h.off:h.off + h.name_len],
        m.buf[h.body_off:h.body_off + h.body_len], h.off, h.len, h.body_off,
    )


def name_type(bytes name) -> int:
    """Type of a header's name, compact or not; 0: another one."""
    return kamailio_type[hdr_type(name, <int>len(name))]


def method_id(bytes name) -> int:
    """METHOD_*."""
    return method_of(name, <int>len(name))


def state(SipMsg msg):
    """(offset of the body or None, offset where parsing stopped, Content-Length or -1, octets)."""
    cdef sip_msg *m = msg.ptr()
    return m.body_off if m.headers_done else None, m.next_off, m.content_len, m.len


def first_line(SipMsg msg):
    """(is it a request, octets with the line's end, method or version, URI or status, version or
    reason, METHOD_* or status code)."""
    cdef sip_msg *m = msg.ptr()
    cdef uint32_t octets = m.hdrs[0].off if m.n_hdrs else m.next_off
    if m.type == SIP_REQUEST:
        return (
            True, octets, at(m.buf, m.method) if m.method.off else m.buf[:m.method.len],
            at(m.buf, m.uri), at(m.buf, m.version), m.method_id,
        )
    return False, octets, m.buf[m.version.off:m.version.off + m.version.len], at(m.buf, m.status_str), at(m.buf, m.reason), m.status


def address_at(SipMsg msg, int index, bint comma):
    """The address in a header; `comma` ends it. None: broken."""
    cdef sip_msg *m = msg.ptr()
    cdef hdr_field *h = header_at(m, index)
    cdef to_body b
    cdef int more
    if nameaddr_scan(m.buf, h.body_off, h.off + h.len, comma, &b, &more) == 0:
        return None
    return made_address(msg, m.buf, None, &b)


def addresses_at(SipMsg msg, int index):
    """The addresses in a header, twenty of them at most; None: one is broken."""
    cdef sip_msg *m = msg.ptr()
    cdef hdr_field *h = header_at(m, index)
    cdef uint32_t p = h.body_off, end = h.off + h.len
    cdef to_body b
    cdef int more = 1
    found = []
    while more and len(found) < MAX_ELEMENTS:
        while found and p < end and (m.buf[p] == b' ' or m.buf[p] == b'\t' or m.buf[p] == b'\r' or m.buf[p] == b'\n'):
            p += 1
        p = nameaddr_scan(m.buf, p, end, True, &b, &more)
        if p == 0:
            return None
        found.append(made_address(msg, m.buf, None, &b))
    return found


def vias_at(SipMsg msg, int index):
    """The first via-parm of a header, linked to the others."""
    cdef sip_msg *m = msg.ptr()
    cdef hdr_field *h = header_at(m, index)
    return vias(msg, m.buf, None, h.body_off, m.len)


def contacts_at(SipMsg msg, int index):
    """The elements of a Contact, Route, Record-Route or Path header, in order; None: broken."""
    cdef sip_msg *m = msg.ptr()
    cdef hdr_field *h = header_at(m, index)
    cdef contact_iter it
    cdef Contact c
    if h.body_len == 0:
        return None
    found = []
    it.hdr = <uint16_t>index
    it.started = 1
    it.off = h.body_off
    while it.off and it.hdr == index:
        c = Contact.__new__(Contact)
        c.of(msg, m.buf, None)
        if next_contact(m, h.type, &it, &c._c) <= 0:
            return None
        found.append(c)
    return found


def cseq_at(SipMsg msg, int index):
    """(number as text, method, METHOD_*) of a CSeq header."""
    cdef sip_msg *m = msg.ptr()
    cdef hdr_field *h = header_at(m, index)
    cdef cseq_body c
    if cseq_scan(m.buf, h.body_off, m.len, &c) == 0:
        return None
    return at(m.buf, c.number), at(m.buf, c.method), c.method_id


def digest_at(SipMsg msg, int index):
    """Credentials: (username, realm, nonce, uri, response, algorithm, cnonce, opaque, qop, nc), None
    for what is absent; (): another scheme than Digest; None: broken."""
    cdef sip_msg *m = msg.ptr()
    cdef hdr_field *h = header_at(m, index)
    cdef dig_cred c
    cdef int r = parse_digest(m, h, &c)
    if r < 0:
        return None
    if r > 0:
        return ()
    return (
        at(m.buf, c.username), at(m.buf, c.realm), at(m.buf, c.nonce), at(m.buf, c.uri),
        at(m.buf, c.response), at(m.buf, c.algorithm), at(m.buf, c.cnonce), at(m.buf, c.opaque),
        at(m.buf, c.qop), at(m.buf, c.nc),
    )


def request_uri(SipMsg msg, bint original):
    """The r-URI, as it is now or as it came, parsed; None: it is no URI."""
    cdef sip_msg *m = msg.ptr()
    if m.type != SIP_REQUEST:
        return None
    if original or m.new_uri.s is NULL:
        return uri(m.buf[m.uri.off:m.uri.off + m.uri.len])
    return uri(m.new_uri.s[:m.new_uri.len])


def edits(SipMsg msg):
    """(new_uri, dst_uri, path_vec) as set by the script, None without."""
    cdef sip_msg *m = msg.ptr()
    return some(&m.new_uri), some(&m.dst_uri), some(&m.path_vec)


def numbers(SipMsg msg):
    """(id, flags, msg_flags, hash_index)."""
    cdef sip_msg *m = msg.ptr()
    return m.id, m.flags, m.msg_flags, m.hash_index


# SDP

cdef tuple stream_tuple(sdp_info *sdp, sdp_stream *t):
    cdef int i
    return (
        some(&t.media), some(&t.port), some(&t.transport), some(&t.payloads), some(&t.mode),
        some(&t.ip_addr), some(&t.raw), t.on_hold,
        [
            (some(&sdp.payloads[i].id), some(&sdp.payloads[i].codec))
            for i in range(t.first_payload, t.first_payload + t.n_payloads)
        ],
    )


def sdp(SipMsg msg):
    """[(version, address, mode, on hold, [stream])] of the sessions in the body; [] without a body;
    None: no SDP, or broken."""
    cdef sdp_info info
    cdef sdp_session *s
    cdef int i, j, r = sdp_parse(msg.ptr(), &info)
    found = None
    if r == SDP_NONE:
        found = []
    elif r == SDP_OK:
        found = []
        for i in range(info.n_sessions):
            s = &info.sessions[i]
            streams = []
            for j in range(info.n_streams):
                if info.streams[j].session == i:
                    streams.append(stream_tuple(&info, &info.streams[j]))
            found.append((some(&s.version), some(&s.ip_addr), some(&s.mode), s.on_hold, streams))
    sdp_free(&info)
    return found


# Parsers of headers that modules add

cdef dict added = {}


def add_parser(bytes name, function):
    """Remember a parser for headers of this name, in the process and those forked from it.

    Raises ValueError: the header has a parser.
    """
    key = name.lower()
    if key in added or hdr_type(name, <int>len(name)) != 0:
        raise ValueError(f"{name.decode(errors='replace')} has a parser already")
    added[key] = function


def added_parser(bytes name):
    """What was registered for this header, None: nothing."""
    return added.get(name.lower())


def forget_parsers():
    """Remove all that were added (tests)."""
    added.clear()
