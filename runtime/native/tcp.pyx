"""A TCP reader: it owns its connections, cuts their bytes into messages, and writes for everybody.

Framing follows ``tcp_read.c``: leading white space is skipped, an empty line pair is a keep-alive
answered with CRLF (RFC 5626 s. 4.4.1), a message ends by Content-Length. A message that is an
error, or whose route returns less than 0, ends its connection.
"""

from libc.errno cimport EAGAIN, EINTR, errno
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, realloc
from libc.string cimport memcpy, memmove, memset, strlen

from cpython.exc cimport PyErr_CheckSignals
from runtime.native.fdpass cimport fd_recv
from runtime.native.frame cimport FRAME_BAD, FRAME_MORE, FRAME_PING, frame
from runtime.native.http cimport HTTP_NO, HTTP_PLAIN, http_chunks, http_kind
from runtime.native.klog cimport say
from runtime.native.net cimport (
    SND_F_CON_CLOSE, receive_info, sockaddr, sockaddr_union, su_ntop,
    su_port,
)
from runtime.native.receive cimport receive_msg, stopping
from runtime.native.send cimport msg_send_batching, msg_send_flush
from runtime.native.stats cimport stat_add, stat_inc
from runtime.native.tcpconn cimport (
    CONN_CONNECTING, CONN_OK, ring_item, tcp_capacity, tcp_conn, tcp_connect, tcp_entry, tcp_release,
    tcp_ring_take, tcp_slot,
)
from runtime.native.timer cimport now_ms

from runtime.native import stats as _stats
from runtime.native import tcpconn as _tcpconn

cdef extern from "<unistd.h>" nogil:
    ssize_t read(int fd, void *buf, size_t n)
    int close(int fd)

cdef extern from "<sys/socket.h>" nogil:
    int SOL_SOCKET, SO_ERROR, MSG_NOSIGNAL
    int getsockopt(int fd, int level, int name, void *value, uint32_t *n)
    int getsockname(int fd, sockaddr *su, uint32_t *n)
    ssize_t recv(int fd, void *buf, size_t n, int flags)
    ssize_t send(int fd, const void *buf, size_t n, int flags)

cdef extern from "<fcntl.h>" nogil:
    int F_GETFL, F_SETFL, O_NONBLOCK
    int fcntl(int fd, int command, ...)

cdef extern from "<netinet/tcp.h>" nogil:
    int IPPROTO_TCP, TCP_NODELAY
    int setsockopt(int fd, int level, int name, const void *value, uint32_t n)

cdef extern from "<sys/epoll.h>" nogil:
    int EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP, EPOLL_CTL_ADD, EPOLL_CTL_MOD, EPOLL_CLOEXEC
    union epoll_data:
        uint64_t u64
    struct epoll_event:
        uint32_t events
        epoll_data data
    int epoll_create1(int flags)
    int epoll_ctl(int ep, int op, int fd, epoll_event *event)
    int epoll_wait(int ep, epoll_event *events, int n, int timeout)

cdef enum:
    FRAME_GONE = -3         # beside FRAME_*: the connection is closed
    EVENTS = 64
    PIECE = 65536
    ORPHAN_MS = 5000

cdef struct rconn:          # a connection as its reader knows it
    int fd
    int32_t id
    uint8_t connecting
    uint8_t closing         # close when all is written
    uint8_t wants_write
    uint32_t hidden         # octets after the present message that are its chunks' sizes
    uint8_t continued       # the present message was answered with "100 Continue"
    char *buf
    uint32_t used
    char *out
    uint32_t out_off
    uint32_t out_len
    uint32_t out_cap
    uint64_t deadline       # of the connect or the stalled write, 0 none

cdef struct limits_t:
    uint32_t rd_buf
    uint32_t wq_max
    uint64_t connect_ms
    uint64_t send_ms
    uint64_t lifetime_ms
    uint8_t accept_no_cl
    uint8_t crlf_ping

cdef extern from *:
    """
    #define KCC_CONTINUE "HTTP/1.1 100 Continue\\r\\nContent-Length: 0\\r\\n\\r\\n"
    """
    const char *KCC_CONTINUE

cdef limits_t limits
cdef rconn **local = NULL   # by table index
cdef int poll = -1
cdef int own = 0
cdef int channel = -1
cdef int STAT_CONNECTED, STAT_FAILED, STAT_TIMEOUT, STAT_RESET, STAT_SEND_TIMEOUT
cdef int STAT_ESTABLISHED, STAT_FULL


cdef void _say(tcp_conn *c, int level, const char *text, int code) noexcept nogil:
    cdef char ip[46]
    cdef int n = su_ntop(&c.peer, ip) if c != NULL else 0
    cdef int port = su_port(&c.peer) if c != NULL else 0
    with gil:
        if level < 0:
            say(-1, "tcp", "%s ([%s]:%d, errno %d)" % (text.decode(), ip[:n].decode(), port, code,))
        else:
            say(0, "tcp", "%s ([%s]:%d, errno %d)" % (text.decode(), ip[:n].decode(), port, code,))


