# sip_msg and its lazy, zero-copy parser (guide ch. 5, 6). Headers are indexed by offsets into the
# buffer, so that a clone is a copy.
from libc.stdint cimport int32_t, uint8_t, uint16_t, uint32_t, uint64_t
from runtime.native.cstr cimport span_t, str_t
from runtime.native.net cimport receive_info, socket_info
from runtime.native.uri cimport sip_uri
from runtime.native.lump cimport lump, reply_lump

cdef enum:
    MAX_BRANCHES = 31       # of one message (r-URI's own not counted)
    NO_HDR = 0xffff
    SIP_REQUEST = 1
    SIP_REPLY = 2
    SIP_INVALID = 0

cdef enum:                  # method ids are Kamailio's bits, so that is_method can mask them
    METHOD_UNDEF = 0
    METHOD_INVITE = 1
    METHOD_CANCEL = 2
    METHOD_ACK = 4
    METHOD_BYE = 8
    METHOD_INFO = 16
    METHOD_REGISTER = 32
    METHOD_SUBSCRIBE = 64
    METHOD_NOTIFY = 128
    METHOD_MESSAGE = 256
    METHOD_OPTIONS = 512
    METHOD_PRACK = 1024
    METHOD_UPDATE = 2048
    METHOD_REFER = 4096
    METHOD_PUBLISH = 8192
    METHOD_KDMQ = 16384
    METHOD_GET = 32768
    METHOD_POST = 65536
    METHOD_PUT = 131072
    METHOD_DELETE = 262144
    METHOD_OTHER = 524288

cdef enum:
    HDR_OTHER = 0
    HDR_VIA = 1
    HDR_TO
    HDR_FROM
    HDR_CSEQ
    HDR_CALLID
    HDR_CONTACT
    HDR_MAXFORWARDS
    HDR_ROUTE
    HDR_RECORDROUTE
    HDR_PATH
    HDR_CONTENTTYPE
    HDR_CONTENTLENGTH
    HDR_CONTENTDISPOSITION
    HDR_CONTENTENCODING
    HDR_AUTHORIZATION
    HDR_PROXYAUTH
    HDR_WWW_AUTHENTICATE
    HDR_PROXY_AUTHENTICATE
    HDR_EXPIRES
    HDR_MIN_EXPIRES
    HDR_SUPPORTED
    HDR_REQUIRE
    HDR_PROXYREQUIRE
    HDR_UNSUPPORTED
    HDR_ALLOW
    HDR_EVENT
    HDR_ACCEPT
    HDR_ACCEPTLANGUAGE
    HDR_ORGANIZATION
    HDR_PRIORITY
    HDR_SUBJECT
    HDR_USERAGENT
    HDR_SERVER
    HDR_DIVERSION
    HDR_RPID
    HDR_PAI
    HDR_PPI
    HDR_PRIVACY
    HDR_REFER_TO
    HDR_REASON
    HDR_RETRY_AFTER
    HDR_SESSIONEXPIRES
    HDR_MIN_SE
    HDR_SIPIFMATCH
    HDR_SUBSCRIPTION_STATE
    HDR_ALLOWEVENTS
    HDR_IDENTITY
    HDR_DATE
    HDR_WARNING
    HDR_REFERREDBY
    HDR_CALLINFO
    HDR_ACCEPTCONTACT
    HDR_REJECTCONTACT
    HDR_REQUESTDISPOSITION
    HDR_IDENTITY_INFO
    HDR_MAX                 # number of types

cdef struct hdr_field:
    uint32_t off            # whole field, from its name to past its last CRLF
    uint32_t len
    uint32_t body_off       # value, without surrounding white space
    uint32_t body_len
    uint16_t name_len       # name is at off
    uint16_t type
    uint16_t next_same      # index of the next header of this type, or NO_HDR
    uint16_t index          # its own, so that it can be found again when the table has moved

cdef struct via_body:
    span_t whole            # this via-parm alone (one of several in a header possibly)
    span_t version          # "2.0"
    span_t transport        # text
    span_t host
    span_t port_str
    span_t params           # from the first ';'
    span_t branch           # value
    span_t received         # value
    span_t received_param   # ";received=..." whole
    span_t rport            # value; len 0 with off set: present without a value
    span_t rport_param      # ";rport..." whole
    span_t ival             # i=
    span_t alias
    span_t tid              # branch without the branch index of ours (`z9hG4bK` + ...)
    uint16_t port           # 0 where none
    uint16_t hdr            # index of its header
    uint8_t proto           # PROTO_*
    uint8_t valid           # 0 not parsed, 1 good, 2 bad

cdef struct to_body:        # To, From, and other name-addr headers
    span_t body             # name-addr part and parameters
    span_t display          # with quotes as written
    span_t uri
    span_t params           # after the '>' or the first ';' of addr-spec form
    span_t tag
    uint8_t valid           # 0 not parsed, 1 good, 2 bad

cdef struct cseq_body:
    span_t number
    span_t method
    uint32_t method_id
    uint8_t valid

cdef struct branch_t:       # append_branch (dset.c)
    str_t uri
    str_t dst_uri
    str_t path
    str_t ruid
    str_t instance
    str_t location_ua
    int q                   # 0..1000, -1 unset
    uint32_t flags
    uint32_t reg_id
    uint32_t otcpid
    socket_info *force_send_socket

cdef struct arena_t         # bump memory of one message, freed at once; see arena_alloc

