"""tm's functions on a ``SipMsg``, as ``modules/tm`` and ``modules/tmx`` hand them to scripts.

Return codes are those that a script sees (``tm/tm.c``, ``tmx/tmx_mod.c``).
"""

from libc.stdint cimport uint32_t
from libc.string cimport memcpy, memset

from runtime.native.dset cimport rewrite_uri
from runtime.native.msg cimport (
    FL_USE_UAC_FROM, FL_USE_UAC_TO, METHOD_ACK, METHOD_CANCEL, SIP_REPLY, SIP_REQUEST, arena_str, set_path_vec, sip_msg,
)
from runtime.native.net cimport dest_info
from runtime.native.resolve cimport sip_resolve
from runtime.native.sipmsg cimport SipMsg
from runtime.native.error cimport E_BAD_ADDRESS
from runtime.native.tm cimport (
    F_RB_REPLIED, F_RB_TIMEOUT, T_ADMIN_REPLY, T_AUTO_INV_100, T_CANCELED, T_DISABLE_6xx,
    T_DISABLE_FAILOVER, T_DISABLE_INTERNAL_REPLY, T_NO_E2E_CANCEL_REASON, cfg_get,
    CFG_FR_INV_TIMER, CFG_FR_TIMER, CFG_MAX_INV_LIFETIME, CFG_MAX_NONINV_LIFETIME,
    CFG_RETR_TIMER1, CFG_RETR_TIMER2, ctx, init_t, is_invite, refresh_request, tm_cell,
    tm_flag_and, tm_flag_or, tm_now, ua_client, unhold,
)
from runtime.native.tm_cancel cimport cancel_info, init_cancel_info, prepare_to_cancel
from runtime.native.tm_fwd cimport t_forward_nonack
from runtime.native.tm_hooks cimport (
    BRANCH_FAILURE_ROUTE, BRANCH_ROUTE, CORE_ONREPLY_ROUTE, FAILURE_ROUTE, REQUEST_ROUTE,
    TM_ONREPLY_ROUTE, save_avps, swap_route_msg,
)
from runtime.native.tm_lookup cimport (
    LOOKUP_FOUND, t_check, t_check_msg, t_lookup_callid, t_lookup_ident, t_lookup_original,
)
from runtime.native.tm_rb cimport change_end_of_life, change_fr, change_retr, t_retransmit_reply
from runtime.native.tm_pick cimport t_pick_branch, t_pick_branch_blind
from runtime.native.tm_pv cimport branch_in_focus
from runtime.native.tm_reply cimport (
    cancel_uacs, t_release_transaction, t_reply, t_reply_with_body,
)
from runtime.native.tm_trans cimport t_check_trans as _t_check_trans
from runtime.native.tm_trans cimport t_newtran as _t_newtran
from runtime.native.tm_trans cimport t_relay_cancel as _t_relay_cancel
from runtime.native.tm_trans cimport t_relay_to, t_unref

cdef enum:
    FL_TIMEOUT = 256
    FL_REPLIED = 512


# -- creating, relaying, replying

def t_newtran(msg: SipMsg) -> int:
    cdef sip_msg *m = msg.ptr()
    cdef SipMsg before = swap_route_msg(msg)
    try:
        return _t_newtran(m)
    finally:
        swap_route_msg(before)


