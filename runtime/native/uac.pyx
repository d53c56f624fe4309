"""New URIs and names in From and To, and the old ones back in replies (``uac/replace.c``)."""

from libc.stdint cimport uint32_t

from runtime.native.hdrs cimport get_from, get_to
from runtime.native.lump cimport anchor_lump, del_lump, insert_new_lump_after, lump
from runtime.native.msg cimport (
    FL_UAC_REPLIES, FL_USE_UAC_FROM, FL_USE_UAC_TO, HDR_FROM, HDR_TO, hdr_field, sip_msg, to_body,
)
from runtime.native.sipmsg cimport SipMsg
from runtime.native.tm cimport FAKED_REPLY, ctx, tm_cell
from runtime.native.tm_hooks cimport (
    TMCB_REQUEST_IN, TMCB_RESPONSE_IN, dressed, tmcb_add, tmcb_params, tmcb_register,
)

from runtime.server.log import LM_ERR

cdef int callback = -1
cdef object stored_hook = None      # (reply, is_to) -> bytes | None: what the AVP keeps


cdef inline uint32_t _flag(bint to) noexcept nogil:
    return FL_USE_UAC_TO if to else FL_USE_UAC_FROM


cdef inline to_body *_body(sip_msg *m, bint to) noexcept nogil:
    return get_to(m) if to else get_from(m)


cdef uint32_t _end(sip_msg *m, to_body *b) noexcept nogil:
    """Past the URI, and past the '>' that follows it."""
    cdef uint32_t end = b.uri.off + b.uri.len, p = end
    while p < m.len and (m.buf[p] == c' ' or c'\t' <= m.buf[p] <= c'\r'):
        p += 1
    return p + 1 if p < m.len and m.buf[p] == c'>' else end


def is_replaced(msg: SipMsg, to: bool) -> bool:
    """Was From (or To) changed in this message?"""
    return (msg.ptr().msg_flags & _flag(to)) != 0


def uri_of(msg: SipMsg, to: bool) -> bytes | None:
    """The URI in From or To, None where there is no such header."""
    cdef sip_msg *m = msg.ptr()
    cdef to_body *b = _body(m, to)
    return None if b == NULL else m.buf[b.uri.off:b.uri.off + b.uri.len]


def stored_text(msg: SipMsg, to: bool) -> bytes:
    """From or To as far as its URI: what is put back into a reply."""
    cdef sip_msg *m = msg.ptr()
    cdef to_body *b = _body(m, to)
    return b"" if b == NULL else m.buf[b.body.off:_end(m, b)]


def set_display(msg: SipMsg, to: bool, display: bytes) -> bool:
    """Give From or To another display name, or none."""
    cdef sip_msg *m = msg.ptr()
    cdef to_body *b = _body(m, to)
    cdef hdr_field *h
    cdef lump *at = NULL
    cdef uint32_t p, start
    if b == NULL:
        return False
    h = &m.hdrs[m.first[HDR_TO if to else HDR_FROM]]
    if b.display.len:
        at = del_lump(m, b.display.off, b.display.len, 0)
        if at == NULL:
            return False
    if not display:
        return True
    if at == NULL:
        start = h.off + h.name_len
        p = b.uri.off
        while p > start and m.buf[p - 1] != c'<':
            p -= 1
        if p > start:
            at = anchor_lump(m, p - 1, 0)
            display += b" "
        else:
            at = anchor_lump(m, b.uri.off + b.uri.len, 0)
            if at == NULL or insert_new_lump_after(m, at, b">", 1, 0) == NULL:
                return False
            at = anchor_lump(m, b.uri.off, 0)
            display += b" <"
    return at != NULL and insert_new_lump_after(m, at, display, <uint32_t> len(display), 0) != NULL


def set_uri(msg: SipMsg, to: bool, uri: bytes) -> bool:
    """Give From or To another URI."""
    cdef sip_msg *m = msg.ptr()
    cdef to_body *b = _body(m, to)
    cdef lump *at
    if b == NULL:
        return False
    at = del_lump(m, b.uri.off, b.uri.len, 0)
    return at != NULL and insert_new_lump_after(m, at, uri, <uint32_t> len(uri), 0) != NULL


def mark(msg: SipMsg, to: bool, transaction: bool) -> None:
    """Note that From or To was changed, in the message and (``transaction``) its transaction."""
    msg.ptr().msg_flags |= _flag(to)
    if transaction and ctx.t != NULL and ctx.t.uas.request != NULL:
        ctx.t.uas.request.msg_flags |= _flag(to)


def restore_replies(msg: SipMsg) -> bool:
    """Put the header back in the replies of this request's transaction, now or when it is made."""
    msg.ptr().msg_flags |= FL_UAC_REPLIES
    return ctx.t == NULL or tmcb_add(ctx.t, TMCB_RESPONSE_IN, callback, 0)


cdef object _stored(sip_msg *rpl, tm_cell *t, bint to):
    cdef SipMsg msg = dressed(rpl, t, 0)
    try:
        return stored_hook(msg, to)
    finally:
        msg.invalidate()


cdef void _put_stored(sip_msg *rpl, tm_cell *t, bint to, lump *at, bint *done) noexcept with gil:
    cdef bytes text
    try:
        text = _stored(rpl, t, to)
        if text:
            done[0] = insert_new_lump_after(rpl, at, text, <uint32_t> len(text), 0) != NULL
    except Exception as error:
        LM_ERR("uac: what was stored of %s: %r", "To" if to else "From", error)


cdef void _restore(sip_msg *req, sip_msg *rpl, tm_cell *t, bint to) noexcept nogil:
    cdef to_body *was = _body(req, to)
    cdef to_body *now = _body(rpl, to)
    cdef lump *at
    cdef bint done = False
    if was == NULL or now == NULL:
        return
    at = del_lump(rpl, now.body.off, _end(rpl, now) - now.body.off, 0)
    if at == NULL:
        return
    if stored_hook is not None:
        _put_stored(rpl, t, to, at, &done)
    if not done:
        insert_new_lump_after(
            rpl, at, req.buf + was.body.off, _end(req, was) - was.body.off, 0
        )


cdef void _event(tm_cell *t, uint32_t type, tmcb_params *ps) noexcept nogil:
    cdef sip_msg *req = t.uas.request
    if type == TMCB_REQUEST_IN:
        if ps.req != NULL and ps.req.msg_flags & FL_UAC_REPLIES:
            tmcb_add(t, TMCB_RESPONSE_IN, callback, 0)
        return
    if req == NULL or ps.rpl == NULL or ps.rpl == FAKED_REPLY:
        return
    if req.msg_flags & FL_USE_UAC_FROM:
        _restore(req, ps.rpl, t, False)
    if req.msg_flags & FL_USE_UAC_TO:
        _restore(req, ps.rpl, t, True)


def init(stored: object) -> None:
    """Hear of transactions, before the fork. ``stored(reply, to)`` reads what an AVP keeps of the
    header; None: no AVP does."""
    global callback, stored_hook
    stored_hook = stored
    callback = tmcb_register(_event, TMCB_REQUEST_IN)
    if callback < 0:
        raise RuntimeError("too many callbacks of transactions")
