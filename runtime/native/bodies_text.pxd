# Bodies of headers that have a form of their own. Texts are borrowed; each parser gives 0, or -1 for
# what Kamailio's parser refuses.
from libc.stdint cimport uint8_t, uint32_t
from runtime.native.cstr cimport str_t

cdef enum:                  # a media type is TYPE_* << 16 | SUBTYPE_* (parse_content.h)
    TYPE_TEXT = 1
    TYPE_MESSAGE = 2
    TYPE_APPLICATION = 3
    TYPE_MULTIPART = 4
    TYPE_ALL = 0xfe
    TYPE_UNKNOWN = 0xff
    SUBTYPE_ALL = 0xfe
    SUBTYPE_UNKNOWN = 0xff
    MAX_MIMES = 128         # of one Accept

cdef struct date_t:         # as in struct tm: mon from 0, year from 1900
    int wday
    int mday
    int mon
    int year
    int hour
    int min
    int sec

cdef struct identity_info_t:
    str_t uri
    str_t domain
    str_t alg               # NULL without

cdef struct disposition_param_t:
    str_t name
    str_t body              # NULL without
    uint8_t is_quoted

cdef int body_date(const char *s, int len, date_t *out) noexcept nogil
# The hash without quotes and folds into `out`, which has room for len octets; its length, -1.
cdef int body_identity(const char *s, int len, char *out) noexcept nogil
cdef int body_identity_info(const char *s, int len, identity_info_t *out) noexcept nogil
# Octets read up to the end or a comma, -1.
cdef int body_mime(const char *s, int len, uint32_t *mime) noexcept nogil
# Type and the first `room` parameters, of which one more than that is never told; how many, -1.
cdef int body_disposition(const char *s, int len, str_t *type, disposition_param_t *params, int room) noexcept nogil
