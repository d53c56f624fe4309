# The transaction table: cells in shared memory, their references and clocks (tm/h_table.h).
#
# Locks: an entry's lock guards its list, labels and reference counts; a cell's reply_lock
# (recursive) guards its answers. Order: reply_lock before entry lock. `tm_T` and what belongs to
# it is private to the process.
#
# Death of a process: a reference is counted in the cell and noted in the process's row of
# `tm_held`, so that the counts can be made again. Blocks are linked first and published after;
# `tm_process_died` must therefore run before `shm_reclaim` of the same slot. Transactions that a
# dead process was working on are finished by the timer process (tm_fire.pyx).
from libc.stdint cimport int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from runtime.native.cstr cimport str_t
from runtime.native.lock cimport gen_lock_t
from runtime.native.msg cimport arena_t, sip_msg
from runtime.native.net cimport dest_info
from runtime.native.proc cimport MAX_PROCS
from runtime.native.timer cimport timer_handler, timer_ln

cdef extern from *:
    """
    #define tm_cas(p, old, new) __sync_bool_compare_and_swap((uintptr_t *)(p), (uintptr_t)(old), (uintptr_t)(new))
    #define tm_fence() __sync_synchronize()
    #define tm_flag_or(p, v) __sync_fetch_and_or((p), (v))
    #define tm_flag_and(p, v) __sync_fetch_and_and((p), (v))
    """
    bint tm_cas(void *p, void *old, void *new) nogil
    void tm_fence() nogil
    uint32_t tm_flag_or(uint32_t *p, uint32_t v) nogil
    uint32_t tm_flag_and(uint32_t *p, uint32_t v) nogil
    sip_msg *FAKED_REPLY "((void *)-1)"         # a reply that nobody sent: we made it up
    char *BUSY_BUFFER "((char *)1)"             # somebody builds this CANCEL now

cdef enum:
    TABLE_ENTRIES = 65536
    MAX_UACS = 31               # branches of one transaction
    HELD_MAX = 8                # cells that one process works on at once (nesting)
    ORPHANS_MAX = 512           # cells of dead processes that wait for the timer process
    MD5_LEN = 32
    TOTAG_LEN = 41              # 32 hex, separator, 8 hex
    MCOOKIE_LEN = 7

cdef enum:                      # tm_cell.flags, as Kamailio's
    T_IS_INVITE = 1
    T_IS_LOCAL = 2
    T_NOISY_CTIMER = 4
    T_CANCELED = 8
    T_6xx = 16
    T_AUTO_INV_100 = 64
    T_NO_AUTO_ACK = 128
    T_DISABLE_6xx = 256
    T_DISABLE_FAILOVER = 512
    T_NO_E2E_CANCEL_REASON = 1024
    T_ASYNC_CONTINUE = 4096
    T_DISABLE_INTERNAL_REPLY = 8192
    T_ADMIN_REPLY = 16384
    T_ASYNC_SUSPENDED = 32768

cdef enum:                      # retr_buf.flags
    F_RB_T2 = 0x02
    F_RB_RETR_DISABLED = 0x04
    F_RB_FR_INV = 0x08
    F_RB_TIMEOUT = 0x10
    F_RB_REPLIED = 0x20
    F_RB_CANCELED = 0x40
    F_RB_DEL_TIMER = 0x80
    F_RB_RELAYREPLY = 0x400

cdef enum:                      # retr_buf.rbtype; a status code where it is a reply
    TYPE_LOCAL_ACK = -2
    TYPE_LOCAL_CANCEL = -1
    TYPE_REQUEST = 0

cdef enum:                      # ua_client.flags
    TM_UAC_FLAG_FB = 4
    TM_UAC_FLAG_BLIND = 8

cdef enum:                      # what happened to the request of this process (REQ_*)
    REQ_FWDED = 1
    REQ_RPLD = 2
    REQ_RLSD = 4
    REQ_EXIST = 8
    REQ_ERR_DELAYED = 16

