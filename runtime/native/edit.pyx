"""Queued edits of a message for modules written in Python: headers found, text cut and put in.

All positions are offsets into the message as received; edits are lumps (guide ch. 14).
"""

from libc.stdint cimport uint32_t
from runtime.native.cstr cimport str_caseeq
from runtime.native.klog cimport say
from runtime.native.lump cimport (
    LUMP_RPL_BODY,
    LUMP_RPL_HDR,
    add_lump_rpl,
    anchor_lump,
    del_lump,
    insert_new_lump_after,
    insert_new_lump_before,
    lump,
)
from runtime.native.msg cimport (
    FL_BODY_MULTIPART,
    HDR_CONTENTLENGTH,
    HDR_EOH_F,
    HDR_OTHER,
    SIP_REPLY,
    get_hdr,
    hdr_field,
    hdr_type,
    parse_headers,
    sip_msg,
)
from runtime.native.sipmsg cimport SipMsg

cdef int L_ERR = -1


cdef sip_msg *_parsed(SipMsg msg) except NULL:
    """The message with every header indexed. Raises ValueError where they cannot be parsed."""
    cdef sip_msg *m = msg.ptr()
    if not m.headers_done and parse_headers(m, HDR_EOH_F) < 0:
        raise ValueError("error while parsing message headers")
    return m


cdef bint _named(sip_msg *m, hdr_field *h, int kind, const char *name, int length) noexcept:
    if kind != HDR_OTHER:
        return h.type == kind
    return str_caseeq(m.buf + h.off, h.name_len, name, length)


def header_count(SipMsg msg) -> int:
    """How many headers there are."""
    return _parsed(msg).n_hdrs


def find_headers(SipMsg msg, bytes name):
    """Indexes of the headers called `name` (compact forms count), in order."""
    cdef sip_msg *m = _parsed(msg)
    cdef int kind = hdr_type(name, <int>len(name))
    return [i for i in range(m.n_hdrs) if _named(m, &m.hdrs[i], kind, name, <int>len(name))]


def has_header(SipMsg msg, bytes name) -> bool:
    """Is there a header called `name`?"""
    cdef sip_msg *m = _parsed(msg)
    cdef int kind = hdr_type(name, <int>len(name))
    cdef int i
    for i in range(m.n_hdrs):
        if _named(m, &m.hdrs[i], kind, name, <int>len(name)):
            return True
    return False


def same_header_name(bytes one, bytes other) -> bool:
    """Do two names mean the same header, compact forms considered?"""
    cdef int kind = hdr_type(one, <int>len(one))
    if kind != HDR_OTHER:
        return kind == hdr_type(other, <int>len(other))
    return str_caseeq(one, <int>len(one), other, <int>len(other))


def is_known_header(bytes name) -> bool:
    """Is it one of the headers that the parser tells apart?"""
    return hdr_type(name, <int>len(name)) != HDR_OTHER


def header_name(SipMsg msg, int index) -> bytes:
    """Name of a header, as written."""
    cdef hdr_field *h = _header(msg, index)
    return msg.m.buf[h.off:h.off + h.name_len]


def header_body(SipMsg msg, int index) -> bytes:
    """Value of a header."""
    cdef hdr_field *h = _header(msg, index)
    return msg.m.buf[h.body_off:h.body_off + h.body_len]


def header_span(SipMsg msg, int index):
    """(offset, length) of a whole header with its line end."""
    cdef hdr_field *h = _header(msg, index)
    return h.off, h.len


def header_body_offset(SipMsg msg, int index) -> int:
    """Offset of a header's value."""
    return _header(msg, index).body_off


cdef hdr_field *_header(SipMsg msg, int index) except NULL:
    cdef sip_msg *m = _parsed(msg)
    if not 0 <= index < m.n_hdrs:
        raise IndexError("no such header")
    return &m.hdrs[index]


def headers_start(SipMsg msg) -> int:
    """Offset of the first header, which is indexed before any script runs."""
    cdef sip_msg *m = msg.ptr()
    return m.hdrs[0].off if m.n_hdrs else m.len


def first_header_end(SipMsg msg) -> int:
    """Offset behind the first header; 0 without one."""
    cdef sip_msg *m = msg.ptr()
    return m.hdrs[0].off + m.hdrs[0].len if m.n_hdrs else 0


def headers_end(SipMsg msg) -> int:
    """Offset of the empty line after the headers."""
    cdef sip_msg *m = _parsed(msg)
    if m.n_hdrs == 0:
        return m.len
    return m.hdrs[m.n_hdrs - 1].off + m.hdrs[m.n_hdrs - 1].len


def body_start(SipMsg msg) -> int:
    """Offset of the body; 0 where the message ends without one."""
    return _parsed(msg).body_off


def buffer(SipMsg msg, uint32_t start, uint32_t end) -> bytes:
    """Octets of the message as received; `end` is cut to its length."""
    cdef sip_msg *m = msg.ptr()
    if end > m.len:
        end = m.len
    return m.buf[start:end] if start < end else b""


def length(SipMsg msg) -> int:
    """Octets of the message as received."""
    return msg.ptr().len


def remove_headers(SipMsg msg, bytes name) -> int:
    """Queue the removal of every header called `name`: how many, -1 where memory ran out."""
    cdef sip_msg *m = _parsed(msg)
    cdef int kind = hdr_type(name, <int>len(name))
    cdef int i, count = 0
    for i in range(m.n_hdrs):
        if _named(m, &m.hdrs[i], kind, name, <int>len(name)):
            if del_lump(m, m.hdrs[i].off, m.hdrs[i].len, 0) is NULL:
                return -1
            count += 1
    return count


