"""SIP, SIPS, TEL and URN URIs: ``parse_uri`` (parse_uri.c), parameters, comparison.

One pass finds whether there is a user part, a second takes host, port, parameters and headers.
What is refused is what Kamailio refuses: its host check applies after an ``@`` only, a ``;`` may
belong to the user, an unknown parameter is skipped.
"""

from libc.stdint cimport uint16_t, uint32_t
from libc.string cimport memchr, memcmp, memset
from runtime.native.cstr cimport str_caseeq, str_t
from runtime.native.error cimport E_BAD_URI, set_ser_error
from runtime.native.net cimport PROTO_SCTP, PROTO_TCP, PROTO_TLS, PROTO_UDP, PROTO_WS
from runtime.native.stats cimport stat_inc

cdef int bad_uris = -1

cdef bint phone2tel = True
cdef bytes _host_extra_chars = b""          # keeps the memory alive
cdef const char *host_extra = b""
cdef int host_extra_len = 0


def set_phone2tel(bint on):
    """Core parameter ``phone2tel``."""
    global phone2tel
    phone2tel = on


def set_host_extra_chars(bytes chars):
    """Core parameter ``uri_host_extra_chars``: more bytes allowed in a host name."""
    global _host_extra_chars, host_extra, host_extra_len
    _host_extra_chars = chars
    host_extra = _host_extra_chars
    host_extra_len = <int>len(chars)


cdef inline str_t sub(const char *s, int start, int end) noexcept nogil:
    cdef str_t r
    r.s = <char *>s + start
    r.len = end - start
    return r


cdef inline bint host_char(char c) noexcept nogil:
    return (
        48 <= c <= 57 or 97 <= c <= 122 or 65 <= c <= 90 or c == b'.' or c == b'-'
        or (host_extra_len > 0 and memchr(host_extra, c, host_extra_len) is not NULL)
    )


cdef inline bint alnum(char c) noexcept nogil:
    return 48 <= c <= 57 or 97 <= c <= 122 or 65 <= c <= 90


cdef int port_value(const char *s, int len) noexcept nogil:
    """Digits to a port; -1: not digits, or above 65535."""
    cdef int i, n = 0
    for i in range(len):
        if s[i] < 48 or s[i] > 57:
            return -1
        n = n * 10 + (s[i] - 48)
        if n > 65535:
            return -1
    return n


cdef int split_user(const char *s, int start, int len, sip_uri *out) noexcept nogil:
    """Index after the user part's '@', `start` where there is none, -1 where it is broken."""
    cdef int p = start + 1, colon = -1, n = 0
    cdef bint no_user = False, in_headers = False
    cdef char c
    if s[start] == b'[':
        return start
    if s[start] == b']' or s[start] == b':':
        return -1
    while p < len:                              # the user, or the host
        c = s[p]
        if c == b'@':
            out.user = sub(s, start, p)
            return p + 1
        if c == b':' or c == b';' or c == b'?':
            break
        if c == b'[' or c == b']':
            return -1
        if c == b'.' or c == b'-' or c == b'(' or c == b')':
            out.flags |= URI_USER_NORMALIZE
        p += 1
    if p >= len:
        return start
    if s[p] == b':':                            # a password, or the port
        colon = p
        p += 1
        while p < len and 48 <= s[p] <= 57:
            n = n * 10 + (s[p] - 48)
            if n > 65535:
                return -1
            p += 1
        if p < len and s[p] != b'@' and s[p] != b';' and s[p] != b'?':
            while p < len and s[p] != b'@':     # no port: a password, and nothing else
                if s[p] == b';' or s[p] == b'?' or s[p] == b'[' or s[p] == b']' or s[p] == b':':
                    return -1
                p += 1
            if p >= len and out.type != URN_URI_T:
                return -1
        if p < len and s[p] == b'@':
            out.user = sub(s, start, colon)
            out.passwd = sub(s, colon + 1, p)
            return p + 1
        no_user = True
        colon = -1
        if p >= len:
            return start
    in_headers = s[p] == b'?'
    p += 1
    while p < len:                              # parameters or headers, or still the user
        c = s[p]
        if c == b'@':
            if no_user:
                return -1
            out.user = sub(s, start, colon if colon >= 0 else p)
            if colon >= 0:
                out.passwd = sub(s, colon + 1, p)
            return p + 1
        if c == b':' and not no_user:
            if colon >= 0:
                no_user = True
                colon = -1
            else:
                colon = p
        elif c == b';' and in_headers:
            if no_user or colon >= 0:
                return -1
        elif c == b';' or c == b'?':
            in_headers = in_headers or c == b'?'
            if colon >= 0:
                no_user = True
                colon = -1
        p += 1
    return start



