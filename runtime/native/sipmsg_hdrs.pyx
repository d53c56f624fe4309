"""Headers, body and credentials of a message: the second base of ``SipMsg``."""

from libc.stdint cimport uint32_t
from runtime.native.cstr cimport span_t
from runtime.native.hdrs cimport (
    dig_cred, get_cseq, get_from, get_from_uri, get_to, get_to_uri, parse_digest,
)
from runtime.native.lump cimport anchor_lump, del_lump, insert_new_lump_after, lump
from runtime.native.msg cimport (
    HDR_AUTHORIZATION, HDR_CALLID, HDR_CONTACT, HDR_CONTENTLENGTH, HDR_CONTENTTYPE, HDR_EOH_F,
    HDR_PROXYAUTH, HDR_USERAGENT, METHOD_ACK, METHOD_CANCEL, SIP_REQUEST, cseq_body, find_hdr,
    find_hdr_next, get_hdr, parse_headers, sip_msg,
)
from runtime.native.sipmsg_line cimport nonempty
from runtime.native.uri cimport parse_uri, sip_uri


cdef inline bytes span_or_none(sip_msg *m, span_t s):
    return None if s.off == 0 else m.buf[s.off:s.off + s.len]


cdef bytes hdr_body(sip_msg *m, int type):
    """Value of the first header of a type; None: there is none."""
    cdef hdr_field *h = get_hdr(m, type)
    if h is NULL:
        return None
    return m.buf[h.body_off:h.body_off + h.body_len]


