"""Bodies of headers that are no addresses (core/parser/parse_*.c, sst/parse_sst.c).

What Kamailio's parsers take is taken, what they refuse is refused. Where one of theirs looks at the
octet behind a body, which is a CR or LF in a message, the end of the text counts as that.
"""

from libc.stdint cimport uint32_t
from libc.stdlib cimport free, malloc
from libc.string cimport memchr, memcmp, memset
from runtime.native.cstr cimport lower, str_caseeq, str_eq, str_t
from runtime.native.msg cimport METHOD_OTHER, method_of


cdef inline bint space(char c) noexcept nogil:
    return c == b' ' or c == b'\t' or c == b'\r' or c == b'\n'


cdef inline bint digit(char c) noexcept nogil:
    return 48 <= c <= 57


cdef inline bint alnum(char c) noexcept nogil:
    return digit(c) or 97 <= lower(c) <= 122


cdef inline void step(str_t *s, int n) noexcept nogil:
    s.s += n
    s.len -= n


cdef inline void skip_space(str_t *s) noexcept nogil:
    while s.len and space(s.s[0]):
        step(s, 1)


cdef inline void trim(str_t *s) noexcept nogil:
    skip_space(s)
    while s.len and space(s.s[s.len - 1]):
        s.len -= 1


cdef inline str_t text(const char *s, int len) noexcept nogil:
    cdef str_t t
    t.s = <char *>s
    t.len = len
    return t


cdef inline bint starts(str_t *s, const char *word, int len) noexcept nogil:
    return s.len >= len and str_caseeq(s.s, len, word, len)


# Parameters

cdef int body_param(str_t *s, char sep, str_t *name, str_t *value) noexcept nogil:
    cdef char *close
    cdef int n = 0
    value[0] = text(NULL, 0)
    while n < s.len and not space(s.s[n]) and s.s[n] != b',' and s.s[n] != b'=' and s.s[n] != sep:
        n += 1
    name[0] = text(s.s, n)
    step(s, n)
    skip_space(s)
    if s.len == 0:
        return 1
    if s.s[0] == b'=':
        step(s, 1)
        skip_space(s)
        value[0] = text(s.s, 0)
        if s.len == 0:                          # a value is missing: an empty one
            return 1
        if s.s[0] == b'"' or s.s[0] == b"'":
            close = <char *>memchr(s.s + 1, s.s[0], s.len - 1)
            if close is NULL:
                return -1
            value[0] = text(s.s + 1, <int>(close - s.s) - 1)
            step(s, value.len + 2)
        else:
            n = 0
            while n < s.len and not space(s.s[n]) and s.s[n] != b',' and s.s[n] != sep:
                n += 1
            if n == 0:
                return -1
            value.len = n
            step(s, n)
        skip_space(s)
        if s.len == 0:
            return 1
    if s.s[0] == b',' or s.s[0] == b'>':
        return 1
    if s.s[0] != sep:
        return -1
    step(s, 1)
    skip_space(s)
    return -1 if s.len == 0 else 0


cdef inline int token(str_t *s) noexcept nogil:
    """Octets up to white space or a semicolon."""
    cdef int n = 0
    while n < s.len and not space(s.s[n]) and s.s[n] != b';':
        n += 1
    return n


# Event, SIP-If-Match, Expires

cdef int event_type(str_t *name) noexcept nogil:
    if str_caseeq(name.s, name.len, b"presence", 8):
        return EVENT_PRESENCE
    if str_caseeq(name.s, name.len, b"presence.winfo", 14):
        return EVENT_PRESENCE_WINFO
    if str_caseeq(name.s, name.len, b"xcap-change", 11):
        return EVENT_XCAP_CHANGE
    if str_caseeq(name.s, name.len, b"sip-profile", 11):
        return EVENT_SIP_PROFILE
    if str_caseeq(name.s, name.len, b"message-summary", 15):
        return EVENT_MESSAGE_SUMMARY
    if str_caseeq(name.s, name.len, b"dialog", 6):
        return EVENT_DIALOG
    if str_caseeq(name.s, name.len, b"ua-profile", 10):
        return EVENT_UA_PROFILE
    return EVENT_OTHER


