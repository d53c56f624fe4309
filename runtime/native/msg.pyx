"""A message: its private memory, first line and header index (msg_parser.c, parse_fline.c).

Headers are found one by one, as far as somebody asks for; Via, To, CSeq and Content-Length are
looked into on the way, since a broken one breaks the message there.
"""

from libc.stdint cimport uint16_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memchr, memcpy, memset
from runtime.native.cstr cimport span_t, str_caseeq, str_t
from runtime.native.scan cimport (
    cseq_scan, line_scan, method_id, nameaddr_scan, number_line_scan, via_scan,
)

# Memory of a message

cdef enum:
    CHUNK = 16384

cdef struct chunk_t:
    chunk_t *next
    size_t size
    size_t used

cdef struct arena_t:
    chunk_t *first
    chunk_t *current


cdef chunk_t *chunk_new(size_t size) noexcept nogil:
    cdef chunk_t *c = <chunk_t *>malloc(sizeof(chunk_t) + size)
    if c is not NULL:
        c.next = NULL
        c.size = size
        c.used = 0
    return c


cdef arena_t *arena_new() noexcept nogil:
    cdef arena_t *a = <arena_t *>malloc(sizeof(arena_t))
    if a is NULL:
        return NULL
    a.first = a.current = chunk_new(CHUNK)
    if a.first is NULL:
        free(a)
        return NULL
    return a


cdef void arena_reset(arena_t *a) noexcept nogil:
    """Free all but the first chunk, for the next message."""
    cdef chunk_t *c = a.first.next
    cdef chunk_t *after
    while c is not NULL:
        after = c.next
        free(c)
        c = after
    a.first.next = NULL
    a.first.used = 0
    a.current = a.first


cdef void arena_free(arena_t *a) noexcept nogil:
    if a is not NULL:
        arena_reset(a)
        free(a.first)
        free(a)


cdef void *arena_alloc(arena_t *a, size_t size) noexcept nogil:
    cdef chunk_t *c
    cdef void *p
    if a is NULL:                               # a clone is read-only
        return NULL
    c = a.current
    size = (size + 15) & ~<size_t>15
    if size > c.size - c.used:
        c = chunk_new(size if size > CHUNK else CHUNK)
        if c is NULL:
            return NULL
        a.current.next = c
        a.current = c
    p = <char *>(c + 1) + c.used
    c.used += size
    return p


cdef int arena_str(arena_t *a, const char *s, int len, str_t *out) noexcept nogil:
    cdef char *p = <char *>arena_alloc(a, len + 1)
    if p is NULL:
        return -1
    memcpy(p, s, len)
    p[len] = 0
    out.s = p
    out.len = len
    return 0


# Header names

cdef struct name_t:
    const char *name
    int len
    int type

cdef name_t names[80]
cdef int n_names = 0
cdef unsigned char name_char[256]           # bytes that a header name may hold


