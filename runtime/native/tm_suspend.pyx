"""Transactions that wait for something else than SIP (``tm/t_suspend.c``): ``t_suspend`` lets the
worker go, ``t_continue`` takes the request up again, in any process."""

from libc.stdint cimport uint32_t
from libc.string cimport memcpy

from runtime.native.msg cimport METHOD_INVITE, SIP_REQUEST, sip_msg
from runtime.native.sipmsg cimport SipMsg
from runtime.native.error cimport E_UNSPEC
from runtime.native.tm cimport (
    T_ASYNC_CONTINUE, T_ASYNC_SUSPENDED, T_AUTO_INV_100, T_BR_UNDEFINED, T_CANCELED, ctx,
    lock_replies, refresh_request, scratch_give, scratch_take, set_t, t_context, tm_cell,
    tm_flag_and, tm_flag_or, unhold, unlock_replies,
)
from runtime.native.tm_fwd cimport add_blind_uac
from runtime.native.tm_hooks cimport FAILURE_ROUTE, KIND_ROUTE, run_route, save_avps, swap_route_msg
from runtime.native.tm_lookup cimport t_lookup_ident
from runtime.native.tm_rb cimport stop_rb_timers
from runtime.native.tm_pick cimport t_pick_branch
from runtime.native.tm_reply cimport kill_transaction
from runtime.native.tm_trans cimport reset_ctx, send_trying, t_newtran


def t_suspend(msg: SipMsg) -> int:
    """1; -1 no transaction can be had or it is answered. ``$T(id_index)`` and ``$T(id_label)``
    name it afterwards."""
    cdef sip_msg *m = msg.ptr()
    cdef SipMsg before = swap_route_msg(msg)
    cdef tm_cell *t
    try:
        if m.type != SIP_REQUEST:
            return -1
        if ctx.t == NULL and t_newtran(m) <= 0:
            return -1
        t = ctx.t
        if t == NULL or t.uas.status >= 200:
            return -1
        if t.flags & T_CANCELED:
            return 1
        if m.method_id == METHOD_INVITE and t.flags & T_AUTO_INV_100 and t.uas.status < 100:
            send_trying(t, m)
        if t.nr_of_outgoings == 0 and not refresh_request(t, m):
            return -1
        save_avps(t)
        t.uas.request.flags = m.flags
        if add_blind_uac(t) < 0:
            return -1
        tm_flag_and(&t.flags, ~<uint32_t> T_ASYNC_CONTINUE)
        tm_flag_or(&t.flags, T_ASYNC_SUSPENDED)
        return 1
    finally:
        swap_route_msg(before)


cdef bint _still_pending(tm_cell *t) noexcept nogil:
    cdef uint32_t i
    for i in range(t.nr_of_outgoings):
        if <int> i != t.blind_uac and t.uac[i].last_received < 200 \
                and t.uac[i].request.buffer != NULL:
            return True
    return False


cdef int _continue(tm_cell *t, uint32_t route) noexcept nogil:
    cdef t_context before = ctx
    cdef sip_msg *req
    cdef int code = 0
    lock_replies(t)
    if not t.flags & T_ASYNC_SUSPENDED or t.uas.status >= 200:
        unlock_replies(t)
        return -1
    tm_flag_and(&t.flags, ~<uint32_t> T_ASYNC_SUSPENDED)
    tm_flag_or(&t.flags, T_ASYNC_CONTINUE)
    if t.blind_uac >= 0:
        stop_rb_timers(&t.uac[t.blind_uac].request)
        t.uac[t.blind_uac].last_received = 500
    req = scratch_take(t.uas.request)
    if req != NULL:
        reset_ctx()
        req.bflags = t.uac[t.blind_uac].branch_flags if t.blind_uac >= 0 else 0
        ctx.msg_id = req.id
        set_t(t, T_BR_UNDEFINED)
        run_route(KIND_ROUTE, route, req, t, FAILURE_ROUTE)
        t.uas.request.flags = req.flags
        scratch_give()
    if t.uas.status < 200 and not t.flags & T_ASYNC_SUSPENDED and not _still_pending(t):
        if t_pick_branch(-1, 0, t, &code) < 0:
            kill_transaction(t, ctx.tm_error if ctx.tm_error else E_UNSPEC)
    tm_flag_and(&t.flags, ~<uint32_t> T_ASYNC_CONTINUE)
    memcpy(&ctx, &before, sizeof(t_context))
    unlock_replies(t)
    return 1


def t_continue(index: int, label: int, route: int) -> int:
    """Take up transaction ``index:label`` in ``route[...]`` number ``route``: 1, or -1."""
    cdef tm_cell *t = t_lookup_ident(index, label)
    cdef int done
    if t == NULL:
        return -1
    done = _continue(t, route)
    unhold(t)
    return done
