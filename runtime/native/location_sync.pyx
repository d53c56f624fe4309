"""What happens to a location table by time, and what the database is told (``timer_urecord``).

A contact is marked as written, and a deleted one leaves memory, only after the database has taken
the change: `pending` tells what is to be written, `settle` what was. A process that dies in between
leaves the marks, and the next one writes again.
"""

from libc.stdint cimport int64_t, uint32_t, uint64_t
from libc.string cimport memcpy
from runtime.native.fault cimport fault_id, fault_point
from runtime.native.location cimport (
    CS_DIRTY,
    CS_NEW,
    CS_SYNC,
    FL_EXPCLB,
    FL_MEM,
    UL_EXPIRED_TIME,
    Domain,
    by_ruid,
    contact_row,
    drop_ucontact,
    get_urecord,
    release_urecord,
    socket_index,
    tcp_alive,
    valid_contact,
)
from runtime.native.location_bucket cimport (
    aor_hash,
    grave,
    lock_bucket,
    lock_index,
    ubucket,
    ucontact,
    unlock_bucket,
    urecord,
)
from runtime.native.shm cimport shm_free, shm_malloc, shm_publish, shm_unpublish
from runtime.native.tcpconn cimport tcp_conn, tcp_entry, tcp_ring_put

cdef enum:
    SND_F_CON_CLOSE = 2

cdef int F_BURY = fault_id("location.bury")


cdef inline bint is_over(Domain domain, ucontact *c, int64_t now) noexcept nogil:
    if domain.handle_lost_tcp and c.i.tcpconn_id != -1 and not tcp_alive(c.i.tcpconn_id):
        c.i.expires = UL_EXPIRED_TIME
    return not valid_contact(c, now)


cdef ucontact *find(Domain domain, ubucket *b, object row, urecord **r) except? NULL:
    """The contact that a Contact tells of, and its record."""
    cdef bytes aor = row.aor, ruid = row.ruid
    r[0] = get_urecord(domain, b, aor_hash(aor, <int>len(aor)), aor, <int>len(aor))
    return NULL if r[0] is NULL else by_ruid(r[0], ruid, <int>len(ruid))


cdef int mark_written(ucontact *c, object row) except -1:
    """The database has this Contact. Where it changed since, the newer one is to be written, even
    if it was: the older may have overwritten it."""
    c.state = CS_SYNC if c.version == <uint32_t>row.version else CS_DIRTY
    return 0


def expire(Domain domain not None, int64_t now, *, uint32_t first=0, uint32_t step=1,
           bint report=False):
    """Remove what is over at `now` from buckets first, first + step, ... (db_mode 0 and 4).

    The Contacts that went with `report`, else an empty list.
    """
    cdef uint32_t n
    cdef ubucket *b
    cdef urecord *r
    cdef urecord *next_record
    cdef ucontact *c
    cdef ucontact *following
    cdef uint64_t count = 0
    gone = []
    for n in range(first, domain.d.size, step):
        if domain.d.buckets[n].n_contacts == 0:
            continue
        b = lock_index(domain.d, n)
        try:
            r = b.first
            while r is not NULL:
                next_record = r.next
                c = r.contacts
                while c is not NULL:
                    following = c.next
                    if is_over(domain, c, now):
                        if report:
                            gone.append(contact_row(r, c))
                        drop_ucontact(b, r, c)
                        count += 1
                    c = following
                release_urecord(b, r)
                r = next_record
        finally:
            unlock_bucket(b)
    domain.d.n_expired += count
    return gone


