# Views of parsed parts: the classes of `views`, for who makes them.
from libc.stdint cimport uint32_t
from runtime.native.cstr cimport span_t, str_t
from runtime.native.hdrs cimport contact_t
from runtime.native.msg cimport to_body, via_body
from runtime.native.sipmsg cimport SipMsg
from runtime.native.uri cimport sip_uri

cdef inline bytes at(const char *buf, span_t s):
    return buf[s.off:s.off + s.len] if s.off else None


cdef inline bytes some(str_t *s):
    return None if s.s is NULL else s.s[:s.len]


cdef class Uri:
    cdef bytes _text
    cdef sip_uri _u

cdef class View:            # offsets into a message, or into a text of its own
    cdef SipMsg _msg
    cdef bytes _text
    cdef const char *_base      # of the message as it was when it was parsed
    cdef const char *buf(self) except NULL
    cdef void of(self, SipMsg msg, const char *base, bytes text)
    cdef tuple place(self, span_t s)

cdef class Address(View):
    cdef to_body _b
    cdef Uri _uri

cdef class ViaBody(View):
    cdef via_body _v
    cdef readonly object next   # the one behind it in the same header, None without

cdef class Contact(View):
    cdef contact_t _c

cdef Address made_address(SipMsg msg, const char *base, bytes text, to_body *b)
# All of one header, linked; None: one is broken.
cdef ViaBody vias(SipMsg msg, const char *buf, bytes text, uint32_t p, uint32_t end)
