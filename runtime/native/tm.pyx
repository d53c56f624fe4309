"""The transaction table: cells, references, the transaction of this process (``tm/h_table.c``)."""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.stdlib cimport malloc
from libc.string cimport memcpy, memset

from runtime.native.clone cimport msg_clone_shm, msg_from_clone
from runtime.native.fault cimport fault_id, fault_point
from runtime.native.lock cimport LOCK_DIED, lock_get, lock_get_recursive, lock_init, lock_release
from runtime.native.msg cimport HDR_CALLID, arena_new, arena_reset, hdr_field, sip_msg
from runtime.native.net cimport dest_info, su_ntop, su_port
from runtime.native.proc cimport (
    MAX_PROCS, proc_alive, process_incarnation, process_no,
)
from runtime.native.send cimport msg_send, msg_send_flush
from runtime.native.shm cimport (
    shm_free, shm_malloc, shm_mallocxz, shm_publish, shm_unpublish,
)
from runtime.native.stats cimport stat_inc
from runtime.native.timer cimport now_ms, timer_add, timer_handler, timer_init
from runtime.native.tm_text cimport characteristic

from runtime.native.lock import name_site

cdef enum:
    SITE_ENTRY = 0x746d01       # who holds a lock, for the debugger
    SITE_REPLY = 0x746d02
    SCRATCH_MAX = 8

name_site(SITE_ENTRY, "transaction table")
name_site(SITE_REPLY, "transaction reply")

cdef int64_t defaults[N_CFG]
cdef bint testing = False
cdef uint64_t test_now = 0
cdef object test_sink = None
cdef scratch_t scratch[SCRATCH_MAX]
cdef int scratch_used = 0
cdef timer_handler tm_retr_handler = NULL
cdef timer_handler tm_wait_handler = NULL


def _set_defaults() -> None:
    """Values of tm's parameters before modules/tm binds them (``tm/config.c``)."""
    cdef int i
    for i in range(N_CFG):
        defaults[i] = 0
        tm_cfg[i] = &defaults[i]
    for i in range(N_STATS):
        tm_stat[i] = -1
    defaults[CFG_FR_TIMER] = 30000
    defaults[CFG_FR_INV_TIMER] = 120000
    defaults[CFG_WT_TIMER] = 5000
    defaults[CFG_RETR_TIMER1] = 500
    defaults[CFG_RETR_TIMER2] = 4000
    defaults[CFG_MAX_INV_LIFETIME] = 180000
    defaults[CFG_MAX_NONINV_LIFETIME] = 32000
    defaults[CFG_NOISY_CTIMER] = 1
    defaults[CFG_AUTO_INV_100] = 1
    defaults[CFG_RESTART_FR] = 1
    defaults[CFG_RURI_MATCHING] = 1
    defaults[CFG_VIA1_MATCHING] = 1
    defaults[CFG_AGGREGATE_CHALLENGES] = 1
    defaults[CFG_DEFAULT_CODE] = 500
    defaults[CFG_REPARSE_INVITE] = 1
    defaults[CFG_CANCEL_B_METHOD] = 1
    defaults[CFG_LOCAL_CANCEL_REASON] = 1
    defaults[CFG_E2E_CANCEL_REASON] = 1
    defaults[CFG_FAILURE_REPLY_MODE] = 3
    defaults[CFG_REMAP_503_500] = 1
    defaults[CFG_REPLY_RELAY_MODE] = 1


cdef void _name_faults():
    cdef int i
    for i, name in enumerate((
        "tm.insert", "tm.unlink", "tm.hold", "tm.free", "tm.branch", "tm.store_reply", "tm.relay",
        "tm.forward", "tm.sent", "tm.created", "tm.reply_in", "tm.cancel", "tm.wait",
    )):
        tm_fault[i] = fault_id(name)


_set_defaults()
_name_faults()
memset(tm_tag_base, c'0', MD5_LEN)
memset(&ctx, 0, sizeof(ctx))
ctx.branch = T_BR_UNDEFINED
ctx.branch_index = T_BR_UNDEFINED
ctx.picked_branch = -1


cdef void set_timer_handlers(timer_handler retr, timer_handler wait) noexcept nogil:
    global tm_retr_handler, tm_wait_handler
    tm_retr_handler = retr
    tm_wait_handler = wait