def _fill_tables():
    global n_names
    table = (
        (b"Via", HDR_VIA), (b"To", HDR_TO), (b"From", HDR_FROM), (b"CSeq", HDR_CSEQ),
        (b"Call-ID", HDR_CALLID), (b"Contact", HDR_CONTACT), (b"Max-Forwards", HDR_MAXFORWARDS),
        (b"Route", HDR_ROUTE), (b"Record-Route", HDR_RECORDROUTE), (b"Path", HDR_PATH),
        (b"Content-Type", HDR_CONTENTTYPE), (b"Content-Length", HDR_CONTENTLENGTH),
        (b"Content-Disposition", HDR_CONTENTDISPOSITION),
        (b"Content-Encoding", HDR_CONTENTENCODING), (b"Authorization", HDR_AUTHORIZATION),
        (b"Proxy-Authorization", HDR_PROXYAUTH), (b"WWW-Authenticate", HDR_WWW_AUTHENTICATE),
        (b"Proxy-Authenticate", HDR_PROXY_AUTHENTICATE), (b"Expires", HDR_EXPIRES),
        (b"Min-Expires", HDR_MIN_EXPIRES), (b"Supported", HDR_SUPPORTED),
        (b"Require", HDR_REQUIRE), (b"Proxy-Require", HDR_PROXYREQUIRE),
        (b"Unsupported", HDR_UNSUPPORTED), (b"Allow", HDR_ALLOW), (b"Event", HDR_EVENT),
        (b"Accept", HDR_ACCEPT), (b"Accept-Language", HDR_ACCEPTLANGUAGE),
        (b"Organization", HDR_ORGANIZATION), (b"Priority", HDR_PRIORITY),
        (b"Subject", HDR_SUBJECT), (b"User-Agent", HDR_USERAGENT), (b"Server", HDR_SERVER),
        (b"Diversion", HDR_DIVERSION), (b"Remote-Party-ID", HDR_RPID),
        (b"P-Asserted-Identity", HDR_PAI), (b"P-Preferred-Identity", HDR_PPI),
        (b"Privacy", HDR_PRIVACY), (b"Refer-To", HDR_REFER_TO), (b"Reason", HDR_REASON),
        (b"Retry-After", HDR_RETRY_AFTER), (b"Session-Expires", HDR_SESSIONEXPIRES),
        (b"Min-SE", HDR_MIN_SE), (b"SIP-If-Match", HDR_SIPIFMATCH),
        (b"Subscription-State", HDR_SUBSCRIPTION_STATE), (b"Allow-Events", HDR_ALLOWEVENTS),
        (b"Identity", HDR_IDENTITY), (b"Date", HDR_DATE), (b"Referred-By", HDR_REFERREDBY),
        (b"Call-Info", HDR_CALLINFO), (b"Accept-Contact", HDR_ACCEPTCONTACT),
        (b"Reject-Contact", HDR_REJECTCONTACT),
        (b"Request-Disposition", HDR_REQUESTDISPOSITION), (b"Identity-Info", HDR_IDENTITY_INFO),
        (b"a", HDR_ACCEPTCONTACT), (b"b", HDR_REFERREDBY), (b"c", HDR_CONTENTTYPE),
        (b"d", HDR_REQUESTDISPOSITION), (b"e", HDR_CONTENTENCODING), (b"f", HDR_FROM),
        (b"i", HDR_CALLID), (b"j", HDR_REJECTCONTACT), (b"k", HDR_SUPPORTED),
        (b"l", HDR_CONTENTLENGTH), (b"m", HDR_CONTACT), (b"o", HDR_EVENT), (b"r", HDR_REFER_TO),
        (b"s", HDR_SUBJECT), (b"t", HDR_TO), (b"u", HDR_ALLOWEVENTS), (b"v", HDR_VIA),
        (b"x", HDR_SESSIONEXPIRES), (b"y", HDR_IDENTITY),
    )
    for name, kind in table:
        names[n_names].name = <char *>malloc(len(name) + 1)
        memcpy(<char *>names[n_names].name, <char *>name, len(name) + 1)
        names[n_names].len = <int>len(name)
        names[n_names].type = kind
        n_names += 1
    for c in b"0123456789AaBbCcDdEeFfGgHhIiJjKkLlMmNnOoPpQqRrSsTtUuVvWwXxYyZz-._+~":
        name_char[c] = 1
    _index_names()


cdef short name_slot[256]                   # by length and first letter: first candidate
cdef short name_next[80]


cdef inline int name_key(const char *name, int len) noexcept nogil:
    return ((len << 3) ^ (name[0] & 0x1f)) & 0xff


def _index_names():
    cdef int i, key
    for i in range(256):
        name_slot[i] = -1
    for i in range(n_names):
        key = name_key(names[i].name, names[i].len)
        name_next[i] = name_slot[key]
        name_slot[key] = <short>i


_fill_tables()


def set_hname_extra_chars(bytes chars):
    """Core parameter ``hname_extra_chars``: more bytes allowed in a header name."""
    for c in chars:
        name_char[c] = 1


cdef int hdr_type(const char *name, int len) noexcept nogil:
    cdef int i
    if len <= 0:
        return HDR_OTHER
    i = name_slot[name_key(name, len)]
    while i >= 0:
        if str_caseeq(names[i].name, names[i].len, name, len):
            return names[i].type
        i = name_next[i]
    return HDR_OTHER


cdef uint32_t method_of(const char *name, int len) noexcept nogil:
    return method_id(name, len)


# First line

cdef inline span_t span(uint32_t start, uint32_t end) noexcept nogil:
    cdef span_t s
    s.off = start
    s.len = end - start
    return s


cdef inline uint32_t token_end(const char *buf, uint32_t p, uint32_t end) noexcept nogil:
    while p < end and buf[p] != b' ' and buf[p] != b'\t' and buf[p] != b'\r' and buf[p] != b'\n':
        p += 1
    return p


cdef inline uint32_t blank_end(const char *buf, uint32_t p, uint32_t end) noexcept nogil:
    while p < end and (buf[p] == b' ' or buf[p] == b'\t'):
        p += 1
    return p


cdef uint32_t past_line(const char *buf, uint32_t p, uint32_t end) noexcept nogil:
    """Past the next LF (and a CR right after it); `end` without one."""
    cdef const char *lf = <const char *>memchr(buf + p, b'\n', end - p)
    if lf is NULL:
        return end
    p = <uint32_t>(lf - buf)
    if p + 1 < end:
        p += 1
        if p + 1 < end and buf[p] == b'\r':
            p += 1
        return p
    return end


