# HTTP requests on the SIP port: how they end (RFC 9112), for the TCP readers.
from libc.stdint cimport int64_t, uint32_t

cdef enum:
    HTTP_NO = 0             # no HTTP request
    HTTP_PLAIN = 1          # as SIP: Content-Length, or no body
    HTTP_CHUNKED = 2

# What the message of n octets is; sets *head to the octets of its headers and *expects where the
# client waits for "100 Continue". Its Via, which is no SIP Via, becomes "Hia".
cdef int http_kind(char *s, uint32_t n, uint32_t *head, bint *expects) noexcept nogil
# A chunked body at `s`: octets read, with the chunks joined at its start and their sum in *size;
# 0: more to come, -1: broken. Changes `s` only when the body is complete.
cdef int64_t http_chunks(char *s, uint32_t n, uint32_t *size) noexcept nogil
