"""Retransmission buffers and their clocks (``tm/timer.h``).

A buffer has one timer for two things: the next retransmission and the final response. Only the
process that runs the wheel fires it; the others set its flags and times and let it find out.
"""

from libc.stdint cimport uint32_t, uint64_t

from runtime.native.net cimport PROTO_UDP
from runtime.native.timer cimport timer_add, timer_del
from runtime.native.tm cimport (
    F_RB_DEL_TIMER, F_RB_FR_INV, F_RB_RETR_DISABLED, F_RB_T2, TYPE_REQUEST, lock_replies, retr_buf,
    tm_cell, tm_fence, tm_flag_or, tm_now, tm_send, unlock_replies,
)
from runtime.native.tm_hooks cimport TMCB_RESPONSE_SENT, TMCB_RETR_F, has_cb, run_cbs
from runtime.native.tm_text cimport L_WARN, tm_log

cdef enum:
    NEVER = 0x7fffffff


cdef int _set_fr_retr(retr_buf *rb, uint32_t retr) noexcept nogil:
    cdef uint64_t now = tm_now()
    cdef uint64_t end = rb.t.end_of_life
    cdef uint64_t timeout = rb.t.fr_timeout
    if retr == NEVER:
        tm_flag_or(&rb.flags, F_RB_RETR_DISABLED)
    rb.interval = 2 * retr
    rb.retr_expire = now + retr
    if rb.rbtype == TYPE_REQUEST and now + timeout > end:
        timeout = end - now if end > now else 1
    if rb.fr_expire == 0:
        rb.fr_expire = now + timeout
    if rb.flags & F_RB_DEL_TIMER:       # answered before we came here
        return 0
    if timer_add(&rb.timer, now + (timeout if timeout < retr else retr)) < 0:
        return -1
    rb.active = 1
    tm_fence()
    return 0


cdef int start_retr(retr_buf *rb) noexcept nogil:
    return _set_fr_retr(rb, rb.t.rt_t1 if rb.dst.proto == PROTO_UDP else NEVER)


cdef int force_retr(retr_buf *rb) noexcept nogil:
    return _set_fr_retr(rb, rb.t.rt_t1)


cdef void stop_rb_timers(retr_buf *rb) noexcept nogil:
    tm_flag_or(&rb.flags, F_RB_DEL_TIMER)
    if rb.active:
        rb.active = 0
        timer_del(&rb.timer)


cdef void stop_rb_retr(retr_buf *rb) noexcept nogil:
    tm_flag_or(&rb.flags, F_RB_RETR_DISABLED)


cdef void switch_rb_retr_to_t2(retr_buf *rb) noexcept nogil:
    tm_flag_or(&rb.flags, F_RB_T2)
    rb.retr_expire = tm_now() + rb.t.rt_t2


cdef void restart_rb_fr(retr_buf *rb, uint32_t timeout) noexcept nogil:
    cdef uint64_t at = tm_now() + timeout
    if rb.rbtype == TYPE_REQUEST and at > rb.t.end_of_life:
        at = rb.t.end_of_life
    rb.fr_expire = at


cdef void cleanup_uac_timers(tm_cell *t) noexcept nogil:
    cdef uint32_t i
    for i in range(t.nr_of_outgoings):
        stop_rb_timers(&t.uac[i].request)


cdef void cleanup_localcancel_timers(tm_cell *t) noexcept nogil:
    cdef uint32_t i
    for i in range(t.nr_of_outgoings):
        stop_rb_timers(&t.uac[i].local_cancel)


cdef void _rearm(retr_buf *rb) noexcept nogil:
    """The wheel may sleep longer than the times that were just set."""
    cdef uint64_t at = rb.fr_expire
    if not rb.flags & F_RB_RETR_DISABLED and rb.retr_expire < at:
        at = rb.retr_expire
    if timer_del(&rb.timer) == 1:
        timer_add(&rb.timer, at)


cdef void change_fr(tm_cell *t, uint32_t fr_inv, uint32_t fr) noexcept nogil:
    cdef uint64_t now = tm_now()
    cdef uint64_t request_at = now + fr
    cdef retr_buf *rb
    cdef uint32_t i
    if request_at > t.end_of_life:
        request_at = t.end_of_life
    if fr_inv:
        t.fr_inv_timeout = fr_inv
    if fr:
        t.fr_timeout = fr
    for i in range(t.nr_of_outgoings):
        rb = &t.uac[i].request
        if not rb.active:
            continue
        if rb.flags & F_RB_FR_INV and fr_inv:
            rb.fr_expire = now + fr_inv
        elif fr:
            rb.fr_expire = request_at
        _rearm(rb)


cdef void change_retr(tm_cell *t, uint32_t t1, uint32_t t2) noexcept nogil:
    cdef uint32_t i
    if t1:
        t.rt_t1 = t1
    if t2:
        t.rt_t2 = t2
    for i in range(t.nr_of_outgoings):
        if t.uac[i].request.active and t1 and not t.uac[i].request.flags & F_RB_T2:
            t.uac[i].request.interval = t1


cdef void change_end_of_life(tm_cell *t, uint32_t lifetime) noexcept nogil:
    cdef retr_buf *rb
    cdef uint32_t i
    t.end_of_life = tm_now() + lifetime
    for i in range(t.nr_of_outgoings):
        rb = &t.uac[i].request
        if rb.active and rb.rbtype == TYPE_REQUEST and rb.fr_expire > t.end_of_life:
            rb.fr_expire = t.end_of_life
            _rearm(rb)


cdef int t_retransmit_reply(tm_cell *t) noexcept nogil:
    cdef int sent = -1
    if t.uas.response.dst.send_sock == NULL:
        tm_log(L_WARN, "no resolved dst to retransmit")
        return -1
    lock_replies(t)
    if t.uas.response.buffer != NULL and t.uas.response.buffer_len:
        sent = tm_send(&t.uas.response.dst, t.uas.response.buffer, t.uas.response.buffer_len)
        if sent < 0:
            tm_log(L_WARN, "send pr buffer failed")
        sent = 1
    unlock_replies(t)
    if sent > 0 and has_cb(t, TMCB_RESPONSE_SENT):
        run_cbs(t, TMCB_RESPONSE_SENT, t.uas.request, NULL, t.uas.status, TMCB_RETR_F)
    return sent
