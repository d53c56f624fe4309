from runtime.native.msg cimport sip_msg
from runtime.native.net cimport dest_info

# Where FL_BODY_MULTIPART is set: the body as edited replaces what is queued for it, with whole
# boundary lines and a last one. Uses the build buffer.
cdef void mend_boundaries(sip_msg *msg, dest_info *dst) noexcept nogil
