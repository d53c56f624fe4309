"""The life of a server transaction as a script sees it (``tm/t_lookup.c``, ``tm/t_funcs.c``)."""

from libc.stdint cimport uint32_t
from libc.string cimport memset

from runtime.native.build cimport reply_dest
from runtime.native.fault cimport fault_point
from runtime.native.forward cimport forward_request
from runtime.native.hdrs cimport get_from, get_ruri
from runtime.native.msg cimport (
    HDR_EOH_F, METHOD_ACK, METHOD_CANCEL, METHOD_INVITE, SIP_REPLY, SIP_REQUEST, parse_headers,
    sip_msg,
)
from runtime.native.net cimport dest_info, su_ntop, su_port
from runtime.native.proc cimport process_no
from runtime.native.receive cimport register_post_script, register_pre_script
from runtime.native.error cimport (
    E_BAD_REQ, E_BAD_TUPEL, E_BAD_VIA, E_OUT_OF_MEM, E_SCRIPT, E_UNSPEC, set_ser_error,
)
from runtime.native.tm cimport (
    CFG_AUTO_INV_100, CFG_DISABLE_6XX, CFG_E2E_CANCEL_REASON, CFG_FR_INV_TIMER, CFG_FR_TIMER,
    CFG_MAX_INV_LIFETIME, CFG_MAX_NONINV_LIFETIME, CFG_RETR_TIMER1, CFG_RETR_TIMER2,
    CFG_UNMATCHED_CANCEL, FAULT_CREATED, REQ_ERR_DELAYED, REQ_FWDED, REQ_RLSD, T_AUTO_INV_100,
    T_BR_UNDEFINED, T_CANCELED, T_DISABLE_6xx, T_DISABLE_INTERNAL_REPLY, T_IS_INVITE, T_IS_LOCAL,
    T_NO_E2E_CANCEL_REASON, build_cell, cfg_get, ctx, hold_unsafe, init_t, insert_cell,
    put_on_wait, set_t, tm_cell, tm_fault, tm_flag_or, tm_now, unhold, unlock_hash,
)
from runtime.native.tm_hooks cimport (
    BRANCH_FAILURE_ROUTE, BRANCH_ROUTE, FAILURE_ROUTE, TMCB_ACK_NEG_IN, TMCB_E2EACK_IN,
    TMCB_E2EACK_RETR_IN, TMCB_REQ_RETR_IN, TM_ONREPLY_ROUTE, has_cb, has_request_in, run_cbs,
    run_request_in, save_avps,
)
from runtime.native.tm_fwd cimport e2e_cancel, t_forward_nonack
from runtime.native.tm_lookup cimport (
    LOOKUP_E2E_ACK, LOOKUP_ERROR, LOOKUP_FOUND, get_e2e_ack, t_check_msg, t_lookup_original,
    t_lookup_request, unmatched_totag,
)
from runtime.native.tm_rb cimport t_retransmit_reply
from runtime.native.tm_reply cimport kill_transaction, t_release_transaction, t_reply
from runtime.native.tm_text cimport L_ERR, L_WARN, tm_log

cdef enum:
    UM_CANCEL_STATEFUL = 0      # parameter unmatched_cancel; 1 is stateless
    UM_CANCEL_DROP = 2
    TRYING_MAX = 256

cdef char trying[TRYING_MAX]
cdef int trying_len = 0


def set_trying(reason: bytes) -> None:
    """The phrase of automatic 100 replies in this process (``auto_inv_100_reason``)."""
    global trying_len
    cdef int n = min(len(reason), TRYING_MAX)
    cdef int i
    for i in range(n):
        trying[i] = reason[i]
    trying_len = n


set_trying(b"trying -- your call is important to us")


cdef void send_trying(tm_cell *t, sip_msg *msg) noexcept nogil:
    t_reply(t, msg, 100, trying, trying_len)


cdef void reset_ctx() noexcept nogil:
    """A new request: nothing of the last one may leak into it (``script_init``)."""
    memset(&ctx, 0, sizeof(ctx))
    ctx.branch = T_BR_UNDEFINED
    ctx.branch_index = T_BR_UNDEFINED
    ctx.picked_branch = -1


