"""Scanners of Via, name-addr, CSeq and Content-Length values (parse_via.c, parse_addr_spec.c).

Every read is below ``end``. What Kamailio refuses is refused, what it lets through goes through.
"""

from libc.stdint cimport uint32_t
from libc.string cimport memchr, memset
from runtime.native.cstr cimport span_t, str_caseeq
from runtime.native.msg cimport (
    METHOD_ACK, METHOD_BYE, METHOD_CANCEL, METHOD_DELETE, METHOD_GET, METHOD_INFO, METHOD_INVITE,
    METHOD_KDMQ, METHOD_MESSAGE, METHOD_NOTIFY, METHOD_OPTIONS, METHOD_OTHER, METHOD_POST,
    METHOD_PRACK, METHOD_PUBLISH, METHOD_PUT, METHOD_REFER, METHOD_REGISTER, METHOD_SUBSCRIBE,
    METHOD_UPDATE, cseq_body, to_body, via_body,
)
from runtime.native.net cimport (
    PROTO_NONE, PROTO_SCTP, PROTO_TCP, PROTO_TLS, PROTO_UDP, PROTO_WS, PROTO_WSS,
)

cdef enum:                  # what stands after white space
    TEXT = 0                # a character of the value
    EOH = 1                 # the header ended, *p is at the next line
    LAST = 2                # it ended and so did the buffer
    CUT = 3                 # the buffer ended before the line did


cdef inline int line_end(const char *buf, uint32_t *p, uint32_t end) noexcept nogil:
    """At CR or LF: past it. TEXT means folded, *p is at the white space of the next line."""
    if buf[p[0]] == b'\r' and p[0] + 1 < end and buf[p[0] + 1] == b'\n':
        p[0] += 2
    else:
        p[0] += 1
    if p[0] >= end:
        return LAST
    return TEXT if buf[p[0]] == b' ' or buf[p[0]] == b'\t' else EOH


cdef inline int skip_lws(const char *buf, uint32_t *p, uint32_t end) noexcept nogil:
    """Skip blanks and folds."""
    cdef int r
    while p[0] < end:
        if buf[p[0]] == b' ' or buf[p[0]] == b'\t':
            p[0] += 1
        elif buf[p[0]] == b'\r' or buf[p[0]] == b'\n':
            r = line_end(buf, p, end)
            if r != TEXT:
                return r
        else:
            return TEXT
    return CUT


cdef inline bint is_lws(char c) noexcept nogil:
    return c == b' ' or c == b'\t' or c == b'\r' or c == b'\n'


cdef inline span_t span(uint32_t start, uint32_t end) noexcept nogil:
    cdef span_t s
    s.off = start
    s.len = end - start
    return s


cdef inline int proto_of(const char *s, int len) noexcept nogil:
    if len == 3:
        if str_caseeq(s, 3, b"udp", 3):
            return PROTO_UDP
        if str_caseeq(s, 3, b"tcp", 3):
            return PROTO_TCP
        if str_caseeq(s, 3, b"tls", 3):
            return PROTO_TLS
        if str_caseeq(s, 3, b"wss", 3):
            return PROTO_WSS
    elif len == 4 and str_caseeq(s, 4, b"sctp", 4):
        return PROTO_SCTP
    elif len == 2 and str_caseeq(s, 2, b"ws", 2):
        return PROTO_WS
    return PROTO_NONE


cdef inline int literal(const char *buf, uint32_t *p, uint32_t end, const char *word, int n) noexcept nogil:
    """Blanks, then `word` without regard to case; 0 or -1."""
    if skip_lws(buf, p, end) != TEXT or end - p[0] < <uint32_t>n:
        return -1
    if not str_caseeq(buf + p[0], n, word, n):
        return -1
    p[0] += n
    return 0


