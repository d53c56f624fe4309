# Scanners of the header values that the parser must look into to find their end: Via, name-addr
# (To, From, Contact...), CSeq, Content-Length. They take what Kamailio's parsers take. Each returns
# where the next header (or list element) starts, 0 where the value is broken.
from libc.stdint cimport uint32_t
from runtime.native.msg cimport cseq_body, to_body, via_body

# One via-parm; *more is set where a comma and another one follow.
cdef uint32_t via_scan(const char *buf, uint32_t off, uint32_t end, via_body *out, int *more) noexcept nogil
# One name-addr or addr-spec with its parameters; with `comma`, a comma ends it (*more is set).
cdef uint32_t nameaddr_scan(const char *buf, uint32_t off, uint32_t end, bint comma, to_body *out, int *more) noexcept nogil
cdef uint32_t cseq_scan(const char *buf, uint32_t off, uint32_t end, cseq_body *out) noexcept nogil
cdef uint32_t number_line_scan(const char *buf, uint32_t off, uint32_t end, int *number) noexcept nogil
# From a header's value to past its line end, with folding; 0: there is no line end.
cdef uint32_t line_scan(const char *buf, uint32_t off, uint32_t end) noexcept nogil
cdef uint32_t method_id(const char *s, int len) noexcept nogil     # METHOD_*, without regard to case
