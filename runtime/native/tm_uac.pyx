"""Requests of our own (``tm/uac.c``): a transaction without a client before it.

The text comes from ``modules/tm/local.py``; here it gets its Via, its cell and its clock. What is
to happen when it is answered is a callback's id and a handle of octets in shared memory.
"""

from libc.stdint cimport uint32_t, uint64_t
from libc.string cimport memcpy, memset

from runtime.native.build cimport (
    BUILD_NO_LOCAL_VIA, BUILD_NO_VIA1_UPDATE, branch_builder, build_req, out_t,
)
from runtime.native.hdrs cimport get_cseq
from runtime.native.lump cimport del_lump
from runtime.native.msg cimport (
    FL_ADD_LOCAL_RPORT, HDR_CALLID, HDR_CSEQ, HDR_EOH_F, HDR_VIA, hdr_field, parse_headers,
    set_dst_uri, sip_msg,
)
from runtime.native.net cimport (
    dest_info, grep_sock_info, proto_by_name, socket_info, su_port,
)
from runtime.native.proc cimport process_no
from runtime.native.shm cimport shm_free, shm_malloc, shm_publish
from runtime.native.sipmsg cimport SipMsg
from runtime.native.sipmsg import invalidate, parse
from runtime.native.error cimport E_NO_SOCKET, E_OUT_OF_MEM, E_UNSPEC
from runtime.native.tm cimport (
    CFG_AUTO_INV_100, CFG_FR_INV_TIMER, CFG_FR_TIMER, CFG_MAX_INV_LIFETIME,
    CFG_MAX_NONINV_LIFETIME, CFG_RETR_TIMER1, CFG_RETR_TIMER2, MD5_LEN, T_BR_UNDEFINED,
    T_IS_INVITE, T_IS_LOCAL, T_NO_AUTO_ACK, add_branch, build_cell, cfg_get, ctx, free_cell,
    insert_cell, lock_hash, put_on_wait, set_t, t_context, tm_cell, tm_fence, tm_flag_or, tm_hash,
    tm_now, tm_send, ua_client, unhold, unlink_cell, unlock_hash,
)
from runtime.native.tm_fwd cimport uri_dest
from runtime.native.tm_hooks cimport LOCAL_ROUTE, TMCB_LOCAL_F, TMCB_REQUEST_SENT, has_cb, run_cbs, tmcb_add
from runtime.native.tm_rb cimport start_retr
from runtime.native.tm_text cimport L_ERR, mix, tm_log
from runtime.native.via_text cimport own_via

from runtime.script.flow import DROP
from runtime.server.log import LM_ERR

cdef uint64_t requests = 0          # of this process
cdef bint local_rport = False
cdef object local_request = None    # (msg) -> code: event_route[tm:local-request]
DROPPED = 0


def set_local_request(function: object) -> None:
    """Call ``function(msg)`` for each request before it goes out; None: there is no such route."""
    global local_request
    local_request = function


def find_socket(text: bytes) -> bool:
    """Is ``proto:host:port`` a socket of ours?"""
    return _socket(text) != NULL


cdef socket_info *_socket(bytes text) except? NULL:
    cdef bytes proto, rest, host, port
    cdef const char *p
    cdef const char *h
    cdef int number
    if not text:
        return NULL
    proto, _, rest = text.partition(b":")
    p = proto
    number = proto_by_name(p, <int> len(proto))
    if number < 0:
        number, rest = 0, text
    host, _, port = rest.rpartition(b":")
    if rest.endswith(b"]") or not host:
        host, port = rest, b""
    h = host
    return grep_sock_info(h, <int> len(host), int(port) if port.isdigit() else 0, number)


cdef void _identify(tm_cell *t) noexcept nogil:
    """What makes the Via branch one of its own."""
    global requests
    cdef uint64_t a, b
    cdef uint64_t now = tm_now()
    cdef int i
    requests += 1
    a = mix(now ^ (<uint64_t> process_no << 48), <const char *> &requests, 8)
    b = mix(a, <const char *> &now, 8)
    for i in range(16):
        t.md5[i] = b"0123456789abcdef"[(a >> (60 - 4 * i)) & 15]
        t.md5[16 + i] = b"0123456789abcdef"[(b >> (60 - 4 * i)) & 15]


