"""SDP parser (RFC 4566): sessions, streams and payloads of a message's body (parser/sdp)."""

from libc.stdlib cimport free, realloc
from libc.string cimport memchr, memcmp, memset
from runtime.native.cstr cimport str_caseeq, str_eq, str_t
from runtime.native.msg cimport (
    HDR_CONTENTTYPE,
    HDR_EOH_F,
    get_hdr,
    hdr_field,
    hdr_type,
    parse_headers,
    sip_msg,
)
from runtime.native.sipmsg cimport SipMsg

cdef enum:
    AF_INET = 2
    AF_INET6 = 10


# --- scanning --------------------------------------------------------------------------------------


cdef char *memmem2(char *p, char *limit, char first, char second) noexcept nogil:
    """Where these two octets stand, NULL: nowhere."""
    cdef char *found
    while limit - p >= 2:
        found = <char *>memchr(p, first, limit - p - 1)
        if found is NULL:
            return NULL
        if found[1] == second:
            return found
        p = found + 1
    return NULL


cdef inline bint after_line(char *p) noexcept nogil:
    """Does a line begin here? There is always a header before a body."""
    return (p - 1)[0] == b'\n' or (p - 1)[0] == b'\r'


cdef char *find_sdp_line(char *p, char *limit, char kind) noexcept nogil:
    cdef char *found
    while p < limit:
        found = memmem2(p, limit, kind, b'=')
        if found is NULL:
            return NULL
        if after_line(found):
            return found
        p = found + 2
    return NULL


cdef char *first_line(char *p, char *limit, char kind, char *otherwise) noexcept nogil:
    cdef char *found
    if limit - p < 3:
        return otherwise
    found = find_sdp_line(p, limit, kind)
    return otherwise if found is NULL else found


cdef char *find_next_sdp_line(char *p, char *limit, char kind, char *otherwise) noexcept nogil:
    cdef char *found
    if limit - p < 3:
        return otherwise
    found = find_sdp_line(p + 2, limit, kind)
    return otherwise if found is NULL else found


cdef char *line_end(char *p, char *limit) noexcept nogil:
    """Past the line (and past a CR that follows it); at its LF where the text ends with that."""
    cdef char *lf
    if p >= limit:
        return p
    lf = <char *>memchr(p, b'\n', limit - p)
    if lf is NULL:
        return limit
    if lf + 1 < limit:
        lf += 1
        if lf + 1 < limit and lf[0] == b'\r':
            lf += 1
    return lf


cdef char *space_end(char *p, char *limit) noexcept nogil:
    while p < limit and (p[0] == b' ' or p[0] == b'\t'):
        p += 1
    return p


cdef char *token_end(char *p, char *limit) noexcept nogil:
    while p < limit and p[0] != b' ' and p[0] != b'\t' and p[0] != b'\n' and p[0] != b'\r':
        p += 1
    return p


cdef str_t trimmed(char *p, char *limit) noexcept nogil:
    """The text of a line that starts at p."""
    cdef str_t s
    cdef char c
    s.s = p
    s.len = <int>(line_end(p, limit) - p)
    while s.len:
        c = s.s[s.len - 1]
        if c != 0 and c != b'\r' and c != b'\n' and c != b' ' and c != b'\t':
            break
        s.len -= 1
    while s.len and (s.s[0] == b' ' or s.s[0] == b'\t'):
        s.s += 1
        s.len -= 1
    return s


cdef bint begins(char *p, char *limit, const char *word, int len) noexcept nogil:
    """Does the text begin with this word, without regard to case?"""
    return limit - p >= len and str_caseeq(p, len, word, len)


cdef bint is_field(char *p, char *limit, const char *word, int len) noexcept nogil:
    """The same with regard to case; a text that ends within the word passes."""
    cdef int size = <int>(limit - p)
    return memcmp(p, word, len if len < size else size) == 0


# --- the parts of a session ------------------------------------------------------------------------