cdef void set_transport(const char *v, int vlen, sip_uri *out) noexcept nogil:
    if vlen == 3:
        if str_caseeq(v, 3, b"udp", 3):
            out.proto = PROTO_UDP
        elif str_caseeq(v, 3, b"tcp", 3):
            out.proto = PROTO_TCP
        elif str_caseeq(v, 3, b"tls", 3):
            out.proto = PROTO_TLS
    elif vlen == 4 and str_caseeq(v, 4, b"sctp", 4):
        out.proto = PROTO_SCTP
    elif vlen == 2 and str_caseeq(v, 2, b"ws", 2):
        out.proto = PROTO_WS


cdef void known_param(const char *s, int start, int eq, int end, bint last, sip_uri *out) noexcept nogil:
    """A parameter that has its own fields; `eq` is -1 without '='."""
    cdef int nlen = (eq if eq >= 0 else end) - start, vlen = end - eq - 1
    cdef const char *n = s + start
    cdef const char *v = s + eq + 1
    cdef str_t *whole
    cdef str_t *value
    if nlen == 2:
        if str_caseeq(n, 2, b"lr", 2):
            whole, value = &out.lr, &out.lr_val
        elif n[1] == b'2' and (n[0] == b'r' or n[0] == b'R'):
            whole, value = &out.r2, &out.r2_val
        elif str_caseeq(n, 2, b"gr", 2):
            whole, value = &out.gr, &out.gr_val
        else:
            return
        if eq < 0 or (vlen == 0 and last):
            whole[0] = sub(s, start, end)
            return
    elif eq < 0:
        return
    elif nlen == 9 and str_caseeq(n, 9, b"transport", 9):
        whole, value = &out.transport, &out.transport_val
    elif nlen == 6 and str_caseeq(n, 6, b"method", 6):
        whole, value = &out.method, &out.method_val
    elif nlen == 5 and str_caseeq(n, 5, b"maddr", 5):
        whole, value = &out.maddr, &out.maddr_val
    elif nlen == 4 and str_caseeq(n, 4, b"user", 4):
        whole, value = &out.user_param, &out.user_param_val
    elif nlen == 3 and str_caseeq(n, 3, b"ttl", 3):
        whole, value = &out.ttl, &out.ttl_val
    else:
        return
    if vlen == 0 or v[0] == b':':               # ignored, as if unknown
        return
    whole[0] = sub(s, start, end)
    value[0] = sub(s, eq + 1, end)
    if whole == &out.transport:
        set_transport(v, vlen, out)


cdef int parse_params(const char *s, int p, int len, bint with_user, sip_uri *out) noexcept nogil:
    """After the ';' of the host part: parameters up to the '?'; index of that, `len` without."""
    cdef int start = p, first = p, eq = -1
    while True:
        if p >= len or s[p] == b';' or s[p] == b'?':
            known_param(s, start, eq, p, p >= len, out)
            if p >= len or s[p] == b'?':
                break
            start = p + 1
            eq = -1
        elif s[p] == b'=' and eq < 0:
            eq = p
        elif s[p] == b'@' and with_user:
            return -1
        p += 1
    out.params = sub(s, first, p)
    return p


cdef int parse_host(const char *s, int p, int len, bint with_user, sip_uri *out) noexcept nogil:
    """The host; index after it, or -1."""
    cdef int start = p
    if p >= len:
        return -1
    if s[p] == b'[':
        p += 1
        while p < len and s[p] != b']':
            if s[p] == b'[' or s[p] == b'&' or s[p] == b'@' or s[p] == b';' or s[p] == b'?':
                return -1
            p += 1
        if p >= len:
            return -1
        p += 1
        if p < len and s[p] != b':' and s[p] != b';' and s[p] != b'?':
            return -1
    elif with_user:
        if not alnum(s[p]):
            return -1
        while p < len and s[p] != b':' and s[p] != b';' and s[p] != b'?':
            if not host_char(s[p]):
                return -1
            p += 1
    else:
        p += 1
        while p < len and s[p] != b':' and s[p] != b';' and s[p] != b'?':
            p += 1
    out.host = sub(s, start, p)
    return p


