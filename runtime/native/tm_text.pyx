"""What transactions write into messages: tags, reason phrases, what tells one request from all
others (``tags.h``, ``error.c``, ``char_msg_val.h``, ``dset.c``)."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdio cimport snprintf
from libc.string cimport memcpy, memset, strchr

from runtime.native.cstr cimport str_t
from runtime.native.lump cimport LUMP_RPL_HDR, add_lump_rpl
from runtime.native.msg cimport HDR_CALLID, arena_alloc, get_hdr, hdr_field, sip_msg
from runtime.native.error cimport (
    E_BAD_ADDRESS, E_BAD_REQ, E_BAD_TUPEL, E_BAD_URI, E_CANCELED, E_OK, E_OUT_OF_MEM, E_SEND,
    E_TOO_MANY_BRANCHES,
)
from runtime.native.tm cimport MD5_LEN

from runtime.server.log import LM_GEN

cdef str_t hdr_value(sip_msg *msg, int type) noexcept nogil:
    cdef str_t out
    cdef hdr_field *h = get_hdr(msg, type)
    out.s = NULL
    out.len = 0
    if h != NULL:
        out.s = msg.buf + h.body_off
        out.len = h.body_len
    return out


cdef uint64_t mix(uint64_t h, const char *s, uint32_t len) noexcept nogil:
    cdef uint64_t word
    while len >= 8:
        memcpy(&word, s, 8)
        h = (h ^ word) * <uint64_t> 0x9E3779B97F4A7C15
        h ^= h >> 29
        s += 8
        len -= 8
    word = len
    memcpy(&word, s, len)
    h = (h ^ word ^ (<uint64_t> len << 56)) * <uint64_t> 0xBF58476D1CE4E5B9
    return h ^ (h >> 32)


cdef void _hex16(uint64_t v, char *out) noexcept nogil:
    cdef int i
    for i in range(16):
        out[i] = b"0123456789abcdef"[(v >> (60 - 4 * i)) & 15]


cdef void characteristic(sip_msg *msg, char *out) noexcept nogil:
    """What tells this request from all others (``char_msg_val``): the same bytes give the same
    Via branch again, so that a request which is processed anew after its worker died is a
    retransmission to the next hop."""
    cdef uint64_t a = <uint64_t> 0x243F6A8885A308D3, b = <uint64_t> 0x13198A2E03707344
    cdef str_t parts[8]
    cdef str_t callid = hdr_value(msg, HDR_CALLID)
    cdef int i
    memset(parts, 0, sizeof(parts))
    parts[0].s, parts[0].len = msg.buf + msg.from_.tag.off, msg.from_.tag.len
    if msg.method_id > 4 or msg.method_id == 0:     # not INVITE, CANCEL, ACK
        parts[1].s, parts[1].len = msg.buf + msg.to.tag.off, msg.to.tag.len
    parts[2] = callid
    parts[3].s, parts[3].len = msg.buf + msg.uri.off, msg.uri.len
    parts[4].s, parts[4].len = msg.buf + msg.cseq.number.off, msg.cseq.number.len
    parts[5].s, parts[5].len = msg.buf + msg.via1.host.off, msg.via1.host.len
    parts[6].s, parts[6].len = msg.buf + msg.via1.port_str.off, msg.via1.port_str.len
    parts[7].s, parts[7].len = msg.buf + msg.via1.branch.off, msg.via1.branch.len
    for i in range(8):
        a = mix(a, parts[i].s, parts[i].len)
        b = mix(b + a, parts[i].s, parts[i].len)
    _hex16(a, out)
    _hex16(b, out + 16)


cdef const char *error_text(int code) noexcept nogil:
    """Kamailio's reason phrases (``error.c``)."""
    if code == 100: return b"Trying"
    if code == 180: return b"Ringing"
    if code == 181: return b"Call Is Being Forwarded"
    if code == 182: return b"Queued"
    if code == 183: return b"Session Progress"
    if code == 200: return b"OK"
    if code == 300: return b"Multiple Choices"
    if code == 301: return b"Moved Permanently"
    if code == 302: return b"Moved Temporarily"
    if code == 305: return b"Use Proxy"
    if code == 380: return b"Alternative Service"
    if code == 400: return b"Bad Request"
    if code == 401: return b"Unauthorized"
    if code == 402: return b"Payment Required"
    if code == 403: return b"Forbidden"
    if code == 404: return b"Not Found"
    if code == 405: return b"Method Not Allowed"
    if code == 406: return b"Not Acceptable"
    if code == 407: return b"Proxy Authentication Required"
    if code == 408: return b"Request Timeout"
    if code == 410: return b"Gone"
    if code == 413: return b"Request Entity Too Large"
    if code == 414: return b"Request-URI Too Long"
    if code == 415: return b"Unsupported Media Type"
    if code == 416: return b"Unsupported URI Scheme"
    if code == 417: return b"Bad Extension"
    if code == 421: return b"Extension Required"
    if code == 423: return b"Interval Too Brief"
    if code == 480: return b"Temporarily Unavailable"
    if code == 481: return b"Call/Transaction Does Not Exist"
    if code == 482: return b"Loop Detected"
    if code == 483: return b"Too Many Hops"
    if code == 484: return b"Address Incomplete"
    if code == 485: return b"Ambiguous"
    if code == 486: return b"Busy Here"
    if code == 487: return b"Request Terminated"
    if code == 488: return b"Not Acceptable Here"
    if code == 491: return b"Request Pending"
    if code == 500: return b"Server Internal Error"
    if code == 501: return b"Not Implemented"
    if code == 502: return b"Bad Gateway"
    if code == 503: return b"Service Unavailable"
    if code == 504: return b"Server Time-Out"
    if code == 505: return b"Version Not Supported"
    if code == 513: return b"Message Too Large"
    if code == 600: return b"Busy Everywhere"
    if code == 603: return b"Decline"
    if code == 604: return b"Does Not Exist Anywhere"
    if code == 606: return b"Not Acceptable"
    if code >= 600: return b"Global Failure"
    if code >= 500: return b"Server Failure"
    if code >= 400: return b"Request Failure"
    if code >= 300: return b"Redirection"
    if code >= 200: return b"Successful"
    if code >= 100: return b"Provisional"
    return b"Unspecified"


