"""The checks of the sanity module (sanity.c)."""

from libc.stdint cimport uint32_t
from libc.string cimport memchr, memcmp, memset
from runtime.native.cstr cimport span_t, str_caseeq
from runtime.native.hdrs cimport (
    contact_iter, contact_t, dig_cred, get_cseq, get_from, get_from_uri, get_ruri, get_to,
    get_to_uri, next_contact, next_hdr_param, parse_digest,
)
from runtime.native.lump cimport LUMP_RPL_HDR, add_lump_rpl
from runtime.native.msg cimport (
    FL_MSG_NOREPLY, HDR_AUTHORIZATION, HDR_CALLID, HDR_CONTACT, HDR_CONTENTLENGTH, HDR_CSEQ,
    HDR_EOH_F, HDR_EXPIRES, HDR_FROM, HDR_PROXYAUTH, HDR_PROXYREQUIRE, HDR_TO, HDR_VIA, NO_HDR,
    SIP_REPLY, cseq_body, get_hdr, hdr_field, next_hdr, parse_headers, sip_msg, to_body,
)
from runtime.native.sipmsg cimport SipMsg
from runtime.native.uri cimport parse_uri, sip_uri

cdef enum:                  # msg_checks
    RURI_SIP_VERSION = 1
    RURI_SCHEME = 2
    REQUIRED_HEADERS = 4
    CSEQ_METHOD = 32
    CSEQ_VALUE = 64
    CL = 128
    EXPIRES_VALUE = 256
    PROXY_REQUIRE = 512
    PARSE_URIS = 1024
    CHECK_DIGEST = 2048
    CHECK_DUPTAGS = 4096
    CHECK_AUTHORIZATION = 8192
    VIA1_HEADER = 16384

cdef enum:                  # uri_checks
    URI_RURI = 1
    URI_FROM = 2
    URI_TO = 4
    URI_CONTACT = 8

cdef enum:
    FAILED = 0
    PASSED = 1
    NOT_APPLICABLE = -2

cdef struct verdict_t:      # the reply that a failed check asks for; code 0: none
    int code
    const char *reason


cdef int fail(verdict_t *v, int code, const char *reason) noexcept nogil:
    v.code = code
    v.reason = reason
    return FAILED


cdef int silent(sip_msg *m) noexcept nogil:
    """Failed, and nobody could be told."""
    m.msg_flags |= FL_MSG_NOREPLY
    return FAILED


cdef bint valid_uint(const char *s, int len) noexcept nogil:
    """Digits up to 4294967296, as there."""
    cdef int i
    if len > 10:
        return False
    for i in range(len):
        if s[i] < 48 or s[i] > 57:
            return False
    return len < 10 or memcmp(s, b"4294967296", 10) <= 0


cdef int check_version(sip_msg *m, verdict_t *v) noexcept nogil:
    cdef const char *s = m.buf + m.version.off
    cdef const char *slash = <const char *>memchr(s, b'/', m.version.len)
    if slash is NULL:
        return FAILED
    if s + m.version.len - slash != 4 or memcmp(slash + 1, b"2.0", 3) != 0:
        return fail(v, 505, b"Version Not Supported (R-URI)")
    return PASSED


cdef int check_required(sip_msg *m, verdict_t *v) noexcept nogil:
    if (
        get_hdr(m, HDR_FROM) is NULL or get_hdr(m, HDR_TO) is NULL
        or get_hdr(m, HDR_CALLID) is NULL or get_hdr(m, HDR_CSEQ) is NULL
    ):
        return silent(m)
    if parse_headers(m, HDR_EOH_F) < 0:
        return fail(v, 400, b"Bad Headers")
    return PASSED


cdef int check_cseq_method(sip_msg *m, verdict_t *v) noexcept nogil:
    cdef cseq_body *c = get_cseq(m)
    if c is NULL:
        return silent(m) if get_hdr(m, HDR_CSEQ) is NULL else FAILED
    if (
        c.method.len != m.method.len
        or memcmp(m.buf + c.method.off, m.buf + m.method.off, c.method.len) != 0
    ):
        return fail(v, 400, b"CSeq method does not match request method")
    return PASSED


cdef int check_cseq_value(sip_msg *m, verdict_t *v) noexcept nogil:
    cdef cseq_body *c = get_cseq(m)
    if c is NULL:
        return silent(m)
    if c.number.len == 0:
        return fail(v, 400, b"Missing number in CSeq header")
    if not valid_uint(m.buf + c.number.off, c.number.len):
        return fail(v, 400, b"CSeq number is illegal")
    return PASSED


