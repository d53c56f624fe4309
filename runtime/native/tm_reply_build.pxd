# The text of a reply that goes back.
from runtime.native.build cimport bookmark, out_t
from runtime.native.msg cimport sip_msg
from runtime.native.tm cimport tm_cell

cdef bint needs_totag(sip_msg *req, int code) noexcept nogil
# 0, or -1. own: it was made here, and bm knows its To-tag. code: its status.
cdef int build_relayed(tm_cell *t, int relay, int branch, sip_msg *reply, int status, int *code, bint *own, bookmark *bm, out_t *out) noexcept nogil