cdef void _init_new_t(tm_cell *t, sip_msg *msg) noexcept nogil:
    cdef uint32_t life
    if msg.method_id == METHOD_INVITE:
        t.flags |= T_IS_INVITE | ctx.set_flags
        if cfg_get(CFG_AUTO_INV_100):
            t.flags |= T_AUTO_INV_100
        if cfg_get(CFG_DISABLE_6XX):
            t.flags |= T_DISABLE_6xx
        if not cfg_get(CFG_E2E_CANCEL_REASON):
            t.flags |= T_NO_E2E_CANCEL_REASON
        t.flags &= ~ctx.reset_flags
        life = ctx.life_inv if ctx.life_inv else <uint32_t> cfg_get(CFG_MAX_INV_LIFETIME)
    else:
        life = ctx.life_noninv if ctx.life_noninv \
            else <uint32_t> cfg_get(CFG_MAX_NONINV_LIFETIME)
    t.on_failure = ctx.on_failure
    t.on_branch_failure = ctx.on_branch_failure
    t.on_reply = ctx.on_reply
    t.on_branch = ctx.on_branch
    t.end_of_life = tm_now() + life
    t.fr_timeout = ctx.fr if ctx.fr else <uint32_t> cfg_get(CFG_FR_TIMER)
    t.fr_inv_timeout = ctx.fr_inv if ctx.fr_inv else <uint32_t> cfg_get(CFG_FR_INV_TIMER)
    t.rt_t1 = ctx.rt_t1 if ctx.rt_t1 else <uint32_t> cfg_get(CFG_RETR_TIMER1)
    t.rt_t2 = ctx.rt_t2 if ctx.rt_t2 else <uint32_t> cfg_get(CFG_RETR_TIMER2)


cdef int _new_t(sip_msg *msg) noexcept nogil:
    """Make the transaction; its entry is locked. 1, or E_*."""
    cdef tm_cell *t
    if (get_from(msg) == NULL and msg.method_id == METHOD_INVITE) or get_ruri(msg) == NULL:
        tm_log(L_ERR, "no valid From or r-URI in a request")
        return E_BAD_REQ
    t = build_cell(msg)
    if t == NULL:
        tm_log(L_ERR, "out of shared memory: no transaction")
        set_ser_error(E_OUT_OF_MEM)
        return E_OUT_OF_MEM
    _init_new_t(t, msg)
    # where replies go is known before the cell can be found: none is lost in between
    if reply_dest(msg, &t.uas.response.dst) != 0:
        t.uas.response.dst.send_sock = NULL
    insert_cell(t)
    set_t(t, T_BR_UNDEFINED)
    return 1


cdef int _e2e_ack(sip_msg *msg) noexcept nogil:
    """An ACK for a 2xx that was proxied: only callbacks care. Gives the entry's lock back."""
    cdef tm_cell *t = get_e2e_ack()
    if not has_cb(t, TMCB_E2EACK_IN | TMCB_E2EACK_RETR_IN) or not hold_unsafe(t):
        unlock_hash(msg.hash_index)
        return 1
    unlock_hash(msg.hash_index)
    if unmatched_totag(t, msg):
        if has_cb(t, TMCB_E2EACK_IN):
            run_cbs(t, TMCB_E2EACK_IN, msg, NULL, -<int> msg.method_id, 0)
    elif has_cb(t, TMCB_E2EACK_RETR_IN):
        run_cbs(t, TMCB_E2EACK_RETR_IN, msg, NULL, -<int> msg.method_id, 0)
    unhold(t)
    return 1


cdef void _absorb(tm_cell *t, sip_msg *msg) noexcept nogil:
    """A retransmission, or the ACK of a negative answer."""
    if msg.method_id == METHOD_ACK:
        if has_cb(t, TMCB_ACK_NEG_IN):
            run_cbs(t, TMCB_ACK_NEG_IN, msg, NULL, msg.method_id, 0)
        t_release_transaction(t)
    else:
        if has_cb(t, TMCB_REQ_RETR_IN):
            run_cbs(t, TMCB_REQ_RETR_IN, msg, NULL, msg.method_id, 0)
        t_retransmit_reply(t)


