# The connection table, in shared memory, and the rings through which any process hands bytes to
# the reader that owns a connection.
from libc.stdint cimport int32_t, uint8_t, uint16_t, uint32_t, uint64_t
from runtime.native.lock cimport gen_lock_t
from runtime.native.net cimport dest_info, sockaddr_union, socket_info

cdef enum:
    TCP_MAX_ALIASES = 12
    CONN_FREE = 0
    CONN_CONNECTING = 1     # made by a sender, who hands the socket to its reader
    CONN_OK = 2

cdef struct tcp_conn:
    int32_t id              # 0: free. index = (id - 1) % capacity
    int32_t generation
    int32_t next_free       # index, -1 end
    int reader
    uint8_t proto
    uint8_t state
    uint8_t n_aliases
    sockaddr_union peer
    sockaddr_union local
    socket_info *si
    uint64_t created_ms
    uint64_t expires_ms     # written by its reader
    uint32_t queued         # bytes waiting in its reader
    uint16_t alias_port[TCP_MAX_ALIASES]
    int32_t alias_next[TCP_MAX_ALIASES]     # link = index * TCP_MAX_ALIASES + alias, -1 end

cdef struct tcp_ring:
    gen_lock_t lock
    uint64_t head           # bytes ever taken
    uint64_t tail           # bytes ever put
    uint32_t size
    int event               # eventfd of its reader
    int channel             # takes sockets to its reader
    char *data

cdef struct ring_item:      # before each piece in a ring
    uint32_t len
    int32_t id
    uint32_t flags          # SND_F_CON_CLOSE

cdef inline bint tcp_is_stream(int proto) noexcept nogil:
    return proto == 2 or proto == 3 or proto == 5 or proto == 6

cdef int tcp_capacity() noexcept nogil
cdef int tcp_connect(const tcp_conn *c) noexcept nogil          # a socket that connects; -errno
cdef int tcp_send(dest_info *dst, const char *buf, uint32_t len) noexcept nogil    # 0; -1
cdef int tcp_add_alias(int32_t id, int port) noexcept nogil
cdef tcp_conn *tcp_entry(int32_t id) noexcept nogil             # NULL: gone. Only its reader may trust it
cdef tcp_conn *tcp_slot(int index) noexcept nogil               # entry by index, free or not
cdef void tcp_release(int32_t id) noexcept nogil
cdef int tcp_ring_put(int reader, int32_t id, uint32_t flags, const char *buf, uint32_t len) noexcept nogil
# Take one piece into out (room bytes): its length, or -1 where the ring is empty.
cdef int tcp_ring_take(int reader, ring_item *item, char *out, uint32_t room) noexcept nogil
