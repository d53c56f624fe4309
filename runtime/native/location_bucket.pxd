# Buckets of the location table: records by the hash of their AOR, each with its contacts in order.
from libc.stdint cimport int16_t, int32_t, int64_t, uint8_t, uint32_t
from runtime.native.cstr cimport str_t
from runtime.native.lock cimport gen_lock_t

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

cdef uint32_t aor_hash(const char *s, int len) noexcept nogil      # core_hash
cdef ubucket *lock_bucket(udomain *d, uint32_t hash) noexcept nogil    # repaired where its holder died
cdef ubucket *lock_index(udomain *d, uint32_t index) noexcept nogil
cdef void unlock_bucket(ubucket *b) noexcept nogil
cdef void repair(ubucket *b) noexcept nogil
