"""Replies: ours, and which of the branches' goes back (``tm/t_reply.c``; RFC 3261 s. 16.7)."""

from libc.stdint cimport uint32_t
from libc.string cimport memcmp, memcpy

from runtime.native.build cimport bookmark, build_res, out_t
from runtime.native.clone cimport msg_clone_shm
from runtime.native.fault cimport fault_point
from runtime.native.hdrs cimport get_to
from runtime.native.lump cimport LUMP_RPL_BODY, LUMP_RPL_HDR, add_lump_rpl
from runtime.native.msg cimport HDR_EOH_F, METHOD_INVITE, parse_headers, sip_msg
from runtime.native.onsend cimport has_onsend_reply, run_onsend
from runtime.native.shm cimport shm_free, shm_malloc, shm_publish
from runtime.native.error cimport E_UNSPEC
from runtime.native.tm cimport (
    CFG_FAILURE_REPLY_MODE, CFG_PASS_PROVISIONAL, CFG_RELAY_100, CFG_RICH_REDIRECT,
    CFG_REPLY_RELAY_MODE, FAKED_REPLY, FAULT_RELAY, F_RB_CANCELED, F_RB_RELAYREPLY, F_RB_REPLIED,
    F_RB_TIMEOUT, REQ_RLSD, REQ_RPLD, ST_RPL_GENERATED, ST_RPL_SENT, T_6xx, T_ADMIN_REPLY,
    T_ASYNC_SUSPENDED, T_BR_UNDEFINED, T_DISABLE_6xx, T_NO_AUTO_ACK, TM_UAC_FLAG_FB, TOTAG_LEN,
    cfg_get, ctx, is_invite, is_local, lock_replies, put_on_wait, scratch_give, scratch_take,
    set_t, stat_count, store_reply_buf, t_context, tm_cell, tm_fault, tm_flag_and, tm_flag_or,
    tm_send, tm_send_now, tm_tag_base, totag_elem, ua_client, unlock_replies, update_reply_stats,
)
from runtime.native.tm_cancel cimport (
    F_CANCEL_B_FAKE_REPLY, F_CANCEL_B_KILL, cancel_branch_send, init_cancel_info,
    prepare_cancel_branch, prepare_to_cancel,
)
from runtime.native.tm_hooks cimport (
    BRANCH_FAILURE_ROUTE, FAILURE_ROUTE, KIND_BRANCH_FAILURE, KIND_FAILURE, TMCB_E2EACK_IN,
    TMCB_E2EACK_RETR_IN, TMCB_LOCAL_COMPLETED, TMCB_LOCAL_F, TMCB_LOCAL_RESPONSE_OUT,
    TMCB_ON_BRANCH_FAILURE, TMCB_ON_FAILURE, TMCB_REQUEST_PENDING, TMCB_RESPONSE_FWDED,
    TMCB_RESPONSE_OUT, TMCB_RESPONSE_READY, TMCB_RESPONSE_SENT, has_cb, run_cbs, run_local_response,
    run_route,
)
from runtime.native.tm_pick cimport branch_reply, in_work, set_in_work, t_pick_branch
from runtime.native.tm_rb cimport cleanup_uac_timers, force_retr, start_retr, stop_rb_timers
from runtime.native.tm_reply_build cimport build_relayed, needs_totag
from runtime.native.tm_text cimport (
    L_ERR, L_INFO, L_WARN, add_dset_lump, err2reason, make_totag, tm_log,
)

cdef enum:
    FL_TIMEOUT = 256            # sip_msg.msg_flags
    FL_REPLIED = 512
    TOTAG_CBS = TMCB_RESPONSE_OUT | TMCB_RESPONSE_READY | TMCB_E2EACK_IN | TMCB_E2EACK_RETR_IN

# -- our own replies