cdef int parse_rest(const char *s, int p, int len, bint with_user, sip_uri *out) noexcept nogil:
    """hostport, parameters, headers; 0 or -1."""
    cdef int start, port
    p = parse_host(s, p, len, with_user, out)
    if p < 0:
        return -1
    if p < len and s[p] == b':':
        start = p + 1
        p = start
        while p < len and s[p] != b';' and s[p] != b'?':
            p += 1
        port = port_value(s + start, p - start)
        if port < 0:
            if out.type != URN_URI_T or with_user or p < len:
                return -1
            out.user = out.host                 # urn:service:sos
            out.host = sub(s, start, p)
            return 0
        if p - start > 5:
            return -1
        out.port = sub(s, start, p)
        out.port_no = <uint16_t>port
    if p < len and s[p] == b';':
        p = parse_params(s, p + 1, len, with_user, out)
        if p < 0:
            return -1
    if p < len and s[p] == b'?':
        out.headers = sub(s, p + 1, len)
        if memchr(s + p + 1, b';', len - p - 1) is not NULL:
            return -1
        if with_user and memchr(s + p + 1, b'@', len - p - 1) is not NULL:
            return -1
    return 0


cdef int parse_scheme(const char *s, int len, sip_uri *out) noexcept nogil:
    """Index after the scheme's colon, -1: unknown, or too short."""
    if len < 5:
        return -1
    if str_caseeq(s, 4, b"sip:", 4):
        out.type = SIP_URI_T
    elif str_caseeq(s, 4, b"sips", 4) and s[4] == b':':
        out.type = SIPS_URI_T
        return 5
    elif str_caseeq(s, 4, b"tel:", 4):
        out.type = TEL_URI_T
    elif str_caseeq(s, 4, b"urn:", 4):
        out.type = URN_URI_T
    else:
        return -1
    return 4


cdef void finish(sip_uri *out) noexcept nogil:
    """sip: with user=phone is a telephone number; tel: holds its number in user."""
    cdef char *semi
    if out.type == TEL_URI_T:
        out.user = out.host
        out.host.len = 0
        return
    if out.type == URN_URI_T:
        return
    out.sip_params = out.params
    if (
        phone2tel and out.user_param_val.len == 5
        and memcmp(out.user_param_val.s, b"phone", 5) == 0
    ):
        out.type = TEL_URI_T
        out.flags |= URI_SIP_USER_PHONE
        semi = NULL
        if out.user.len > 0:
            semi = <char *>memchr(out.user.s, b';', out.user.len)
        if semi is not NULL:
            out.params.s = semi + 1
            out.params.len = <int>(out.user.s + out.user.len - semi - 1)
            out.user.len = <int>(semi - out.user.s)
        else:
            out.params.s = NULL
            out.params.len = 0
    else:
        out.flags &= ~<uint32_t>URI_USER_NORMALIZE


cdef int parse_uri(const char *s, int len, sip_uri *out) noexcept nogil:
    if parse_parts(s, len, out) < 0:
        set_ser_error(E_BAD_URI)
        stat_inc(bad_uris)
        out.type = ERROR_URI_T
        return -1
    return 0


cdef int parse_parts(const char *s, int len, sip_uri *out) noexcept nogil:
    cdef int start, p
    memset(out, 0, sizeof(sip_uri))
    start = parse_scheme(s, len, out)
    if start < 0 or start >= len:
        return -1
    p = split_user(s, start, len, out)
    if p < 0 or parse_rest(s, p, len, p > start, out) < 0:
        return -1
    finish(out)
    if out.user.len == 0 and out.host.len > 0:      # nor may parameters of a number be all of it
        if out.host.s[0] == b'@' or out.host.s > s and (out.host.s - 1)[0] == b'@':
            return -1
    return 0


def set_bad_uris(int handle) -> None:
    """The statistic that counts URIs which cannot be parsed."""
    global bad_uris
    bad_uris = handle


cdef const char *uri_scheme(int type, int *len) noexcept nogil:
    if type == SIP_URI_T:
        len[0] = 3
        return b"sip"
    if type == SIPS_URI_T:
        len[0] = 4
        return b"sips"
    if type == TEL_URI_T:
        len[0] = 3
        return b"tel"
    if type == TELS_URI_T:
        len[0] = 4
        return b"tels"
    if type == URN_URI_T:
        len[0] = 3
        return b"urn"
    len[0] = 0
    return b""


cdef inline bint blank(char c) noexcept nogil:
    return c == b' ' or c == b'\t' or c == b'\r' or c == b'\n'