cdef inline int _index(int32_t id) noexcept nogil:
    return (id - 1) % tcp_capacity()


cdef void _close(rconn *r) noexcept nogil:
    close(r.fd)
    if not r.connecting:
        stat_add(STAT_ESTABLISHED, -1)
    local[_index(r.id)] = NULL
    tcp_release(r.id)
    free(r.buf)
    free(r.out)
    free(r)


cdef rconn *_open(int fd, int32_t id, bint connecting) noexcept nogil:
    cdef rconn *r = <rconn *>calloc(1, sizeof(rconn))
    cdef epoll_event event
    cdef int one = 1
    if r == NULL:
        close(fd)
        tcp_release(id)
        return NULL
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one))
    r.fd = fd
    r.id = id
    r.connecting = connecting
    r.wants_write = connecting
    if connecting:
        r.deadline = now_ms() + limits.connect_ms
    else:
        stat_inc(STAT_ESTABLISHED)
    event.events = EPOLLIN | (EPOLLOUT if connecting else 0)
    event.data.u64 = <uint64_t>id
    local[_index(id)] = r
    if epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event) < 0:
        _close(r)
        return NULL
    return r


cdef rconn *_connect(tcp_conn *c) noexcept nogil:
    """Open a connection whose sender could not hand its socket over."""
    cdef int fd = tcp_connect(c)
    if fd < 0:
        _say(c, -1, b"connect failed", -fd)
        tcp_release(c.id)
        return NULL
    return _open(fd, c.id, True)


cdef void _poll_write(rconn *r, bint on) noexcept nogil:
    cdef epoll_event event
    if r.wants_write != on:
        r.wants_write = on
        event.events = EPOLLIN | (EPOLLOUT if on else 0)
        event.data.u64 = <uint64_t>r.id
        epoll_ctl(poll, EPOLL_CTL_MOD, r.fd, &event)


cdef bint _write(rconn *r) noexcept nogil:
    """Write what waits; False where the connection is gone."""
    cdef ssize_t n
    cdef tcp_conn *c = tcp_entry(r.id)
    if r.connecting:
        return True
    while r.out_len:
        n = send(r.fd, r.out + r.out_off, r.out_len, MSG_NOSIGNAL)
        if n > 0:
            r.out_off += n
            r.out_len -= n
        elif errno == EAGAIN:
            break
        elif errno != EINTR:
            _say(c, -1, b"write failed", errno)
            _close(r)
            return False
    if c != NULL:
        c.queued = r.out_len
    if r.out_len:
        if r.deadline == 0:
            r.deadline = now_ms() + limits.send_ms
        _poll_write(r, True)
        return True
    r.out_off = 0
    r.deadline = 0
    if r.closing:
        _close(r)
        return False
    _poll_write(r, False)
    return True


cdef bint _queue(rconn *r, const char *s, uint32_t n) noexcept nogil:
    """Put bytes at the end of what waits; False where the connection had to go."""
    cdef char *grown
    cdef uint32_t cap
    if r.out_len and r.out_len + n > limits.wq_max:
        stat_inc(STAT_FULL)
        _say(tcp_entry(r.id), -1, b"write queue full, closing", 0)
        _close(r)
        return False
    if r.out_off + r.out_len + n > r.out_cap:
        memmove(r.out, r.out + r.out_off, r.out_len)
        r.out_off = 0
        if r.out_len + n > r.out_cap:
            cap = (r.out_len + n + 4095) & ~<uint32_t>4095
            grown = <char *>realloc(r.out, cap)
            if grown == NULL:
                _close(r)
                return False
            r.out = grown
            r.out_cap = cap
    memcpy(r.out + r.out_off + r.out_len, s, n)
    r.out_len += n
    return True


cdef void _adopt() noexcept nogil:
    """Take over the sockets that TCP main and the senders handed over."""
    cdef int32_t id = 0
    cdef bint connecting = False
    cdef int fd, mode
    while True:
        fd = fd_recv(channel, &id, &connecting)
        if fd < 0:
            return
        mode = fcntl(fd, F_GETFL)
        fcntl(fd, F_SETFL, mode | O_NONBLOCK)
        if tcp_entry(id) == NULL or local[_index(id)] != NULL:
            close(fd)
        else:
            _open(fd, id, connecting)


