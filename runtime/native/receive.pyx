"""One message through the core: parse, checks, statistics, callbacks, the route, reply forwarding.

Behaviour: ``src/core/receive.c`` and ``forward.c`` of Kamailio 5.6.3.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

from runtime.native.klog cimport say
from runtime.native.build cimport build_res_forward, out_t
from runtime.native.cstr cimport span_t, str_t
from runtime.native.hdrs cimport get_cseq, get_via1, get_via2
from runtime.native.lock cimport gen_lock_t, lock_get_recursive, lock_init, lock_release
from runtime.native.msg cimport (
    cseq_body,
    FL_FAKED, HDR_CALLID, HDR_CSEQ, HDR_FROM, HDR_TO, METHOD_OTHER, NO_HDR, SIP_REPLY, SIP_REQUEST, arena_free,
    arena_new, arena_reset, arena_t, hdr_field, is_sip, msg_init, parse_headers, sip_msg, sp, via_body,
)
from runtime.native.net cimport (
    PROTO_UDP,
    check_self, dest_info, get_send_socket, get_socket, receive_info, su_ntop, su_port, su_pton,
    su_setport,
)
from runtime.native.onsend cimport run_onsend
from runtime.native.resolve cimport sip_resolve
from runtime.native.send cimport msg_send
from runtime.native.shm cimport shm_mallocxz, shm_publish
from runtime.native.sipmsg cimport SipMsg, wrap
from runtime.native.stats cimport stat_inc
from runtime.native.tcpconn cimport tcp_add_alias, tcp_is_stream

from runtime.native.lock import name_site
from runtime.native import stats as _stats
from runtime.native import uri as _uri

cdef extern from "<unistd.h>" nogil:
    int getpid()

cdef enum:
    MAX_CALLBACKS = 16
    ROUTE_REQUEST = 1       # runtime.declare.exports.Routes
    ROUTE_CORE_ONREPLY = 8
    SIP_PORT = 5060
    SITE_ROUTE = 62

name_site(SITE_ROUTE, "route lock")

cdef response_function responses[MAX_CALLBACKS]
cdef int n_responses = 0
cdef pre_script_function pres[MAX_CALLBACKS]
cdef int pre_kinds[MAX_CALLBACKS]
cdef int n_pres = 0
cdef post_script_function posts[MAX_CALLBACKS]
cdef int post_kinds[MAX_CALLBACKS]
cdef int n_posts = 0

cdef uint32_t msg_no = 0
cdef arena_t *own_arena = NULL
cdef bint arena_busy = False
cdef bint check_via = False
cdef bint accept_aliases = False
cdef int32_t parser_log = -1
cdef int64_t exit_code = 0
cdef int64_t drop_code = 0

cdef gen_lock_t *locks = NULL      # route_locks_size: one route at a time for a Call-ID
cdef int n_locks = 0
cdef bint stop_wanted = False
cdef object request_route = None
cdef object reply_route = None
cdef object route_error = None
cdef object received_route = None      # event_route[core:msg-received], on a faked message
cdef object pre_route = None           # event_route[core:pre-routing]
cdef object broken_route = None        # event_route[core:receive-parse-error]
cdef receive_info *packet_from = NULL  # what $rcv is about, in the first of them
cdef bytes packet_text = None
cdef SipMsg current = None
cdef data_in_function data_in = NULL
cdef tuple lists = (None, None, None)     # AVPs, xavps and xavis made before the route

FAKED = (
    b"OPTIONS sip:you@kamailio.org SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 127.0.0.1\r\n"
    b"From: <sip:you@kamailio.org>;tag=123\r\n"
    b"To: <sip:you@kamailio.org>\r\n"
    b"Call-ID: 123\r\n"
    b"CSeq: 1 OPTIONS\r\n"
    b"Content-Length: 0\r\n\r\n"
)
METHODS = (
    "invite", "cancel", "ack", "bye", "info", "register", "subscribe", "notify", "message",
    "options", "prack", "update", "refer", "publish",
)
SENT = (
    "fwd_requests", "fwd_replies", "drop_requests", "drop_replies", "err_requests", "err_replies",
)
CODES = ("1xx", "2xx", "3xx", "4xx", "5xx", "6xx")
SPECIAL = (401, 404, 407, 480, 486)
BY_METHOD = {"register": "reg"} | {
    name: name for name in ("invite", "cancel", "bye", "message", "prack", "update", "refer")
}

NONSIP_PASS = 0         # for the next hook
NONSIP_DROP = 1         # done with

cdef tuple nonsip_hooks = None
cdef tuple response_hooks = None
cdef int stat_requests, stat_replies, stat_18x, stat_bad_header, stat_unsupported
cdef int stat_method[14]
cdef int stat_code[6]
cdef int stat_special[5]
cdef int stat_by_method[14][6]      # -1 for methods that have none
cdef int stat_sent[6]


cdef int core_stat(int which) noexcept nogil:
    return stat_sent[which]


cdef bint stopping() noexcept nogil:
    return stop_wanted


cdef uint32_t next_msg_id() noexcept nogil:
    global msg_no
    msg_no += 1
    return msg_no


cdef void register_response(response_function f) noexcept nogil:
    global n_responses
    if n_responses < MAX_CALLBACKS:
        responses[n_responses] = f
        n_responses += 1


cdef void register_pre_script(pre_script_function f, int kinds) noexcept nogil:
    global n_pres
    if n_pres < MAX_CALLBACKS:
        pres[n_pres] = f
        pre_kinds[n_pres] = kinds
        n_pres += 1


cdef void register_post_script(post_script_function f, int kinds) noexcept nogil:
    global n_posts
    if n_posts < MAX_CALLBACKS:
        posts[n_posts] = f
        post_kinds[n_posts] = kinds
        n_posts += 1


cdef void set_data_in(data_in_function f) noexcept nogil:
    global data_in
    data_in = f


cdef void carry_lists(SipMsg msg):
    global lists
    lists = (None, None, None) if msg is None else (msg.avps, msg.xavps, msg.xavis)


cdef tuple next_lists():
    return lists


cdef SipMsg top_msg():
    return current


cdef void _complain(sip_msg *m, int32_t level, const char *text) noexcept nogil:
    cdef char ip[46]
    cdef int n = su_ntop(&m.rcv.src, ip)
    with gil:
        say(level, "receive", "%s (%s:%d/%d)" % (text.decode(), ip[:n].decode(), su_port(&m.rcv.src), m.rcv.proto,))


cdef void _count_request(sip_msg *m) noexcept nogil:
    cdef int i
    stat_inc(stat_requests)
    if m.method_id == METHOD_OTHER:
        stat_inc(stat_unsupported)
        return
    for i in range(14):
        if m.method_id == <uint32_t>1 << i:
            stat_inc(stat_method[i])
            return


cdef void _count_reply(sip_msg *m) noexcept nogil:
    cdef int group = m.status // 100 - 1
    cdef int i
    cdef cseq_body *cseq
    stat_inc(stat_replies)
    if 0 <= group < 6:
        stat_inc(stat_code[group])
        cseq = get_cseq(m)
        if cseq != NULL:
            for i in range(14):
                if cseq.method_id == <uint32_t>1 << i and stat_by_method[i][group] >= 0:
                    stat_inc(stat_by_method[i][group])
    if 180 <= m.status < 190:
        stat_inc(stat_18x)
    elif m.status == 401:
        stat_inc(stat_special[0])
    elif m.status == 404:
        stat_inc(stat_special[1])
    elif m.status == 407:
        stat_inc(stat_special[2])
    elif m.status == 480:
        stat_inc(stat_special[3])
    elif m.status == 486:
        stat_inc(stat_special[4])


cdef int64_t _run(sip_msg *m, bint is_request) noexcept with gil:
    """Run the top route: its code, or -1 after an error (which is logged here)."""
    global current
    cdef SipMsg msg = None
    cdef SipMsg before = current
    cdef int64_t code
    try:
        msg = wrap(m)
        current = msg
        if data_in != NULL:
            msg.avps, msg.xavps, msg.xavis = lists
        if is_request:
            msg.route_type = ROUTE_REQUEST
            code = request_route(msg)
        else:
            msg.route_type = ROUTE_CORE_ONREPLY
            code = reply_route(msg)
        if code != exit_code and code != drop_code:
            return code
        return -1 if msg.failed else code == exit_code
    except SystemExit:
        return 0            # the loop sees `stopping`
    except BaseException as error:
        try:
            route_error(error)
        except BaseException as second:
            say(-1, "receive", "error while reporting an error: %r" % (second,))
        return -1
    finally:
        current = before
        if msg is not None:
            msg.invalidate()


cdef int _number(const char *s, uint32_t n) noexcept nogil:
    cdef int value = 0
    cdef uint32_t i
    if n == 0 or n > 5:
        return 0
    for i in range(n):
        if not 48 <= s[i] <= 57:
            return 0
        value = value * 10 + s[i] - 48
    return value if value < 65536 else 0


cdef int _reply_dest(sip_msg *m, via_body *via, dest_info *dst) noexcept nogil:
    """Where the second Via says that the reply goes (``update_sock_struct_from_via``)."""
    cdef span_t host
    cdef int port = _number(sp(m, via.rport), via.rport.len)
    if via.received.len:
        host = via.received
        if port == 0:
            port = via.port if via.port else SIP_PORT
    else:
        host = via.host
        if port == 0:
            port = via.port
    dst.proto = via.proto
    return sip_resolve(sp(m, host), host.len, port, via.proto, &dst.to, NULL)


cdef uint32_t _reverse_hex(const char *s, uint32_t n) noexcept nogil:
    cdef uint32_t value = 0
    cdef uint32_t i
    cdef char c
    if n > 8:
        return 0
    for i in range(n):
        c = s[n - 1 - i]
        value <<= 4
        if 48 <= c <= 57:
            value += c - 48
        elif 97 <= c <= 102:
            value += c - 87
        elif 65 <= c <= 70:
            value += c - 55
        else:
            return 0
    return value


cdef int forward_reply(sip_msg *m) noexcept nogil:
    cdef via_body *via = get_via2(m)
    cdef dest_info dst
    cdef out_t out
    if via == NULL:
        return -1
    memset(&dst, 0, sizeof(dst))
    if build_res_forward(m, &out) < 0 or _reply_dest(m, via, &dst) < 0:
        return -1
    dst.send_flags = m.fwd_send_flags | m.rpl_send_flags
    if tcp_is_stream(dst.proto) and m.via1.ival.len:
        dst.id = <int32_t>_reverse_hex(sp(m, m.via1.ival), m.via1.ival.len)
    dst.send_sock = m.force_send_socket
    if dst.send_sock == NULL:
        dst.send_sock = get_send_socket(&dst.to, dst.proto)
        if dst.send_sock == NULL:
            return -1
    if run_onsend(m, &dst, out.s, out.len) == 0:
        return -1
    if msg_send(&dst, out.s, out.len) < 0:
        stat_inc(stat_sent[STAT_DROP_REPLIES])
        return -1
    stat_inc(stat_sent[STAT_FWD_REPLIES])
    return 0


cdef void _reply_on(sip_msg *m) noexcept nogil:
    """``forward_reply``: our Via first, then the modules' response functions, then stateless."""
    cdef int i
    if check_via and not check_self(
        sp(m, m.via1.host), m.via1.host.len, m.via1.port if m.via1.port else SIP_PORT, m.via1.proto
    ):
        _complain(m, -1, "host in first via!=me")
        return
    if response_hooks is not None and _ask_responses(m) == 0:
        return
    for i in range(n_responses):
        if responses[i](m) == 0:
            return
    forward_reply(m)


