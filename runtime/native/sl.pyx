"""Stateless replies (``sl/sl_funcs.c``): send one, absorb the ACK that it causes, count both."""

from libc.stdint cimport uint32_t, uint64_t
from libc.string cimport memcmp, memcpy

from runtime.native.build cimport bookmark, build_res, out_t, reply_dest
from runtime.native.clone cimport own_lumps
from runtime.native.error cimport E_UNSPEC, get_ser_error, set_ser_error
from runtime.native.hdrs cimport get_to, get_via1
from runtime.native.lump cimport del_lump, insert_new_lump_after, lump
from runtime.native.msg cimport METHOD_ACK, SIP_REPLY, SIP_REQUEST, sip_msg
from runtime.native.net cimport dest_info
from runtime.native.receive cimport forward_reply, register_pre_script
from runtime.native.shm cimport shm_mallocxz, shm_publish
from runtime.native.sipmsg cimport SipMsg, wrap
from runtime.native.stats cimport stat_inc
from runtime.native.tm cimport MD5_LEN, TOTAG_LEN, tm_now, tm_send
from runtime.native.tm_text cimport add_dset_lump, err2reason, make_totag

from runtime.native import stats as _stats
from runtime.server.log import LM_ERR

cdef enum:
    WAIT_TIME = 2100            # ms in which an ACK may be that of a reply of ours
    ST_FAILURES = 20
    ST_ACKS = 21
    N_STATS = 22

STAT_NAMES = (
    "200", "202", "2xx", "300", "301", "302", "3xx", "400", "401", "403", "404", "407", "408",
    "483", "4xx", "500", "5xx", "6xx", "xxx", "1xx", "failures", "received_ACKs",
)
"""What is counted: replies by code, or by class where the code has no counter of its own."""

cdef int handles[N_STATS]
cdef int of_code[700]           # index of the counter
cdef char tag_base[MD5_LEN]
cdef uint64_t *ack_until = NULL
cdef object ack_hook = None
cdef int rich_redirect = 0      # parameter
cdef object sent_hook = None


cdef void _index_codes():
    cdef int i, code
    for i in range(N_STATS):
        handles[i] = -1
    for code in range(700):
        name = str(code)
        of_code[code] = STAT_NAMES.index(
            name if name in STAT_NAMES else name[0] + "xx" if code >= 200 else "xxx"
        )


_index_codes()


cdef inline void _count(int which) noexcept nogil:
    if handles[which] >= 0:
        stat_inc(handles[which])


cdef void _sent(const char *text, uint32_t len) noexcept with gil:
    try:
        sent_hook(text[:len])
    except Exception as error:
        LM_ERR("sl: event_route[sl:local-response]: %r", error)


cdef int sl_reply(sip_msg *msg, int code, const char *reason, int len) noexcept nogil:
    """1; -1 it cannot be sent."""
    cdef char tag[TOTAG_LEN]
    cdef bint own_tag = False
    cdef dest_info dst
    cdef bookmark bm
    cdef out_t out
    cdef uint64_t until
    if msg.type != SIP_REQUEST or msg.method_id == METHOD_ACK or get_via1(msg) == NULL \
            or reply_dest(msg, &dst) != 0:
        _count(ST_FAILURES)
        return -1
    if 300 <= code < 400:
        add_dset_lump(msg, rich_redirect)
    if code >= 180 and get_to(msg) != NULL and msg.to.tag.len == 0:
        own_tag = True
        make_totag(msg, tag_base, c'.', tag)
    if build_res(msg, code, reason, len, tag if own_tag else NULL, TOTAG_LEN if own_tag else 0,
                 &bm, &out) != 0:
        _count(ST_FAILURES)
        return -1
    until = tm_now() + WAIT_TIME
    if ack_until != NULL and ack_until[0] + 100 < until:        # the line is shared: write seldom
        ack_until[0] = until
    if tm_send(&dst, out.s, out.len) < 0:
        _count(ST_FAILURES)
        return -1
    if sent_hook is not None:
        _sent(out.s, out.len)
    _count(of_code[code] if 0 <= code < 700 else 18)
    return 1


cdef void _filtered(sip_msg *msg) noexcept with gil:
    cdef SipMsg wrapped = wrap(msg)
    try:
        ack_hook(wrapped)
    except Exception as error:
        LM_ERR("sl: event_route[sl:filtered-ack]: %r", error)
    finally:
        wrapped.invalidate()