cdef enum:                  # sip_msg.msg_flags
    FL_FORCE_RPORT = 1
    FL_FORCE_ACTIVE = 2
    FL_SDP_IP_AFS = 4
    FL_TIMEOUT = 256
    FL_REPLIED = 512
    FL_FINAL_REPLY = 1024
    FL_ADD_LOCAL_RPORT = 2048
    FL_USE_UAC_FROM = 4096
    FL_RR_ADDED = 8192
    FL_BODY_MULTIPART = 16384
    FL_FAKED = 32768
    FL_ADD_XAVP_VIA_PARAMS = 65536
    FL_ADD_SRVID = 2097152
    FL_MTU_TCP_FB = 524288  # too long for UDP: send by this instead (udp_mtu)
    FL_MTU_TLS_FB = 1048576
    FL_MTU_FB_MASK = 1572864
    FL_MSG_NOREPLY = 262144 # no reply is to be sent (sanity)
    FL_USE_UAC_TO = 33554432
    FL_UAC_REPLIES = 67108864   # uac puts From and To back in the replies
    FL_ROUTE_ADDR = 131072  # loose_route found a further hop in Route

cdef struct sip_msg:
    char *buf
    uint32_t len
    uint8_t type            # SIP_REQUEST, SIP_REPLY
    uint8_t headers_done    # end of headers reached
    uint8_t uri_parsed      # 0 no, 1 parsed_uri is of the current r-URI, 2 bad
    uint8_t orig_uri_parsed
    uint8_t ruri_new        # the r-URI may be forked to (ruri_mark_new, dset.h)
    uint32_t method_id      # of a request
    span_t method
    span_t uri              # request-URI as received
    span_t version
    span_t reason
    span_t status_str
    int status              # of a reply
    uint32_t body_off       # 0 until the end of headers was seen
    uint32_t next_off       # where parsing goes on
    hdr_field *hdrs
    uint16_t n_hdrs
    uint16_t cap_hdrs
    int content_len         # value of Content-Length, -1 where none was seen
    uint16_t first[56]      # first header by type (HDR_MAX <= 56), NO_HDR where none so far
    uint16_t last[56]
    via_body via1
    via_body via2
    to_body to
    to_body from_
    cseq_body cseq
    # what a script changes
    str_t new_uri           # NULL: unchanged
    str_t dst_uri
    str_t path_vec
    str_t ruid
    str_t instance
    str_t location_ua
    uint32_t reg_id
    uint32_t otcpid
    int q                   # of the r-URI's branch, -1 unset
    sip_uri parsed_uri      # of the current r-URI
    sip_uri parsed_orig_uri
    branch_t *branches      # MAX_BRANCHES of them, made on first use
    int n_branches
    uint32_t flags          # setflag
    uint32_t xflags[4]
    uint32_t bflags         # branch 0's setbflag
    uint32_t msg_flags
    uint32_t fwd_send_flags
    uint32_t rpl_send_flags
    socket_info *force_send_socket
    receive_info rcv
    lump *add_rm            # header lumps, in order of offset
    lump *body_lumps
    reply_lump *reply_lumps
    uint32_t id             # grows by message in this process
    int pid
    uint32_t hash_index     # tm's; 0xffffffff not computed
    str_t set_global_address    # set_advertised_address(): in our Via and Record-Route
    str_t set_global_port
    str_t add_to_branch     # Via branch made by tm ("z9hG4bK...")
    arena_t *arena          # NULL in a clone in shared memory

# memory of the message: freed with it. NULL when out of private memory.
cdef arena_t *arena_new() noexcept nogil
cdef void arena_reset(arena_t *a) noexcept nogil
cdef void arena_free(arena_t *a) noexcept nogil
cdef void *arena_alloc(arena_t *a, size_t size) noexcept nogil
cdef int arena_str(arena_t *a, const char *s, int len, str_t *out) noexcept nogil    # NUL-terminated copy; 0, -1

# Prepare *msg over buf[:len] and parse the first line and headers up to the first Via (all that
# `receive_msg` needs). buf[len] must be writable 0. 0 good; -1 not SIP or broken first line / Via.
cdef int msg_init(sip_msg *msg, arena_t *a, char *buf, uint32_t len) noexcept nogil
# The same over what shall not be parsed: it has neither first line nor headers.
cdef void msg_bare(sip_msg *msg, arena_t *a, char *buf, uint32_t len) noexcept nogil
# Parse on until one header of each wanted type (bit 1<<type) was seen; to the end with HDR_EOH_F.
cdef enum:
    HDR_EOH_F = 1
cdef int parse_headers(sip_msg *msg, uint64_t types) noexcept nogil            # 0, -1 broken
# One more header into the index: 0; 1 at the end of headers or buffer; -1 broken.
cdef int parse_next(sip_msg *msg) noexcept nogil
cdef hdr_field *get_hdr(sip_msg *msg, int type) noexcept nogil                 # parses on; NULL: none
cdef hdr_field *next_hdr(sip_msg *msg, hdr_field *h) noexcept nogil            # next of its type
cdef hdr_field *find_hdr(sip_msg *msg, const char *name, int len) noexcept nogil      # by name, any
cdef hdr_field *find_hdr_next(sip_msg *msg, hdr_field *after, const char *name, int len) noexcept nogil
cdef int hdr_type(const char *name, int len) noexcept nogil                    # compact forms too
cdef uint32_t method_of(const char *name, int len) noexcept nogil              # METHOD_*
cdef str_t msg_body(sip_msg *msg) noexcept nogil                               # by Content-Length
cdef bint is_sip(sip_msg *msg) noexcept nogil
cdef int set_new_uri(sip_msg *msg, const char *s, int len) noexcept nogil      # copies; 0, -1
cdef int set_dst_uri(sip_msg *msg, const char *s, int len) noexcept nogil      # empty: reset
cdef int set_path_vec(sip_msg *msg, const char *s, int len) noexcept nogil
cdef inline char *sp(sip_msg *msg, span_t s) noexcept nogil:
    return msg.buf + s.off
