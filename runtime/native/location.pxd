# The location table (usrloc): domains of records by AOR, each with its contacts in order.
from libc.stdint cimport int32_t, int64_t, uint32_t
from runtime.native.location_bucket cimport ubucket, ucontact, ucontact_info, udomain, urecord

cdef enum:                  # ucontact.state: what the database knows of it
    CS_NEW = 0
    CS_SYNC = 1
    CS_DIRTY = 2

cdef enum:                  # ucontact.flags
    FL_MEM = 1              # never written to the database
    FL_EXPCLB = 4           # its end was reported already
    UL_EXPIRED_TIME = 10    # ucontact.expires of what waits to be deleted from the database

cdef enum:                  # matching_mode
    CONTACT_ONLY = 0
    CONTACT_CALLID = 1
    CONTACT_PATH = 2
    CONTACT_CALLID_ONLY = 3

cdef class Domain:
    cdef udomain *d
    cdef readonly bytes name
    cdef readonly uint32_t size         # buckets, as the configuration has it
    cdef public int matching_mode
    cdef public int cseq_delay
    cdef public bint desc_time_order
    cdef public bint handle_lost_tcp
    cdef public uint32_t nat_flag

# All below with the bucket locked.
cdef urecord *get_urecord(Domain domain, ubucket *b, uint32_t hash, const char *aor, int len) noexcept nogil
cdef urecord *insert_urecord(ubucket *b, uint32_t hash, const char *aor, int len) noexcept nogil   # NULL: no memory
cdef void release_urecord(ubucket *b, urecord *r) noexcept nogil                   # frees it where it is empty
cdef ucontact *insert_ucontact(Domain domain, ubucket *b, urecord *r, ucontact_info *i) noexcept nogil
cdef ucontact *update_ucontact(Domain domain, ubucket *b, urecord *r, ucontact *c, ucontact_info *i) noexcept nogil   # a new block: c is gone; NULL: no memory, c stays
cdef void delete_ucontact(Domain domain, ubucket *b, urecord *r, ucontact *c) noexcept nogil   # as the mode has it: c may stay, expired
cdef void drop_ucontact(ubucket *b, urecord *r, ucontact *c) noexcept nogil                    # out of memory
cdef ucontact *by_ruid(urecord *r, const char *ruid, int len) noexcept nogil
# 0 found, 1 not found, -1 out of order, -2 the same CSeq again (skip)
cdef int find_ucontact(Domain domain, urecord *r, ucontact_info *i, int64_t now, ucontact **out) noexcept nogil
cdef bint tcp_alive(int32_t id) noexcept nogil
cdef int64_t seconds() noexcept nogil                               # since 1970
cdef inline bint valid_contact(ucontact *c, int64_t now) noexcept nogil:
    return c.i.expires > now or c.i.expires == 0
cdef object contact_row(urecord *r, ucontact *c)                    # a Contact for Python
cdef int fill(ucontact_info *i, object row) except -1               # from a Contact; texts belong to the row
cdef int socket_index(bytes name)                                   # of proto:host:port; -1: none of ours
