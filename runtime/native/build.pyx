"""Requests and replies as bytes: what is sent (msg_translator.c)."""

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memchr, memcpy, memset
from runtime.native.cstr cimport span_t, str_t
from runtime.native.hdrs cimport get_via2
from runtime.native.lump cimport (
    LUMP_RPL_BODY, LUMP_RPL_HDR, anchor_lump, del_lump, insert_new_lump_after,
    insert_new_lump_before, lump, reply_lump,
)
from runtime.native.msg cimport (
    FL_FORCE_RPORT, FL_MTU_FB_MASK, FL_MTU_TCP_FB, FL_MTU_TLS_FB, HDR_CALLID, HDR_CONTENTLENGTH,
    HDR_CSEQ, HDR_EOH_F, HDR_FROM, HDR_MAXFORWARDS, HDR_RECORDROUTE, HDR_ROUTE, HDR_TO, HDR_VIA,
    NO_HDR, get_hdr, hdr_field, hdr_type, is_sip, parse_headers, via_body,
)
from runtime.native.multipart cimport mend_boundaries
from runtime.native.net cimport (
    PROTO_TCP, PROTO_TLS, PROTO_UDP, get_send_socket, socket_info, su_ntop, su_port, su_setport,
)
from runtime.native.render cimport (
    finish, lumps_delta, number, put, put_lumps, put_number, put_str, reverse_hex, start, written,
)
from runtime.native.via_text cimport needs_received, own_via, received_text, rport_text

cdef enum:
    SIP_PORT = 5060
    VIA_MAX = 10240

cdef str_t server_hdr
cdef str_t user_agent_hdr
cdef bint local_rport = False
cdef bint force_rport = False
cdef bytes _server_hdr = b"Server: kamailio (5.6.3 (x86_64/linux))"
cdef bytes _user_agent_hdr = b"User-Agent: kamailio (5.6.3 (x86_64/linux))"
cdef bint warn = False                      # core parameter sip_warning


def set_server_headers(bytes server, bytes user_agent):
    """Lines of local replies and requests (``server_header``, ``user_agent_header``); empty: none."""
    global _server_hdr, _user_agent_hdr
    _server_hdr = server
    _user_agent_hdr = user_agent
    server_hdr.s = _server_hdr
    server_hdr.len = <int>len(server)
    user_agent_hdr.s = _user_agent_hdr
    user_agent_hdr.len = <int>len(user_agent)


set_server_headers(_server_hdr, _user_agent_hdr)


def user_agent_line():
    """The User-Agent line of local requests, without its end; empty: none."""
    return _user_agent_hdr


def set_rport(bint add_local, bint force):
    """Core parameters ``add_local_rport`` and ``force_rport``."""
    global local_rport, force_rport
    local_rport = add_local
    force_rport = force


cdef uint32_t udp_mtu = 0                    # core parameter
cdef uint32_t mtu_flags = 0                  # FL_MTU_* of core parameter udp_mtu_try_proto


def set_udp_mtu(int mtu, int proto):
    """Core parameters ``udp_mtu`` (bytes, 0: none) and ``udp_mtu_try_proto`` (PROTO_*)."""
    global udp_mtu, mtu_flags
    udp_mtu = <uint32_t>mtu
    mtu_flags = FL_MTU_TCP_FB if proto == PROTO_TCP else FL_MTU_TLS_FB if proto == PROTO_TLS else 0


def set_sip_warning(bint on):
    """Core parameter ``sip_warning``: local replies tell about the request in a Warning header."""
    global warn
    warn = on


# Lumps that a build adds are taken out again after it

cdef struct added_t:
    lump *l[8]
    int n


cdef lump *note(added_t *added, lump *l) noexcept nogil:
    if l is not NULL:
        added.l[added.n] = l
        added.n += 1
    return l


cdef void unlink(lump **at, added_t *added) noexcept nogil:
    cdef int i
    cdef bint own
    while at[0] is not NULL:
        own = False
        for i in range(added.n):
            if at[0] == added.l[i]:
                own = True
        if own:
            at[0] = at[0].next
        else:
            at = &at[0].next


