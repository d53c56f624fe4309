"""The address of record of a URI (registrar: ``common.c``)."""

from libc.string cimport memcmp, memcpy
from runtime.native.cstr cimport lower
from runtime.native.uri cimport parse_uri, sip_uri

cdef enum:
    R_AOR_LEN = 10
    R_AOR_PARSE = 11
    R_UNESCAPE = 24
    USERNAME_MAX = 64
    DOMAIN_MAX = 128


cdef int hex_digit(char c) noexcept nogil:
    if 48 <= c <= 57:
        return c - 48
    if 97 <= c <= 102:
        return c - 87
    if 65 <= c <= 70:
        return c - 55
    return -1


cdef int unescape(const char *s, int len, char *out) noexcept nogil:
    """Length of the text without %-escapes, -1 where one is broken (``un_escape``)."""
    cdef int i = 0, n = 0, high, low
    while i < len:
        if s[i] == b'%':
            if i + 2 >= len:
                return -1
            high = hex_digit(s[i + 1])
            low = hex_digit(s[i + 2])
            if high < 0 or low < 0 or not 32 <= high * 16 + low < 127:
                return -1
            out[n] = <char>(high * 16 + low)
            i += 3
        else:
            out[n] = s[i]
            i += 1
        n += 1
    return n


cdef int extract_aor(
    const char *uri, int len, const aor_config *config, char *out, sip_uri *parsed
) noexcept nogil:
    cdef int n, i, user, host_len
    cdef const char *host
    if parse_uri(uri, len, parsed) < 0:
        return -R_AOR_PARSE
    if (
        parsed.user.len + parsed.host.len + 1 > AOR_SIZE
        or parsed.user.len > USERNAME_MAX
        or parsed.host.len > DOMAIN_MAX
    ):
        return -R_AOR_LEN
    n = unescape(parsed.user.s, parsed.user.len, out)
    if n < 0:
        return -R_UNESCAPE
    user = n
    if config.use_domain:
        if user:
            out[n] = b'@'
            n += 1
        host = parsed.host.s
        host_len = parsed.host.len
        if (
            0 < config.prefix_len < host_len
            and memcmp(config.prefix, host, config.prefix_len) == 0
        ):
            host += config.prefix_len
            host_len -= config.prefix_len
        memcpy(out + n, host, host_len)
        n += host_len
    i = user + 1 if config.case_sensitive and user else 0
    while i < n:
        out[i] = lower(out[i])
        i += 1
    return n


def aor_of(bytes uri not None, bint use_domain, bint case_sensitive, bytes prefix not None):
    """The AOR of a URI, None where it has none."""
    cdef aor_config config
    cdef char out[AOR_SIZE]
    cdef sip_uri parsed
    cdef int n
    config.use_domain = use_domain
    config.case_sensitive = case_sensitive
    config.prefix_len = 0
    if len(prefix) < sizeof(config.prefix):
        config.prefix_len = <int>len(prefix)
        memcpy(config.prefix, <char *>prefix, len(prefix))
    n = extract_aor(uri, <int>len(uri), &config, out, &parsed)
    return out[:n] if n >= 0 else None
