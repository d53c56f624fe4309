"""The transaction table as the arbiter and ``modules/tm`` see it: parameters, counters, the list of
cells, and what is kept of a process that died."""

from libc.stdint cimport uint32_t

from runtime.native.cfgvar cimport cfg_slot
from runtime.native.lock cimport lock_get, lock_release
from runtime.native.msg cimport HDR_CALLID, HDR_FROM, HDR_TO, NO_HDR, hdr_field
from runtime.native.proc cimport MAX_PROCS
from runtime.native.timer cimport timer_add
from runtime.native.tm cimport (
    HELD_MAX, N_CFG, ORPHANS_MAX, ST_DELETED, TABLE_ENTRIES, held_row, keep_blocks, lock_hash,
    stat_count, tm_cell, tm_cfg, tm_now, tm_stat, tm_table, unlock_hash,
)

from runtime.native.lock import name_site
from runtime.native import stats as _stats

cdef enum:
    SITE_ORPHANS = 0x746d03

name_site(SITE_ORPHANS, "orphaned transactions")

STAT_NAMES = (
    "transactions", "client_transactions", "waiting", "deleted", "rpl_received", "rpl_generated",
    "rpl_sent", "completed_6xx", "completed_5xx", "completed_4xx", "completed_3xx",
    "completed_2xx",
)

CFG_NAMES = (
    "fr_timer", "fr_inv_timer", "fr_inv_timer_next", "wt_timer", "retr_timer1", "retr_timer2",
    "max_inv_lifetime", "max_noninv_lifetime", "noisy_ctimer", "auto_inv_100",
    "restart_fr_on_each_reply", "ruri_matching", "via1_matching", "callid_matching",
    "callid_cseq_matching", "pass_provisional_replies", "aggregate_challenges",
    "unmatched_cancel", "default_code", "reparse_invite", "cancel_b_method", "disable_6xx_block",
    "local_ack_mode", "local_cancel_reason", "e2e_cancel_reason", "relay_100",
    "failure_reply_mode", "faked_reply_prio", "remap_503_500", "failure_exec_mode",
    "reply_relay_mode", "rich_redirect", "mhomed",
)


cdef void _orphan(tm_cell *t) noexcept nogil:
    """Hand the dead process's reference over to the timer process."""
    cdef int k
    for k in range(ORPHANS_MAX):
        if tm_table.orphans[k] == NULL:
            tm_table.orphans[k] = t
            return
    lock_hash(t.hash_index)
    t.ref_count -= 1            # no room: the sweeper finds it by its age
    unlock_hash(t.hash_index)


cdef bint _is_linked(tm_cell *t) noexcept nogil:
    """Is this address a cell of the table? (A cell that died unborn is nobody's.)"""
    cdef uint32_t i
    cdef tm_cell *c
    for i in range(TABLE_ENTRIES):
        if tm_table.entries[i].first == NULL:
            continue
        lock_hash(i)
        c = tm_table.entries[i].first
        while c != NULL and c != t:
            c = c.next_c
        unlock_hash(i)
        if c != NULL:
            return True
    return False


cdef void _die_again(tm_cell *t) noexcept nogil:
    """Its wait timer was at work when its process died: let another one finish that."""
    cdef tm_cell *c
    lock_hash(t.hash_index)
    c = tm_table.entries[t.hash_index].first
    while c != NULL and c != t:
        c = c.next_c
    if c == NULL:
        t.linked = 0
        t.ref_count = 0
    unlock_hash(t.hash_index)
    timer_add(&t.wait_timer, tm_now() + 1)


def process_died(slot: int) -> None:
    """Keep what a dead process held; the arbiter calls it before ``shm_reclaim`` of the slot."""
    cdef held_row *row
    cdef tm_cell *t
    cdef int k
    if tm_table == NULL or not 0 <= slot < MAX_PROCS:
        return
    row = &tm_table.held[slot]
    with nogil:
        if row.dying != NULL:
            if row.freeing:         # what is left of it is in flight
                stat_count(ST_DELETED)
            else:
                keep_blocks(row.dying)
                _die_again(row.dying)
        row.dying = NULL
        lock_get(&tm_table.orphans_lock, SITE_ORPHANS)
        for k in range(HELD_MAX):
            t = row.cells[k]
            if t == NULL:
                continue
            if t.linked or _is_linked(t):
                keep_blocks(t)
                _orphan(t)
            elif t.wait_start != 0:         # out of the table already, its end is near
                lock_hash(t.hash_index)
                t.ref_count -= 1
                unlock_hash(t.hash_index)
            row.cells[k] = NULL
        lock_release(&tm_table.orphans_lock)


def bind_cfg(index: int, handle: int) -> None:
    """Read parameter ``index`` (of CFG_NAMES) from a variable of the run-time configuration."""
    if not 0 <= index < N_CFG:
        raise IndexError(index)
    tm_cfg[index] = cfg_slot(handle)


def set_cfg(index: int, value: int) -> None:
    """Set parameter ``index`` (of CFG_NAMES) for this process and those it forks."""
    if not 0 <= index < N_CFG:
        raise IndexError(index)
    tm_cfg[index][0] = value


def get_cfg(index: int) -> int:
    """The value of parameter ``index`` (of CFG_NAMES)."""
    if not 0 <= index < N_CFG:
        raise IndexError(index)
    return tm_cfg[index][0]


def bind_stats() -> None:
    """Register tm's counters (before the fork); a group with a dot is the server's own."""
    for i, name in enumerate(STAT_NAMES):
        tm_stat[i] = _stats.register(".tm", name)


def stat_values() -> dict[str, int]:
    """All counters of tm, summed over the processes."""
    return {name: _stats.get(tm_stat[i]) if tm_stat[i] >= 0 else 0 for i, name in enumerate(STAT_NAMES)}


def cells() -> list[dict[str, object]]:
    """All transactions, for RPC ``tm.list`` and tests."""
    out = []
    cdef uint32_t i
    cdef tm_cell *t
    cdef hdr_field *h
    if tm_table == NULL:
        return out
    for i in range(TABLE_ENTRIES):
        if tm_table.entries[i].first == NULL:
            continue
        lock_hash(i)
        try:
            t = tm_table.entries[i].first
            while t != NULL:
                out.append({
                    "cell": "%#x" % <size_t> t,
                    "tindex": t.hash_index,
                    "tlabel": t.label,
                    "method": t.method.s[:t.method.len],
                    "from": _raw_header(t, HDR_FROM),
                    "to": _raw_header(t, HDR_TO),
                    "callid": _raw_header(t, HDR_CALLID),
                    "cseq": b"CSeq: " + t.cseq_n.s[:t.cseq_n.len],
                    "uas_request": "yes" if t.uas.request != NULL else "no",
                    "tflags": t.flags,
                    "outgoings": t.nr_of_outgoings,
                    "ref_count": t.ref_count,
                    "lifetime": t.end_of_life // 1000,
                    "status": t.uas.status,
                    "on_wait": t.wait_start != 0,
                })
                t = t.next_c
        finally:
            unlock_hash(i)
    return out


cdef bytes _raw_header(tm_cell *t, int type):
    cdef hdr_field *h
    if t.uas.request == NULL or t.uas.request.first[type] == NO_HDR:
        return b""
    h = &t.uas.request.hdrs[t.uas.request.first[type]]
    return t.uas.request.buf[h.off:h.off + h.len]
