# The SDP of a message (RFC 4566), as Kamailio's parser/sdp reads it: one session for a body of type
# application/sdp, one for each such part of a multipart/mixed body.
from runtime.native.cstr cimport str_t
from runtime.native.msg cimport sip_msg

cdef enum:                  # on_hold
    NO_HOLD = 0
    RFC2543_HOLD = 1        # by the address 0.0.0.0
    RFC3264_HOLD = 2        # by a=sendonly, a=inactive

cdef enum:                  # sip_msg.msg_flags
    FL_SDP_PARSED = 1 << 30 # the SDP of this buffer was parsed (msg->body)

cdef struct sdp_payload:
    str_t id                # number in m=
    str_t codec             # name in a=rtpmap, NULL without

cdef struct sdp_stream:
    int session             # index of its session
    str_t media
    str_t port
    str_t transport
    str_t payloads          # all, as written
    str_t mode              # "sendrecv"..., empty without
    str_t ip_addr           # of its own c=, empty without
    str_t raw               # from m= to the next m= or the end
    int family              # AF_INET, AF_INET6
    int on_hold
    int first_payload
    int n_payloads

cdef struct sdp_session:
    str_t version           # of o=
    str_t ip_addr           # of c= before the first m=, empty without
    str_t mode
    int family              # 0 without such a c=
    int on_hold
    int n_streams

cdef struct sdp_info:
    str_t raw               # the SDP, with several of them the last
    sdp_session *sessions
    sdp_stream *streams     # of all sessions, in order
    sdp_payload *payloads
    int n_sessions
    int n_streams
    int n_payloads

cdef enum:
    SDP_OK = 0
    SDP_NONE = 1            # there is no body
    SDP_BAD = -1            # no SDP, or malformed

# Fills *out, which points into the message's buffer; sdp_free() it in every case.
cdef int sdp_parse(sip_msg *m, sdp_info *out) noexcept nogil
cdef void sdp_free(sdp_info *sdp) noexcept nogil
# The first line of this kind at or after p, NULL without.
cdef char *find_sdp_line(char *p, char *limit, char kind) noexcept nogil
cdef char *find_next_sdp_line(char *p, char *limit, char kind, char *otherwise) noexcept nogil
# Type and subtype of a media type, MIME_*; -1 malformed, 0 no Content-Type.
cdef int content_mime(sip_msg *m) noexcept nogil

cdef enum:
    MIME_OTHER = 1
    MIME_SDP = 2
    MIME_MIXED = 3
