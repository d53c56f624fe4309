# Replies that come in (reply_received of tm/t_reply.c).
from runtime.native.msg cimport sip_msg

cdef int reply_received(sip_msg *msg) noexcept nogil            # 0 handled, 1 forward statelessly