cdef void _start_final_repl_retr(tm_cell *t) noexcept nogil:
    """Timer G and H of RFC 3261; 2xx of our own are repeated over any transport."""
    if is_local(t) or t.uas.request.method_id != METHOD_INVITE:
        return
    if t.uas.status >= 300:
        start_retr(&t.uas.response)
    elif t.relayed_reply_branch == -2 and t.uas.status >= 200:
        force_retr(&t.uas.response)


cdef void _after_final(tm_cell *t, int code) noexcept nogil:
    """A final answer of ours is out: what still runs on the branches is in vain."""
    cdef cancel_info info
    cleanup_uac_timers(t)
    if is_invite(t):
        init_cancel_info(&info)
        info.bitmap = prepare_to_cancel(t, 0)
        info.reason.cause = code
        cancel_uacs(t, &info, F_CANCEL_B_KILL)


cdef void _send_reply(tm_cell *t, out_t *out, bint now) noexcept nogil:
    if t.uas.response.dst.send_sock == NULL:
        tm_log(L_ERR, "no resolved dst to send reply to")
    elif (tm_send_now(&t.uas.response.dst, out.s, out.len) if now
          else tm_send(&t.uas.response.dst, out.s, out.len)) < 0:
        tm_log(L_ERR, "a reply could not be sent")


cdef int _reply_light(tm_cell *t, out_t *out, int code, bookmark *bm) noexcept nogil:
    cdef bint stored
    lock_replies(t)
    if t.uas.status >= 200:
        unlock_replies(t)
        tm_log(L_INFO, "can't generate a reply when a final one was sent out")
        cleanup_uac_timers(t)
        put_on_wait(t)
        return -1
    stored = store_reply_buf(t, out.s, out.len, code)
    t.uas.status = code
    t.relayed_reply_branch = -2
    if stored:
        t.uas.totag_off = bm.to_tag_off
        t.uas.totag_len = bm.to_tag_len
    else:
        tm_log(L_ERR, "no shared memory to keep a reply: it is sent once")
    update_reply_stats(code)
    stat_count(ST_RPL_GENERATED)
    stat_count(ST_RPL_SENT)
    if 100 < code < 200:
        _send_reply(t, out, True)
        run_local_response(out.s, out.len)
    unlock_replies(t)
    if code >= 200 and stored:
        _start_final_repl_retr(t)
    fault_point(tm_fault[FAULT_RELAY])
    # out is the process's build buffer: it goes out before anything else is built
    if not 100 < code < 200:
        _send_reply(t, out, False)
        run_local_response(out.s, out.len)
    if code >= 200:
        if is_local(t):
            if has_cb(t, TMCB_LOCAL_COMPLETED):
                run_cbs(t, TMCB_LOCAL_COMPLETED, NULL, FAKED_REPLY, code, 0)
        else:
            if has_cb(t, TMCB_RESPONSE_READY):
                run_cbs(t, TMCB_RESPONSE_READY, t.uas.request, FAKED_REPLY, code, 0)
            if has_cb(t, TMCB_RESPONSE_OUT):
                run_cbs(t, TMCB_RESPONSE_OUT, t.uas.request, FAKED_REPLY, code, TMCB_LOCAL_F)
        _after_final(t, code)
    elif code == 100 and has_cb(t, TMCB_REQUEST_PENDING):
        run_cbs(t, TMCB_REQUEST_PENDING, t.uas.request, FAKED_REPLY, code, 0)
    if has_cb(t, TMCB_RESPONSE_SENT):
        run_cbs(t, TMCB_RESPONSE_SENT, t.uas.request, FAKED_REPLY, code, TMCB_LOCAL_F)
    if code >= 200:
        put_on_wait(t)
    return 1


cdef int _build_failed(tm_cell *t) noexcept nogil:
    tm_log(L_ERR, "response building failed")
    _after_final(t, 0)
    put_on_wait(t)
    return -1


