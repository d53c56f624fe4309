# Parsers of header values; results are cached in the message where it has a place for them.
from libc.stdint cimport uint8_t, uint16_t, uint32_t
from runtime.native.cstr cimport span_t, str_t
from runtime.native.msg cimport cseq_body, hdr_field, sip_msg, to_body, via_body
from runtime.native.uri cimport sip_uri

# one via-parm: 1 another follows at the end of out.whole, 0 the last, -1 broken
cdef int parse_via(sip_msg *msg, uint32_t off, uint32_t end, via_body *out) noexcept nogil
cdef via_body *get_via1(sip_msg *msg) noexcept nogil           # NULL: none or broken
cdef via_body *get_via2(sip_msg *msg) noexcept nogil
cdef to_body *get_to(sip_msg *msg) noexcept nogil
cdef to_body *get_from(sip_msg *msg) noexcept nogil
cdef cseq_body *get_cseq(sip_msg *msg) noexcept nogil
cdef int parse_nameaddr(const char *buf, uint32_t off, uint32_t end, to_body *out) noexcept nogil  # offset of the next element or of what follows; -1
cdef sip_uri *get_ruri(sip_msg *msg) noexcept nogil            # parsed current r-URI; NULL: bad
cdef str_t get_ruri_str(sip_msg *msg) noexcept nogil           # new_uri or received
cdef int get_from_uri(sip_msg *msg, sip_uri *out) noexcept nogil
cdef int get_to_uri(sip_msg *msg, sip_uri *out) noexcept nogil

cdef struct contact_t:      # one element of Contact, Route, Record-Route, Path
    to_body addr            # body: the whole element
    span_t q
    span_t expires
    span_t methods
    span_t received
    span_t instance
    span_t reg_id
    span_t ob
    uint8_t star

# iterate all contacts over all Contact headers: *state starts zeroed; 1 one more, 0 end, -1 broken
cdef struct contact_iter:
    uint16_t hdr            # index of the header it is in
    uint16_t started
    uint32_t off            # where the next element starts, 0: in the next header
cdef int next_contact(sip_msg *msg, int hdr_type, contact_iter *it, contact_t *out) noexcept nogil

cdef struct dig_cred:       # Digest credentials (RFC 2617, 8760)
    span_t username         # without quotes
    span_t realm
    span_t nonce
    span_t uri
    span_t response
    span_t algorithm
    span_t cnonce
    span_t opaque
    span_t qop
    span_t nc
    uint16_t hdr
cdef int parse_digest(sip_msg *msg, hdr_field *h, dig_cred *out) noexcept nogil    # 0, 1 not Digest, -1 broken
# 1 and name and value (without quotes) of the next parameter in [*pos, end), 0 no more, -1 broken;
# `sep` is what separates them, a comma ends the list where sep is ';' and `comma` is set
cdef int next_hdr_param(const char *buf, uint32_t *pos, uint32_t end, char sep, bint comma, span_t *name, span_t *value) noexcept nogil
