# One way out for every message: UDP is queued for the process's next sendmmsg, TCP goes to the
# connection's reader. Filled in by send.pyx and tcpconn.pyx.
from libc.stdint cimport uint32_t
from runtime.native.net cimport dest_info

ctypedef int (*data_out_function)(dest_info *dst, const char **buf, uint32_t *len) noexcept nogil
cdef void set_data_out(data_out_function f) noexcept nogil      # may put other octets in place
cdef int msg_send(dest_info *dst, const char *buf, uint32_t len) noexcept nogil    # 0; -1 cannot (copies buf)
cdef void msg_send_flush() noexcept nogil                                          # sendmmsg what is queued
# While batching is on (UDP receivers, timers), UDP waits for msg_send_flush or a full queue.
cdef void msg_send_batching(bint on) noexcept nogil
