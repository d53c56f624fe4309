"""Digest credentials of a request, for the auth modules (RFC 2617, RFC 8760)."""

from runtime.native.cstr cimport span_t, str_caseeq
from runtime.native.hdrs cimport dig_cred, parse_digest
from runtime.native.msg cimport (
    HDR_AUTHORIZATION,
    HDR_PROXYAUTH,
    get_hdr,
    hdr_field,
    next_hdr,
    sip_msg,
)
from runtime.native.sipmsg cimport SipMsg


cdef bytes _text(sip_msg *m, span_t s):
    if s.off == 0:
        return None
    return m.buf[s.off:s.off + s.len]


cdef class Credentials:
    """One Digest Authorization or Proxy-Authorization value; absent parameters are None."""

    cdef readonly int header
    cdef readonly bytes username, realm, nonce, uri, response, algorithm, cnonce, opaque, qop, nc

    def __init__(self):
        raise TypeError("made by find_credentials")


def find_credentials(SipMsg msg, bytes realm, bint proxy):
    """The credentials of `realm` (without regard to case), or None.

    `proxy` chooses Proxy-Authorization over Authorization. Raises ValueError where a header
    before the wanted one cannot be parsed (``find_credentials``, parser/digest/digest.c).
    """
    cdef sip_msg *m = msg.ptr()
    cdef dig_cred cred
    cdef int result
    cdef Credentials found
    cdef hdr_field *h = get_hdr(m, HDR_PROXYAUTH if proxy else HDR_AUTHORIZATION)
    while h is not NULL:
        result = parse_digest(m, h, &cred)
        if result < 0:
            raise ValueError("malformed digest credentials")
        if result == 0 and str_caseeq(
            m.buf + cred.realm.off, cred.realm.len, realm, <int>len(realm)
        ):
            found = Credentials.__new__(Credentials)
            found.header = <int>(h - m.hdrs)
            found.username = _text(m, cred.username)
            found.realm = _text(m, cred.realm)
            found.nonce = _text(m, cred.nonce)
            found.uri = _text(m, cred.uri)
            found.response = _text(m, cred.response)
            found.algorithm = _text(m, cred.algorithm)
            found.cnonce = _text(m, cred.cnonce)
            found.opaque = _text(m, cred.opaque)
            found.qop = _text(m, cred.qop)
            found.nc = _text(m, cred.nc)
            return found
        h = next_hdr(m, h)
    return None