cdef int media_address(char *line, char *limit, str_t *ip, int *family) noexcept nogil:
    """Address and family of a c= or o= line: 0, -1 malformed."""
    cdef str_t text = trimmed(line + 2, limit)
    cdef char *end = text.s + text.len
    cdef char *p = end - 3
    while p >= text.s and memcmp(p, b" IP", 3) != 0:
        p -= 1
    if p < text.s or p + 6 > end:
        return -1
    if p[3] == b'4':
        family[0] = AF_INET
    elif p[3] == b'6':
        family[0] = AF_INET6
    else:
        return -1
    ip.s = space_end(p + 5, end)
    ip.len = <int>(token_end(ip.s, end) - ip.s)
    return 0 if ip.len else -1


cdef int session_version(char *line, char *limit, str_t *out) noexcept nogil:
    """The third word of o=: 0, -1 where the line is too short to be one."""
    cdef int len = <int>(line_end(line, limit) - line), n = 0
    cdef char *start = line + 2
    cdef char *space
    if len < 15:
        return -1
    len -= 2
    while True:
        space = NULL if len <= 0 else <char *>memchr(start, b' ', len)
        if space is NULL:
            out.len = 0                         # fewer than three words before it
            return 0
        n += 1
        len -= <int>(space - start) + 1
        if n == 3:
            out.s = start
            out.len = <int>(space - start)
            return 0
        start = space + 1


cdef bint sendrecv(char *p, char *limit, str_t *mode, int *on_hold) noexcept nogil:
    """Is it a=sendrecv or one of its like?"""
    if not begins(p, limit, b"a=sendrecv", 10) and not begins(p, limit, b"a=recvonly", 10):
        if not begins(p, limit, b"a=inactive", 10) and not begins(p, limit, b"a=sendonly", 10):
            return False
        on_hold[0] = RFC3264_HOLD
    mode.s = p + 2
    mode.len = 8
    return True


cdef int media_line(char *line, char *limit, sdp_stream *out) noexcept nogil:
    """The words of m=: 0, -1 malformed."""
    cdef str_t text = trimmed(line + 2, limit)
    cdef char *end = text.s + text.len
    cdef char *p = token_end(text.s, end)
    out.media.s = text.s
    out.media.len = <int>(p - text.s)
    if p == end or p == text.s:
        return -1
    out.port.s = space_end(p, end)
    if out.port.s == end or out.port.s == p:
        return -1
    p = token_end(out.port.s, end)
    out.port.len = <int>(p - out.port.s)
    if p == end or out.port.len == 0:
        return -1
    out.transport.s = space_end(p, end)
    if out.transport.s == end or out.transport.s == p:
        return -1
    p = token_end(out.transport.s, end)
    out.transport.len = <int>(p - out.transport.s)
    if out.transport.len == 0:
        return -1
    out.payloads.s = space_end(p, end)
    out.payloads.len = <int>(end - out.payloads.s)
    return 0


cdef bint payload_value(char *start, char *limit, str_t *payload, str_t *value) noexcept nogil:
    """``payload value`` of rtpmap and fmtp."""
    cdef str_t text = trimmed(start, limit)
    cdef char *end = text.s + text.len
    cdef char *p = token_end(text.s, end)
    payload.s = text.s
    payload.len = <int>(p - text.s)
    if payload.len == 0:
        return False
    value.s = space_end(p, end)
    value.len = <int>(end - value.s)
    return value.len > 0 and value.s != p


cdef bint rtpmap(char *p, char *limit, sdp_info *sdp, sdp_stream *stream, char **end) noexcept nogil:
    """Is it a=rtpmap? The payload learns its codec."""
    cdef str_t payload, value
    cdef char *slash
    cdef sdp_payload *one
    cdef int i
    if not begins(p, limit, b"a=rtpmap:", 9) or not payload_value(p + 9, limit, &payload, &value):
        return False
    slash = <char *>memchr(value.s, b'/', value.len)
    if slash is NULL:
        return False
    end[0] = value.s + value.len
    for i in range(stream.n_payloads):
        one = &sdp.payloads[stream.first_payload + i]
        if one.id.len == payload.len and memcmp(one.id.s, payload.s, payload.len) == 0:
            one.codec.s = value.s
            one.codec.len = <int>(slash - value.s)
            break
    return True