cdef int _reply_from(tm_cell *t, sip_msg *req, int code, const char *reason, int len) noexcept nogil:
    cdef char tag[TOTAG_LEN]
    cdef bint own_tag = needs_totag(req, code)
    cdef bookmark bm
    cdef out_t out
    bm.to_tag_off = bm.to_tag_len = 0
    if 300 <= code < 400:
        add_dset_lump(req, <int> cfg_get(CFG_RICH_REDIRECT))
    if own_tag:
        make_totag(req, tm_tag_base, c'-', tag)
    if build_res(req, code, reason, len, tag if own_tag else NULL, TOTAG_LEN if own_tag else 0,
                 &bm, &out) != 0:
        return _build_failed(t)
    return _reply_light(t, &out, code, &bm)


cdef int t_reply(tm_cell *t, sip_msg *req, int code, const char *reason, int len) noexcept nogil:
    cdef sip_msg *copy
    cdef int done
    if code >= 200:
        ctx.kr |= REQ_RPLD
    if req != t.uas.request:
        return _reply_from(t, req, code, reason, len)
    copy = scratch_take(req)
    if copy == NULL:
        return _build_failed(t)
    done = _reply_from(t, copy, code, reason, len)
    scratch_give()
    return done


cdef int t_reply_with_body(
    tm_cell *t, int code, const char *reason, int len, const char *hdrs, uint32_t hlen,
    const char *body, uint32_t blen, const char *tag, uint32_t tlen,
) noexcept nogil:
    cdef sip_msg *req = scratch_take(t.uas.request)
    cdef char own[TOTAG_LEN]
    cdef bookmark bm
    cdef out_t out
    cdef int done
    if req == NULL:
        return _build_failed(t)
    bm.to_tag_off = bm.to_tag_len = 0
    if code >= 200:
        ctx.kr |= REQ_RPLD
    if hlen:
        add_lump_rpl(req, hdrs, hlen, LUMP_RPL_HDR)
    if blen:
        add_lump_rpl(req, body, blen, LUMP_RPL_BODY)
    if not needs_totag(req, code):
        tag, tlen = NULL, 0
    elif tlen == 0:
        make_totag(req, tm_tag_base, c'-', own)
        tag, tlen = own, TOTAG_LEN
    if build_res(req, code, reason, len, tag, tlen, &bm, &out) != 0:
        done = _build_failed(t)
    else:
        done = _reply_light(t, &out, code, &bm)
    scratch_give()
    return done


cdef int kill_transaction(tm_cell *t, int error) noexcept nogil:
    """Answer with what an internal error means to the client."""
    cdef char phrase[128]
    cdef int code = 500
    cdef int len = err2reason(error, b"TM", phrase, sizeof(phrase), &code)
    return t_reply(t, t.uas.request, code, phrase, len)


cdef void t_release_transaction(tm_cell *t) noexcept nogil:
    ctx.kr |= REQ_RLSD
    stop_rb_timers(&t.uas.response)
    cleanup_uac_timers(t)
    put_on_wait(t)


# -- cancelling, where a branch may need a made-up 487

cdef int cancel_branch(
    tm_cell *t, uint32_t branch, cancel_reason *reason, int flags
) noexcept nogil:
    cdef cancel_info info
    cdef int code = cancel_branch_send(t, branch, reason, flags)
    if code != 2:
        return code
    init_cancel_info(&info)
    if flags & F_CANCEL_B_KILL and (
        t.uac[branch].request.flags & F_RB_RELAYREPLY or t.flags & T_ADMIN_REPLY
    ):
        return 0
    lock_replies(t)
    if relay_reply(t, FAKED_REPLY, branch, 487, &info, True) == RPS_ERROR:
        return -1
    return 0