cdef int t_newtran(sip_msg *msg) noexcept nogil:
    cdef bint canceled = False
    cdef tm_cell *t
    cdef int code
    if ctx.t != NULL:
        if ctx.t.uas.request != NULL:
            ctx.t.uas.request.flags = msg.flags
        ctx.clone_stale = 1
        return E_SCRIPT
    init_t(msg)
    if parse_headers(msg, HDR_EOH_F) != 0:
        tm_log(L_ERR, "parse_headers failed")
        return E_BAD_REQ
    code = t_lookup_request(msg, True, &canceled)
    if code == LOOKUP_ERROR:
        return E_BAD_TUPEL
    if code == LOOKUP_FOUND:
        _absorb(ctx.t, msg)
        return 0
    if code == LOOKUP_E2E_ACK:
        return _e2e_ack(msg)
    if msg.method_id == METHOD_ACK:
        unlock_hash(msg.hash_index)
        return 1
    code = _new_t(msg)
    unlock_hash(msg.hash_index)
    if code < 0:
        return code
    t = ctx.t
    if canceled:
        tm_flag_or(&t.flags, T_CANCELED)        # the CANCEL was quicker
    fault_point(tm_fault[FAULT_CREATED])
    if t.uas.response.dst.send_sock == NULL:
        tm_log(L_ERR, "unresolvable via1")
        put_on_wait(t)
        t_unref(msg)
        return E_BAD_VIA
    save_avps(t)
    if has_request_in():
        run_request_in(t, msg)
    return 1


cdef int t_unref(sip_msg *msg) noexcept nogil:
    cdef tm_cell *t = ctx.t
    if t == NULL:
        init_t(NULL)
        return -1
    if msg.type == SIP_REQUEST:
        if ctx.kr == REQ_ERR_DELAYED:
            if kill_transaction(t, ctx.tm_error) <= 0:
                tm_log(L_WARN, "generation of a delayed stateful reply failed")
                t_release_transaction(t)
        elif ctx.kr == 0 or (msg.method_id == METHOD_ACK and not ctx.kr & REQ_RLSD):
            tm_log(L_WARN, "script writer didn't release transaction")
            t_release_transaction(t)
        if t.owner == process_no:
            t.owner = -1
    ctx.tm_error = 0
    unhold(t)
    init_t(NULL)
    return 1


# -- relaying

cdef int _forward_cancel(sip_msg *msg, dest_info *fixed, int proto, tm_cell **made) noexcept nogil:
    cdef tm_cell *t_invite
    cdef int code
    made[0] = NULL
    if cfg_get(CFG_UNMATCHED_CANCEL) == UM_CANCEL_STATEFUL:
        code = t_newtran(msg)
        if code <= 0 and code != E_SCRIPT:
            return 1 if code == 0 else code
        made[0] = ctx.t
        return _forward(ctx.t, msg, fixed, proto)
    t_invite = t_lookup_original(msg)
    if t_invite != NULL:
        code = t_newtran(msg)
        if code <= 0 and code != E_SCRIPT:
            unhold(t_invite)
            return 1 if code == 0 else code
        made[0] = ctx.t
        e2e_cancel(msg, ctx.t, t_invite)
        unhold(t_invite)
        return 1
    if cfg_get(CFG_UNMATCHED_CANCEL) == UM_CANCEL_DROP:
        return 1
    return _forward_stateless(msg, fixed, proto)


cdef int _forward(tm_cell *t, sip_msg *msg, dest_info *fixed, int proto) noexcept nogil:
    """t_forward_nonack, but a CANCEL goes to the INVITE that it means."""
    cdef tm_cell *t_invite
    if msg.method_id == METHOD_CANCEL and not t.flags & T_CANCELED:
        t_invite = t_lookup_original(msg)
        if t_invite != NULL:
            e2e_cancel(msg, t, t_invite)
            unhold(t_invite)
            ctx.kr |= REQ_FWDED
            return 1
    return t_forward_nonack(t, msg, fixed, proto)