cdef int first_line(sip_msg *msg, uint32_t start) noexcept nogil:
    """Request-Line or Status-Line (RFC 3261 s. 7.1, 7.2); 0 with next_off set, or -1."""
    cdef char *buf = msg.buf
    cdef uint32_t end = msg.len, p, second, third
    cdef int i
    if end - start <= 16:
        return -1
    msg.type = SIP_REQUEST
    if str_caseeq(buf + start, 7, b"SIP/2.0", 7) and buf[start + 7] == b' ':
        msg.type = SIP_REPLY
        msg.version = span(start, start + 7)
        p = start + 7
    else:
        p = token_end(buf, start, end)
        if p == start or p >= end or buf[p] != b' ':
            return -1
        msg.method = span(start, p)
        msg.method_id = method_id(buf + start, p - start)
    second = p + 1
    p = token_end(buf, second, end)
    third = blank_end(buf, p, end)
    if p >= end or third == p or third >= end:
        return -1
    if msg.type == SIP_REPLY:
        if p - second != 3:
            return -1
        for i in range(3):
            if buf[second + i] < 48 or buf[second + i] > 57:
                return -1
            msg.status = msg.status * 10 + (buf[second + i] - 48)
        msg.status_str = span(second, p)
        p = third
        while p < end and buf[p] != b'\r' and buf[p] != b'\n':
            p += 1
        if p >= end:
            return -1
        msg.reason = span(third, p)
    else:
        msg.uri = span(second, p)
        p = token_end(buf, third, end)
        if p == third or p >= end:
            return -1
        msg.version = span(third, p)
        p = blank_end(buf, p, end)
        if p >= end or (buf[p] != b'\r' and buf[p] != b'\n'):
            return -1
    msg.next_off = past_line(buf, p, end)
    return 0 if msg.next_off < end else -1


cdef bint is_sip(sip_msg *msg) noexcept nogil:
    """A reply, or a request whose version starts as SIP's does (IS_SIP)."""
    return msg.type == SIP_REPLY or (
        msg.version.len >= 7 and str_caseeq(msg.buf + msg.version.off, 7, b"SIP/2.0", 7)
    )


# Headers

cdef hdr_field *new_hdr(sip_msg *msg) noexcept nogil:
    cdef hdr_field *more
    cdef int cap
    if msg.n_hdrs == msg.cap_hdrs:
        cap = msg.cap_hdrs * 2 if msg.cap_hdrs else 32
        if cap >= NO_HDR:
            return NULL
        more = <hdr_field *>arena_alloc(msg.arena, cap * sizeof(hdr_field))
        if more is NULL:
            return NULL
        if msg.n_hdrs:
            memcpy(more, msg.hdrs, msg.n_hdrs * sizeof(hdr_field))
        msg.hdrs = more
        msg.cap_hdrs = <uint16_t>cap
    return &msg.hdrs[msg.n_hdrs]


cdef uint32_t scan_via(sip_msg *msg, uint32_t p, uint16_t index) noexcept nogil:
    """All via-parms of one Via header; the first two of the message are kept."""
    cdef via_body spare
    cdef via_body *out
    cdef int more = 1
    while more:
        out = &spare
        if msg.via1.valid == 0:
            out = &msg.via1
        elif msg.via2.valid == 0:
            out = &msg.via2
        p = via_scan(msg.buf, p, msg.len, out, &more)
        out.hdr = index
        if p == 0:                              # none of a broken header counts
            if msg.via1.hdr == index:
                msg.via1.valid = 0
            if msg.via2.hdr == index:
                msg.via2.valid = 0
            return 0
    return p


cdef bint starts_with_number(const char *buf, uint32_t p, uint32_t end) noexcept nogil:
    """Retry-After: one to ten digits, then a blank, a comment, parameters or the end."""
    cdef uint32_t start = p
    while p < end and 48 <= buf[p] <= 57:
        p += 1
    if p == start or p - start > 10 or p >= end:
        return False
    return (
        buf[p] == b' ' or buf[p] == b'\t' or buf[p] == b';' or buf[p] == b'\r' or buf[p] == b'\n'
        or buf[p] == b'('
    )


