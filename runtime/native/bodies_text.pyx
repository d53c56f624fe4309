"""Bodies of headers that have a form of their own: Date, Identity, Identity-Info, media types,
Content-Disposition (core/parser/parse_*.c). As in `bodies`.
"""

from libc.stdint cimport uint32_t
from libc.stdlib cimport free, malloc
from libc.string cimport memchr, memcmp, memset
from runtime.native.cstr cimport lower, str_t
from runtime.native.words cimport alnum, digit, folded_eq, skip_space, space, starts, step, text


# Date

cdef int one_of(const char *s, const char *names, int count) noexcept nogil:
    """Which of these names of four octets, -1."""
    cdef int i
    for i in range(count):
        if memcmp(s, names + 4 * i, 4) == 0:
            return i
    return -1


cdef inline int two(const char *s) noexcept nogil:
    return (s[0] - 48) * 10 + s[1] - 48 if digit(s[0]) and digit(s[1]) else -1


cdef int body_date(const char *s, int len, date_t *out) noexcept nogil:
    cdef int century
    if len < 29:
        return -1
    out.wday = one_of(s, b"Sun,Mon,Tue,Wed,Thu,Fri,Sat,", 7)
    out.mday = two(s + 5)
    out.mon = one_of(s + 8, b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec ", 12)
    century = two(s + 12)
    out.year = two(s + 14)
    out.hour = two(s + 17)
    out.min = two(s + 20)
    out.sec = two(s + 23)
    if out.wday < 0 or out.mon < 0 or century < 0 or out.year < 0:
        return -1
    out.year += (century - 19) * 100
    if s[4] != b' ' or s[7] != b' ' or s[16] != b' ' or s[19] != b':' or s[22] != b':':
        return -1
    if not 0 <= out.mday <= 31 or not 0 <= out.hour <= 23:
        return -1
    if not 0 <= out.min <= 59 or not 0 <= out.sec <= 59:
        return -1
    return 0 if folded_eq(s + 25, b" gmt", 4) else -1


# Identity, Identity-Info

cdef int body_identity(const char *s, int len, char *out) noexcept nogil:
    cdef int i = 1 if len and s[0] == b'"' else 0
    cdef int n = 0, after
    while i < len:
        if alnum(s[i]) or s[i] == b'+' or s[i] == b'/' or s[i] == b'=':
            out[n] = s[i]
            n += 1
            i += 1
            continue
        after = i + 2 if s[i] == b'\r' and i + 1 < len and s[i + 1] == b'\n' else i + 1
        if (s[i] == b'\r' and after == i + 2 or s[i] == b'\n') and after < len and (
            s[after] == b' ' or s[after] == b'\t'
        ):
            i = after
            while i < len and (s[i] == b' ' or s[i] == b'\t'):
                i += 1
            continue
        return n if s[i] == b'"' else -1
    return n


cdef int body_identity_info(const char *s, int len, identity_info_t *out) noexcept nogil:
    """``<http(s)://host/...>``, with a path, and perhaps ``;alg=token``."""
    cdef str_t t = text(s, len)
    cdef int n
    memset(out, 0, sizeof(identity_info_t))
    if not starts(&t, b"<http", 5):
        return -1
    step(&t, 1)
    out.uri.s = t.s
    step(&t, 4)
    if t.len and lower(t.s[0]) == b's':
        step(&t, 1)
    if t.len < 4 or memcmp(t.s, b"://", 3) != 0:
        return -1
    step(&t, 3)
    n = 0
    if t.s[0] == b'[':
        step(&t, 1)
        while n < t.len and (alnum(t.s[n]) or t.s[n] == b'.' or t.s[n] == b':' or t.s[n] == b'-'):
            n += 1
        if n == t.len or t.s[n] != b']':
            return -1
        out.domain = text(t.s, n)
        step(&t, n + 1)
    else:
        while n < t.len and (alnum(t.s[n]) or t.s[n] == b'.' or t.s[n] == b'-'):
            n += 1
        if n == 0 or n == t.len or (t.s[n] != b'/' and t.s[n] != b':'):
            return -1
        out.domain = text(t.s, n)
        step(&t, n + 1)
    while t.len and t.s[0] != b'>':
        if space(t.s[0]) or t.s[0] == b'<' or t.s[0] == b';' or t.s[0] == b'[':
            return -1
        step(&t, 1)
    if t.len == 0:
        return -1
    out.uri.len = <int>(t.s - out.uri.s)
    step(&t, 1)
    skip_space(&t)
    if t.len == 0:
        return 0
    if t.s[0] != b';':
        return -1
    step(&t, 1)
    skip_space(&t)
    if t.len == 0:
        return 0
    if not starts(&t, b"alg", 3):
        return -1
    step(&t, 3)
    skip_space(&t)
    if t.len == 0:
        return 0
    if t.s[0] != b'=':
        return -1
    step(&t, 1)
    skip_space(&t)
    n = 0
    while n < t.len and not space(t.s[n]) and t.s[n] != b';' and t.s[n] != b'<' and t.s[n] != b'>':
        n += 1
    if n < t.len and not space(t.s[n]):
        return -1
    if n:
        out.alg = text(t.s, n)
    return 0


# Media types

cdef struct mime_name:
    const char *name
    int id

cdef mime_name[5] types = [
    mime_name(b"text", 1), mime_name(b"message", 2), mime_name(b"application", 3),
    mime_name(b"multipart", 4), mime_name(NULL, TYPE_UNKNOWN),
]
cdef mime_name[16] subtypes = [
    mime_name(b"plain", 1), mime_name(b"cpim", 2), mime_name(b"sdp", 3), mime_name(b"cpl+xml", 4),
    mime_name(b"pidf+xml", 5), mime_name(b"rlmi+xml", 6), mime_name(b"related", 7),
    mime_name(b"lpidf+xml", 8), mime_name(b"xpidf+xml", 9), mime_name(b"watcherinfo+xml", 10),
    mime_name(b"external-body", 11), mime_name(b"xml+msrtc.pidf", 12),
    mime_name(b"cpim-pidf+xml", 13), mime_name(b"mixed", 14), mime_name(b"isup", 15),
    mime_name(NULL, SUBTYPE_UNKNOWN),
]


cdef int mime_id(mime_name *table, const char *s, int len) noexcept nogil:
    cdef int i = 0, n
    while table[i].name is not NULL:
        n = 0
        while n < len and table[i].name[n] and lower(s[n]) == table[i].name[n]:
            n += 1
        if n == len and table[i].name[n] == 0:
            break
        i += 1
    return table[i].id


cdef inline bint mime_char(char c) noexcept nogil:
    return alnum(c) or c != 0 and memchr(b"-+._!%*'`~", c, 10) is not NULL


cdef inline void mime_space(str_t *s) noexcept nogil:
    """Blanks and folds by LF alone: one by CR LF breaks the type, as there."""
    while s.len and (s.s[0] == b' ' or s.s[0] == b'\t' or (
        s.s[0] == b'\n' and s.len > 1 and (s.s[1] == b' ' or s.s[1] == b'\t')
    )):
        step(s, 1)


cdef int mime_part(str_t *s, mime_name *table, int all, int *id) noexcept nogil:
    cdef int n = 0
    mime_space(s)
    if s.len == 0:
        return -1
    if s.s[0] == b'*':
        id[0] = all
        step(s, 1)
        return 0
    while n < s.len and mime_char(s.s[n]):
        n += 1
    if n == 0:
        return -1
    id[0] = mime_id(table, s.s, n)
    step(s, n)
    return 0


cdef int body_mime(const char *s, int len, uint32_t *mime) noexcept nogil:
    cdef str_t t = text(s, len)
    cdef int type = 0, subtype = 0
    if mime_part(&t, types, TYPE_ALL, &type) < 0:
        return -1
    mime_space(&t)
    if t.len == 0 or t.s[0] != b'/':
        return -1
    step(&t, 1)
    if mime_part(&t, subtypes, SUBTYPE_ALL, &subtype) < 0:
        return -1
    mime_space(&t)
    if t.len and t.s[0] == b';':
        while t.len and t.s[0] != b',':
            step(&t, 1)
    if t.len and t.s[0] != b',':
        return -1
    if type == TYPE_ALL and subtype != SUBTYPE_ALL:
        return -1
    mime[0] = <uint32_t>(type << 16 | subtype)
    return len - t.len


# Content-Disposition

cdef enum:
    FIND_TYPE = 0
    IN_TYPE = 1
    END_TYPE = 2
    FIND_PARAM = 3
    IN_PARAM = 4
    END_PARAM = 5
    FIND_VALUE = 6
    IN_VALUE = 7
    END_VALUE = 8


cdef inline bint special(char c) noexcept nogil:
    return c != 0 and memchr(b"()<>@,:/[]?{}\\", c, 14) is not NULL


cdef int quoted_end(const char *s, int i, int len) noexcept nogil:
    """From behind the opening quote to the closing one, -1; what is quoted is never empty."""
    if i < len and s[i] == b'"':
        return -1
    while i < len and s[i] != b'"':
        if s[i] == 0 or s[i] == b'\r' or s[i] == b'\n':
            return -1
        i += 2 if s[i] == b'\\' else 1
    return i if i < len else -1


cdef int line_break(const char *s, int i, int len) noexcept nogil:
    """Past a fold's line break, -1: it is none."""
    if s[i] == b'\r' and i + 1 < len and s[i + 1] == b'\n':
        i += 1
    i += 1
    return i if i < len and (s[i] == b' ' or s[i] == b'\t') else -1


cdef int body_disposition(const char *s, int len, str_t *type, disposition_param_t *params, int room) noexcept nogil:
    cdef disposition_param_t spare
    cdef disposition_param_t *p = &spare
    cdef int state = FIND_TYPE, i = 0, n = 0, q
    cdef char c
    type[0] = text(NULL, 0)
    memset(&spare, 0, sizeof(spare))
    while i < len:
        c = s[i]
        if state == IN_TYPE and (space(c) or c == b';'):
            type.len = <int>(s + i - type.s)
            state = END_TYPE
        elif state == IN_PARAM and (space(c) or c == b';' or c == b'='):
            p.name.len = <int>(s + i - p.name.s)
            state = END_PARAM if c != b';' else END_VALUE
        elif state == IN_VALUE and (space(c) or c == b';'):
            p.body.len = <int>(s + i - p.body.s)
            state = END_VALUE
        if c == 0 or special(c):
            return -1
        if c == b'\r' or c == b'\n':
            if state == FIND_VALUE:
                return -1
            i = line_break(s, i, len)
            if i < 0:
                return -1
            continue
        if c == b';':
            if state != END_TYPE and state != END_VALUE:
                return -1
            state = FIND_PARAM
        elif c == b'=':
            if state != END_PARAM:
                return -1
            state = FIND_VALUE
        elif c == b'"':
            if state != FIND_VALUE:
                return -1
            q = quoted_end(s, i + 1, len)
            if q < 0:
                return -1
            p.body = text(s + i + 1, q - i - 1)
            p.is_quoted = 1
            state = END_VALUE
            i = q
        elif not space(c):
            if state == FIND_TYPE:
                type.s = <char *>s + i
                state = IN_TYPE
            elif state == FIND_PARAM:
                p = &params[n] if n < room else &spare
                memset(p, 0, sizeof(disposition_param_t))
                p.name.s = <char *>s + i
                n += 1
                state = IN_PARAM
            elif state == FIND_VALUE:
                p.body.s = <char *>s + i
                state = IN_VALUE
        i += 1
    if state == IN_TYPE:
        type.len = <int>(s + len - type.s)
    elif state == IN_PARAM:
        p.name.len = <int>(s + len - p.name.s)
    elif state == IN_VALUE:
        p.body.len = <int>(s + len - p.body.s)
    elif state != END_TYPE and state != END_PARAM and state != END_VALUE:
        return -1
    return n


# For Python

cdef bytes some(str_t *s):
    return None if s.s is NULL else s.s[:s.len]


def date(bytes body):
    """(wday, mday, mon, year, hour, min, sec) of Date as in a struct tm; None: broken."""
    cdef date_t d
    if body_date(body, <int>len(body), &d) < 0:
        return None
    return d.wday, d.mday, d.mon, d.year, d.hour, d.min, d.sec


def identity(bytes body):
    """The hash in Identity; None: broken."""
    cdef char *out = <char *>malloc(len(body) + 1)
    cdef int n
    if out is NULL:
        raise MemoryError
    try:
        n = body_identity(body, <int>len(body), out)
        return None if n < 0 else out[:n]
    finally:
        free(out)


def identity_info(bytes body):
    """(uri, domain, algorithm or None) of Identity-Info; None: broken."""
    cdef identity_info_t i
    if body_identity_info(body, <int>len(body), &i) < 0:
        return None
    return some(&i.uri), some(&i.domain), some(&i.alg)


def mime(bytes body):
    """TYPE_* << 16 | SUBTYPE_* of Content-Type; None: broken, several, or a wildcard."""
    cdef uint32_t m = 0
    if body_mime(body, <int>len(body), &m) != len(body):
        return None
    return None if m >> 16 == TYPE_ALL or (m & 0xff) == SUBTYPE_ALL else m


def mimes(bytes body):
    """The media types of Accept; None: broken, or more than 128."""
    cdef int at = 0, n, size = <int>len(body)
    cdef const char *s = body
    cdef uint32_t m = 0
    found = []
    while True:
        n = body_mime(s + at, size - at, &m)
        if n < 0 or len(found) == MAX_MIMES:
            return None
        found.append(m)
        at += n
        if at == size:
            return found
        at += 1                                 # the comma
        if at == size:
            return None


def disposition(bytes body):
    """(type, [(name, value or None, quoted)]) of Content-Disposition; None: broken."""
    cdef disposition_param_t *found
    cdef str_t type
    cdef int i, n = body_disposition(body, <int>len(body), &type, NULL, 0)
    if n < 0 or len(body) == 0:
        return None
    found = <disposition_param_t *>malloc((n + 1) * sizeof(disposition_param_t))
    if found is NULL:
        raise MemoryError
    try:
        body_disposition(body, <int>len(body), &type, found, n)
        return some(&type), [
            (some(&found[i].name), some(&found[i].body), found[i].is_quoted == 1) for i in range(n)
        ]
    finally:
        free(found)