cdef void _set_clocks(tm_cell *t, bint invite) noexcept nogil:
    t.fr_timeout = <uint32_t> cfg_get(CFG_FR_TIMER)
    t.fr_inv_timeout = <uint32_t> cfg_get(CFG_FR_INV_TIMER)
    t.rt_t1 = <uint32_t> cfg_get(CFG_RETR_TIMER1)
    t.rt_t2 = <uint32_t> cfg_get(CFG_RETR_TIMER2)
    t.end_of_life = tm_now() + <uint64_t> cfg_get(
        CFG_MAX_INV_LIFETIME if invite else CFG_MAX_NONINV_LIFETIME
    )


cdef object _run_local(tm_cell *t, bytes text, bytes next_hop, dest_info *dst, socket_info **sock):
    """The text as event_route[tm:local-request] leaves it; None: it said drop."""
    cdef SipMsg msg = parse(text, proto=0)
    cdef t_context before = ctx
    cdef sip_msg *m
    cdef const char *hop = next_hop
    cdef hdr_field *h
    cdef char branch[64]
    cdef int branch_len = 0, mode = BUILD_NO_LOCAL_VIA | BUILD_NO_VIA1_UPDATE
    cdef out_t out
    if msg is None:
        return text
    try:
        m = msg.ptr()
        m.rcv.proto = dst.send_sock.proto
        m.rcv.src = dst.send_sock.su
        m.rcv.dst = dst.to
        m.rcv.bind_address = dst.send_sock
        m.force_send_socket = sock[0]
        set_dst_uri(m, hop, <int> len(next_hop))
        ctx.msg_id = m.id
        set_t(t, T_BR_UNDEFINED)
        ctx.route_type = LOCAL_ROUTE
        code = local_request(msg)
        if code == DROP:
            return None
        if m.force_send_socket != sock[0] or m.msg_flags & FL_ADD_LOCAL_RPORT:
            if m.force_send_socket != NULL:
                sock[0] = dst.send_sock = m.force_send_socket
                dst.proto = sock[0].proto
            branch_builder(t.hash_index, 0, t.md5, 0, branch, &branch_len)
            h = &m.hdrs[m.via1.hdr]
            if del_lump(m, h.off, h.len, 0) == NULL:
                return text
            mode = BUILD_NO_VIA1_UPDATE
        elif m.add_rm == NULL and m.body_lumps == NULL and m.new_uri.s == NULL:
            return text
        if build_req(m, dst, branch, branch_len, mode, &out) != 0:
            LM_ERR("tm: what event_route[tm:local-request] made of a request cannot be built")
            return text
        return out.s[:out.len]
    finally:
        memcpy(&ctx, &before, sizeof(t_context))
        invalidate(msg)


cdef int _keep(tm_cell *t, ua_client *uac, bytes text, uint32_t method_len) except -1:
    """The text into the branch, and where its parts are into the cell. 1, 0 no memory."""
    cdef SipMsg msg
    cdef sip_msg *m
    cdef char *p = <char *> shm_malloc(len(text) + 1)
    cdef const char *s = text
    if p == NULL:
        return 0
    memcpy(p, s, len(text) + 1)
    msg = parse(text, proto=0)
    t.method.s = p
    t.method.len = method_len
    if msg is not None:
        m = msg.ptr()
        parse_headers(m, HDR_EOH_F)
        get_cseq(m)
        t.callid.s = p + m.hdrs[m.first[HDR_CALLID]].body_off
        t.callid.len = m.hdrs[m.first[HDR_CALLID]].body_len
        t.cseq_n.s = p + m.cseq.number.off
        t.cseq_n.len = m.cseq.number.len
        uac.uri_off = m.uri.off
        uac.uri_len = m.uri.len
        invalidate(msg)
    uac.request.buffer = p
    shm_publish(p)
    uac.request.buffer_len = <uint32_t> len(text)
    return 1


cdef void _give_up(tm_cell *t) noexcept nogil:
    lock_hash(t.hash_index)
    unlink_cell(t)
    unlock_hash(t.hash_index)
    put_on_wait(t)
    unhold(t)