cdef int err2reason(int err, const char *signature, char *out, int size, int *sip_code) noexcept nogil:
    """Status code and phrase of an internal error (``err2reason_phrase``)."""
    cdef const char *text = b"I'm terribly sorry, server error occurred"
    sip_code[0] = 500
    if err == E_SEND:
        text = b"Unfortunately error on sending to next hop occurred"
        sip_code[0] = 477
    elif err == E_BAD_ADDRESS:
        text = b"Unresolvable destination"
        sip_code[0] = 478
    elif err == E_BAD_REQ:
        text = b"Bad Request"
        sip_code[0] = 400
    elif err == E_BAD_URI:
        text = b"Regretfully, we were not able to process the URI"
        sip_code[0] = 479
    elif err == E_BAD_TUPEL:
        text = b"Transaction tuple incomplete"
        sip_code[0] = 400
    elif err == E_TOO_MANY_BRANCHES:
        text = b"Forking capacity exceeded"
    elif err == E_CANCELED:
        text = b"Transaction canceled"
        sip_code[0] = 487
    elif err == E_OUT_OF_MEM or err == E_OK:
        text = b"No error"
    return snprintf(out, size, b"%s (%d/%s)", text, -err, signature)


cdef uint16_t _crc_ccitt(uint16_t crc, const char *s, uint32_t len) noexcept nogil:
    cdef uint32_t i, k
    for i in range(len):
        crc ^= <uint8_t> s[i]
        for k in range(8):
            crc = (crc >> 1) ^ 0x8408 if crc & 1 else crc >> 1
    return crc


cdef void _crc_hex(uint16_t crc, char *out) noexcept nogil:
    cdef int i
    crc = ~crc
    for i in range(4):
        out[i] = b"0123456789abcdef"[(crc >> (4 * i)) & 15]