cdef int all_params(str_t rest) noexcept nogil:
    """0 where they can all be parsed, -1."""
    cdef str_t name, value
    cdef int r = 0
    while r == 0:
        r = body_param(&rest, b';', &name, &value)
    return -1 if r < 0 else 0


cdef int body_event(const char *s, int len, event_t *out) noexcept nogil:
    cdef str_t t = text(s, len)
    memset(out, 0, sizeof(event_t))
    skip_space(&t)
    if t.len == 0:
        return -1
    out.name = text(t.s, token(&t))
    out.type = event_type(&out.name)
    step(&t, out.name.len)
    skip_space(&t)
    if t.len and t.s[0] == b';':
        step(&t, 1)
        skip_space(&t)
        if t.len:
            out.params = t
            return all_params(t)
    return 0


cdef int body_etag(const char *s, int len, str_t *out) noexcept nogil:
    out[0] = text(s, len)
    skip_space(out)
    if out.len == 0:
        return -1
    out.len = token(out)
    return 0


cdef int body_expires(const char *s, int len, expires_t *out) noexcept nogil:
    cdef int i = 0
    memset(out, 0, sizeof(expires_t))
    out.text = text(s, len)
    trim(&out.text)
    if out.text.len == 0:
        return -1
    if out.text.len > 10:
        return 0
    while i < out.text.len and digit(out.text.s[i]):
        out.val = out.val * 10 + <uint32_t>(out.text.s[i] - 48)
        i += 1
    if i < out.text.len:
        if not space(out.text.s[i]):
            return 0
        out.text.len = i
    out.valid = 1
    return 0


# Supported, Require, Allow, Privacy

cdef inline bint folded_eq(const char *s, const char *word, int len) noexcept nogil:
    """As the four octets at a time there are compared: with bit 5 set."""
    cdef int i
    for i in range(len):
        if (s[i] | 0x20) != word[i]:
            return False
    return True


cdef uint32_t option_bit(const char *s, int n) noexcept nogil:
    if n == 4 and folded_eq(s, b"path", 4):
        return F_OPTION_TAG_PATH
    if n == 6 and folded_eq(s, b"100rel", 6):
        return F_OPTION_TAG_100REL
    if n == 5 and folded_eq(s, b"timer", 5):
        return F_OPTION_TAG_TIMER
    if str_caseeq(s, n, b"eventlist", 9):
        return F_OPTION_TAG_EVENTLIST
    if str_caseeq(s, n, b"gruu", 4):
        return F_OPTION_TAG_GRUU
    if str_caseeq(s, n, b"outbound", 8):
        return F_OPTION_TAG_OUTBOUND
    return 0


cdef uint32_t body_options(const char *s, int len) noexcept nogil:
    cdef uint32_t mask = 0
    cdef int start, i = 0
    while i < len:
        while i < len and (space(s[i]) or s[i] == b','):
            i += 1
        start = i
        while i < len and not space(s[i]) and s[i] != b',':
            i += 1
        mask |= option_bit(s + start, i - start)
    return mask


cdef inline bint token_char(char c) noexcept nogil:
    return alnum(c) or c != 0 and memchr(b"-.!%*_+`'~", c, 10) is not NULL


cdef bint longer_method(const char *s, int len) noexcept nogil:
    """A known method with more behind it, which is not taken for another one."""
    cdef int n
    for n in range(3, 10):
        if n < len and method_of(s, n) != METHOD_OTHER:
            return True
    return False


cdef int body_methods(const char *s, int len, uint32_t *mask) noexcept nogil:
    cdef str_t t = text(s, len)
    cdef int n
    mask[0] = 0
    skip_space(&t)
    if t.len == 0:
        return 0
    while True:
        n = 0
        while n < t.len and token_char(t.s[n]):
            n += 1
        if n == 0 or longer_method(t.s, n):
            return -1
        mask[0] |= method_of(t.s, n)
        step(&t, n)
        skip_space(&t)
        if t.len == 0:
            return 0
        if t.s[0] != b',':
            return -1
        step(&t, 1)
        skip_space(&t)
        if t.len == 0:
            return 0