cdef void _drain(char *piece) noexcept nogil:
    """Write all that the ring holds, opening connections that senders made."""
    cdef ring_item item
    cdef tcp_conn *c
    cdef rconn *r
    cdef int n
    while True:
        n = tcp_ring_take(own, &item, piece, PIECE)
        if n < 0:
            return
        c = tcp_entry(item.id)
        if n > PIECE or c == NULL:
            continue            # closed meanwhile
        r = local[_index(item.id)]
        if r == NULL:
            _adopt()
            r = local[_index(item.id)]
        if r == NULL:
            if c.state != CONN_CONNECTING:
                continue        # its socket is still on the way from TCP main: see _adopt
            r = _connect(c)
            if r == NULL:
                continue
        c.expires_ms = now_ms() + limits.lifetime_ms
        if item.flags & SND_F_CON_CLOSE:
            r.closing = True
        if _queue(r, piece, n):
            _write(r)


cdef bint _connected(rconn *r) noexcept nogil:
    cdef int code = 0
    cdef uint32_t n = sizeof(code)
    cdef tcp_conn *c = tcp_entry(r.id)
    getsockopt(r.fd, SOL_SOCKET, SO_ERROR, &code, &n)
    if code:
        stat_inc(STAT_FAILED)
        _say(c, -1, b"connect failed", code)
        _close(r)
        return False
    r.connecting = False
    r.deadline = 0
    stat_inc(STAT_CONNECTED)
    stat_inc(STAT_ESTABLISHED)
    if c != NULL:
        n = sizeof(sockaddr_union)
        getsockname(r.fd, &c.local.s, &n)
        c.state = CONN_OK
    return _write(r)


cdef int64_t _http(rconn *r, uint32_t at, int64_t n) noexcept nogil:
    """What ``frame`` said of the message at ``at``, corrected where that is an HTTP request."""
    cdef uint32_t head, size = 0
    cdef bint expects
    cdef int kind = http_kind(r.buf + at, r.used - at, &head, &expects)
    cdef int64_t body
    if kind == HTTP_NO:
        return n
    if expects and not r.continued:
        r.continued = 1
        if not _queue(r, KCC_CONTINUE, <uint32_t>strlen(KCC_CONTINUE)) or not _write(r):
            return FRAME_GONE
    if kind == HTTP_PLAIN:
        return n
    body = http_chunks(r.buf + at + head, r.used - at - head, &size)
    if body <= 0:
        return FRAME_MORE if body == 0 else FRAME_BAD
    r.hidden = <uint32_t>body - size
    return head + size


cdef bint _messages(rconn *r) noexcept nogil:
    """Handle each complete message in the buffer; False where the connection is gone."""
    cdef receive_info rcv
    cdef tcp_conn *c
    cdef uint32_t at = 0, skipped
    cdef int64_t n
    cdef char kept
    cdef int32_t id = r.id
    while at < r.used:
        skipped = 0
        n = frame(r.buf + at, r.used - at, limits.accept_no_cl, limits.crlf_ping, &skipped)
        at += skipped
        if n == FRAME_PING:
            if not _queue(r, b"\r\n", 2) or not _write(r):
                return False
            continue
        if limits.accept_no_cl and n != FRAME_BAD:
            n = _http(r, at, n)
            if n == FRAME_GONE:
                return False
        if n == FRAME_MORE:
            break
        c = tcp_entry(id)
        if n == FRAME_BAD or c == NULL:
            _say(c, -1, b"content length not present or unparsable", 0)
            _close(r)
            return False
        memset(&rcv, 0, sizeof(rcv))
        rcv.src = c.peer
        rcv.dst = c.local
        rcv.proto = c.proto
        rcv.proto_reserved1 = id
        rcv.bind_address = c.si
        kept = r.buf[at + n]
        r.buf[at + n] = 0
        if receive_msg(r.buf + at, <uint32_t>n, &rcv) < 0:
            r.closing = True    # once the answer is written: see `reader_loop`
            r.used = 0
            return True
        r.buf[at + n] = kept
        at += <uint32_t>n + r.hidden
        r.hidden = 0
        r.continued = 0
    if at:
        r.used -= at
        memmove(r.buf, r.buf + at, r.used)
    if r.used >= limits.rd_buf - 1:
        _say(tcp_entry(id), -1, b"buffer overrun, dropping", 0)
        _close(r)
        return False
    return True


cdef void _read(rconn *r) noexcept nogil:
    cdef ssize_t n
    cdef tcp_conn *c
    if r.buf == NULL:
        r.buf = <char *>malloc(limits.rd_buf + 1)
        if r.buf == NULL:
            _close(r)
            return
    n = recv(r.fd, r.buf + r.used, limits.rd_buf - 1 - r.used, 0)
    if n < 0:
        if errno == EAGAIN or errno == EINTR:
            return
        stat_inc(STAT_RESET)
        _close(r)
    elif n == 0:
        _close(r)
    else:
        r.used += <uint32_t>n
        if r.closing:
            r.used = 0
            return
        c = tcp_entry(r.id)
        if c != NULL:
            c.expires_ms = now_ms() + limits.lifetime_ms
        _messages(r)