def pending(Domain domain not None, uint32_t index, int64_t now):
    """(Contacts to write, Contacts to delete, ruids to delete, Contacts that ended) of a bucket.

    Nothing is marked: see `settle`. What ended and the database never knew goes from memory here.
    A Contact that ended is told of once.
    """
    cdef ubucket *b
    cdef urecord *r
    cdef urecord *next_record
    cdef ucontact *c
    cdef ucontact *following
    cdef grave *g
    put, gone, dead, ended = [], [], [], []
    if domain.d.buckets[index].first is NULL and domain.d.buckets[index].graves is NULL:
        return put, gone, dead, ended
    b = lock_index(domain.d, index)
    try:
        r = b.first
        while r is not NULL:
            next_record = r.next
            c = r.contacts
            while c is not NULL:
                following = c.next
                if is_over(domain, c, now):
                    row = contact_row(r, c)
                    if not c.i.flags & FL_EXPCLB:
                        ended.append(row)
                        c.i.flags |= FL_EXPCLB
                        domain.d.n_expired += 1
                    if c.state != CS_NEW and not c.i.flags & FL_MEM:
                        gone.append(row)
                    else:
                        drop_ucontact(b, r, c)
                elif c.i.flags & FL_MEM:
                    c.state = CS_SYNC
                elif c.state != CS_SYNC:
                    put.append(contact_row(r, c))
                c = following
            release_urecord(b, r)
            r = next_record
        g = b.graves
        while g is not NULL:
            dead.append(g.ruid[:g.length])
            g = g.next
    finally:
        unlock_bucket(b)
    return put, gone, dead, ended


def settle(Domain domain not None, uint32_t index, list put not None, list gone not None,
           list dead not None):
    """The database has taken what `pending` told. ruids it must delete again: they went meanwhile."""
    cdef ubucket *b = lock_index(domain.d, index)
    cdef urecord *r
    cdef ucontact *c
    cdef grave **link
    cdef grave *g
    vanished = []
    try:
        for row in put:
            c = find(domain, b, row, &r)
            if c is NULL:
                vanished.append(row.ruid)
            else:
                mark_written(c, row)
        for row in gone:
            c = find(domain, b, row, &r)
            if c is NULL:
                continue
            if c.version == <uint32_t>row.version:
                drop_ucontact(b, r, c)
                release_urecord(b, r)
            else:
                c.state = CS_NEW            # it came back, and the database knows it no more
        buried = set(dead)
        link = &b.graves
        while link[0] is not NULL:
            g = link[0]
            if g.ruid[:g.length] in buried:
                shm_unpublish(g)
                link[0] = g.next
                shm_free(g)
            else:
                link = &g.next
    finally:
        unlock_bucket(b)
    return vanished


def mark_synced(Domain domain not None, row not None):
    """The database has this Contact. False: it went from memory meanwhile."""
    cdef bytes aor = row.aor
    cdef ubucket *b = lock_bucket(domain.d, aor_hash(aor, <int>len(aor)))
    cdef urecord *r
    cdef ucontact *c
    try:
        c = find(domain, b, row, &r)
        if c is not NULL:
            mark_written(c, row)
        return c is not NULL
    finally:
        unlock_bucket(b)


def bury(Domain domain not None, bytes aor not None, bytes ruid not None):
    """Remember that the database still holds a contact which is gone. False: no memory."""
    cdef grave *g = <grave *>shm_malloc(sizeof(grave) + len(ruid))
    cdef ubucket *b
    if g is NULL:
        return False
    g.length = <uint32_t>len(ruid)
    memcpy(g.ruid, <char *>ruid, len(ruid))
    b = lock_bucket(domain.d, aor_hash(aor, <int>len(aor)))
    g.next = b.graves
    b.graves = g
    fault_point(F_BURY)
    shm_publish(g)
    unlock_bucket(b)
    return True


def buckets(Domain domain not None):
    """How many buckets there are to go through."""
    return domain.d.size


def process_died(Domain domain not None):
    """Repair what a dead process held, before its memory is reclaimed (in the arbiter)."""
    cdef uint32_t n
    for n in range(domain.d.size):
        if domain.d.buckets[n].lock.word:
            unlock_bucket(lock_index(domain.d, n))


def socket_number(bytes socket not None):
    """Index of the listen socket ``proto:host:port``, -1 where it is none of ours."""
    return socket_index(socket)


def close_connection(int id):
    """Ask the reader of a connection to close it. False: it is closed already."""
    cdef tcp_conn *c = tcp_entry(id)
    if c is NULL:
        return False
    return tcp_ring_put(c.reader, id, SND_F_CON_CLOSE, NULL, 0) == 0
