"""The answer of the registrar: headers, code and reason (registrar: ``reply.c``)."""

from libc.stdint cimport int64_t, uint32_t, uint64_t
from libc.stdlib cimport realloc
from libc.string cimport memcpy
from runtime.native.cfgvar cimport cfg_slot
from runtime.native.cstr cimport str_t
from runtime.native.location cimport contact_row, valid_contact
from runtime.native.location_bucket cimport ucontact, urecord
from runtime.native.lump cimport LUMP_RPL_HDR, add_lump_rpl
from runtime.native.msg cimport HDR_REQUIRE, HDR_SUPPORTED, get_hdr, sip_msg
from runtime.native.registrar_parse cimport has_option
from runtime.native.sipmsg cimport SipMsg
from runtime.native.uri cimport sip_uri

cdef enum:                      # rerrno
    R_FINE = 0
    R_PATH_UNSUP = 29
    R_OB_UNSUP = 30
    R_OB_REQD = 31
    R_LOW_EXP = 34
    PATH_STRICT = 2
    OUTBOUND_SUPPORTED = 1
    OUTBOUND_REQUIRED = 2

cdef struct outbuf:             # grows; one a process, reused
    char *s
    uint32_t len
    uint32_t size
    bint failed

cdef outbuf out


cdef void add(const char *s, uint32_t n) noexcept nogil:
    cdef char *bigger
    if out.len + n > out.size:
        bigger = <char *>realloc(out.s, (out.len + n) * 2 + 4096)
        if bigger is NULL:
            out.failed = True
            return
        out.s = bigger
        out.size = (out.len + n) * 2 + 4096
    memcpy(out.s + out.len, s, n)
    out.len += n


cdef void add_number(int64_t value) noexcept nogil:
    cdef char digits[24]
    cdef int at = 24
    cdef uint64_t rest = <uint64_t>(-value if value < 0 else value)
    while at == 24 or rest:
        at -= 1
        digits[at] = <char>(48 + rest % 10)
        rest //= 10
    if value < 0:
        at -= 1
        digits[at] = b'-'
    add(digits + at, 24 - at)