cdef bint fmtp(char *p, char *limit, char **end) noexcept nogil:
    cdef str_t payload, value
    if not begins(p, limit, b"a=fmtp:", 7) or not payload_value(p + 7, limit, &payload, &value):
        return False
    end[0] = value.s + value.len
    return True


cdef bint field(char *p, char *limit, const char *word, int len, char **end) noexcept nogil:
    """Is it this attribute? Where its value ends."""
    cdef str_t value
    if not is_field(p, limit, word, len):
        return False
    end[0] = limit
    if p + len < limit:
        value = trimmed(p + len, limit)
        end[0] = value.s + value.len
    return True


cdef bint ice_options(char *p, char *limit, bint *trickle) noexcept nogil:
    """Is it a=ice-options? Ten of them are looked at."""
    cdef char *start
    cdef int n = 0
    if not begins(p, limit, b"a=ice-options:", 14):
        return False
    p += 14
    if p[0] == b' ':
        p += 1
    while p[0] != 0 and p[0] != b'\r' and p[0] != b'\n' and n < 10:
        start = p
        while p[0] != b' ' and p[0] != 0 and p[0] != b'\r' and p[0] != b'\n':
            p += 1
        if p - start == 7 and memcmp(start, b"trickle", 7) == 0:
            trickle[0] = True
        if p[0] == b' ':
            p += 1
        n += 1
    return True


cdef void attributes(sdp_info *sdp, sdp_stream *stream, bint *trickle) noexcept nogil:
    """The a= lines of a stream."""
    cdef char *limit = stream.raw.s + stream.raw.len
    cdef char *p = find_sdp_line(stream.raw.s, limit, b'a')
    cdef char *end
    while p is not NULL and p < limit:
        end = p + 2
        if stream.n_payloads and field(p, limit, b"a=ptime:", 8, &end):
            pass
        elif stream.n_payloads and sendrecv(p, limit, &stream.mode, &stream.on_hold):
            end = p + 10
        elif stream.n_payloads and rtpmap(p, limit, sdp, stream, &end):
            pass
        elif field(p, limit, b"a=rtcp:", 7, &end):
            pass
        elif stream.n_payloads and fmtp(p, limit, &end):
            pass
        elif stream.n_payloads and ice_options(p, limit, trickle):
            pass
        else:
            if not (field(p, limit, b"a=accept-types:", 15, &end)
                    or field(p, limit, b"a=accept-wrapped-types:", 23, &end)
                    or field(p, limit, b"a=max-size:", 11, &end)):
                field(p, limit, b"a=path:", 7, &end)
        p = first_line(end, limit, b'a', limit)


cdef bint is_hold_address(str_t *ip, int family) noexcept nogil:
    return family == AF_INET and ip.len == 7 and memcmp(ip.s, b"0.0.0.0", 7) == 0


cdef void *grown(void *items, int n, size_t size) noexcept nogil:
    """Room for one more, cleared; NULL: no memory, and the old ones are as they were."""
    cdef void *new = items
    if n & (n - 1) == 0:                        # at 0, 1, 2, 4... items
        new = realloc(items, size * (1 if n == 0 else 2 * n))
    if new is not NULL:
        memset(<char *>new + n * size, 0, size)
    return new


cdef sdp_stream *add_stream(sdp_info *sdp) noexcept nogil:
    cdef void *new = grown(sdp.streams, sdp.n_streams, sizeof(sdp_stream))
    if new is NULL:
        return NULL
    sdp.streams = <sdp_stream *>new
    sdp.n_streams += 1
    return &sdp.streams[sdp.n_streams - 1]


