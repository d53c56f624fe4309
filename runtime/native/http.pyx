"""HTTP requests among SIP messages on TCP (``tcp_read.c``, READ_HTTP11): where they end."""

from libc.stdint cimport int64_t, uint32_t
from libc.string cimport memchr, memmove
from runtime.native.cstr cimport lower, str_caseeq


cdef char *find(char *s, uint32_t n, const char *what, uint32_t len) noexcept nogil:
    """Where ``what`` is in the text, letter case aside; NULL where it is not."""
    cdef uint32_t at
    for at in range(n - len + 1 if n >= len else 0):
        if lower(s[at]) == lower(what[0]) and str_caseeq(s + at, len, what, len):
            return s + at
    return NULL


cdef int http_kind(char *s, uint32_t n, uint32_t *head, bint *expects) noexcept nogil:
    cdef char *end = <char *>memchr(s, 10, n)
    cdef char *at
    cdef uint32_t line
    expects[0] = False
    head[0] = 0
    if end == NULL:
        return HTTP_NO
    line = <uint32_t>(end - s)
    while line and (s[line - 1] == 13 or s[line - 1] == 32):
        line -= 1
    at = s + line
    while at > s and (at - 1)[0] != 32:
        at -= 1
    if at == s or not str_caseeq(at, 5 if line - (at - s) >= 5 else 0, b"HTTP/", 5):
        return HTTP_NO
    at = end + 1
    while True:             # to the empty line
        end = <char *>memchr(at, 10, n - (at - s))
        if end == NULL:
            return HTTP_NO
        if end == at or (end == at + 1 and at[0] == 13):
            break
        at = end + 1
    head[0] = <uint32_t>(end + 1 - s)
    expects[0] = find(s, head[0], b"Expect: 100-continue", 20) != NULL
    at = find(s, head[0], b"\nVia:", 5)
    if at != NULL:
        at[1] = 72          # "H"
    if find(s, head[0], b"Transfer-Encoding: chunked", 26) != NULL:
        return HTTP_CHUNKED
    return HTTP_PLAIN


cdef int digit(char c) noexcept nogil:
    if 48 <= c <= 57:
        return c - 48
    c = lower(c)
    return c - 87 if 97 <= c <= 102 else -1


cdef int64_t chunk_line(const char *s, uint32_t n, uint32_t *size) noexcept nogil:
    """A chunk's size line: its octets; 0: more to come, -1: broken."""
    cdef uint32_t at
    cdef uint32_t value = 0
    for at in range(n):
        if s[at] == 10:
            size[0] = value
            return at + 1
        if s[at] == 13 or s[at] == 32 or s[at] == 9:
            continue
        if digit(s[at]) < 0 or value > 0x7ffffff:
            return -1
        value = value << 4 | <uint32_t>digit(s[at])
    return 0


cdef int64_t walk(char *s, uint32_t n, bint join, uint32_t *total) noexcept nogil:
    cdef uint32_t at = 0, size = 0
    cdef int64_t line
    total[0] = 0
    while True:
        line = chunk_line(s + at, n - at, &size)
        if line <= 0:
            return line
        at += <uint32_t>line
        if size == 0:
            return at
        if size > n - at:
            return 0
        if join:
            memmove(s + total[0], s + at, size)
        total[0] += size
        at += size
        while at < n and s[at] != 10:
            if s[at] != 13 and s[at] != 32 and s[at] != 9:
                return -1
            at += 1
        if at >= n:
            return 0
        at += 1


cdef int64_t http_chunks(char *s, uint32_t n, uint32_t *size) noexcept nogil:
    cdef int64_t done = walk(s, n, False, size)
    return walk(s, n, True, size) if done > 0 else done
