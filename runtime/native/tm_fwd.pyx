"""Forwarding (``tm/t_fwd.c``; RFC 3261 s. 16.6): a branch for each member of the destination set,
each with its branch_route; all are added before the first is sent, so that a quick reply finds them.
"""

from libc.stdint cimport uint32_t
from libc.string cimport memcpy, memset

from runtime.native.onsend cimport run_onsend
from runtime.native.build cimport branch_builder, build_req, out_t
from runtime.native.clone cimport own_lumps
from runtime.native.cstr cimport str_t
from runtime.native.dset cimport clear_branches
from runtime.native.fault cimport fault_point
from runtime.native.hdrs cimport get_ruri_str
from runtime.native.lump cimport lump
from runtime.native.msg cimport (
    HDR_EOH_F, HDR_REASON, arena_str, branch_t, parse_headers, sip_msg,
)
from runtime.native.net cimport (
    PROTO_NONE, PROTO_TLS, PROTO_WS, PROTO_WSS, dest_info, has_family, send_socket_for,
    socket_info,
)
from runtime.native.resolve cimport sip_resolve
from runtime.native.shm cimport shm_malloc, shm_publish
from runtime.native.error cimport (
    E_BAD_ADDRESS, E_BAD_URI, E_CANCELED, E_CFG, E_NO_SOCKET, E_OUT_OF_MEM, E_SEND,
    E_TOO_MANY_BRANCHES, E_UNSPEC,
)
from runtime.native.tm cimport (
    CFG_FAILURE_EXEC_MODE, FAULT_FORWARD, FAULT_SENT, REQ_FWDED, T_BR_UNDEFINED, T_CANCELED,
    T_NOISY_CTIMER, T_NO_E2E_CANCEL_REASON, TM_UAC_FLAG_BLIND, TM_UAC_FLAG_FB, add_branch,
    cfg_get, ctx, lock_replies, refresh_request, set_shm_str, tm_cell, tm_fault, tm_fence,
    tm_flag_or, tm_send, ua_client, unlock_replies,
)
from runtime.native.tm_cancel cimport (
    CANCEL_REAS_PACKED_HDRS, F_CANCEL_B_FAKE_REPLY, cancel_b_flags, cancel_reason,
    prepare_to_cancel,
)
from runtime.native.tm_hooks cimport (
    BRANCH_ROUTE, DROPPED, KIND_BRANCH, TMCB_E2ECANCEL_IN, TMCB_REQUEST_FWDED,
    TMCB_REQUEST_OUT, TMCB_REQUEST_SENT, has_cb, run_cbs, run_route, save_avps,
)
from runtime.native.tm_rb cimport start_retr
from runtime.native.tm_reply cimport cancel_branch, t_reply
from runtime.native.tm_text cimport L_ERR, L_WARN, tm_log
from runtime.native.uri cimport SIPS_URI_T, parse_uri, sip_uri

cdef struct target_t:           # one member of the destination set
    str_t uri
    str_t next_hop              # URI to resolve
    str_t path
    str_t instance
    str_t ruid
    str_t location_ua
    socket_info *force_socket
    bint own_hop                # next_hop is a dst_uri, shown to the branch_route as $du

cdef struct edits_t:            # what a branch changes in the message, to be put back
    str_t new_uri
    str_t dst_uri
    str_t path_vec
    str_t ruid
    str_t instance
    str_t location_ua
    str_t add_to_branch
    socket_info *force_send_socket
    uint32_t fwd_send_flags
    uint32_t rpl_send_flags
    lump *add_rm
    lump *body_lumps


cdef int uri_dest(socket_info *force, const char *uri, int len, int proto, dest_info *dst) noexcept nogil:
    """Address, protocol and socket for a next hop (``uri2dst``)."""
    cdef sip_uri u
    cdef str_t host
    cdef int want
    if parse_uri(uri, len, &u) != 0:
        tm_log(L_ERR, "bad_uri: next hop")
        return E_BAD_URI
    want = proto
    if want == PROTO_NONE:
        want = PROTO_TLS if u.type == SIPS_URI_T and u.proto == PROTO_NONE else u.proto
    host = u.maddr_val if u.maddr_val.len else u.host
    if sip_resolve(host.s, host.len, u.port_no, want, &dst.to, &dst.proto) != 0:
        tm_log(L_ERR, "failed to resolve the next hop")
        return E_BAD_ADDRESS
    dst.send_sock = send_socket_for(force, &dst.to, dst.proto)
    if dst.send_sock == NULL:
        tm_log(L_ERR, "no corresponding listening socket")
        return E_NO_SOCKET if has_family(&dst.to) else E_BAD_ADDRESS
    return 0


