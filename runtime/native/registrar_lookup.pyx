"""lookup() of the registrar: from the location table to the request URI and its branches.

Behaviour: ``lookup.c`` of Kamailio's registrar module.
"""

from libc.stdint cimport int64_t, uint32_t
from libc.string cimport memcpy, memset
from runtime.native.cfgvar cimport cfg_slot
from runtime.native.cstr cimport str_eq, str_t
from runtime.native.dset cimport append_branch, rewrite_uri
from runtime.native.hdrs cimport get_ruri_str, get_to
from runtime.native.location cimport (
    Domain,
    by_ruid,
    contact_row,
    get_urecord,
    seconds,
    valid_contact,
)
from runtime.native.location_bucket cimport (
    aor_hash,
    lock_bucket,
    ubucket,
    ucontact,
    unlock_bucket,
    urecord,
)
from runtime.native.msg cimport (
    arena_str,
    branch_t,
    set_dst_uri,
    set_path_vec,
    sip_msg,
)
from runtime.native.net cimport check_self, get_socket
from runtime.native.registrar_aor cimport AOR_SIZE, aor_config, extract_aor
from runtime.native.registrar_parse cimport first_hop
from runtime.native.sipmsg cimport SipMsg
from runtime.native.tcpconn cimport CONN_OK, tcp_conn, tcp_entry
from runtime.native.uri cimport parse_uri, sip_uri

cdef enum:
    FOUND = 1
    NOT_FOUND = -1
    NOT_ALLOWED = -2
    FAILED = -3
    FILTER_BFLAGS = 1           # lookup_filter_mode
    FILTER_TCP = 2


cdef inline str_t bare(str_t s) noexcept nogil:
    if s.len > 2 and s.s[0] == b'<' and s.s[s.len - 1] == b'>':
        s.s += 1
        s.len -= 2
    return s