cdef uint32_t cancel_uacs(tm_cell *t, cancel_info *info, int flags) noexcept nogil:
    cdef uint32_t waiting = 0, i
    if info.reason.cause == 200 and info.reason.text == NULL:
        info.reason.text = b"Call completed elsewhere"
        info.reason.len = 24
    for i in range(t.nr_of_outgoings):
        if info.bitmap >> i & 1 and cancel_branch(
            t, i, &info.reason,
            flags | (F_CANCEL_B_FAKE_REPLY if t.uac[i].request.buffer == NULL else 0),
        ) != 0:
            waiting |= <uint32_t> 1 << i
    return waiting


# -- failure_route and event_route[tm:branch-failure]

cdef void _run_failure(tm_cell *t, int branch, int code, bint whole) noexcept nogil:
    """Run the failure route of the transaction, or (not whole) of one branch, on the request."""
    cdef t_context before = ctx
    cdef ua_client *uac = t.uac[branch]
    cdef uint32_t route = uac.on_failure if whole else uac.on_branch_failure
    cdef int type = FAILURE_ROUTE if whole else BRANCH_FAILURE_ROUTE
    cdef uint32_t cb = TMCB_ON_FAILURE if whole else TMCB_ON_BRANCH_FAILURE
    cdef sip_msg *req
    cdef int error
    if t.uas.request == NULL or (route == 0 and not has_cb(t, cb)):
        return
    req = scratch_take(t.uas.request)
    if req == NULL:
        tm_log(L_ERR, "no memory to run a failure route")
        return
    if uac.request.flags & F_RB_TIMEOUT:
        req.msg_flags |= FL_TIMEOUT
    if uac.request.flags & F_RB_REPLIED:
        req.msg_flags |= FL_REPLIED
    req.id = t.uas.request.id - 1
    req.bflags = uac.branch_flags
    ctx.msg_id = req.id
    set_t(t, T_BR_UNDEFINED if whole else branch)
    ctx.route_type = type
    ctx.branch_index = branch
    ctx.picked_branch = branch
    ctx.drop_replies = <int> cfg_get(CFG_FAILURE_REPLY_MODE)
    ctx.tm_error = 0
    ctx.ruri_consumed = 1
    ctx.ruri_seen = req.new_uri.s
    ctx.dst_seen = req.dst_uri.s
    if has_cb(t, cb):
        run_cbs(t, cb, req, branch_reply(t, branch), code, 0)
    if route:
        if whole:
            t.on_failure = 0        # a branch added in it must ask for the route again
            tm_flag_and(&t.flags, ~<uint32_t> T_ASYNC_SUSPENDED)
        else:
            t.on_branch_failure = 0
        run_route(KIND_FAILURE if whole else KIND_BRANCH_FAILURE, route, req, t, type)
    t.uas.request.flags = req.flags
    scratch_give()
    before.drop_replies = ctx.drop_replies
    before.tm_error = ctx.tm_error
    before.kr |= ctx.kr
    memcpy(&ctx, &before, sizeof(t_context))


cdef void _drop_replies(tm_cell *t, int count, int mode) noexcept nogil:
    cdef int i = 0
    cdef sip_msg *reply
    if mode == 2:
        i = count - 1
        while i > 0 and not t.uac[i].flags & TM_UAC_FLAG_FB:
            i -= 1
    while i < count:
        reply = t.uac[i].reply
        t.uac[i].reply = NULL
        if reply != NULL and reply != FAKED_REPLY:
            shm_free(reply)
        i += 1


cdef int _should_relay_negative(
    tm_cell *t, int code, int branch, bint *store, int *relay, cancel_info *info, sip_msg *reply
) noexcept nogil:
    cdef in_work before = set_in_work(t, branch, reply)
    cdef int done = _pick_negative(t, code, branch, store, relay, info)
    set_in_work(before.t, before.branch, before.reply)
    return done


cdef int _branches_failed(tm_cell *t, int branch, int *relay) noexcept nogil:
    """The replies were dropped and no new branch works: an error of our own goes back."""
    if is_local(t):
        relay[0] = branch
    elif kill_transaction(t, ctx.tm_error if ctx.tm_error else E_UNSPEC) <= 0:
        tm_log(L_ERR, "reply generation failed")
    return RPS_COMPLETED


