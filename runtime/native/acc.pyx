"""Which transactions are accounted, and when (``acc_logic.c``): decided without the interpreter.

A transaction that carries no flag of the module costs one comparison. For one that does, the
module's record function is called when there is something to record, and at no other event.
"""

from libc.stdint cimport uint32_t
from libc.string cimport memcpy
from runtime.native.hdrs cimport get_to
from runtime.native.msg cimport (
    HDR_CONTENTLENGTH, HDR_TO, METHOD_CANCEL, METHOD_INVITE, get_hdr, set_new_uri, sip_msg,
    to_body,
)
from runtime.native.shm cimport shm_contains
from runtime.native.sipmsg cimport SipMsg, wrap
from runtime.native.tm cimport (
    FAKED_REPLY, TOTAG_LEN, ctx, is_invite, scratch_give, scratch_take, tm_cell, tm_flag_and,
    tm_flag_or, tm_tag_base, ua_client,
)
from runtime.native.tm_hooks cimport (
    TMCB_E2EACK_IN, TMCB_ON_FAILURE, TMCB_REQUEST_IN, TMCB_RESPONSE_OUT, dressed, tmcb_add,
    tmcb_params, tmcb_register,
)
from runtime.native.tm_text cimport L_ERR, error_text, make_totag, tm_log

from runtime.native.klog cimport say

cdef enum:                              # what a record is about
    F_ANSWERED = 0
    F_MISSED
    F_ACKED

ANSWERED = F_ANSWERED
MISSED = F_MISSED
ACKED = F_ACKED

cdef enum:
    FL_REQ_UPSTREAM = 1 << 29           # sip_msg.msg_flags: From and To change places
    MAX_FILTER = 15

cdef uint32_t acc_mask = 0
cdef uint32_t missed_mask = 0
cdef uint32_t failed_mask = 0
cdef uint32_t prepare_mask = 0
cdef bint prepare_always = False
cdef bint report_cancels = False
cdef bint report_ack = False
cdef bint early_media = False
cdef bint needs_avps = False
cdef bint detect_direction = False
cdef int failed_filter[MAX_FILTER]
cdef int n_failed = 0
cdef int event_id = -1
cdef object record_hook = None          # (event, msg, reply, flags, code, reason, to_tag)
cdef object upstream_hook = None        # (msg) -> bool


cdef void _on_request(tm_cell *t, uint32_t type, tmcb_params *ps) noexcept nogil:
    """A new transaction: wish for its events where a flag asks for a record."""
    cdef sip_msg *req = ps.req
    cdef uint32_t types = TMCB_RESPONSE_OUT
    cdef bint prepare
    if req == NULL or (req.method_id == METHOD_CANCEL and not report_cancels):
        return
    prepare = prepare_always or (req.flags & prepare_mask) != 0
    if not prepare and (req.flags & (acc_mask | missed_mask)) == 0:
        return
    if report_ack and req.flags & acc_mask:
        types |= TMCB_E2EACK_IN
    if req.method_id == METHOD_INVITE and (prepare or req.flags & missed_mask):
        types |= TMCB_ON_FAILURE
    if not tmcb_add(t, types, event_id, 0):
        tm_log(L_ERR, "out of shared memory: a transaction will not be accounted")
        return
    if detect_direction and _goes_upstream(req):
        req.msg_flags |= FL_REQ_UPSTREAM
        if t.uas.request != NULL:
            tm_flag_or(&t.uas.request.msg_flags, FL_REQ_UPSTREAM)


cdef bint _goes_upstream(sip_msg *req) noexcept with gil:
    cdef SipMsg msg = wrap(req)
    try:
        return bool(upstream_hook(msg))
    except Exception as error:
        say(L_ERR, "acc", f"direction of a request: {error!r}")
        return False
    finally:
        msg.invalidate()


cdef bint _carries_media(sip_msg *rpl) noexcept nogil:
    """Has a provisional reply a body?"""
    cdef sip_msg *own = rpl
    cdef bint found
    if rpl == NULL:
        return False
    if shm_contains(rpl):
        own = scratch_take(rpl)
        if own == NULL:
            return False
    found = get_hdr(own, HDR_CONTENTLENGTH) != NULL and own.content_len > 0
    if own != rpl:
        scratch_give()
    return found


cdef bint _wanted(sip_msg *req, sip_msg *rpl, int code) noexcept nogil:
    """Is this reply recorded?"""
    cdef int i
    if (req.flags & acc_mask) == 0:
        return False
    if code >= 300:
        if (req.flags & failed_mask) == 0:
            return False
        for i in range(n_failed):
            if failed_filter[i] == code:
                return False
        return True
    return code >= 200 or (early_media and _carries_media(rpl))


