"""lookup() of the registrar: from the location table to the request URI and its branches.

Behaviour: ``lookup.c`` of Kamailio's registrar module.
"""

from libc.stdint cimport int64_t, uint32_t
from libc.string cimport memcpy
from posix.time cimport CLOCK_REALTIME, clock_gettime, timespec
from runtime.native.cfgvar cimport cfg_slot
from runtime.native.cstr cimport str_eq, str_t
from runtime.native.dset cimport append_branch, rewrite_uri
from runtime.native.hdrs cimport get_ruri_str, get_to
from runtime.native.location cimport (
    Domain,
    aor_hash,
    contact_row,
    get_urecord,
    lock_bucket,
    ubucket,
    ucontact,
    unlock_bucket,
    urecord,
    valid_contact,
)
from runtime.native.msg cimport arena_str, branch_t, set_dst_uri, set_path_vec, sip_msg
from runtime.native.net cimport check_self, get_socket
from runtime.native.registrar_aor cimport AOR_SIZE, aor_config, extract_aor
from runtime.native.sipmsg cimport SipMsg
from runtime.native.uri cimport parse_uri, sip_uri

cdef enum:
    FOUND = 1
    NOT_FOUND = -1
    NOT_ALLOWED = -2
    FAILED = -3


cdef inline str_t bare(str_t s) noexcept nogil:
    if s.len > 2 and s.s[0] == b'<' and s.s[s.len - 1] == b'>':
        s.s += 1
        s.len -= 2
    return s


cdef int first_hop(str_t path, str_t *uri) noexcept nogil:
    """The URI between the first < and >; 0, -1."""
    cdef int start = 0, end
    while start < path.len and path.s[start] != b'<':
        start += 1
    end = start
    while end < path.len and path.s[end] != b'>':
        end += 1
    if end >= path.len:
        return -1
    uri.s = path.s + start + 1
    uri.len = end - start - 1
    return 0