cdef int adjust_clen(sip_msg *msg, int64_t delta, int proto, added_t *added) noexcept nogil:
    """Content-Length after body edits; TCP and TLS must have a right one (RFC 3261 s. 18.3)."""
    cdef hdr_field *h
    cdef lump *at
    cdef char text[32]
    cdef int n = 0
    cdef uint32_t len
    cdef bint stream = proto == PROTO_TCP or proto == PROTO_TLS
    if not stream and delta == 0:
        return 0
    if parse_headers(msg, <uint64_t>1 << HDR_CONTENTLENGTH) < 0:
        return -1
    h = get_hdr(msg, HDR_CONTENTLENGTH)
    if h is NULL:
        if proto == PROTO_UDP:
            return 0
        at = note(added, anchor_lump(msg, msg.next_off, HDR_CONTENTLENGTH))
    elif parse_headers(msg, HDR_EOH_F) < 0 or msg.body_off == 0:
        return -1
    elif stream and msg.content_len == <int64_t>msg.len - msg.body_off + delta:
        return 0
    else:
        at = note(added, del_lump(msg, h.body_off, h.body_len, HDR_CONTENTLENGTH))
    if at is NULL or msg.body_off == 0:
        return -1
    len = <uint32_t>(<int64_t>msg.len - msg.body_off + delta)
    if h is NULL:
        memcpy(text, b"Content-Length: ", 16)
        n = 16
    n += number(text + n, len)
    if h is NULL:
        memcpy(text + n, b"\r\n", 2)
        n += 2
    return 0 if insert_new_lump_after(msg, at, text, n, HDR_CONTENTLENGTH) is not NULL else -1


# Via

cdef int build_via(sip_msg *msg, dest_info *dst, const char *branch, int branch_len, char *out, int size) noexcept nogil:
    return own_via(msg, dst, branch, branch_len, local_rport, out, size)


cdef inline bint needs_rport(sip_msg *msg) noexcept nogil:
    return force_rport or msg.msg_flags & FL_FORCE_RPORT or msg.via1.rport_param.off != 0


cdef int update_via1(sip_msg *msg, added_t *added) noexcept nogil:
    """received= and rport= of the top Via (RFC 3261 s. 18.2.1, RFC 3581)."""
    cdef via_body *v = &msg.via1
    cdef char text[80]
    cdef lump *at = NULL
    cdef uint32_t off
    if v.params.off:
        off = v.params.off
    else:
        off = v.host.off + v.host.len
        if v.port != 0:
            off += 1 + v.port_str.len
    if needs_received(msg):
        if v.received_param.off:
            at = del_lump(msg, v.received_param.off, v.received_param.len, HDR_VIA)
        else:
            at = anchor_lump(msg, off, HDR_VIA)
        if note(added, at) is NULL:
            return -1
        if insert_new_lump_after(msg, at, text, received_text(msg, text), HDR_VIA) is NULL:
            return -1
    if needs_rport(msg):
        if v.rport_param.off:
            at = note(added, del_lump(msg, v.rport_param.off, v.rport_param.len, HDR_VIA))
        elif at is NULL:
            at = note(added, anchor_lump(msg, off, HDR_VIA))
        if at is NULL:
            return -1
        if insert_new_lump_after(msg, at, text, rport_text(msg, text), HDR_VIA) is NULL:
            return -1
    return 0


cdef int add_path(sip_msg *msg, lump *via, added_t *added) noexcept nogil:
    """The path vector as a Route header, before the other routes or after our Via (RFC 3327)."""
    cdef lump *at
    if msg.first[HDR_ROUTE] != NO_HDR:
        at = note(added, anchor_lump(msg, msg.hdrs[msg.first[HDR_ROUTE]].off, HDR_ROUTE))
    elif via is not NULL:
        at = via
    else:
        at = note(added, anchor_lump(msg, msg.hdrs[0].off, HDR_ROUTE))
    if at is NULL:
        return -1
    if insert_new_lump_after(msg, at, b"\r\n", 2, HDR_ROUTE) is NULL:
        return -1
    if insert_new_lump_after(msg, at, msg.path_vec.s, msg.path_vec.len, HDR_ROUTE) is NULL:
        return -1
    return 0 if insert_new_lump_after(msg, at, b"Route: ", 7, HDR_ROUTE) is not NULL else -1


cdef int plan_req(sip_msg *msg, dest_info *dst, const char *branch, int branch_len, int mode, added_t *added) noexcept nogil:
    cdef char line[VIA_MAX]
    cdef lump *via = NULL
    cdef int n
    cdef int64_t delta = lumps_delta(msg, msg.body_lumps, msg.body_off, dst)
    if adjust_clen(msg, delta, dst.proto, added) < 0:
        return -1
    if msg.via1.valid != 1 and (mode & 3) != 3:
        return -1
    if not mode & BUILD_NO_LOCAL_VIA:
        n = build_via(msg, dst, branch, branch_len, line, sizeof(line))
        if n < 0:
            return -1
        via = note(added, anchor_lump(msg, msg.hdrs[msg.via1.hdr].off, HDR_VIA))
        if via is NULL or insert_new_lump_before(msg, via, line, n, HDR_VIA) is NULL:
            return -1
    if not mode & BUILD_NO_VIA1_UPDATE and update_via1(msg, added) < 0:
        return -1
    if not mode & BUILD_NO_PATH and msg.path_vec.len and add_path(msg, via, added) < 0:
        return -1
    return 0


