"""Values of headers: addresses, contacts, Digest credentials (parser/parse_*.c, contact/, digest/)."""

from libc.stdint cimport uint32_t, uint64_t
from libc.string cimport memchr, memset
from runtime.native.error cimport E_BAD_URI, set_ser_error
from runtime.native.cstr cimport span_t, str_caseeq, str_t
from runtime.native.msg cimport (
    HDR_CONTACT, HDR_CSEQ, HDR_FROM, HDR_TO, HDR_VIA, get_hdr, next_hdr, parse_headers,
)
from runtime.native.scan cimport nameaddr_scan, via_scan
from runtime.native.uri cimport parse_uri


cdef inline span_t span(uint32_t start, uint32_t end) noexcept nogil:
    cdef span_t s
    s.off = start
    s.len = end - start
    return s


cdef inline bint blank(char c) noexcept nogil:
    return c == b' ' or c == b'\t' or c == b'\r' or c == b'\n'


# Via, To, From, CSeq, r-URI

cdef int parse_via(sip_msg *msg, uint32_t off, uint32_t end, via_body *out) noexcept nogil:
    cdef int more
    if via_scan(msg.buf, off, end, out, &more) == 0:
        return -1
    return more


cdef via_body *get_via1(sip_msg *msg) noexcept nogil:
    if msg.via1.valid == 0:
        parse_headers(msg, <uint64_t>1 << HDR_VIA)
    return &msg.via1 if msg.via1.valid == 1 else NULL


cdef via_body *get_via2(sip_msg *msg) noexcept nogil:
    cdef hdr_field *h
    if msg.via2.valid == 0:
        h = get_hdr(msg, HDR_VIA)
        if h is not NULL:
            next_hdr(msg, h)
    return &msg.via2 if msg.via2.valid == 1 else NULL


cdef to_body *get_to(sip_msg *msg) noexcept nogil:
    if msg.to.valid == 0:
        get_hdr(msg, HDR_TO)
    return &msg.to if msg.to.valid == 1 else NULL


cdef to_body *get_from(sip_msg *msg) noexcept nogil:
    cdef hdr_field *h
    cdef int more
    if msg.from_.valid == 0:
        h = get_hdr(msg, HDR_FROM)
        if h is not NULL:
            nameaddr_scan(msg.buf, h.body_off, h.off + h.len, False, &msg.from_, &more)
    return &msg.from_ if msg.from_.valid == 1 else NULL


cdef cseq_body *get_cseq(sip_msg *msg) noexcept nogil:
    if msg.cseq.valid == 0:
        get_hdr(msg, HDR_CSEQ)
    return &msg.cseq if msg.cseq.valid == 1 else NULL


cdef int parse_nameaddr(const char *buf, uint32_t off, uint32_t end, to_body *out) noexcept nogil:
    cdef int more
    cdef uint32_t p = nameaddr_scan(buf, off, end, True, out, &more)
    return <int>p if p else -1


cdef str_t get_ruri_str(sip_msg *msg) noexcept nogil:
    cdef str_t uri = msg.new_uri
    if uri.s is NULL:
        uri.s = msg.buf + msg.uri.off
        uri.len = msg.uri.len
    return uri


cdef sip_uri *get_ruri(sip_msg *msg) noexcept nogil:
    cdef str_t uri
    if msg.uri_parsed == 0:
        uri = get_ruri_str(msg)
        msg.uri_parsed = 1 if parse_uri(uri.s, uri.len, &msg.parsed_uri) == 0 else 2
    elif msg.uri_parsed == 2:
        set_ser_error(E_BAD_URI)
    return &msg.parsed_uri if msg.uri_parsed == 1 else NULL


cdef int get_from_uri(sip_msg *msg, sip_uri *out) noexcept nogil:
    cdef to_body *f = get_from(msg)
    if f is NULL:
        return -1
    return parse_uri(msg.buf + f.uri.off, f.uri.len, out)


cdef int get_to_uri(sip_msg *msg, sip_uri *out) noexcept nogil:
    cdef to_body *t = get_to(msg)
    if t is NULL:
        return -1
    return parse_uri(msg.buf + t.uri.off, t.uri.len, out)


# Parameters