cdef inline int via_start(const char *buf, uint32_t *p, uint32_t end, via_body *out) noexcept nogil:
    """sent-protocol (RFC 3261 s. 25.1) up to the blank after the transport."""
    cdef uint32_t start
    if literal(buf, p, end, b"SIP", 3) < 0 or literal(buf, p, end, b"/", 1) < 0:
        return -1
    if literal(buf, p, end, b"2.0", 3) < 0:
        return -1
    out.version = span(p[0] - 3, p[0])
    if literal(buf, p, end, b"/", 1) < 0 or skip_lws(buf, p, end) != TEXT:
        return -1
    start = p[0]
    if memchr(b"IiPpDdCcLl2.0", buf[start], 13) is not NULL:
        return -1                               # letters that the state machine there wants later
    while p[0] < end and not is_lws(buf[p[0]]):
        if buf[p[0]] == b'/':
            return -1
        p[0] += 1
    if p[0] >= end or p[0] == start:
        return -1
    out.transport = span(start, p[0])
    out.proto = proto_of(buf + start, p[0] - start)
    return 0


cdef inline int via_host(const char *buf, uint32_t *p, uint32_t end, via_body *out) noexcept nogil:
    """sent-by's host; *p is after it."""
    cdef uint32_t start = p[0]
    cdef char c
    if buf[start] == b'[':
        p[0] += 1
        while p[0] < end and buf[p[0]] != b']':
            c = buf[p[0]]
            if is_lws(c) or c == 0 or c == b';' or c == b',' or c == b'(' or c == b'[':
                return -1
            p[0] += 1
        if p[0] >= end or p[0] == start + 1:
            return -1
        p[0] += 1
    else:
        while p[0] < end:
            c = buf[p[0]]
            if is_lws(c) or c == b':' or c == b';' or c == b',' or c == b'(':
                break
            if c == b'[' or c == b']' or c == b')' or c == 0:
                return -1
            p[0] += 1
        if p[0] == start:
            return -1
    out.host = span(start, p[0])
    return 0


cdef inline int via_port(const char *buf, uint32_t *p, uint32_t end, via_body *out) noexcept nogil:
    """After the colon: digits."""
    cdef uint32_t start, port = 0
    if skip_lws(buf, p, end) != TEXT:
        return -1
    start = p[0]
    while p[0] < end and 48 <= buf[p[0]] <= 57:
        port = port * 10 + (buf[p[0]] - 48)
        p[0] += 1
    if p[0] == start or p[0] - start > 5:
        return -1
    out.port_str = span(start, p[0])
    out.port = <unsigned short>port             # 16 bits of up to five digits, as str2s has it
    return 0


cdef enum:
    P_GEN = 0
    P_BRANCH = 1
    P_RECEIVED = 2
    P_RPORT = 3
    P_I = 4
    P_FLAG = 5              # alias, hidden: no value allowed
    P_VALUED = 6            # ttl, maddr


cdef inline int via_param_kind(const char *s, int len) noexcept nogil:
    """What it is. The beginnings of ``alias`` are what 5.6.3 takes them for: its states have the
    numbers of others."""
    if len < 5 and str_caseeq(s, len, b"alia", len):
        return P_FLAG if len == 1 else P_BRANCH if len == 3 else P_VALUED
    if len == 6:
        if str_caseeq(s, len, b"branch", 6):
            return P_BRANCH
        if str_caseeq(s, len, b"hidden", 6):
            return P_FLAG
    elif len == 5:
        if str_caseeq(s, len, b"rport", 5):
            return P_RPORT
        if str_caseeq(s, len, b"alias", 5):
            return P_FLAG
        if str_caseeq(s, len, b"maddr", 5):
            return P_VALUED
    elif len == 8:
        if str_caseeq(s, len, b"received", 8):
            return P_RECEIVED
    elif len == 3:
        if str_caseeq(s, len, b"ttl", 3):
            return P_VALUED
    elif len == 1 and (s[0] == b'i' or s[0] == b'I'):
        return P_I
    return P_GEN


