# One way out for every message: UDP is queued for the process's next sendmmsg, TCP goes to the
# connection's reader. Filled in by udp.pyx and tcp.pyx.
from libc.stdint cimport uint32_t
from runtime.native.net cimport dest_info

cdef int msg_send(dest_info *dst, const char *buf, uint32_t len) noexcept nogil    # 0; -1 cannot (copies buf)
cdef void msg_send_flush() noexcept nogil                                          # sendmmsg what is queued