cdef void _save(sip_msg *msg, edits_t *e) noexcept nogil:
    e.new_uri = msg.new_uri
    e.dst_uri = msg.dst_uri
    e.path_vec = msg.path_vec
    e.ruid = msg.ruid
    e.instance = msg.instance
    e.location_ua = msg.location_ua
    e.add_to_branch = msg.add_to_branch
    e.force_send_socket = msg.force_send_socket
    e.fwd_send_flags = msg.fwd_send_flags
    e.rpl_send_flags = msg.rpl_send_flags
    e.add_rm = msg.add_rm
    e.body_lumps = msg.body_lumps


cdef void _restore(sip_msg *msg, edits_t *e) noexcept nogil:
    msg.new_uri = e.new_uri
    msg.dst_uri = e.dst_uri
    msg.path_vec = e.path_vec
    msg.ruid = e.ruid
    msg.instance = e.instance
    msg.location_ua = e.location_ua
    msg.add_to_branch = e.add_to_branch
    msg.force_send_socket = e.force_send_socket
    msg.fwd_send_flags = e.fwd_send_flags
    msg.rpl_send_flags = e.rpl_send_flags
    msg.add_rm = e.add_rm
    msg.body_lumps = e.body_lumps
    msg.uri_parsed = 0


cdef bint _run_branch_route(tm_cell *t, sip_msg *msg, uint32_t branch, uint32_t route) noexcept nogil:
    """False where the route said `drop`."""
    cdef int type = ctx.route_type
    cdef bint go_on
    msg.add_rm = own_lumps(msg.arena, msg.add_rm)
    msg.body_lumps = own_lumps(msg.arena, msg.body_lumps)
    ctx.route_type = BRANCH_ROUTE
    ctx.branch_index = branch
    go_on = run_route(KIND_BRANCH, route, msg, t, BRANCH_ROUTE) != DROPPED
    ctx.branch_index = T_BR_UNDEFINED
    ctx.route_type = type
    return go_on


cdef void _keep(ua_client *uac, sip_msg *msg) noexcept nogil:
    """Note what later routes and modules ask of the branch: one block for its four texts."""
    cdef uint32_t len = msg.path_vec.len + msg.instance.len + msg.ruid.len + msg.location_ua.len
    cdef char *p
    if len == 0:
        return
    p = <char *> shm_malloc(len)
    if p == NULL:
        tm_log(L_WARN, "no shared memory for path and instance of a branch")
        return
    uac.meta = p
    shm_publish(p)
    p = _keep_one(&uac.path, &msg.path_vec, p)
    p = _keep_one(&uac.instance, &msg.instance, p)
    p = _keep_one(&uac.ruid, &msg.ruid, p)
    _keep_one(&uac.location_ua, &msg.location_ua, p)


cdef inline char *_keep_one(str_t *to, str_t *from_, char *p) noexcept nogil:
    to.len = from_.len
    to.s = p if from_.len else NULL
    memcpy(p, from_.s, from_.len)
    return p + from_.len


