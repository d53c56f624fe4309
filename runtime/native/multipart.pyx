"""Boundary lines of a body whose parts were added or removed (``msg_translator.c``)."""

from libc.stdint cimport uint32_t
from libc.string cimport memchr, memcmp, memcpy
from runtime.native.build cimport out_t
from runtime.native.cstr cimport span_t, str_caseeq
from runtime.native.hdrs cimport next_hdr_param
from runtime.native.lump cimport anchor_lump, del_lump, insert_new_lump_after, lump
from runtime.native.msg cimport FL_BODY_MULTIPART, HDR_CONTENTTYPE, arena_alloc, get_hdr, hdr_field
from runtime.native.render cimport finish, put, put_lumps, start

cdef enum:
    LONGEST = 256           # octets of a boundary


cdef struct text_t:         # what is being written
    char *s
    uint32_t len


cdef inline void add(text_t *t, const char *s, uint32_t len) noexcept nogil:
    memcpy(t.s + t.len, s, len)
    t.len += len


cdef span_t boundary_of(sip_msg *msg) noexcept nogil:
    """Value of Content-Type's ``boundary``; empty without one."""
    cdef hdr_field *h = get_hdr(msg, HDR_CONTENTTYPE)
    cdef span_t name, value, none
    cdef const char *semicolon
    cdef uint32_t pos, end
    none.off = none.len = 0
    if h is NULL:
        return none
    end = h.body_off + h.body_len
    semicolon = <const char *>memchr(msg.buf + h.body_off, b';', h.body_len)
    if semicolon is NULL:
        return none
    pos = <uint32_t>(semicolon - msg.buf)
    while next_hdr_param(msg.buf, &pos, end, b';', False, &name, &value) == 1:
        if str_caseeq(msg.buf + name.off, name.len, b"boundary", 8):
            return value
    return none


cdef const char *next_mark(const char *p, const char *end, const char *mark, uint32_t len) noexcept nogil:
    """The next line that begins with a mark; NULL where none does, or a CR has no LF."""
    cdef const char *cr
    while len <= end - p:
        if memcmp(p, mark, len) == 0:
            return p
        cr = <const char *>memchr(p, b'\r', end - p - 1)
        if cr is NULL or cr[1] != b'\n':
            return NULL
        p = cr + 2
    return NULL


cdef uint32_t line_length(const char *p, const char *end) noexcept nogil:
    """Octets of a line with its CRLF; 0 where its CR has no LF."""
    cdef const char *cr = <const char *>memchr(p, b'\r', end - p)
    if cr is NULL:
        return <uint32_t>(end - p)
    return <uint32_t>(cr - p) + 2 if cr[1] == b'\n' else 0


cdef int count_marks(out_t *body, const char *mark, uint32_t len) noexcept nogil:
    cdef const char *p = body.s
    cdef const char *end = body.s + body.len
    cdef int n = 0
    while True:
        p = next_mark(p, end, mark, len)
        if p is NULL:
            return n
        n += 1
        p += len


cdef void put_part(text_t *t, const char *p, const char *next, const char *end, const char *line, uint32_t len) noexcept nogil:
    """A boundary line, mended, and what follows it up to the next one."""
    cdef uint32_t n = line_length(p, end)
    if n != len or memcmp(line, p, len):
        add(t, line, len)
        p += n
    add(t, p, <uint32_t>(next - p))


cdef int mended(sip_msg *msg, out_t *body, span_t boundary, text_t *t) noexcept nogil:
    """The body with good boundary lines, from the first on; -1 where it has fewer than two."""
    cdef char line[LONGEST + 8]
    cdef uint32_t len = boundary.len + 2
    cdef const char *end = body.s + body.len
    cdef const char *p
    cdef const char *next
    cdef int n
    line[0] = line[1] = b'-'
    memcpy(line + 2, msg.buf + boundary.off, boundary.len)
    memcpy(line + len, b"\r\n", 2)
    n = count_marks(body, line, len)
    if n < 2:
        return -1
    t.len = 0
    t.s = <char *>arena_alloc(msg.arena, body.len + 2 * n + len + 4)
    if t.s is NULL:
        return -1
    p = next_mark(body.s, end, line, len)
    while True:
        next = next_mark(p + len, end, line, len)
        if next is NULL:
            break
        put_part(t, p, next, end, line, len + 2)
        p = next
    add(t, line, len)
    add(t, b"--\r\n", 4)
    return 0


cdef void mend_boundaries(sip_msg *msg, dest_info *dst) noexcept nogil:
    cdef span_t boundary
    cdef out_t body
    cdef text_t text
    cdef uint32_t pos
    cdef lump *at
    if not msg.msg_flags & FL_BODY_MULTIPART or msg.body_off == 0:
        return
    boundary = boundary_of(msg)
    if boundary.len == 0 or boundary.len > LONGEST:
        return
    start()
    pos = put_lumps(msg, msg.body_lumps, msg.body_off, dst)
    put(msg.buf + pos, msg.len - pos)
    if finish(&body) < 0 or mended(msg, &body, boundary, &text) < 0:
        return
    msg.body_lumps = NULL
    if del_lump(msg, msg.body_off, msg.len - msg.body_off, 0) is NULL:
        return
    at = anchor_lump(msg, msg.body_off, 0)
    if at is not NULL and insert_new_lump_after(msg, at, text.s, text.len, 0) is not NULL:
        msg.msg_flags &= ~<uint32_t>FL_BODY_MULTIPART