cdef int next_hdr_param(const char *buf, uint32_t *pos, uint32_t end, char sep, bint comma, span_t *name, span_t *value) noexcept nogil:
    cdef uint32_t p = pos[0], start
    cdef int separators = 0
    value[0] = span(0, 0)
    while p < end and (blank(buf[p]) or buf[p] == sep):
        separators += buf[p] == sep
        p += 1
    if comma and separators > 1:        # an empty parameter
        return -1
    if p >= end or (comma and buf[p] == b','):
        pos[0] = p
        return 0
    start = p
    while p < end and not blank(buf[p]) and buf[p] != b'=' and buf[p] != sep:
        if comma and buf[p] == b',':
            break
        p += 1
    if p == start:
        return -1
    name[0] = span(start, p)
    while p < end and blank(buf[p]):
        p += 1
    if p < end and buf[p] == b'=':
        p += 1
        while p < end and blank(buf[p]):
            p += 1
        start = p
        if p < end and buf[p] == b'"':
            p += 1
            while p < end and buf[p] != b'"':
                p += 2 if buf[p] == b'\\' else 1
            if p >= end:
                return -1
            value[0] = span(start + 1, p)
            p += 1
        else:
            while p < end and not blank(buf[p]) and buf[p] != sep:
                if comma and buf[p] == b',':
                    break
                p += 1
            value[0] = span(start, p)
        while p < end and blank(buf[p]):
            p += 1
    if p < end and buf[p] != sep and not (comma and buf[p] == b','):
        return -1
    pos[0] = p
    return 1


# Contact, Route, Record-Route, Path

cdef uint32_t quoted_end(const char *buf, uint32_t q, uint32_t end) noexcept nogil:
    """From an opening quote to the closing one; `end` where there is none."""
    q += 1
    while q < end and buf[q] != b'"':
        q += 2 if buf[q] == b'\\' else 1
    return q if q < end else end


cdef uint32_t display_end(const char *buf, uint32_t p, uint32_t end, bint contact) noexcept nogil:
    """The '<' that ends the display name, or the end of an addr-spec; `end` at the latest.

    A Contact may be an addr-spec; an unquoted ':' before the '<' makes it one. The others are
    searched for their '<' whatever comes before it.
    """
    cdef uint32_t q = p
    cdef bint spec = False
    while q < end and (spec or buf[q] != b'<'):
        if buf[q] == b'"':
            q = quoted_end(buf, q, end)
            if q == end:
                return end
        elif contact and (buf[q] == b';' or (spec and buf[q] == b',')):
            break
        elif contact and buf[q] == b':':
            spec = True
        q += 1
    return q


cdef uint32_t address_scan(const char *buf, uint32_t p, uint32_t end, bint contact, contact_t *out) noexcept nogil:
    """name-addr or addr-spec up to its parameters; 0: broken."""
    cdef uint32_t q = display_end(buf, p, end, contact), stop = q
    out.addr.body.off = p
    while stop > p and blank(buf[stop - 1]):
        stop -= 1
    if q < end and buf[q] == b'<':
        if stop > p:
            out.addr.display = span(p, stop)
        p = q + 1
        q = p
        while q < end and buf[q] != b'>' and not (contact and buf[q] == b'<'):
            q = quoted_end(buf, q, end) if buf[q] == b'"' else q
            q += 1
        if q >= end or buf[q] == b'<' or (contact and q == p):
            return 0
        out.addr.uri = span(p, q)
        q += 1
    else:
        if not contact or memchr(buf + p, b':', stop - p) is NULL:
            return 0
        out.addr.uri = span(p, stop)
    while q < end and blank(buf[q]):
        q += 1
    return q


cdef void contact_param(const char *buf, span_t name, span_t value, contact_t *out) noexcept nogil:
    cdef const char *n = buf + name.off
    if name.len == 1 and (n[0] == b'q' or n[0] == b'Q'):
        out.q = value
    elif str_caseeq(n, name.len, b"expires", 7):
        out.expires = value
    elif str_caseeq(n, name.len, b"methods", 7):
        out.methods = value
    elif str_caseeq(n, name.len, b"received", 8):
        out.received = value
    elif str_caseeq(n, name.len, b"+sip.instance", 13):
        out.instance = value
    elif str_caseeq(n, name.len, b"reg-id", 6):
        out.reg_id = value
    elif name.len == 2 and str_caseeq(n, 2, b"ob", 2):
        out.ob = name
    elif name.len == 3 and str_caseeq(n, 3, b"tag", 3):
        out.addr.tag = value