cdef enum:
    T_BR_UNDEFINED = -1

cdef enum:                      # places where a test kills the process: tm_fault[] has their ids
    FAULT_INSERT = 0            # cell linked, not yet published
    FAULT_UNLINK                # cell half out of its list
    FAULT_HOLD                  # reference noted, not yet counted
    FAULT_FREE                  # all blocks of a cell freed but the cell itself
    FAULT_BRANCH                # branch linked, not counted
    FAULT_STORE_REPLY           # reply written, not in force
    FAULT_RELAY                 # status changed, reply not sent
    FAULT_FORWARD               # branches added, none sent
    FAULT_SENT                  # request sent, timer not armed
    FAULT_CREATED               # transaction exists, nothing done with it
    FAULT_REPLY_IN              # reply matched, reply lock held
    FAULT_CANCEL                # CANCEL built, not sent
    FAULT_WAIT                  # wait handler: entry locked
    N_FAULTS

cdef struct retr_buf:           # one message that is sent again until something happens
    timer_ln timer
    tm_cell *t
    char *buffer
    uint32_t buffer_len
    uint32_t flags
    uint64_t retr_expire        # ms
    uint64_t fr_expire
    uint32_t interval           # ms to the retransmission after the next
    int32_t rbtype
    uint16_t branch
    uint16_t active
    dest_info dst

cdef struct ua_server:
    sip_msg *request            # clone; NULL for a local transaction
    retr_buf response           # buffer is one of the two below
    char *reply_buf[2]          # a reply is written beside the one in force, then `cur` changes
    uint32_t reply_cap[2]
    uint32_t cur
    int32_t status
    uint32_t totag_off          # of our own To-tag within the reply; len 0: none
    uint32_t totag_len
    char *cancel_reason         # header lines from the CANCEL, packed
    uint32_t cancel_reason_len

cdef struct ua_client:
    sip_msg *reply              # clone, FAKED_REPLY, or NULL
    retr_buf request
    retr_buf local_cancel       # buffer NULL, BUSY_BUFFER while it is built, or the CANCEL
    char *meta                  # one block that holds path, instance, ruid, location_ua
    uint32_t uri_off            # within the request
    uint32_t uri_len
    str_t path
    str_t instance
    str_t ruid
    str_t location_ua
    int32_t last_received
    uint32_t flags
    uint32_t branch_flags
    int32_t icode
    uint16_t on_failure
    uint16_t on_branch_failure
    uint16_t on_reply

cdef struct totag_elem:
    totag_elem *next
    uint32_t acked
    uint32_t len
    char tag[1]

cdef struct tmcb_elem:          # a callback of this transaction
    tmcb_elem *next
    uint32_t types
    uint32_t id
    uint64_t param

cdef struct tm_cell:
    tm_cell *next_c
    tm_cell *prev_c
    uint32_t hash_index
    uint32_t label
    uint32_t flags
    int32_t ref_count           # under the entry's lock
    uint32_t linked
    uint32_t nr_of_outgoings
    uint32_t generation         # of the configuration that the route indexes belong to
    int32_t owner               # process whose route made it and still runs, -1 when it ended
    uint32_t owner_incarnation
    uint32_t cb_mask
    tmcb_elem *callbacks
    gen_lock_t reply_lock
    timer_ln wait_timer
    uint64_t wait_start         # 0: not on wait
    uint64_t end_of_life
    uint32_t fr_timeout         # ms
    uint32_t fr_inv_timeout
    uint32_t rt_t1
    uint32_t rt_t2
    int16_t relayed_reply_branch        # -1 none, -2 local
    uint16_t on_failure
    uint16_t on_branch_failure
    uint16_t on_reply
    uint16_t on_branch
    uint16_t on_branch_delayed
    int32_t blind_uac           # async: branch to which the continuation answers
    uint32_t async_route        # route type that was suspended
    char *avps                  # runtime.script.avp's packed lists
    uint32_t avps_len
    totag_elem *fwded_totags
    ua_server uas
    ua_client *uac[MAX_UACS]
    ua_client uac0              # the first branch needs no allocation
    str_t method                # in the clone, or in the request sent (local)
    str_t callid                # value of the header
    str_t cseq_n                # number
    char md5[MD5_LEN]

