"""Which transaction does a message belong to (``tm/t_lookup.c``; RFC 3261 s. 17.1.3, 17.2.3)?"""

from libc.stdint cimport uint32_t, uint64_t
from libc.string cimport memcmp

from runtime.native.cstr cimport span_t, str_eq, str_t
from runtime.native.hdrs cimport get_cseq, get_from, get_to, get_via1
from runtime.native.msg cimport (
    HDR_CALLID, HDR_CSEQ, HDR_EOH_F, HDR_FROM, HDR_TO, METHOD_ACK, METHOD_CANCEL, METHOD_INVITE,
    NO_HDR, SIP_REQUEST, hdr_field, parse_headers, sip_msg, via_body,
)
from runtime.native.tm cimport (
    CFG_AGGREGATE_CHALLENGES, CFG_CALLID_CSEQ_MATCHING, CFG_CALLID_MATCHING, CFG_RURI_MATCHING,
    CFG_VIA1_MATCHING, MCOOKIE_LEN, MD5_LEN, REQ_EXIST, TABLE_ENTRIES, T_BR_UNDEFINED, cfg_get, ctx,
    hold_unsafe, init_t, is_invite, is_local, lock_hash, owner_died, put_on_wait, set_ctx, set_t,
    t_known, tm_cell, tm_hash, tm_table, totag_elem, unlink_cell, unlock_hash,
)
from runtime.native.tm_hooks cimport (
    TMCB_E2EACK_IN, TMCB_E2EACK_RETR_IN, TMCB_LOCAL_RESPONSE_IN, TMCB_RESPONSE_IN, has_cb, run_cbs,
)
from runtime.native.tm_text cimport L_ERR, hdr_value, tm_log

cdef tm_cell *e2e_ack = NULL
cdef uint32_t responses_seen = 0        # msg.id whose RESPONSE_IN callbacks ran

cdef uint64_t QUADRUPLE = (1 << HDR_FROM) | (1 << HDR_TO) | (1 << HDR_CALLID) | (1 << HDR_CSEQ)


cdef inline bint _eq(sip_msg *a, span_t x, sip_msg *b, span_t y) noexcept nogil:
    return x.len == y.len and memcmp(a.buf + x.off, b.buf + y.off, x.len) == 0


cdef inline bint _eq_hdr(sip_msg *a, sip_msg *b, int type) noexcept nogil:
    cdef hdr_field *x
    cdef hdr_field *y
    if a.first[type] == NO_HDR or b.first[type] == NO_HDR:
        return False
    x = &a.hdrs[a.first[type]]
    y = &b.hdrs[b.first[type]]
    return x.body_len == y.body_len \
        and memcmp(a.buf + x.body_off, b.buf + y.body_off, x.body_len) == 0


cdef bint check_transaction_quadruple(sip_msg *msg) noexcept nogil:
    if parse_headers(msg, QUADRUPLE) != 0:
        return False
    get_from(msg)                               # its tag, if it has one
    return msg.first[HDR_CALLID] != NO_HDR and msg.first[HDR_FROM] != NO_HDR \
        and get_to(msg) != NULL and get_cseq(msg) != NULL and get_via1(msg) != NULL


cdef inline void _set_hash(sip_msg *msg) noexcept nogil:
    cdef str_t callid
    if msg.hash_index >= TABLE_ENTRIES:         # not computed yet
        callid = hdr_value(msg, HDR_CALLID)
        msg.hash_index = tm_hash(
            callid.s, callid.len, msg.buf + msg.cseq.number.off, msg.cseq.number.len
        )


cdef inline bint _has_cookie(sip_msg *msg) noexcept nogil:
    return msg.via1.branch.len > MCOOKIE_LEN \
        and memcmp(msg.buf + msg.via1.branch.off, b"z9hG4bK", MCOOKIE_LEN) == 0


