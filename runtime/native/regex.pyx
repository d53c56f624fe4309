"""POSIX regular expressions by libc (``regcomp``): their matching rules are the behaviour."""

from cpython.mem cimport PyMem_Free, PyMem_Malloc
from libc.string cimport memset

cdef extern from "<regex.h>" nogil:
    ctypedef struct regex_t:
        size_t re_nsub
    ctypedef int regoff_t
    ctypedef struct regmatch_t:
        regoff_t rm_so
        regoff_t rm_eo
    int REG_EXTENDED, REG_ICASE, REG_NEWLINE, REG_NOTBOL, REG_STARTEND
    int regcomp(regex_t *preg, const char *pattern, int flags)
    int regexec(const regex_t *preg, const char *s, size_t n, regmatch_t *m, int flags)
    size_t regerror(int code, const regex_t *preg, char *buf, size_t size)
    void regfree(regex_t *preg)

cdef extern from "<fnmatch.h>" nogil:
    int c_fnmatch "fnmatch"(const char *pattern, const char *text, int flags)


def fnmatch(bytes pattern not None, bytes text not None) -> bool:
    """Does the text match a shell pattern, by libc's rules (both end at a NUL)?"""
    return c_fnmatch(pattern, text, 0) == 0


cdef class Regex:
    """An extended regular expression; Kamailio's `=~` ignores case and knows lines."""

    cdef regex_t compiled
    cdef bint ready
    cdef readonly bytes pattern
    cdef readonly int groups_count

    def __init__(self, bytes pattern not None, *, bint icase=True, bint newline=True):
        """Compile; the pattern ends at a NUL, as in C. Raises ValueError with libc's message."""
        cdef char message[256]
        cdef int flags = REG_EXTENDED
        cdef int code
        if icase:
            flags |= REG_ICASE
        if newline:
            flags |= REG_NEWLINE
        code = regcomp(&self.compiled, pattern, flags)
        if code != 0:
            regerror(code, &self.compiled, message, sizeof(message))
            raise ValueError(f"bad regular expression {pattern!r}: {(<bytes>message).decode()}")
        self.ready = True
        self.pattern = pattern
        self.groups_count = <int>self.compiled.re_nsub

    def __dealloc__(self):
        if self.ready:
            regfree(&self.compiled)

    def match(self, bytes text not None) -> bool:
        """Is there a match anywhere in the text (up to a NUL)?"""
        return regexec(&self.compiled, text, 0, NULL, 0) == 0

    def search(self, bytes text not None, int start=0, *, bint notbol=False):
        """Spans (start, end) of the first match from `start` on and of its groups, or None.

        A group that took no part has the span (-1, -1). `notbol`: `start` begins no line.
        """
        cdef size_t n = self.compiled.re_nsub + 1
        cdef regmatch_t *m
        cdef size_t i
        if not 0 <= start <= len(text):
            return None
        m = <regmatch_t *>PyMem_Malloc(n * sizeof(regmatch_t))
        if m is NULL:
            raise MemoryError()
        memset(m, 0, n * sizeof(regmatch_t))
        try:
            if regexec(&self.compiled, <const char *>text + start, n, m, REG_NOTBOL if notbol else 0):
                return None
            spans = []
            for i in range(n):
                if m[i].rm_so >= 0:
                    spans.append((m[i].rm_so + start, m[i].rm_eo + start))
                else:
                    spans.append((-1, -1))
            return tuple(spans)
        finally:
            PyMem_Free(m)

    def groups(self, bytes text not None):
        """Texts of the first match and of its groups (None where one took no part), or None."""
        spans = self.search(text)
        if spans is None:
            return None
        return tuple(text[a:b] if a >= 0 else None for a, b in spans)