def send(
    method: bytes, line: bytes, headers: bytes, next_hop: bytes, callid: bytes, cseq: bytes,
    socket: bytes, callback: int, types: int, param: int,
) -> tuple[int, int] | int:
    """Send a request: ``line`` is its first line, ``headers`` what follows our Via, body and all.

    ``callback`` (-1: none) with ``param`` is told of ``types`` (TMCB_*). Gives (index, label) of
    the transaction, 0 where event_route[tm:local-request] dropped it, below 0 an error (E_*).
    """
    cdef bint ack = method == b"ACK", invite = method == b"INVITE"
    cdef const char *hop = next_hop
    cdef const char *id = callid
    cdef const char *number = cseq
    cdef socket_info *sock = _socket(socket)
    cdef dest_info dst
    cdef char branch[64]
    cdef char via[1024]
    cdef int branch_len = 0, via_len, code
    cdef tm_cell *t
    cdef ua_client *uac
    cdef bytes text
    memset(&dst, 0, sizeof(dst))
    code = uri_dest(sock, hop, <int> len(next_hop), 0, &dst)
    if code < 0:
        return E_NO_SOCKET
    t = build_cell(NULL)
    if t == NULL:
        return E_OUT_OF_MEM
    _identify(t)
    t.flags |= T_IS_LOCAL
    if invite:
        t.flags |= T_IS_INVITE
    _set_clocks(t, invite)
    t.hash_index = tm_hash(id, <int> len(callid), number, <int> len(cseq))
    branch_builder(t.hash_index, 0, t.md5, 0, branch, &branch_len)
    via_len = own_via(NULL, &dst, branch, branch_len, local_rport, via, sizeof(via))
    if via_len < 0:
        shm_free(t)
        return E_OUT_OF_MEM
    text = line + via[:via_len] + headers
    # the cell's parts must point somewhere before others can find it
    uac = add_branch(t)
    if uac == NULL or not _keep(t, uac, text, <uint32_t> len(method)):
        free_cell(t)
        return E_OUT_OF_MEM
    lock_hash(t.hash_index)
    insert_cell(t)
    unlock_hash(t.hash_index)
    if local_request is not None:
        changed = _run_local(t, text, next_hop, &dst, &sock)
        if changed is None:
            _give_up(t)
            return DROPPED
        if changed is not text and not _replace(t, uac, changed, <uint32_t> len(method)):
            _give_up(t)
            return E_OUT_OF_MEM
    uac.request.dst = dst
    uac.on_reply = t.on_reply
    uac.on_failure = t.on_failure
    tm_fence()
    if not ack:
        t.nr_of_outgoings = 1
    if callback >= 0 and not tmcb_add(t, types, callback, param):
        _give_up(t)
        return E_OUT_OF_MEM
    result = (t.hash_index, t.label)
    if tm_send(&uac.request.dst, uac.request.buffer, uac.request.buffer_len) < 0:
        tm_log(L_ERR, "a request of our own could not be sent")
    elif has_cb(t, TMCB_REQUEST_SENT):
        run_cbs(t, TMCB_REQUEST_SENT, NULL, NULL, 0, TMCB_LOCAL_F)
    t.owner = -1
    if ack:
        _give_up(t)
        return (0, 0)
    start_retr(&uac.request)
    unhold(t)
    return result


cdef int _replace(tm_cell *t, ua_client *uac, bytes text, uint32_t method_len) except -1:
    cdef char *old = uac.request.buffer
    cdef int done
    lock_hash(t.hash_index)
    try:
        done = _keep(t, uac, text, method_len)
    finally:
        unlock_hash(t.hash_index)
    if done:
        shm_free(old)
    return done


# -- octets that wait in shared memory for an answer

def hold(data: bytes) -> int:
    """Keep octets in shared memory; their handle. Raises MemoryError."""
    cdef uint32_t size = <uint32_t> len(data)
    cdef const char *s = data
    cdef char *p = <char *> shm_malloc(4 + size)
    if p == NULL:
        raise MemoryError("no shared memory for what waits for an answer")
    memcpy(p, &size, 4)
    memcpy(p + 4, s, size)
    shm_publish(p)
    return <size_t> p


def held(handle: int) -> bytes:
    """The octets of a handle."""
    cdef char *p = <char *> <size_t> handle
    cdef uint32_t size
    memcpy(&size, p, 4)
    return p[4:4 + size]


def fill(handle: int, data: bytes) -> None:
    """Put other octets there, at most as many as it was made for."""
    cdef char *p = <char *> <size_t> handle
    cdef const char *s = data
    cdef uint32_t size
    memcpy(&size, p, 4)
    if len(data) > size:
        raise ValueError("more than the handle holds")
    memcpy(p + 5, s + 1, len(data) - 1)
    tm_fence()
    p[4] = s[0]                 # what says that the rest is there comes last


def release(handle: int) -> None:
    """Give them back."""
    shm_free(<void *> <size_t> handle)
