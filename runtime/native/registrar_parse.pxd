# Values of a REGISTER: numbers, options, Path, and the ids that its contacts get.
from libc.stdint cimport int64_t, uint32_t
from runtime.native.cstr cimport span_t, str_t
from runtime.native.msg cimport sip_msg

cdef int64_t number_of(const char *s, uint32_t len) noexcept nogil     # digits alone, 32 bits; -1
cdef int q_of(const char *s, uint32_t len) noexcept nogil              # thousandths (str2q); -1
cdef uint32_t methods_of(const char *s, uint32_t len) noexcept nogil   # mask of a list
cdef int64_t header_expires(sip_msg *m) noexcept nogil                 # of Expires; -1
cdef bint has_option(sip_msg *m, int hdr, const char *option, int length) noexcept nogil
cdef str_t next_ruid(const char *kind) noexcept nogil                  # of four letters; valid until the next
cdef inline str_t text_at(sip_msg *m, span_t s) noexcept nogil:
    cdef str_t result
    result.s = m.buf + s.off
    result.len = <int>s.len if s.off else 0
    return result
# All Path headers as one, and ;received= of the first; both point to memory of this process.
# 0, -1: broken, too long, or its first URI is no loose router.
cdef int path_vector(sip_msg *m, bint use_received, str_t *path, str_t *received) noexcept nogil
cdef int first_hop(str_t path, str_t *uri) noexcept nogil              # URI of the first element; -1