cdef int privacy_value(str_t *s, uint32_t *bit) noexcept nogil:
    """Its length, 0: none."""
    cdef int n
    if starts(s, b"critical", 8):
        bit[0], n = PRIVACY_CRITICAL, 8
    elif starts(s, b"header", 6):
        bit[0], n = PRIVACY_HEADER, 6
    elif starts(s, b"history", 7):
        bit[0], n = PRIVACY_HISTORY, 7
    elif starts(s, b"id", 2):
        bit[0], n = PRIVACY_ID, 2
    elif starts(s, b"none", 4):
        bit[0], n = PRIVACY_NONE, 4
    elif starts(s, b"session", 7):
        bit[0], n = PRIVACY_SESSION, 7
    elif starts(s, b"user", 4):
        bit[0], n = PRIVACY_USER, 4
    else:
        return 0
    if n < s.len and s.s[n] != 0 and s.s[n] != b';' and not space(s.s[n]):
        return 0
    return n


cdef int body_privacy(const char *s, int len, uint32_t *mask) noexcept nogil:
    cdef str_t t = text(s, len)
    cdef uint32_t bit = 0
    cdef int n
    mask[0] = 0
    skip_space(&t)
    if t.len == 0:
        return -1
    while True:
        n = privacy_value(&t, &bit)
        if n == 0:
            return -1
        mask[0] |= bit
        step(&t, n)
        skip_space(&t)
        if t.len == 0:
            break
        if t.s[0] != b';':
            return -1
        step(&t, 1)
        skip_space(&t)
        if t.len == 0:
            return -1
    return -1 if mask[0] & PRIVACY_NONE and mask[0] != PRIVACY_NONE else 0


# Subscription-State, Session-Expires, Min-SE, Retry-After

cdef int unquoted(str_t *s, char c) noexcept nogil:
    """Where this octet stands outside of quotes, -1."""
    cdef bint quoted = False
    cdef int i
    for i in range(s.len):
        if not quoted:
            if s.s[i] == b'"':
                quoted = True
            elif s.s[i] == c:
                return i
        elif s.s[i] == b'"' and s.s[i - 1] != b'\\':
            quoted = False
    return -1


cdef int number(str_t *s, uint32_t *out) noexcept nogil:
    """Digits alone, a plus before them, 32 bits (str2int); 0, -1."""
    cdef int i = 1 if s.len and s.s[0] == b'+' else 0
    cdef unsigned long long n = 0
    out[0] = 0
    if s.s is NULL:
        return -1
    while i < s.len:
        if not digit(s.s[i]):
            return -1
        n = n * 10 + <uint32_t>(s.s[i] - 48)
        if n > 0xffffffffULL:
            return -1
        i += 1
    out[0] = <uint32_t>n
    return 0


cdef int body_substate(const char *s, int len, substate_t *out) noexcept nogil:
    cdef str_t t = text(s, len), state, name, value, expires
    cdef int r = 0, at
    memset(out, 0, sizeof(substate_t))
    expires = text(NULL, 0)
    skip_space(&t)
    state = t
    at = unquoted(&t, b';')
    if at >= 0:
        state.len = at
        step(&t, at + 1)
        skip_space(&t)
    else:
        t.len = 0
    trim(&state)
    if str_eq(state.s, state.len, b"active", 6):
        out.value = ss_active
    elif str_eq(state.s, state.len, b"pending", 7):
        out.value = ss_pending
    elif str_eq(state.s, state.len, b"terminated", 10):
        out.value = ss_terminated
    else:
        out.value = ss_extension
    if t.len == 0:
        return 0
    while r == 0:
        r = body_param(&t, b';', &name, &value)
        if r < 0:
            return -1
        if str_caseeq(name.s, name.len, b"expires", 7):
            expires = value
            out.expires_set = 1
        elif str_caseeq(name.s, name.len, b"reason", 6):
            out.reason = value
    return number(&expires, &out.expires) if out.expires_set else 0