cdef int _ask_responses(sip_msg *m) noexcept with gil:
    """The modules' response functions in Python: 0 where one of them says that this is done."""
    cdef SipMsg msg = wrap(m)
    try:
        for hook in response_hooks:
            if hook(msg) == 0:
                return 0
    except SystemExit:
        return 0
    except BaseException as error:
        if route_error is not None:
            route_error(error)
    finally:
        msg.invalidate()
    return 1


cdef gen_lock_t *_route_lock(sip_msg *m) noexcept nogil:
    """The lock of the message's Call-ID, NULL where there are none."""
    cdef hdr_field *h
    cdef uint32_t hash = 5381, i
    if n_locks == 0:
        return NULL
    h = &m.hdrs[m.first[HDR_CALLID]]
    for i in range(h.body_len):
        hash = hash * 33 + <unsigned char>m.buf[h.body_off + i]
    return &locks[hash % <uint32_t>n_locks]


cdef int _nonsip(sip_msg *m) noexcept with gil:
    """A request of another protocol: the hooks in turn, until one does not pass it on."""
    cdef SipMsg msg = wrap(m)
    try:
        for hook in nonsip_hooks:
            if hook(msg) != NONSIP_PASS:
                break
        return 0
    except SystemExit:
        return 0
    except BaseException as error:
        route_error(error)
        return -1
    finally:
        msg.invalidate()