cdef int check_cl(sip_msg *m, verdict_t *v) noexcept nogil:
    if get_hdr(m, HDR_CONTENTLENGTH) is NULL:
        return PASSED if m.headers_done or m.next_off >= m.len else fail(v, 400, b"Content-Length Failure")
    if parse_headers(m, HDR_EOH_F) < 0 or m.body_off == 0:
        return fail(v, 400, b"Content-Length Body Failure")
    if <int>(m.len - m.body_off) != m.content_len:
        return fail(v, 400, b"Content-Length mis-match")
    return PASSED


cdef int check_expires(sip_msg *m, verdict_t *v) noexcept nogil:
    cdef hdr_field *h = get_hdr(m, HDR_EXPIRES)
    cdef const char *s
    cdef int len
    if h is NULL:
        return PASSED
    s = m.buf + h.body_off
    len = h.body_len
    while len and (s[0] == b' ' or s[0] == b'\t'):
        s += 1
        len -= 1
    while len and (s[len - 1] == b' ' or s[len - 1] == b'\t'):
        len -= 1
    if len == 0:
        return fail(v, 400, b"Bad Expires Header")
    return PASSED if valid_uint(s, len) else fail(v, 400, b"Expires value is illegal")


cdef inline int trimmed(const char **s, int len) noexcept nogil:
    while len and (s[0][0] == b' ' or s[0][0] == b'\t' or s[0][0] == b'\r' or s[0][0] == b'\n'):
        s[0] += 1
        len -= 1
    while len and (
        s[0][len - 1] == b' ' or s[0][len - 1] == b'\t' or s[0][len - 1] == b'\r'
        or s[0][len - 1] == b'\n'
    ):
        len -= 1
    return len


cdef bint listed(const char *list_, int list_len, const char *s, int len) noexcept nogil:
    """Is this one of the comma-separated words?"""
    cdef const char *word
    cdef const char *comma
    cdef int n
    while list_len > 0:
        comma = <const char *>memchr(list_, b',', list_len)
        n = <int>(comma - list_) if comma is not NULL else list_len
        word = list_
        if trimmed(&word, n) == len and memcmp(word, s, len) == 0:
            return True
        n += 1
        list_ += n
        list_len -= n
    return False


cdef int check_proxy_require(sip_msg *m, const char *known, int known_len, verdict_t *v) noexcept nogil:
    """Only the first header is looked at, as there; the refused word goes into Unsupported."""
    cdef hdr_field *h = get_hdr(m, HDR_PROXYREQUIRE)
    cdef const char *s
    cdef const char *word
    cdef const char *comma
    cdef char line[512]
    cdef int len, n, wlen, i
    cdef const char *name = b"Unsupported: "
    if h is NULL:
        return PASSED
    s = m.buf + h.body_off
    len = trimmed(&s, h.body_len)
    if len == 0:
        return fail(v, 400, b"Bad Proxy Require Header")
    while len > 0:
        comma = <const char *>memchr(s, b',', len)
        n = <int>(comma - s) if comma is not NULL else len
        word = s
        wlen = trimmed(&word, n)
        if not listed(known, known_len, word, wlen):
            if wlen <= 480:
                for i in range(13):
                    line[i] = name[i]
                for i in range(wlen):
                    line[13 + i] = word[i]
                line[13 + wlen] = b'\r'
                line[14 + wlen] = b'\n'
                add_lump_rpl(m, line, 15 + wlen, LUMP_RPL_HDR)
            return fail(v, 420, b"Bad Proxy Require Extension")
        s += n + 1
        len -= n + 1
    return PASSED


cdef int check_uris(sip_msg *m, int checks, verdict_t *v) noexcept nogil:
    cdef sip_uri u
    cdef contact_iter it
    cdef contact_t c
    cdef int r
    if checks & URI_RURI and get_ruri(m) is NULL:
        return fail(v, 400, b"Bad Request URI")
    if checks & URI_FROM and get_from_uri(m, &u) < 0:
        if get_hdr(m, HDR_FROM) is NULL:
            return silent(m)
        return fail(v, 400, b"Invalid From Header")
    if checks & URI_TO and get_to_uri(m, &u) < 0:
        if get_hdr(m, HDR_TO) is NULL:
            return silent(m)
        return fail(v, 400, b"Ivalid To Header")
    if checks & URI_CONTACT:
        memset(&it, 0, sizeof(contact_iter))
        r = next_contact(m, HDR_CONTACT, &it, &c)
        if r < 0 or parse_headers(m, HDR_EOH_F) < 0:
            return fail(v, 400, b"Bad Contact Header")
        if r > 0 and not c.star and parse_uri(m.buf + c.addr.uri.off, c.addr.uri.len, &u) < 0:
            return fail(v, 400, b"Bad Contact URI")
        while r > 0:
            r = next_contact(m, HDR_CONTACT, &it, &c)
        if r < 0:
            return fail(v, 400, b"Bad Contact Header")
    return PASSED