cdef int add_payloads(sdp_info *sdp, sdp_stream *stream) noexcept nogil:
    cdef char *p = stream.payloads.s
    cdef char *limit = p + stream.payloads.len
    cdef char *end
    cdef void *new
    stream.first_payload = sdp.n_payloads
    while p < limit:
        new = grown(sdp.payloads, sdp.n_payloads, sizeof(sdp_payload))
        if new is NULL:
            return -1
        sdp.payloads = <sdp_payload *>new
        end = token_end(p, limit)
        sdp.payloads[sdp.n_payloads].id.s = p
        sdp.payloads[sdp.n_payloads].id.len = <int>(end - p)
        sdp.n_payloads += 1
        stream.n_payloads += 1
        p = space_end(end, limit)
        if p == end:
            break
    return 0


cdef int parse_session(str_t *body, sdp_info *sdp) noexcept nogil:
    """One SDP: 0, -1 malformed."""
    cdef char *limit = body.s + body.len
    cdef char *v = find_sdp_line(body.s, limit, b'v')
    cdef char *o = NULL
    cdef char *m = NULL
    cdef char *c
    cdef char *a
    cdef char *next
    cdef void *new
    cdef sdp_session *session
    cdef sdp_stream *stream
    cdef str_t ignored
    cdef int family = AF_INET, ignored_family
    cdef bint common, trickle = False, offered
    if v is not NULL:
        o = find_sdp_line(v, limit, b'o')
    if o is not NULL:
        m = find_sdp_line(o, limit, b'm')
    if m is NULL:
        return -1
    new = grown(sdp.sessions, sdp.n_sessions, sizeof(sdp_session))
    if new is NULL:
        return -1
    sdp.sessions = <sdp_session *>new
    session = &sdp.sessions[sdp.n_sessions]
    sdp.n_sessions += 1
    if session_version(o, m, &session.version) < 0:
        return -1
    if media_address(o, limit, &ignored, &ignored_family) < 0:
        return -1
    c = find_sdp_line(o, m, b'c')
    common = c is not NULL
    if common and media_address(c, limit, &session.ip_addr, &session.family) < 0:
        return -1
    a = first_line(o, m, b'a', NULL)
    while a is not NULL and not sendrecv(a, m, &session.mode, &session.on_hold):
        a = find_next_sdp_line(a, m, b'a', NULL)
    while m is not NULL and m < limit:
        next = find_next_sdp_line(m, limit, b'm', limit)
        stream = add_stream(sdp)
        if stream is NULL:
            return -1
        stream.session = sdp.n_sessions - 1
        c = find_sdp_line(m, next, b'c')
        if c is NULL and not common:
            return -1
        if c is not NULL and media_address(c, limit, &stream.ip_addr, &family) < 0:
            return -1
        stream.family = family
        if media_line(m, next, stream) < 0 or add_payloads(sdp, stream) < 0:
            return -1
        stream.raw.s = m
        stream.raw.len = <int>(next - m)
        session.n_streams += 1
        offered = False
        attributes(sdp, stream, &offered)
        if not stream.on_hold:
            trickle = trickle or offered
            if is_hold_address(&stream.ip_addr, stream.family) or (
                stream.ip_addr.len == 0 and is_hold_address(&session.ip_addr, session.family)
            ):                                  # port 9 with ICE is not on hold (RFC 8840)
                if not (trickle and stream.port.len == 1 and stream.port.s[0] == b'9'):
                    stream.on_hold = RFC2543_HOLD
        m = next
    return 0


# --- the body --------------------------------------------------------------------------------------


cdef inline bint mime_char(char c) noexcept nogil:
    return (
        48 <= c <= 57 or 65 <= c <= 90 or 97 <= c <= 122 or c == b'-' or c == b'+' or c == b'.'
        or c == b'_' or c == b'!' or c == b'%' or c == b'*' or c == b"'" or c == b'`' or c == b'~'
    )


cdef char *mime_blank(char *p, char *end) noexcept nogil:
    while p < end and (p[0] == b' ' or p[0] == b'\t' or (
        p[0] == b'\n' and p + 1 < end and (p[1] == b' ' or p[1] == b'\t')
    )):
        p += 1
    return p


