"""The way out for messages: a UDP queue for ``sendmmsg``, and the hand-over to TCP readers."""

from libc.errno cimport EINTR, errno
from libc.stdint cimport uint8_t, uint32_t
from libc.string cimport memcpy, memset

from runtime.native.klog cimport say
from runtime.native.net cimport (
    PROTO_TCP, PROTO_TLS, PROTO_UDP, PROTO_WS, PROTO_WSS, dest_info, get_send_socket, get_socket, sockaddr,
    sockaddr_in, sockaddr_in6, sockaddr_union, socket_info, su_ntop, su_port, su_pton, su_setport,
)
from runtime.native.stats cimport stat_inc
from runtime.native.tcpconn cimport tcp_send

from runtime.native import stats as _stats

cdef extern from "<sys/uio.h>" nogil:
    struct iovec:
        void *iov_base
        size_t iov_len

cdef extern from "<sys/socket.h>" nogil:
    int AF_INET
    struct msghdr:
        void *msg_name
        uint32_t msg_namelen
        iovec *msg_iov
        size_t msg_iovlen
        void *msg_control
        size_t msg_controllen
        int msg_flags
    struct mmsghdr:
        msghdr msg_hdr
        unsigned int msg_len
    int sendmmsg(int fd, mmsghdr *vec, unsigned int n, int flags)
    ssize_t sendto(int fd, const void *buf, size_t n, int flags, const sockaddr *to, uint32_t len)

cdef enum:
    QUEUE = 64              # datagrams
    ROOM = 262144           # bytes

cdef mmsghdr queue[QUEUE]
cdef iovec parts[QUEUE]
cdef sockaddr_union addresses[QUEUE]
cdef int sockets[QUEUE]
cdef char room[ROOM]
cdef int queued = 0
cdef uint32_t used = 0
cdef bint batching = False
cdef int STAT_SEND_ERROR
cdef data_out_function data_out = NULL


cdef inline uint32_t _length(const sockaddr_union *su) noexcept nogil:
    return sizeof(sockaddr_in) if su.s.sa_family == AF_INET else sizeof(sockaddr_in6)


cdef void _failed(const sockaddr_union *to, int code) noexcept nogil:
    cdef char text[46]
    cdef int n = su_ntop(to, text)
    stat_inc(STAT_SEND_ERROR)
    with gil:
        say(-1, "send", "sendto %s:%d failed: errno %d" % (text[:n].decode(), su_port(to), code,))


cdef void msg_send_flush() noexcept nogil:
    global queued, used
    cdef int first = 0, last, sent
    while first < queued:
        last = first + 1
        while last < queued and sockets[last] == sockets[first]:
            last += 1
        while first < last:
            sent = sendmmsg(sockets[first], &queue[first], last - first, 0)
            if sent > 0:
                first += sent
            elif errno != EINTR:
                _failed(&addresses[first], errno)
                first += 1
    queued = 0
    used = 0


cdef void msg_send_batching(bint on) noexcept nogil:
    global batching
    if not on:
        msg_send_flush()
    batching = on


cdef int _udp_send(dest_info *dst, const char *buf, uint32_t len) noexcept nogil:
    global queued, used
    cdef int fd = dst.send_sock.fd
    cdef mmsghdr *entry
    if len > ROOM or fd < 0:
        return -1
    if not batching:
        while sendto(fd, buf, len, 0, &dst.to.s, _length(&dst.to)) < 0:
            if errno != EINTR:
                _failed(&dst.to, errno)
                return -1
        return 0
    if queued == QUEUE or used + len > ROOM:
        msg_send_flush()
    memcpy(room + used, buf, len)
    addresses[queued] = dst.to
    parts[queued].iov_base = room + used
    parts[queued].iov_len = len
    sockets[queued] = fd
    entry = &queue[queued]
    entry.msg_hdr.msg_name = &addresses[queued]
    entry.msg_hdr.msg_namelen = _length(&dst.to)
    entry.msg_hdr.msg_iov = &parts[queued]
    entry.msg_hdr.msg_iovlen = 1
    entry.msg_hdr.msg_control = NULL
    entry.msg_hdr.msg_controllen = 0
    entry.msg_hdr.msg_flags = 0
    queued += 1
    used += len
    return 0


cdef void set_data_out(data_out_function f) noexcept nogil:
    global data_out
    data_out = f


cdef int msg_send(dest_info *dst, const char *buf, uint32_t len) noexcept nogil:
    if data_out != NULL:
        data_out(dst, &buf, &len)
    if dst.proto == PROTO_UDP or dst.proto == 0:
        if dst.send_sock == NULL:
            dst.send_sock = get_send_socket(&dst.to, PROTO_UDP)
            if dst.send_sock == NULL:
                return -1
        return _udp_send(dst, buf, len)
    if dst.proto == PROTO_TCP or dst.proto == PROTO_TLS or dst.proto == PROTO_WS \
            or dst.proto == PROTO_WSS:
        return tcp_send(dst, buf, len)
    return -1


def init() -> None:
    """Register the statistics of this topic; before the fork."""
    global STAT_SEND_ERROR
    STAT_SEND_ERROR = _stats.register(".core", "udp_send_errors")


def flush() -> None:
    """Send what is queued; call it before anything that blocks (a database query, a DNS look-up)."""
    if queued:
        with nogil:
            msg_send_flush()


def set_batching(on: bool) -> None:
    """Queue UDP until ``flush`` (True), or send each datagram at once (False, the default)."""
    msg_send_batching(on)


def send_to(bytes data, bytes ip, int port, int proto, *, int socket = -1, int conn_id = 0) -> bool:
    """Send ``data`` to a numeric address from listen socket ``socket`` (-1: chosen), or over
    connection ``conn_id``. False where it cannot be sent. Raises ValueError for a bad address."""
    cdef dest_info dst
    cdef const char *text = data
    cdef uint32_t n = <uint32_t>len(data)
    cdef int code
    memset(&dst, 0, sizeof(dst))
    if su_pton(ip, <int>len(ip), &dst.to) < 0:
        raise ValueError(f"not a numeric address: {ip!r}")
    su_setport(&dst.to, port)
    dst.proto = <uint8_t>proto
    dst.id = conn_id
    if socket >= 0:
        dst.send_sock = get_socket(socket)
    with nogil:
        code = msg_send(&dst, text, n)
    return code == 0