cdef int _prepare(
    tm_cell *t, sip_msg *msg, uint32_t branch, ua_client *uac, target_t *target, uint32_t route,
    dest_info *fixed, int proto,
) noexcept nogil:
    """Fill in the branch: route, destination, bytes. 0 or E_* (``prepare_new_uac``)."""
    cdef char text[128]
    cdef int text_len = 0, code
    cdef str_t hop = target.next_hop
    cdef str_t ruri = get_ruri_str(msg)
    cdef uint32_t room
    cdef char *p
    cdef out_t out
    if target.uri.s == msg.buf + msg.uri.off:
        msg.new_uri.s = NULL
        msg.uri_parsed = 0
    elif target.uri.s != ruri.s:
        msg.new_uri = target.uri
        msg.uri_parsed = 0
    msg.path_vec = target.path
    msg.instance = target.instance
    msg.ruid = target.ruid
    msg.location_ua = target.location_ua
    msg.force_send_socket = target.force_socket
    branch_builder(t.hash_index, 0, t.md5, branch, text, &text_len)
    msg.add_to_branch.s = text
    msg.add_to_branch.len = text_len
    if route or has_cb(t, TMCB_REQUEST_FWDED):
        # what is edited in place must be the message's own
        if msg.new_uri.s == NULL and arena_str(msg.arena, ruri.s, ruri.len, &msg.new_uri) != 0:
            return E_OUT_OF_MEM
        msg.dst_uri.s = NULL
        msg.dst_uri.len = 0
        if target.own_hop:
            msg.dst_uri = hop
        if route and not _run_branch_route(t, msg, branch, route):
            return E_CFG
        if has_cb(t, TMCB_REQUEST_FWDED):
            run_cbs(t, TMCB_REQUEST_FWDED, msg, NULL, -<int> msg.method_id, 0)
        if msg.dst_uri.len:
            hop = msg.dst_uri
    if fixed != NULL:
        uac.request.dst = fixed[0]
        uac.request.dst.send_sock = send_socket_for(
            msg.force_send_socket, &fixed.to, fixed.proto
        )
        if uac.request.dst.send_sock == NULL:
            return E_NO_SOCKET
    else:
        memset(&uac.request.dst, 0, sizeof(dest_info))
        code = uri_dest(msg.force_send_socket, hop.s, hop.len, proto, &uac.request.dst)
        if code < 0:
            return code
    if uac.request.dst.proto == PROTO_WS or uac.request.dst.proto == PROTO_WSS:
        tm_log(L_ERR, "TCP/TLS connection for WebSocket could not be found")
        return E_OUT_OF_MEM     # its Via cannot be built, and that is how it is told there
    uac.request.dst.send_flags = msg.fwd_send_flags
    if msg.otcpid:
        uac.request.dst.id = msg.otcpid
    uac.on_reply = t.on_reply
    uac.on_failure = t.on_failure
    uac.on_branch_failure = t.on_branch_failure
    if build_req(msg, &uac.request.dst, text, text_len, 0, &out) != 0:
        tm_log(L_ERR, "could not build request")
        return E_OUT_OF_MEM
    p = <char *> shm_malloc(out.len)
    if p == NULL:
        tm_log(L_ERR, "no shared memory for a request")
        return E_OUT_OF_MEM
    memcpy(p, out.s, out.len)
    uac.request.buffer = p
    shm_publish(p)
    uac.request.buffer_len = out.len
    uac.uri_off = msg.method.len + 1
    uac.uri_len = get_ruri_str(msg).len
    _keep(uac, msg)
    return 0


cdef int _add_uac(
    tm_cell *t, sip_msg *msg, target_t *target, uint32_t route, dest_info *fixed, int proto
) noexcept nogil:
    """Number of the new branch, or E_*."""
    cdef uint32_t branch = t.nr_of_outgoings
    cdef ua_client *uac = add_branch(t)
    cdef edits_t edits
    cdef int code
    if uac == NULL:
        tm_log(L_ERR, "maximum number of branches exceeded, or no shared memory")
        return E_TOO_MANY_BRANCHES
    _save(msg, &edits)
    code = _prepare(t, msg, branch, uac, target, route, fixed, proto)
    _restore(msg, &edits)
    if code < 0:
        return code
    uac.branch_flags = msg.bflags
    tm_fence()                      # replies and CANCEL look at branches below the count only
    t.nr_of_outgoings = branch + 1
    return branch


cdef int add_blind_uac(tm_cell *t) noexcept nogil:
    cdef uint32_t branch = t.nr_of_outgoings
    cdef ua_client *uac = add_branch(t)
    if uac == NULL:
        return -1
    tm_flag_or(&t.flags, T_NOISY_CTIMER)
    uac.flags |= TM_UAC_FLAG_BLIND
    uac.on_failure = t.on_failure
    tm_fence()
    t.nr_of_outgoings = branch + 1
    t.blind_uac = branch
    start_retr(&uac.request)        # no protocol: only the final response clock runs
    ctx.kr |= REQ_FWDED
    return branch