cdef uint32_t scan_value(sip_msg *msg, hdr_field *h, uint32_t p) noexcept nogil:
    """Where the value ends that starts at p: at the next header, 0: broken."""
    cdef int more, number
    cdef to_body to
    cdef cseq_body cseq
    cdef to_body *to_out
    cdef cseq_body *cseq_out
    if h.type == HDR_VIA:
        return scan_via(msg, p, msg.n_hdrs)
    if h.type == HDR_TO:
        to_out = &to if msg.to.valid else &msg.to
        p = nameaddr_scan(msg.buf, p, msg.len, False, to_out, &more)
        if p == 0:
            to_out.valid = 0
        return p
    if h.type == HDR_CSEQ:
        cseq_out = &cseq if msg.cseq.valid else &msg.cseq
        p = cseq_scan(msg.buf, p, msg.len, cseq_out)
        if p == 0:
            cseq_out.valid = 0
        return p
    if h.type == HDR_CONTENTLENGTH:
        p = number_line_scan(msg.buf, p, msg.len, &number)
        if p != 0 and msg.content_len < 0:
            msg.content_len = number
        return p
    if h.type == HDR_RETRY_AFTER and not starts_with_number(msg.buf, p, msg.len):
        return 0
    return line_scan(msg.buf, p, msg.len)


cdef inline bint only_once(int type) noexcept nogil:
    return (
        type == HDR_CALLID or type == HDR_TO or type == HDR_CSEQ or type == HDR_FROM
        or type == HDR_MAXFORWARDS or type == HDR_CONTENTLENGTH
    )


cdef int parse_next(sip_msg *msg) noexcept nogil:
    """One more header into the index: 0; 1 at the end of headers or buffer; -1 broken."""
    cdef char *buf = msg.buf
    cdef uint32_t end = msg.len, start = msg.next_off, p
    cdef hdr_field *h
    if start >= end:
        return 1
    if buf[start] == b'\r' or buf[start] == b'\n':
        msg.headers_done = 1
        msg.body_off = start + 1
        if buf[start] == b'\r' and start + 1 < end and buf[start + 1] == b'\n':
            msg.body_off += 1
        return 1
    p = start
    while p < end and name_char[<unsigned char>buf[p]]:
        p += 1
    if p == start or p - start >= 65536:
        return -1
    h = new_hdr(msg)
    if h is NULL:
        return -1
    h.off = start
    h.name_len = <uint16_t>(p - start)
    h.next_same = NO_HDR
    h.index = msg.n_hdrs
    h.type = <uint16_t>hdr_type(buf + start, h.name_len)
    p = blank_end(buf, p, end)
    if p >= end or buf[p] != b':':
        return -1
    p += 1
    while p < end:                              # blanks and folds
        if buf[p] == b' ' or buf[p] == b'\t':
            p += 1
        elif buf[p] == b'\n' and p + 1 < end and (buf[p + 1] == b' ' or buf[p + 1] == b'\t'):
            p += 2
        elif (buf[p] == b'\r' and p + 2 < end and buf[p + 1] == b'\n'
              and (buf[p + 2] == b' ' or buf[p + 2] == b'\t')):
            p += 3
        else:
            break
    if p >= end:
        return -1
    h.body_off = p
    p = scan_value(msg, h, p)
    if p == 0:
        return -1
    if only_once(h.type) and msg.first[h.type] != NO_HDR and is_sip(msg):
        return -1
    h.len = p - start
    h.body_len = p - h.body_off
    while h.body_len and (
        buf[h.body_off + h.body_len - 1] == b'\r' or buf[h.body_off + h.body_len - 1] == b'\n'
        or buf[h.body_off + h.body_len - 1] == 0
    ):
        h.body_len -= 1
    if msg.first[h.type] == NO_HDR:
        msg.first[h.type] = msg.n_hdrs
    else:
        msg.hdrs[msg.last[h.type]].next_same = msg.n_hdrs
    msg.last[h.type] = msg.n_hdrs
    msg.n_hdrs += 1
    msg.next_off = p
    return 0


cdef int parse_headers(sip_msg *msg, uint64_t types) noexcept nogil:
    cdef int t, r
    cdef uint64_t missing = types & ~<uint64_t>HDR_EOH_F
    for t in range(1, HDR_MAX):
        if missing >> t == 0:
            break
        if (missing >> t) & 1 and msg.first[t] != NO_HDR:
            missing &= ~(<uint64_t>1 << t)
    if types & HDR_EOH_F:
        missing |= 1
    while missing and not msg.headers_done:
        r = parse_next(msg)
        if r < 0:
            return -1
        if r > 0:
            break
        if msg.hdrs[msg.n_hdrs - 1].type != HDR_OTHER:
            missing &= ~(<uint64_t>1 << msg.hdrs[msg.n_hdrs - 1].type)
    return 0 if msg.n_hdrs else -1