cdef int _received(char **buf, uint32_t *len, receive_info *rcv, char **own) noexcept with gil:
    """``event_route[core:msg-received]``: 0 drops the packet. ``own`` is the text that it put in
    the packet's place, to be freed."""
    global packet_from, packet_text
    cdef bytes before = buf[0][:len[0]]
    cdef int64_t code
    packet_from = rcv
    packet_text = before
    try:
        code = run_faked(received_route)
        if code == drop_code or (code < 0 and code != exit_code):
            return 0
        if packet_text is not before:
            own[0] = <char *>malloc(_size(packet_text) + 1)
            if own[0] == NULL:
                return 0
            memcpy(own[0], <const char *>packet_text, _size(packet_text) + 1)
            buf[0] = own[0]
            len[0] = _size(packet_text)
        return 1
    except BaseException as error:
        route_error(error)
        return 0
    finally:
        packet_from = NULL
        packet_text = None


cdef inline uint32_t _size(bytes text):
    return <uint32_t>len(text)


def packet() -> tuple | None:
    """The packet in ``event_route[core:msg-received]``: (octets, family, protocol, source, its port,
    destination, its port); None elsewhere."""
    cdef char ip[46]
    cdef int n
    cdef receive_info *r = packet_from
    if r == NULL or r.bind_address == NULL:
        return None
    n = su_ntop(&r.src, ip)
    source = ip[:n]
    n = su_ntop(&r.dst, ip)
    return (
        packet_text, <int> r.bind_address.su.s.sa_family, <int> r.proto, source, su_port(&r.src),
        ip[:n], su_port(&r.dst),
    )


