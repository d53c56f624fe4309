"""Hand a socket to another process with the id of its connection (``unix(7)``, SCM_RIGHTS)."""

from libc.errno cimport EINTR, errno
from libc.stdint cimport int32_t
from libc.string cimport memcpy, memset

cdef extern from "<sys/uio.h>" nogil:
    struct iovec:
        void *iov_base
        size_t iov_len

cdef extern from "<sys/socket.h>" nogil:
    int SOL_SOCKET, SCM_RIGHTS, MSG_DONTWAIT, MSG_NOSIGNAL, MSG_CMSG_CLOEXEC
    struct msghdr:
        iovec *msg_iov
        size_t msg_iovlen
        void *msg_control
        size_t msg_controllen
    struct cmsghdr:
        size_t cmsg_len
        int cmsg_level
        int cmsg_type
    cmsghdr *CMSG_FIRSTHDR(msghdr *m)
    unsigned char *CMSG_DATA(cmsghdr *c)
    size_t CMSG_LEN(size_t n)
    size_t CMSG_SPACE(size_t n)
    ssize_t sendmsg(int fd, const msghdr *m, int flags)
    ssize_t recvmsg(int fd, msghdr *m, int flags)

cdef struct note_t:
    int32_t id
    int32_t connecting

cdef union control_t:       # room for one descriptor, aligned
    cmsghdr header
    char room[64]


cdef void _frame(msghdr *m, iovec *piece, note_t *note, control_t *control) noexcept nogil:
    memset(m, 0, sizeof(msghdr))
    memset(control, 0, sizeof(control_t))
    piece.iov_base = note
    piece.iov_len = sizeof(note_t)
    m.msg_iov = piece
    m.msg_iovlen = 1
    m.msg_control = control
    m.msg_controllen = CMSG_SPACE(sizeof(int))


cdef int fd_send(int channel, int32_t id, bint connecting, int fd, bint wait) noexcept nogil:
    cdef msghdr m
    cdef iovec piece
    cdef note_t note
    cdef control_t control
    cdef cmsghdr *c
    note.id = id
    note.connecting = connecting
    _frame(&m, &piece, &note, &control)
    c = CMSG_FIRSTHDR(&m)
    c.cmsg_level = SOL_SOCKET
    c.cmsg_type = SCM_RIGHTS
    c.cmsg_len = CMSG_LEN(sizeof(int))
    memcpy(CMSG_DATA(c), &fd, sizeof(int))
    while sendmsg(channel, &m, MSG_NOSIGNAL | (0 if wait else MSG_DONTWAIT)) < 0:
        if errno != EINTR:
            return -errno
    return 0


cdef int fd_recv(int channel, int32_t *id, bint *connecting) noexcept nogil:
    cdef msghdr m
    cdef iovec piece
    cdef note_t note
    cdef control_t control
    cdef cmsghdr *c
    cdef int fd = -1
    while True:
        _frame(&m, &piece, &note, &control)
        if recvmsg(channel, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) != sizeof(note_t):
            if errno == EINTR:
                errno = 0
                continue
            return -1
        c = CMSG_FIRSTHDR(&m)
        if c is not NULL and c.cmsg_type == SCM_RIGHTS:     # else the limit of open files is reached
            memcpy(&fd, CMSG_DATA(c), sizeof(int))
            id[0] = note.id
            connecting[0] = note.connecting
            return fd
