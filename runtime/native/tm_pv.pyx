"""What the pseudo-variables of ``modules/tmx`` show of a transaction (``tmx/t_var.c``)."""

from runtime.native.hdrs cimport get_via1
from runtime.native.msg cimport METHOD_CANCEL, SIP_REPLY, sip_msg
from runtime.native.sipmsg cimport SipMsg, wrap
from runtime.native.tm cimport (
    FAKED_REPLY, T_BR_UNDEFINED, TOTAG_LEN, ctx, scratch_give, scratch_take, tm_cell, tm_tag_base,
    unhold,
)
from runtime.native.tm_hooks cimport (
    BRANCH_FAILURE_ROUTE, BRANCH_ROUTE, CORE_ONREPLY_ROUTE, FAILURE_ROUTE, REQUEST_ROUTE,
    TM_ONREPLY_ROUTE,
)
from runtime.native.tm_lookup cimport t_check, t_lookup_original
from runtime.native.tm_pick cimport branch_reply
from runtime.native.tm_text cimport error_text, make_totag
from runtime.native.tm_trans cimport t_unref


def branch_index(msg: SipMsg) -> int:
    """``$T_branch_idx``."""
    cdef sip_msg *m = msg.ptr()
    if m.type == SIP_REPLY or msg.route_type & (BRANCH_ROUTE | BRANCH_FAILURE_ROUTE):
        return ctx.branch_index
    if msg.route_type == REQUEST_ROUTE:
        return m.n_branches
    if msg.route_type == FAILURE_ROUTE and ctx.t != NULL:
        return ctx.t.nr_of_outgoings + m.n_branches
    return T_BR_UNDEFINED


cdef int branch_in_focus(SipMsg msg):
    """The branch whose reply a failure or reply route is about, -1 none."""
    cdef int branch
    if ctx.t == NULL:
        return -1
    branch = ctx.branch_index if msg.route_type == TM_ONREPLY_ROUTE else ctx.picked_branch
    return branch if 0 <= branch < <int> ctx.t.nr_of_outgoings else -1


def reply_code(msg: SipMsg) -> int | None:
    """``$T_reply_code``; None for a message that cannot be looked up."""
    cdef sip_msg *m
    cdef int branch
    if msg.route_type & (CORE_ONREPLY_ROUTE | TM_ONREPLY_ROUTE):
        m = msg.ptr()
        return m.status if m.type == SIP_REPLY else <int> m.method_id   # one place in 5.6.3
    if t_check(msg.ptr(), NULL) < 0:
        return None
    if ctx.t == NULL:
        return 0
    if msg.route_type & (REQUEST_ROUTE | BRANCH_ROUTE):
        return ctx.t.uas.status
    branch = branch_in_focus(msg)
    return ctx.t.uac[branch].last_received if branch >= 0 else 0


def reply_reason(msg: SipMsg) -> bytes | None:
    """``$T_reply_reason``: empty without a transaction, None where no reply is in focus."""
    cdef sip_msg *m = msg.ptr()
    cdef sip_msg *r
    cdef int branch
    if t_check(m, NULL) < 0:
        return None
    if ctx.t == NULL:
        return b""
    if msg.route_type & CORE_ONREPLY_ROUTE:
        t_unref(m)
    if msg.route_type & (CORE_ONREPLY_ROUTE | TM_ONREPLY_ROUTE):
        return m.buf[m.reason.off:m.reason.off + m.reason.len]
    branch = branch_in_focus(msg)
    if branch < 0 or msg.route_type != FAILURE_ROUTE:
        return None
    r = branch_reply(ctx.t, branch)
    if r == NULL or r == FAKED_REPLY:
        return error_text(ctx.t.uac[branch].last_received)
    return r.buf[r.reason.off:r.reason.off + r.reason.len]


def reply_is_faked(msg: SipMsg) -> bool:
    """``$T(reply_type)``: was the reply that a failure route is about made up here?"""
    cdef int branch = branch_in_focus(msg)
    return branch >= 0 and branch_reply(ctx.t, branch) == FAKED_REPLY


def checked(msg: SipMsg) -> bool:
    """Whether the message could be looked up (``t_check``); its transaction is then the one."""
    return t_check(msg.ptr(), NULL) >= 0


def reply_last(msg: SipMsg) -> int | None:
    """``$T_reply_last``: the last status of the branch, in an onreply_route."""
    cdef int branch = branch_in_focus(msg)
    if msg.route_type != TM_ONREPLY_ROUTE or branch < 0:
        return None
    return ctx.t.uac[branch].last_received


def branch_value(msg: SipMsg, name: str) -> bytes | int | None:
    """``ruid``, ``uri``, ``path``, ``instance`` or ``flags`` of the branch in focus."""
    cdef int branch = branch_in_focus(msg)
    if branch < 0:
        return None
    uac = ctx.t.uac[branch]
    if name == "ruid":
        return uac.ruid.s[:uac.ruid.len]
    if name == "uri":
        if uac.request.buffer == NULL:
            return None
        return uac.request.buffer[uac.uri_off:uac.uri_off + uac.uri_len]
    if name == "path":
        return uac.path.s[:uac.path.len]
    if name == "instance":
        return uac.instance.s[:uac.instance.len]
    if name == "flags":
        return uac.branch_flags
    raise KeyError(name)


def ident() -> tuple[int, int] | None:
    """Entry and label of the transaction, None without one."""
    return None if ctx.t == NULL else (ctx.t.hash_index, ctx.t.label)


cdef object _on_copy(sip_msg *clone, object function):
    """Call ``function(SipMsg)`` on a private copy of a stored message."""
    cdef sip_msg *m = scratch_take(clone)
    cdef SipMsg other
    if m == NULL:
        return None
    other = wrap(m)
    try:
        return function(other)
    finally:
        other.invalidate()
        scratch_give()


def with_request(msg: SipMsg, function: object) -> object:
    """``function`` of the transaction's request (``$T_req``), None without one."""
    if t_check(msg.ptr(), NULL) < 0 or ctx.t == NULL or ctx.t.uas.request == NULL:
        return None
    return _on_copy(ctx.t.uas.request, function)


def with_reply(msg: SipMsg, function: object) -> object:
    """``function`` of the reply that a failure route is about (``$T_rpl``), None without one."""
    cdef int branch = branch_in_focus(msg)
    cdef sip_msg *r
    cdef SipMsg other
    if branch < 0:
        return None
    r = branch_reply(ctx.t, branch)
    if r == NULL or r == FAKED_REPLY:
        return None
    if r.arena == NULL:
        return _on_copy(r, function)
    other = wrap(r)
    try:
        return function(other)
    finally:
        other.invalidate()


def with_invite(msg: SipMsg, function: object) -> object:
    """``function`` of the INVITE that this CANCEL means (``$T_inv``), None without one."""
    cdef tm_cell *t
    if msg.ptr().method_id != METHOD_CANCEL:
        return None
    t = t_lookup_original(msg.ptr())
    if t == NULL:
        return None
    try:
        return None if t.uas.request == NULL else _on_copy(t.uas.request, function)
    finally:
        unhold(t)


def local_totag(msg: SipMsg) -> bytes | None:
    """The To-tag that ``t_reply`` gives this request."""
    cdef char tag[TOTAG_LEN]
    if get_via1(msg.ptr()) == NULL:
        return None
    make_totag(msg.ptr(), tm_tag_base, c'-', tag)
    return tag[:TOTAG_LEN]