cdef void put_message(sip_msg *msg, dest_info *dst) noexcept nogil:
    """r-URI, headers and body with every lump."""
    cdef uint32_t pos = 0
    if msg.new_uri.s is not NULL and msg.uri.off:
        put(msg.buf, msg.uri.off)
        put_str(&msg.new_uri)
        pos = msg.uri.off + msg.uri.len
    pos = put_lumps(msg, msg.add_rm, pos, dst)
    pos = put_lumps(msg, msg.body_lumps, pos, dst)
    put(msg.buf + pos, msg.len - pos)


cdef int build_once(sip_msg *msg, dest_info *dst, const char *branch, int branch_len, int mode, out_t *out) noexcept nogil:
    cdef added_t added
    cdef int result
    added.n = 0
    mend_boundaries(msg, dst)
    start()
    result = plan_req(msg, dst, branch, branch_len, mode, &added)
    if result == 0:
        put_message(msg, dst)
        result = finish(out)
    unlink(&msg.add_rm, &added)
    return result


cdef bint change_proto(sip_msg *msg, dest_info *dst) noexcept nogil:
    """A request too long for UDP goes by TCP or TLS where there is such a socket."""
    cdef uint32_t flags = (msg.msg_flags | mtu_flags) & FL_MTU_FB_MASK
    cdef socket_info *si = NULL
    cdef int proto = PROTO_TCP
    if flags & FL_MTU_TCP_FB:
        si = get_send_socket(&dst.to, PROTO_TCP)
    if si is NULL and flags & FL_MTU_TLS_FB:
        proto = PROTO_TLS
        si = get_send_socket(&dst.to, PROTO_TLS)
    if si is NULL:
        return False
    dst.proto = <uint8_t>proto
    dst.send_sock = si
    return True


cdef int build_req(sip_msg *msg, dest_info *dst, const char *branch, int branch_len, int mode, out_t *out) noexcept nogil:
    cdef int result = build_once(msg, dst, branch, branch_len, mode, out)
    if (
        result == 0 and udp_mtu and dst.proto == PROTO_UDP and out.len > udp_mtu
        and not mode & BUILD_NO_LOCAL_VIA and change_proto(msg, dst)
    ):
        return build_once(msg, dst, branch, branch_len, mode, out)
    return result


cdef int build_all(sip_msg *msg, out_t *out) noexcept nogil:
    cdef added_t added
    cdef int result
    added.n = 0
    start()
    result = adjust_clen(
        msg, lumps_delta(msg, msg.body_lumps, msg.body_off, NULL), PROTO_UDP, &added
    )
    if result == 0:
        put_message(msg, NULL)
        result = finish(out)
    unlink(&msg.add_rm, &added)
    return result


cdef int build_res_forward(sip_msg *msg, out_t *out) noexcept nogil:
    cdef added_t added
    cdef hdr_field *h
    cdef via_body *via2
    cdef int result
    cdef uint32_t stop
    if msg.via1.valid != 1:
        return -1
    added.n = 0
    start()
    via2 = get_via2(msg)
    h = &msg.hdrs[msg.via1.hdr]
    result = adjust_clen(
        msg, lumps_delta(msg, msg.body_lumps, msg.body_off, NULL),
        via2.proto if via2 is not NULL else PROTO_UDP, &added,
    )
    h = &msg.hdrs[msg.via1.hdr]
    stop = msg.via1.whole.off + msg.via1.whole.len
    if stop < h.off + h.len:                    # more in this header: only the first goes
        note(&added, del_lump(msg, h.body_off, stop - h.body_off, HDR_VIA))
    else:
        note(&added, del_lump(msg, h.off, h.len, HDR_VIA))
    if result == 0:
        put_message(msg, NULL)
        result = finish(out)
    unlink(&msg.add_rm, &added)
    return result


# Replies made here