def remove_header(SipMsg msg, int index) -> bool:
    """Queue the removal of one header; False where memory ran out."""
    cdef hdr_field *h = _header(msg, index)
    return del_lump(msg.m, h.off, h.len, 0) is not NULL


def append_hf(SipMsg msg, bytes text, bytes after=None) -> int:
    """Queue header lines after the last header, or after the last one called `after`: 1 or -1."""
    cdef sip_msg *m = _readable(msg)
    cdef hdr_field *h
    cdef hdr_field *at = NULL
    cdef int i, kind
    if m is NULL or m.n_hdrs == 0 or not text:
        return -1
    if after is not None:
        kind = hdr_type(after, <int>len(after))
        for i in range(m.n_hdrs):
            h = &m.hdrs[i]
            if _named(m, h, kind, after, <int>len(after)):
                at = h
    if at is NULL:
        at = &m.hdrs[m.n_hdrs - 1]
    return _add(m, at.off + at.len, text)


def insert_hf(SipMsg msg, bytes text, bytes before=None) -> int:
    """Queue header lines before the first header, or before the first called `before`: 1 or -1."""
    cdef sip_msg *m = _readable(msg)
    cdef int i, kind
    if m is NULL or m.n_hdrs == 0 or not text:
        return -1
    if before is not None:
        kind = hdr_type(before, <int>len(before))
        for i in range(m.n_hdrs):
            if _named(m, &m.hdrs[i], kind, before, <int>len(before)):
                return _add(m, m.hdrs[i].off, text)
    return _add(m, m.hdrs[0].off, text)


def remove_hf(SipMsg msg, bytes name) -> int:
    """Queue the removal of every header called `name`: 1, or -1 where there is none."""
    return 1 if _readable(msg) is not NULL and remove_headers(msg, name) > 0 else -1


def is_present_hf(SipMsg msg, bytes name) -> int:
    """Is there a header called `name`? 1 or -1."""
    return 1 if _readable(msg) is not NULL and has_header(msg, name) else -1


cdef sip_msg *_readable(SipMsg msg) except? NULL:
    """The message with every header indexed; NULL, and a log line, where they are malformed."""
    cdef sip_msg *m = msg.ptr()
    if not m.headers_done and parse_headers(m, HDR_EOH_F) < 0:
        say(L_ERR, "edit", "error while parsing message headers")
        return NULL
    return m


cdef int _add(sip_msg *m, uint32_t offset, bytes text) noexcept:
    cdef lump *at = anchor_lump(m, offset, 0)
    if at is NULL or insert_new_lump_before(m, at, text, <uint32_t>len(text), 0) is NULL:
        return -1
    return 1


def delete(SipMsg msg, uint32_t offset, uint32_t size) -> bool:
    """Queue the removal of octets; False where memory ran out or they are out of range."""
    cdef sip_msg *m = msg.ptr()
    if offset > m.len or size > m.len - offset:
        return False
    return del_lump(m, offset, size, 0) is not NULL


def replace(SipMsg msg, uint32_t offset, uint32_t size, bytes text) -> bool:
    """Queue the exchange of octets for `text`; False where it cannot be done."""
    cdef sip_msg *m = msg.ptr()
    cdef lump *at
    if offset > m.len or size > m.len - offset:
        return False
    at = del_lump(m, offset, size, 0)
    if at is NULL:
        return False
    return insert_new_lump_after(m, at, text, <uint32_t>len(text), 0) is not NULL


def insert(SipMsg msg, uint32_t offset, bytes text, *, bint after=False) -> bool:
    """Queue `text` at an offset, before (or after) what stands queued there already."""
    cdef sip_msg *m = msg.ptr()
    cdef lump *at
    if offset > m.len:
        return False
    at = anchor_lump(m, offset, 0)
    if at is NULL:
        return False
    if after:
        return insert_new_lump_after(m, at, text, <uint32_t>len(text), 0) is not NULL
    return insert_new_lump_before(m, at, text, <uint32_t>len(text), 0) is not NULL


def drop_body_edits(SipMsg msg) -> None:
    """Forget what is queued for the body."""
    msg.ptr().body_lumps = NULL


def set_multipart(SipMsg msg) -> None:
    """The body has parts whose boundary lines are mended when the message is built."""
    msg.ptr().msg_flags |= FL_BODY_MULTIPART


def add_reply_header(SipMsg msg, bytes text) -> bool:
    """Add header lines to the replies made here; False where memory ran out."""
    return add_lump_rpl(msg.ptr(), text, <uint32_t>len(text), LUMP_RPL_HDR) is not NULL


def set_reply_body(SipMsg msg, bytes text) -> bool:
    """Give the replies made here a body; False where memory ran out."""
    return add_lump_rpl(msg.ptr(), text, <uint32_t>len(text), LUMP_RPL_BODY) is not NULL


def content_length(SipMsg msg):
    """Value of Content-Length; None without such a header or with a malformed one."""
    cdef sip_msg *m = msg.ptr()
    cdef hdr_field *h = get_hdr(m, HDR_CONTENTLENGTH)
    if h is NULL:
        return None
    text = m.buf[h.body_off:h.body_off + h.body_len]
    return int(text) if text.isdigit() else None


def set_status(SipMsg msg, int code, bytes reason) -> bool:
    """Write a reply's code into its buffer and queue another reason (None: it stays)."""
    cdef sip_msg *m = msg.ptr()
    cdef char *digits
    if m.type != SIP_REPLY or m.status_str.len != 3 or not 100 <= code <= 699:
        return False
    digits = m.buf + m.status_str.off
    digits[0] = <char>(48 + code // 100)
    digits[1] = <char>(48 + code // 10 % 10)
    digits[2] = <char>(48 + code % 10)
    m.status = code
    if reason is None:
        return True
    return replace(msg, m.reason.off, m.reason.len, reason)
