# SipMsg: what a route sees of a message. Valid during its route only. Its fields (m, rc, avps,
# xavps, tm, route_type, extra) and ptr(), invalidate() are declared in sipmsg_line.pxd.
from runtime.native.msg cimport sip_msg
from runtime.native.sipmsg_hdrs cimport MsgHeaders

cdef class SipMsg(MsgHeaders):
    pass

cdef SipMsg wrap(sip_msg *m)
