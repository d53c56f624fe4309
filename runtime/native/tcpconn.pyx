"""The table of connections and the rings to their readers, both in shared memory.

One reader process owns a connection for life. A sender finds the connection by id or by address,
or makes an entry for a new one, starts to connect and hands the socket over, and puts its bytes
into the owner's ring; from then on nobody else touches the socket.
"""

from libc.errno cimport EINPROGRESS, errno
from libc.stdint cimport int32_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from runtime.native.fdpass cimport fd_send
from runtime.native.fault cimport fault_id, fault_point
from runtime.native.klog cimport say
from runtime.native.lock cimport LOCK_DIED, gen_lock_t, lock_get, lock_init, lock_release
from runtime.native.net cimport (
    SND_F_CON_CLOSE, SND_F_FORCE_CON_REUSE, dest_info, get_send_socket, get_socket, sockaddr, sockaddr_in,
    sockaddr_in6, sockaddr_union, socket_info, su_eq, su_eq_ip, su_ntop, su_port, su_pton, su_setport,
)
from runtime.native.shm cimport shm_mallocxz, shm_publish
from runtime.native.stats cimport stat_add, stat_get, stat_inc
from runtime.native.timer cimport now_ms

from runtime.native.lock import name_site
import os

from runtime.native import stats as _stats

cdef extern from "<unistd.h>" nogil:
    ssize_t write(int fd, const void *buf, size_t n)
    int close(int fd)

cdef extern from "<sys/socket.h>" nogil:
    int AF_INET, SOCK_STREAM, SOCK_NONBLOCK, SOCK_CLOEXEC, SOL_SOCKET, SO_ERROR
    int getsockopt(int fd, int level, int name, void *value, uint32_t *n)
    int c_socket "socket" (int family, int kind, int proto)
    int c_bind "bind" (int fd, const sockaddr *su, uint32_t n)
    int c_connect "connect" (int fd, const sockaddr *su, uint32_t n)

cdef enum:
    SITE_TABLE = 60         # lock sites, for the debugger
    SITE_RING = 61
    HASH = 4096
    RING = 262144

name_site(SITE_TABLE, "connection table")
name_site(SITE_RING, "connection ring")

cdef struct table_t:
    gen_lock_t lock
    int32_t free            # first free index, -1 none
    int32_t used
    uint32_t turn           # readers in turn
    int32_t heads[HASH]

cdef table_t *table = NULL
cdef tcp_conn *conns = NULL
cdef int capacity = 0
cdef tcp_ring *rings = NULL
cdef int n_readers = 0
cdef int own_reader = -1
cdef uint64_t lifetime_ms = 120000
cdef bint no_connect = False
cdef int STAT_REJECT, STAT_FULL, STAT_PASSIVE, STAT_FAILED
cdef int F_NEW = fault_id("tcpconn.new")
cdef int F_DROP = fault_id("tcpconn.drop")
cdef int F_PUT = fault_id("tcpconn.put")
cdef int F_HAND_OVER = fault_id("tcpconn.hand-over")


cdef int tcp_capacity() noexcept nogil:
    return capacity


cdef inline uint32_t _hash(const sockaddr_union *su, int port) noexcept nogil:
    cdef uint32_t h
    cdef int i
    if su.s.sa_family == 2:
        h = su.sin.sin_addr.s_addr
    else:
        h = 0
        for i in range(16):
            h = h * 31 + su.sin6.sin6_addr.s6_addr[i]
    h = (h ^ <uint32_t>port) * <uint32_t>2654435761
    return (h >> 16) & (HASH - 1)


cdef inline tcp_conn *_by_id(int32_t id) noexcept nogil:
    cdef tcp_conn *c
    if id <= 0 or capacity == 0:
        return NULL
    c = &conns[(id - 1) % capacity]
    return c if c.id == id else NULL


cdef void _link(int index, int alias) noexcept nogil:
    cdef tcp_conn *c = &conns[index]
    cdef uint32_t h = _hash(&c.peer, c.alias_port[alias])
    c.alias_next[alias] = table.heads[h]
    table.heads[h] = index * TCP_MAX_ALIASES + alias


cdef void _unlink(int index, int alias) noexcept nogil:
    cdef tcp_conn *c = &conns[index]
    cdef int32_t *at = &table.heads[_hash(&c.peer, c.alias_port[alias])]
    cdef int32_t own = index * TCP_MAX_ALIASES + alias
    while at[0] >= 0:
        if at[0] == own:
            at[0] = c.alias_next[alias]
            return
        at = &conns[at[0] / TCP_MAX_ALIASES].alias_next[at[0] % TCP_MAX_ALIASES]