def t_relay(
    msg: SipMsg, host: bytes | None, port: int, proto: int, replicate: bool = False,
    forward: bool = False,
) -> int:
    """Relay to the destination set, or to ``host:port``; ``proto`` PROTO_* forces the transport.
    ``replicate``: the answers do not go back; ``forward``: only add branches."""
    cdef sip_msg *m = msg.ptr()
    cdef dest_info fixed
    cdef dest_info *to = NULL
    cdef int code = 0, type = msg.route_type, transport = proto
    cdef bint copy = replicate
    cdef SipMsg before
    if host is not None:
        memset(&fixed, 0, sizeof(fixed))
        if sip_resolve(host, <int> len(host), port, proto, &fixed.to, &fixed.proto) != 0:
            return E_BAD_ADDRESS
        to = &fixed
    before = swap_route_msg(msg)
    try:
        if type & (FAILURE_ROUTE | BRANCH_FAILURE_ROUTE):
            if ctx.t == NULL:
                return -1
            save_avps(ctx.t)
            with nogil:
                code = t_forward_nonack(ctx.t, m, to, transport)
            return 1 if code > 0 else -1
        if ctx.t != NULL:
            save_avps(ctx.t)
        if forward:
            with nogil:
                code = t_forward_nonack(ctx.t, m, to, transport)
            return code
        with nogil:
            code = t_relay_to(m, to, transport, copy)
        return code
    finally:
        swap_route_msg(before)


def t_forward(msg: SipMsg, host: bytes | None, port: int, proto: int) -> int:
    """``t_forward_nonack``: relay in a transaction that exists already."""
    if t_check(msg.ptr(), NULL) < 0 or ctx.t == NULL or msg.ptr().method_id == METHOD_ACK:
        return -1
    return t_relay(msg, host, port, proto, forward=True)


def t_use_uac_headers(msg: SipMsg) -> int:
    """Take From and To of local CANCELs from the request that was sent."""
    cdef uint32_t bits = FL_USE_UAC_FROM | FL_USE_UAC_TO
    if ctx.t != NULL and ctx.t.uas.request != NULL:
        ctx.t.uas.request.msg_flags |= bits
    msg.ptr().msg_flags |= bits
    return 1


def t_relay_cancel(msg: SipMsg) -> int:
    cdef sip_msg *m = msg.ptr()
    return _t_relay_cancel(m)


def reply(msg: SipMsg, code: int, reason: bytes) -> int:
    """``t_reply``: 1, -1 where there is no transaction or it is answered finally."""
    cdef sip_msg *m = msg.ptr()
    cdef tm_cell *t
    cdef int done
    if m.type == SIP_REQUEST and m.method_id == METHOD_ACK:
        return -1
    if t_check(m, NULL) < 0 or ctx.t == NULL:
        return -1
    t = ctx.t
    if code < 0:                # unsigned there: a final status with these last digits
        code = 1000 + (code & 0xFFFFFFFF) % 1000
    tm_flag_or(&t.flags, T_ADMIN_REPLY)
    done = t_reply(
        t, m if m.type == SIP_REQUEST else t.uas.request, code, reason, <int> len(reason)
    )
    if msg.route_type == CORE_ONREPLY_ROUTE:
        unhold(t)
        init_t(NULL)
    return done


def t_check_trans(msg: SipMsg) -> int:
    return _t_check_trans(msg.ptr(), msg.route_type)


def t_lookup_request(msg: SipMsg) -> int:
    return 1 if t_check_msg(msg.ptr(), NULL) == LOOKUP_FOUND else -1


def t_lookup_cancel(msg: SipMsg, take_flags: bool) -> int:
    cdef sip_msg *m = msg.ptr()
    cdef tm_cell *t
    if m.method_id != METHOD_CANCEL:
        return -1
    t = t_lookup_original(m)
    if t == NULL:
        return -1
    if take_flags:
        m.flags = t.uas.request.flags
    unhold(t)
    return 1


def t_release(msg: SipMsg) -> int:
    if msg.route_type != REQUEST_ROUTE or t_check(msg.ptr(), NULL) < 0:
        return -1
    if ctx.t != NULL:
        t_release_transaction(ctx.t)
        t_unref(msg.ptr())
    return 1


def t_retransmit(msg: SipMsg) -> int:
    """``t_retransmit_reply``."""
    if t_check(msg.ptr(), NULL) < 0:
        return 1
    if ctx.t == NULL or msg.ptr().method_id == METHOD_ACK:
        return -1
    return t_retransmit_reply(ctx.t)


def has_transaction() -> bool:
    """Does the message that is processed now have a transaction (``t_gett``)?"""
    return ctx.t != NULL