cdef bint _via_matching(sip_msg *t_msg, sip_msg *p_msg) noexcept nogil:
    cdef via_body *a = &t_msg.via1
    cdef via_body *b = &p_msg.via1
    if not _eq(t_msg, a.branch, p_msg, b.branch) or not _eq(t_msg, a.host, p_msg, b.host) \
            or not _eq(t_msg, a.transport, p_msg, b.transport):
        return False
    if a.port == b.port:
        return True
    if a.port != 0 and b.port != 0:
        # Kamailio compares ports only where one of them is missing
        return True
    if a.port == 0 and b.port != 5060 and b.port != 5061:
        return False
    if b.port == 0 and a.port != 5060 and a.port != 5061:
        return False
    if a.port == 5061 or b.port == 5061:
        return a.transport.len == 3 and memcmp(t_msg.buf + a.transport.off, b"TLS", 3) == 0
    return True


cdef bint _partial_dlg_matching(sip_msg *t_msg, sip_msg *p_msg) noexcept nogil:
    return _eq_hdr(t_msg, p_msg, HDR_CALLID) \
        and _eq(t_msg, t_msg.cseq.number, p_msg, p_msg.cseq.number) \
        and _eq(t_msg, t_msg.from_.tag, p_msg, p_msg.from_.tag)


cdef bint _dlg_matching(tm_cell *t, sip_msg *ack) noexcept nogil:
    """Is the To-tag of the ACK the one that we answered with?"""
    return t.uas.totag_len != 0 and str_eq(
        ack.buf + ack.to.tag.off, ack.to.tag.len, t.uas.response.buffer + t.uas.totag_off,
        t.uas.totag_len,
    )


cdef bint _totag_e2e_ack_matching(tm_cell *t, sip_msg *ack) noexcept nogil:
    cdef totag_elem *e = t.fwded_totags
    while e != NULL:
        if str_eq(e.tag, e.len, ack.buf + ack.to.tag.off, ack.to.tag.len):
            return True
        e = e.next
    return False


cdef bint unmatched_totag(tm_cell *t, sip_msg *ack) noexcept nogil:
    cdef totag_elem *e = t.fwded_totags
    cdef bint first
    if get_to(ack) == NULL:
        return True
    while e != NULL:
        if str_eq(e.tag, e.len, ack.buf + ack.to.tag.off, ack.to.tag.len):
            first = e.acked == 0
            e.acked = 1
            return first
        e = e.next
    return True


cdef inline bint _abandoned(tm_cell *t) noexcept nogil:
    """Its worker died before it did anything: the request is processed afresh. Entry locked."""
    if t.owner >= 0 and owner_died(t) and t.uas.status == 0 and t.nr_of_outgoings == 0:
        unlink_cell(t)
        put_on_wait(t)
        return True
    return False


cdef int _matching_3261(sip_msg *msg, tm_cell **out, uint32_t skip, bint *canceled) noexcept nogil:
    """1 found, 2 an ACK of a proxied 2xx, 0 none. Entry locked."""
    cdef tm_cell *t = tm_table.entries[msg.hash_index].first
    cdef tm_cell *next_t
    cdef sip_msg *t_msg
    cdef bint is_ack = msg.method_id == METHOD_ACK
    canceled[0] = False
    while t != NULL:
        next_t = t.next_c
        t_msg = t.uas.request
        if t_msg == NULL or _abandoned(t):
            t = next_t
            continue
        if (is_ack or t_msg.method_id != METHOD_CANCEL) and skip & t_msg.method_id:
            t = next_t
            continue
        if is_ack and t.uas.status < 300:
            if t.relayed_reply_branch == -2:
                if _partial_dlg_matching(t_msg, msg) and _dlg_matching(t, msg):
                    out[0] = t
                    return 1
            elif has_cb(t, TMCB_E2EACK_IN | TMCB_E2EACK_RETR_IN):
                if _partial_dlg_matching(t_msg, msg) and _totag_e2e_ack_matching(t, msg):
                    out[0] = t
                    return 2
            t = next_t
            continue
        if _via_matching(t_msg, msg) and (
            not cfg_get(CFG_CALLID_MATCHING) or _eq_hdr(t_msg, msg, HDR_CALLID)
        ):
            if t_msg.method_id == METHOD_CANCEL and msg.method_id != METHOD_CANCEL and not is_ack:
                canceled[0] = True
            if not skip & t_msg.method_id:
                out[0] = t
                return 1
        t = next_t
    return 0


