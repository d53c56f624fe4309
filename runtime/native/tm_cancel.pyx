"""Cancelling branches, and ACK for negative answers (``tm/t_cancel.c``; RFC 3261 s. 9, 17.1.1.3)."""

from libc.stdint cimport uint32_t
from libc.stdio cimport snprintf
from libc.string cimport memcpy

from runtime.native.build cimport build_local, build_local_hdrs, out_t
from runtime.native.fault cimport fault_point
from runtime.native.msg cimport FL_USE_UAC_TO, HDR_TO, NO_HDR, hdr_field
from runtime.native.shm cimport shm_malloc, shm_publish
from runtime.native.tm cimport (
    BUSY_BUFFER, CFG_CANCEL_B_METHOD, CFG_LOCAL_CANCEL_REASON, FAULT_CANCEL, F_RB_CANCELED,
    T_NO_E2E_CANCEL_REASON, TM_UAC_FLAG_BLIND, TYPE_LOCAL_CANCEL, cfg_get, retr_buf, tm_cas, tm_cell, tm_fault,
    tm_fence, tm_flag_or, tm_send,
)
from runtime.native.tm_hooks cimport (
    TMCB_LOCAL_F, TMCB_REQUEST_OUT, TMCB_REQUEST_SENT, has_cb, run_cbs,
)
from runtime.native.tm_rb cimport start_retr, stop_rb_retr, stop_rb_timers
from runtime.native.tm_text cimport L_ERR, tm_log


cdef void init_cancel_info(cancel_info *info) noexcept nogil:
    info.bitmap = 0
    info.reason.cause = CANCEL_REAS_UNKNOWN
    info.reason.text = NULL
    info.reason.len = 0


cdef bint prepare_cancel_branch(tm_cell *t, uint32_t branch, bint noreply) noexcept nogil:
    """Claim the branch for a CANCEL; False where there is nothing to cancel, or somebody has."""
    cdef int last = t.uac[branch].last_received
    if t.uac[branch].flags & TM_UAC_FLAG_BLIND and t.uac[branch].request.buffer == NULL:
        return False
    if last >= 200 or (not noreply and last < 100):
        return False
    return tm_cas(&t.uac[branch].local_cancel.buffer, NULL, BUSY_BUFFER)


cdef uint32_t prepare_to_cancel(tm_cell *t, uint32_t skip) noexcept nogil:
    cdef uint32_t bitmap = 0, i
    for i in range(t.nr_of_outgoings):
        if not skip >> i & 1 and prepare_cancel_branch(t, i, True):
            bitmap |= <uint32_t> 1 << i
    return bitmap


cdef int cancel_b_flags() noexcept nogil:
    if cfg_get(CFG_CANCEL_B_METHOD) == 1:
        return F_CANCEL_B_FORCE_RETR
    if cfg_get(CFG_CANCEL_B_METHOD) == 2:
        return F_CANCEL_B_FORCE_C
    return F_CANCEL_B_FAKE_REPLY


cdef uint32_t _reason_header(
    tm_cell *t, cancel_reason *reason, char *out, uint32_t room
) noexcept nogil:
    cdef int n = 0
    if reason == NULL:
        return 0
    if reason.cause > 0 and cfg_get(CFG_LOCAL_CANCEL_REASON):
        if reason.text != NULL:
            n = snprintf(out, room, b"Reason: SIP;cause=%d;text=\"%.*s\"\r\n", reason.cause,
                         <int> reason.len, reason.text)
        else:
            n = snprintf(out, room, b"Reason: SIP;cause=%d\r\n", reason.cause)
    elif reason.cause == CANCEL_REAS_PACKED_HDRS and not t.flags & T_NO_E2E_CANCEL_REASON \
            and reason.len <= room:
        memcpy(out, reason.text, reason.len)
        n = reason.len
    return n if 0 < n < <int> room else 0


cdef char *_build_cancel(tm_cell *t, uint32_t branch, cancel_reason *reason, uint32_t *len) noexcept nogil:
    cdef char extra[2048]
    cdef retr_buf *sent = &t.uac[branch].request
    cdef const char *to = NULL
    cdef uint32_t to_len = 0, more
    cdef hdr_field *h
    cdef out_t out
    cdef char *p
    if t.uas.request != NULL and t.uas.request.first[HDR_TO] != NO_HDR \
            and not t.uas.request.msg_flags & FL_USE_UAC_TO:
        h = &t.uas.request.hdrs[t.uas.request.first[HDR_TO]]
        to = t.uas.request.buf + h.off
        to_len = h.len
    more = _reason_header(t, reason, extra, sizeof(extra))
    if sent.buffer == NULL or build_local_hdrs(
        sent.buffer, sent.buffer_len, b"CANCEL", 6, to, to_len, extra, more, &out
    ) != 0:
        return NULL
    p = <char *> shm_malloc(out.len)
    if p == NULL:
        return NULL
    memcpy(p, out.s, out.len)
    len[0] = out.len
    return p


cdef int cancel_branch_send(
    tm_cell *t, uint32_t branch, cancel_reason *reason, int flags
) noexcept nogil:
    cdef retr_buf *crb = &t.uac[branch].local_cancel
    cdef retr_buf *irb = &t.uac[branch].request
    cdef uint32_t len = 0
    cdef char *text
    cdef int code = 1
    tm_flag_or(&irb.flags, F_RB_CANCELED)
    if flags & F_CANCEL_B_KILL:
        stop_rb_timers(irb)
        code = 0
        if t.uac[branch].last_received < 100 and not flags & F_CANCEL_B_FORCE_C:
            crb.buffer = NULL
            return 2 if flags & F_CANCEL_B_FAKE_REPLY else 0
    else:
        if t.uac[branch].last_received < 100 and not flags & F_CANCEL_B_FORCE_C:
            if not flags & F_CANCEL_B_FORCE_RETR:
                stop_rb_retr(irb)
            crb.buffer = NULL
            if flags & F_CANCEL_B_FAKE_REPLY:
                stop_rb_timers(irb)
                return 2
            return 1            # wait for the final response timer
        stop_rb_retr(irb)
    text = _build_cancel(t, branch, reason, &len)
    if text == NULL:
        tm_log(L_ERR, "attempt to build a CANCEL failed")
        crb.buffer = NULL
        return -1
    crb.dst = irb.dst
    crb.branch = branch
    crb.rbtype = TYPE_LOCAL_CANCEL
    crb.buffer = text
    shm_publish(text)
    tm_fence()
    crb.buffer_len = len
    fault_point(tm_fault[FAULT_CANCEL])
    if tm_send(&crb.dst, crb.buffer, len) >= 0:
        if has_cb(t, TMCB_REQUEST_OUT):
            run_cbs(t, TMCB_REQUEST_OUT, t.uas.request, NULL, 0, TMCB_LOCAL_F)
        if has_cb(t, TMCB_REQUEST_SENT):
            run_cbs(t, TMCB_REQUEST_SENT, t.uas.request, NULL, 0, TMCB_LOCAL_F)
    start_retr(crb)
    return code


cdef int send_ack(tm_cell *t, uint32_t branch, const char *to_hdr, uint32_t to_len) noexcept nogil:
    cdef retr_buf *sent = &t.uac[branch].request
    cdef out_t out
    if sent.buffer == NULL \
            or build_local(sent.buffer, sent.buffer_len, b"ACK", 3, to_hdr, to_len, &out) != 0:
        tm_log(L_ERR, "cannot build an ACK")
        return -1
    return tm_send(&sent.dst, out.s, out.len)