cdef int contact_scan(const char *buf, uint32_t p, uint32_t end, bint contact, contact_t *out, uint32_t *after) noexcept nogil:
    """One element; *after is the next one's offset, 0 for none. 0, or -1 broken."""
    cdef span_t name, value
    cdef uint32_t stop
    cdef int r
    memset(out, 0, sizeof(contact_t))
    after[0] = 0
    if buf[p] == b'*':
        stop = p + 1
        while stop < end and blank(buf[stop]):
            stop += 1
        if stop == end:
            out.star = 1
            out.addr.body = span(p, p + 1)
            out.addr.valid = 1
            return 0
    stop = address_scan(buf, p, end, contact, out)
    if stop == 0:
        return -1
    if stop < end and buf[stop] == b';':
        out.addr.params.off = stop
        while True:
            r = next_hdr_param(buf, &stop, end, b';', True, &name, &value)
            if r < 0:
                return -1
            if r == 0:
                if contact and out.addr.params.len == 0:    # a semicolon and nothing behind it
                    return -1
                break
            out.addr.params.len = 1
            if value.off and value.len == 0 and contact:
                return -1
            contact_param(buf, name, value, out)
        out.addr.params.len = stop - out.addr.params.off
    out.addr.body.len = stop - out.addr.body.off
    while out.addr.body.len and blank(buf[out.addr.body.off + out.addr.body.len - 1]):
        out.addr.body.len -= 1
    if stop < end:
        if buf[stop] != b',':
            return -1
        stop += 1
        while stop < end and (blank(buf[stop]) or (buf[stop] == b',' and not contact)):
            stop += 1
        if stop < end:
            after[0] = stop
        elif contact:           # nothing after the comma
            return -1
    out.addr.valid = 1
    return 0


cdef int next_contact(sip_msg *msg, int hdr_type, contact_iter *it, contact_t *out) noexcept nogil:
    cdef hdr_field *h
    while it.off == 0:
        if it.started == 0:
            h = get_hdr(msg, hdr_type)
        else:
            h = next_hdr(msg, &msg.hdrs[it.hdr])
        if h is NULL:
            return 0
        it.started = 1
        it.hdr = h.index
        if h.body_len:
            it.off = h.body_off
    h = &msg.hdrs[it.hdr]
    if contact_scan(
        msg.buf, it.off, h.body_off + h.body_len, hdr_type == HDR_CONTACT, out, &it.off
    ) < 0:
        return -1
    return 1


# Digest credentials

cdef void digest_param(const char *buf, span_t name, span_t value, dig_cred *out) noexcept nogil:
    cdef const char *n = buf + name.off
    cdef int len = name.len
    if str_caseeq(n, len, b"username", 8):
        out.username = value
    elif str_caseeq(n, len, b"realm", 5):
        out.realm = value
    elif str_caseeq(n, len, b"nonce", 5):
        out.nonce = value
    elif str_caseeq(n, len, b"uri", 3):
        out.uri = value
    elif str_caseeq(n, len, b"response", 8):
        out.response = value
    elif str_caseeq(n, len, b"algorithm", 9):
        out.algorithm = value
    elif str_caseeq(n, len, b"cnonce", 6):
        out.cnonce = value
    elif str_caseeq(n, len, b"opaque", 6):
        out.opaque = value
    elif str_caseeq(n, len, b"qop", 3):
        out.qop = value
    elif str_caseeq(n, len, b"nc", 2):
        out.nc = value


cdef int parse_digest(sip_msg *msg, hdr_field *h, dig_cred *out) noexcept nogil:
    cdef uint32_t p = h.body_off, end = h.body_off + h.body_len
    cdef span_t name, value
    cdef int r
    memset(out, 0, sizeof(dig_cred))
    out.hdr = h.index
    while p < end and blank(msg.buf[p]):
        p += 1
    if end - p < 7 or not str_caseeq(msg.buf + p, 6, b"Digest", 6) or not blank(msg.buf[p + 6]):
        return 1
    p += 7
    while True:
        r = next_hdr_param(msg.buf, &p, end, b',', False, &name, &value)
        if r <= 0:
            return r
        digest_param(msg.buf, name, value, out)