cdef void _rebuild() noexcept nogil:
    """The lock's holder died: the entries are the truth, links are made anew."""
    cdef int i, j
    table.free = -1
    table.used = 0
    for i in range(HASH):
        table.heads[i] = -1
    for i in range(capacity - 1, -1, -1):
        if conns[i].id == 0:
            conns[i].next_free = table.free
            table.free = i
        else:
            table.used += 1
            for j in range(conns[i].n_aliases):
                _link(i, j)


cdef inline void _lock() noexcept nogil:
    if lock_get(&table.lock, SITE_TABLE) == LOCK_DIED:
        _rebuild()


cdef tcp_conn *_new(
    int proto, const sockaddr_union *peer, const sockaddr_union *local, socket_info *si, int state
) noexcept nogil:
    """A fresh entry with its reader, under the lock; NULL: too many connections."""
    cdef int index = table.free
    cdef tcp_conn *c
    if index < 0 or n_readers == 0:
        stat_inc(STAT_REJECT)
        return NULL
    c = &conns[index]
    table.free = c.next_free
    fault_point(F_NEW)
    table.used += 1
    c.reader = table.turn % n_readers
    table.turn += 1
    c.proto = proto
    c.state = state
    c.peer = peer[0]
    c.local = local[0]
    c.si = si
    c.created_ms = now_ms()
    c.expires_ms = c.created_ms + lifetime_ms
    c.queued = 0
    c.n_aliases = 1
    c.alias_port[0] = su_port(peer)
    c.generation += 1
    if <uint64_t>c.generation * capacity + index + 1 > 0x7fffffff:
        c.generation = 0
    c.id = c.generation * capacity + index + 1
    _link(index, 0)
    return c


cdef tcp_conn *_find(const sockaddr_union *to, int proto) noexcept nogil:
    cdef int port = su_port(to)
    cdef int32_t at = table.heads[_hash(to, port)]
    cdef tcp_conn *c
    while at >= 0:
        c = &conns[at / TCP_MAX_ALIASES]
        if c.proto == proto and c.alias_port[at % TCP_MAX_ALIASES] == port \
                and su_eq_ip(&c.peer, to):
            return c
        at = c.alias_next[at % TCP_MAX_ALIASES]
    return NULL


cdef int tcp_ring_put(
    int reader, int32_t id, uint32_t flags, const char *buf, uint32_t len
) noexcept nogil:
    cdef tcp_ring *ring = &rings[reader]
    cdef ring_item item
    cdef bint was_empty
    cdef uint64_t one = 1
    lock_get(&ring.lock, SITE_RING)     # tail moves last, so a dead holder left it whole
    if ring.tail - ring.head + sizeof(item) + len > ring.size:
        lock_release(&ring.lock)
        stat_inc(STAT_FULL)
        return -1
    item.len = len
    item.id = id
    item.flags = flags
    _copy_in(ring, ring.tail, <const char *>&item, sizeof(item))
    _copy_in(ring, ring.tail + sizeof(item), buf, len)
    was_empty = ring.tail == ring.head
    fault_point(F_PUT)
    ring.tail += sizeof(item) + len
    lock_release(&ring.lock)
    if was_empty and reader != own_reader:
        write(ring.event, &one, 8)
    return 0


cdef void _copy_in(tcp_ring *ring, uint64_t at, const char *src, uint32_t len) noexcept nogil:
    cdef uint32_t start = at % ring.size
    cdef uint32_t part = ring.size - start
    if part >= len:
        memcpy(ring.data + start, src, len)
    else:
        memcpy(ring.data + start, src, part)
        memcpy(ring.data, src + part, len - part)


cdef void _copy_out(tcp_ring *ring, uint64_t at, char *dst, uint32_t len) noexcept nogil:
    cdef uint32_t start = at % ring.size
    cdef uint32_t part = ring.size - start
    if part >= len:
        memcpy(dst, ring.data + start, len)
    else:
        memcpy(dst, ring.data + start, part)
        memcpy(dst + part, ring.data, len - part)


cdef int tcp_ring_take(int reader, ring_item *item, char *out, uint32_t room) noexcept nogil:
    cdef tcp_ring *ring = &rings[reader]
    lock_get(&ring.lock, SITE_RING)
    if ring.head == ring.tail:
        lock_release(&ring.lock)
        return -1
    _copy_out(ring, ring.head, <char *>item, sizeof(ring_item))
    if item.len <= room:
        _copy_out(ring, ring.head + sizeof(ring_item), out, item.len)
    ring.head += sizeof(ring_item) + item.len
    lock_release(&ring.lock)
    return item.len


