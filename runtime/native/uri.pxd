# SIP, SIPS, TEL URIs (RFC 3261 s. 19, RFC 3966), as Kamailio's parse_uri accepts them.
from libc.stdint cimport uint8_t, uint16_t, uint32_t
from runtime.native.cstr cimport str_t

cdef enum:                  # sip_uri.type
    ERROR_URI_T = 0
    SIP_URI_T = 1
    SIPS_URI_T = 2
    TEL_URI_T = 3
    TELS_URI_T = 4
    URN_URI_T = 5

cdef enum:                  # sip_uri.flags
    URI_USER_NORMALIZE = 1  # user holds visual separators of a telephone number
    URI_SIP_USER_PHONE = 2  # sip: with user=phone: type is TEL_URI_T, params are the number's

cdef struct sip_uri:        # str_t's point into the parsed text
    str_t user
    str_t passwd
    str_t host              # with brackets where IPv6
    str_t port
    str_t params            # without the leading ';'
    str_t sip_params        # where user holds ";params" of a user=phone
    str_t headers
    uint16_t port_no
    uint8_t proto           # of ;transport=
    uint8_t type
    uint32_t flags
    str_t transport         # whole parameter "transport=tcp"
    str_t ttl
    str_t user_param
    str_t maddr
    str_t method
    str_t lr
    str_t r2
    str_t gr
    str_t transport_val
    str_t ttl_val
    str_t user_param_val
    str_t maddr_val
    str_t method_val
    str_t lr_val
    str_t r2_val
    str_t gr_val

cdef int parse_uri(const char *s, int len, sip_uri *out) noexcept nogil        # 0, or -1
# value of a URI/header parameter in `a=1;b;c="x"`: 1 found (val may be empty), 0 not, -1 malformed
cdef int find_param(const char *params, int plen, const char *name, int nlen, str_t *val) noexcept nogil
cdef bint uri_eq(const char *a, int alen, const char *b, int blen) noexcept nogil     # RFC 3261 s. 19.1.4 as cmp_uri
cdef bint phone2tel                 # core parameter: user=phone makes a sip: URI a tel: one
cdef const char *uri_scheme(int type, int *len) noexcept nogil                  # "sip", 3