# -- time and the way out

cdef uint64_t tm_now() noexcept nogil:
    return test_now if testing else now_ms()


cdef int _to_sink(dest_info *dst, const char *buf, uint32_t len) noexcept with gil:
    cdef char host[46]
    cdef int n = su_ntop(&dst.to, host)
    return test_sink(dst.proto, host[:n], su_port(&dst.to), buf[:len])


cdef int tm_send(dest_info *dst, const char *buf, uint32_t len) noexcept nogil:
    if testing:
        return _to_sink(dst, buf, len)
    return msg_send(dst, buf, len)


cdef int tm_send_now(dest_info *dst, const char *buf, uint32_t len) noexcept nogil:
    if testing:
        return _to_sink(dst, buf, len)
    if msg_send(dst, buf, len) < 0:
        return -1
    msg_send_flush()
    return 0


# -- statistics

cdef void stat_count(int which) noexcept nogil:
    if tm_stat[which] >= 0:
        stat_inc(tm_stat[which])


cdef void update_reply_stats(int code) noexcept nogil:
    if code >= 600:
        stat_count(ST_6XX)
    elif code >= 500:
        stat_count(ST_5XX)
    elif code >= 400:
        stat_count(ST_4XX)
    elif code >= 300:
        stat_count(ST_3XX)
    elif code >= 200:
        stat_count(ST_2XX)


# -- the transaction of this process

cdef tm_cell *get_t() noexcept nogil:
    return ctx.t


cdef int get_t_branch() noexcept nogil:
    return ctx.branch


cdef bint t_known(sip_msg *msg) noexcept nogil:
    return ctx.known and ctx.msg_id == msg.id


cdef void set_ctx(sip_msg *msg) noexcept nogil:
    ctx.msg_id = msg.id


cdef void set_t(tm_cell *t, int branch) noexcept nogil:
    ctx.t = t
    ctx.branch = branch
    ctx.known = True


cdef void init_t(sip_msg *msg) noexcept nogil:
    ctx.t = NULL
    ctx.branch = T_BR_UNDEFINED
    ctx.known = False
    if msg != NULL:
        ctx.msg_id = msg.id


# -- locks

cdef uint32_t tm_hash(const char *callid, int clen, const char *cseq, int slen) noexcept nogil:
    """Entry of a transaction, as ``new_hash2`` of Kamailio has it."""
    cdef uint32_t h = 0, v
    cdef const signed char *p
    cdef int left, i
    for i in range(2):
        p = <const signed char *> (callid if i == 0 else cseq)
        left = clen if i == 0 else slen
        while left >= 4:
            v = (<uint32_t> <int32_t> p[0] << 24) + (<uint32_t> <int32_t> p[1] << 16) \
                + (<uint32_t> <int32_t> p[2] << 8) + <uint32_t> <int32_t> p[3]
            h += v ^ (v >> 3)
            p += 4
            left -= 4
        v = 0
        if left == 3:
            v = (<uint32_t> <int32_t> p[0] << 16) + (<uint32_t> <int32_t> p[1] << 8) \
                + <uint32_t> <int32_t> p[2]
        elif left == 2:
            v = (<uint32_t> <int32_t> p[0] << 8) + <uint32_t> <int32_t> p[1]
        elif left == 1:
            v = <uint32_t> <int32_t> p[0]
        h += v ^ (v >> 3)
    return ((h + (h >> 11)) + ((h >> 13) + (h >> 23))) & (TABLE_ENTRIES - 1)


cdef int32_t _count_holds(tm_cell *t) noexcept nogil:
    cdef int32_t n = 0
    cdef int i, k
    for i in range(MAX_PROCS):
        if tm_table.held[i].incarnation:
            for k in range(HELD_MAX):
                if tm_table.held[i].cells[k] == t:
                    n += 1
    for k in range(ORPHANS_MAX):
        if tm_table.orphans[k] == t:
            n += 1
    return n


cdef void _repair_entry(tm_entry *e) noexcept nogil:
    """The holder died in the middle of a change: the forward chain is the truth."""
    cdef tm_cell *t = e.first
    cdef tm_cell *last = NULL
    while t != NULL:
        t.prev_c = last
        if not t.linked:
            stat_count(ST_TRANSACTIONS)     # its maker died before it did
            t.linked = 1
        t.ref_count = 1 + _count_holds(t)
        shm_publish(t)
        if t.uas.request != NULL:
            shm_publish(t.uas.request)
        last = t
        t = t.next_c
    e.last = last


