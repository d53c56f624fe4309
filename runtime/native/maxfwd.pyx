"""Max-Forwards (RFC 3261 s. 16.3, 16.6), for the maxfwd module (mf_funcs.c)."""

from runtime.native.lump cimport anchor_lump, insert_new_lump_before, lump
from runtime.native.msg cimport HDR_MAXFORWARDS, get_hdr, hdr_field, sip_msg
from runtime.native.sipmsg cimport SipMsg

cdef enum:
    ABSENT = -1
    BROKEN = -2


cdef int value(sip_msg *m, char **digits, int *len) noexcept nogil:
    """The number and where it stands; ABSENT or BROKEN."""
    cdef hdr_field *h = get_hdr(m, HDR_MAXFORWARDS)
    cdef int i, n = 0, size
    cdef char *s
    if h is NULL:
        return ABSENT
    s = m.buf + h.body_off
    size = h.body_len
    while size and (s[0] == b' ' or s[0] == b'\t' or s[0] == b'\r' or s[0] == b'\n'):
        s += 1
        size -= 1
    while size and (s[size - 1] == b' ' or s[size - 1] == b'\t'):
        size -= 1
    if size > 5:                                # an empty value counts as 0
        return BROKEN
    for i in range(size):
        if s[i] < 48 or s[i] > 57:
            return BROKEN
        n = n * 10 + (s[i] - 48)
    digits[0] = s
    len[0] = size
    return n & 0xffff                           # 16 bits, as str2s has it


cdef int add_header(sip_msg *m, int limit) noexcept nogil:
    cdef char text[24]
    cdef char digits[4]
    cdef int n = 0, i
    cdef lump *at = anchor_lump(m, m.hdrs[0].off, 0)
    cdef const char *name = b"Max-Forwards: "
    if at is NULL:
        return -1
    for i in range(14):
        text[i] = name[i]
    while True:
        digits[n] = <char>(48 + limit % 10)
        n += 1
        limit //= 10
        if limit == 0:
            break
    for i in range(n):
        text[14 + i] = digits[n - 1 - i]
    text[14 + n] = b'\r'
    text[15 + n] = b'\n'
    return 0 if insert_new_lump_before(m, at, text, 16 + n, 0) is not NULL else -1


def process(SipMsg msg, int limit, int max_limit):
    """``mf_process_maxfwd_header``: 1 counted down, 2 added, -1 it was 0, -2 broken.

    The number is rewritten in the message as received, blanks before it, as there.
    """
    cdef sip_msg *m = msg.ptr()
    cdef char *digits
    cdef int len, n, i
    if limit < 0 or limit > 255:
        return -1
    n = value(m, &digits, &len)
    if n == ABSENT:
        return 2 if add_header(m, limit) == 0 else -2
    if n == BROKEN:
        return -2
    if n == 0:
        return -1
    n = (n if n <= max_limit else max_limit + 1) - 1
    i = len - 1
    while i >= 0:
        digits[i] = <char>(48 + n % 10)
        n //= 10
        i -= 1
        if n == 0:
            break
    while i >= 0:
        digits[i] = b' '
        i -= 1
    return 1


def less_than(SipMsg msg, int limit):
    """``is_maxfwd_lt``: 1 less, -1 not, -2 absent, -3 broken."""
    cdef char *digits
    cdef int len, n
    if limit < 0 or limit > 255:
        return -1
    n = value(msg.ptr(), &digits, &len)
    if n < 0:
        return n - 1
    return -1 if n >= limit else 1