def set_packet(bytes text not None) -> None:
    """Put another text in the place of the packet."""
    global packet_text
    if packet_from != NULL:
        packet_text = text


cdef int _event(sip_msg *m, object route) noexcept with gil:
    """Run an event route on a message: 0 where it dropped it."""
    cdef SipMsg msg = wrap(m)
    try:
        msg.route_type = ROUTE_REQUEST
        return 0 if route(msg) == drop_code else 1
    except SystemExit:
        return 0
    except BaseException as error:
        route_error(error)
        return 1
    finally:
        msg.invalidate()


cdef int _handle(sip_msg *m) noexcept nogil:
    cdef int i
    cdef gen_lock_t *held
    cdef int64_t code
    cdef bint is_request = m.type == SIP_REQUEST
    if pre_route is not None and _event(m, pre_route) == 0:
        return 0
    if not is_sip(m):
        if is_request and nonsip_hooks is not None:
            return _nonsip(m)
        _complain(m, parser_log, "not SIP 2.0, ignored")
        return -1
    if parse_headers(m, (<uint64_t>1 << HDR_FROM) | (<uint64_t>1 << HDR_TO)
                     | (<uint64_t>1 << HDR_CALLID) | (<uint64_t>1 << HDR_CSEQ)) < 0:
        _complain(m, parser_log, "parsing relevant headers failed")
    if get_via1(m) == NULL:
        _complain(m, parser_log, "no via found in message")
        stat_inc(stat_bad_header)
        return -1
    if m.first[HDR_CALLID] == NO_HDR or m.first[HDR_CSEQ] == NO_HDR \
            or m.first[HDR_FROM] == NO_HDR or m.first[HDR_TO] == NO_HDR:
        _complain(m, parser_log, "required headers not found in message")
        stat_inc(stat_bad_header)
        return -1
    if is_request:
        if accept_aliases and m.via1.alias.off and tcp_is_stream(m.rcv.proto):
            tcp_add_alias(m.rcv.proto_reserved1, m.via1.port if m.via1.port else SIP_PORT)
        _count_request(m)
    else:
        _count_reply(m)
    for i in range(n_pres):
        if pre_kinds[i] & m.type and pres[i](m) == 0:
            stat_inc(stat_sent[STAT_DROP_REQUESTS if is_request else STAT_DROP_REPLIES])
            return 0
    code = 1
    held = _route_lock(m)
    if held != NULL:
        lock_get_recursive(held, SITE_ROUTE)
    if is_request or reply_route is not None:
        code = _run(m, is_request)
    if held != NULL:
        lock_release(held)
    if is_request:
        if code < 0:
            with gil:
                say(0, "receive", "error while trying script")
    elif code < 0:
        with gil:
            say(0, "receive", "error while trying onreply script")
    elif code == 0:
        stat_inc(stat_sent[STAT_DROP_REPLIES])
    else:
        _reply_on(m)
    for i in range(n_posts):
        if post_kinds[i] & m.type:
            posts[i](m)
    return -1 if code < 0 else 0


