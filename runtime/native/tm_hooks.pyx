"""Callbacks on transactions, and the routes that tm runs (``tm/t_hooks.c``, ``faked_env``)."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport uint32_t, uint64_t

from runtime.native.msg cimport sip_msg
from runtime.native.shm cimport shm_contains, shm_free, shm_malloc, shm_publish
from runtime.native.sipmsg cimport SipMsg, wrap
from runtime.native.tm cimport (
    FAKED_REPLY, get_t, is_invite, is_local, lock_replies, scratch_give,
    scratch_take, set_shm_str, tm_cell, tm_fence, tmcb_elem, unlock_replies,
)
from runtime.native.tm_text cimport L_ERR, tm_log

from runtime.server.log import LM_ERR

cdef enum:
    MAX_TMCBS = 64

cdef tmcb_func native_cbs[MAX_TMCBS]
cdef uint32_t cb_types[MAX_TMCBS]
cdef int n_cbs = 0
cdef list python_cbs = [None] * MAX_TMCBS
cdef bint any_request_in = False

cdef object route_hook = None       # (kind, index, msg, route_type) -> int
cdef object dump_hook = None        # (msg) -> bytes
cdef object load_hook = None        # (msg, bytes) -> None
cdef object drop_code = None
cdef tuple KINDS = ("failure", "branch", "onreply", "branch_failure", "event", "route")

cdef object local_response_hook = None     # (reply: bytes) -> None
cdef SipMsg route_msg = None
cdef bint has_lists = False         # has route_msg AVPs or xavps?


cdef inline void _look_at_lists():
    global has_lists
    has_lists = route_msg is not None \
        and (route_msg.avps is not None or route_msg.xavps is not None
             or route_msg.xavis is not None)


cdef SipMsg get_route_msg():
    return route_msg


cdef SipMsg swap_route_msg(SipMsg msg):
    global route_msg
    cdef SipMsg before = route_msg
    route_msg = msg
    _look_at_lists()
    return before


cdef void _local_response(const char *reply, uint32_t len) noexcept with gil:
    try:
        local_response_hook(reply[:len])
    except Exception as error:
        LM_ERR("tm: event_route[tm:local-response]: %r", error)


cdef void run_local_response(const char *reply, uint32_t len) noexcept nogil:
    if local_response_hook is not None:
        _local_response(reply, len)


cdef int tmcb_register(tmcb_func f, uint32_t types) noexcept nogil:
    global n_cbs, any_request_in
    if n_cbs == MAX_TMCBS:
        return -1
    native_cbs[n_cbs] = f
    cb_types[n_cbs] = types
    if types & TMCB_REQUEST_IN:
        any_request_in = True
    n_cbs += 1
    return n_cbs - 1


cdef bint has_request_in() noexcept nogil:
    return any_request_in


cdef bint tmcb_add(tm_cell *t, uint32_t types, int id, uint64_t param) noexcept nogil:
    cdef tmcb_elem *e
    cdef tmcb_elem *last
    if not 0 <= id < n_cbs:
        return False
    e = <tmcb_elem *> shm_malloc(sizeof(tmcb_elem))
    if e == NULL:
        return False
    e.next = NULL
    e.types = types
    e.id = id
    e.param = param
    lock_replies(t)
    last = t.callbacks
    if last == NULL:
        t.callbacks = e
    else:
        while last.next != NULL:
            last = last.next
        last.next = e
    shm_publish(e)
    tm_fence()
    t.cb_mask |= types
    unlock_replies(t)
    return True


cdef inline void _call(int id, tm_cell *t, uint32_t type, tmcb_params *ps) noexcept nogil:
    if native_cbs[id] != NULL:
        native_cbs[id](t, type, ps)
    else:
        _call_python(id, t, type, ps)


cdef void run_cbs(
    tm_cell *t, uint32_t type, sip_msg *req, sip_msg *rpl, int code, uint32_t flags
) noexcept nogil:
    cdef tmcb_elem *e = t.callbacks
    cdef tmcb_params ps
    ps.req = req
    ps.rpl = rpl
    ps.code = code
    ps.flags = flags
    while e != NULL:
        if e.types & type:
            ps.param = e.param
            _call(e.id, t, type, &ps)
        e = e.next


cdef void run_request_in(tm_cell *t, sip_msg *req) noexcept nogil:
    cdef tmcb_params ps
    cdef int i
    ps.req = req
    ps.rpl = NULL
    ps.code = <int> req.method_id
    ps.flags = 0
    ps.param = 0
    for i in range(n_cbs):
        if cb_types[i] & TMCB_REQUEST_IN:
            _call(i, t, TMCB_REQUEST_IN, &ps)


cdef SipMsg dressed(sip_msg *m, tm_cell *t, int route_type):
    """A message object with the transaction's AVPs."""
    cdef SipMsg msg = wrap(m)
    msg.route_type = route_type
    if t != NULL and t.avps_len:
        load_hook(msg, t.avps[:t.avps_len])
    return msg


cdef void _take_avps(SipMsg msg, tm_cell *t):
    cdef bytes blob
    if msg.avps is None and msg.xavps is None and msg.xavis is None and t.avps_len == 0:
        return
    blob = dump_hook(msg)
    if blob == t.avps[:t.avps_len]:
        return
    lock_replies(t)
    if not set_shm_str(
        &t.avps, &t.avps_len, PyBytes_AS_STRING(blob), <uint32_t> PyBytes_GET_SIZE(blob)
    ):
        tm_log(L_ERR, "no shared memory for the AVPs of a transaction")
    unlock_replies(t)