cdef void lock_hash(uint32_t i) noexcept nogil:
    if lock_get(&tm_table.entries[i].lock, SITE_ENTRY) == LOCK_DIED:
        _repair_entry(&tm_table.entries[i])


cdef void unlock_hash(uint32_t i) noexcept nogil:
    lock_release(&tm_table.entries[i].lock)


cdef void lock_replies(tm_cell *t) noexcept nogil:
    # After LOCK_DIED nothing is to be done here: a reply comes into force by one store, and the
    # timer process finishes what the dead process left (tm_fire.pyx).
    lock_get_recursive(&t.reply_lock, SITE_REPLY)


cdef void unlock_replies(tm_cell *t) noexcept nogil:
    lock_release(&t.reply_lock)


# -- references

cdef inline held_row *_my_row() noexcept nogil:
    cdef held_row *row = &tm_table.held[process_no]
    if row.incarnation != process_incarnation + 1:
        memset(row, 0, sizeof(held_row))
        row.incarnation = process_incarnation + 1       # 0 means a row never used
    return row


cdef bint hold_unsafe(tm_cell *t) noexcept nogil:
    cdef held_row *row = _my_row()
    cdef int k
    for k in range(HELD_MAX):
        if row.cells[k] == NULL:
            row.cells[k] = t
            fault_point(tm_fault[FAULT_HOLD])
            t.ref_count += 1
            return True
    return False


cdef void unhold(tm_cell *t) noexcept nogil:
    cdef held_row *row = _my_row()
    cdef int k
    for k in range(HELD_MAX):
        if row.cells[k] == t:
            lock_hash(t.hash_index)
            row.cells[k] = NULL
            t.ref_count -= 1
            unlock_hash(t.hash_index)
            return


cdef bint owner_died(tm_cell *t) noexcept nogil:
    return t.owner >= 0 and not proc_alive(t.owner, t.owner_incarnation)


# -- cells

cdef void init_rb(tm_cell *t, retr_buf *rb, int branch, int rbtype) noexcept nogil:
    rb.t = t
    rb.branch = branch
    rb.rbtype = rbtype
    timer_init(&rb.timer, tm_retr_handler, rb)


cdef void _point_into_request(tm_cell *t) noexcept nogil:
    cdef sip_msg *clone = t.uas.request
    cdef hdr_field *h = &clone.hdrs[clone.first[HDR_CALLID]]
    t.callid.s = clone.buf + h.body_off
    t.callid.len = h.body_len
    t.cseq_n.s = clone.buf + clone.cseq.number.off
    t.cseq_n.len = clone.cseq.number.len
    t.method.s = clone.buf + clone.method.off
    t.method.len = clone.method.len


cdef tm_cell *build_cell(sip_msg *msg) noexcept nogil:
    cdef tm_cell *t = <tm_cell *> shm_mallocxz(sizeof(tm_cell))
    if t == NULL:
        return NULL
    t.owner = process_no
    t.owner_incarnation = process_incarnation
    t.relayed_reply_branch = -1
    t.blind_uac = -1
    lock_init(&t.reply_lock)
    timer_init(&t.wait_timer, tm_wait_handler, t)
    init_rb(t, &t.uas.response, 0, 0)
    if msg != NULL:
        characteristic(msg, t.md5)
        t.uas.request = msg_clone_shm(msg)
        if t.uas.request == NULL:
            shm_free(t)
            return NULL
        _point_into_request(t)
        t.hash_index = msg.hash_index
    return t


cdef void insert_cell(tm_cell *t) noexcept nogil:
    cdef tm_entry *e = &tm_table.entries[t.hash_index]
    t.label = e.next_label
    e.next_label += 1
    t.ref_count = 1
    t.next_c = NULL
    t.prev_c = e.last
    hold_unsafe(t)
    if e.last == NULL:
        e.first = t
    else:
        e.last.next_c = t
    fault_point(tm_fault[FAULT_INSERT])
    e.last = t
    t.linked = 1
    shm_publish(t)
    if t.uas.request != NULL:
        shm_publish(t.uas.request)
    stat_count(ST_TRANSACTIONS)
    if t.flags & T_IS_LOCAL:
        stat_count(ST_CLIENT)