cdef int receive_msg(char *buf, uint32_t len, receive_info *rcv) noexcept nogil:
    global own_arena, arena_busy
    cdef sip_msg m
    cdef arena_t *arena
    cdef bint nested = arena_busy
    cdef char *own = NULL
    cdef int code
    if received_route is not None and _received(&buf, &len, rcv, &own) == 0:
        return -1
    if nested:
        arena = arena_new()
    else:
        if own_arena == NULL:
            own_arena = arena_new()
        arena = own_arena
    if arena == NULL:
        free(own)
        return -1
    arena_busy = True
    if data_in != NULL:
        data_in(arena, &buf, &len)
    code = msg_init(&m, arena, buf, len)
    m.rcv = rcv[0]
    m.id = next_msg_id()
    m.pid = getpid()
    if code < 0:
        _complain(&m, parser_log, "core parsing of SIP message failed")
        stat_inc(stat_bad_header)
        if broken_route is not None:
            _event(&m, broken_route)
    else:
        code = _handle(&m)
    free(own)
    if nested:
        arena_free(arena)
    else:
        arena_reset(arena)
        arena_busy = False
    return code


def init(*, bint via_check, bint aliases, int parser_log_level, int route_locks = 0) -> None:
    """Register the core's statistics and take its parameters; once, before the fork."""
    global check_via, accept_aliases, parser_log, locks, n_locks
    cdef int k
    global stat_requests, stat_replies, stat_18x, stat_bad_header, stat_unsupported
    check_via = via_check
    accept_aliases = aliases
    parser_log = parser_log_level
    if route_locks > 0:
        locks = <gen_lock_t *>shm_mallocxz(route_locks * sizeof(gen_lock_t))
        if locks == NULL:
            raise MemoryError("no shared memory for route_locks_size")
        shm_publish(locks)
        for k in range(route_locks):
            lock_init(&locks[k])
        n_locks = route_locks
    stat_requests = _stats.register("core", "rcv_requests")
    for i, name in enumerate(METHODS):
        stat_method[i] = _stats.register("core", "rcv_requests_" + name)
    stat_replies = _stats.register("core", "rcv_replies")
    for i, name in enumerate(CODES):
        stat_code[i] = _stats.register("core", "rcv_replies_" + name)
    stat_18x = _stats.register("core", "rcv_replies_18x")
    for i, number in enumerate(SPECIAL):
        stat_special[i] = _stats.register("core", f"rcv_replies_{number}")
    for i, name in enumerate(SENT):
        stat_sent[i] = _stats.register("core", name)
    for i, name in enumerate(METHODS):
        for k, code in enumerate(CODES):
            stat_by_method[i][k] = _stats.register(
                "core", f"rcv_replies_{code}_{BY_METHOD[name]}"
            ) if name in BY_METHOD else -1
    stat_bad_header = _stats.register("core", "bad_msg_hdr")
    stat_unsupported = _stats.register("core", "unsupported_methods")
    _uri.set_bad_uris(_stats.register("core", "bad_URIs_rcvd"))


def set_routes(request, reply, error, *, exit_value, drop_value) -> None:
    """Give this process its routes: callables of a SipMsg, and ``error(exc)`` for what they raise."""
    global request_route, reply_route, route_error, exit_code, drop_code
    request_route = request
    reply_route = reply
    route_error = error
    exit_code = exit_value
    drop_code = drop_value


def set_event_routes(received, pre_routing, parse_error) -> None:
    """The event routes of the core in this process: ``route(msg)``, None where there is none."""
    global received_route, pre_route, broken_route
    received_route = received
    pre_route = pre_routing
    broken_route = parse_error


