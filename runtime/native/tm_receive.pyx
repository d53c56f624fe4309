"""Replies that come in (``reply_received`` of ``tm/t_reply.c``; RFC 3261 s. 16.7, 17.1)."""

from libc.stdint cimport uint32_t
from libc.string cimport memcpy

from runtime.native.fault cimport fault_point
from runtime.native.hdrs cimport get_to
from runtime.native.msg cimport HDR_TO, METHOD_CANCEL, hdr_field, sip_msg
from runtime.native.receive cimport register_response
from runtime.native.tm cimport (
    BUSY_BUFFER, CFG_RESTART_FR, FAULT_REPLY_IN, F_RB_CANCELED, F_RB_FR_INV,
    F_RB_REPLIED, ST_RPL_RECEIVED, T_ASYNC_SUSPENDED, T_BR_UNDEFINED, cfg_get, ctx, init_t,
    is_invite, is_local, lock_replies, put_on_wait, stat_count, tm_cas, tm_cell, tm_fault,
    tm_flag_or, tm_send, ua_client, unhold, unlock_replies,
)
from runtime.native.tm_cancel cimport (
    CANCEL_REAS_PACKED_HDRS, F_CANCEL_B_FORCE_C, F_CANCEL_B_KILL, cancel_b_flags, cancel_info,
    init_cancel_info, send_ack,
)
from runtime.native.tm_hooks cimport (
    DROPPED, KIND_ONREPLY, TMCB_LOCAL_F, TMCB_REQUEST_SENT, TM_ONREPLY_ROUTE, has_cb, run_cbs,
    run_route,
)
from runtime.native.tm_lookup cimport t_check
from runtime.native.tm_rb cimport (
    cleanup_uac_timers, restart_rb_fr, stop_rb_retr, stop_rb_timers, switch_rb_retr_to_t2,
)
from runtime.native.tm_reply cimport (
    RPS_COMPLETED, RPS_ERROR, cancel_branch, cancel_uacs, local_reply, relay_reply,
)


cdef void _ack(tm_cell *t, uint32_t branch, sip_msg *msg) noexcept nogil:
    """RFC 3261 s. 17.1.1.3: at once, whatever the onreply_route takes its time for."""
    cdef hdr_field *h
    if get_to(msg) == NULL:
        return
    h = &msg.hdrs[msg.first[HDR_TO]]
    if send_ack(t, branch, msg.buf + h.off, h.len) >= 0 and has_cb(t, TMCB_REQUEST_SENT):
        run_cbs(t, TMCB_REQUEST_SENT, t.uas.request, msg, msg.status, TMCB_LOCAL_F)


cdef void _cancel_again(tm_cell *t, uint32_t branch, cancel_info *info) noexcept nogil:
    """A provisional reply on a branch that is to be cancelled: now a CANCEL may be sent."""
    cdef ua_client *uac = t.uac[branch]
    if uac.local_cancel.buffer_len:
        tm_send(&uac.local_cancel.dst, uac.local_cancel.buffer, uac.local_cancel.buffer_len)
    elif tm_cas(&uac.local_cancel.buffer, NULL, BUSY_BUFFER):
        if t.uas.cancel_reason_len:
            info.reason.cause = CANCEL_REAS_PACKED_HDRS
            info.reason.text = t.uas.cancel_reason
            info.reason.len = t.uas.cancel_reason_len
        else:
            info.reason.cause = t.uas.status if t.uas.status >= 200 else 0
        cancel_branch(t, branch, &info.reason, F_CANCEL_B_FORCE_C)


cdef int _run_onreply(tm_cell *t, uint32_t branch, sip_msg *msg, int before) noexcept nogil:
    """The code of the onreply_route, with the transaction's flags and AVPs."""
    cdef ua_client *uac = t.uac[branch]
    cdef sip_msg *req = t.uas.request
    cdef int type = ctx.route_type
    cdef int code
    if req != NULL:
        msg.flags = req.flags
        memcpy(msg.xflags, req.xflags, sizeof(msg.xflags))
    msg.bflags = uac.branch_flags
    if msg.status > before:
        uac.last_received = msg.status
    ctx.route_type = TM_ONREPLY_ROUTE
    code = run_route(KIND_ONREPLY, uac.on_reply, msg, t, TM_ONREPLY_ROUTE)
    ctx.route_type = type
    uac.last_received = before
    if req != NULL:
        req.flags = msg.flags
        memcpy(req.xflags, msg.xflags, sizeof(msg.xflags))
    uac.branch_flags = msg.bflags
    return code


cdef int _relay(tm_cell *t, uint32_t branch, sip_msg *msg, cancel_info *info) noexcept nogil:
    """Under the reply lock, which it gives back."""
    cdef int rps
    if is_local(t):
        rps = local_reply(t, msg, branch, msg.status, info)
    else:
        rps = relay_reply(t, msg, branch, msg.status, info, True)
    if rps == RPS_COMPLETED:
        cleanup_uac_timers(t)
        if is_invite(t) and info.bitmap:
            cancel_uacs(t, info, F_CANCEL_B_KILL)
        if is_local(t):
            put_on_wait(t)
    elif info.bitmap:
        cancel_uacs(t, info, cancel_b_flags())
    return rps


cdef void _handle(tm_cell *t, uint32_t branch, sip_msg *msg) noexcept nogil:
    cdef ua_client *uac = t.uac[branch]
    cdef int status = msg.status
    cdef int before = uac.last_received
    cdef cancel_info info
    init_cancel_info(&info)
    if msg.cseq.method_id == METHOD_CANCEL and is_invite(t):
        if status >= 200:
            stop_rb_timers(&uac.local_cancel)
        else:
            stop_rb_retr(&uac.local_cancel)
        unlock_replies(t)
        return
    if status >= 200:
        stop_rb_timers(&uac.request)
        if is_invite(t) and status >= 300:
            _ack(t, branch, msg)
    elif uac.request.flags & F_RB_CANCELED:
        _cancel_again(t, branch, &info)
        unlock_replies(t)
        return
    elif is_invite(t):
        stop_rb_retr(&uac.request)
    else:
        switch_rb_retr_to_t2(&uac.request)
    if uac.on_reply:
        if _run_onreply(t, branch, msg, before) == DROPPED and status < 200:
            unlock_replies(t)
            return
        status = msg.status
    if t.flags & T_ASYNC_SUSPENDED:
        unlock_replies(t)
        return
    if _relay(t, branch, msg, &info) != RPS_ERROR and is_invite(t) and status < 200 and (
        cfg_get(CFG_RESTART_FR)
        or (before < status and (status >= 180 or before == 0))
    ):
        restart_rb_fr(&uac.request, t.fr_inv_timeout)
        tm_flag_or(&uac.request.flags, F_RB_FR_INV)
    tm_flag_or(&uac.request.flags, F_RB_REPLIED)


cdef int reply_received(sip_msg *msg) noexcept nogil:
    cdef int branch = T_BR_UNDEFINED
    cdef tm_cell *t
    if t_check(msg, &branch) < 0:
        return 1
    t = ctx.t
    if t == NULL or branch == T_BR_UNDEFINED:
        init_t(NULL)
        return 1
    stat_count(ST_RPL_RECEIVED)
    lock_replies(t)
    fault_point(tm_fault[FAULT_REPLY_IN])
    ctx.branch_index = branch
    _handle(t, branch, msg)
    ctx.branch_index = T_BR_UNDEFINED
    unhold(t)
    init_t(NULL)
    return 0


def register() -> None:
    """Be asked about every reply, before the fork."""
    register_response(reply_received)