cdef int via_param(const char *buf, uint32_t *p, uint32_t end, via_body *out) noexcept nogil:
    """One parameter; *p is after its ';' and left at what follows its value. 0, or -1."""
    cdef uint32_t semi = p[0] - 1, start, stop, vstart = 0, vlen = 0
    cdef uint32_t q
    cdef int kind, state
    cdef char c
    if skip_lws(buf, p, end) != TEXT:
        return -1
    start = p[0]
    c = buf[start]
    if c == b'=' or c == b';' or c == b',' or c == b':' or c == b'(' or c == b')' or c == b'[' or c == b']' or c == 0:
        return -1
    while p[0] < end:
        c = buf[p[0]]
        if is_lws(c) or c == b'=' or c == b';' or c == b',':
            break
        p[0] += 1
    stop = p[0]
    if stop >= end:
        return -1
    kind = via_param_kind(buf + start, stop - start)
    if kind == P_FLAG:
        if buf[stop] == b'=':
            return -1
    else:
        q = stop
        state = skip_lws(buf, &q, end)
        if state == TEXT and buf[q] == b'=':
            q += 1
            stop = q
            state = skip_lws(buf, &q, end)
            if state != TEXT:
                if kind != P_GEN and kind != P_RPORT or state == CUT:
                    return -1
                while stop < end and (buf[stop] == b' ' or buf[stop] == b'\t'):
                    stop += 1
                vstart = stop
            elif buf[q] == b'"':
                vstart = q + 1
                q += 1
                while q < end and buf[q] != b'"':
                    if buf[q] == 0 or buf[q] == b',':
                        return -1
                    q += 1
                if q >= end:
                    return -1
                vlen = q - vstart
                q += 1
                stop = q
            elif buf[q] == b';':
                vstart = q
                stop = q
            elif buf[q] == b',' or buf[q] == b'=':
                return -1
            else:
                vstart = q
                while q < end:
                    c = buf[q]
                    if is_lws(c) or c == b';' or c == b',':
                        break
                    if c == b'=' or c == b'"' or c == 0:
                        return -1
                    q += 1
                if q >= end:
                    return -1
                vlen = q - vstart
                stop = q
        elif state == TEXT and buf[q] == b';':
            if stop == q and kind != P_GEN and kind != P_RPORT:
                return -1
            stop = q
        elif state == TEXT and buf[q] == b',':
            if kind != P_GEN and kind != P_RPORT or kind == P_GEN and stop != q:
                return -1
            stop = q
        elif state == TEXT or state == CUT:
            return -1
        elif kind != P_GEN and kind != P_RPORT:
            return -1
        else:
            while stop < end and (buf[stop] == b' ' or buf[stop] == b'\t'):
                stop += 1
        p[0] = stop
    if out.params.off == 0:
        out.params.off = semi
    out.params.len = stop - out.params.off
    if kind == P_BRANCH:
        out.branch = span(vstart, vstart + vlen)
    elif kind == P_RECEIVED:
        out.received = span(vstart, vstart + vlen)
        out.received_param = span(semi, stop)
    elif kind == P_RPORT:
        out.rport = span(vstart if vlen else stop, (vstart if vlen else stop) + vlen)
        out.rport_param = span(semi, stop)
    elif kind == P_I:
        out.ival = span(vstart, vstart + vlen)
    elif kind == P_FLAG and str_caseeq(buf + start, stop - start, b"alias", 5):
        out.alias = span(start, stop)
    return 0


cdef inline int via_comment(const char *buf, uint32_t *p, uint32_t end) noexcept nogil:
    cdef int nest = 0
    while p[0] < end and buf[p[0]] != 0:
        if buf[p[0]] == b'(':
            nest += 1
        elif buf[p[0]] == b')':
            nest -= 1
            if nest == 0:
                p[0] += 1
                return 0
        elif buf[p[0]] == b'\r' or buf[p[0]] == b'\n':
            if line_end(buf, p, end) != TEXT:
                return -1
            continue
        p[0] += 1
    return -1


