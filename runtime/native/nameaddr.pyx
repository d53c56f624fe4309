"""Address headers by text: what the transformations ``tobody`` and ``nameaddr`` show."""

from runtime.native.cstr cimport span_t
from runtime.native.hdrs cimport to_body
from runtime.native.scan cimport nameaddr_scan
from runtime.native.uri cimport parse_uri, sip_uri


cdef class Address:
    """A name-addr or addr-spec with its parameters; absent parts are empty."""

    cdef readonly bytes uri, display, tag, params, user, host


cdef bytes _part(const char *text, span_t s):
    return text[s.off:s.off + s.len] if s.off else b""


def parse(bytes text):
    """Parse the value of a To-like header, with a valid URI in it; None where it is broken."""
    cdef to_body body
    cdef sip_uri uri
    cdef bytes padded = b" " + text        # offset 0 means "absent" in a span
    cdef Address found
    cdef int more
    if nameaddr_scan(padded, 1, <unsigned int>len(padded), False, &body, &more) == 0:
        return None
    if parse_uri(<const char *>padded + body.uri.off, <int>body.uri.len, &uri) < 0:
        return None
    found = Address.__new__(Address)
    found.uri = _part(padded, body.uri)
    found.display = _part(padded, body.display)
    found.tag = _part(padded, body.tag)
    found.params = _part(padded, body.params)
    found.user = uri.user.s[:uri.user.len] if uri.user.s is not NULL else b""
    found.host = uri.host.s[:uri.host.len] if uri.host.s is not NULL else b""
    return found
