"""Path headers (RFC 3327) whose address is that of the socket that sends (path.c)."""

from runtime.native.lump cimport (
    SUBST_RCV_ALL,
    SUBST_RCV_ALL_EX,
    SUBST_SND_ALL,
    SUBST_SND_ALL_EX,
    anchor_lump,
    insert_new_lump_before,
    insert_subst_lump_before,
    lump,
)
from runtime.native.msg cimport HDR_EOH_F, HDR_PATH, get_hdr, hdr_field, parse_headers, sip_msg
from runtime.native.sipmsg cimport SipMsg


cdef lump *put(sip_msg *m, lump *at, bytes text) noexcept:
    return NULL if at is NULL else insert_new_lump_before(m, at, text, <int>len(text), 0)


def prepend(SipMsg msg, bytes prefix, bytes suffix, *, bint sockname, bint double) -> bool:
    """Queue ``prefix``, the socket's address and ``suffix`` before the first Path, or last.

    ``double`` adds a second one with the receiving socket's address; ``sockname`` the sockets' names.
    """
    cdef sip_msg *m = msg.ptr()
    cdef hdr_field *h
    cdef lump *at
    if get_hdr(m, HDR_PATH) is NULL and not m.headers_done and parse_headers(m, HDR_EOH_F) < 0:
        return False
    h = get_hdr(m, HDR_PATH)
    at = anchor_lump(m, m.next_off if h is NULL else h.off, 0)
    at = put(m, at, prefix)
    if at is not NULL:
        at = insert_subst_lump_before(m, at, SUBST_SND_ALL_EX if sockname else SUBST_SND_ALL, 0)
    at = put(m, at, suffix)
    if double:
        at = put(m, at, prefix)
        if at is not NULL:
            at = insert_subst_lump_before(m, at, SUBST_RCV_ALL_EX if sockname else SUBST_RCV_ALL, 0)
        at = put(m, at, suffix)
    return at is not NULL