cdef void unlink_cell(tm_cell *t) noexcept nogil:
    cdef tm_entry *e = &tm_table.entries[t.hash_index]
    if not t.linked:
        return
    if t.prev_c == NULL:
        e.first = t.next_c
    else:
        t.prev_c.next_c = t.next_c
    fault_point(tm_fault[FAULT_UNLINK])
    if t.next_c == NULL:
        e.last = t.prev_c
    else:
        t.next_c.prev_c = t.prev_c
    t.linked = 0
    t.ref_count -= 1


cdef bint refresh_request(tm_cell *t, sip_msg *msg) noexcept nogil:
    """Replace the clone by one of the message as it is now: headers that the script queued between
    t_newtran() and t_relay() belong into what a failure_route sees (``save_msg_lumps``)."""
    cdef sip_msg *clone = msg_clone_shm(msg)
    cdef sip_msg *old
    if clone == NULL:
        return False
    lock_replies(t)
    lock_hash(t.hash_index)
    old = t.uas.request
    t.uas.request = clone
    shm_publish(clone)
    _point_into_request(t)
    unlock_hash(t.hash_index)
    unlock_replies(t)
    shm_free(old)
    return True


cdef ua_client *add_branch(tm_cell *t) noexcept nogil:
    cdef uint32_t n = t.nr_of_outgoings
    cdef ua_client *uac
    if n >= MAX_UACS:
        return NULL
    if t.uac[n] == NULL:
        if n == 0:
            t.uac[0] = &t.uac0
        else:
            uac = <ua_client *> shm_mallocxz(sizeof(ua_client))
            if uac == NULL:
                return NULL
            t.uac[n] = uac
            fault_point(tm_fault[FAULT_BRANCH])
            shm_publish(uac)
        init_rb(t, &t.uac[n].request, n, TYPE_REQUEST)
        init_rb(t, &t.uac[n].local_cancel, n, TYPE_LOCAL_CANCEL)
    return t.uac[n]


cdef bint store_reply_buf(tm_cell *t, const char *buf, uint32_t len, int code) noexcept nogil:
    """Keep the reply for retransmissions. Under the reply lock."""
    cdef uint32_t spare = t.uas.cur ^ 1
    cdef char *p = t.uas.reply_buf[spare]
    cdef uint32_t size
    if t.uas.reply_cap[spare] < len:
        size = len + (256 if code < 200 else 0)
        t.uas.reply_cap[spare] = 0
        t.uas.reply_buf[spare] = NULL
        shm_free(p)
        p = <char *> shm_malloc(size)
        if p == NULL:
            return False
        t.uas.reply_buf[spare] = p
        shm_publish(p)
        t.uas.reply_cap[spare] = size
    memcpy(p, buf, len)
    fault_point(tm_fault[FAULT_STORE_REPLY])
    tm_fence()
    t.uas.response.buffer = p
    t.uas.response.buffer_len = len
    t.uas.response.rbtype = code
    t.uas.cur = spare
    return True


cdef bint set_shm_str(char **field, uint32_t *field_len, const char *s, uint32_t len) noexcept nogil:
    """Put a copy of s into a field of a cell, in place of what was there."""
    cdef char *p = NULL
    cdef char *old = field[0]
    if len:
        p = <char *> shm_malloc(len)
        if p == NULL:
            return False
        memcpy(p, s, len)
    field_len[0] = 0
    field[0] = p
    if p != NULL:
        shm_publish(p)
    field_len[0] = len
    shm_free(old)
    return True


cdef enum:
    OWNED_PUBLISH = 0
    OWNED_UNPUBLISH = 1
    OWNED_FREE = 2


cdef inline void _do(void *p, int what) noexcept nogil:
    if p == NULL or p == <void *> FAKED_REPLY or p == <void *> BUSY_BUFFER:
        return
    if what == OWNED_PUBLISH:
        shm_publish(p)
    elif what == OWNED_UNPUBLISH:
        shm_unpublish(p)
    else:
        shm_free(p)