cdef void put_via(sip_msg *msg, hdr_field *h) noexcept nogil:
    """A Via header of the request; the first gets rport= and received=."""
    cdef char text[80]
    cdef uint32_t begin = h.off, end = h.body_off + h.body_len
    cdef span_t old = msg.via1.rport_param
    if not is_sip(msg):
        put(b"S", 1)        # the Via of an HTTP request is no SIP Via, nor is that of its answer
        begin += 1
    if h.index != msg.via1.hdr:
        put(msg.buf + begin, end - begin)
    else:
        if not needs_rport(msg):
            put(msg.buf + begin, end - begin)
        elif old.off:
            put(msg.buf + begin, old.off - begin)
            put(text, rport_text(msg, text))
            put(msg.buf + old.off + old.len, end - old.off - old.len)
        else:
            put(msg.buf + begin, end - begin)
            put(text, rport_text(msg, text))
        if needs_received(msg):
            put(text, received_text(msg, text))
    put(b"\r\n", 2)


cdef void put_to(sip_msg *msg, hdr_field *h, const char *tag, int tag_len, bookmark *bm) noexcept nogil:
    cdef span_t old = msg.to.tag
    cdef uint32_t end = h.off + h.len, body_end = h.body_off + h.body_len
    if not h.off < old.off < end:               # what is no SIP may have several To
        old.off = old.len = 0
    if tag_len == 0:
        if bm is not NULL:
            bm.to_tag_len = old.len
            bm.to_tag_off = written() + (old.off if old.off else body_end) - h.off
        put(msg.buf + h.off, h.len)
        return
    if old.off and old.len:
        put(msg.buf + h.off, old.off - h.off)
        body_end = old.off + old.len
    else:
        put(msg.buf + h.off, body_end - h.off)
        put(b";tag=", 5)
    if bm is not NULL:
        bm.to_tag_off = written()
        bm.to_tag_len = tag_len
    put(tag, tag_len)
    put(msg.buf + body_end, end - body_end)


cdef void put_warning(sip_msg *msg) noexcept nogil:
    """Warning: 392, what the request looked like here (sip_warning)."""
    cdef char ip[64]
    cdef int i, vias = 0
    cdef str_t uri = msg.new_uri
    put(b"Warning: 392 ", 13)
    put(ip, su_ntop(&msg.rcv.bind_address.su, ip))
    put(b":", 1)
    put_number(msg.rcv.bind_address.port)
    put(b' "Noisy feedback tells:  pid=', 29)
    put_number(msg.pid)
    put(b" req_src_ip=", 12)
    put(ip, su_ntop(&msg.rcv.src, ip))
    put(b" req_src_port=", 14)
    put_number(su_port(&msg.rcv.src))
    put(b" in_uri=", 8)
    put(msg.buf + msg.uri.off, msg.uri.len)
    put(b" out_uri=", 9)
    if uri.s is NULL:
        put(msg.buf + msg.uri.off, msg.uri.len)
    else:
        put_str(&uri)
    for i in range(msg.n_hdrs):
        if msg.hdrs[i].type == HDR_VIA:
            vias += 1
    put(b" via_cnt==", 10)
    put_number(vias)
    put(b'"\r\n', 3)


