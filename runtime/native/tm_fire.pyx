"""What the timer process does for transactions (``tm/timer.c``): retransmissions, final response
timers, the end of cells, and the repair of what dead processes left behind."""

from libc.stdint cimport uint32_t, uint64_t

from runtime.native.fault cimport fault_point
from runtime.native.lock cimport lock_get, lock_release
from runtime.native.timer cimport timer_add, timer_del, timer_forget, timer_init, timer_ln
from runtime.native.tm cimport (
    BUSY_BUFFER, CFG_NOISY_CTIMER, CFG_WT_TIMER, FAULT_WAIT, F_RB_DEL_TIMER, F_RB_RETR_DISABLED,
    F_RB_T2, F_RB_TIMEOUT, ORPHANS_MAX, TABLE_ENTRIES, TYPE_LOCAL_CANCEL, TYPE_REQUEST,
    T_NOISY_CTIMER, cfg_get, free_cell, hold_unsafe, is_invite, is_local, lock_hash, lock_replies,
    mark_dying, put_on_wait, retr_buf, set_timer_handlers, tm_cell, tm_fault, tm_flag_and,
    tm_flag_or, tm_now, tm_send, tm_table, ua_client, unhold, unlink_cell, unlock_hash,
    unlock_replies,
)
from runtime.native.tm_hooks cimport (
    TMCB_DESTROY, TMCB_ON_FAILURE, TMCB_REQUEST_SENT, TMCB_RETR_F, has_cb, run_cbs,
)
from runtime.native.tm_rb cimport (
    cleanup_localcancel_timers, cleanup_uac_timers, start_retr, stop_rb_timers, t_retransmit_reply,
)
from runtime.native.tm_reply cimport fake_reply, t_reply

cdef enum:
    SITE_ORPHANS = 0x746d03
    LIFETIME_LIMIT = 90000      # ms on wait after which references do not count any more
    SWEEP_PERIOD = 1000         # ms
    SWEEP_SLICE = 1093          # entries a period: all of them in a minute
    WAIT_GRACE = 10000          # ms past its end that a transaction may be on wait
    SWEEP_GRACE = 60000         # ms past its end of life that a transaction without a clock may have


# -- retransmission and final response

cdef bint _resend(retr_buf *rb) noexcept nogil:
    """False where the branch ended by it."""
    if rb.rbtype == TYPE_REQUEST or rb.rbtype == TYPE_LOCAL_CANCEL:
        if rb.buffer == NULL or tm_send(&rb.dst, rb.buffer, rb.buffer_len) < 0:
            lock_replies(rb.t)
            fake_reply(rb.t, rb.branch, 503)
            return False
        if has_cb(rb.t, TMCB_REQUEST_SENT):
            run_cbs(rb.t, TMCB_REQUEST_SENT, rb.t.uas.request, NULL, 0, TMCB_RETR_F)
        return True
    t_retransmit_reply(rb.t)
    return True


cdef void _final_response(retr_buf *rb) noexcept nogil:
    cdef tm_cell *t = rb.t
    if rb.rbtype == TYPE_LOCAL_CANCEL:
        return
    if rb.rbtype > 0:                   # timer H: no ACK came
        put_on_wait(t)
        return
    lock_replies(t)
    if not cfg_get(CFG_NOISY_CTIMER) and not t.flags & T_NOISY_CTIMER and not is_local(t) \
            and is_invite(t) and t.nr_of_outgoings == 1 and t.on_failure == 0 \
            and not has_cb(t, TMCB_ON_FAILURE) and t.uac[rb.branch].last_received == 0:
        unlock_replies(t)
        put_on_wait(t)
        return
    if t.uac[rb.branch].last_received >= 200:       # answered while the clock struck
        unlock_replies(t)
        return
    fake_reply(t, rb.branch, 408)


cdef uint32_t _retr_handler(timer_ln *tl, uint64_t now) noexcept nogil:
    cdef retr_buf *rb = <retr_buf *> tl.data
    cdef uint64_t left, next_at
    cdef uint32_t interval
    if rb.flags & F_RB_DEL_TIMER:
        rb.active = 0
        return 0
    if rb.fr_expire <= now:
        rb.active = 0
        tm_flag_or(&rb.flags, F_RB_TIMEOUT)
        _final_response(rb)
        return 0
    left = rb.fr_expire - now
    if rb.flags & F_RB_RETR_DISABLED:
        return <uint32_t> left
    if rb.retr_expire <= now:
        interval = rb.interval
        if rb.flags & F_RB_T2 or interval > rb.t.rt_t2:
            interval = rb.t.rt_t2
            rb.interval = interval
        else:
            rb.interval = interval * 2
        rb.retr_expire = now + interval
        if not _resend(rb):
            return <uint32_t> left
    next_at = rb.retr_expire - now
    return <uint32_t> (next_at if next_at < left else left)


# -- the end of a cell

cdef void _destroy(tm_cell *t) noexcept nogil:
    """It is out of the table and nobody holds it."""
    cdef uint32_t i
    stop_rb_timers(&t.uas.response)
    cleanup_uac_timers(t)
    cleanup_localcancel_timers(t)
    if has_cb(t, TMCB_DESTROY):
        tm_flag_and(&t.cb_mask, ~<uint32_t> TMCB_DESTROY)       # once, whoever dies meanwhile
        run_cbs(t, TMCB_DESTROY, t.uas.request, NULL, 0, 0)
    free_cell(t)


