# SipMsg: what a route sees of a message. Valid during its route only.
from libc.stdint cimport uint32_t
from runtime.native.msg cimport arena_t, sip_msg

cdef class SipMsg:
    cdef sip_msg *m                 # NULL once the route is over: touching it raises RuntimeError
    cdef public int rc              # $rc / $retcode
    cdef public object avps         # runtime.script.avp.AvpList, made on first use
    cdef public object xavps
    cdef public object tm           # the transaction as tm's module sees it, None without
    cdef public int route_type      # runtime.declare.exports.Routes value of the running route
    cdef public object extra        # dict for modules' per-message state, None until used
    cdef sip_msg *ptr(self) except NULL
    cdef void invalidate(self) noexcept

cdef SipMsg wrap(sip_msg *m)
