"""The location table in shared memory (``usrloc``: udomain.c, urecord.c, ucontact.c, hslot.c).

A contact is one block with its texts; an update makes a new block and puts it in the old one's
place, so that a process killed in between leaves a whole contact, old or new. The next pointers
are the truth; `repair` mends the rest when the holder of a bucket's lock has died.
"""

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcmp, memcpy, memset
from runtime.native.cstr cimport str_eq, str_t
from runtime.native.fault cimport fault_id, fault_point
from runtime.native.lock cimport LOCK_DIED, lock_get, lock_init, lock_release, gen_lock_t
from runtime.native.net cimport get_socket, grep_sock_info, proto_by_name, socket_info
from runtime.native.shm cimport (
    shm_free,
    shm_malloc,
    shm_mallocxz,
    shm_publish,
    shm_unpublish,
)

from typing import NamedTuple

cdef enum:
    SITE_LOCATION = 80

cdef int F_INSERT = fault_id("location.insert")
cdef int F_UPDATE = fault_id("location.update")
cdef int F_DELETE = fault_id("location.delete")
cdef int F_RECORD = fault_id("location.record")


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


# ---- hashing and locking

cdef inline uint32_t mixed(uint32_t v) noexcept nogil:
    return v ^ (v >> 3)


cdef uint32_t aor_hash(const char *s, int len) noexcept nogil:
    """``core_hash`` (hashes.h): C's char is signed there."""
    cdef uint32_t h = 0, v = 0
    cdef int i = 0
    while i + 4 <= len:
        v = ((<uint32_t>s[i]) << 24) + ((<uint32_t>s[i + 1]) << 16)
        v += ((<uint32_t>s[i + 2]) << 8) + <uint32_t>s[i + 3]
        h += mixed(v)
        i += 4
    v = 0
    while i < len:
        v = (v << 8) + <uint32_t>s[i]
        i += 1
    h += mixed(v)
    return h + (h >> 11) + (h >> 13) + (h >> 23)


cdef ubucket *lock_bucket(udomain *d, uint32_t hash) noexcept nogil:
    cdef ubucket *b = &d.buckets[hash & (d.size - 1)]
    if lock_get(&b.lock, SITE_LOCATION) == LOCK_DIED:
        repair(b)
    return b


cdef void unlock_bucket(ubucket *b) noexcept nogil:
    lock_release(&b.lock)


cdef void repair(ubucket *b) noexcept nogil:
    """Count anew, mend prev pointers, publish what was linked, drop records that stayed empty."""
    cdef urecord **link = &b.first
    cdef urecord *r
    cdef ucontact *c
    cdef ucontact *last
    cdef grave *g = b.graves
    b.n_records = b.n_contacts = b.n_dirty = 0
    while g is not NULL:
        shm_publish(g)
        b.n_dirty += 1
        g = g.next
    while link[0] is not NULL:
        r = link[0]
        shm_publish(r)
        last = NULL
        c = r.contacts
        while c is not NULL:
            shm_publish(c)
            c.prev = last
            b.n_contacts += 1
            if c.state != CS_SYNC:
                b.n_dirty += 1
            last = c
            c = c.next
        if r.contacts is NULL:
            link[0] = r.next
            shm_free(r)
            continue
        b.n_records += 1
        link = &r.next


# ---- records

cdef urecord *get_urecord(ubucket *b, uint32_t hash, const char *aor, int len) noexcept nogil:
    cdef urecord *r = b.first
    while r is not NULL:
        if r.hash == hash and str_eq(r.aor.s, r.aor.len, aor, len):
            return r
        r = r.next
    return NULL


cdef urecord *insert_urecord(ubucket *b, uint32_t hash, const char *aor, int len) noexcept nogil:
    cdef urecord *r = <urecord *>shm_malloc(sizeof(urecord) + len)
    if r is NULL:
        return NULL
    r.contacts = NULL
    r.hash = hash
    r.aor.s = <char *>(r + 1)
    r.aor.len = len
    memcpy(r.aor.s, aor, len)
    r.next = b.first
    b.first = r
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


cdef void link_contact(Domain domain, urecord *r, ucontact *c) noexcept nogil:
    """Behind those with no lower q, or in front of all where the newest come first."""
    cdef ucontact *before = NULL
    cdef ucontact *ahead = r.contacts
    if not domain.desc_time_order:
        while ahead is not NULL and ahead.i.q >= c.i.q:
            before = ahead
            ahead = ahead.next
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
    cdef ucontact *c = make_contact(i)
    if c is NULL:
        return NULL
    link_contact(domain, r, c)
    fault_point(F_INSERT)
    shm_publish(c)
    b.n_contacts += 1
    b.n_dirty += 1
    return c