cdef int _filter_ack(sip_msg *msg) noexcept nogil:
    """0: the ACK of a negative reply of ours, which ends here."""
    cdef char tag[TOTAG_LEN]
    if msg.method_id != METHOD_ACK or ack_until == NULL or ack_until[0] <= tm_now() \
            or get_to(msg) == NULL or msg.to.tag.len != TOTAG_LEN:
        return 1
    make_totag(msg, tag_base, c'.', tag)
    if memcmp(msg.buf + msg.to.tag.off, tag, TOTAG_LEN) != 0:
        return 1
    _count(ST_ACKS)
    if ack_hook is not None:
        _filtered(msg)
    return 0


def send_reply(msg: SipMsg, code: int, reason: bytes) -> int:
    """``sl_send_reply``: 1, or -1 where no reply can be sent."""
    cdef sip_msg *m = msg.ptr()
    cdef const char *text = reason
    return sl_reply(m, code, text, <int> len(reason))


def reply_error(msg: SipMsg) -> int:
    """``sl_reply_error``: answer with what the last internal error means."""
    cdef char phrase[128]
    cdef int code = 500
    cdef int n = err2reason(get_ser_error(), b"SL", phrase, sizeof(phrase), &code)
    cdef int done
    set_ser_error(E_UNSPEC)
    done = sl_reply(msg.ptr(), code, phrase, n)
    LM_ERR("stateless error reply used: %s", phrase[:n].decode())
    return done


def init(base: bytes, options: int = 0) -> None:
    """Make the shared state and hook into requests, before the fork; ``base`` is 32 hex digits,
    ``options`` the parameter ``rich_redirect``."""
    global ack_until, rich_redirect
    cdef const char *text = base
    cdef int i
    if len(base) != MD5_LEN:
        raise ValueError("the base of To-tags has 32 characters")
    rich_redirect = options
    memcpy(tag_base, text, MD5_LEN)
    ack_until = <uint64_t *> shm_mallocxz(sizeof(uint64_t))
    if ack_until == NULL:
        raise MemoryError("no shared memory for sl")
    shm_publish(ack_until)
    for i in range(N_STATS):
        handles[i] = _stats.register(".sl", STAT_NAMES[i])
    register_pre_script(_filter_ack, SIP_REQUEST)


def set_hooks(filtered: object, sent: object) -> None:
    """Call ``filtered(msg)`` for each absorbed ACK, ``sent(reply: bytes)`` after each reply."""
    global ack_hook, sent_hook
    ack_hook = filtered
    sent_hook = sent


def counts() -> dict[str, int]:
    """All counters by name, summed over the processes."""
    return {
        name: _stats.get(handles[i]) if handles[i] >= 0 else 0
        for i, name in enumerate(STAT_NAMES)
    }


def forward(msg: SipMsg, code: bytes, reason: bytes) -> int:
    """``sl_forward_reply``: 1, or -1 for another class of code, or where it cannot be sent."""
    cdef sip_msg *m = msg.ptr()
    cdef const char *digits = code
    cdef const char *text = reason
    cdef char kept[3]
    cdef lump *before
    cdef lump *cut
    cdef char *at
    cdef int status, done
    if m.type != SIP_REPLY:
        return -1
    at = m.buf + m.status_str.off
    if code and (len(code) != 3 or not code.isdigit() or digits[0] != at[0]):
        LM_ERR("sl_forward_reply: %r is no code of the reply's class", code)
        return -1
    status = m.status
    before = m.add_rm
    memcpy(kept, at, 3)
    if code:
        memcpy(at, digits, 3)
        m.status = int(code)
    if reason:
        m.add_rm = own_lumps(m.arena, before)       # the edit is for this once
        cut = del_lump(m, m.reason.off, m.reason.len, 0)
        if cut == NULL or insert_new_lump_after(m, cut, text, <uint32_t> len(reason), 0) == NULL:
            m.add_rm = before
            return -1
    done = forward_reply(m)
    m.add_rm = before
    memcpy(at, kept, 3)
    m.status = status
    return 1 if done == 0 else -1


def local_totag(msg: SipMsg) -> bytes | None:
    """The To-tag that ``sl_send_reply`` gives this request."""
    cdef char tag[TOTAG_LEN]
    if get_via1(msg.ptr()) == NULL:
        return None
    make_totag(msg.ptr(), tag_base, c'.', tag)
    return tag[:TOTAG_LEN]
