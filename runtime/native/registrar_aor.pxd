# The address of record of a URI (registrar: common.c, extract_aor).
from runtime.native.uri cimport sip_uri

cdef enum:
    AOR_SIZE = 256

cdef struct aor_config:
    bint use_domain
    bint case_sensitive
    int prefix_len          # realm_prefix
    char prefix[64]

# Length of the AOR in out (AOR_SIZE octets); minus a registrar error number where there is none.
cdef int extract_aor(const char *uri, int len, const aor_config *config, char *out, sip_uri *parsed) noexcept nogil
cdef int unescape(const char *s, int len, char *out) noexcept nogil    # length without %-escapes; -1
