# First base of SipMsg; it holds every field, so that all three share one free list.
from libc.stdint cimport uint32_t
from runtime.native.cstr cimport str_t
from runtime.native.msg cimport sip_msg
from runtime.native.net cimport sockaddr_union
from runtime.native.uri cimport sip_uri

cdef class MsgLine:
    cdef sip_msg *m                 # NULL once the route is over: touching it raises RuntimeError
    cdef public int rc              # $rc / $retcode
    cdef public object avps         # runtime.script.avp.AvpList, made on first use
    cdef public object xavps
    cdef public object xavis
    cdef public object tm           # the transaction as tm's module sees it, None without
    cdef public int route_type      # runtime.declare.exports.Routes value of the running route
    cdef public bint failed         # it ended by exit or drop with a negative code
    cdef public object extra        # dict for modules' per-message state, None until used
    cdef object owner               # keeps a message made by parse() alive, else None
    cdef sip_msg *ptr(self) except NULL
    cdef void invalidate(self) noexcept
    cdef bytes _source(self, bint always)
    cdef bint _dst(self, sip_uri *u)
    cdef uint32_t *_bflags(self, int branch) except NULL
    cdef bint _is_self(self, sip_uri *u)
    cdef int _uri_is_self(self)
    cdef int _from_is_self(self)
    cdef int _to_is_self(self)
    cdef int _edit(self, int what, value) except? -2
    cdef int _socket(self, bytes text) except? -2

cdef bytes str_or_none(str_t *s)
cdef bytes nonempty(str_t *s)
cdef bytes ip_text(const sockaddr_union *su)