cdef inline bint _ruri_and_via(sip_msg *a, sip_msg *b) noexcept nogil:
    return (not cfg_get(CFG_RURI_MATCHING) or _eq(a, a.uri, b, b.uri)) \
        and (not cfg_get(CFG_VIA1_MATCHING) or _eq(a, a.via1.whole, b, b.via1.whole))


cdef int _matching_2543(sip_msg *msg, tm_cell **out, bint *canceled) noexcept nogil:
    """Without the magic cookie: by headers. Results as _matching_3261."""
    cdef tm_cell *t = tm_table.entries[msg.hash_index].first
    cdef tm_cell *next_t
    cdef tm_cell *e2e = NULL
    cdef sip_msg *t_msg
    cdef bint is_ack = msg.method_id == METHOD_ACK
    canceled[0] = False
    while t != NULL:
        next_t = t.next_c
        t_msg = t.uas.request
        if t_msg != NULL and not _abandoned(t) and _eq_hdr(t_msg, msg, HDR_CALLID) \
                and _eq(t_msg, t_msg.cseq.number, msg, msg.cseq.number):
            if not is_ack:
                if (t_msg.method_id == msg.method_id or t_msg.method_id == METHOD_CANCEL) \
                        and _eq_hdr(t_msg, msg, HDR_FROM) and _eq_hdr(t_msg, msg, HDR_TO) \
                        and _ruri_and_via(t_msg, msg):
                    if t_msg.method_id == METHOD_CANCEL and msg.method_id != METHOD_CANCEL:
                        canceled[0] = True
                    else:
                        out[0] = t
                        return 1
            elif t_msg.method_id == METHOD_INVITE and _eq(t_msg, t_msg.to.uri, msg, msg.to.uri):
                if t.uas.status < 300:
                    if _eq(t_msg, t_msg.from_.tag, msg, msg.from_.tag):
                        if t.relayed_reply_branch == -2:
                            if _dlg_matching(t, msg):
                                out[0] = t
                                return 1
                        elif has_cb(t, TMCB_E2EACK_IN | TMCB_E2EACK_RETR_IN):
                            if _totag_e2e_ack_matching(t, msg):
                                out[0] = t
                                return 2
                            if e2e == NULL:
                                e2e = t
                elif _eq_hdr(t_msg, msg, HDR_FROM) and _ruri_and_via(t_msg, msg):
                    out[0] = t
                    return 1
        t = next_t
    if e2e != NULL:
        out[0] = e2e
        return 2
    return 0


cdef tm_cell *get_e2e_ack() noexcept nogil:
    return e2e_ack


cdef int t_lookup_request(sip_msg *msg, bint leave_locked, bint *canceled) noexcept nogil:
    global e2e_ack
    cdef tm_cell *t = NULL
    cdef int found
    if not check_transaction_quadruple(msg):
        tm_log(L_ERR, "too few headers")
        set_t(NULL, T_BR_UNDEFINED)
        return LOOKUP_ERROR
    _set_hash(msg)
    lock_hash(msg.hash_index)
    if _has_cookie(msg):
        found = _matching_3261(
            msg, &t, ~METHOD_INVITE if msg.method_id == METHOD_ACK else ~msg.method_id, canceled
        )
    else:
        found = _matching_2543(msg, &t, canceled)
    if found == 1 and hold_unsafe(t):
        set_t(t, T_BR_UNDEFINED)
        ctx.kr |= REQ_EXIST
        unlock_hash(msg.hash_index)
        return LOOKUP_FOUND
    set_t(NULL, T_BR_UNDEFINED)
    e2e_ack = t if found == 2 else NULL
    if not leave_locked:
        unlock_hash(msg.hash_index)
    return LOOKUP_E2E_ACK if found == 2 else LOOKUP_NOT_FOUND


