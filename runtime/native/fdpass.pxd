# Sockets handed to a TCP reader over its channel (a SOCK_SEQPACKET pair), each with its connection.
from libc.stdint cimport int32_t

cdef int fd_send(int channel, int32_t id, bint connecting, int fd, bint wait) noexcept nogil   # 0, -errno
# The next socket and its connection: its descriptor, or -1 where none waits
cdef int fd_recv(int channel, int32_t *id, bint *connecting) noexcept nogil
