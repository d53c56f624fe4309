"""Parsed parts of messages as Python sees them: what `runtime.api.parser` is made of.

A view holds on to its message, or to the text that it was parsed from, and copies a part out when
it is asked for. Once the message's route is over, asking raises RuntimeError.
"""

from libc.stdint cimport uint32_t
from runtime.native.cstr cimport span_t
from runtime.native.hdrs cimport next_hdr_param
from runtime.native.msg cimport to_body
from runtime.native.net cimport proto_name
from runtime.native.scan cimport nameaddr_scan, via_scan
from runtime.native.sipmsg cimport SipMsg
from runtime.native.uri cimport parse_uri


cdef list param_list(const char *buf, span_t params):
    """[(name, value or None)]."""
    cdef uint32_t pos = params.off, end = params.off + params.len
    cdef span_t name, value
    found = []
    while params.off and next_hdr_param(buf, &pos, end, b';', False, &name, &value) > 0:
        found.append((at(buf, name), at(buf, value)))
    return found


# URIs

cdef class Uri:
    """A parsed URI (struct sip_uri). Absent parts are None, numbers of them 0."""

    def __init__(self):
        raise TypeError("made by parse_uri")

    @property
    def text(self):
        return self._text

    @property
    def user(self):
        return some(&self._u.user)

    @property
    def passwd(self):
        return some(&self._u.passwd)

    @property
    def host(self):
        return some(&self._u.host)

    @property
    def port(self):
        return some(&self._u.port)

    @property
    def params(self):
        return some(&self._u.params)

    @property
    def sip_params(self):
        return some(&self._u.sip_params)

    @property
    def headers(self):
        return some(&self._u.headers)

    @property
    def port_no(self):
        return self._u.port_no

    @property
    def proto(self):
        return self._u.proto

    @property
    def type(self):
        return self._u.type

    @property
    def flags(self):
        return self._u.flags

    @property
    def transport(self):
        return some(&self._u.transport)

    @property
    def ttl(self):
        return some(&self._u.ttl)

    @property
    def user_param(self):
        return some(&self._u.user_param)

    @property
    def maddr(self):
        return some(&self._u.maddr)

    @property
    def method(self):
        return some(&self._u.method)

    @property
    def lr(self):
        return some(&self._u.lr)

    @property
    def r2(self):
        return some(&self._u.r2)

    @property
    def gr(self):
        return some(&self._u.gr)

    @property
    def transport_val(self):
        return some(&self._u.transport_val)

    @property
    def ttl_val(self):
        return some(&self._u.ttl_val)

    @property
    def user_param_val(self):
        return some(&self._u.user_param_val)

    @property
    def maddr_val(self):
        return some(&self._u.maddr_val)

    @property
    def method_val(self):
        return some(&self._u.method_val)

    @property
    def lr_val(self):
        return some(&self._u.lr_val)

    @property
    def r2_val(self):
        return some(&self._u.r2_val)

    @property
    def gr_val(self):
        return some(&self._u.gr_val)


def uri(bytes text):
    """A URI; None: it is none."""
    cdef Uri found = Uri.__new__(Uri)
    found._text = text
    return found if parse_uri(text, <int>len(text), &found._u) == 0 else None


# Views

cdef class View:
    """Offsets into a message, or into a text of its own."""

    def __init__(self):
        raise TypeError("made by a parser")

    cdef const char *buf(self) except NULL:
        if self._msg is None:
            return self._text
        self._msg.ptr()         # the message must still be there
        return self._base

    cdef void of(self, SipMsg msg, const char *base, bytes text):
        self._msg = msg
        self._base = base
        self._text = text

    cdef tuple place(self, span_t s):
        return (s.off if self._msg is not None else s.off - 1, s.len) if s.off else None


cdef class Address(View):
    """A name-addr with its parameters (struct to_body)."""

    @property
    def body(self):
        return at(self.buf(), self._b.body)

    @property
    def uri(self):
        return at(self.buf(), self._b.uri)

    @property
    def display(self):
        return at(self.buf(), self._b.display)

    @property
    def tag_value(self):
        return at(self.buf(), self._b.tag)

    @property
    def params(self):
        return at(self.buf(), self._b.params)

    @property
    def param_lst(self):
        return param_list(self.buf(), self._b.params)

    @property
    def parsed_uri(self):
        if self._uri is None:
            self._uri = uri(self.uri)
        return self._uri

    @property
    def uri_span(self):
        return self.place(self._b.uri)