cdef tm_cell *t_lookup_original(sip_msg *msg) noexcept nogil:
    cdef tm_cell *t = NULL
    cdef tm_cell *next_t
    cdef sip_msg *t_msg
    cdef bint canceled = False
    if not check_transaction_quadruple(msg):
        tm_log(L_ERR, "too few headers")
        return NULL
    _set_hash(msg)
    lock_hash(msg.hash_index)
    if _has_cookie(msg):
        if _matching_3261(msg, &t, METHOD_CANCEL, &canceled) != 1:
            t = NULL
    else:
        t = tm_table.entries[msg.hash_index].first
        while t != NULL:
            next_t = t.next_c
            t_msg = t.uas.request
            if t_msg != NULL and t_msg.method_id != METHOD_CANCEL and not _abandoned(t) \
                    and _eq_hdr(t_msg, msg, HDR_CALLID) \
                    and _eq(t_msg, t_msg.cseq.number, msg, msg.cseq.number) \
                    and _eq_hdr(t_msg, msg, HDR_FROM) and _eq(t_msg, t_msg.to.uri, msg, msg.to.uri) \
                    and _ruri_and_via(t_msg, msg):
                break
            t = next_t
    if t != NULL and not hold_unsafe(t):
        t = NULL
    unlock_hash(msg.hash_index)
    return t


cdef tm_cell *t_lookup_ident(uint32_t hash_index, uint32_t label) noexcept nogil:
    cdef tm_cell *t
    if hash_index >= TABLE_ENTRIES:
        return NULL
    lock_hash(hash_index)
    t = tm_table.entries[hash_index].first
    while t != NULL and t.label != label:
        t = t.next_c
    if t != NULL and not hold_unsafe(t):
        t = NULL
    unlock_hash(hash_index)
    return t


cdef tm_cell *t_lookup_callid(
    const char *callid, int clen, const char *cseq, int slen
) noexcept nogil:
    cdef uint32_t i = tm_hash(callid, clen, cseq, slen)
    cdef tm_cell *t
    lock_hash(i)
    t = tm_table.entries[i].first
    while t != NULL:
        if str_eq(t.callid.s, t.callid.len, callid, clen) \
                and memcmp(t.callid.s - 9, b"Call-ID: ", 9) == 0 \
                and str_eq(t.cseq_n.s, t.cseq_n.len, cseq, slen):
            break
        t = t.next_c
    if t != NULL and not hold_unsafe(t):
        t = NULL
    unlock_hash(i)
    return t


cdef int _reverse_hex(const char *s, int len, uint32_t *out) noexcept nogil:
    cdef uint32_t v = 0
    cdef int i
    cdef char c
    if len <= 0 or len > 8:
        return -1
    for i in range(len - 1, -1, -1):
        c = s[i]
        v <<= 4
        if c'0' <= c <= c'9':
            v += c - c'0'
        elif c'a' <= c <= c'f':
            v += c - c'a' + 10
        elif c'A' <= c <= c'F':
            v += c - c'A' + 10
        else:
            return -1
    out[0] = v
    return 0


cdef bint _reply_fits(tm_cell *t, sip_msg *msg, const char *loop, uint32_t branch) noexcept nogil:
    cdef span_t method = msg.cseq.method
    cdef const char *name = msg.buf + method.off
    cdef str_t callid
    if cfg_get(CFG_CALLID_CSEQ_MATCHING):
        callid = hdr_value(msg, HDR_CALLID)
        if not str_eq(t.callid.s, t.callid.len, callid.s, callid.len) \
                or not str_eq(t.cseq_n.s, t.cseq_n.len, msg.buf + msg.cseq.number.off,
                              msg.cseq.number.len):
            return False
    elif memcmp(t.md5, loop, MD5_LEN) != 0:
        return False
    if branch >= t.nr_of_outgoings:
        return False
    if not str_eq(name, method.len, t.method.s, t.method.len) and not (
        msg.cseq.method_id == METHOD_CANCEL and is_invite(t)
        and t.uac[branch].local_cancel.buffer_len
    ):
        return False
    if cfg_get(CFG_CALLID_MATCHING):
        callid = hdr_value(msg, HDR_CALLID)
        return str_eq(t.callid.s, t.callid.len, callid.s, callid.len)
    return True