cdef bint save_avps(tm_cell *t) noexcept nogil:
    if not has_lists and t.avps_len == 0:
        return True
    with gil:
        try:
            if route_msg is not None:
                _take_avps(route_msg, t)
            return True
        except Exception as error:
            LM_ERR("tm: saving AVPs: %r", error)
            return False


cdef int run_route(
    int kind, uint32_t index, sip_msg *msg, tm_cell *t, int route_type
) noexcept with gil:
    global route_msg
    cdef SipMsg outer = route_msg
    cdef SipMsg own = None
    cdef int before = 0
    try:
        if route_hook is None:
            return 1
        if outer is not None and outer.m == msg:
            own = outer
            before = own.route_type
            own.route_type = route_type
        else:
            own = dressed(msg, t, route_type)
        route_msg = own
        code = route_hook(KINDS[kind], index, own, route_type)
        if own is not outer and t != NULL:
            _take_avps(own, t)
        if code == drop_code:
            return DROPPED
        return <int> code if -0x80000000 <= code <= 0x7fffffff else 1
    except Exception as error:
        LM_ERR("tm: running %s route %d: %r", KINDS[kind], index, error)
        return -1
    finally:
        route_msg = outer
        _look_at_lists()
        if own is not None:
            if own is outer:
                own.route_type = before
            else:
                own.invalidate()


cdef class Transaction:
    """A transaction, during the call of a callback or a route only."""

    def __init__(self):
        raise TypeError("Transaction objects come from tm")

    cdef tm_cell *ptr(self) except NULL:
        if self.t == NULL:
            raise RuntimeError("this transaction was valid during its callback only")
        return self.t

    @property
    def hash_index(self) -> int:
        return self.ptr().hash_index

    @property
    def label(self) -> int:
        return self.ptr().label

    @property
    def flags(self) -> int:
        return self.ptr().flags

    @property
    def status(self) -> int:
        return self.ptr().uas.status

    @property
    def is_invite(self) -> bool:
        return is_invite(self.ptr())

    @property
    def is_local(self) -> bool:
        return is_local(self.ptr())

    @property
    def method(self) -> bytes:
        cdef tm_cell *t = self.ptr()
        return t.method.s[:t.method.len]

    @property
    def branches(self) -> int:
        return self.ptr().nr_of_outgoings

    @property
    def relayed_reply_branch(self) -> int:
        return self.ptr().relayed_reply_branch

    def add_callback(self, types: int, id: int, param: int = 0) -> bool:
        return tmcb_add(self.ptr(), types, id, param)


cdef Transaction _transaction(tm_cell *t):
    cdef Transaction out = Transaction.__new__(Transaction)
    out.t = t
    return out


def current() -> Transaction | None:
    """The transaction of the message that this process works on, if any."""
    cdef tm_cell *t = get_t()
    return None if t == NULL else _transaction(t)


cdef void _call_python(int id, tm_cell *t, uint32_t type, tmcb_params *ps) noexcept with gil:
    cdef SipMsg req = None
    cdef SipMsg rpl = None
    cdef bint live = False
    cdef int scratches = 0
    cdef sip_msg *m
    cdef Transaction wrapped = _transaction(t)
    try:
        if ps.req != NULL:
            if route_msg is not None and route_msg.m == ps.req:
                req = route_msg
                live = True
            elif shm_contains(ps.req):
                m = scratch_take(ps.req)
                if m == NULL:
                    LM_ERR("tm: no memory for a callback")
                    return
                scratches += 1
                req = dressed(m, t, 0)
            else:
                req = dressed(ps.req, t, 0)
        if ps.rpl != NULL and ps.rpl != FAKED_REPLY:
            if shm_contains(ps.rpl):
                m = scratch_take(ps.rpl)
                if m != NULL:
                    scratches += 1
                    rpl = wrap(m)
            else:
                rpl = wrap(ps.rpl)
        python_cbs[id](wrapped, type, req, rpl, ps.code, ps.flags, ps.param)
        if req is not None and not live:
            _take_avps(req, t)
            if shm_contains(ps.req):
                ps.req.flags = req.m.flags
    except Exception as error:
        LM_ERR("tm: callback %d of type %d: %r", id, type, error)
    finally:
        wrapped.t = NULL
        if req is not None and not live:
            req.invalidate()
        if rpl is not None:
            rpl.invalidate()
        while scratches:
            scratch_give()
            scratches -= 1


def register_callback(types: int, function: object) -> int:
    """Register ``function(t, type, req, rpl, code, flags, param)`` before the fork; gives its id.

    With TMCB_REQUEST_IN in ``types`` it is called for every new transaction; for other types a
    transaction must be told (``Transaction.add_callback``). Raises RuntimeError: too many.
    """
    cdef int id = tmcb_register(NULL, types)
    if id < 0:
        raise RuntimeError("too many callbacks of transactions")
    python_cbs[id] = function
    return id


def set_local_response(function: object) -> None:
    """Call ``function(reply: bytes)`` after each reply made by tm; None: nobody listens."""
    global local_response_hook
    local_response_hook = function


def set_hooks(run_route: object, dump: object, load: object, drop: object) -> None:
    """How this process runs routes and packs AVPs (``modules/tm``)."""
    global route_hook, dump_hook, load_hook, drop_code
    route_hook = run_route
    dump_hook = dump
    load_hook = load
    drop_code = drop