# -- routes to come

def t_on(kind: int, index: int) -> int:
    """Set the failure (0), branch (1), onreply (2) or branch-failure (3) route."""
    cdef tm_cell *t = ctx.t
    if kind == 0:
        if t != NULL:
            t.on_failure = index
        else:
            ctx.on_failure = index
    elif kind == 1:
        if t != NULL:
            t.on_branch = index
        else:
            ctx.on_branch = index
    elif kind == 2:
        if t != NULL:
            t.on_reply = index
        else:
            ctx.on_reply = index
    elif t != NULL:
        t.on_branch_failure = index
    else:
        ctx.on_branch_failure = index
    return 1


def t_is_set(kind: int) -> int:
    """Is a failure (0), branch (1) or onreply (2) route set?"""
    cdef tm_cell *t = ctx.t
    cdef uint32_t index
    if kind == 0:
        index = t.on_failure if t != NULL else ctx.on_failure
    elif kind == 1:
        index = t.on_branch if t != NULL else ctx.on_branch
    else:
        index = t.on_reply if t != NULL else ctx.on_reply
    return 1 if index else -1


# -- timers and flags of this transaction, or of the one to come

def t_set_fr(fr_inv: int, fr: int) -> int:
    if ctx.t == NULL:
        ctx.fr_inv = fr_inv
        ctx.fr = fr
    else:
        change_fr(ctx.t, fr_inv, fr)
    return 1


def t_reset_fr() -> int:
    if ctx.t == NULL:
        ctx.fr_inv = 0
        ctx.fr = 0
    else:
        change_fr(
            ctx.t, <uint32_t> cfg_get(CFG_FR_INV_TIMER), <uint32_t> cfg_get(CFG_FR_TIMER)
        )
    return 1


def t_set_retr(t1: int, t2: int) -> int:
    if ctx.t == NULL:
        ctx.rt_t1 = t1
        ctx.rt_t2 = t2
    else:
        change_retr(ctx.t, t1, t2)
    return 1


def t_reset_retr() -> int:
    if ctx.t == NULL:
        ctx.rt_t1 = 0
        ctx.rt_t2 = 0
    else:
        change_retr(
            ctx.t, <uint32_t> cfg_get(CFG_RETR_TIMER1), <uint32_t> cfg_get(CFG_RETR_TIMER2)
        )
    return 1


def t_set_max_lifetime(inv: int, noninv: int) -> int:
    if ctx.t == NULL:
        ctx.life_inv = inv
        ctx.life_noninv = noninv
    else:
        change_end_of_life(ctx.t, inv if is_invite(ctx.t) else noninv)
    return 1


def t_reset_max_lifetime() -> int:
    if ctx.t == NULL:
        ctx.life_inv = 0
        ctx.life_noninv = 0
    else:
        change_end_of_life(ctx.t, <uint32_t> cfg_get(
            CFG_MAX_INV_LIFETIME if is_invite(ctx.t) else CFG_MAX_NONINV_LIFETIME
        ))
    return 1


FLAGS = {
    "auto_inv_100": T_AUTO_INV_100,
    "disable_6xx": T_DISABLE_6xx,
    "disable_failover": T_DISABLE_FAILOVER,
    "no_e2e_cancel_reason": T_NO_E2E_CANCEL_REASON,
    "disable_internal_reply": T_DISABLE_INTERNAL_REPLY,
}
"""Flags that a script can set for one transaction."""


def t_set_flag(flag: int, on: bool) -> int:
    """Set or reset a flag (of FLAGS) in this transaction, or in the one to come."""
    cdef uint32_t bit = flag
    if ctx.t == NULL:
        if on:
            ctx.set_flags |= bit
            ctx.reset_flags &= ~bit
        else:
            ctx.reset_flags |= bit
            ctx.set_flags &= ~bit
    elif on:
        tm_flag_or(&ctx.t.flags, bit)
    else:
        tm_flag_and(&ctx.t.flags, ~bit)
    return 1


# -- questions