cdef void _each_block(tm_cell *t, int what) noexcept nogil:
    """Publish, take back, or free every block of a cell, the cell last."""
    cdef tmcb_elem *cb = t.callbacks
    cdef tmcb_elem *next_cb
    cdef totag_elem *tag = t.fwded_totags
    cdef totag_elem *next_tag
    cdef ua_client *uac
    cdef int i
    while cb != NULL:
        next_cb = cb.next
        _do(cb, what)
        cb = next_cb
    while tag != NULL:
        next_tag = tag.next
        _do(tag, what)
        tag = next_tag
    for i in range(MAX_UACS):
        uac = t.uac[i]
        if uac == NULL:
            break
        _do(uac.reply, what)
        _do(uac.request.buffer, what)
        _do(uac.local_cancel.buffer, what)
        _do(uac.meta, what)
        if i > 0:
            _do(uac, what)
    _do(t.avps, what)
    _do(t.uas.reply_buf[0], what)
    _do(t.uas.reply_buf[1], what)
    _do(t.uas.cancel_reason, what)
    _do(t.uas.request, what)
    if what == OWNED_FREE:
        fault_point(tm_fault[FAULT_FREE])
    _do(t, what)


cdef void keep_blocks(tm_cell *t) noexcept nogil:
    _each_block(t, OWNED_PUBLISH)


cdef void mark_dying(tm_cell *t) noexcept nogil:
    cdef held_row *row = _my_row()
    row.freeing = 0
    row.dying = t


cdef void free_cell(tm_cell *t) noexcept nogil:
    """Give all its memory back. It is unlinked, its timers are stopped and nobody holds it."""
    cdef held_row *row = _my_row()
    mark_dying(t)
    _each_block(t, OWNED_UNPUBLISH)
    tm_fence()
    row.freeing = 1             # from here on reclaiming this process frees all that is left
    _each_block(t, OWNED_FREE)
    row.dying = NULL
    stat_count(ST_DELETED)


cdef void put_on_wait(tm_cell *t) noexcept nogil:
    """Start the clock that ends the transaction; only the first call counts."""
    if t.wait_start != 0:
        return
    t.wait_start = tm_now()
    stat_count(ST_WAITING)
    timer_add(&t.wait_timer, t.wait_start + <uint64_t> cfg_get(CFG_WT_TIMER))


# -- private copies

cdef sip_msg *scratch_take(sip_msg *clone) noexcept nogil:
    global scratch_used
    cdef scratch_t *s
    if scratch_used == SCRATCH_MAX:
        return NULL
    s = &scratch[scratch_used]
    if s.msg == NULL:
        s.arena = arena_new()
        s.msg = <sip_msg *> malloc(sizeof(sip_msg))
        if s.arena == NULL or s.msg == NULL:
            return NULL
    if msg_from_clone(clone, s.msg, s.arena) != 0:
        arena_reset(s.arena)
        return NULL
    scratch_used += 1
    return s.msg


cdef void scratch_give() noexcept nogil:
    global scratch_used
    scratch_used -= 1
    arena_reset(scratch[scratch_used].arena)


# -- what modules/tm and tests call

def init_table(tag_base: bytes) -> None:
    """Make the table in shared memory, before the fork; ``tag_base`` is 32 hex digits.

    Raises MemoryError.
    """
    global tm_table
    cdef const char *base = tag_base
    cdef int i
    if len(tag_base) != MD5_LEN:
        raise ValueError("the base of To-tags has 32 characters")
    if tm_table != NULL:
        raise RuntimeError("the transaction table exists already")
    tm_table = <tm_shared *> shm_mallocxz(sizeof(tm_shared))
    if tm_table == NULL:
        raise MemoryError("no shared memory for the transaction table (raise -m)")
    for i in range(TABLE_ENTRIES):
        lock_init(&tm_table.entries[i].lock)
        tm_table.entries[i].next_label = <uint32_t> i * <uint32_t> 2654435761
    lock_init(&tm_table.orphans_lock)
    shm_publish(tm_table)
    memcpy(tm_tag_base, base, MD5_LEN)


def drive(now: int, sink: object) -> None:
    """For tests: time stands at ``now`` ms, and each message sent goes to
    ``sink(proto, host, port, message)``, which returns 0, or -1 for a failure. ``sink`` None returns to the real clock and sockets."""
    global testing, test_now, test_sink
    testing = sink is not None
    test_now = now
    test_sink = sink