cdef int _pick_negative(
    tm_cell *t, int code, int branch, bint *store, int *relay, cancel_info *info
) noexcept nogil:
    cdef int picked_code = 0, picked, new_branch, count
    cdef bint dropped = False
    t.uac[branch].last_received = code
    if has_cb(t, TMCB_ON_BRANCH_FAILURE) or t.uac[branch].on_branch_failure:
        _run_failure(t, branch, code, False)
    picked = t_pick_branch(branch, code, t, &picked_code)
    if picked == -2:
        store[0] = True
        if 600 <= code < 700 and not t.flags & (T_6xx | T_DISABLE_6xx):
            info.bitmap = prepare_to_cancel(t, 0)
            tm_flag_or(&t.flags, T_6xx)
            info.reason.cause = code
        return RPS_STORE
    if picked == -1:
        return RPS_DISCARDED
    count = t.nr_of_outgoings
    tm_flag_and(&t.flags, ~<uint32_t> T_6xx)
    ctx.drop_replies = <int> cfg_get(CFG_FAILURE_REPLY_MODE)
    if has_cb(t, TMCB_ON_FAILURE) or t.uac[picked].on_failure:
        _run_failure(t, picked, picked_code, True)
        if (ctx.drop_replies == 3 and count < <int> t.nr_of_outgoings) \
                or (ctx.drop_replies != 0 and ctx.drop_replies != 3):
            _drop_replies(t, count, ctx.drop_replies)
            dropped = True
    if t.uas.status >= 200:         # the route has answered
        return RPS_COMPLETED
    if count < <int> t.nr_of_outgoings:
        new_branch = t_pick_branch(-1 if dropped else branch, code, t, &picked_code)
        if new_branch == -2:
            store[0] = not dropped
            return RPS_DISCARDED if dropped else RPS_STORE
        if new_branch >= 0:
            picked = new_branch
        elif dropped:
            return _branches_failed(t, branch, relay)
    elif dropped:
        return _branches_failed(t, branch, relay)
    relay[0] = picked
    return RPS_COMPLETED


cdef int _should_relay(
    tm_cell *t, int code, int branch, bint *store, int *relay, cancel_info *info, sip_msg *reply
) noexcept nogil:
    """What to do with a reply (``t_should_relay_response``). Under the reply lock."""
    cdef ua_client *uac = t.uac[branch]
    cdef bint through = 200 <= code < 300 and is_invite(t)
    store[0] = False
    relay[0] = -1
    if t.uas.status >= 200:
        if not through:
            return RPS_DISCARDED
        uac.last_received = code        # RFC 6026: each 2xx of an INVITE goes on
        relay[0] = branch
        return RPS_PUSHED_AFTER_COMPLETION
    if uac.last_received >= 200 and not (through and uac.last_received < 300):
        if uac.last_received != code and uac.last_received != 487 \
                and not (uac.last_received == 408 and code == 487):
            tm_log(L_WARN, "status rewrite by UAS")
        return RPS_DISCARDED
    if code >= 300:
        return _should_relay_negative(t, code, branch, store, relay, info, reply)
    if code < 100:
        return RPS_DISCARDED
    store[0] = through and is_local(t) and uac.last_received < 200 and t.flags & T_NO_AUTO_ACK
    uac.last_received = code
    relay[0] = -1 if code == 100 and not cfg_get(CFG_RELAY_100) else branch
    if code < 200:
        return RPS_PROVISIONAL
    info.bitmap = prepare_to_cancel(t, 0)
    info.reason.cause = code
    return RPS_COMPLETED


