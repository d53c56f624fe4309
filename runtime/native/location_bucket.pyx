"""Buckets of the location table: hash, lock, and repair when the holder of a lock has died."""

from libc.stdint cimport uint32_t
from runtime.native.cstr cimport str_eq
from runtime.native.lock cimport LOCK_DIED, lock_get, lock_release
from runtime.native.proc cimport process_no
from runtime.native.shm cimport shm_free, shm_publish

from runtime.native.lock import name_site

cdef enum:
    SITE_LOCATION = 80

name_site(SITE_LOCATION, "location table")


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


cdef ubucket *lock_index(udomain *d, uint32_t index) noexcept nogil:
    cdef ubucket *b = &d.buckets[index]
    if lock_get(&b.lock, SITE_LOCATION) == LOCK_DIED:
        repair(b)
    return b


cdef ubucket *lock_bucket(udomain *d, uint32_t hash) noexcept nogil:
    return lock_index(d, process_no if d.by_process else hash & (d.size - 1))


cdef void unlock_bucket(ubucket *b) noexcept nogil:
    lock_release(&b.lock)


cdef bint superseded(urecord *r, ucontact *c) noexcept nogil:
    """Was it being replaced? The newer block is linked before the older one goes."""
    cdef ucontact *other = r.contacts
    while other is not NULL:
        if other != c and other.version > c.version and str_eq(
            other.i.ruid.s, other.i.ruid.len, c.i.ruid.s, c.i.ruid.len
        ):
            return True
        other = other.next
    return False


cdef void repair(ubucket *b) noexcept nogil:
    """Count anew, mend prev pointers, publish what is linked, drop what is left of a change."""
    cdef urecord **link = &b.first
    cdef urecord *r
    cdef ucontact **at
    cdef ucontact *c
    cdef ucontact *last
    cdef grave *g = b.graves
    b.n_records = b.n_contacts = 0
    while g is not NULL:
        shm_publish(g)
        g = g.next
    while link[0] is not NULL:
        r = link[0]
        shm_publish(r)
        last = NULL
        at = &r.contacts
        while at[0] is not NULL:
            c = at[0]
            shm_publish(c)
            if superseded(r, c):
                at[0] = c.next
                shm_free(c)
                continue
            c.prev = last
            b.n_contacts += 1
            last = c
            at = &c.next
        if r.contacts is NULL:
            link[0] = r.next
            shm_free(r)
            continue
        b.n_records += 1
        link = &r.next
