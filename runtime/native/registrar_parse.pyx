"""Values of a REGISTER (registrar: ``sip_msg.c``, ``path.c``; ``utils/sruid.c``)."""

from libc.stdint cimport int64_t, uint32_t
from libc.string cimport memcmp, memcpy
from posix.unistd cimport getpid
from runtime.native.cstr cimport span_t, str_caseeq, str_t
from runtime.native.hdrs cimport parse_nameaddr
from runtime.native.location cimport seconds
from runtime.native.msg cimport (
    HDR_EXPIRES,
    HDR_PATH,
    get_hdr,
    hdr_field,
    method_of,
    next_hdr,
    sip_msg,
    to_body,
)
from runtime.native.registrar_aor cimport unescape
from runtime.native.uri cimport find_param, parse_uri, sip_uri

cdef enum:
    MAX_PATH_SIZE = 256
    MAX_URI_SIZE = 1024
    KIND = 4                    # letters before the first dash of an id

cdef char path_text[MAX_PATH_SIZE]
cdef char received_text[MAX_URI_SIZE]
cdef char ruid_text[64]
cdef int ruid_head = 0          # octets before the counter
cdef int ruid_pid = 0
cdef uint32_t ruid_counter = 0


cdef int64_t number_of(const char *s, uint32_t len) noexcept nogil:
    cdef uint32_t i
    cdef int64_t value = 0
    if len == 0 or len > 10:
        return -1
    for i in range(len):
        if not 48 <= s[i] <= 57:
            return -1
        value = value * 10 + s[i] - 48
    return value if value <= <int64_t>4294967295 else -1


cdef int q_of(const char *s, uint32_t len) noexcept nogil:
    cdef uint32_t i = 0
    cdef int q = 0, order = 100
    cdef bint digits = False, one = False
    while i < len and (s[i] == b' ' or s[i] == b'\t'):
        i += 1
    while i < len and s[i] == b'0':
        digits = True
        i += 1
    if i < len and s[i] == b'1':
        digits = one = True
        i += 1
    if i < len:
        if s[i] != b'.':
            return -1
        i += 1
        while i < len:
            if not 48 <= s[i] <= 57 or (one and s[i] != b'0'):
                return -1
            digits = True
            q += (s[i] - 48) * order
            order //= 10
            i += 1
    if not digits:
        return -1
    return 1000 if one else q


cdef uint32_t methods_of(const char *s, uint32_t len) noexcept nogil:
    cdef uint32_t mask = 0, start, i = 0
    while i < len:
        while i < len and (s[i] == b' ' or s[i] == b',' or s[i] == b'\t' or s[i] == b'"'):
            i += 1
        start = i
        while i < len and not (s[i] == b' ' or s[i] == b',' or s[i] == b'\t' or s[i] == b'"'):
            i += 1
        if i > start:
            mask |= method_of(s + start, <int>(i - start))
    return mask


cdef int64_t header_expires(sip_msg *m) noexcept nogil:
    cdef hdr_field *h = get_hdr(m, HDR_EXPIRES)
    cdef uint32_t n = 0
    if h is NULL:
        return -1
    while n < h.body_len and not (m.buf[h.body_off + n] in (b' ', b'\t', b'\r', b'\n')):
        n += 1
    return number_of(m.buf + h.body_off, n)


cdef bint has_option(sip_msg *m, int hdr, const char *option, int length) noexcept nogil:
    cdef hdr_field *h = get_hdr(m, hdr)
    cdef uint32_t i, start, end
    while h is not NULL:
        i = h.body_off
        end = h.body_off + h.body_len
        while i < end:
            while i < end and (m.buf[i] in (b' ', b',', b'\t', b'\r', b'\n')):
                i += 1
            start = i
            while i < end and not (m.buf[i] in (b' ', b',', b'\t', b'\r', b'\n')):
                i += 1
            if str_caseeq(m.buf + start, <int>(i - start), option, length):
                return True
        h = next_hdr(m, h)
    return False


# ---- Path

cdef int first_hop(str_t path, str_t *uri) noexcept nogil:
    cdef to_body hop
    if path.len == 0 or parse_nameaddr(path.s, 0, path.len, &hop) < 0 or hop.uri.len == 0:
        return -1
    uri.s = path.s + hop.uri.off
    uri.len = <int>hop.uri.len
    return 0


cdef int path_vector(sip_msg *m, bint use_received, str_t *path, str_t *received) noexcept nogil:
    cdef hdr_field *h = get_hdr(m, HDR_PATH)
    cdef sip_uri parsed
    cdef str_t uri, value
    cdef uint32_t n = 0
    path.s = path_text
    path.len = received.len = 0
    received.s = NULL
    while h is not NULL:
        if n + h.body_len + 1 >= MAX_PATH_SIZE:
            return -1
        if n:
            path_text[n] = b','
            n += 1
        memcpy(path_text + n, m.buf + h.body_off, h.body_len)
        n += h.body_len
        h = next_hdr(m, h)
    path.len = <int>n
    if n == 0:
        return 0
    if first_hop(path[0], &uri) < 0 or parse_uri(uri.s, uri.len, &parsed) < 0:
        return -1
    if parsed.lr.s is NULL:
        return -1
    if use_received and find_param(
        parsed.params.s, parsed.params.len, b"received", 8, &value
    ) == 1 and value.len:
        if value.len >= MAX_URI_SIZE:
            return -1
        received.len = unescape(value.s, value.len, received_text)
        if received.len < 0:
            return -1
        received.s = received_text
    return 0


# ---- ids

cdef str_t next_ruid(const char *kind) noexcept nogil:
    """``uloc-<time>-<pid>-<counter>`` in hexadecimal."""
    global ruid_head, ruid_counter, ruid_pid
    cdef str_t result
    cdef uint32_t rest
    cdef int at
    if ruid_pid != getpid():
        ruid_pid = getpid()
        ruid_counter = 0
        ruid_text[KIND] = b'-'
        ruid_head = KIND + 1 + hex_into(ruid_text + KIND + 1, <uint32_t>seconds())
        ruid_text[ruid_head] = b'-'
        ruid_head += 1
        ruid_head += hex_into(ruid_text + ruid_head, <uint32_t>ruid_pid)
        ruid_text[ruid_head] = b'-'
        ruid_head += 1
    memcpy(ruid_text, kind, KIND)
    ruid_counter += 1
    result.s = ruid_text
    at = ruid_head
    rest = ruid_counter
    while rest:                     # lowest digit first, as there
        ruid_text[at] = b"0123456789abcdef"[rest & 15]
        rest >>= 4
        at += 1
    result.len = at
    return result


cdef int hex_into(char *at, uint32_t value) noexcept nogil:
    cdef int n = 1, i
    while n < 8 and value >> (4 * n):
        n += 1
    for i in range(n):
        at[i] = b"0123456789abcdef"[(value >> (4 * (n - 1 - i))) & 15]
    return n


def make_ruid(bytes kind not None):
    """A new unique id of a contact; `kind` is its four letters."""
    if len(kind) != KIND:
        raise ValueError("an id begins with four letters")
    cdef str_t ruid = next_ruid(kind)
    return ruid.s[:ruid.len]