cdef class MsgHeaders(MsgLine):
    """What a route sees of headers and body."""

    @property
    def from_uri(self):
        cdef to_body *f = get_from(self.ptr())
        return None if f is NULL else span_or_none(self.m, f.uri)

    @from_uri.setter
    def from_uri(self, value):
        self._set_address(get_from(self.ptr()), 0, value)

    @property
    def from_user(self):
        cdef sip_uri u
        return nonempty(&u.user) if get_from_uri(self.ptr(), &u) == 0 else None

    @from_user.setter
    def from_user(self, value):
        self._set_address(get_from(self.ptr()), 1, value)

    @property
    def from_domain(self):
        cdef sip_uri u
        return nonempty(&u.host) if get_from_uri(self.ptr(), &u) == 0 else None

    @from_domain.setter
    def from_domain(self, value):
        self._set_address(get_from(self.ptr()), 2, value)

    @property
    def from_name(self):
        cdef to_body *f = get_from(self.ptr())
        return None if f is NULL else span_or_none(self.m, f.display)

    @from_name.setter
    def from_name(self, value):
        self._set_address(get_from(self.ptr()), 3, value)

    @property
    def from_tag(self):
        cdef to_body *f = get_from(self.ptr())
        return None if f is NULL else span_or_none(self.m, f.tag)

    @property
    def to_uri(self):
        cdef to_body *t = get_to(self.ptr())
        return None if t is NULL else span_or_none(self.m, t.uri)

    @to_uri.setter
    def to_uri(self, value):
        self._set_address(get_to(self.ptr()), 0, value)

    @property
    def to_user(self):
        cdef sip_uri u
        return nonempty(&u.user) if get_to_uri(self.ptr(), &u) == 0 else None

    @to_user.setter
    def to_user(self, value):
        self._set_address(get_to(self.ptr()), 1, value)

    @property
    def to_domain(self):
        cdef sip_uri u
        return nonempty(&u.host) if get_to_uri(self.ptr(), &u) == 0 else None

    @to_domain.setter
    def to_domain(self, value):
        self._set_address(get_to(self.ptr()), 2, value)

    @property
    def to_name(self):
        cdef to_body *t = get_to(self.ptr())
        return None if t is NULL else span_or_none(self.m, t.display)

    @to_name.setter
    def to_name(self, value):
        self._set_address(get_to(self.ptr()), 3, value)

    @property
    def to_tag(self):
        cdef to_body *t = get_to(self.ptr())
        return None if t is NULL else span_or_none(self.m, t.tag)

    @property
    def call_id(self):
        return hdr_body(self.ptr(), HDR_CALLID)

    @property
    def cseq(self):
        cdef cseq_body *c = get_cseq(self.ptr())
        return None if c is NULL else span_or_none(self.m, c.number)

    @property
    def cseq_method(self):
        cdef cseq_body *c = get_cseq(self.ptr())
        return None if c is NULL else span_or_none(self.m, c.method)

    @property
    def contact(self):
        return hdr_body(self.ptr(), HDR_CONTACT) or None

    @property
    def user_agent(self):
        return hdr_body(self.ptr(), HDR_USERAGENT)

    @property
    def content_type(self):
        return hdr_body(self.ptr(), HDR_CONTENTTYPE)

    @property
    def content_length(self):
        cdef sip_msg *m = self.ptr()
        return None if get_hdr(m, HDR_CONTENTLENGTH) is NULL else m.content_len

    @property
    def body(self):
        """Everything after the headers (`get_body`), b"" for none; None: no end of headers."""
        cdef sip_msg *m = self.ptr()
        if parse_headers(m, HDR_EOH_F) < 0 or m.body_off == 0:
            return None
        return m.buf[m.body_off:m.len]

    cdef bint _credentials(self, dig_cred *out):
        cdef sip_msg *m = self.ptr()
        cdef hdr_field *h
        if m.type == SIP_REQUEST and m.method_id & (METHOD_ACK | METHOD_CANCEL):
            return False
        h = get_hdr(m, HDR_PROXYAUTH)
        if h is NULL:
            h = get_hdr(m, HDR_AUTHORIZATION)
        return h is not NULL and parse_digest(m, h, out) == 0

    @property
    def auth_user(self):
        """User part of the credentials' username ($au)."""
        cdef bytes whole = self.auth_username
        return None if whole is None else whole.split(b"@", 1)[0]

    @property
    def auth_username(self):
        cdef dig_cred cred
        return span_or_none(self.m, cred.username) if self._credentials(&cred) else None

    @property
    def auth_realm(self):
        cdef dig_cred cred
        return span_or_none(self.m, cred.realm) if self._credentials(&cred) else None

    @property
    def auth_uri(self):
        cdef dig_cred cred
        return span_or_none(self.m, cred.uri) if self._credentials(&cred) else None

    def auth_param(self, bytes name):
        """Parameter of the credentials: nonce, cnonce, response, algorithm, opaque, qop, nc; None."""
        cdef dig_cred cred
        if not self._credentials(&cred):
            return None
        if name == b"nonce":
            return span_or_none(self.m, cred.nonce)
        if name == b"cnonce":
            return span_or_none(self.m, cred.cnonce)
        if name == b"response":
            return span_or_none(self.m, cred.response)
        if name == b"algorithm":
            return span_or_none(self.m, cred.algorithm)
        if name == b"opaque":
            return span_or_none(self.m, cred.opaque)
        if name == b"qop":
            return span_or_none(self.m, cred.qop)
        return span_or_none(self.m, cred.nc) if name == b"nc" else None

    cdef bytes _value(self, hdr_field *h):
        return self.m.buf[h.body_off:h.body_off + h.body_len]

    def hdr(self, bytes name, index=0):
        """Value of the index-th header of this name (negative: from the end); None: there is none."""
        cdef sip_msg *m = self.ptr()
        cdef hdr_field *h
        cdef int n
        if parse_headers(m, HDR_EOH_F) < 0:
            return None
        if index < 0:
            values = self.hdrs(name)
            return values[index] if -index <= len(values) else None
        h = find_hdr(m, name, <int>len(name))
        for n in range(index):
            if h is NULL:
                return None
            h = find_hdr_next(m, h, name, <int>len(name))
        return None if h is NULL else self._value(h)

    def hdrs(self, bytes name) -> list:
        """Values of every header of this name, in order; all headers for ``*``."""
        cdef sip_msg *m = self.ptr()
        cdef hdr_field *h
        cdef int i
        if parse_headers(m, HDR_EOH_F) < 0:
            return []
        if name == b"*":
            return [self._value(&m.hdrs[i]) for i in range(m.n_hdrs)]
        result = []
        h = find_hdr(m, name, <int>len(name))
        while h is not NULL:
            result.append(self._value(h))
            h = find_hdr_next(m, h, name, <int>len(name))
        return result

    def hdr_names(self) -> list:
        """Names of all headers, as written, in order."""
        cdef sip_msg *m = self.ptr()
        cdef int i
        if parse_headers(m, HDR_EOH_F) < 0:
            return []
        return [m.buf[m.hdrs[i].off:m.hdrs[i].off + m.hdrs[i].name_len] for i in range(m.n_hdrs)]

    def parse_to_end(self) -> bool:
        """Index every header; False: one is broken."""
        return parse_headers(self.ptr(), HDR_EOH_F) == 0

    cdef int _set_address(self, to_body *t, int part, value) except -2:
        """Set URI (0), user (1), domain (2) or display name (3) of From or To (`pv_set_xto_attr`)."""
        cdef sip_msg *m = self.m
        cdef sip_uri u
        cdef uint32_t off = 0, len_ = 0
        cdef bytes text = b""
        cdef lump *l = NULL
        if t is NULL or (value is None and part in (0, 2)):
            return -1
        if value is not None:
            if not isinstance(value, bytes):
                return -1
            text = value
        if part == 0:
            off, len_ = t.uri.off, t.uri.len
        elif part == 3:
            off, len_ = t.display.off, t.display.len
            if value is None:
                if len_ == 0:
                    return 0
                if m.buf[off + len_] == b" ":
                    len_ += 1
            elif len_ == 0:
                l = anchor_lump(m, t.body.off, 0)
                text += b" "
        else:
            if parse_uri(m.buf + t.uri.off, t.uri.len, &u) < 0:
                return -1
            if part == 2:
                if u.host.len == 0:
                    return -1
                off, len_ = <uint32_t>(u.host.s - m.buf), u.host.len
            elif u.user.len:
                off, len_ = <uint32_t>(u.user.s - m.buf), u.user.len
                if value is None and m.buf[off + len_] == b"@":
                    len_ += 1
            elif value is None:
                return 0
            else:
                l = anchor_lump(m, <uint32_t>(u.host.s - m.buf), 0)
                text += b"@"
        if len_:
            l = del_lump(m, off, len_, 0)
        if l is NULL:
            return -1
        if text and insert_new_lump_after(m, l, text, <uint32_t>len(text), 0) is NULL:
            return -1
        return 0
