# Where a message in a stream ends.
from libc.stdint cimport int64_t, uint32_t

cdef enum:
    FRAME_MORE = 0
    FRAME_BAD = -1
    FRAME_PING = -2         # the skipped octets end with a keep-alive to be answered

# Length of the message after *skipped octets of white space, or FRAME_*. `no_cl`: one without
# Content-Length has no body, else it is bad. `ping`: keep-alives are told.
cdef int64_t frame(const char *s, uint32_t n, bint no_cl, bint ping, uint32_t *skipped) noexcept nogil
