"""The UDP receiver's loop: ``recvmmsg``, the message's way through the core, ``sendmmsg``.

Signals: the wait ends at least every second, and Python's handlers run then, so that a signal
between check and receive costs a second and is never lost.
"""

from libc.errno cimport EAGAIN, ECONNREFUSED, EINTR, errno
from libc.stdint cimport uint32_t, uint64_t
from libc.stdlib cimport calloc
from libc.string cimport memset

from cpython.exc cimport PyErr_CheckSignals
from runtime.native.klog cimport say
from runtime.native.net cimport (
    PROTO_UDP, get_socket, receive_info, sockaddr_union, socket_info, su_ntop, su_port,
)
from runtime.native.receive cimport receive_msg, stopping
from runtime.native.send cimport msg_send_batching, msg_send_flush


cdef extern from "<sys/uio.h>" nogil:
    struct iovec:
        void *iov_base
        size_t iov_len

cdef extern from "<time.h>" nogil:
    struct timespec:
        long tv_sec
        long tv_nsec
    int CLOCK_MONOTONIC
    int clock_gettime(int clock, timespec *out)

cdef extern from "<sys/time.h>" nogil:
    struct timeval:
        long tv_sec
        long tv_usec

cdef extern from "<sys/socket.h>" nogil:
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
    int MSG_TRUNC, MSG_WAITFORONE, SOL_SOCKET, SO_RCVTIMEO
    int recvmmsg(int fd, mmsghdr *vec, unsigned int n, int flags, timespec *timeout)
    int setsockopt(int fd, int level, int name, const void *value, uint32_t len)

cdef enum:
    BATCH = 16
    BUF_SIZE = 65535
    MIN_UDP_PACKET = 32
    QUICK_NS = 200000       # a message handled faster than this lets the batch grow


cdef uint64_t _now_ns() noexcept nogil:
    cdef timespec t
    clock_gettime(CLOCK_MONOTONIC, &t)
    return <uint64_t>t.tv_sec * 1000000000 + t.tv_nsec


cdef void _port_zero(const sockaddr_union *su) noexcept nogil:
    cdef char text[46]
    cdef int n = su_ntop(su, text)
    with gil:
        say(2, "udp", "dropping 0 port packet from %s" % (text[:n].decode(),))


cdef void _one(char *buf, mmsghdr *got, receive_info *rcv, sockaddr_union *src) noexcept nogil:
    cdef uint32_t n = got.msg_len
    if n < MIN_UDP_PACKET or got.msg_hdr.msg_flags & MSG_TRUNC:
        return              # a probe, or more than a datagram can be
    if su_port(src) == 0:
        _port_zero(src)
        return
    buf[n] = 0
    rcv.src = src[0]
    receive_msg(buf, n, rcv)


def receive_loop(int index) -> None:
    """Serve socket ``index`` until a signal handler raises."""
    cdef socket_info *si = get_socket(index)
    cdef int fd = si.fd
    cdef char *room = <char *>calloc(BATCH, BUF_SIZE + 1)
    cdef mmsghdr got[BATCH]
    cdef iovec parts[BATCH]
    cdef sockaddr_union sources[BATCH]
    cdef receive_info rcv
    cdef timeval second
    cdef int i, n, code, batch = 1
    cdef uint64_t start, spent
    if room == NULL:
        raise MemoryError
    memset(&rcv, 0, sizeof(rcv))
    rcv.bind_address = si
    rcv.dst = si.su
    rcv.proto = PROTO_UDP
    second.tv_sec = 1
    second.tv_usec = 0
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof(second))
    memset(got, 0, sizeof(got))
    for i in range(BATCH):
        parts[i].iov_base = room + i * (BUF_SIZE + 1)
        parts[i].iov_len = BUF_SIZE
        got[i].msg_hdr.msg_name = &sources[i]
        got[i].msg_hdr.msg_iov = &parts[i]
        got[i].msg_hdr.msg_iovlen = 1
    msg_send_batching(True)
    while True:
        with nogil:
            while True:
                for i in range(batch):
                    got[i].msg_hdr.msg_namelen = sizeof(sockaddr_union)
                n = recvmmsg(fd, got, batch, MSG_WAITFORONE, NULL)
                if n <= 0:
                    code = errno
                    break
                start = _now_ns()
                for i in range(n):
                    _one(<char *>parts[i].iov_base, &got[i], &rcv, &sources[i])
                msg_send_flush()
                if stopping():
                    code = EINTR
                    break
                spent = (_now_ns() - start) / n
                if spent > QUICK_NS:
                    batch = 1
                elif n == batch and batch < BATCH:
                    batch *= 2
        PyErr_CheckSignals()
        if stopping():
            raise SystemExit(0)
        if code != EAGAIN and code != EINTR and code != ECONNREFUSED:
            say(-1, "udp", "recvmmsg: errno %d" % (code,))
            raise OSError(code, "recvmmsg")