cdef int next_param(const char *s, int *pos, int len, str_t *name, str_t *val) noexcept nogil:
    """Step over `name[=value]`, in quotes or not: 1 one more, 0 end, -1 malformed."""
    cdef int p = pos[0], start
    while p < len and (blank(s[p]) or s[p] == b';'):
        p += 1
    if p >= len:
        pos[0] = len
        return 0
    start = p
    while p < len and s[p] != b'=' and s[p] != b';' and not blank(s[p]):
        p += 1
    name[0] = sub(s, start, p)
    val.s = NULL
    val.len = 0
    while p < len and blank(s[p]):
        p += 1
    if p < len and s[p] == b'=':
        p += 1
        while p < len and blank(s[p]):
            p += 1
        if p < len and (s[p] == b'"' or s[p] == b"'"):
            start = p
            p += 1
            while p < len and s[p] != s[start]:
                p += 2 if s[p] == b'\\' else 1
            if p >= len:
                return -1
            val[0] = sub(s, start + 1, p)
            p += 1
        else:
            start = p
            while p < len and s[p] != b';' and not blank(s[p]):
                p += 1
            val[0] = sub(s, start, p)
    while p < len and blank(s[p]):
        p += 1
    if p < len and s[p] != b';':
        return -1
    pos[0] = p
    return 1


cdef int find_param(const char *params, int plen, const char *name, int nlen, str_t *val) noexcept nogil:
    cdef int pos = 0, r
    cdef str_t n
    while True:
        r = next_param(params, &pos, plen, &n, val)
        if r <= 0:
            return r
        if str_caseeq(n.s, n.len, name, nlen):
            return 1


cdef bint params_eq(str_t *a, str_t *b) noexcept nogil:
    """Every parameter of a that b has too is equal; transport, user, ttl, method, maddr must match."""
    cdef int pos = 0
    cdef str_t n, v, w
    cdef int r
    while next_param(a.s, &pos, a.len, &n, &v) > 0:
        r = find_param(b.s, b.len, n.s, n.len, &w)
        if r > 0:
            if not str_caseeq(v.s, v.len, w.s, w.len):
                return False
        elif (
            str_caseeq(n.s, n.len, b"transport", 9) or str_caseeq(n.s, n.len, b"user", 4)
            or str_caseeq(n.s, n.len, b"ttl", 3) or str_caseeq(n.s, n.len, b"method", 6)
            or str_caseeq(n.s, n.len, b"maddr", 5)
        ):
            return False
    return True


cdef bint uri_eq(const char *a, int alen, const char *b, int blen) noexcept nogil:
    cdef sip_uri x, y
    if alen == blen and memcmp(a, b, alen) == 0:
        return True
    if parse_uri(a, alen, &x) < 0 or parse_uri(b, blen, &y) < 0:
        return False
    if x.type != y.type:
        return False
    if x.user.len != y.user.len or x.passwd.len != y.passwd.len:
        return False
    if x.user.len and memcmp(x.user.s, y.user.s, x.user.len) != 0:
        return False
    if x.passwd.len and memcmp(x.passwd.s, y.passwd.s, x.passwd.len) != 0:
        return False
    if not str_caseeq(x.host.s, x.host.len, y.host.s, y.host.len):
        return False
    if x.port_no != y.port_no:
        if (x.port_no or 5060) != (y.port_no or 5060) or x.type == SIPS_URI_T:
            return False
    if x.type == TEL_URI_T and (x.flags ^ y.flags) & URI_SIP_USER_PHONE:
        return False
    return params_eq(&x.params, &y.params) and params_eq(&y.params, &x.params)


cdef object opt(str_t *s):
    return None if s.s is NULL else s.s[:s.len]


def parse(bytes text):
    """Parse a URI to a dict of its parts (bytes or None; type, port_no, proto, flags as int), None: refused.

    For tests and start-up code; routes use SipMsg's attributes.
    """
    cdef sip_uri u
    if parse_uri(text, <int>len(text), &u) < 0:
        return None
    return {
        "type": u.type, "user": opt(&u.user), "passwd": opt(&u.passwd), "host": opt(&u.host),
        "port": opt(&u.port), "port_no": u.port_no, "proto": u.proto, "flags": u.flags,
        "params": opt(&u.params), "sip_params": opt(&u.sip_params), "headers": opt(&u.headers),
        "transport": opt(&u.transport_val), "maddr": opt(&u.maddr_val), "lr": opt(&u.lr),
        "r2": opt(&u.r2_val), "gr": opt(&u.gr), "user_param": opt(&u.user_param_val),
        "method": opt(&u.method_val), "ttl": opt(&u.ttl_val),
    }


def param(bytes params, bytes name):
    """Value of a parameter in `a=1;b;c="x"`; None: absent. Raises ValueError where malformed."""
    cdef str_t val
    cdef int r = find_param(params, <int>len(params), name, <int>len(name), &val)
    if r < 0:
        raise ValueError(f"malformed parameters {params!r}")
    if r == 0:
        return None
    return val.s[:val.len] if val.s is not NULL else b""


def equal(bytes a, bytes b):
    """Are two URIs equal by RFC 3261 s. 19.1.4?"""
    return uri_eq(a, <int>len(a), b, <int>len(b))
