"""Bodies of headers that are lists, numbers and names with parameters (core/parser/parse_*.c,
sst/parse_sst.c).

What Kamailio's parsers take is taken, what they refuse is refused. Where one of theirs looks at the
octet behind a body, which is a CR or LF in a message, the end of the text counts as that.
"""

from libc.stdint cimport uint32_t
from libc.string cimport memchr, memset
from runtime.native.cstr cimport str_caseeq, str_eq, str_t
from runtime.native.msg cimport METHOD_OTHER, method_of
from runtime.native.words cimport alnum, digit, folded_eq, skip_space, space, starts, step, text, trim


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


def retry_after(bytes body):
    """Seconds of Retry-After; None: broken."""
    cdef uint32_t n
    return n if body_retry_after(body, <int>len(body), &n) == 0 else None