cdef void _expire(uint64_t now) noexcept nogil:
    cdef int i
    cdef rconn *r
    cdef tcp_conn *c
    for i in range(tcp_capacity()):
        r = local[i]
        if r == NULL:
            c = tcp_slot(i)
            if c.id and c.reader == own and now > c.created_ms + ORPHAN_MS:
                tcp_release(c.id)       # who made it died before the socket or a byte came here
            continue
        c = tcp_entry(r.id)
        if r.deadline and r.deadline <= now:
            stat_inc(STAT_FAILED if r.connecting else STAT_SEND_TIMEOUT)
            _say(c, -1, b"connect timed out" if r.connecting else b"send timed out", 0)
            _close(r)
        elif c == NULL or (c.expires_ms <= now and r.out_len == 0):
            stat_inc(STAT_TIMEOUT)
            _close(r)


def reader_loop(
    int reader, sockets, *, int rd_buf, int wq_max, double connect_timeout, double send_timeout,
    double lifetime, bint accept_no_cl, bint crlf_ping
) -> None:
    """Serve as reader ``reader`` until a signal handler raises; ``sockets`` brings them."""
    global local, poll, own, channel
    cdef epoll_event events[EVENTS]
    cdef epoll_event event
    cdef rconn *r
    cdef int i, n, ring_fd
    cdef bint arrivals
    cdef uint64_t now, next_sweep = 0, filled
    cdef char *piece = <char *>malloc(PIECE)
    own = reader
    channel = sockets.fileno()
    limits.rd_buf = rd_buf
    limits.wq_max = wq_max
    limits.connect_ms = <uint64_t>(connect_timeout * 1000)
    limits.send_ms = <uint64_t>(send_timeout * 1000)
    limits.lifetime_ms = <uint64_t>(lifetime * 1000)
    limits.accept_no_cl = accept_no_cl
    limits.crlf_ping = crlf_ping
    local = <rconn **>calloc(tcp_capacity(), sizeof(rconn *))
    if piece == NULL or local == NULL:
        raise MemoryError
    ring_fd = _tcpconn.set_own_reader(reader)
    poll = epoll_create1(EPOLL_CLOEXEC)
    event.events = EPOLLIN
    event.data.u64 = 0          # ids of connections start at 1
    epoll_ctl(poll, EPOLL_CTL_ADD, ring_fd, &event)
    event.data.u64 = <uint64_t>1 << 32
    epoll_ctl(poll, EPOLL_CTL_ADD, channel, &event)
    msg_send_batching(True)
    while True:
        with nogil:
            arrivals = False
            n = epoll_wait(poll, events, EVENTS, 500)
            for i in range(n):
                if events[i].data.u64 == 0:
                    read(ring_fd, &filled, 8)
                elif events[i].data.u64 == <uint64_t>1 << 32:
                    arrivals = True
                else:
                    r = local[_index(<int32_t>events[i].data.u64)]
                    if r == NULL or r.id != <int32_t>events[i].data.u64:
                        continue
                    if r.connecting:
                        if not _connected(r):
                            continue
                    elif events[i].events & <uint32_t>EPOLLOUT and not _write(r):
                        continue
                    if events[i].events & <uint32_t>(EPOLLIN | EPOLLHUP | EPOLLERR):
                        _read(r)
            if arrivals:
                _adopt()
            _drain(piece)
            for i in range(n):          # those whose message was an error
                if 0 < events[i].data.u64 < <uint64_t>1 << 32:
                    r = local[_index(<int32_t>events[i].data.u64)]
                    if r != NULL and r.id == <int32_t>events[i].data.u64 and r.closing:
                        _write(r)
            msg_send_flush()
            now = now_ms()
            if now >= next_sweep:
                next_sweep = now + 500
                _expire(now)
        PyErr_CheckSignals()
        if stopping():
            raise SystemExit(0)


def init() -> None:
    """Register the statistics of group ``tcp``; before the fork."""
    global STAT_CONNECTED, STAT_FAILED, STAT_TIMEOUT, STAT_RESET, STAT_SEND_TIMEOUT
    global STAT_ESTABLISHED, STAT_FULL
    STAT_CONNECTED = _stats.register("tcp", "connect_success")
    STAT_FAILED = _stats.register("tcp", "connect_failed")
    STAT_TIMEOUT = _stats.register("tcp", "con_timeout")
    STAT_RESET = _stats.register("tcp", "con_reset")
    STAT_SEND_TIMEOUT = _stats.register("tcp", "send_timeout")
    STAT_ESTABLISHED = _stats.register("tcp", "established")
    STAT_FULL = _stats.register("tcp", "sendq_full")