cdef uint32_t via_scan(const char *buf, uint32_t off, uint32_t end, via_body *out, int *more) noexcept nogil:
    cdef uint32_t p = off
    cdef int state
    cdef bint port_ok = True, param_ok = True, comment_ok = True
    memset(out, 0, sizeof(via_body))
    out.valid = 2
    more[0] = 0
    if via_start(buf, &p, end, out) < 0 or skip_lws(buf, &p, end) != TEXT:
        return 0
    out.whole.off = out.version.off
    if via_host(buf, &p, end, out) < 0:
        return 0
    while True:
        state = skip_lws(buf, &p, end)
        if state == EOH:
            break
        if state != TEXT:
            return 0
        if buf[p] == b':' and port_ok:
            p += 1
            if via_port(buf, &p, end, out) < 0:
                return 0
            port_ok = False
        elif buf[p] == b';' and param_ok:
            port_ok = False
            p += 1
            if via_param(buf, &p, end, out) < 0:
                return 0
        elif buf[p] == b'(' and comment_ok:
            port_ok = param_ok = comment_ok = False
            if via_comment(buf, &p, end) < 0:
                return 0
        elif buf[p] == b',':
            while True:
                p += 1
                if skip_lws(buf, &p, end) != TEXT or buf[p] == 0:
                    return 0
                if buf[p] != b',':
                    break
            more[0] = 1
            break
        else:
            return 0
    out.whole = span(off, p)
    out.valid = 1
    if out.branch.len > 7 and str_caseeq(buf + out.branch.off, 7, b"z9hG4bK", 7):
        out.tid = out.branch
        while out.tid.len > 7 and buf[out.tid.off + out.tid.len - 1] != b'.':
            out.tid.len -= 1
        if out.tid.len > 8:
            out.tid.len -= 1
        else:
            out.tid = out.branch
    return p


cdef uint32_t params_scan(const char *buf, uint32_t p, uint32_t end, bint comma, to_body *out, int *more) noexcept nogil:
    """Parameters of a name-addr; p is at the first ';'."""
    cdef uint32_t start, stop, vstart
    cdef int state = TEXT
    cdef bint tag
    cdef char c
    out.params.off = p
    while True:
        p += 1                                  # the ';'
        if skip_lws(buf, &p, end) != TEXT:
            return 0
        start = p
        while p < end:
            c = buf[p]
            if is_lws(c) or c == b'=' or c == b';' or c == b',' or c == 0:
                break
            if c == b'\\' or c == b'"':
                return 0
            p += 1
        stop = p
        if stop == start:
            return 0
        tag = stop - start == 3 and str_caseeq(buf + start, 3, b"tag", 3)
        state = skip_lws(buf, &p, end)
        if state == TEXT and buf[p] == b'=':
            p += 1
            state = skip_lws(buf, &p, end)
            while state == TEXT and buf[p] == b',' and tag and not comma:
                p += 1
                state = skip_lws(buf, &p, end)
            if state == TEXT and buf[p] == b'"':
                p += 1
                vstart = p
                while p < end and buf[p] != b'"':
                    if buf[p] == b'\\' or buf[p] == b'\r' or buf[p] == b'\n' or buf[p] == 0:
                        return 0
                    p += 1
                if p >= end:
                    return 0
                stop = p + 1
                if tag:
                    out.tag = span(vstart, p)
                p += 1
            elif state == TEXT and buf[p] != b'=':
                vstart = p
                while p < end:
                    c = buf[p]
                    if is_lws(c) or c == b';' or c == 0 or (c == b',' and (comma or not tag)):
                        break
                    if c == b'=' or c == b'"' or c == b'\\':
                        return 0
                    p += 1
                stop = p
                if tag:
                    out.tag = span(vstart, p)
            elif state == TEXT:
                return 0
            else:
                stop += 1
            if state == TEXT:
                state = skip_lws(buf, &p, end)
        out.params.len = stop - out.params.off
        if state != TEXT:
            return p
        if buf[p] == b';':
            continue
        if buf[p] == b',' and comma:
            more[0] = 1
            return p + 1
        if buf[p] == 0:
            return p
        return 0