cdef class Lookup:
    """The parameters of lookup()."""

    cdef aor_config aor
    cdef int h_append, h_expired
    cdef public bint method_filtering
    cdef public bint path_check_local

    def __init__(self, *, handles, bytes realm_prefix not None, bint use_domain, int case_sensitive):
        """`handles` are those of the cfg variables append_branches and use_expired_contacts."""
        self.h_append, self.h_expired = handles
        self.aor.use_domain = use_domain
        self.aor.case_sensitive = case_sensitive
        if len(realm_prefix) >= sizeof(self.aor.prefix):
            raise ValueError("realm_prefix is too long")
        self.aor.prefix_len = <int>len(realm_prefix)
        memcpy(self.aor.prefix, <char *>realm_prefix, len(realm_prefix))

    cdef bint usable(self, ucontact *c, int64_t now) noexcept nogil:
        return valid_contact(c, now) or cfg_slot(self.h_expired)[0] != 0

    cdef bint allowed(self, sip_msg *m, ucontact *c) noexcept nogil:
        if not self.method_filtering or m.method_id & c.i.methods:
            return True
        return get_to(m) is not NULL and get_to(m).tag.len != 0

    def lookup(self, SipMsg msg not None, Domain domain not None, bytes uri):
        """Put the contacts of the AOR of `uri` (the request URI's, with None) into the destination
        set: 1, -1 none, -2 none for this method, -3 no AOR in the URI."""
        cdef sip_msg *m = msg.ptr()
        cdef str_t wanted
        cdef char aor[AOR_SIZE]
        cdef sip_uri parsed
        cdef int n, result
        cdef uint32_t hash
        cdef str_t instance, ruid
        cdef ubucket *b
        cdef urecord *r
        if uri is None:
            wanted = get_ruri_str(m)
        else:
            wanted.s = <char *>uri
            wanted.len = <int>len(uri)
        n = extract_aor(wanted.s, wanted.len, &self.aor, aor, &parsed)
        if n < 0:
            return FAILED
        instance.len = ruid.len = 0
        instance.s = ruid.s = NULL
        hash = aor_hash(aor, n)
        if parsed.gr.s is not NULL:
            if parsed.gr_val.len:
                instance = parsed.gr_val
            elif not temporary(&parsed, &hash, &ruid):
                return FAILED
        b = lock_bucket(domain.d, hash)
        r = find_ruid(b, ruid) if ruid.len else get_urecord(b, hash, aor, n)
        result = NOT_FOUND if r is NULL else self.take(m, r, bare(instance), ruid)
        unlock_bucket(b)
        return result

    cdef int take(self, sip_msg *m, urecord *r, str_t instance, str_t ruid) noexcept nogil:
        cdef timespec clock
        cdef int64_t now
        cdef ucontact *c = r.contacts
        cdef int result = NOT_FOUND
        cdef str_t known
        clock_gettime(CLOCK_REALTIME, &clock)
        now = clock.tv_sec
        while c is not NULL:
            if ruid.len and not str_eq(c.i.ruid.s, c.i.ruid.len, ruid.s, ruid.len):
                c = c.next
                continue
            if self.usable(c, now):
                if not self.allowed(m, c):
                    result = NOT_ALLOWED
                elif instance.len == 0:
                    break
                else:
                    known = bare(c.i.instance)
                    if str_eq(known.s, known.len, instance.s, instance.len):
                        break
            c = c.next
        if c is NULL:
            return result
        if self.to_ruri(m, c) < 0:
            return FAILED
        if instance.len or ruid.len or not cfg_slot(self.h_append)[0]:
            return FOUND
        c = c.next
        while c is not NULL:
            if self.usable(c, now) and self.allowed(m, c):
                self.to_branch(m, c)
            c = c.next
        return FOUND

    cdef int path_of(self, ucontact *c, str_t *path, str_t *hop) noexcept nogil:
        """The Path to put on the request, and the URI of its first hop that is not this server."""
        cdef sip_uri parsed
        path[0] = c.i.path
        hop.s = NULL
        hop.len = 0
        if path.len == 0:
            return 0
        if first_hop(path[0], hop) < 0:
            return -1
        if self.path_check_local:
            if parse_uri(hop.s, hop.len, &parsed) < 0:
                return -1
            if check_self(parsed.host.s, parsed.host.len, 0, 0):
                if path.len > hop.len + 3:
                    path.s += hop.len + 3
                    path.len -= hop.len + 3
                    return first_hop(path[0], hop)
                hop.s = NULL
                hop.len = 0
        return 0

    cdef int to_ruri(self, sip_msg *m, ucontact *c) noexcept nogil:
        cdef str_t path, hop
        if rewrite_uri(m, c.i.c.s, c.i.c.len) < 0:
            return -1
        set_dst_uri(m, NULL, 0)
        if self.path_of(c, &path, &hop) < 0:
            return -1
        if hop.len:
            if set_path_vec(m, path.s, path.len) < 0 or set_dst_uri(m, hop.s, hop.len) < 0:
                return -1
        elif c.i.received.len and set_dst_uri(m, c.i.received.s, c.i.received.len) < 0:
            return -1
        if c.i.instance.len and arena_str(m.arena, c.i.instance.s, c.i.instance.len, &m.instance) < 0:
            return -1
        m.reg_id = c.i.reg_id
        m.otcpid = <uint32_t>c.i.tcpconn_id
        if arena_str(m.arena, c.i.ruid.s, c.i.ruid.len, &m.ruid) < 0:
            return -1
        if arena_str(m.arena, c.i.user_agent.s, c.i.user_agent.len, &m.location_ua) < 0:
            return -1
        m.q = c.i.q
        m.bflags |= c.i.cflags
        if c.i.sock >= 0:
            m.force_send_socket = get_socket(c.i.sock)
        return 0

    cdef void to_branch(self, sip_msg *m, ucontact *c) noexcept nogil:
        cdef str_t path, hop
        cdef branch_t *branch
        if self.path_of(c, &path, &hop) < 0:
            return
        branch = append_branch(m, c.i.c.s, c.i.c.len)
        if branch is NULL:
            return
        if hop.len:
            arena_str(m.arena, hop.s, hop.len, &branch.dst_uri)
            arena_str(m.arena, path.s, path.len, &branch.path)
        elif c.i.received.len:
            arena_str(m.arena, c.i.received.s, c.i.received.len, &branch.dst_uri)
        else:
            branch.dst_uri.s = NULL
            branch.dst_uri.len = 0
        if c.i.instance.len:
            arena_str(m.arena, c.i.instance.s, c.i.instance.len, &branch.instance)
            branch.reg_id = c.i.reg_id
        arena_str(m.arena, c.i.ruid.s, c.i.ruid.len, &branch.ruid)
        arena_str(m.arena, c.i.user_agent.s, c.i.user_agent.len, &branch.location_ua)
        branch.q = c.i.q
        branch.flags = c.i.cflags
        branch.force_send_socket = get_socket(c.i.sock) if c.i.sock >= 0 else NULL
        branch.otcpid = <uint32_t>c.i.tcpconn_id

    def contacts(self, SipMsg msg not None, Domain domain not None, bytes uri):
        """The valid Contacts of an AOR, None where the URI has none."""
        cdef sip_msg *m = msg.ptr()
        cdef str_t wanted
        cdef char aor[AOR_SIZE]
        cdef sip_uri parsed
        cdef timespec clock
        cdef ubucket *b
        cdef urecord *r
        cdef ucontact *c
        cdef int n
        if uri is None:
            wanted = get_ruri_str(m)
        else:
            wanted.s = <char *>uri
            wanted.len = <int>len(uri)
        n = extract_aor(wanted.s, wanted.len, &self.aor, aor, &parsed)
        if n < 0:
            return None
        clock_gettime(CLOCK_REALTIME, &clock)
        b = lock_bucket(domain.d, aor_hash(aor, n))
        r = get_urecord(b, aor_hash(aor, n), aor, n)
        c = NULL if r is NULL else r.contacts
        rows = []
        while c is not NULL:
            if valid_contact(c, clock.tv_sec):
                rows.append(contact_row(r, c))
            c = c.next
        unlock_bucket(b)
        return rows


cdef bint temporary(sip_uri *parsed, uint32_t *hash, str_t *ruid) noexcept nogil:
    """Hash of the AOR and ruid out of ``ruid-hash@host;gr``: lowest digit of the hash first."""
    cdef int i = parsed.user.len - 1
    cdef uint32_t value = 0
    cdef char c
    while i >= 0 and parsed.user.s[i] != b'-':
        c = parsed.user.s[i]
        value <<= 4
        if 48 <= c <= 57:
            value += c - 48
        elif 97 <= c <= 102:
            value += c - 87
        elif 65 <= c <= 70:
            value += c - 55
        else:
            return False
        i -= 1
    if i < 0:
        return False
    hash[0] = value
    ruid.s = parsed.user.s
    ruid.len = i
    return True


cdef urecord *find_ruid(ubucket *b, str_t ruid) noexcept nogil:
    cdef urecord *r = b.first
    cdef ucontact *c
    while r is not NULL:
        c = r.contacts
        while c is not NULL:
            if str_eq(c.i.ruid.s, c.i.ruid.len, ruid.s, ruid.len):
                return r
            c = c.next
        r = r.next
    return NULL
