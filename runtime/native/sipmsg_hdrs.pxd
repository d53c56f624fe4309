# Second base of SipMsg.
from runtime.native.hdrs cimport dig_cred
from runtime.native.msg cimport hdr_field, to_body
from runtime.native.sipmsg_line cimport MsgLine

cdef class MsgHeaders(MsgLine):
    cdef bint _credentials(self, dig_cred *out)
    cdef bytes _value(self, hdr_field *h)
    cdef int _set_address(self, to_body *t, int part, value) except -2