cdef int tcp_connect(const tcp_conn *c) noexcept nogil:
    cdef int family = c.peer.s.sa_family
    cdef uint32_t n = sizeof(sockaddr_in) if family == AF_INET else sizeof(sockaddr_in6)
    cdef int fd = c_socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)
    cdef int code
    if fd < 0:
        return -errno
    c_bind(fd, &c.local.s, n)       # where it cannot be, the kernel chooses the source
    code = 0 if c_connect(fd, &c.peer.s, n) == 0 or errno == EINPROGRESS else errno
    if code == 0:                   # a host that is near has refused by now
        n = sizeof(code)
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &n)
    if code:
        close(fd)
        stat_inc(STAT_FAILED)
        return -code
    return fd


cdef int _start(const tcp_conn *c) noexcept nogil:
    """Connect a new entry and hand the socket over; -1 where the peer refuses at once.

    A socket that its reader cannot take now is closed: the reader connects by itself then.
    """
    cdef int fd = tcp_connect(c)
    cdef char ip[46]
    cdef int n
    if fd < 0:
        tcp_release(c.id)
        n = su_ntop(&c.peer, ip)
        with gil:
            say(-1, "tcp", f"connect failed ([{ip[:n].decode()}]:{su_port(&c.peer)}, errno {-fd})")
        return -1
    fd_send(rings[c.reader].channel, c.id, True, fd, False)
    close(fd)
    return 0


cdef int tcp_send(dest_info *dst, const char *buf, uint32_t len) noexcept nogil:
    cdef tcp_conn *c = NULL
    cdef tcp_conn made
    cdef sockaddr_union local
    cdef int32_t id
    cdef int reader
    cdef bint fresh = False
    if table == NULL:
        return -1
    _lock()
    if dst.id:
        c = _by_id(dst.id)
        if c != NULL and c.proto != dst.proto:
            c = NULL
    if c == NULL and dst.to.s.sa_family:
        c = _find(&dst.to, dst.proto)
        if c == NULL and not no_connect and not dst.send_flags & SND_F_FORCE_CON_REUSE \
                and su_port(&dst.to):
            if dst.send_sock == NULL:
                dst.send_sock = get_send_socket(&dst.to, dst.proto)
            if dst.send_sock != NULL:
                local = dst.send_sock.su
                su_setport(&local, 0)
                c = _new(dst.proto, &dst.to, &local, dst.send_sock, CONN_CONNECTING)
                fresh = c != NULL
    if c == NULL:
        lock_release(&table.lock)
        return -1
    id = c.id
    reader = c.reader
    made = c[0]
    lock_release(&table.lock)
    if fresh and _start(&made) < 0:
        return -1
    return tcp_ring_put(reader, id, dst.send_flags & SND_F_CON_CLOSE, buf, len)


cdef int tcp_add_alias(int32_t id, int port) noexcept nogil:
    cdef tcp_conn *c
    cdef int i, index, code = -1
    if table == NULL or not 0 < port < 65536:
        return -1
    _lock()
    c = _by_id(id)
    if c != NULL:
        for i in range(c.n_aliases):
            if c.alias_port[i] == port:
                lock_release(&table.lock)
                return 0
        if c.n_aliases < TCP_MAX_ALIASES:
            index = (id - 1) % capacity
            c.alias_port[c.n_aliases] = port
            _link(index, c.n_aliases)
            c.n_aliases += 1
            code = 0
    lock_release(&table.lock)
    return code


cdef tcp_conn *tcp_entry(int32_t id) noexcept nogil:
    return _by_id(id)


cdef tcp_conn *tcp_slot(int index) noexcept nogil:
    return &conns[index]


cdef void _drop(tcp_conn *c) noexcept nogil:
    cdef int i, index = (c.id - 1) % capacity
    for i in range(c.n_aliases):
        _unlink(index, i)
    fault_point(F_DROP)
    c.n_aliases = 0
    c.id = 0
    c.state = CONN_FREE
    c.next_free = table.free
    table.free = index
    table.used -= 1


cdef void tcp_release(int32_t id) noexcept nogil:
    cdef tcp_conn *c
    _lock()
    c = _by_id(id)
    if c != NULL:
        _drop(c)
    lock_release(&table.lock)


