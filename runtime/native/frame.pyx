"""Where the messages in a stream end (tcp_read.c).

Leading white space is skipped, an empty line pair is a keep-alive (RFC 5626 s. 4.4.1), a message
ends by Content-Length.
"""

from libc.stdint cimport int64_t, uint32_t
from libc.string cimport memchr
from runtime.native.cstr cimport lower


cdef int64_t frame(
    const char *s, uint32_t n, bint no_cl, bint ping, uint32_t *skipped
) noexcept nogil:
    """Length of the message after ``*skipped`` bytes of white space, or FRAME_*.

    FRAME_PING: those bytes end with a keep-alive to be answered.
    """
    cdef uint32_t at = 0, line, after, name
    cdef int64_t length = -1
    cdef const char *lf
    while at < n and (s[at] == 10 or s[at] == 13 or s[at] == 32 or s[at] == 9):
        if ping and s[at] == 13:
            if n - at < 4:
                skipped[0] = at
                if n - at >= 2 and s[at + 1] != 10 or n - at == 3 and s[at + 2] != 13:
                    at += 1
                    continue
                return FRAME_MORE
            if s[at + 1] == 10 and s[at + 2] == 13 and s[at + 3] == 10:
                skipped[0] = at + 4
                return FRAME_PING
        at += 1
    skipped[0] = at
    line = at
    while True:
        lf = <const char *>memchr(s + line, 10, n - line)
        if lf == NULL:
            return FRAME_MORE
        after = <uint32_t>(lf - s)
        if line > at and (after == line or (after == line + 1 and s[line] == 13)):
            after += 1      # the empty line
            break
        name = _name_end(s, line, after)
        if name:
            length = _number(s, name, after, length)
            if length == -2:
                return FRAME_BAD
        line = after + 1
    if length < 0:
        if not no_cl:
            return FRAME_BAD
        length = 0
    if after + length > n:
        return FRAME_MORE if length < 0x7fffffff else FRAME_BAD
    return after - at + length


cdef uint32_t _name_end(const char *s, uint32_t at, uint32_t end) noexcept nogil:
    """Past the colon of a Content-Length field that starts at ``at``, else 0."""
    cdef const char *full = b"content-length"
    cdef int i = 0
    if at < end and lower(s[at]) == 108:        # "l"
        at += 1
    else:
        while i < 14:
            if at + i >= end or lower(s[at + i]) != full[i]:
                return 0
            i += 1
        at += 14
    while at < end and (s[at] == 32 or s[at] == 9):
        at += 1
    return at + 1 if at < end and s[at] == 58 else 0


cdef int64_t _number(const char *s, uint32_t at, uint32_t end, int64_t before) noexcept nogil:
    """The number in ``s[at:end]``; -2 too large; ``before`` where there is none."""
    cdef int64_t value = 0
    while at < end and (s[at] == 32 or s[at] == 9):
        at += 1
    if at == end or not 48 <= s[at] <= 57:
        return before
    while at < end and 48 <= s[at] <= 57:
        value = value * 10 + s[at] - 48
        if value > 0x7fffffff:
            return -2
        at += 1
    if at < end and s[at] != 32 and s[at] != 9 and s[at] != 13:
        return before
    return value


def next_frame(bytes data, *, bint accept_no_cl = False, bint crlf_ping = True):
    """``(skipped, length)`` of the first message in ``data``; length 0 more, -1 bad, -2 ping."""
    cdef uint32_t skipped = 0
    cdef int64_t n = frame(data, len(data), accept_no_cl, crlf_ping, &skipped)
    return skipped, n