cdef int token_scan(const char *buf, uint32_t *pos, uint32_t end, bint comma, to_body *out) noexcept nogil:
    """addr-spec, or the tokens of a display name before '<'. TEXT, EOH... with *pos after it."""
    cdef uint32_t p = pos[0], start = pos[0], stop = pos[0]
    cdef bint words = False
    cdef int state
    cdef char c
    while True:
        while p < end:
            c = buf[p]
            if is_lws(c) or c == b'<' or c == b';' or c == 0 or (c == b',' and comma):
                break
            if c == b'>' or c == b'"' or c == b'\\':
                return -1
            p += 1
        stop = p
        state = skip_lws(buf, &p, end)
        if state == TEXT:
            c = buf[p]
            if c == b'<':
                out.display = span(start, stop)
                break
            if c != b';' and c != 0 and not (c == b',' and comma):
                words = True
                continue
        if words:
            return -1
        out.uri = span(start, stop)
        break
    pos[0] = p
    return state


cdef uint32_t nameaddr_scan(const char *buf, uint32_t off, uint32_t end, bint comma, to_body *out, int *more) noexcept nogil:
    cdef uint32_t p = off, start, stop = off
    cdef int state
    memset(out, 0, sizeof(to_body))
    out.valid = 2
    more[0] = 0
    while p < end and (buf[p] == b' ' or buf[p] == b'\t'):
        p += 1
    if p >= end:
        return 0
    out.body.off = p
    if buf[p] == b'"':
        start = p
        p += 1
        while p < end and buf[p] != b'"':
            if buf[p] == b'\\':
                p += 1
            elif buf[p] == b'\r' or buf[p] == b'\n' or buf[p] == 0:
                return 0
            p += 1
        if p >= end:
            return 0
        p += 1
        out.display = span(start, p)
        state = skip_lws(buf, &p, end)
        if state != TEXT or buf[p] != b'<':
            return 0
    elif is_lws(buf[p]) or buf[p] == b';' or buf[p] == b'>' or buf[p] == b'\\' or buf[p] == 0:
        return 0
    elif buf[p] == b',' and comma:
        return 0
    elif buf[p] != b'<':
        state = token_scan(buf, &p, end, comma, out)
        if state < 0:
            return 0
        stop = out.uri.off + out.uri.len
    else:
        state = TEXT
    if state == TEXT and buf[p] == b'<' and out.uri.off == 0:
        p += 1
        while p < end and (buf[p] == b' ' or buf[p] == b'\t'):
            p += 1
        start = p
        while p < end and buf[p] != b'>':
            if is_lws(buf[p]):
                break
            if buf[p] == b'<' or buf[p] == b'"' or buf[p] == b'\\' or buf[p] == 0:
                return 0
            if p == start and (buf[p] == b';' or (buf[p] == b',' and comma)):
                return 0
            p += 1
        out.uri = span(start, p)
        while p < end and (buf[p] == b' ' or buf[p] == b'\t'):
            p += 1
        if p >= end or buf[p] != b'>' or out.uri.len == 0:
            return 0
        p += 1
        stop = p
        state = skip_lws(buf, &p, end)
    if state == TEXT and buf[p] == b';':
        p = params_scan(buf, p, end, comma, out, more)
        if p == 0:
            return 0
        stop = out.params.off + out.params.len
    elif state == TEXT and buf[p] == b',' and comma:
        more[0] = 1
        p += 1
    elif state == TEXT and buf[p] != 0:
        return 0
    out.body.len = stop - out.body.off
    out.valid = 1
    return p


cdef uint32_t cseq_scan(const char *buf, uint32_t off, uint32_t end, cseq_body *out) noexcept nogil:
    cdef uint32_t p = off, start
    memset(out, 0, sizeof(cseq_body))
    out.valid = 2
    while p < end and not is_lws(buf[p]):
        p += 1
    if p >= end:
        return 0
    out.number = span(off, p)
    while p < end and (buf[p] == b' ' or buf[p] == b'\t'):
        p += 1
    start = p
    while p < end and not is_lws(buf[p]):
        p += 1
    if p >= end or p == start:
        return 0
    out.method = span(start, p)
    out.method_id = method_id(buf + start, p - start)
    while p < end:
        if buf[p] == b' ' or buf[p] == b'\t':
            p += 1
        elif buf[p] == b'\n' and p + 1 < end and (buf[p + 1] == b' ' or buf[p + 1] == b'\t'):
            p += 2
        elif (buf[p] == b'\r' and p + 2 < end and buf[p + 1] == b'\n'
              and (buf[p + 2] == b' ' or buf[p + 2] == b'\t')):
            p += 3
        else:
            break
    if p < end and buf[p] == b'\n':
        p += 1
    elif p + 1 < end and buf[p] == b'\r' and buf[p + 1] == b'\n':
        p += 2
    else:
        return 0
    out.valid = 1
    return p


