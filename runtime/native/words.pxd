# Small steps of parsers that walk over a text.
from runtime.native.cstr cimport lower, str_caseeq, str_t


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


cdef inline bint folded_eq(const char *s, const char *word, int len) noexcept nogil:
    """As the four octets at a time there are compared: with bit 5 set."""
    cdef int i
    for i in range(len):
        if (s[i] | 0x20) != word[i]:
            return False
    return True