cdef struct tm_entry:
    tm_cell *first
    tm_cell *last
    gen_lock_t lock
    uint32_t next_label
    uint32_t pad

cdef struct held_row:           # one process
    uint32_t incarnation
    tm_cell *cells[HELD_MAX]
    tm_cell *dying              # being freed by this process
    uint32_t freeing            # 1: all its blocks are in flight

cdef struct tm_shared:
    tm_entry entries[TABLE_ENTRIES]
    held_row held[MAX_PROCS]
    gen_lock_t orphans_lock
    tm_cell *orphans[ORPHANS_MAX]
    timer_ln sweeper
    uint32_t sweep_at

cdef enum:                      # run-time configuration; bound to slots of cfgvar by modules/tm
    CFG_FR_TIMER = 0
    CFG_FR_INV_TIMER
    CFG_FR_INV_TIMER_NEXT
    CFG_WT_TIMER
    CFG_RETR_TIMER1
    CFG_RETR_TIMER2
    CFG_MAX_INV_LIFETIME
    CFG_MAX_NONINV_LIFETIME
    CFG_NOISY_CTIMER
    CFG_AUTO_INV_100
    CFG_RESTART_FR
    CFG_RURI_MATCHING
    CFG_VIA1_MATCHING
    CFG_CALLID_MATCHING
    CFG_CALLID_CSEQ_MATCHING
    CFG_PASS_PROVISIONAL
    CFG_AGGREGATE_CHALLENGES
    CFG_UNMATCHED_CANCEL
    CFG_DEFAULT_CODE
    CFG_REPARSE_INVITE
    CFG_CANCEL_B_METHOD
    CFG_DISABLE_6XX
    CFG_LOCAL_ACK_MODE
    CFG_LOCAL_CANCEL_REASON
    CFG_E2E_CANCEL_REASON
    CFG_RELAY_100
    # plain parameters
    CFG_FAILURE_REPLY_MODE
    CFG_FAKED_REPLY_PRIO
    CFG_REMAP_503_500
    CFG_FAILURE_EXEC_MODE
    CFG_REPLY_RELAY_MODE
    CFG_RICH_REDIRECT
    CFG_MHOMED
    N_CFG

cdef enum:                      # stats, indexes of tm_stats[]
    ST_TRANSACTIONS = 0
    ST_CLIENT
    ST_WAITING
    ST_DELETED
    ST_RPL_RECEIVED
    ST_RPL_GENERATED
    ST_RPL_SENT
    ST_6XX
    ST_5XX
    ST_4XX
    ST_3XX
    ST_2XX
    N_STATS

cdef tm_shared *tm_table
cdef int tm_fault[N_FAULTS]
cdef int64_t *tm_cfg[N_CFG]
cdef int tm_stat[N_STATS]
cdef void set_timer_handlers(timer_handler retr, timer_handler wait) noexcept nogil    # by tm_fire

