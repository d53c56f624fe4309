# Bodies of headers that are lists, numbers and names with parameters. Texts are borrowed;
# each parser gives 0, or -1 for what Kamailio's parser refuses.
from libc.stdint cimport uint8_t, uint32_t
from runtime.native.cstr cimport str_t

cdef enum:                  # event_t.type (parse_event.h)
    EVENT_OTHER = 0
    EVENT_PRESENCE = 1
    EVENT_PRESENCE_WINFO = 2
    EVENT_SIP_PROFILE = 3
    EVENT_XCAP_CHANGE = 4
    EVENT_DIALOG = 5
    EVENT_MESSAGE_SUMMARY = 6
    EVENT_UA_PROFILE = 7

cdef enum:                  # bits of Supported, Require... (parse_option_tags.h)
    F_OPTION_TAG_PATH = 1
    F_OPTION_TAG_100REL = 2
    F_OPTION_TAG_TIMER = 4
    F_OPTION_TAG_EVENTLIST = 8
    F_OPTION_TAG_GRUU = 16
    F_OPTION_TAG_OUTBOUND = 32

cdef enum:                  # bits of Privacy (parse_privacy.h)
    PRIVACY_USER = 1
    PRIVACY_HEADER = 2
    PRIVACY_SESSION = 4
    PRIVACY_NONE = 8
    PRIVACY_CRITICAL = 16
    PRIVACY_ID = 32
    PRIVACY_HISTORY = 64

cdef enum:                  # state of Subscription-State
    ss_active = 0
    ss_pending = 1
    ss_terminated = 2
    ss_extension = 3

cdef enum:                  # refresher of Session-Expires (sst)
    sst_refresher_unspecified = 0
    sst_refresher_uac = 1
    sst_refresher_uas = 2

cdef struct event_t:
    str_t name
    str_t params            # behind the first semicolon, NULL without
    int type

cdef struct expires_t:
    str_t text
    uint32_t val
    uint8_t valid           # 0: no number, or more than ten digits

cdef struct substate_t:
    str_t reason            # of the parameter, NULL without
    uint32_t expires
    int value               # ss_*
    uint8_t expires_set

cdef struct session_expires_t:
    uint32_t interval
    int refresher

# One parameter of `s`, which moves on: 0 another one follows, 1 it was the last, -1 broken. value.s is
# NULL without one; `sep` separates (parse_param.c).
cdef int body_param(str_t *s, char sep, str_t *name, str_t *value) noexcept nogil
cdef int body_event(const char *s, int len, event_t *out) noexcept nogil
cdef int body_expires(const char *s, int len, expires_t *out) noexcept nogil
cdef int body_etag(const char *s, int len, str_t *out) noexcept nogil
cdef uint32_t body_options(const char *s, int len) noexcept nogil              # F_OPTION_TAG_*
cdef int body_methods(const char *s, int len, uint32_t *mask) noexcept nogil   # METHOD_*
cdef int body_privacy(const char *s, int len, uint32_t *mask) noexcept nogil
cdef int body_substate(const char *s, int len, substate_t *out) noexcept nogil
cdef int body_session_expires(const char *s, int len, session_expires_t *out) noexcept nogil
cdef int body_min_se(const char *s, int len, uint32_t *out) noexcept nogil
cdef int body_retry_after(const char *s, int len, uint32_t *out) noexcept nogil