cdef bint _store_reply(tm_cell *t, int branch, sip_msg *reply) noexcept nogil:
    cdef sip_msg *clone
    if reply == FAKED_REPLY:
        t.uac[branch].reply = FAKED_REPLY
        return True
    parse_headers(reply, HDR_EOH_F)
    clone = msg_clone_shm(reply)
    if clone == NULL:
        return False
    t.uac[branch].reply = clone
    shm_publish(clone)
    return True


# -- relaying

cdef bint _update_totag_set(tm_cell *t, sip_msg *ok) noexcept nogil:
    """Note the To-tag of a 2xx; True where it was known (a retransmission)."""
    cdef totag_elem *e = t.fwded_totags
    cdef const char *tag
    if get_to(ok) == NULL or ok.to.tag.len == 0:
        return False
    tag = ok.buf + ok.to.tag.off
    while e != NULL:
        if e.len == ok.to.tag.len and memcmp(e.tag, tag, e.len) == 0:
            return True
        e = e.next
    e = <totag_elem *> shm_malloc(sizeof(totag_elem) + ok.to.tag.len)
    if e == NULL:
        return False
    e.acked = 0
    e.len = ok.to.tag.len
    memcpy(e.tag, tag, e.len)
    e.next = t.fwded_totags
    t.fwded_totags = e
    shm_publish(e)
    return False


cdef int _relay_failed(tm_cell *t, cancel_info *info, int branch, bint stored) noexcept nogil:
    cdef sip_msg *reply = t.uac[branch].reply
    if stored:
        t.uac[branch].reply = NULL
        if reply != NULL and reply != FAKED_REPLY:
            shm_free(reply)
    t_reply(t, t.uas.request, 500, b"Reply processing error", 22)
    info.bitmap = 0                 # t_reply has cancelled all there was
    unlock_replies(t)
    return RPS_ERROR


cdef int relay_reply(
    tm_cell *t, sip_msg *msg, uint32_t branch, int status, cancel_info *info, bint wait
) noexcept nogil:
    cdef bint store = False, own = False, retransmitted = False, kept, asked, sent = True
    cdef int relay = -1, code = 0
    cdef bookmark bm
    cdef out_t out
    cdef int rps = _should_relay(t, status, branch, &store, &relay, info, msg)
    if store and not _store_reply(t, branch, msg):
        tm_log(L_ERR, "no shared memory to keep a reply")
        return _relay_failed(t, info, branch, False)
    if relay < 0:
        unlock_replies(t)
        return rps
    if status < 300 and <int> branch == relay and has_cb(t, TMCB_RESPONSE_FWDED):
        run_cbs(t, TMCB_RESPONSE_FWDED, t.uas.request, msg, status, 0)
    bm.to_tag_off = bm.to_tag_len = 0
    if build_relayed(t, relay, branch, msg, status, &code, &own, &bm, &out) != 0:
        tm_log(L_ERR, "no mem for outbound reply buffer")
        return _relay_failed(t, info, branch, store)
    update_reply_stats(code)
    stat_count(ST_RPL_SENT)
    kept = cfg_get(CFG_REPLY_RELAY_MODE) == 0 or rps != RPS_PUSHED_AFTER_COMPLETION
    if kept:
        if not store_reply_buf(t, out.s, out.len, code):
            tm_log(L_ERR, "no shared memory to keep a reply: it is sent once")
        elif own:
            t.uas.totag_off = bm.to_tag_off
            t.uas.totag_len = bm.to_tag_len
        if own:
            stat_count(ST_RPL_GENERATED)
        t.uas.status = code
        t.relayed_reply_branch = relay
        if not own and 200 <= code < 300 and is_invite(t) and has_cb(t, TOTAG_CBS):
            retransmitted = _update_totag_set(t, msg)
    asked = kept and msg != FAKED_REPLY and has_onsend_reply()
    if code < 200 and not asked:
        _send_reply(t, &out, True)
    unlock_replies(t)
    if rps == RPS_COMPLETED:
        _start_final_repl_retr(t)
    fault_point(tm_fault[FAULT_RELAY])
    if asked and run_onsend(msg, &t.uas.response.dst, out.s, out.len) == 0:
        tm_log(L_ERR, "reply dropped (onsend_route)")
        t.uas.response.dst.send_sock = NULL     # nor is another one sent, as there
        sent = False
    elif code >= 200 or asked:
        _send_reply(t, &out, code < 200)
    if kept and not retransmitted and has_cb(t, TMCB_RESPONSE_READY):
        run_cbs(t, TMCB_RESPONSE_READY, t.uas.request, FAKED_REPLY if own else msg, code, 0)
    if kept and sent and has_cb(t, TMCB_RESPONSE_OUT | TMCB_RESPONSE_SENT):
        lock_replies(t)
        if not retransmitted and t.uas.status == code:
            run_cbs(t, TMCB_RESPONSE_OUT, t.uas.request,
                    FAKED_REPLY if own else branch_or(t, relay, branch, msg), code, 0)
        run_cbs(t, TMCB_RESPONSE_SENT, t.uas.request,
                FAKED_REPLY if own else branch_or(t, relay, branch, msg), code,
                TMCB_LOCAL_F if own else 0)
        unlock_replies(t)
    if wait and rps == RPS_COMPLETED:
        put_on_wait(t)
    return rps


