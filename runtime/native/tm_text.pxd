# What transactions write into messages: tags, reason phrases, characteristic values.
from libc.stdint cimport uint32_t, uint64_t
from runtime.native.cstr cimport str_t
from runtime.native.msg cimport sip_msg

cdef enum:                      # Kamailio's log levels
    L_ERR = -1
    L_WARN = 0
    L_INFO = 2

cdef str_t hdr_value(sip_msg *msg, int type) noexcept nogil     # s NULL: not there
cdef uint64_t mix(uint64_t h, const char *s, uint32_t len) noexcept nogil       # one more string into a hash
cdef void characteristic(sip_msg *msg, char *out) noexcept nogil        # 32 hex digits
cdef const char *error_text(int code) noexcept nogil
# phrase with "(code/signature)" into out; its length
cdef int err2reason(int err, const char *signature, char *out, int size, int *sip_code) noexcept nogil
cdef void make_totag(sip_msg *msg, const char *base, char separator, char *out) noexcept nogil  # TOTAG_LEN
# Contact of a 3xx, as a reply lump; options: rich_redirect
cdef bint add_dset_lump(sip_msg *msg, int options) noexcept nogil
cdef void tm_log(int level, const char *text) noexcept nogil
