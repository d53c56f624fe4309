"""The text of a reply that goes back: relayed, or made here in its place (``tm/t_reply.c``)."""

from libc.stdint cimport uint32_t
from libc.string cimport strlen

from runtime.native.build cimport bookmark, build_res, build_res_forward, out_t
from runtime.native.hdrs cimport get_to
from runtime.native.lump cimport LUMP_RPL_HDR, LUMP_RPL_NODUP, add_lump_rpl
from runtime.native.msg cimport HDR_PROXY_AUTHENTICATE, HDR_WWW_AUTHENTICATE, sip_msg
from runtime.native.tm cimport (
    CFG_AGGREGATE_CHALLENGES, CFG_REMAP_503_500, FAKED_REPLY, T_CANCELED, TOTAG_LEN, cfg_get,
    scratch_give, scratch_take, tm_cell, tm_tag_base,
)
from runtime.native.tm_text cimport error_text, make_totag


cdef bint needs_totag(sip_msg *req, int code) noexcept nogil:
    return code >= 180 and get_to(req) != NULL and req.to.tag.len == 0


cdef int _challenges(tm_cell *t, sip_msg *reply) noexcept nogil:
    """How many branches asked for credentials, this reply included."""
    cdef int n = 0
    cdef uint32_t i
    if reply != FAKED_REPLY and (reply.status == 401 or reply.status == 407):
        n = 1
    for i in range(t.nr_of_outgoings):
        if t.uac[i].reply != NULL and t.uac[i].reply != FAKED_REPLY \
                and (t.uac[i].last_received == 401 or t.uac[i].last_received == 407):
            n += 1
    return n


cdef void _add_challenges(sip_msg *req, sip_msg *reply) noexcept nogil:
    cdef uint32_t i
    for i in range(reply.n_hdrs):
        if reply.hdrs[i].type == HDR_WWW_AUTHENTICATE \
                or reply.hdrs[i].type == HDR_PROXY_AUTHENTICATE:
            add_lump_rpl(req, reply.buf + reply.hdrs[i].off, reply.hdrs[i].len,
                         LUMP_RPL_HDR | LUMP_RPL_NODUP)


cdef int _build_own(
    tm_cell *t, int code, const char *reason, bint challenges, int branch, sip_msg *reply,
    bookmark *bm, out_t *out,
) noexcept nogil:
    """A reply made here in place of one that was received or never came."""
    cdef sip_msg *req = scratch_take(t.uas.request)
    cdef char tag[TOTAG_LEN]
    cdef bint own_tag
    cdef sip_msg *other
    cdef uint32_t i
    cdef int done
    if req == NULL:
        return -1
    own_tag = needs_totag(req, code)
    if own_tag:
        make_totag(req, tm_tag_base, c'-', tag)
    if challenges:
        for i in range(t.nr_of_outgoings):
            other = reply if <int> i == branch else t.uac[i].reply
            if other != NULL and other != FAKED_REPLY \
                    and (t.uac[i].last_received == 401 or t.uac[i].last_received == 407):
                _add_challenges(req, other)
    done = build_res(req, code, reason, <int> strlen(reason), tag if own_tag else NULL,
                     TOTAG_LEN if own_tag else 0, bm, out)
    scratch_give()
    return done


cdef int build_relayed(
    tm_cell *t, int relay, int branch, sip_msg *reply, int status, int *code, bint *own,
    bookmark *bm, out_t *out,
) noexcept nogil:
    cdef sip_msg *relayed = reply if branch == relay else t.uac[relay].reply
    cdef sip_msg *copy
    cdef int done
    own[0] = True
    if relayed == NULL or relayed == FAKED_REPLY:
        code[0] = status if branch == relay else t.uac[relay].last_received
        if t.flags & T_CANCELED:
            code[0] = 487
    else:
        code[0] = relayed.status
        if code[0] == 503 and cfg_get(CFG_REMAP_503_500):
            code[0] = 500       # RFC 3261 s. 16.7: a 503 concerns the next hop only
            return _build_own(t, 500, error_text(503), False, branch, reply, bm, out)
    if (code[0] == 401 or code[0] == 407) and cfg_get(CFG_AGGREGATE_CHALLENGES) \
            and _challenges(t, reply) > 1:
        return _build_own(t, code[0], error_text(code[0]), True, branch, reply, bm, out)
    if relayed == NULL or relayed == FAKED_REPLY:
        return _build_own(t, code[0], error_text(code[0]), False, branch, reply, bm, out)
    own[0] = False
    t.uas.response.dst.send_flags |= relayed.rpl_send_flags
    if relayed == reply:
        return build_res_forward(reply, out)
    copy = scratch_take(relayed)
    if copy == NULL:
        return -1
    done = build_res_forward(copy, out)
    scratch_give()
    return done