cdef inline sip_msg *branch_or(tm_cell *t, int relay, int branch, sip_msg *msg) noexcept nogil:
    return msg if relay == branch else t.uac[relay].reply


cdef int local_reply(
    tm_cell *t, sip_msg *msg, uint32_t branch, int status, cancel_info *info
) noexcept nogil:
    """A reply to a request of our own: nobody to relay it to, callbacks get it."""
    cdef bint store = False, retransmitted = False
    cdef int winner = -1, code = 0
    cdef sip_msg *best = NULL
    cdef int rps = _should_relay(t, status, branch, &store, &winner, info, msg)
    if store and not _store_reply(t, branch, msg):
        info.bitmap = prepare_to_cancel(t, 0)
        unlock_replies(t)
        cleanup_uac_timers(t)
        if is_invite(t):
            cancel_uacs(t, info, F_CANCEL_B_KILL)
        info.bitmap = 0
        put_on_wait(t)
        return RPS_ERROR
    if winner >= 0:
        best = branch_or(t, winner, branch, msg)
        if best == NULL or best == FAKED_REPLY:
            stat_count(ST_RPL_GENERATED)
            code = status if winner == <int> branch else t.uac[winner].last_received
        else:
            code = best.status
        t.uas.status = code
        update_reply_stats(code)
        stat_count(ST_RPL_SENT)
        if is_invite(t) and best != NULL and best != FAKED_REPLY and 200 <= code < 300:
            retransmitted = _update_totag_set(t, best)
    unlock_replies(t)
    if winner >= 0 and code < 200 and cfg_get(CFG_PASS_PROVISIONAL):
        run_cbs(t, TMCB_LOCAL_RESPONSE_OUT, NULL, best, code, 0)
    if winner >= 0 and code >= 200 and not retransmitted:
        run_cbs(t, TMCB_LOCAL_COMPLETED, NULL, best, code, 0)
    return rps


cdef void fake_reply(tm_cell *t, uint32_t branch, int code) noexcept nogil:
    cdef cancel_info info
    cdef bint cancel = is_invite(t) and prepare_cancel_branch(t, branch, False)
    cdef int rps
    init_cancel_info(&info)
    tm_flag_or(&t.uac[branch].request.flags, F_RB_CANCELED | F_RB_RELAYREPLY)
    if is_local(t):
        rps = local_reply(t, FAKED_REPLY, branch, code, &info)
    else:
        rps = relay_reply(t, FAKED_REPLY, branch, code, &info, False)
    if cancel:
        cancel_branch(t, branch, &info.reason, 0)
    if rps == RPS_COMPLETED:
        put_on_wait(t)
