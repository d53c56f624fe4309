"""Where the URIs of Contact stand in a message, for modules that edit them."""

from runtime.native.cstr cimport span_t, str_t
from runtime.native.hdrs cimport contact_iter, contact_t, get_ruri_str, next_contact
from runtime.native.msg cimport HDR_CONTACT, HDR_EOH_F, get_hdr, hdr_field, next_hdr, parse_headers, sip_msg
from runtime.native.sipmsg cimport SipMsg


cdef tuple _trimmed(const char *buf, span_t uri):
    while uri.len and (buf[uri.off] == b' ' or buf[uri.off] == b'\t'):
        uri.off += 1
        uri.len -= 1
    while uri.len and (buf[uri.off + uri.len - 1] == b' ' or buf[uri.off + uri.len - 1] == b'\t'):
        uri.len -= 1
    return uri.off, uri.len


def request_uri(SipMsg msg) -> bytes:
    """The request URI as it is now, a valid one or not; empty in a reply."""
    cdef str_t uri = get_ruri_str(msg.ptr())
    return uri.s[:uri.len] if uri.s is not NULL else b""


def uri_spans(SipMsg msg, bint every):
    """(offset, length) of the URIs in the first Contact header, or in all of them; none in ``*``.
    Those of a header come in reverse, as in Kamailio.

    None: there is no such header. Raises ValueError where one is malformed.
    """
    cdef sip_msg *m = msg.ptr()
    cdef contact_iter it
    cdef contact_t contact
    cdef hdr_field *h
    if not m.headers_done and parse_headers(m, HDR_EOH_F) < 0:
        return None
    h = get_hdr(m, HDR_CONTACT)
    if h is NULL:
        return None
    found = []
    while h is not NULL:
        if h.body_len == 0:
            raise ValueError("Contact is empty")
        if m.buf[h.body_off] != b'*':
            it.hdr = h.index
            it.started = 1
            it.off = h.body_off
            start = len(found)
            while it.off and it.hdr == h.index:
                if next_contact(m, HDR_CONTACT, &it, &contact) < 0:
                    raise ValueError("Contact is malformed")
                found.insert(start, _trimmed(m.buf, contact.addr.uri))
        if not every:
            break
        h = next_hdr(m, h)
    return found