cdef uint32_t _wait_handler(timer_ln *tl, uint64_t now) noexcept nogil:
    cdef tm_cell *t = <tm_cell *> tl.data
    cdef int base
    if is_invite(t):
        cleanup_localcancel_timers(t)
    lock_hash(t.hash_index)
    fault_point(tm_fault[FAULT_WAIT])
    base = 1 if t.linked else 0
    if t.ref_count > base and now < t.wait_start + LIFETIME_LIMIT:
        unlock_hash(t.hash_index)
        return <uint32_t> cfg_get(CFG_WT_TIMER)
    mark_dying(t)
    unlink_cell(t)
    unlock_hash(t.hash_index)
    timer_forget(tl)
    _destroy(t)
    return 0


# -- what dead processes left behind

cdef void _send_again(ua_client *uac) noexcept nogil:
    """The reply that ended this branch died with its worker: ask again."""
    cdef retr_buf *rb = &uac.request
    if uac.last_received >= 200:
        uac.last_received = 0
    tm_flag_and(&rb.flags, ~<uint32_t> (F_RB_DEL_TIMER | F_RB_RETR_DISABLED | F_RB_T2))
    rb.fr_expire = 0
    tm_send(&rb.dst, rb.buffer, rb.buffer_len)
    start_retr(rb)


cdef void _adopt(tm_cell *t) noexcept nogil:
    """Finish a transaction whose worker died in the middle of it."""
    cdef uint32_t i
    cdef ua_client *uac
    lock_replies(t)
    t.owner = -1
    for i in range(t.nr_of_outgoings):
        if t.uac[i].local_cancel.buffer == BUSY_BUFFER:
            t.uac[i].local_cancel.buffer = NULL
    if t.wait_start != 0:
        pass
    elif t.uas.status >= 200:
        put_on_wait(t)
    elif t.nr_of_outgoings == 0:
        if t.uas.status == 0:           # nothing was done: the client's next try starts afresh
            lock_hash(t.hash_index)
            unlink_cell(t)
            unlock_hash(t.hash_index)
            put_on_wait(t)
        else:
            t_reply(t, t.uas.request, 500, b"Server Internal Error", 21)
    else:
        for i in range(t.nr_of_outgoings):
            uac = t.uac[i]
            if uac.request.buffer != NULL and not uac.request.active \
                    and (uac.last_received < 200 or uac.reply == NULL):
                _send_again(uac)
    unlock_replies(t)


cdef void _adopt_orphans() noexcept nogil:
    cdef tm_cell *t
    cdef int k
    cdef bint held
    for k in range(ORPHANS_MAX):
        if tm_table.orphans[k] == NULL:
            continue
        lock_get(&tm_table.orphans_lock, SITE_ORPHANS)
        t = tm_table.orphans[k]
        held = False
        if t != NULL:
            lock_hash(t.hash_index)
            held = hold_unsafe(t)
            tm_table.orphans[k] = NULL
            t.ref_count -= 1
            unlock_hash(t.hash_index)
        lock_release(&tm_table.orphans_lock)
        if held:
            _adopt(t)
            unhold(t)


cdef bint _overdue(tm_cell *t, uint64_t now) noexcept nogil:
    if t.wait_start != 0:
        return now > t.wait_start + <uint64_t> cfg_get(CFG_WT_TIMER) + WAIT_GRACE
    return t.end_of_life != 0 and now > t.end_of_life + SWEEP_GRACE \
        and now > t.end_of_life + t.fr_inv_timeout


cdef void _finish_overdue(tm_cell *t) noexcept nogil:
    """Its clock was lost with a timer process. The caller holds it."""
    if t.wait_start == 0:
        if t.uas.status < 200 and not is_local(t):
            t_reply(t, t.uas.request, 408, b"Request Timeout", 15)
        put_on_wait(t)
    elif timer_del(&t.wait_timer) >= 0:
        timer_add(&t.wait_timer, tm_now() + 1)


cdef void _sweep_entry(uint32_t i, uint64_t now) noexcept nogil:
    cdef tm_cell *t
    if tm_table.entries[i].first == NULL:
        return
    lock_hash(i)
    t = tm_table.entries[i].first
    while t != NULL and not _overdue(t, now):
        t = t.next_c
    if t != NULL and not hold_unsafe(t):
        t = NULL
    unlock_hash(i)
    if t != NULL:
        _finish_overdue(t)
        unhold(t)


cdef uint32_t _sweeper(timer_ln *tl, uint64_t now) noexcept nogil:
    cdef int n
    _adopt_orphans()
    for n in range(SWEEP_SLICE):
        _sweep_entry(tm_table.sweep_at, now)
        tm_table.sweep_at = (tm_table.sweep_at + 1) % TABLE_ENTRIES
    return SWEEP_PERIOD


def adopt_orphans() -> None:
    """Finish the transactions of dead processes now (the timer process does it each second)."""
    with nogil:
        _adopt_orphans()


def sweep() -> None:
    """Look at the whole table for transactions that lost their clocks (RPC ``tm.clean``)."""
    cdef uint32_t i
    cdef uint64_t now = tm_now()
    with nogil:
        for i in range(TABLE_ENTRIES):
            _sweep_entry(i, now)


def start_sweeper() -> None:
    """Arm the sweeper in the wheel; after ``init_table``, before the fork."""
    timer_init(&tm_table.sweeper, _sweeper, NULL)
    timer_add(&tm_table.sweeper, tm_now() + SWEEP_PERIOD)


set_timer_handlers(_retr_handler, _wait_handler)
