# Callbacks of other modules on transactions (tm/t_hooks.h), and the routes that tm runs.
#
# A callback is registered before the fork and known by its id in every process; a cell holds
# (types, id, parameter). Native ones are called as they are, Python ones with the GIL.
from libc.stdint cimport int64_t, uint32_t, uint64_t
from runtime.native.msg cimport sip_msg
from runtime.native.net cimport dest_info
from runtime.native.sipmsg cimport SipMsg
from runtime.native.tm cimport tm_cell

cdef enum:                      # as in Kamailio
    TMCB_REQUEST_IN = 1
    TMCB_RESPONSE_IN = 2
    TMCB_E2EACK_IN = 4
    TMCB_REQUEST_PENDING = 8
    TMCB_REQUEST_FWDED = 16
    TMCB_RESPONSE_FWDED = 32
    TMCB_ON_FAILURE_RO = 64
    TMCB_ON_FAILURE = 128
    TMCB_REQUEST_OUT = 256
    TMCB_RESPONSE_OUT = 512
    TMCB_LOCAL_COMPLETED = 1024
    TMCB_LOCAL_RESPONSE_OUT = 2048
    TMCB_ACK_NEG_IN = 4096
    TMCB_REQ_RETR_IN = 8192
    TMCB_LOCAL_RESPONSE_IN = 16384
    TMCB_LOCAL_REQUEST_IN = 32768
    TMCB_DLG = 65536
    TMCB_DESTROY = 131072
    TMCB_E2ECANCEL_IN = 262144
    TMCB_E2EACK_RETR_IN = 524288
    TMCB_RESPONSE_READY = 1048576
    TMCB_DONT_ACK = 2097152
    TMCB_REQUEST_SENT = 4194304
    TMCB_RESPONSE_SENT = 8388608
    TMCB_ON_BRANCH_FAILURE_RO = 16777216
    TMCB_ON_BRANCH_FAILURE = 33554432
    TMCB_LOCAL_F = 2            # tmcb_params.flags
    TMCB_RETR_F = 1

cdef enum:                      # route_kind of run_route
    KIND_FAILURE = 0
    KIND_BRANCH = 1
    KIND_ONREPLY = 2
    KIND_BRANCH_FAILURE = 3
    KIND_EVENT = 4
    KIND_ROUTE = 5

cdef enum:                      # runtime.declare.exports.Routes
    REQUEST_ROUTE = 1
    FAILURE_ROUTE = 2
    TM_ONREPLY_ROUTE = 4
    CORE_ONREPLY_ROUTE = 8
    BRANCH_ROUTE = 16
    LOCAL_ROUTE = 128
    BRANCH_FAILURE_ROUTE = 256

cdef struct tmcb_params:
    sip_msg *req                # may be a clone in shared memory; NULL: none
    sip_msg *rpl                # FAKED_REPLY, NULL, or the reply
    int code
    uint32_t flags
    uint64_t param

ctypedef void (*tmcb_func)(tm_cell *t, uint32_t type, tmcb_params *ps) noexcept nogil

cdef int tmcb_register(tmcb_func f, uint32_t types) noexcept nogil     # before the fork; id or -1
# types holds TMCB_REQUEST_IN: called for each new transaction. Others: wished for one cell.
cdef bint tmcb_add(tm_cell *t, uint32_t types, int id, uint64_t param) noexcept nogil
cdef void run_cbs(tm_cell *t, uint32_t type, sip_msg *req, sip_msg *rpl, int code, uint32_t flags) noexcept nogil
cdef void run_request_in(tm_cell *t, sip_msg *req) noexcept nogil
cdef bint has_request_in() noexcept nogil

cdef inline bint has_cb(tm_cell *t, uint32_t types) noexcept nogil:
    return (t.cb_mask & types) != 0

# Run a route on msg. The code it returned; DROPPED where it ended with `drop`.
cdef enum:
    DROPPED = -1000000
cdef int run_route(int kind, uint32_t index, sip_msg *msg, tm_cell *t, int route_type) noexcept nogil

# The message object of the route that called into tm: its lists of AVPs are the live ones.
cdef SipMsg get_route_msg()                                     # None: no route calls
cdef SipMsg swap_route_msg(SipMsg msg)                          # gives the one before
cdef SipMsg dressed(sip_msg *m, tm_cell *t, int route_type)    # an object with the cell's AVPs
cdef bint save_avps(tm_cell *t) noexcept nogil                 # of route_msg, into the cell

cdef void run_local_response(const char *reply, uint32_t len) noexcept nogil    # event_route[tm:local-response]

cdef class Transaction:
    cdef tm_cell *t             # NULL once the call is over
    cdef tm_cell *ptr(self) except NULL