cdef void make_totag(sip_msg *msg, const char *base, char separator, char *out) noexcept nogil:
    """A To-tag that is the same for each retransmission of a request (``calc_crc_suffix``)."""
    cdef uint16_t crc = 0xFFFF
    cdef str_t callid = hdr_value(msg, HDR_CALLID)
    memcpy(out, base, MD5_LEN)
    out[MD5_LEN] = separator
    crc = _crc_ccitt(crc, msg.buf + msg.via1.host.off, msg.via1.host.len)
    if msg.via1.port_str.len:
        crc = _crc_ccitt(crc, msg.buf + msg.via1.port_str.off, msg.via1.port_str.len)
        crc = _crc_ccitt(crc, msg.buf + msg.via1.branch.off, msg.via1.branch.len)
    _crc_hex(crc, out + MD5_LEN + 1)
    crc = 0xFFFF
    if msg.via1.port_str.len:           # a Via without a port has no more to say
        crc = _crc_ccitt(crc, msg.buf + msg.via1.port_str.off, msg.via1.port_str.len)
        crc = _crc_ccitt(crc, msg.buf + msg.via1.host.off, msg.via1.host.len)
        if callid.s != NULL:
            crc = _crc_ccitt(crc, callid.s, callid.len)
    _crc_hex(crc, out + MD5_LEN + 5)


cdef enum:
    DSET_ROOM = 4096            # MAX_REDIRECTION_LEN
    DS_FLAGS = 1                # rich_redirect
    DS_PATH = 2

cdef struct dset_text:
    char *s
    uint32_t len
    bint failed


cdef void _add(dset_text *to, const char *s, uint32_t len) noexcept nogil:
    if to.len + len + 3 > DSET_ROOM:
        to.failed = True
        return
    memcpy(to.s + to.len, s, len)
    to.len += len


cdef void _add_escaped(dset_text *to, str_t *s) noexcept nogil:
    """Like ``{s.escape.param}``; control characters and octets above 126 fail."""
    cdef char three[3]
    cdef uint8_t c
    cdef int i
    for i in range(s.len):
        c = <uint8_t> s.s[i]
        if c < 32 or c > 126:
            to.failed = True
        elif 48 <= c <= 57 or 65 <= c <= 90 or 97 <= c <= 122 \
                or strchr(b"-_.!~*'()[]/:&+$", c) != NULL:
            _add(to, s.s + i, 1)
        else:
            three[0] = c'%'
            three[1] = b"0123456789abcdef"[c >> 4]
            three[2] = b"0123456789abcdef"[c & 15]
            _add(to, three, 3)


cdef void _contact(
    dset_text *to, str_t *uri, int q, str_t *path, uint32_t flags, int options
) noexcept nogil:
    cdef char text[24]
    cdef int n
    if to.len > 9:
        _add(to, b", ", 2)
    _add(to, b"<", 1)
    _add(to, uri.s, uri.len)
    if options & DS_PATH and path.len:
        _add(to, b"?Route=", 7)
        _add_escaped(to, path)
    _add(to, b">", 1)
    if q >= 0:
        n = snprintf(text, 24, b";q=%d.%03d", q // 1000, q % 1000) if q < 1000 \
            else snprintf(text, 24, b";q=1")
        while q < 1000 and (text[n - 1] == c'0' or text[n - 1] == c'.') and text[n - 2] != c'=':
            n -= 1
        _add(to, text, n)
    if options & DS_FLAGS:
        _add(to, text, snprintf(text, 24, b";flags=%u", flags))


cdef bint add_dset_lump(sip_msg *msg, int options) noexcept nogil:
    """Put the destination set into the Contact of a redirection (``print_dset``)."""
    cdef dset_text to
    cdef int i
    if msg.new_uri.s == NULL and msg.n_branches == 0:
        return False
    to.s = <char *> arena_alloc(msg.arena, DSET_ROOM)
    if to.s == NULL:
        return False
    to.len = 0
    to.failed = False
    _add(&to, b"Contact: ", 9)
    if msg.new_uri.s != NULL:
        _contact(&to, &msg.new_uri, msg.q, &msg.path_vec, msg.bflags, options)
    for i in range(msg.n_branches):
        _contact(
            &to, &msg.branches[i].uri, msg.branches[i].q, &msg.branches[i].path,
            msg.branches[i].flags, options,
        )
    if to.failed:
        tm_log(L_ERR, "the Contacts of a redirection are too long, or their path is no text")
        return False
    memcpy(to.s + to.len, b"\r\n", 2)
    return add_lump_rpl(msg, to.s, to.len + 2, LUMP_RPL_HDR) != NULL


cdef void tm_log(int level, const char *text) noexcept nogil:
    with gil:
        LM_GEN(level, "tm: %s", text.decode("utf-8", "replace"))