cdef int check_credentials(sip_msg *m, hdr_field *h, verdict_t *v) noexcept nogil:
    cdef dig_cred c
    cdef int r
    while h is not NULL:
        r = parse_digest(m, h, &c)
        if r == 1:
            return NOT_APPLICABLE
        if r < 0:
            return fail(v, 400, b"Bad Auth Header")
        if (
            c.username.off == 0 or c.realm.off == 0 or c.nonce.off == 0 or c.uri.off == 0
            or c.response.off == 0
        ):
            return fail(v, 400, b"Bad Auth Credentials")
        if (
            str_caseeq(m.buf + c.qop.off, c.qop.len, b"auth", 4)
            or str_caseeq(m.buf + c.qop.off, c.qop.len, b"auth-int", 8)
        ) and (c.cnonce.off == 0 or c.nc.off == 0):
            return fail(v, 400, b"Bad Auth Credentials")
        if c.username.len == 0:
            return fail(v, 400, b"Auth Empty User")
        if c.nonce.len == 0:
            return fail(v, 400, b"Auth Empty Nonce")
        if c.response.len == 0:
            return fail(v, 400, b"Auth Empty Response")
        h = next_hdr(m, h)
    return PASSED


cdef int check_digest(sip_msg *m, verdict_t *v) noexcept nogil:
    cdef int r
    if parse_headers(m, HDR_EOH_F) < 0:
        return fail(v, 400, b"Bad Headers")
    r = check_credentials(m, get_hdr(m, HDR_AUTHORIZATION), v)
    if r != PASSED:
        return r
    return check_credentials(m, get_hdr(m, HDR_PROXYAUTH), v)


cdef bint many_tags(sip_msg *m, to_body *b) noexcept nogil:
    cdef uint32_t pos = b.params.off
    cdef span_t name, value
    cdef int n = 0
    if b.tag.off == 0:
        return False
    while next_hdr_param(m.buf, &pos, b.params.off + b.params.len, b';', False, &name, &value) > 0:
        if name.len == 3 and str_caseeq(m.buf + name.off, 3, b"tag", 3):
            n += 1
    return n > 1


cdef int check_duptags(sip_msg *m, verdict_t *v) noexcept nogil:
    cdef to_body *f = get_from(m)
    cdef to_body *t = get_to(m)
    if f is NULL or t is NULL:
        return silent(m)
    if many_tags(m, f):
        return fail(v, 400, b"Many From Tag Params")
    if many_tags(m, t):
        return fail(v, 400, b"Many To Tag Params")
    return PASSED


cdef int run(sip_msg *m, int checks, int uri_checks, const char *known, int known_len, verdict_t *v) noexcept nogil:
    cdef int r = PASSED
    if checks & RURI_SIP_VERSION:
        r = check_version(m, v)
    if r == PASSED and checks & RURI_SCHEME and get_ruri(m) is NULL:
        r = fail(v, 400, b"Bad Request URI")
    if r == PASSED and checks & REQUIRED_HEADERS:
        r = check_required(m, v)
    if r == PASSED and checks & VIA1_HEADER and (m.via1.valid != 1 or m.first[HDR_VIA] == NO_HDR):
        r = silent(m)
    if r == PASSED and checks & CSEQ_METHOD:
        r = check_cseq_method(m, v)
    if r == PASSED and checks & CSEQ_VALUE:
        r = check_cseq_value(m, v)
    if r == PASSED and checks & CL:
        r = check_cl(m, v)
    if r == PASSED and checks & EXPIRES_VALUE:
        r = check_expires(m, v)
    if r == PASSED and checks & PROXY_REQUIRE:
        r = check_proxy_require(m, known, known_len, v)
    if r == PASSED and checks & PARSE_URIS:
        r = check_uris(m, uri_checks, v)
    if r == PASSED and checks & CHECK_DIGEST and check_digest(m, v) != PASSED:
        r = FAILED
    if r == PASSED and checks & CHECK_AUTHORIZATION and check_digest(m, v) == FAILED:
        r = FAILED
    if r == PASSED and checks & CHECK_DUPTAGS:
        r = check_duptags(m, v)
    return r


def check(SipMsg msg, int checks, int uri_checks, bytes proxy_require):
    """None where every check passes; else (code, reason) of the reply, (0, b"") for none."""
    cdef verdict_t v
    v.code = 0
    v.reason = b""
    if run(msg.ptr(), checks, uri_checks, proxy_require, <int>len(proxy_require), &v) == PASSED:
        return None
    return v.code, <bytes>v.reason


def may_reply(SipMsg msg) -> bool:
    """Is this a request that an error reply can be sent to?"""
    cdef sip_msg *m = msg.ptr()
    return m.type != SIP_REPLY and not m.msg_flags & FL_MSG_NOREPLY