cdef int _send_branch(tm_cell *t, uint32_t i, sip_msg *msg) noexcept nogil:
    cdef ua_client *uac = t.uac[i]
    if run_onsend(msg, &uac.request.dst, uac.request.buffer, uac.request.buffer_len) == 0:
        uac.last_received = 408     # with no reply: t_pick_branch passes it over
        return -1
    if tm_send(&uac.request.dst, uac.request.buffer, uac.request.buffer_len) < 0:
        tm_log(L_WARN, "sending request on a branch failed")
        uac.last_received = 408     # with no reply: t_pick_branch passes it over
        uac.icode = 908
        if cfg_get(CFG_FAILURE_EXEC_MODE) != 1:
            return -1
        uac.request.dst.proto = PROTO_NONE
        uac.last_received = 0
        start_retr(&uac.request)
        return 0
    fault_point(tm_fault[FAULT_SENT])
    if has_cb(t, TMCB_REQUEST_SENT):
        run_cbs(t, TMCB_REQUEST_SENT, msg, NULL, 0, 0)
    start_retr(&uac.request)
    return 0


cdef void mark_ruri_consumed(sip_msg *msg) noexcept nogil:
    """The r-URI was forked to: it counts again once the script sets it or $du (``dset.h``)."""
    ctx.ruri_consumed = 1
    ctx.ruri_seen = msg.new_uri.s
    ctx.dst_seen = msg.dst_uri.s


cdef inline bint _ruri_is_new(sip_msg *msg) noexcept nogil:
    return msg.ruri_new and (
        not ctx.ruri_consumed or msg.new_uri.s != ctx.ruri_seen or msg.dst_uri.s != ctx.dst_seen
    )


cdef int _add_all(
    tm_cell *t, sip_msg *msg, uint32_t route, dest_info *fixed, int proto, uint32_t *added
) noexcept nogil:
    """Add the r-URI, where it is new, and the appended branches. 0, or the lowest error."""
    cdef uint32_t own_flags = msg.bflags
    cdef int lowest = 0, code, tried = 0, i
    cdef target_t target
    cdef branch_t *b
    if _ruri_is_new(msg):
        tried += 1
        target.uri = get_ruri_str(msg)
        if target.uri.len == 0:         # an empty one is none (``GET_RURI``)
            target.uri.s, target.uri.len = msg.buf + msg.uri.off, msg.uri.len
        target.own_hop = msg.dst_uri.len != 0
        target.next_hop = msg.dst_uri if target.own_hop else target.uri
        target.path = msg.path_vec
        target.instance = msg.instance
        target.ruid = msg.ruid
        target.location_ua = msg.location_ua
        target.force_socket = msg.force_send_socket
        code = _add_uac(t, msg, &target, route, fixed, proto)
        if code >= 0:
            added[0] |= <uint32_t> 1 << code
        else:
            lowest = code
    for i in range(msg.n_branches):
        if t.flags & T_CANCELED:
            break
        tried += 1
        b = &msg.branches[i]
        msg.bflags = b.flags
        target.uri = b.uri
        target.own_hop = b.dst_uri.len != 0
        target.next_hop = b.dst_uri if target.own_hop else b.uri
        target.path = b.path
        target.instance = b.instance
        target.ruid = b.ruid
        target.location_ua = b.location_ua
        target.force_socket = b.force_send_socket
        code = _add_uac(t, msg, &target, route, fixed, proto)
        if code >= 0:
            added[0] |= <uint32_t> 1 << code
        elif code < lowest:
            lowest = code
    clear_branches(msg)
    mark_ruri_consumed(msg)
    msg.bflags = own_flags
    t.uas.request.flags = msg.flags
    if t.flags & T_CANCELED:
        return E_CANCELED
    if added[0]:
        return 0
    if tried == 0:
        tm_log(L_ERR, "no branches for forwarding")
        return E_CFG
    return lowest if lowest else E_UNSPEC