cdef int mime_type(char *p, char *end) noexcept nogil:
    """A media type with its parameters (decode_mime_type): MIME_*, -1 malformed or with a ``*``."""
    cdef char *kind
    cdef char *sub
    cdef int kind_len, sub_len
    kind = p = mime_blank(p, end)
    while p < end and mime_char(p[0]):
        p += 1
    kind_len = <int>(p - kind)
    if p == end or kind_len == 0 or kind[0] == b'*':
        return -1
    p = mime_blank(p, end)
    if p == end or p[0] != b'/':
        return -1
    sub = p = mime_blank(p + 1, end)
    while p < end and mime_char(p[0]):
        p += 1
    sub_len = <int>(p - sub)
    if sub_len == 0 or sub[0] == b'*':
        return -1
    p = mime_blank(p, end)
    if p < end and p[0] == b';':
        while p < end and p[0] != b',':
            p += 1
    if p != end:
        return -1
    if str_caseeq(kind, kind_len, b"application", 11) and str_caseeq(sub, sub_len, b"sdp", 3):
        return MIME_SDP
    if str_caseeq(kind, kind_len, b"multipart", 9) and str_caseeq(sub, sub_len, b"mixed", 5):
        return MIME_MIXED
    return MIME_OTHER


cdef int content_mime(sip_msg *m) noexcept nogil:
    cdef hdr_field *h = get_hdr(m, HDR_CONTENTTYPE)
    if h is NULL:
        return 0
    return mime_type(m.buf + h.body_off, m.buf + h.body_off + h.body_len)


cdef int boundary(char *p, char *end, str_t *out) noexcept nogil:
    """The boundary, which must be the first parameter and the last: 0, -1."""
    p = <char *>memchr(p, b';', end - p)
    if p is NULL:
        return -1
    p = space_end(p + 1, end)
    if not begins(p, end, b"boundary", 8):
        return -1
    p = space_end(p + 8, end)
    if p >= end or p[0] != b'=':
        return -1
    p += 1
    while (p[0] == b' ' or p[0] == b'\t') and p + 1 < end:
        p += 1
    out.s = p
    out.len = <int>(end - p)
    if out.len and (p[0] == b'"' or p[0] == b"'"):
        if (end - 1)[0] != p[0] or out.len <= 2:
            return -1
        out.s += 1
        out.len -= 2
    return 0


cdef char *find_delimiter(char *p, char *limit, str_t *mark) noexcept nogil:
    cdef char *found
    while p < limit:
        found = memmem2(p, limit, b'-', b'-')
        if found is NULL or found + 2 + mark.len >= limit:
            return NULL
        p = found + 2 + mark.len
        if memcmp(found + 2, mark.s, mark.len) == 0 and after_line(found):
            return found
    return NULL


cdef inline bint name_char(char c) noexcept nogil:
    return (
        48 <= c <= 57 or 65 <= c <= 90 or 97 <= c <= 122 or c == b'-' or c == b'.' or c == b'_'
        or c == b'+' or c == b'~'
    )


cdef char *part_header(char *p, char *end, int *type, str_t *value) noexcept nogil:
    """A header of a part: where the next one starts, NULL: malformed."""
    cdef char *start = p
    cdef char *lf
    while p < end and name_char(p[0]):
        p += 1
    if p == start:
        return NULL
    type[0] = hdr_type(start, <int>(p - start))
    p = space_end(p, end)
    if p == end or p[0] != b':':
        return NULL
    p += 1
    while p < end:
        if p[0] == b' ' or p[0] == b'\t':
            p += 1
        elif p[0] == b'\n' and p + 1 < end and (p[1] == b' ' or p[1] == b'\t'):
            p += 2
        elif (p[0] == b'\r' and p + 2 < end and p[1] == b'\n'
              and (p[2] == b' ' or p[2] == b'\t')):
            p += 3
        else:
            break
    if p == end:
        return NULL
    value.s = p
    while True:
        lf = <char *>memchr(p, b'\n', end - p)
        if lf is NULL:
            return NULL
        p = lf + 1
        if p == end or (p[0] != b' ' and p[0] != b'\t'):
            break
    value.len = <int>(p - value.s)
    while value.len and (value.s[value.len - 1] == b'\r' or value.s[value.len - 1] == b'\n'
                         or value.s[value.len - 1] == 0):
        value.len -= 1
    return p