cdef hdr_field *get_hdr(sip_msg *msg, int type) noexcept nogil:
    if msg.first[type] == NO_HDR:
        if msg.headers_done:
            return NULL
        while parse_next(msg) == 0:
            if msg.first[type] != NO_HDR:
                break
        if msg.first[type] == NO_HDR:
            return NULL
    return &msg.hdrs[msg.first[type]]


cdef hdr_field *next_hdr(sip_msg *msg, hdr_field *h) noexcept nogil:
    cdef uint16_t index = h.index
    while msg.hdrs[index].next_same == NO_HDR:
        if parse_next(msg) != 0:
            return NULL
    return &msg.hdrs[msg.hdrs[index].next_same]


cdef hdr_field *search_hdr(sip_msg *msg, int from_index, const char *name, int len) noexcept nogil:
    cdef int i = from_index, type = hdr_type(name, len)
    cdef hdr_field *h
    while True:
        while i >= msg.n_hdrs:
            if parse_next(msg) != 0:
                return NULL
        h = &msg.hdrs[i]
        if type != HDR_OTHER:
            if h.type == type:
                return h
        elif h.type == HDR_OTHER and str_caseeq(msg.buf + h.off, h.name_len, name, len):
            return h
        i += 1


cdef hdr_field *find_hdr(sip_msg *msg, const char *name, int len) noexcept nogil:
    return search_hdr(msg, 0, name, len)


cdef hdr_field *find_hdr_next(sip_msg *msg, hdr_field *after, const char *name, int len) noexcept nogil:
    return search_hdr(msg, after.index + 1, name, len)


cdef str_t msg_body(sip_msg *msg) noexcept nogil:
    """The body: by Content-Length where that is less than what came."""
    cdef str_t body
    body.s = NULL
    body.len = 0
    if parse_headers(msg, HDR_EOH_F) < 0 or msg.body_off == 0:
        return body
    body.s = msg.buf + msg.body_off
    body.len = msg.len - msg.body_off
    if 0 <= msg.content_len < body.len:
        body.len = msg.content_len
    return body


cdef str_t default_global_address           # core parameters advertised_address, advertised_port
cdef str_t default_global_port
cdef bytes _advertised = b""
cdef bytes _advertised_port = b""


def set_advertised(bytes address, bytes port):
    """Core parameters ``advertised_address`` and ``advertised_port``; empty: none."""
    global _advertised, _advertised_port
    _advertised = address
    _advertised_port = port
    default_global_address.s = _advertised
    default_global_address.len = <int>len(address)
    default_global_port.s = _advertised_port
    default_global_port.len = <int>len(port)


cdef void msg_bare(sip_msg *msg, arena_t *a, char *buf, uint32_t len) noexcept nogil:
    _clear(msg, a, buf, len)
    msg.headers_done = 1
    msg.next_off = len


cdef void _clear(sip_msg *msg, arena_t *a, char *buf, uint32_t len) noexcept nogil:
    memset(msg, 0, sizeof(sip_msg))
    memset(msg.first, 0xff, sizeof(msg.first))
    msg.arena = a
    msg.buf = buf
    msg.len = len
    msg.q = -1
    msg.ruri_new = 1
    msg.content_len = -1
    msg.hash_index = 0xffffffff
    msg.set_global_address = default_global_address
    msg.set_global_port = default_global_port


cdef int msg_init(sip_msg *msg, arena_t *a, char *buf, uint32_t len) noexcept nogil:
    cdef uint32_t start = 0
    _clear(msg, a, buf, len)
    while start < len and (
        buf[start] == b'\n' or buf[start] == b'\r' or buf[start] == 0
        or buf[start] == b'\t' or buf[start] == b' '
    ):
        start += 1
    if first_line(msg, start) < 0:
        msg.type = SIP_INVALID
        return -1
    return parse_headers(msg, <uint64_t>1 << HDR_VIA)


# What a script changes

cdef int set_new_uri(sip_msg *msg, const char *s, int len) noexcept nogil:
    msg.uri_parsed = 0
    return arena_str(msg.arena, s, len, &msg.new_uri)


cdef int set_dst_uri(sip_msg *msg, const char *s, int len) noexcept nogil:
    if len == 0:
        msg.dst_uri.s = NULL
        msg.dst_uri.len = 0
        return 0
    return arena_str(msg.arena, s, len, &msg.dst_uri)


cdef int set_path_vec(sip_msg *msg, const char *s, int len) noexcept nogil:
    if len == 0:
        msg.path_vec.s = NULL
        msg.path_vec.len = 0
        return 0
    return arena_str(msg.arena, s, len, &msg.path_vec)