cdef void _on_event(tm_cell *t, uint32_t type, tmcb_params *ps) noexcept nogil:
    cdef sip_msg *rpl = NULL if ps.rpl == FAKED_REPLY else ps.rpl
    cdef uint32_t flags
    if ps.req == NULL:
        return
    if type == TMCB_E2EACK_IN:
        if t.uas.request != NULL and t.uas.request.flags & acc_mask:
            _report(F_ACKED, t, ps.req, NULL, t.uas.status, t.uas.request.flags & acc_mask)
        return
    flags = ps.req.flags & missed_mask
    if flags and ps.code >= 300 and is_invite(t):
        _report(F_MISSED, t, ps.req, rpl, ps.code, flags)
        # the first attempt that fails is a missed call, further ones are not
        tm_flag_and(&ps.req.flags, ~flags)
    if type == TMCB_RESPONSE_OUT and _wanted(ps.req, rpl, ps.code):
        _report(F_ANSWERED, t, ps.req, rpl, ps.code, ps.req.flags & acc_mask)


cdef void _report(
    int event, tm_cell *t, sip_msg *req, sip_msg *rpl, int code, uint32_t flags
) noexcept nogil:
    """Record from private copies, so that nothing that is read here changes the messages."""
    cdef sip_msg copy
    cdef sip_msg *own = &copy
    cdef sip_msg *answer = rpl
    cdef ua_client *uac
    cdef int branch = -1
    cdef int taken = 0
    if shm_contains(req):
        own = scratch_take(req)
        if own == NULL:
            tm_log(L_ERR, "acc: out of memory: a record is lost")
            return
        taken += 1
    else:
        memcpy(&copy, req, sizeof(sip_msg))
    if rpl != NULL and shm_contains(rpl):
        answer = scratch_take(rpl)
        if answer != NULL:
            taken += 1
    if event != F_ACKED:
        if t.relayed_reply_branch >= 0:
            branch = t.relayed_reply_branch
        elif code >= 300:
            branch = ctx.picked_branch
    if 0 <= branch < <int> t.nr_of_outgoings:
        uac = t.uac[branch]
        if uac.request.buffer != NULL and uac.uri_len:
            set_new_uri(own, uac.request.buffer + uac.uri_off, <int> uac.uri_len)
    _call(event, t, own, answer, code, flags)
    while taken:
        scratch_give()
        taken -= 1


cdef bytes _to_tag(int event, sip_msg *req, sip_msg *rpl):
    """The To-tag of the answer; that of ours where nobody else answered."""
    cdef char own[TOTAG_LEN]
    cdef sip_msg *source = req
    cdef to_body *to
    if rpl != NULL and get_hdr(rpl, HDR_TO) != NULL:
        source = rpl
    to = get_to(source)
    if to != NULL and to.tag.len:
        return source.buf[to.tag.off:to.tag.off + to.tag.len]
    if source != req or event == F_ACKED:
        return b""
    make_totag(req, tm_tag_base, c'-', own)
    return own[:TOTAG_LEN]


cdef void _call(
    int event, tm_cell *t, sip_msg *req, sip_msg *rpl, int code, uint32_t flags
) noexcept with gil:
    cdef SipMsg msg = None
    cdef SipMsg reply = None
    cdef bytes reason = error_text(code)
    try:
        msg = dressed(req, t, 0) if needs_avps else wrap(req)
        if rpl != NULL:
            reply = wrap(rpl)
        record_hook(event, msg, reply, flags, code, reason, _to_tag(event, req, rpl))
    except Exception as error:
        say(L_ERR, "acc", f"record of a transaction (code {code}): {error!r}")
    finally:
        if msg is not None:
            msg.invalidate()
        if reply is not None:
            reply.invalidate()


def register(
    record: object,
    upstream: object,
    *,
    acc_flags: int,
    missed_flags: int,
    failed_flags: int,
    prepare_flags: int,
    always: bool,
    cancels: bool,
    ack: bool,
    media: bool,
    avps: bool,
    skip_codes: tuple[int, ...],
) -> None:
    """Hook into tm, before the fork. Flags are masks. Raises RuntimeError: too many callbacks."""
    global acc_mask, missed_mask, failed_mask, prepare_mask, prepare_always, report_cancels
    global report_ack, early_media, needs_avps, n_failed, event_id, record_hook, upstream_hook
    global detect_direction
    acc_mask, missed_mask, failed_mask = acc_flags, missed_flags, failed_flags
    prepare_mask, prepare_always = prepare_flags, always
    report_cancels, report_ack, early_media, needs_avps = cancels, ack, media, avps
    record_hook, upstream_hook = record, upstream
    detect_direction = upstream is not None
    if len(skip_codes) > MAX_FILTER:
        raise ValueError("too many codes in failed_filter")
    n_failed = 0
    for code in skip_codes:
        failed_filter[n_failed] = code
        n_failed += 1
    event_id = tmcb_register(_on_event, 0)
    if event_id < 0 or tmcb_register(_on_request, TMCB_REQUEST_IN) < 0:
        raise RuntimeError("too many callbacks of transactions")


def is_upstream(msg: SipMsg) -> bool:
    """Was the request found to go from callee to caller?"""
    return (msg.ptr().msg_flags & FL_REQ_UPSTREAM) != 0