cdef Address made_address(SipMsg msg, const char *base, bytes text, to_body *b):
    cdef Address a = Address.__new__(Address)
    a.of(msg, base, text)
    a._b = b[0]
    return a


def address(bytes text):
    """The value of a To header; None: it is broken."""
    cdef bytes padded = b" " + text + b"\r\n"       # offset 0 means "absent" in a span
    cdef to_body b
    cdef int more
    if nameaddr_scan(padded, 1, <uint32_t>len(padded), False, &b, &more) == 0:
        return None
    return made_address(None, NULL, padded, &b)


cdef class ViaBody(View):
    """One via-parm (struct via_body)."""

    @property
    def name(self):
        return b"SIP"

    @property
    def version(self):
        return at(self.buf(), self._v.version)

    @property
    def transport(self):
        return at(self.buf(), self._v.transport)

    @property
    def host(self):
        return at(self.buf(), self._v.host)

    @property
    def proto(self):
        return self._v.proto

    @property
    def proto_name(self):
        return <bytes>proto_name(self._v.proto)

    @property
    def port(self):
        return self._v.port

    @property
    def port_str(self):
        return at(self.buf(), self._v.port_str)

    @property
    def params(self):
        return at(self.buf(), self._v.params)

    @property
    def param_lst(self):
        return param_list(self.buf(), self._v.params)

    @property
    def bsize(self):
        return self._v.whole.len

    @property
    def whole(self):
        return at(self.buf(), self._v.whole)

    @property
    def branch(self):
        return at(self.buf(), self._v.branch)

    @property
    def tid(self):
        return at(self.buf(), self._v.tid)

    @property
    def received(self):
        return at(self.buf(), self._v.received)

    @property
    def rport(self):
        return at(self.buf(), self._v.rport)

    @property
    def i(self):
        return at(self.buf(), self._v.ival)

    @property
    def alias(self):
        return at(self.buf(), self._v.alias)

    @property
    def maddr(self):
        for name, value in self.param_lst:
            if name.lower() == b"maddr":
                return value
        return None


cdef ViaBody vias(SipMsg msg, const char *buf, bytes text, uint32_t p, uint32_t end):
    """All of one header, linked; None: one is broken."""
    cdef ViaBody first = None, last = None, v
    cdef int more = 1
    while more:
        v = ViaBody.__new__(ViaBody)
        v.of(msg, buf, text)
        p = via_scan(buf, p, end, &v._v, &more)
        if p == 0:
            return None
        if last is None:
            first = v
        else:
            last.next = v
        last = v
    return first


def via(bytes text):
    """The value of a Via header; None: it is broken."""
    cdef bytes padded = b" " + text + b"\r\nX"
    return vias(None, padded, padded, 1, <uint32_t>len(padded))


cdef class Contact(View):
    """One element of Contact, Route, Record-Route or Path (contact_t, rr_t)."""

    @property
    def name(self):
        return at(self.buf(), self._c.addr.display)

    @property
    def uri(self):
        return at(self.buf(), self._c.addr.uri)

    @property
    def body(self):
        return at(self.buf(), self._c.addr.body)

    @property
    def params(self):
        return at(self.buf(), self._c.addr.params)

    @property
    def param_lst(self):
        return param_list(self.buf(), self._c.addr.params)

    @property
    def q(self):
        return at(self.buf(), self._c.q)

    @property
    def expires(self):
        return at(self.buf(), self._c.expires)

    @property
    def methods(self):
        return at(self.buf(), self._c.methods)

    @property
    def received(self):
        return at(self.buf(), self._c.received)

    @property
    def instance(self):
        return at(self.buf(), self._c.instance)

    @property
    def reg_id(self):
        return at(self.buf(), self._c.reg_id)

    @property
    def star(self):
        return self._c.star == 1

    @property
    def uri_span(self):
        return self.place(self._c.addr.uri)
