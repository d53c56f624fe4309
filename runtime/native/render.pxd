# The build buffer of the process, and lumps written into it.
from libc.stdint cimport int64_t, uint32_t
from runtime.native.build cimport out_t
from runtime.native.cstr cimport str_t
from runtime.native.lump cimport lump
from runtime.native.msg cimport sip_msg
from runtime.native.net cimport dest_info

cdef void start() noexcept nogil                               # empty the buffer
cdef void put(const char *s, size_t len) noexcept nogil
cdef void put_str(str_t *s) noexcept nogil
cdef void put_number(uint32_t n) noexcept nogil
cdef uint32_t written() noexcept nogil
cdef int finish(out_t *out) noexcept nogil                     # 0; -1 there was no memory
cdef int number(char *out, uint32_t n) noexcept nogil          # decimal digits into out[10]; how many
cdef int reverse_hex(char *out, uint32_t n) noexcept nogil     # lowest digit first, into out[8]
# The buffer from pos to the end of the last lump, edited; the offset where the rest begins.
cdef uint32_t put_lumps(sip_msg *msg, lump *l, uint32_t pos, dest_info *dst) noexcept nogil
# By how many bytes a list of lumps changes the length
cdef int64_t lumps_delta(sip_msg *msg, lump *l, uint32_t pos, dest_info *dst) noexcept nogil