cdef int body_session_expires(const char *s, int len, session_expires_t *out) noexcept nogil:
    cdef str_t t = text(s, len)
    cdef int n = 0
    memset(out, 0, sizeof(session_expires_t))
    skip_space(&t)
    while n < t.len and digit(t.s[n]):
        out.interval = out.interval * 10 + <uint32_t>(t.s[n] - 48)
        n += 1
    if n == 0:
        return -1
    step(&t, n)
    while t.len:
        if t.s[0] != b';':
            return -1
        step(&t, 1)
        if t.len > 9 and starts(&t, b"refresher=", 10):
            step(&t, 10)
            if starts(&t, b"uac", 3):
                out.refresher = sst_refresher_uac
            elif starts(&t, b"uas", 3):
                out.refresher = sst_refresher_uas
            else:
                return -1
            step(&t, 3)
        else:
            while t.len and t.s[0] != b';':
                step(&t, 1)
    return 0


cdef int body_min_se(const char *s, int len, uint32_t *out) noexcept nogil:
    cdef str_t t = text(s, len)
    out[0] = 0
    skip_space(&t)
    if t.len == 0:
        return -1
    while t.len and digit(t.s[0]):
        out[0] = out[0] * 10 + <uint32_t>(t.s[0] - 48)
        step(&t, 1)
    skip_space(&t)
    return -1 if t.len else 0


cdef int body_retry_after(const char *s, int len, uint32_t *out) noexcept nogil:
    cdef str_t t = text(s, len)
    cdef int n = 0
    out[0] = 0
    skip_space(&t)
    while n < t.len and digit(t.s[n]):
        out[0] = out[0] * 10 + <uint32_t>(t.s[n] - 48)
        n += 1
    if n == 0 or n > 10:
        return -1
    return 0 if n == t.len or space(t.s[n]) or t.s[n] == b';' or t.s[n] == b'(' else -1


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


def params(bytes body, bytes separator=b";"):
    """[(name, value or None)] in order of a list of parameters; None: broken."""
    cdef str_t t = text(body, <int>len(body)), name, value
    cdef int r = 0
    found = []
    if t.len == 0:
        return found
    while r == 0:
        r = body_param(&t, separator[0], &name, &value)
        if r < 0:
            return None
        found.append((some(&name), some(&value)))
    return found


def event(bytes body):
    """(name, type, text of the parameters or None) of Event; None: broken."""
    cdef event_t e
    if body_event(body, <int>len(body), &e) < 0:
        return None
    return some(&e.name), e.type, some(&e.params)


def etag(bytes body):
    """The entity tag of SIP-If-Match; None: it is empty."""
    cdef str_t e
    return some(&e) if body_etag(body, <int>len(body), &e) == 0 else None


def expires(bytes body):
    """(text, number, whether it is one) of Expires; None: it is empty."""
    cdef expires_t e
    if body_expires(body, <int>len(body), &e) < 0:
        return None
    return some(&e.text), e.val, e.valid == 1


def options(bytes body) -> int:
    """F_OPTION_TAG_* of Supported, Require and the like."""
    return body_options(body, <int>len(body))


def methods(bytes body):
    """METHOD_* of Allow; None: broken."""
    cdef uint32_t mask
    return mask if body_methods(body, <int>len(body), &mask) == 0 else None


def privacy(bytes body):
    """PRIVACY_* of Privacy; None: broken."""
    cdef uint32_t mask
    return mask if body_privacy(body, <int>len(body), &mask) == 0 else None


def substate(bytes body):
    """(ss_*, expires or None, reason or None) of Subscription-State; None: broken."""
    cdef substate_t s
    if body_substate(body, <int>len(body), &s) < 0:
        return None
    return s.value, s.expires if s.expires_set else None, some(&s.reason)


def session_expires(bytes body):
    """(interval, sst_refresher_*) of Session-Expires; None: broken."""
    cdef session_expires_t s
    if body_session_expires(body, <int>len(body), &s) < 0:
        return None
    return s.interval, s.refresher


def min_se(bytes body):
    """Seconds of Min-SE; None: broken."""
    cdef uint32_t n
    return n if body_min_se(body, <int>len(body), &n) == 0 else None


def date(bytes body):
    """(wday, mday, mon, year, hour, min, sec) of Date as in a struct tm; None: broken."""
    cdef date_t d
    if body_date(body, <int>len(body), &d) < 0:
        return None
    return d.wday, d.mday, d.mon, d.year, d.hour, d.min, d.sec


def retry_after(bytes body):
    """Seconds of Retry-After; None: broken."""
    cdef uint32_t n
    return n if body_retry_after(body, <int>len(body), &n) == 0 else None


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
