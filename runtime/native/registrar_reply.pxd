# The answer of the registrar: its Contact header and the headers that explain it.
from libc.stdint cimport int64_t
from runtime.native.location_bucket cimport urecord
from runtime.native.msg cimport sip_msg
from runtime.native.uri cimport sip_uri

cdef class Answer:
    cdef int h_min, h_retry
    cdef public bint gruu_enabled
    cdef public int path_mode           # 0 when Path is not used
    cdef public int outbound_mode
    cdef public int flow_timer
    cdef bytes received_param
    cdef void forget(self) noexcept nogil
    # The Contact header with every valid contact of a record; rows gets them too where it is a list
    cdef int contacts(self, sip_msg *m, urecord *r, sip_uri *to_uri, int64_t now, list rows) except -1
    cdef int path(self, object msg) except -1
    cdef int outbound(self, object msg) except -1