cdef uint32_t number_line_scan(const char *buf, uint32_t off, uint32_t end, int *number) noexcept nogil:
    """Content-Length: digits and white space to the end of the header (parse_content.c)."""
    cdef uint32_t p = off, start
    cdef int n = 0
    while p < end and (buf[p] == b' ' or buf[p] == b'\t'):
        p += 1
    start = p
    while p < end and 48 <= buf[p] <= 57:
        if n >= 2147483647 // 10:
            return 0
        n = n * 10 + (buf[p] - 48)
        p += 1
    if p == start or p >= end:
        return 0
    number[0] = n
    while True:
        while p < end and (buf[p] == b' ' or buf[p] == b'\t'):
            p += 1
        if p >= end:
            return 0
        if buf[p] == b'\n':
            p += 1
        elif p + 1 < end and buf[p] == b'\r' and buf[p + 1] == b'\n':
            p += 2
        else:
            return 0
        if p >= end or (buf[p] != b' ' and buf[p] != b'\t'):
            return p


cdef uint32_t line_scan(const char *buf, uint32_t off, uint32_t end) noexcept nogil:
    cdef uint32_t p = off
    cdef const char *lf
    while p < end:
        lf = <const char *>memchr(buf + p, b'\n', end - p)
        if lf is NULL:
            return 0
        p = <uint32_t>(lf - buf) + 1
        if p >= end or (buf[p] != b' ' and buf[p] != b'\t'):
            return p
    return 0


cdef uint32_t method_id(const char *s, int len) noexcept nogil:
    if len == 3:
        if str_caseeq(s, 3, b"ACK", 3): return METHOD_ACK
        if str_caseeq(s, 3, b"BYE", 3): return METHOD_BYE
        if str_caseeq(s, 3, b"GET", 3): return METHOD_GET
        if str_caseeq(s, 3, b"PUT", 3): return METHOD_PUT
    elif len == 4:
        if str_caseeq(s, 4, b"INFO", 4): return METHOD_INFO
        if str_caseeq(s, 4, b"KDMQ", 4): return METHOD_KDMQ
        if str_caseeq(s, 4, b"POST", 4): return METHOD_POST
    elif len == 5:
        if str_caseeq(s, 5, b"PRACK", 5): return METHOD_PRACK
        if str_caseeq(s, 5, b"REFER", 5): return METHOD_REFER
    elif len == 6:
        if str_caseeq(s, 6, b"INVITE", 6): return METHOD_INVITE
        if str_caseeq(s, 6, b"CANCEL", 6): return METHOD_CANCEL
        if str_caseeq(s, 6, b"NOTIFY", 6): return METHOD_NOTIFY
        if str_caseeq(s, 6, b"UPDATE", 6): return METHOD_UPDATE
        if str_caseeq(s, 6, b"DELETE", 6): return METHOD_DELETE
    elif len == 7:
        if str_caseeq(s, 7, b"OPTIONS", 7): return METHOD_OPTIONS
        if str_caseeq(s, 7, b"MESSAGE", 7): return METHOD_MESSAGE
        if str_caseeq(s, 7, b"PUBLISH", 7): return METHOD_PUBLISH
    elif len == 8:
        if str_caseeq(s, 8, b"REGISTER", 8): return METHOD_REGISTER
    elif len == 9:
        if str_caseeq(s, 9, b"SUBSCRIBE", 9): return METHOD_SUBSCRIBE
    return METHOD_OTHER
