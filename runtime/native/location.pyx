"""The location table in shared memory (``usrloc``: udomain.c, urecord.c, ucontact.c, hslot.c).

A contact is one block with its texts; an update makes a new block and puts it in the old one's
place, so that a process killed in between leaves a whole contact, old or new. The next pointers
are the truth; `repair` (location_bucket) mends the rest when the
holder of a bucket's lock has died. What happens by
time, and what the database is told, is in `location_sync`.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset
from posix.time cimport CLOCK_REALTIME, clock_gettime, timespec
from runtime.native.cstr cimport str_eq, str_t
from runtime.native.fault cimport fault_id, fault_point
from runtime.native.location_bucket cimport (
    aor_hash,
    lock_bucket,
    lock_index,
    unlock_bucket,
)
from runtime.native.lock cimport lock_init
from runtime.native.net cimport get_socket, grep_sock_info, proto_by_name, socket_info
from runtime.native.proc cimport MAX_PROCS, process_no
from runtime.native.shm cimport (
    shm_free,
    shm_malloc,
    shm_mallocxz,
    shm_publish,
    shm_unpublish,
)
from runtime.native.tcpconn cimport tcp_capacity, tcp_entry

from typing import NamedTuple

cdef int F_INSERT = fault_id("location.insert")
cdef int F_UPDATE = fault_id("location.update")
cdef int F_DELETE = fault_id("location.delete")
cdef int F_RECORD = fault_id("location.record")
cdef int F_RELEASE = fault_id("location.release")


class Contact(NamedTuple):
    """A contact as Python sees it; times are seconds since 1970, texts None where absent."""

    aor: bytes
    contact: bytes
    received: bytes | None
    path: bytes | None
    callid: bytes
    user_agent: bytes
    instance: bytes | None
    ruid: bytes
    expires: int
    last_modified: int
    q: int
    cseq: int
    reg_id: int
    connection_id: int
    server_id: int
    cflags: int
    methods: int
    socket: bytes | None
    flags: int
    state: int
    keepalive: int = 0
    last_keepalive: int = 0
    version: int = 0


# ---- records

cdef bint tcp_alive(int32_t id) noexcept nogil:
    """Is it a connection of this server that is still there?"""
    return id > 0 and tcp_capacity() > 0 and tcp_entry(id) is not NULL


cdef urecord *get_urecord(
    Domain domain, ubucket *b, uint32_t hash, const char *aor, int len
) noexcept nogil:
    cdef urecord *r = b.first
    cdef ucontact *c
    while r is not NULL and not (r.hash == hash and str_eq(r.aor.s, r.aor.len, aor, len)):
        r = r.next
    if r is not NULL and domain.handle_lost_tcp:
        c = r.contacts
        while c is not NULL:
            if c.i.tcpconn_id != -1 and not tcp_alive(c.i.tcpconn_id):
                c.i.expires = UL_EXPIRED_TIME
            c = c.next
    return r


cdef urecord *insert_urecord(ubucket *b, uint32_t hash, const char *aor, int len) noexcept nogil:
    """A new record behind the others of its bucket."""
    cdef urecord **link = &b.first
    cdef urecord *r = <urecord *>shm_malloc(sizeof(urecord) + len)
    if r is NULL:
        return NULL
    r.next = NULL
    r.contacts = NULL
    r.hash = hash
    r.aor.s = <char *>(r + 1)
    r.aor.len = len
    memcpy(r.aor.s, aor, len)
    while link[0] is not NULL:
        link = &link[0].next
    link[0] = r
    fault_point(F_RECORD)
    shm_publish(r)
    b.n_records += 1
    return r


cdef void release_urecord(ubucket *b, urecord *r) noexcept nogil:
    cdef urecord **link = &b.first
    if r.contacts is not NULL:
        return
    while link[0] is not NULL and link[0] != r:
        link = &link[0].next
    if link[0] is NULL:
        return
    shm_unpublish(r)
    link[0] = r.next
    fault_point(F_RELEASE)
    b.n_records -= 1
    shm_free(r)


# ---- contacts

cdef inline char *put(char *at, str_t *to, str_t *text) noexcept nogil:
    to.len = text.len
    if text.len == 0:
        to.s = NULL
        return at
    to.s = at
    memcpy(at, text.s, text.len)
    return at + text.len


cdef ucontact *make_contact(ucontact_info *i) noexcept nogil:
    cdef size_t texts = i.c.len + i.received.len + i.path.len + i.callid.len
    cdef ucontact *c
    cdef char *at
    texts += i.user_agent.len + i.instance.len + i.ruid.len
    c = <ucontact *>shm_malloc(sizeof(ucontact) + texts)
    if c is NULL:
        return NULL
    c.next = NULL
    c.prev = NULL
    c.version = 1
    c.state = CS_NEW
    c.i = i[0]
    at = <char *>(c + 1)
    at = put(at, &c.i.c, &i.c)
    at = put(at, &c.i.received, &i.received)
    at = put(at, &c.i.path, &i.path)
    at = put(at, &c.i.callid, &i.callid)
    at = put(at, &c.i.user_agent, &i.user_agent)
    at = put(at, &c.i.instance, &i.instance)
    put(at, &c.i.ruid, &i.ruid)
    return c


cdef void link_between(urecord *r, ucontact *before, ucontact *c, ucontact *ahead) noexcept nogil:
    c.prev = before
    c.next = ahead
    if before is NULL:
        r.contacts = c
    else:
        before.next = c
    if ahead is not NULL:
        ahead.prev = c


cdef void unlink_contact(urecord *r, ucontact *c) noexcept nogil:
    if c.prev is NULL:
        r.contacts = c.next
    else:
        c.prev.next = c.next
    if c.next is not NULL:
        c.next.prev = c.prev


cdef ucontact *insert_ucontact(Domain domain, ubucket *b, urecord *r, ucontact_info *i) noexcept nogil:
    """Behind those with no lower q, or in front of all where the newest come first."""
    cdef ucontact *before = NULL
    cdef ucontact *ahead = r.contacts
    cdef ucontact *c = make_contact(i)
    if c is NULL:
        return NULL
    c.i.keepalive = i.cflags & domain.nat_flag != 0
    c.i.last_keepalive = seconds()
    if not domain.desc_time_order:
        while ahead is not NULL and ahead.i.q >= c.i.q:
            before = ahead
            ahead = ahead.next
    link_between(r, before, c, ahead)
    fault_point(F_INSERT)
    shm_publish(c)
    b.n_contacts += 1
    return c


cdef bint in_order(Domain domain, ucontact *c, int q) noexcept nogil:
    """May the contact stay where it is with this q?"""
    if domain.desc_time_order:
        return c.prev is NULL
    return (c.prev is NULL or q <= c.prev.i.q) and (c.next is NULL or q >= c.next.i.q)


cdef ucontact *update_ucontact(
    Domain domain, ubucket *b, urecord *r, ucontact *c, ucontact_info *i
) noexcept nogil:
    """Where its q moves it, it goes before the first that has no lower one (as there)."""
    cdef ucontact *fresh
    cdef ucontact *before = NULL
    cdef ucontact *ahead = r.contacts
    cdef ucontact_info merged = i[0]
    merged.ruid = c.i.ruid
    merged.instance = c.i.instance
    merged.reg_id = c.i.reg_id
    merged.keepalive = c.i.keepalive
    merged.last_keepalive = seconds()
    if i.instance.len == 0 or i.c.len == 0:
        merged.c = c.i.c
    if i.callid.len == 0:
        merged.callid = c.i.callid
    fresh = make_contact(&merged)
    if fresh is NULL:
        return NULL
    fresh.state = CS_NEW if c.state == CS_NEW else CS_DIRTY
    fresh.version = c.version + 1
    shm_unpublish(c)                    # linked until it is not: repair publishes what is
    if in_order(domain, c, merged.q):
        link_between(r, c.prev, fresh, c.next)
    else:
        while not domain.desc_time_order and ahead is not NULL and (
            ahead == c or ahead.i.q < merged.q
        ):
            before = ahead
            ahead = ahead.next
        link_between(r, before, fresh, ahead)
        unlink_contact(r, c)
    fault_point(F_UPDATE)
    shm_publish(fresh)
    shm_free(c)
    return fresh


cdef void drop_ucontact(ubucket *b, urecord *r, ucontact *c) noexcept nogil:
    shm_unpublish(c)
    unlink_contact(r, c)
    fault_point(F_DELETE)
    b.n_contacts -= 1
    shm_free(c)


cdef void delete_ucontact(Domain domain, ubucket *b, urecord *r, ucontact *c) noexcept nogil:
    if domain.d.write_back and c.state != CS_NEW:
        c.i.expires = UL_EXPIRED_TIME
        c.version += 1
        return
    drop_ucontact(b, r, c)


cdef ucontact *by_ruid(urecord *r, const char *ruid, int len) noexcept nogil:
    cdef ucontact *c = r.contacts
    while c is not NULL and not str_eq(c.i.ruid.s, c.i.ruid.len, ruid, len):
        c = c.next
    return c


cdef inline str_t bare_instance(str_t s) noexcept nogil:
    """Without < and > around."""
    if s.len > 1 and s.s[0] == b'<' and s.s[s.len - 1] == b'>':
        s.s += 1
        s.len -= 2
    return s


cdef ucontact *find_instance(urecord *r, ucontact_info *i) noexcept nogil:
    cdef ucontact *c = r.contacts
    cdef str_t known
    cdef str_t wanted = bare_instance(i.instance)
    while c is not NULL:
        if c.i.instance.len and c.i.reg_id == i.reg_id:
            known = bare_instance(c.i.instance)
            if str_eq(known.s, known.len, wanted.s, wanted.len):
                return c
        c = c.next
    return NULL


cdef bint matches(int mode, ucontact *c, ucontact_info *i) noexcept nogil:
    if mode != CONTACT_CALLID_ONLY and not str_eq(c.i.c.s, c.i.c.len, i.c.s, i.c.len):
        return False
    if mode == CONTACT_CALLID or mode == CONTACT_CALLID_ONLY:
        return str_eq(c.i.callid.s, c.i.callid.len, i.callid.s, i.callid.len)
    if mode == CONTACT_PATH and i.path.s is not NULL:
        return str_eq(c.i.path.s, c.i.path.len, i.path.s, i.path.len)
    return True


cdef int find_ucontact(
    Domain domain, urecord *r, ucontact_info *i, int64_t now, ucontact **out
) noexcept nogil:
    cdef ucontact *c = r.contacts
    out[0] = NULL
    if i.instance.len:
        out[0] = find_instance(r, i)
        return 0 if out[0] is not NULL else 1
    while c is not NULL and not matches(domain.matching_mode, c, i):
        c = c.next
    if c is NULL:
        return 1
    if str_eq(c.i.callid.s, c.i.callid.len, i.callid.s, i.callid.len):
        if i.cseq < c.i.cseq:
            return -1
        if i.cseq == c.i.cseq:
            return -2 if c.i.last_modified + domain.cseq_delay > now else -1
    out[0] = c
    return 0


cdef int64_t seconds() noexcept nogil:
    cdef timespec clock
    clock_gettime(CLOCK_REALTIME, &clock)
    return clock.tv_sec


# ---- Python

cdef bytes opt(str_t *s):
    return s.s[:s.len] if s.len else None


cdef object contact_row(urecord *r, ucontact *c):
    cdef socket_info *si = get_socket(c.i.sock)
    return Contact(
        r.aor.s[:r.aor.len], c.i.c.s[:c.i.c.len], opt(&c.i.received), opt(&c.i.path),
        opt(&c.i.callid) or b"", opt(&c.i.user_agent) or b"", opt(&c.i.instance),
        opt(&c.i.ruid) or b"", c.i.expires, c.i.last_modified, c.i.q, c.i.cseq, c.i.reg_id,
        c.i.tcpconn_id, c.i.server_id, c.i.cflags, c.i.methods,
        None if si is NULL else si.sock_str.s[:si.sock_str.len], c.i.flags, c.state,
        c.i.keepalive, c.i.last_keepalive, c.version,
    )


cdef str_t text_of(bytes value):
    cdef str_t s
    s.s = NULL if value is None else <char *>value
    s.len = 0 if value is None else <int>len(value)
    return s


cdef int socket_index(bytes name):
    cdef socket_info *si
    parts = (name or b"").split(b":", 1)
    if len(parts) != 2:
        return -1
    host, _, port = parts[1].rpartition(b":")
    if not port.isdigit():
        return -1
    si = grep_sock_info(host, <int>len(host), int(port), proto_by_name(parts[0], <int>len(parts[0])))
    return -1 if si is NULL else si.index


cdef int fill(ucontact_info *i, object row) except -1:
    memset(i, 0, sizeof(ucontact_info))
    i.c = text_of(row[1])
    i.received = text_of(row[2])
    i.path = text_of(row[3])
    i.callid = text_of(row[4])
    i.user_agent = text_of(row[5])
    i.instance = text_of(row[6])
    i.ruid = text_of(row[7])
    i.expires, i.last_modified = row[8], row[9]
    i.q, i.cseq, i.reg_id, i.tcpconn_id, i.server_id = row[10:15]
    i.cflags, i.methods = row[15] & 0xffffffff, row[16] & 0xffffffff
    i.sock = socket_index(row[17])
    i.flags = row[18]
    return 0


cdef class Domain:
    """One location table. Made before the fork."""

    def __cinit__(
        self, bytes name not None, uint32_t size, *, bint write_back=False, bint by_process=False
    ):
        """`size` buckets (a power of two). Raises MemoryError where shared memory is full."""
        cdef uint32_t n
        if size == 0 or size & (size - 1):
            raise ValueError(f"a location table has a power of two of buckets, not {size}")
        self.name = name
        self.size = size
        self.cseq_delay = 20
        if by_process:
            size = MAX_PROCS
        self.d = <udomain *>shm_mallocxz(sizeof(udomain))
        if self.d is not NULL:
            shm_publish(self.d)
            self.d.buckets = <ubucket *>shm_mallocxz(size * sizeof(ubucket))
        if self.d is NULL or self.d.buckets is NULL:
            raise MemoryError(f"no shared memory left for location table {name!r}")
        shm_publish(self.d.buckets)
        self.d.size = size
        self.d.write_back = write_back
        self.d.by_process = by_process
        for n in range(size):
            lock_init(&self.d.buckets[n].lock)

    def counts(self):
        """(records, contacts, contacts expired since the start)."""
        cdef uint32_t n
        cdef uint64_t records = 0, contacts = 0
        if not self.d.by_process:
            for n in range(self.d.size):
                records += self.d.buckets[n].n_records
                contacts += self.d.buckets[n].n_contacts
        return records, contacts, self.d.n_expired

    def put(self, row not None, int state=CS_NEW):
        """Insert a Contact, or update the one of the same ruid. False: no memory."""
        cdef ucontact_info i
        cdef bytes aor = row[0]
        cdef uint32_t hash = aor_hash(aor, <int>len(aor))
        cdef ubucket *b
        cdef urecord *r
        cdef ucontact *c = NULL
        fill(&i, row)
        b = lock_bucket(self.d, hash)
        r = get_urecord(self, b, hash, aor, <int>len(aor))
        if r is NULL:
            r = insert_urecord(b, hash, aor, <int>len(aor))
        if r is not NULL:
            c = by_ruid(r, i.ruid.s, i.ruid.len)
            if c is not NULL:
                c = update_ucontact(self, b, r, c, &i)
            else:
                c = insert_ucontact(self, b, r, &i)
            if c is not NULL:
                c.state = <uint8_t>state
            release_urecord(b, r)
        unlock_bucket(b)
        return c is not NULL

    def add(self, row not None):
        """As `put`, where nothing matches; else what matches is updated, keeping its ruid.

        The Contact as it is now; None: no memory. LookupError: out of order (CSeq).
        """
        cdef ucontact_info i
        cdef bytes aor = row[0]
        cdef uint32_t hash = aor_hash(aor, <int>len(aor))
        cdef ubucket *b
        cdef urecord *r
        cdef ucontact *c = NULL
        cdef int found = 1
        fill(&i, row)
        b = lock_bucket(self.d, hash)
        try:
            r = get_urecord(self, b, hash, aor, <int>len(aor))
            if r is NULL:
                r = insert_urecord(b, hash, aor, <int>len(aor))
                if r is NULL:
                    return None
            else:
                i.cseq += 1
                found = find_ucontact(self, r, &i, seconds(), &c)
                i.cseq -= 1
            if found < 0:
                raise LookupError("out of order")
            if c is not NULL:
                c = update_ucontact(self, b, r, c, &i)
            else:
                c = insert_ucontact(self, b, r, &i)
            result = None if c is NULL else contact_row(r, c)
            release_urecord(b, r)
            return result
        finally:
            unlock_bucket(b)

    def record(self, bytes aor not None):
        """The Contacts of an AOR, in order; empty where there are none."""
        cdef uint32_t hash = aor_hash(aor, <int>len(aor))
        cdef ubucket *b = lock_bucket(self.d, hash)
        cdef urecord *r
        try:
            r = get_urecord(self, b, hash, aor, <int>len(aor))
            return rows_of(r)
        finally:
            unlock_bucket(b)

    def bucket(self, uint32_t index):
        """Lists of Contacts, one a record, of one bucket."""
        cdef ubucket *b
        cdef urecord *r
        if index >= self.size:
            raise IndexError("no such bucket")
        found = []
        if self.d.by_process:
            return found
        b = lock_index(self.d, index)
        try:
            r = b.first
            while r is not NULL:
                found.append(rows_of(r))
                r = r.next
        finally:
            unlock_bucket(b)
        return found

    def remove(self, bytes aor not None, *, bytes ruid=None):
        """Remove an AOR, or one contact of it; the Contacts that went."""
        cdef uint32_t hash = aor_hash(aor, <int>len(aor))
        cdef ubucket *b = lock_bucket(self.d, hash)
        cdef urecord *r
        cdef ucontact *c
        cdef ucontact *following
        gone = []
        try:
            r = get_urecord(self, b, hash, aor, <int>len(aor))
            c = NULL if r is NULL else r.contacts
            while c is not NULL:
                following = c.next
                if ruid is None or str_eq(c.i.ruid.s, c.i.ruid.len, ruid, <int>len(ruid)):
                    gone.append(contact_row(r, c))
                    delete_ucontact(self, b, r, c)
                c = following
            if r is not NULL:
                release_urecord(b, r)
        finally:
            unlock_bucket(b)
        return gone

    def remove_match(self, row not None):
        """Remove the contact that a Contact matches (`matching_mode`): its Contact, None where
        there is none. KeyError: no such AOR. LookupError: out of order (CSeq)."""
        cdef ucontact_info i
        cdef bytes aor = row[0]
        cdef uint32_t hash = aor_hash(aor, <int>len(aor))
        cdef ubucket *b
        cdef urecord *r
        cdef ucontact *c
        cdef int found
        fill(&i, row)
        b = lock_bucket(self.d, hash)
        try:
            r = get_urecord(self, b, hash, aor, <int>len(aor))
            if r is NULL:
                raise KeyError(aor)
            found = find_ucontact(self, r, &i, seconds(), &c)
            if found < 0:
                raise LookupError("out of order")
            if c is NULL:
                return None
            gone = contact_row(r, c)
            delete_ucontact(self, b, r, c)
            release_urecord(b, r)
            return gone
        finally:
            unlock_bucket(b)

    def clear(self):
        """Forget everything in this process's reach; the database is told nothing."""
        cdef uint32_t n
        for n in range(self.d.size):
            if not self.d.by_process or n == <uint32_t>process_no:
                empty(lock_index(self.d, n))


cdef void empty(ubucket *b) noexcept nogil:
    """Forget a bucket's records, and unlock it."""
    cdef urecord *r
    while b.first is not NULL:
        r = b.first
        while r.contacts is not NULL:
            drop_ucontact(b, r, r.contacts)
        release_urecord(b, r)
    unlock_bucket(b)


cdef list rows_of(urecord *r):
    cdef ucontact *c = NULL if r is NULL else r.contacts
    rows = []
    while c is not NULL:
        rows.append(contact_row(r, c))
        c = c.next
    return rows


def hash_of(bytes aor not None):
    """``core_hash`` of an AOR: the hash that a temporary GRUU holds."""
    return aor_hash(aor, <int>len(aor))