cdef tm_cell *_found(SipMsg msg) except? NULL:
    return ctx.t if t_check(msg.ptr(), NULL) >= 0 else NULL


def t_is_canceled(msg: SipMsg) -> int:
    cdef tm_cell *t = _found(msg)
    return 1 if t != NULL and t.flags & T_CANCELED else -1


def t_is_expired(msg: SipMsg) -> int:
    cdef tm_cell *t = _found(msg)
    return 1 if t != NULL and t.end_of_life <= tm_now() else -1


def t_any(msg: SipMsg, replied: bool) -> int:
    """``t_any_timeout`` or ``t_any_replied``: did it happen to any branch?"""
    cdef tm_cell *t = _found(msg)
    cdef uint32_t i, bit = F_RB_REPLIED if replied else F_RB_TIMEOUT
    if t != NULL:
        for i in range(t.nr_of_outgoings):
            if t.uac[i].request.flags & bit:
                return 1
    return -1


def t_branch(msg: SipMsg, replied: bool) -> int:
    """``t_branch_timeout`` or ``t_branch_replied``, in a failure route."""
    cdef uint32_t bit = FL_REPLIED if replied else FL_TIMEOUT
    if not msg.route_type & (FAILURE_ROUTE | BRANCH_FAILURE_ROUTE):
        return -1
    return 1 if msg.ptr().msg_flags & bit else -1


def t_grep_status(msg: SipMsg, code: int) -> int:
    cdef tm_cell *t = _found(msg)
    cdef uint32_t i
    if t != NULL:
        for i in range(t.nr_of_outgoings):
            if t.uac[i].last_received == code and t.uac[i].request.flags & F_RB_REPLIED:
                return 1
    return -1


def t_status(msg: SipMsg) -> int:
    """The status that ``t_check_status`` looks at; -1 none, -2 no transaction."""
    cdef sip_msg *m = msg.ptr()
    cdef tm_cell *t
    cdef int code = 0, picked, type = msg.route_type
    if t_check(m, NULL) < 0 or ctx.t == NULL:
        return -2
    t = ctx.t
    if type & (REQUEST_ROUTE | BRANCH_ROUTE):
        return t.uas.status
    if type & (TM_ONREPLY_ROUTE | CORE_ONREPLY_ROUTE):
        code = m.status
        if type == CORE_ONREPLY_ROUTE:
            unhold(t)
            init_t(NULL)
        return code
    if type == FAILURE_ROUTE:
        if ctx.picked_branch >= 0:
            return t.uac[ctx.picked_branch].last_received
        picked = t_pick_branch(-1, 0, t, &code)
        if picked == -1:
            picked = t_pick_branch_blind(t, &code)
        return code if picked >= 0 else -1
    if type == BRANCH_FAILURE_ROUTE and ctx.branch >= 0:
        return t.uac[ctx.branch].last_received
    return -1


def t_drop_replies(mode: int) -> int:
    """What a failure route does with the replies gathered: 0 keep, 1 drop all, 2 the last set's."""
    ctx.drop_replies = mode
    return 1


def t_save_lumps(msg: SipMsg) -> int:
    cdef tm_cell *t = _found(msg)
    if t == NULL:
        return -1
    if t.nr_of_outgoings == 0 and not refresh_request(t, msg.ptr()):
        return -1
    return 1


def t_flush_flags(msg: SipMsg, extended: bool) -> int:
    if ctx.t == NULL or ctx.t.uas.request == NULL:
        return -1
    if extended:
        memcpy(ctx.t.uas.request.xflags, msg.ptr().xflags, sizeof(msg.ptr().xflags))
    else:
        ctx.t.uas.request.flags = msg.ptr().flags
    return 1


# -- other transactions

