# Byte strings by pointer and length, Kamailio's `str`, and the few operations all topics share.
from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcmp, memcpy


cdef struct str_t:          # text that is not NUL-terminated; s is NULL where there is none
    char *s
    int len


cdef struct span_t:         # text inside a message's buffer; off 0 means "not there"
    uint32_t off
    uint32_t len


cdef inline bint str_eq(const char *a, int alen, const char *b, int blen) noexcept nogil:
    return alen == blen and memcmp(a, b, alen) == 0


cdef inline char lower(char c) noexcept nogil:
    return c + 32 if 65 <= c <= 90 else c


cdef inline bint str_caseeq(const char *a, int alen, const char *b, int blen) noexcept nogil:
    cdef int i
    if alen != blen:
        return False
    for i in range(alen):
        if a[i] != b[i] and lower(a[i]) != lower(b[i]):
            return False
    return True


cdef inline bytes str_bytes(str_t *s):
    return s.s[:s.len]
