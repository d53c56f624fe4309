# The life of a server transaction as a script sees it: made, replied, relayed, let go
# (tm/t_lookup.c: t_newtran, t_unref; tm/t_funcs.c: t_relay_to).
from runtime.native.msg cimport sip_msg
from runtime.native.net cimport dest_info
from runtime.native.tm cimport tm_cell

cdef int t_newtran(sip_msg *msg) noexcept nogil                 # 1 new, 0 a retransmission (done), E_*
cdef int t_unref(sip_msg *msg) noexcept nogil                   # end of the script
cdef int t_relay_to(sip_msg *msg, dest_info *fixed, int proto, bint replicate) noexcept nogil
cdef int t_relay_cancel(sip_msg *msg) noexcept nogil            # 0 relayed, 1 no such INVITE, E_*
cdef int t_check_trans(sip_msg *msg, int route_type) noexcept nogil     # 1, 0 end the script, -1
cdef void reset_ctx() noexcept nogil
cdef void send_trying(tm_cell *t, sip_msg *msg) noexcept nogil