cdef int parse_mixed(str_t *body, str_t *mark, sdp_info *sdp) noexcept nogil:
    """Every part of type application/sdp: 0, -1 malformed."""
    cdef char *limit = body.s + body.len
    cdef char *p = find_delimiter(body.s, limit, mark)
    cdef char *end
    cdef char *rest
    cdef int type, mime
    cdef bint is_sdp
    cdef str_t value
    if p is NULL:
        return -1
    while p < limit:
        if limit - p < 3:
            end = limit
        else:
            end = find_delimiter(p + 2, limit, mark)
            if end is NULL:
                end = limit
        if end - p < mark.len + 2:
            return -1
        rest = line_end(p + mark.len + 2, end)
        is_sdp = False
        while rest < end and rest[0] != b'\n' and rest[0] != b'\r':
            rest = part_header(rest, end, &type, &value)
            if rest is NULL:
                return -1
            if type == HDR_CONTENTTYPE:
                mime = mime_type(value.s, value.s + value.len)
                if mime < 0:
                    return -1
                is_sdp = is_sdp or mime == MIME_SDP
        if is_sdp:
            while rest[0] == b'\n' or rest[0] == b'\r' or rest[0] == b'\t' or rest[0] == b' ':
                rest += 1
            sdp.raw.s = rest
            sdp.raw.len = <int>(end - rest)
            if parse_session(&sdp.raw, sdp) < 0:
                return -1
        p = end
    return 0


cdef int sdp_parse(sip_msg *m, sdp_info *out) noexcept nogil:
    cdef str_t body, mark
    cdef hdr_field *h
    cdef int mime, state
    memset(out, 0, sizeof(sdp_info))
    if not m.headers_done and parse_headers(m, HDR_EOH_F) < 0:
        return SDP_BAD
    if m.body_off == 0:
        return SDP_BAD
    body.s = m.buf + m.body_off
    body.len = <int>(m.len - m.body_off)
    if body.len == 0:
        return SDP_NONE
    mime = content_mime(m)
    if mime == MIME_SDP:
        out.raw = body
        state = parse_session(&body, out)
    elif mime == MIME_MIXED:
        h = get_hdr(m, HDR_CONTENTTYPE)
        if boundary(m.buf + h.body_off, m.buf + h.body_off + h.body_len, &mark) < 0:
            return SDP_BAD
        state = parse_mixed(&body, &mark, out)
    else:
        return SDP_BAD
    if state == SDP_OK:
        m.msg_flags |= FL_SDP_PARSED
    return state


cdef void sdp_free(sdp_info *sdp) noexcept nogil:
    free(sdp.sessions)
    free(sdp.streams)
    free(sdp.payloads)


def audio_on_hold(SipMsg msg) -> int:
    """How the first audio stream that is on hold is held: 1 by address 0.0.0.0 (RFC 2543), 2 by
    RFC 3264; -1 none is."""
    cdef sdp_info sdp
    cdef sdp_stream *stream
    cdef int i, held = -1
    if sdp_parse(msg.ptr(), &sdp) == SDP_OK:
        for i in range(sdp.n_streams):
            stream = &sdp.streams[i]
            if str_eq(stream.media.s, stream.media.len, b"audio", 5):
                if stream.on_hold:
                    held = stream.on_hold
                    break
                if sdp.sessions[stream.session].on_hold:
                    held = sdp.sessions[stream.session].on_hold
                    break
    sdp_free(&sdp)
    return held
