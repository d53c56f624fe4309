"""Which of the branches' replies goes back (``tm/t_reply.c``; RFC 3261 s. 16.7, 6)."""

from runtime.native.msg cimport sip_msg
from runtime.native.tm cimport (
    CFG_FAKED_REPLY_PRIO, FAKED_REPLY, T_ASYNC_CONTINUE, cfg_get, tm_cell, ua_client,
)

cdef in_work now
now.t = NULL
now.branch = -1
now.reply = NULL


cdef in_work set_in_work(tm_cell *t, int branch, sip_msg *reply) noexcept nogil:
    cdef in_work before = now
    now.t = t
    now.branch = branch
    now.reply = reply
    return before


cdef sip_msg *branch_reply(tm_cell *t, int branch) noexcept nogil:
    if t == now.t and branch == now.branch:
        return now.reply
    return t.uac[branch].reply


cdef int _prio(int code, sip_msg *reply) noexcept nogil:
    """The lower, the better: 2xx, 6xx, 3xx, 4xx, 5xx (``get_prio``; RFC 3261 s. 16.7, 6)."""
    cdef int group = code // 100
    cdef int xx = code % 100
    cdef int prio
    if group == 1:
        prio = 11000 + xx
    elif group == 2:
        prio = xx
    elif group == 3:
        prio = 3000 + xx
    elif group == 4:
        prio = 4000 + (xx if xx == 1 or xx == 7 or xx == 15 or xx == 20 or xx == 84 else 100 + xx)
    elif group == 5:
        prio = 5000 + xx
    elif group == 6:
        prio = 1000 + xx
    elif group == 0:
        prio = 32000 + xx
    else:
        prio = 10000 + code
    return prio + <int> cfg_get(CFG_FAKED_REPLY_PRIO) if reply == FAKED_REPLY else prio


cdef int t_pick_branch(int inc_branch, int inc_code, tm_cell *t, int *code) noexcept nogil:
    """Number of the best branch; -1 none, -2 some are not finished yet."""
    cdef int best = -1, best_code = 0, b
    cdef sip_msg *best_reply = NULL
    cdef sip_msg *reply
    cdef ua_client *uac
    for b in range(<int> t.nr_of_outgoings):
        reply = branch_reply(t, b)
        uac = t.uac[b]
        if b == inc_branch:
            if _prio(inc_code, reply) < _prio(best_code, best_reply):
                best, best_code, best_reply = b, inc_code, reply
            continue
        if uac.request.buffer == NULL and uac.last_received >= 200:
            continue
        if uac.last_received < 200 and not (t.flags & T_ASYNC_CONTINUE and b == t.blind_uac):
            return -2
        if reply != NULL and _prio(uac.last_received, reply) < _prio(best_code, best_reply):
            best, best_code, best_reply = b, uac.last_received, reply
    code[0] = best_code
    return best


cdef int t_pick_branch_blind(tm_cell *t, int *code) noexcept nogil:
    cdef int best = -1, best_code = 0, b
    cdef sip_msg *reply
    for b in range(<int> t.nr_of_outgoings):
        if t.uac[b].last_received < 200:
            return -2
        reply = branch_reply(t, b)
        if reply != NULL and _prio(t.uac[b].last_received, reply) < _prio(best_code, reply):
            best, best_code = b, t.uac[b].last_received
    code[0] = best_code
    return best