cdef int t_forward_nonack(tm_cell *t, sip_msg *msg, dest_info *fixed, int proto) noexcept nogil:
    cdef uint32_t first = t.nr_of_outgoings, added = 0, i, sent = 0, route = t.on_branch
    cdef int code
    if t.flags & T_CANCELED:
        clear_branches(msg)
        ctx.tm_error = E_CANCELED
        return E_CANCELED
    if route:
        t.on_branch_delayed = route
        t.on_branch = 0             # the route may ask for one again
    if first == 0 and ctx.clone_stale and not refresh_request(t, msg):
        tm_log(L_ERR, "failed to save the message lumps")
        ctx.tm_error = E_OUT_OF_MEM
        return E_OUT_OF_MEM
    code = _add_all(t, msg, route, fixed, proto, &added)
    if code < 0:
        ctx.tm_error = code
        return code
    if route:
        save_avps(t)
    t.uac[first].flags |= TM_UAC_FLAG_FB
    fault_point(tm_fault[FAULT_FORWARD])
    for i in range(first, t.nr_of_outgoings):
        if added >> i & 1 and _send_branch(t, i, msg) == 0:
            sent += 1
            if has_cb(t, TMCB_REQUEST_OUT):
                run_cbs(t, TMCB_REQUEST_OUT, msg, NULL, 0, 0)
    if sent == 0:
        ctx.tm_error = E_SEND
        return -1
    ctx.tm_error = 0
    ctx.kr |= REQ_FWDED
    return 1


# -- CANCEL from upstream

cdef void _note_reason(sip_msg *cancel_msg, tm_cell *t) noexcept nogil:
    """Keep the Reason headers of the CANCEL for those that go on (RFC 3326)."""
    cdef char lines[2048]
    cdef uint32_t len = 0, i
    if t.flags & T_NO_E2E_CANCEL_REASON or t.uas.cancel_reason != NULL \
            or parse_headers(cancel_msg, HDR_EOH_F) != 0:
        return
    for i in range(cancel_msg.n_hdrs):
        if cancel_msg.hdrs[i].type == HDR_REASON \
                and len + cancel_msg.hdrs[i].len <= sizeof(lines):
            memcpy(lines + len, cancel_msg.buf + cancel_msg.hdrs[i].off, cancel_msg.hdrs[i].len)
            len += cancel_msg.hdrs[i].len
    if len:
        lock_replies(t)
        if t.uas.cancel_reason == NULL:
            set_shm_str(&t.uas.cancel_reason, &t.uas.cancel_reason_len, lines, len)
        unlock_replies(t)


cdef void e2e_cancel(sip_msg *cancel_msg, tm_cell *t_cancel, tm_cell *t_invite) noexcept nogil:
    """Hop by hop: the CANCEL is answered here, the branches get CANCELs of our own."""
    cdef uint32_t bitmap = 0, i
    cdef cancel_reason reason
    cdef int lowest = 0, code
    if has_cb(t_invite, TMCB_E2ECANCEL_IN):
        run_cbs(t_invite, TMCB_E2ECANCEL_IN, cancel_msg, NULL, cancel_msg.method_id, 0)
    tm_flag_or(&t_invite.flags, T_CANCELED)
    if t_invite.nr_of_outgoings:
        bitmap = prepare_to_cancel(t_invite, 0)
    if bitmap == 0:
        t_reply(t_invite, t_invite.uas.request, 487, b"Request canceled", 16)
        t_reply(t_cancel, cancel_msg, 200, b"ok -- no more pending branches", 30)
        return
    _note_reason(cancel_msg, t_invite)
    reason.cause = CANCEL_REAS_PACKED_HDRS
    reason.text = t_invite.uas.cancel_reason
    reason.len = t_invite.uas.cancel_reason_len
    for i in range(t_invite.nr_of_outgoings):
        if bitmap >> i & 1:
            code = cancel_branch(
                t_invite, i, &reason if reason.len else NULL,
                cancel_b_flags()
                | (F_CANCEL_B_FAKE_REPLY if t_invite.uac[i].request.buffer == NULL else 0),
            )
            if code < 0:
                bitmap &= ~(<uint32_t> 1 << i)
                lowest = code
    if lowest < 0:
        tm_log(L_ERR, "cancel error")
        t_reply(t_cancel, cancel_msg, 500, b"cancel error", 12)
    elif bitmap:
        t_reply(t_cancel, cancel_msg, 200, b"canceling", 9)
    else:
        t_reply(t_cancel, cancel_msg, 200, b"ok -- no more pending branches", 30)