cdef ucontact *update_ucontact(
    Domain domain, ubucket *b, urecord *r, ucontact *c, ucontact_info *i
) noexcept nogil:
    cdef ucontact *fresh
    cdef ucontact_info merged = i[0]
    merged.ruid = c.i.ruid
    if merged.instance.len == 0:
        merged.instance = c.i.instance
    fresh = make_contact(&merged)
    if fresh is NULL:
        return NULL
    fresh.state = CS_NEW if c.state == CS_NEW else CS_DIRTY
    if c.state == CS_SYNC:
        b.n_dirty += 1
    shm_unpublish(c)                    # linked until it is not: repair publishes what is
    if not domain.desc_time_order and merged.q == c.i.q:
        fresh.prev = c.prev             # the same place
        fresh.next = c.next
        if c.prev is NULL:
            r.contacts = fresh
        else:
            c.prev.next = fresh
        if c.next is not NULL:
            c.next.prev = fresh
    else:
        unlink_contact(r, c)
        link_contact(domain, r, fresh)
    fault_point(F_UPDATE)
    shm_publish(fresh)
    shm_free(c)
    return fresh


cdef void delete_ucontact(Domain domain, ubucket *b, urecord *r, ucontact *c) noexcept nogil:
    cdef grave *g
    if domain.d.write_back and c.state != CS_NEW and not c.i.flags & FL_MEM:
        g = <grave *>shm_malloc(sizeof(grave) + c.i.ruid.len)
        if g is not NULL:               # without memory the row stays until it expires there
            g.length = c.i.ruid.len
            memcpy(g.ruid, c.i.ruid.s, c.i.ruid.len)
            g.next = b.graves
            b.graves = g
            shm_publish(g)
            b.n_dirty += 1
    shm_unpublish(c)
    unlink_contact(r, c)
    fault_point(F_DELETE)
    b.n_contacts -= 1
    shm_free(c)


cdef inline str_t bare_instance(str_t s) noexcept nogil:
    """Without < and > around."""
    if s.len > 1 and s.s[0] == b'<' and s.s[s.len - 1] == b'>':
        s.s += 1
        s.len -= 2
    return s


cdef int find_ucontact(
    Domain domain, urecord *r, ucontact_info *i, int64_t now, ucontact **out
) noexcept nogil:
    cdef ucontact *c = r.contacts
    cdef str_t wanted, known
    cdef bint same_callid, matches
    cdef int mode = domain.matching_mode
    out[0] = NULL
    if i.instance.len:
        wanted = bare_instance(i.instance)
        while c is not NULL:
            if c.i.instance.len and c.i.reg_id == i.reg_id:
                known = bare_instance(c.i.instance)
                if str_eq(known.s, known.len, wanted.s, wanted.len):
                    out[0] = c
                    return 0
            c = c.next
        return 1
    while c is not NULL:
        same_callid = str_eq(c.i.callid.s, c.i.callid.len, i.callid.s, i.callid.len)
        matches = mode == CONTACT_CALLID_ONLY or str_eq(c.i.c.s, c.i.c.len, i.c.s, i.c.len)
        if mode == CONTACT_CALLID or mode == CONTACT_CALLID_ONLY:
            matches = matches and same_callid
        elif mode == CONTACT_PATH:
            matches = matches and str_eq(c.i.path.s, c.i.path.len, i.path.s, i.path.len)
        if matches:
            if same_callid:
                if i.cseq < c.i.cseq:
                    return -1
                if i.cseq == c.i.cseq:
                    return -2 if c.i.last_modified + domain.cseq_delay > now else -1
            out[0] = c
            return 0
        c = c.next
    return 1


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
    )


cdef str_t text_of(bytes value):
    cdef str_t s
    s.s = NULL if value is None else <char *>value
    s.len = 0 if value is None else <int>len(value)
    return s


