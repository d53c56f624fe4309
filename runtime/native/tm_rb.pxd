# Retransmission buffers and their clocks (tm/timer.h): RFC 3261 timers A, B, E, F, G, H, I, J.
from libc.stdint cimport uint32_t, uint64_t
from runtime.native.tm cimport retr_buf, tm_cell

cdef int start_retr(retr_buf *rb) noexcept nogil                # retransmit where UDP; final response clock
cdef int force_retr(retr_buf *rb) noexcept nogil                # retransmit over any transport
cdef void stop_rb_timers(retr_buf *rb) noexcept nogil
cdef void stop_rb_retr(retr_buf *rb) noexcept nogil
cdef void switch_rb_retr_to_t2(retr_buf *rb) noexcept nogil
cdef void restart_rb_fr(retr_buf *rb, uint32_t timeout) noexcept nogil
cdef void cleanup_uac_timers(tm_cell *t) noexcept nogil
cdef void cleanup_localcancel_timers(tm_cell *t) noexcept nogil
# Change a running transaction; 0 leaves a value as it is. ms.
cdef void change_fr(tm_cell *t, uint32_t fr_inv, uint32_t fr) noexcept nogil
cdef void change_retr(tm_cell *t, uint32_t t1, uint32_t t2) noexcept nogil
cdef void change_end_of_life(tm_cell *t, uint32_t lifetime) noexcept nogil
cdef int t_retransmit_reply(tm_cell *t) noexcept nogil          # 1; -1 nothing to send