# -- the process's transaction
cdef tm_cell *get_t() noexcept nogil            # NULL: none
cdef int get_t_branch() noexcept nogil
cdef bint t_known(sip_msg *msg) noexcept nogil  # was it looked for, for this message?
cdef void set_t(tm_cell *t, int branch) noexcept nogil
cdef void init_t(sip_msg *msg) noexcept nogil   # not looked for yet
cdef void set_ctx(sip_msg *msg) noexcept nogil
cdef struct t_context:
    tm_cell *t
    int branch
    int known
    uint32_t msg_id
    int kr                      # REQ_*
    int tm_error
    int branch_index            # tm_ctx: the branch that a route looks at
    int picked_branch
    int route_type              # Routes value of the tm route that runs, 0 none
    uint32_t on_failure         # before there is a transaction
    uint32_t on_branch_failure
    uint32_t on_reply
    uint32_t on_branch
    uint32_t fr
    uint32_t fr_inv
    uint32_t rt_t1
    uint32_t rt_t2
    uint32_t life_inv
    uint32_t life_noninv
    uint32_t set_flags
    uint32_t reset_flags
    int drop_replies
    char *ruri_seen             # new_uri and dst_uri when they were last forked to
    char *dst_seen
    int ruri_consumed
    int clone_stale             # the script may have queued edits since the clone was made
cdef t_context ctx

# -- time and the way out; tests put their own in
cdef uint64_t tm_now() noexcept nogil
cdef int tm_send(dest_info *dst, const char *buf, uint32_t len) noexcept nogil
# The same past the queue: for provisional replies, under the reply lock, so that a final one that
# another process relays meanwhile cannot overtake them.
cdef int tm_send_now(dest_info *dst, const char *buf, uint32_t len) noexcept nogil

# -- cells
cdef uint32_t tm_hash(const char *callid, int clen, const char *cseq, int slen) noexcept nogil
cdef void lock_hash(uint32_t i) noexcept nogil
cdef void unlock_hash(uint32_t i) noexcept nogil
cdef void lock_replies(tm_cell *t) noexcept nogil
cdef void unlock_replies(tm_cell *t) noexcept nogil
cdef tm_cell *build_cell(sip_msg *msg) noexcept nogil           # NULL: no memory; not linked yet
cdef void insert_cell(tm_cell *t) noexcept nogil                # entry locked; holds it for us
cdef void unlink_cell(tm_cell *t) noexcept nogil                # entry locked
cdef void mark_dying(tm_cell *t) noexcept nogil                 # before unlinking it for good
cdef void free_cell(tm_cell *t) noexcept nogil
cdef void keep_blocks(tm_cell *t) noexcept nogil                # of a process that died: published
cdef bint hold_unsafe(tm_cell *t) noexcept nogil                # entry locked; False: too many
cdef void unhold(tm_cell *t) noexcept nogil
cdef ua_client *add_branch(tm_cell *t) noexcept nogil           # the next one, not counted yet
cdef void put_on_wait(tm_cell *t) noexcept nogil
cdef void init_rb(tm_cell *t, retr_buf *rb, int branch, int rbtype) noexcept nogil
cdef bint owner_died(tm_cell *t) noexcept nogil
cdef bint store_reply_buf(tm_cell *t, const char *buf, uint32_t len, int code) noexcept nogil
cdef bint set_shm_str(char **field, uint32_t *field_len, const char *s, uint32_t len) noexcept nogil
cdef bint refresh_request(tm_cell *t, sip_msg *msg) noexcept nogil

cdef inline bint is_invite(tm_cell *t) noexcept nogil:
    return (t.flags & T_IS_INVITE) != 0

cdef inline bint is_local(tm_cell *t) noexcept nogil:
    return (t.flags & T_IS_LOCAL) != 0

cdef inline int64_t cfg_get(int i) noexcept nogil:
    return tm_cfg[i][0]

cdef inline void t_stat(int which) noexcept nogil:
    stat_count(which)

cdef void stat_count(int which) noexcept nogil
cdef void update_reply_stats(int code) noexcept nogil

# -- private copies of messages in shared memory, to build from or to run a route on
cdef struct scratch_t:
    arena_t *arena
    sip_msg *msg
cdef sip_msg *scratch_take(sip_msg *clone) noexcept nogil       # NULL: out of memory or too deep
cdef void scratch_give() noexcept nogil                         # the last one taken

cdef char tm_tag_base[MD5_LEN]
