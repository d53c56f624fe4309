# Record-Route headers of the rr module (record.c).
from runtime.native.msg cimport sip_msg

# Queue the Record-Route header(s) whose addresses are those of the sockets used: 0, -1. tag is the
# ftag, empty for none; user stands before the '@', empty for none.
cdef int record_route(sip_msg *msg, const char *user, int user_len, const char *tag, int tag_len, const char *params, int params_len) noexcept nogil
cdef int record_route_preset(sip_msg *msg, const char *user, int user_len, const char *tag, int tag_len, const char *data, int data_len) noexcept nogil
cdef int record_route_advertised(sip_msg *msg, const char *user, int user_len, const char *tag, int tag_len, const char *data, int data_len) noexcept nogil
cdef int add_rr_param(sip_msg *msg, const char *s, int len) noexcept nogil          # 0, -1