cdef int _t_reply_matching(sip_msg *msg, int *out_branch) noexcept nogil:
    """By our branch parameter: cookie, entry, characteristic value, branch number."""
    global responses_seen
    cdef const char *p
    cdef const char *end
    cdef const char *loop
    cdef uint32_t index = 0, branch = 0
    cdef int n = 0
    cdef tm_cell *t
    if not _has_cookie(msg):
        set_t(NULL, T_BR_UNDEFINED)
        return LOOKUP_NOT_FOUND
    p = msg.buf + msg.via1.branch.off + MCOOKIE_LEN
    end = msg.buf + msg.via1.branch.off + msg.via1.branch.len
    set_t(NULL, T_BR_UNDEFINED)
    while p + n < end and p[n] != c'.':
        n += 1
    if p + n >= end or _reverse_hex(p, n, &index) < 0 or index >= TABLE_ENTRIES:
        return LOOKUP_NOT_FOUND
    loop = p + n + 1
    if end - loop < MD5_LEN + 2 or loop[MD5_LEN] != c'.':
        return LOOKUP_NOT_FOUND
    p = loop + MD5_LEN + 1
    if _reverse_hex(p, <int> (end - p), &branch) < 0 or branch >= 32:
        return LOOKUP_NOT_FOUND
    lock_hash(index)
    t = tm_table.entries[index].first
    while t != NULL and not _reply_fits(t, msg, loop, branch):
        t = t.next_c
    if t == NULL or not hold_unsafe(t):
        unlock_hash(index)
        return LOOKUP_NOT_FOUND
    set_t(t, branch)
    out_branch[0] = branch
    unlock_hash(index)
    if responses_seen != msg.id:
        responses_seen = msg.id
        if has_cb(t, TMCB_RESPONSE_IN | TMCB_LOCAL_RESPONSE_IN):
            run_cbs(
                t, TMCB_LOCAL_RESPONSE_IN if is_local(t) else TMCB_RESPONSE_IN, t.uas.request, msg,
                msg.status, 0,
            )
    return LOOKUP_FOUND


cdef int t_check_msg(sip_msg *msg, int *branch) noexcept nogil:
    cdef bint canceled = False
    cdef int local = T_BR_UNDEFINED
    cdef int code
    if t_known(msg):
        if branch != NULL:
            branch[0] = ctx.branch
        return LOOKUP_FOUND if ctx.t != NULL else LOOKUP_NOT_FOUND
    init_t(msg)
    if msg.type == SIP_REQUEST:
        if parse_headers(msg, HDR_EOH_F) != 0:
            tm_log(L_ERR, "parsing error")
            return LOOKUP_ERROR
        return t_lookup_request(msg, False, &canceled)
    if cfg_get(CFG_AGGREGATE_CHALLENGES) and (msg.status == 401 or msg.status == 407):
        parse_headers(msg, HDR_EOH_F)   # what can be read of it will do
    if get_via1(msg) == NULL or get_cseq(msg) == NULL or hdr_value(msg, HDR_CALLID).s == NULL:
        tm_log(L_ERR, "reply doesn't have a via, cseq or call-id header")
        return LOOKUP_ERROR
    if msg.cseq.method_id == METHOD_INVITE and get_to(msg) == NULL:
        tm_log(L_ERR, "INVITE reply cannot be parsed")
        return LOOKUP_ERROR
    code = _t_reply_matching(msg, &local)
    if branch != NULL:
        branch[0] = local
    return code


cdef int t_check(sip_msg *msg, int *branch) noexcept nogil:
    cdef int code = t_check_msg(msg, branch)
    if code == LOOKUP_FOUND:
        return 1
    return -1 if code == LOOKUP_ERROR else 0