cdef class Lookup:
    """The parameters of lookup()."""

    cdef aor_config aor
    cdef int h_append, h_expired, h_case_sensitive
    cdef public bint method_filtering
    cdef public bint path_check_local
    cdef public int filter_mode
    cdef public uint32_t filter_bflags      # branch flags that a contact needs one of; 0: any will do
    cdef public list reported               # the Contact that went into the r-URI is appended

    def __init__(self, *, handles, bytes realm_prefix not None, bint use_domain):
        """`handles` are those of the cfg variables append_branches, use_expired_contacts,
        case_sensitive."""
        self.h_append, self.h_expired, self.h_case_sensitive = handles
        self.aor.use_domain = use_domain
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

    cdef bint passes(self, ucontact *c) noexcept nogil:
        """lookup_filter_mode"""
        cdef tcp_conn *con
        if self.filter_mode & FILTER_BFLAGS and self.filter_bflags:
            if not self.filter_bflags & c.i.cflags:
                return False
        if self.filter_mode & FILTER_TCP and c.i.tcpconn_id > 0:
            con = tcp_entry(c.i.tcpconn_id)
            return con is not NULL and con.state == CONN_OK
        return True

    def lookup(self, SipMsg msg not None, Domain domain not None, bytes uri, bint rewrite=True):
        """Put the contacts of the AOR of `uri` (the request URI's, with None) into the destination
        set, the first into the request URI with `rewrite`: 1, -1 none, -2 none for this method,
        -3 no AOR in the URI."""
        cdef sip_msg *m = msg.ptr()
        cdef str_t wanted
        if uri is None:
            wanted = get_ruri_str(m)
        else:
            wanted.s = <char *>uri
            wanted.len = <int>len(uri)
        return self.find(m, domain, wanted, rewrite)

    cdef int find(self, sip_msg *m, Domain domain, str_t wanted, bint rewrite) except -4:
        cdef char aor[AOR_SIZE]
        cdef sip_uri parsed
        cdef int n
        cdef uint32_t hash
        cdef str_t instance, ruid
        cdef ubucket *b
        cdef urecord *r
        self.aor.case_sensitive = cfg_slot(self.h_case_sensitive)[0] != 0
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
        try:
            r = find_ruid(b, hash, ruid) if ruid.len else get_urecord(domain, b, hash, aor, n)
            return NOT_FOUND if r is NULL else self.take(m, r, bare(instance), ruid, rewrite)
        finally:
            unlock_bucket(b)

    cdef int take(
        self, sip_msg *m, urecord *r, str_t instance, str_t ruid, bint rewrite
    ) except -4:
        cdef int64_t now = seconds()
        cdef ucontact *c = r.contacts
        cdef int result = NOT_FOUND
        cdef str_t known
        while c is not NULL:
            if ruid.len and not str_eq(c.i.ruid.s, c.i.ruid.len, ruid.s, ruid.len):
                c = c.next
                continue
            if self.usable(c, now):
                if not self.allowed(m, c):
                    result = NOT_ALLOWED
                elif ruid.len:
                    break
                elif instance.len == 0:
                    if self.passes(c):
                        break
                else:
                    known = bare(c.i.instance)
                    if str_eq(known.s, known.len, instance.s, instance.len):
                        break
            c = c.next
        if c is NULL:
            return result
        if rewrite:
            if self.to_ruri(m, c) < 0:
                return FAILED
            if self.reported is not None:
                self.reported.append(contact_row(r, c))
            c = c.next
        if instance.len or ruid.len or not cfg_slot(self.h_append)[0]:
            return FOUND
        while c is not NULL:
            if self.usable(c, now) and self.allowed(m, c) and self.passes(c):
                self.to_branch(m, c)
            c = c.next
        return FOUND

    def lookup_branches(self, SipMsg msg not None, Domain domain not None):
        """Look up the request URI, and each branch that has a URI and nothing else."""
        cdef sip_msg *m = msg.ptr()
        cdef int before = m.n_branches, i, result
        cdef bint found
        cdef branch_t kept
        cdef branch_t *branch
        result = self.find(m, domain, get_ruri_str(m), True)
        if before == 0:
            return result
        found = result > 0
        keep_ruri(m, &kept)
        for i in range(before):
            branch = &m.branches[i]
            if branch.uri.len <= 0 or branch.dst_uri.len or branch.path.len:
                continue
            if branch.force_send_socket is not NULL or branch.flags:
                continue
            forget_ruri(m)
            result = self.find(m, domain, branch.uri, True)
            if result > 0:
                found = True
                branch.uri = m.new_uri
                branch.dst_uri = m.dst_uri
                branch.path = m.path_vec
                branch.q = m.q
                branch.force_send_socket = m.force_send_socket
                branch.flags = m.bflags
        restore_ruri(m, &kept)
        return 1 if found else result

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


# ---- the request URI's own branch

cdef void keep_ruri(sip_msg *m, branch_t *to) noexcept nogil:
    to.uri = m.new_uri
    to.dst_uri = m.dst_uri
    to.path = m.path_vec
    to.ruid = m.ruid
    to.instance = m.instance
    to.location_ua = m.location_ua
    to.q = m.q
    to.flags = m.bflags
    to.reg_id = m.reg_id
    to.otcpid = m.otcpid
    to.force_send_socket = m.force_send_socket


cdef void forget_ruri(sip_msg *m) noexcept nogil:
    cdef branch_t none
    memset(&none, 0, sizeof(none))
    none.q = -1
    restore_ruri(m, &none)


cdef void restore_ruri(sip_msg *m, branch_t *kept) noexcept nogil:
    m.new_uri = kept.uri
    m.uri_parsed = 0
    m.ruri_new = 1
    m.dst_uri = kept.dst_uri
    m.path_vec = kept.path
    m.ruid = kept.ruid
    m.instance = kept.instance
    m.location_ua = kept.location_ua
    m.q = kept.q
    m.bflags = kept.flags
    m.reg_id = kept.reg_id
    m.otcpid = kept.otcpid
    m.force_send_socket = kept.force_send_socket


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


cdef urecord *find_ruid(ubucket *b, uint32_t hash, str_t ruid) noexcept nogil:
    cdef urecord *r = b.first
    while r is not NULL:
        if r.hash == hash and by_ruid(r, ruid.s, ruid.len) is not NULL:
            return r
        r = r.next
    return NULL