def init(channels, int max_connections, double lifetime, *, bint never_connect=False) -> None:
    """Make table and rings in shared memory (``lifetime`` in seconds); once, before the fork.

    ``channels`` has a socket to each reader, which takes others.
    """
    global table, conns, capacity, rings, n_readers, lifetime_ms, STAT_REJECT, STAT_FULL
    global STAT_PASSIVE, STAT_FAILED, no_connect
    cdef int i, readers = <int>len(channels)
    table = <table_t *>shm_mallocxz(sizeof(table_t))
    conns = <tcp_conn *>shm_mallocxz(max_connections * sizeof(tcp_conn))
    rings = <tcp_ring *>shm_mallocxz(readers * sizeof(tcp_ring))
    if table == NULL or conns == NULL or rings == NULL:
        raise MemoryError("no shared memory for the TCP connection table")
    shm_publish(table)
    shm_publish(conns)
    shm_publish(rings)
    for i in range(readers):
        rings[i].data = <char *>shm_mallocxz(RING)
        if rings[i].data == NULL:
            raise MemoryError("no shared memory for the TCP readers' rings")
        shm_publish(rings[i].data)
        rings[i].size = RING
        rings[i].event = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        rings[i].channel = channels[i].fileno()
        lock_init(&rings[i].lock)
    capacity = max_connections
    no_connect = never_connect
    n_readers = readers
    lifetime_ms = <uint64_t>(lifetime * 1000)
    lock_init(&table.lock)
    _rebuild()
    STAT_REJECT = _stats.register("tcp", "local_reject")
    STAT_FULL = _stats.register("tcp", "sendq_full")
    STAT_FAILED = _stats.register("tcp", "connect_failed")
    STAT_PASSIVE = _stats.register("tcp", "passive_open")


def set_own_reader(int index) -> int:
    """This process is reader ``index``: gives the eventfd that says its ring is filled."""
    global own_reader
    own_reader = index
    return rings[index].event


def accepted(int socket_index, bytes peer, int peer_port, bytes local, int local_port):
    """Enter an accepted connection: ``(id, reader)``, or None where there are too many."""
    cdef sockaddr_union su, own
    cdef socket_info *si = get_socket(socket_index)
    cdef tcp_conn *c
    if su_pton(peer, len(peer), &su) < 0 or su_pton(local, len(local), &own) < 0:
        return None
    su_setport(&su, peer_port)
    su_setport(&own, local_port)
    _lock()
    c = _new(si.proto, &su, &own, si, CONN_OK)
    answer = None if c == NULL else (c.id, c.reader)
    lock_release(&table.lock)
    fault_point(F_HAND_OVER)
    if answer is not None:
        stat_inc(STAT_PASSIVE)
    return answer


def hand_over(int32_t id, int reader, int fd) -> None:
    """Give the socket of an accepted connection to its reader.

    Raises OSError where it takes none; the entry is out again then.
    """
    cdef int code = fd_send(rings[reader].channel, id, False, fd, True)
    if code < 0:
        tcp_release(id)
        raise OSError(-code, os.strerror(-code))


def reader_died(int reader) -> None:
    """Its sockets are gone with it: take out its connections, empty its ring (arbiter)."""
    cdef int i
    if table == NULL:
        return
    _lock()
    for i in range(capacity):
        if conns[i].id and conns[i].reader == reader:
            _drop(&conns[i])
    lock_release(&table.lock)
    lock_get(&rings[reader].lock, SITE_RING)
    rings[reader].head = rings[reader].tail
    lock_release(&rings[reader].lock)


def count() -> int:
    """Open connections."""
    return table.used if table != NULL else 0


def connections():
    """``(id, proto, state, reader, peer, peer_port, local, local_port, age_s, timeout_s, ports)``."""
    cdef int i, n
    cdef tcp_conn c
    cdef char text[46]
    cdef uint64_t now = now_ms()
    found = []
    for i in range(capacity):
        _lock()
        c = conns[i]
        lock_release(&table.lock)
        if c.id == 0:
            continue
        n = su_ntop(&c.peer, text)
        peer = text[:n]
        n = su_ntop(&c.local, text)
        found.append((
            c.id, c.proto, c.state, c.reader, peer, su_port(&c.peer), text[:n], su_port(&c.local),
            <double>(now - c.created_ms) / 1000,
            (<double>c.expires_ms - <double>now) / 1000,
            [c.alias_port[j] for j in range(c.n_aliases)],
        ))
    return found


def check() -> int:
    """Walk the table as tests want it: how many entries; raises where links are wrong."""
    cdef int i, n = 0
    cdef int32_t at
    _lock()
    try:
        for i in range(HASH):
            at = table.heads[i]
            while at >= 0:
                if conns[at / TCP_MAX_ALIASES].id == 0:
                    raise AssertionError("a link to a free connection")
                at = conns[at / TCP_MAX_ALIASES].alias_next[at % TCP_MAX_ALIASES]
        for i in range(capacity):
            n += conns[i].id != 0
        if n != table.used:
            raise AssertionError("the count is wrong")
    finally:
        lock_release(&table.lock)
    return n


def queued() -> int:
    """Bytes that wait in all readers' write queues."""
    cdef int i
    cdef uint64_t n = 0
    for i in range(capacity):
        if conns[i].id:
            n += conns[i].queued
    return n
