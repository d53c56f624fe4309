"""Requests in work, before they have a transaction (``tmx/tmx_pretran.c``): each process notes the
key of the request that it processes, so that another one sees a retransmission which came early."""

from libc.stdint cimport uint32_t, uint64_t

from runtime.native.hdrs cimport get_cseq, get_from, get_via1
from runtime.native.lock cimport gen_lock_t, lock_get, lock_init, lock_release
from runtime.native.msg cimport HDR_CALLID, METHOD_ACK, METHOD_CANCEL, SIP_REQUEST, sip_msg
from runtime.native.proc cimport MAX_PROCS, proc_alive, process_incarnation, process_no
from runtime.native.receive cimport register_post_script
from runtime.native.shm cimport shm_mallocxz, shm_publish
from runtime.native.sipmsg cimport SipMsg
from runtime.native.tm_text cimport hdr_value, mix

from runtime.native.lock import name_site

cdef enum:
    SITE = 0x746d04
    REQUEST_ROUTE = 1

name_site(SITE, "pretran note")

cdef struct note_t:
    uint64_t key                # 0: none
    uint64_t key2
    uint32_t incarnation

cdef struct notes_t:
    gen_lock_t lock
    int highest                 # slot in use
    note_t of[MAX_PROCS]

cdef notes_t *notes = NULL


cdef bint _key(sip_msg *m, uint64_t *out) noexcept nogil:
    cdef uint64_t a = 1, b = 2
    cdef const char *callid = hdr_value(m, HDR_CALLID).s
    cdef int clen = hdr_value(m, HDR_CALLID).len
    if callid == NULL or get_cseq(m) == NULL or get_from(m) == NULL or m.from_.tag.len == 0 \
            or get_via1(m) == NULL:
        return False
    a = mix(a, callid, clen)
    a = mix(a, m.buf + m.from_.tag.off, m.from_.tag.len)
    a = mix(a, m.buf + m.cseq.number.off, m.cseq.number.len)
    a = mix(a, m.buf + m.cseq.method.off, m.cseq.method.len)
    a = mix(a, m.buf + m.via1.branch.off, m.via1.branch.len)
    b = mix(b ^ a, callid, clen)
    out[0] = a | 1
    out[1] = b
    return True


cdef int _check(sip_msg *m) noexcept nogil:
    """1 another process works on it, 0 none does, -1 not for such messages."""
    cdef uint64_t key[2]
    cdef note_t *mine = &notes.of[process_no]
    cdef note_t *other
    cdef int i, found = 0
    if m.type != SIP_REQUEST or m.method_id == METHOD_ACK or m.method_id == METHOD_CANCEL \
            or not _key(m, key):
        return -1
    lock_get(&notes.lock, SITE)     # a holder's death leaves at worst a note of a dead process
    mine.key = 0
    mine.key2 = key[1]
    mine.incarnation = process_incarnation
    mine.key = key[0]
    if notes.highest < process_no:
        notes.highest = process_no
    for i in range(notes.highest + 1):
        other = &notes.of[i]
        if other.key == key[0] and other.key2 == key[1] and i != process_no \
                and proc_alive(i, other.incarnation):
            found = 1
            break
    lock_release(&notes.lock)
    return found


cdef void _forget(sip_msg *m) noexcept nogil:
    if notes.of[process_no].key:
        notes.of[process_no].key = 0


def init() -> None:
    """Make the shared notes, before the fork. Raises MemoryError."""
    global notes
    notes = <notes_t *> shm_mallocxz(sizeof(notes_t))
    if notes == NULL:
        raise MemoryError("no shared memory for tmx")
    lock_init(&notes.lock)
    shm_publish(notes)
    register_post_script(_forget, SIP_REQUEST)


def precheck(msg: SipMsg) -> int:
    """``t_precheck_trans``: 1 another process works on this request, -1 none does, -2 neither ACK
    nor CANCEL, nor outside of request_route."""
    cdef int found
    if msg.route_type != REQUEST_ROUTE:
        return -2
    found = _check(msg.ptr())
    return 1 if found > 0 else found - 1