def set_xflag(SipMsg msg, int n, bint on) -> int:
    """Set or clear extended flag ``n`` (0..127): 1, -1 out of range."""
    if not 0 <= n < 128:
        return -1
    if on:
        msg.ptr().xflags[n // 32] |= <uint32_t>1 << (n % 32)
    else:
        msg.ptr().xflags[n // 32] &= ~(<uint32_t>1 << (n % 32))
    return 1


def is_xflag_set(SipMsg msg, int n) -> int:
    """Is extended flag ``n`` set? 1, -1."""
    return 1 if 0 <= n < 128 and msg.ptr().xflags[n // 32] >> (n % 32) & 1 else -1


def is_faked(SipMsg msg) -> bool:
    """Was the message made by ``run_faked``?"""
    return msg.ptr().msg_flags & FL_FAKED != 0


def run_faked(function) -> int:
    """``function(msg)`` on a message made here (``fmsg.c``): its code, for event routes."""
    cdef sip_msg m
    cdef bytes text = FAKED
    cdef bytearray room = bytearray(text + b"\0")
    cdef arena_t *arena = arena_new()
    cdef SipMsg msg
    if arena == NULL:
        raise MemoryError
    msg_init(&m, arena, room, <uint32_t>len(text))
    m.id = next_msg_id()
    m.pid = getpid()
    m.msg_flags |= FL_FAKED
    m.rcv.proto = PROTO_UDP
    m.rcv.bind_address = get_socket(0)
    if m.rcv.bind_address != NULL:
        m.rcv.dst = m.rcv.bind_address.su
    su_pton(b"1.0.0.127", 9, &m.rcv.src)        # so it is on the machines of today
    su_setport(&m.rcv.src, SIP_PORT)
    msg = wrap(&m)
    try:
        return function(msg)
    finally:
        msg.invalidate()
        arena_free(arena)


def register_nonsip_msg_hook(hook) -> None:
    """``hook(msg)`` gets each request that is not SIP: NONSIP_PASS or NONSIP_DROP; before the fork."""
    global nonsip_hooks
    nonsip_hooks = (*(nonsip_hooks or ()), hook)


def register_response_hook(hook) -> None:
    """``hook(msg)`` gets each reply before tm does; 0: nothing more happens to it. Before the fork."""
    global response_hooks
    response_hooks = (*(response_hooks or ()), hook)


def run_text(bytes text not None, SipMsg like not None, function) -> int:
    """``function(msg)`` on a request of this text that came where ``like`` did: its code.

    -1 where the text is no request with a Via. The hooks before and after the script run.
    """
    global current
    cdef sip_msg m
    cdef sip_msg *from_ = like.ptr()
    cdef bytearray room = bytearray(text + b"\0")
    cdef arena_t *arena = arena_new()
    cdef SipMsg msg
    cdef SipMsg before = current
    cdef int i
    if arena == NULL:
        raise MemoryError
    try:
        if msg_init(&m, arena, room, <uint32_t>len(text)) < 0:
            return -1
        m.rcv = from_.rcv
        m.id = from_.id
        m.pid = from_.pid
        if m.type != SIP_REQUEST or get_via1(&m) == NULL:
            return -1
        for i in range(n_pres):
            if pre_kinds[i] & SIP_REQUEST and pres[i](&m) == 0:
                return 0
        msg = wrap(&m)
        current = msg
        try:
            return function(msg)
        finally:
            current = before
            msg.invalidate()
            for i in range(n_posts):
                if post_kinds[i] & SIP_REQUEST:
                    posts[i](&m)
    finally:
        arena_free(arena)


def request_stop() -> None:
    """End this process's loop at its next turn (called by the signal handler)."""
    global stop_wanted
    stop_wanted = True


def stop_requested() -> bool:
    """Was ``request_stop`` called?"""
    return stop_wanted


def current_msg():
    """The message whose top route is running, or None."""
    return current


def inject(bytes data, bytes src_ip, int src_port, int index) -> int:
    """Handle ``data`` as if it came over socket ``index`` (tests, RPC)."""
    cdef receive_info rcv
    cdef uint32_t n = len(data)
    cdef bytearray room = bytearray(data + b"\0")
    cdef char *buf = room
    cdef int code
    memset(&rcv, 0, sizeof(rcv))
    rcv.bind_address = get_socket(index)
    rcv.proto = rcv.bind_address.proto
    rcv.dst = rcv.bind_address.su
    if su_pton(src_ip, len(src_ip), &rcv.src) < 0:
        raise ValueError("not an address")
    su_setport(&rcv.src, src_port)
    with nogil:
        code = receive_msg(buf, n, &rcv)
    return code