def t_cancel_branches(msg: SipMsg, which: int) -> int:
    """Cancel all (0), the other (1) or this (2) branch, in an onreply_route."""
    cdef tm_cell *t = ctx.t
    cdef cancel_info info
    cdef int here = ctx.branch_index
    cdef uint32_t own = <uint32_t> 1 << here if here >= 0 else 0
    cdef bint final = msg.ptr().type == SIP_REPLY and msg.ptr().status >= 200
    if t == NULL or not is_invite(t):
        return -1
    init_cancel_info(&info)
    if which == 1 or (which == 0 and final):
        info.bitmap = prepare_to_cancel(t, own)
    elif which == 0:
        info.bitmap = prepare_to_cancel(t, 0)
    elif not final:
        info.bitmap = prepare_to_cancel(t, ~own)
    if info.bitmap == 0:
        return -1
    cancel_uacs(t, &info, 0)
    return 1


def cancel_callid(callid: bytes, cseq: bytes, flag: int, cause: int) -> int:
    """Cancel the INVITE transaction of Call-ID and CSeq number; how many branches still wait, or
    -1 where there is none. ``flag`` 1..31 is set in its request."""
    cdef tm_cell *t = t_lookup_callid(
        callid, <int> len(callid), cseq, <int> len(cseq)
    )
    cdef cancel_info info
    cdef uint32_t waiting
    if t == NULL:
        return -1
    if 0 < flag < 32 and t.uas.request != NULL:
        t.uas.request.flags |= <uint32_t> 1 << flag
    init_cancel_info(&info)
    info.reason.cause = cause if 100 <= cause <= 699 else 0
    info.bitmap = prepare_to_cancel(t, 0)
    waiting = cancel_uacs(t, &info, 0)
    unhold(t)
    return bin(waiting).count("1")


def reply_callid(callid: bytes, cseq: bytes, code: int, reason: bytes) -> int:
    """Answer the INVITE transaction of Call-ID and CSeq number: 1, or -1."""
    cdef tm_cell *t = t_lookup_callid(
        callid, <int> len(callid), cseq, <int> len(cseq)
    )
    cdef int done = -1
    if t == NULL:
        return -1
    if t.uas.request != NULL:
        done = t_reply(t, t.uas.request, code, reason, <int> len(reason))
    unhold(t)
    return done


def reply_ident(
    index: int, label: int, callid: bytes | None, cseq: bytes, code: int, reason: bytes,
    tag: bytes, headers: bytes, body: bytes,
) -> int:
    """Answer the transaction ``index:label``, or that of a Call-ID: 1, -1 refused, -2 not there."""
    cdef tm_cell *t
    cdef int done = -1
    if callid is None:
        t = t_lookup_ident(index, label)
    else:
        t = t_lookup_callid(callid, <int> len(callid), cseq, <int> len(cseq))
    if t == NULL:
        return -2
    if t.uas.request != NULL:
        done = t_reply_with_body(
            t, code, reason, <int> len(reason), headers, <uint32_t> len(headers), body,
            <uint32_t> len(body), tag, <uint32_t> len(tag),
        )
    unhold(t)
    return done


def t_drop(code: int) -> int:
    """End the transaction without an answer (``t_drop`` of tmx): 0, or -1."""
    if ctx.t == NULL:
        return -1
    ctx.t.uas.status = code
    t_release_transaction(ctx.t)
    return 0


def t_reuse_branch(msg: SipMsg) -> int:
    """Make the branch that failed the destination again, in a branch-failure route: 1, or -1."""
    cdef sip_msg *m = msg.ptr()
    cdef int branch = branch_in_focus(msg)
    cdef ua_client *uac
    if msg.route_type != BRANCH_FAILURE_ROUTE or branch < 0:
        return -1
    uac = ctx.t.uac[branch]
    if uac.request.buffer == NULL \
            or rewrite_uri(m, uac.request.buffer + uac.uri_off, uac.uri_len) < 0:
        return -1
    set_path_vec(m, uac.path.s, uac.path.len)
    arena_str(m.arena, uac.ruid.s, uac.ruid.len, &m.ruid)
    arena_str(m.arena, uac.instance.s, uac.instance.len, &m.instance)
    m.bflags = uac.branch_flags
    return 1