cdef int socket_index(bytes name):
    """Index of the listen socket ``proto:host:port``, -1 where it is none of ours."""
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
    """From a Contact; the texts belong to the row."""
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

    def __cinit__(self, bytes name not None, uint32_t size, *, bint write_back=False):
        """`size` buckets (a power of two). Raises MemoryError where shared memory is full."""
        cdef uint32_t n
        if size == 0 or size & (size - 1):
            raise ValueError(f"a location table has a power of two of buckets, not {size}")
        self.name = name
        self.cseq_delay = 20
        self.d = <udomain *>shm_mallocxz(sizeof(udomain))
        if self.d is not NULL:
            shm_publish(self.d)
            self.d.buckets = <ubucket *>shm_mallocxz(size * sizeof(ubucket))
        if self.d is NULL or self.d.buckets is NULL:
            raise MemoryError(f"no shared memory left for location table {name!r}")
        shm_publish(self.d.buckets)
        self.d.size = size
        self.d.write_back = write_back
        for n in range(size):
            lock_init(&self.d.buckets[n].lock)

    def counts(self):
        """(records, contacts, contacts expired since the start)."""
        cdef uint32_t n
        cdef uint64_t records = 0, contacts = 0
        for n in range(self.d.size):
            records += self.d.buckets[n].n_records
            contacts += self.d.buckets[n].n_contacts
        return records, contacts, self.d.n_expired

    @property
    def size(self):
        """Number of buckets."""
        return self.d.size

    def put(self, row not None, int state=CS_NEW):
        """Insert a Contact, or update the one of the same ruid, or that matches. False: no memory."""
        cdef ucontact_info i
        cdef bytes aor = row[0]
        cdef uint32_t hash = aor_hash(aor, <int>len(aor))
        cdef ubucket *b
        cdef urecord *r
        cdef ucontact *c
        fill(&i, row)
        b = lock_bucket(self.d, hash)
        r = get_urecord(b, hash, aor, <int>len(aor))
        if r is NULL:
            r = insert_urecord(b, hash, aor, <int>len(aor))
        c = NULL
        if r is not NULL:
            c = r.contacts
            while c is not NULL and not str_eq(c.i.ruid.s, c.i.ruid.len, i.ruid.s, i.ruid.len):
                c = c.next
            if c is not NULL:
                c = update_ucontact(self, b, r, c, &i)
            else:
                c = insert_ucontact(self, b, r, &i)
            if c is not NULL:
                c.state = <uint8_t>state
            release_urecord(b, r)
        unlock_bucket(b)
        return c is not NULL

    def record(self, bytes aor not None):
        """The Contacts of an AOR, in order; empty where there are none."""
        cdef uint32_t hash = aor_hash(aor, <int>len(aor))
        cdef ubucket *b = lock_bucket(self.d, hash)
        cdef urecord *r = get_urecord(b, hash, aor, <int>len(aor))
        cdef ucontact *c = NULL if r is NULL else r.contacts
        rows = []
        while c is not NULL:
            rows.append(contact_row(r, c))
            c = c.next
        unlock_bucket(b)
        return rows

    def bucket(self, uint32_t index):
        """Lists of Contacts, one a record, of one bucket."""
        cdef ubucket *b
        cdef urecord *r
        cdef ucontact *c
        if index >= self.d.size:
            raise IndexError("no such bucket")
        b = lock_bucket(self.d, index)
        found = []
        r = b.first
        while r is not NULL:
            rows = []
            c = r.contacts
            while c is not NULL:
                rows.append(contact_row(r, c))
                c = c.next
            found.append(rows)
            r = r.next
        unlock_bucket(b)
        return found

    def by_ruid(self, uint32_t hash, bytes ruid not None):
        """The Contact with this ruid, whose AOR has this hash; None."""
        cdef ubucket *b = lock_bucket(self.d, hash)
        cdef urecord *r = b.first
        cdef ucontact *c
        row = None
        while r is not NULL and row is None:
            c = r.contacts
            while c is not NULL:
                if str_eq(c.i.ruid.s, c.i.ruid.len, ruid, <int>len(ruid)):
                    row = contact_row(r, c)
                    break
                c = c.next
            r = r.next
        unlock_bucket(b)
        return row

    def remove(self, bytes aor not None, *, bytes ruid=None, bytes contact=None):
        """Remove an AOR, or one contact of it by ruid or URI; the Contacts that went."""
        cdef uint32_t hash = aor_hash(aor, <int>len(aor))
        cdef ubucket *b = lock_bucket(self.d, hash)
        cdef urecord *r = get_urecord(b, hash, aor, <int>len(aor))
        cdef ucontact *c
        cdef ucontact *following
        gone = []
        if r is not NULL:
            c = r.contacts
            while c is not NULL:
                following = c.next
                if (ruid is None or str_eq(c.i.ruid.s, c.i.ruid.len, ruid, <int>len(ruid))) and (
                    contact is None or str_eq(c.i.c.s, c.i.c.len, contact, <int>len(contact))
                ):
                    gone.append(contact_row(r, c))
                    delete_ucontact(self, b, r, c)
                c = following
            release_urecord(b, r)
        unlock_bucket(b)
        return gone

    def remove_ruid(self, bytes ruid not None):
        """Remove the contact with this ruid, wherever it is; None where there is none."""
        cdef uint32_t n
        for n in range(self.d.size):
            row = self.by_ruid(n, ruid)
            if row is not None:
                self.remove(row[0], ruid=ruid)
                return row
        return None

    def settle(self) -> None:
        """Repair what a dead process left locked: after its death, before its memory is reclaimed."""
        cdef uint32_t n
        for n in range(self.d.size):
            unlock_bucket(lock_bucket(self.d, n))

    def clear(self):
        """Remove everything; nothing is left for the database to do."""
        cdef uint32_t n
        cdef ubucket *b
        for n in range(self.d.size):
            b = lock_bucket(self.d, n)
            while b.first is not NULL:
                while b.first.contacts is not NULL:
                    b.first.contacts.state = CS_NEW
                    delete_ucontact(self, b, b.first, b.first.contacts)
                release_urecord(b, b.first)
            unlock_bucket(b)

    def expire(self, int64_t now, *, uint32_t first=0, uint32_t step=1, bint report=False):
        """Remove what expired before `now` from buckets first, first + step, ...; the Contacts
        with `report`, else how many."""
        cdef uint32_t n
        cdef ubucket *b
        cdef urecord *r
        cdef urecord *next_record
        cdef ucontact *c
        cdef ucontact *following
        cdef uint64_t count = 0
        gone = []
        for n in range(first, self.d.size, step):
            if self.d.buckets[n].n_contacts == 0:
                continue
            b = lock_bucket(self.d, n)
            r = b.first
            while r is not NULL:
                next_record = r.next
                c = r.contacts
                while c is not NULL:
                    following = c.next
                    if not valid_contact(c, now):
                        if report:
                            gone.append(contact_row(r, c))
                        delete_ucontact(self, b, r, c)
                        count += 1
                    c = following
                release_urecord(b, r)
                r = next_record
            unlock_bucket(b)
        self.d.n_expired += count
        return gone if report else count

    def take_dirty(self, uint32_t index):
        """(Contacts to write, ruids to delete) of one bucket; they count as written from now on."""
        cdef ubucket *b
        cdef urecord *r
        cdef ucontact *c
        cdef grave *g
        if self.d.buckets[index].n_dirty == 0:
            return (), ()
        b = lock_bucket(self.d, index)
        rows, dead = [], []
        r = b.first
        while r is not NULL:
            c = r.contacts
            while c is not NULL:
                if c.state != CS_SYNC and not c.i.flags & FL_MEM:
                    rows.append(contact_row(r, c))
                    c.state = CS_SYNC
                c = c.next
            r = r.next
        while b.graves is not NULL:
            g = b.graves
            dead.append(g.ruid[:g.length])
            shm_unpublish(g)
            b.graves = g.next
            shm_free(g)
        b.n_dirty = 0
        unlock_bucket(b)
        return rows, dead

    def give_back(self, list rows not None, list dead not None):
        """The database took them not: they are to be written again."""
        cdef ubucket *b
        cdef urecord *r
        cdef ucontact *c
        cdef uint32_t hash
        cdef bytes aor, ruid
        cdef grave *g
        for row in rows:
            aor, ruid = row[0], row[7]
            hash = aor_hash(aor, <int>len(aor))
            b = lock_bucket(self.d, hash)
            r = get_urecord(b, hash, aor, <int>len(aor))
            c = NULL if r is NULL else r.contacts
            while c is not NULL:
                if c.state == CS_SYNC and str_eq(c.i.ruid.s, c.i.ruid.len, ruid, <int>len(ruid)):
                    c.state = CS_NEW if row[19] == CS_NEW else CS_DIRTY
                    b.n_dirty += 1
                c = c.next
            unlock_bucket(b)
        for ruid in dead:
            b = lock_bucket(self.d, 0)
            g = <grave *>shm_malloc(sizeof(grave) + len(ruid))
            if g is not NULL:
                g.length = <uint32_t>len(ruid)
                memcpy(g.ruid, <char *>ruid, len(ruid))
                g.next = b.graves
                b.graves = g
                shm_publish(g)
                b.n_dirty += 1
            unlock_bucket(b)

    def mark_synced(self, bytes aor not None, bytes ruid not None):
        """The database has this contact as it is."""
        cdef uint32_t hash = aor_hash(aor, <int>len(aor))
        cdef ubucket *b = lock_bucket(self.d, hash)
        cdef urecord *r = get_urecord(b, hash, aor, <int>len(aor))
        cdef ucontact *c = NULL if r is NULL else r.contacts
        while c is not NULL:
            if str_eq(c.i.ruid.s, c.i.ruid.len, ruid, <int>len(ruid)):
                c.state = CS_SYNC
            c = c.next
        unlock_bucket(b)


def hash_of(bytes aor not None):
    """``core_hash`` of an AOR: the hash that a temporary GRUU holds."""
    return aor_hash(aor, <int>len(aor))