cdef void add_q(int q) noexcept nogil:
    """``1``, ``0``, ``0.5``: thousandths without their last zeros."""
    cdef char digits[5]
    cdef int n = 5
    if q >= 1000 or q == 0:
        add(b"1" if q else b"0", 1)
        return
    digits[0] = b'0'
    digits[1] = b'.'
    digits[2] = <char>(48 + q // 100)
    digits[3] = <char>(48 + q // 10 % 10)
    digits[4] = <char>(48 + q % 10)
    while digits[n - 1] == b'0':
        n -= 1
    add(digits, n)


# ---- Contact

cdef void add_contact(
    ucontact *c, int64_t now, bytes received_param
) noexcept:
    add(b"<", 1)
    add(c.i.c.s, c.i.c.len)
    add(b">", 1)
    if c.i.q >= 0:
        add(b";q=", 3)
        add_q(c.i.q)
    add(b";expires=", 9)
    add_number(c.i.expires - now)
    if len(received_param) and c.i.received.len:
        add(b";", 1)
        add(<char *>received_param, <uint32_t>len(received_param))
        add(b"=\"", 2)
        add(c.i.received.s, c.i.received.len)
        add(b"\"", 1)


cdef void add_gruus(urecord *r, ucontact *c, sip_uri *to_uri) noexcept nogil:
    cdef str_t inst = c.i.instance
    cdef uint32_t hash = r.hash
    cdef int at = 0
    cdef char digit
    while at < r.aor.len and r.aor.s[at] != b'@':
        at += 1
    add(b";pub-gruu=\"sip:", 15)
    add(r.aor.s, r.aor.len)
    if at == r.aor.len:
        add(b"@", 1)
        add(to_uri.host.s, to_uri.host.len)
    add(b";gr=", 4)
    if inst.len > 1 and inst.s[0] == b'<' and inst.s[inst.len - 1] == b'>':
        inst.s += 1
        inst.len -= 2
    add(inst.s, inst.len)
    add(b"\";temp-gruu=\"sip:", 17)
    add(c.i.ruid.s, c.i.ruid.len)
    add(b"-", 1)
    while hash:
        digit = b"0123456789abcdef"[hash & 15]
        add(&digit, 1)
        hash >>= 4
    add(b"@", 1)
    add(to_uri.host.s, to_uri.host.len)
    add(b";gr\"", 4)


# ---- other headers

cdef void add_line(SipMsg msg, bytes text):
    add_lump_rpl(msg.ptr(), <char *>text, <uint32_t>len(text), LUMP_RPL_HDR)


cdef class Answer:
    """What the answer to a REGISTER holds."""

    def __init__(self, *, handles, bytes received_param not None):
        """`handles` are those of the cfg variables min_expires and retry_after."""
        self.h_min, self.h_retry = handles
        self.received_param = received_param
        self.gruu_enabled = True

    cdef void forget(self) noexcept nogil:
        out.len = 0
        out.failed = False

    cdef int contacts(
        self, sip_msg *m, urecord *r, sip_uri *to_uri, int64_t now, list rows
    ) except -1:
        cdef ucontact *c = r.contacts
        cdef bint gruu = self.gruu_enabled and has_option(m, HDR_SUPPORTED, b"gruu", 4)
        while c is not NULL:
            if not valid_contact(c, now):
                c = c.next
                continue
            if out.len == 0:
                add(b"Contact: ", 9)
            else:
                add(b", ", 2)
            add_contact(c, now, self.received_param)
            if gruu and c.i.instance.len:
                add_gruus(r, c, to_uri)
            if c.i.instance.len:
                add(b";+sip.instance=\"", 16)
                add(c.i.instance.s, c.i.instance.len)
                add(b"\"", 1)
            if c.i.reg_id > 0:
                add(b";reg-id=", 8)
                add_number(c.i.reg_id)
            if rows is not None:
                rows.append(contact_row(r, c))
            c = c.next
        if out.len:
            add(b"\r\n", 2)
        return 0

    def prepare(self, SipMsg msg not None, int error):
        """Queue the header lines of the answer to `error`; the error to tell of."""
        cdef sip_msg *m = msg.ptr()
        if out.len and not out.failed:
            add_lump_rpl(m, out.s, out.len, LUMP_RPL_HDR)
        self.forget()
        if error == R_FINE:
            if self.path_mode and m.path_vec.s is not NULL:
                error = self.path(msg)
            if self.outbound_mode:
                self.outbound(msg)
        elif error == R_OB_UNSUP:
            add_line(msg, b"Require: outbound\r\n")
            add_line(msg, b"Supported: outbound\r\n")
        elif error == R_OB_REQD:
            add_line(msg, b"Unsupported: outbound\r\n")
        elif error == R_LOW_EXP:
            add_line(msg, b"Min-Expires: %d\r\n" % cfg_slot(self.h_min)[0])
        return error

    def explain(self, SipMsg msg not None, int code, bytes text not None):
        """Queue what explains a refusal."""
        add_line(msg, b"P-Registrar-Error: %b\r\n" % text)
        if 500 <= code < 600 and cfg_slot(self.h_retry)[0]:
            add_line(msg, b"Retry-After: %d\r\n" % cfg_slot(self.h_retry)[0])

    cdef int path(self, object msg) except -1:
        cdef sip_msg *m = (<SipMsg>msg).ptr()
        cdef bint known = has_option(m, HDR_SUPPORTED, b"path", 4)
        if known:
            add_line(msg, b"Path: %b\r\n" % m.path_vec.s[:m.path_vec.len])
        elif self.path_mode == PATH_STRICT:
            add_line(msg, b"Unsupported: path\r\n")
            add_line(msg, b"Path: %b\r\n" % m.path_vec.s[:m.path_vec.len])
            return R_PATH_UNSUP
        return R_FINE

    cdef int outbound(self, object msg) except -1:
        cdef sip_msg *m = (<SipMsg>msg).ptr()
        cdef bint used = self.outbound_mode == OUTBOUND_REQUIRED
        if used:
            add_line(msg, b"Require: outbound\r\n")
            add_line(msg, b"Supported: outbound\r\n")
        elif self.outbound_mode == OUTBOUND_SUPPORTED:
            add_line(msg, b"Supported: outbound\r\n")
            used = has_option(m, HDR_REQUIRE, b"outbound", 8) or has_option(
                m, HDR_SUPPORTED, b"outbound", 8
            )
            if used:
                add_line(msg, b"Require: outbound\r\n")
        if used and self.flow_timer > 0:
            add_line(msg, b"Flow-Timer: %d\r\n" % self.flow_timer)
        return 0