cdef int build_res(sip_msg *msg, int code, const char *reason, int reason_len, const char *to_tag, int to_tag_len, bookmark *bm, out_t *out) noexcept nogil:
    cdef hdr_field *h
    cdef reply_lump *l
    cdef reply_lump *body = NULL
    cdef char digits[3]
    cdef int i
    if parse_headers(msg, HDR_EOH_F) < 0 or msg.via1.valid != 1:
        return -1
    if bm is not NULL:
        memset(bm, 0, sizeof(bookmark))
    start()
    put(msg.buf + msg.version.off, msg.version.len)
    put(b" ", 1)
    digits[0] = <char>(48 + <uint32_t>code // 100 % 10)
    digits[1] = <char>(48 + <uint32_t>code // 10 % 10)
    digits[2] = <char>(48 + <uint32_t>code % 10)
    put(digits, 3)
    put(b" ", 1)
    put(reason, reason_len)
    put(b"\r\n", 2)
    for i in range(msg.n_hdrs):
        h = &msg.hdrs[i]
        if h.type == HDR_VIA:
            put_via(msg, h)
        elif h.type == HDR_TO:
            put_to(msg, h, to_tag, to_tag_len if to_tag is not NULL else 0, bm)
        elif h.type == HDR_FROM or h.type == HDR_CALLID or h.type == HDR_CSEQ:
            put(msg.buf + h.off, h.len)
        elif h.type == HDR_RECORDROUTE and 180 <= code < 300:
            put(msg.buf + h.off, h.len)
    l = msg.reply_lumps
    while l is not NULL:
        if l.flags & LUMP_RPL_HDR:
            put(l.text, l.len)
        elif l.flags & LUMP_RPL_BODY:
            body = l
        l = l.next
    if server_hdr.len:
        put_str(&server_hdr)
        put(b"\r\n", 2)
    put(b"Content-Length: ", 16)
    put_number(body.len if body is not NULL else 0)
    put(b"\r\n", 2)
    if warn and msg.rcv.bind_address is not NULL:
        put_warning(msg)
    put(b"\r\n", 2)
    if body is not NULL:
        put(body.text, body.len)
    return finish(out)


cdef int reply_dest(sip_msg *msg, dest_info *dst) noexcept nogil:
    memset(dst, 0, sizeof(dest_info))
    if msg.via1.valid != 1:
        return -1
    dst.to = msg.rcv.src
    dst.proto = msg.rcv.proto
    dst.id = msg.rcv.proto_reserved1
    dst.send_sock = msg.rcv.bind_address
    dst.send_flags = msg.rpl_send_flags
    if not needs_rport(msg):
        su_setport(&dst.to, msg.via1.port if msg.via1.port else SIP_PORT)
    return 0


# ACK and CANCEL from the request as sent

cdef inline uint32_t next_line(const char *s, uint32_t p, uint32_t end) noexcept nogil:
    """Past the line's end and its folded continuations."""
    cdef const char *lf
    while p < end:
        lf = <const char *>memchr(s + p, b'\n', end - p)
        if lf is NULL:
            return end
        p = <uint32_t>(lf - s) + 1
        if p < end and s[p] != b' ' and s[p] != b'\t':
            break
    return p


cdef void put_cseq(const char *s, uint32_t p, uint32_t name_end, uint32_t end, const char *method, int mlen) noexcept nogil:
    cdef uint32_t q = name_end
    while q < end and (
        s[q] == b':' or s[q] == b' ' or s[q] == b'\t' or 48 <= s[q] <= 57
    ):
        q += 1
    put(s + p, q - p)
    put(method, mlen)
    put(b"\r\n", 2)


cdef int build_local_hdrs(const char *sent, uint32_t sent_len, const char *method, int mlen, const char *to_hdr, int to_len, const char *hdrs, int hdrs_len, out_t *out) noexcept nogil:
    cdef uint32_t p, line, name_end
    cdef int type
    cdef bint first_via = True
    cdef const char *sp = <const char *>memchr(sent, b' ', sent_len)
    if sp is NULL:
        return -1
    start()
    put(method, mlen)
    p = <uint32_t>(sp - sent)
    line = p
    p = next_line(sent, p, sent_len)
    put(sent + line, p - line)
    while p < sent_len and sent[p] != b'\r' and sent[p] != b'\n':
        line = p
        while p < sent_len and sent[p] != b':' and sent[p] != b' ' and sent[p] != b'\t' and sent[p] != b'\n':
            p += 1
        name_end = p
        type = hdr_type(sent + line, name_end - line)
        p = next_line(sent, p, sent_len)
        if type == HDR_CSEQ:
            put_cseq(sent, line, name_end, p, method, mlen)
        elif type == HDR_VIA:
            if first_via:
                put(sent + line, p - line)
            first_via = False
        elif type == HDR_TO and to_len:
            put(to_hdr, to_len)
        elif type == HDR_CONTENTLENGTH:
            put(sent + line, name_end - line)
            put(b": 0\r\n", 5)
        elif (
            type == HDR_TO or type == HDR_FROM or type == HDR_CALLID or type == HDR_ROUTE
            or type == HDR_MAXFORWARDS
        ):
            put(sent + line, p - line)
    if p >= sent_len:
        return -1
    put(hdrs, hdrs_len)
    put(b"\r\n", 2)
    return finish(out)


cdef int build_local(const char *sent, uint32_t sent_len, const char *method, int mlen, const char *to_hdr, int to_len, out_t *out) noexcept nogil:
    return build_local_hdrs(sent, sent_len, method, mlen, to_hdr, to_len, b"", 0, out)


cdef int branch_builder(uint32_t hash_index, uint32_t label, const char *md5, int branch, char *out, int *out_len) noexcept nogil:
    """`z9hG4bK<hash>.<md5 or label>.<branch>`; out has 64 bytes. 1."""
    cdef int n = 7
    memcpy(out, b"z9hG4bK", 7)
    n += reverse_hex(out + n, hash_index)
    out[n] = b'.'
    n += 1
    if md5 is not NULL:
        memcpy(out + n, md5, 32)
        n += 32
    else:
        n += reverse_hex(out + n, label)
    out[n] = b'.'
    n += 1
    n += reverse_hex(out + n, <uint32_t>branch)
    out_len[0] = n
    return 1
