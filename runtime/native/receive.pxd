# One received message through the core (receive.c, forward.c's forward_reply).
from libc.stdint cimport uint32_t
from runtime.native.msg cimport arena_t, sip_msg
from runtime.native.net cimport receive_info
from runtime.native.sipmsg cimport SipMsg

ctypedef int (*data_in_function)(arena_t *arena, char **buf, uint32_t *len) noexcept nogil
ctypedef int (*response_function)(sip_msg *msg) noexcept nogil
ctypedef int (*pre_script_function)(sip_msg *msg) noexcept nogil
ctypedef void (*post_script_function)(sip_msg *msg) noexcept nogil

cdef enum:                  # statistics that senders count (kex names them group "core")
    STAT_FWD_REQUESTS = 0
    STAT_FWD_REPLIES = 1
    STAT_DROP_REQUESTS = 2
    STAT_DROP_REPLIES = 3
    STAT_ERR_REQUESTS = 4
    STAT_ERR_REPLIES = 5

# buf[len] must be writable; buf is parsed in place. 0, -1 not handled (logged).
cdef int receive_msg(char *buf, uint32_t len, receive_info *rcv) noexcept nogil
# Registration before the fork. A response function: 0 handled, 1 forward it statelessly.
# A pre-script function: 0 drops the message, 1 goes on. kinds: SIP_REQUEST | SIP_REPLY.
cdef void register_response(response_function f) noexcept nogil
cdef void register_pre_script(pre_script_function f, int kinds) noexcept nogil
cdef void register_post_script(post_script_function f, int kinds) noexcept nogil
# Forward a reply by its second Via, without asking response functions. 0, -1.
cdef int forward_reply(sip_msg *msg) noexcept nogil
# A signal asked this process to end: loops leave at their next turn (the exception that says so
# may have been swallowed by a hook below a route).
cdef bint stopping() noexcept nogil
cdef uint32_t next_msg_id() noexcept nogil
cdef int core_stat(int which) noexcept nogil        # handle of STAT_*
# What came, before it is parsed: the function may put other octets, of this arena, in its place.
cdef void set_data_in(data_in_function f) noexcept nogil
cdef void carry_lists(SipMsg msg)       # its AVPs are there for the route that is run next
cdef tuple next_lists()
cdef SipMsg top_msg()                   # whose top route runs, None
