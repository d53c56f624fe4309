# The location table (usrloc): domains of records by AOR, each with its contacts in order.
from libc.stdint cimport int16_t, int32_t, int64_t, uint8_t, uint32_t
from runtime.native.cstr cimport str_t
from runtime.native.lock cimport gen_lock_t

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

cdef struct ucontact_info:  # what is known of a contact
    str_t c
    str_t received
    str_t path
    str_t callid
    str_t user_agent
    str_t instance
    str_t ruid
    int64_t expires         # seconds since 1970; 0: never
    int64_t last_modified
    int64_t last_keepalive
    int32_t q               # 0..1000, -1 unset
    int32_t cseq
    int32_t reg_id
    int32_t tcpconn_id      # -1: none
    int32_t server_id
    uint32_t cflags
    uint32_t methods
    int16_t sock            # index of the listen socket, -1: unknown
    uint8_t flags
    uint8_t keepalive

cdef struct ucontact:       # one block: this, then its texts
    ucontact *next
    ucontact *prev
    uint32_t version        # grows with every change
    uint8_t state
    ucontact_info i         # texts point into the block

cdef struct urecord:        # one block: this, then the AOR
    urecord *next           # in its bucket
    ucontact *contacts
    uint32_t hash           # core_hash of the AOR
    str_t aor

cdef struct grave:          # a contact that only the database still holds
    grave *next
    uint32_t length
    char ruid[1]

cdef struct ubucket:
    gen_lock_t lock
    urecord *first
    uint32_t n_records
    uint32_t n_contacts
    grave *graves

cdef struct udomain:
    uint32_t size           # buckets, a power of two
    int write_back          # deleted contacts stay until the database has forgotten them: db_mode 2
    int by_process          # each process works in a bucket of its own: db_mode 3
    int64_t n_expired       # contacts removed by time
    ubucket *buckets

cdef class Domain:
    cdef udomain *d
    cdef readonly bytes name
    cdef readonly uint32_t size         # buckets, as the configuration has it
    cdef public int matching_mode
    cdef public int cseq_delay
    cdef public bint desc_time_order
    cdef public bint handle_lost_tcp
    cdef public uint32_t nat_flag

cdef uint32_t aor_hash(const char *s, int len) noexcept nogil      # core_hash
cdef ubucket *lock_bucket(udomain *d, uint32_t hash) noexcept nogil    # repaired where its holder died
cdef ubucket *lock_index(udomain *d, uint32_t index) noexcept nogil
cdef void unlock_bucket(ubucket *b) noexcept nogil
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
cdef void repair(ubucket *b) noexcept nogil
cdef int64_t seconds() noexcept nogil                               # since 1970
cdef inline bint valid_contact(ucontact *c, int64_t now) noexcept nogil:
    return c.i.expires > now or c.i.expires == 0
cdef object contact_row(urecord *r, ucontact *c)                    # a Contact for Python
cdef int fill(ucontact_info *i, object row) except -1               # from a Contact; texts belong to the row
cdef int socket_index(bytes name)                                   # of proto:host:port; -1: none of ours