cdef int _forward_stateless(sip_msg *msg, dest_info *fixed, int proto) noexcept nogil:
    cdef char host[46]
    if fixed == NULL:
        return forward_request(msg, NULL, 0, 0, proto)
    return forward_request(msg, host, su_ntop(&fixed.to, host), su_port(&fixed.to), fixed.proto)


cdef int t_relay_to(sip_msg *msg, dest_info *fixed, int proto, bint replicate) noexcept nogil:
    cdef tm_cell *t = NULL
    cdef int code
    set_ser_error(E_UNSPEC)
    if msg.method_id == METHOD_CANCEL:
        code = _forward_cancel(msg, fixed, proto, &t)
        if t == NULL:
            set_ser_error(code if code < 0 else 0)
            return code
    else:
        code = t_newtran(msg)
        if code != E_SCRIPT:
            if code < 0:
                return code
            if code == 0:               # a retransmission, dealt with
                return 1
        elif msg.method_id == METHOD_ACK:
            _absorb(ctx.t, msg)
            return 1
        if msg.method_id == METHOD_ACK:     # of a 2xx, end to end
            return _forward_stateless(msg, fixed, proto)
        t = ctx.t
        if replicate:                   # the answers are not the client's
            tm_flag_or(&t.flags, T_IS_LOCAL)
        if msg.method_id == METHOD_INVITE and t.flags & T_AUTO_INV_100 and t.uas.status < 100:
            send_trying(t, msg)
        code = t_forward_nonack(t, msg, fixed, proto)
    set_ser_error(ctx.tm_error)
    if code > 0:
        return code
    if t.flags & T_DISABLE_INTERNAL_REPLY:
        return -4
    ctx.kr |= REQ_ERR_DELAYED           # answered at the end of the script, if it does not itself
    return code


cdef int t_relay_cancel(sip_msg *msg) noexcept nogil:
    cdef tm_cell *t_invite = t_lookup_original(msg)
    cdef int code
    if t_invite == NULL:
        return 1
    code = t_newtran(msg)
    if code > 0 or code == E_SCRIPT:
        e2e_cancel(msg, ctx.t, t_invite)
        code = 0
    unhold(t_invite)
    return code


cdef int t_check_trans(sip_msg *msg, int route_type) noexcept nogil:
    cdef tm_cell *t
    cdef int code, branch = 0
    if route_type & (FAILURE_ROUTE | BRANCH_ROUTE | BRANCH_FAILURE_ROUTE | TM_ONREPLY_ROUTE):
        return 1
    if msg.type == SIP_REPLY:
        code = t_check_msg(msg, &branch)
        ctx.branch_index = branch
        return 1 if code == LOOKUP_FOUND else -1
    if msg.method_id == METHOD_CANCEL:
        t = t_lookup_original(msg)
        if t == NULL:
            return -1
        unhold(t)
        return 1
    code = t_check_msg(msg, NULL)
    if code == LOOKUP_E2E_ACK:
        return 1
    if code != LOOKUP_FOUND:
        return -1
    _absorb(ctx.t, msg)
    return 0


cdef int _pre_script(sip_msg *msg) noexcept nogil:
    if ctx.t != NULL:
        unhold(ctx.t)
    reset_ctx()
    set_ser_error(E_UNSPEC)
    return 1


cdef void _post_script(sip_msg *msg) noexcept nogil:
    t_unref(msg)


cdef void _post_reply(sip_msg *msg) noexcept nogil:
    """A core reply route may have looked for the transaction and dropped the reply."""
    if ctx.t != NULL:
        unhold(ctx.t)
        init_t(NULL)


def register() -> None:
    """Hook into the processing of messages, before the fork."""
    register_pre_script(_pre_script, SIP_REQUEST)
    register_post_script(_post_script, SIP_REQUEST)
    register_post_script(_post_reply, SIP_REPLY)
