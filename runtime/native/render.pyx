"""The buffer that messages are built in, and lumps written into it (msg_translator.c).

One buffer a process; it grows, and what is in it is good until the next build.
"""

from libc.stdint cimport int64_t, uint32_t
from libc.stdlib cimport RAND_MAX, rand, realloc
from libc.string cimport memchr, memcpy
from runtime.native.cstr cimport str_t
from runtime.native.lump cimport (
    COND_FALSE, COND_IF_DIFF_AF, COND_IF_DIFF_PORT, COND_IF_DIFF_PROTO, COND_IF_DIFF_REALMS,
    COND_IF_RAND, COND_TRUE, LUMP_ADD, LUMP_ADD_OPT, LUMP_ADD_SUBST, LUMP_DEL, SUBST_RCV_ALL_EX,
    SUBST_RCV_IP, SUBST_RCV_PORT, SUBST_RCV_PROTO, SUBST_SND_ALL_EX, SUBST_SND_IP, SUBST_SND_PORT,
    SUBST_SND_PROTO,
)
from runtime.native.net cimport (
    PROTO_NONE, PROTO_SCTP, PROTO_TCP, PROTO_TLS, PROTO_UDP, PROTO_WS, PROTO_WSS, socket_info,
    su_eq_ip, su_port,
)

cdef extern from "<sys/socket.h>" nogil:
    int AF_INET6

cdef enum:
    SIP_PORT = 5060


cdef struct writer_t:
    char *s
    size_t cap
    size_t len
    int64_t passed          # bytes by which lumps that were passed over would have changed the length
    bint dry                # count, do not write
    bint failed

cdef writer_t w


cdef void start() noexcept nogil:
    w.len = 0
    w.passed = 0
    w.dry = False
    w.failed = False


cdef void put(const char *s, size_t len) noexcept nogil:
    cdef char *more
    cdef size_t cap
    if not w.dry:
        if w.len + len + 1 > w.cap:
            cap = w.cap * 2 + len + 65536
            more = <char *>realloc(w.s, cap)
            if more is NULL:
                w.failed = True
                return
            w.s = more
            w.cap = cap
        memcpy(w.s + w.len, s, len)
    w.len += len


cdef void put_str(str_t *s) noexcept nogil:
    if s.len > 0:
        put(s.s, s.len)


cdef int number(char *out, uint32_t n) noexcept nogil:
    """Decimal digits; out has 10 bytes."""
    cdef char digits[10]
    cdef int i = 0, k
    while True:
        digits[i] = <char>(48 + n % 10)
        i += 1
        n //= 10
        if n == 0:
            break
    for k in range(i):
        out[k] = digits[i - 1 - k]
    return i


cdef void put_number(uint32_t n) noexcept nogil:
    cdef char digits[10]
    put(digits, number(digits, n))


cdef int reverse_hex(char *out, uint32_t n) noexcept nogil:
    """Kamailio's int2reverse_hex: lowest digit first."""
    cdef int i = 0, d
    if n == 0:
        out[0] = b'0'
        return 1
    while n:
        d = n & 15
        out[i] = <char>(48 + d if d < 10 else 87 + d)
        n >>= 4
        i += 1
    return i


cdef uint32_t written() noexcept nogil:
    return <uint32_t>w.len


cdef int finish(out_t *out) noexcept nogil:
    """What was written; as there, it ends where it would if no lump had been passed over."""
    if w.failed:
        return -1
    if w.passed < 0:
        w.len -= <size_t>min(-w.passed, <int64_t>w.len)
    put(b"", 0)
    if w.failed:
        return -1
    w.s[w.len] = 0
    out.s = w.s
    out.len = <uint32_t>w.len
    return 0


# Lumps

cdef void put_transport(int listen, int conn) noexcept nogil:
    """Name of a protocol in ;transport=: a WebSocket's is ws, over TLS too."""
    if conn == PROTO_WS or conn == PROTO_WSS:
        put(b"ws", 2)
    elif listen == PROTO_TCP:
        put(b"tcp", 3)
    elif listen == PROTO_TLS:
        put(b"tls", 3)
    elif listen == PROTO_SCTP:
        put(b"sctp", 4)
    else:
        put(b"udp", 3)


cdef void put_host(socket_info *si, str_t *address, bint any_text) noexcept nogil:
    cdef bint brackets = (
        si.su.s.sa_family == AF_INET6 and address.len > 0 and address.s[0] != b'['
        and (any_text or memchr(address.s, b':', address.len) is not NULL)
    )
    if brackets:
        put(b"[", 1)
    put_str(address)
    if brackets:
        put(b"]", 1)


cdef void put_sock(socket_info *si, str_t *address, str_t *port, bint with_port, int conn, bint name) noexcept nogil:
    put_host(si, address, False)
    if with_port and port.len:
        put(b":", 1)
        put_str(port)
    if si.proto != PROTO_UDP and si.proto != PROTO_NONE:
        put(b";transport=", 11)
        put_transport(si.proto, conn)
    if name and si.sockname.len:
        put(b";sn=", 4)
        put_str(&si.sockname)


cdef void put_subst(sip_msg *msg, int subst, dest_info *dst) noexcept nogil:
    """Address, port or protocol of the receiving or the sending socket."""
    cdef socket_info *si
    cdef str_t *address
    cdef str_t *port
    cdef bint with_port
    if subst < SUBST_SND_IP or subst == SUBST_RCV_ALL_EX:
        si = msg.rcv.bind_address
        if si is NULL:
            return
        address = &si.useinfo_name if si.useinfo_name.len else &si.address_str
        port = &si.useinfo_port_str if si.useinfo_port else &si.port_str
        if subst == SUBST_RCV_IP:
            put_host(si, address, True)
        elif subst == SUBST_RCV_PORT:
            put_str(port)
        elif subst == SUBST_RCV_PROTO:
            put_transport(si.proto, msg.rcv.proto)
        elif subst != 0:
            with_port = (si.useinfo_port or si.port) != SIP_PORT
            put_sock(si, address, port, with_port, msg.rcv.proto, subst == SUBST_RCV_ALL_EX)
        return
    si = dst.send_sock if dst is not NULL else NULL
    if si is NULL:
        return
    address = &si.address_str
    port = &si.port_str
    if si.useinfo_name.len:
        address = &si.useinfo_name
    elif msg.set_global_address.len:
        address = &msg.set_global_address
    if si.useinfo_port:
        port = &si.useinfo_port_str
    elif msg.set_global_port.len:
        port = &msg.set_global_port
    if subst == SUBST_SND_IP:
        put_host(si, address, True)
    elif subst == SUBST_SND_PORT:
        put_str(port)
    elif subst == SUBST_SND_PROTO:
        put_transport(si.proto, dst.proto)
    else:
        with_port = si.port != SIP_PORT or port != &si.port_str
        put_sock(si, address, port, with_port, dst.proto, subst == SUBST_SND_ALL_EX)


cdef bint cond_true(sip_msg *msg, int cond, dest_info *dst) noexcept nogil:
    cdef socket_info *rcv = msg.rcv.bind_address
    cdef socket_info *snd
    cdef int proto, port
    if cond == COND_FALSE or cond == COND_TRUE:
        return cond == COND_TRUE
    if cond == COND_IF_RAND:
        return rand() >= RAND_MAX // 2
    if dst is NULL or dst.send_sock is NULL:
        return True
    snd = dst.send_sock
    proto = rcv.proto if rcv is not NULL else msg.rcv.proto
    port = rcv.port if rcv is not NULL else su_port(&msg.rcv.dst)
    if cond == COND_IF_DIFF_REALMS:
        return not (
            port == snd.port and proto == snd.proto and msg.rcv.proto == dst.proto
            and su_eq_ip(&rcv.su if rcv is not NULL else &msg.rcv.dst, &snd.su)
        )
    if cond == COND_IF_DIFF_AF:
        return (
            (rcv.su.s.sa_family if rcv is not NULL else msg.rcv.dst.s.sa_family)
            != snd.su.s.sa_family
        )
    if cond == COND_IF_DIFF_PROTO:
        return proto != snd.proto or msg.rcv.proto != dst.proto
    if cond == COND_IF_DIFF_PORT:
        return port != snd.port
    return not su_eq_ip(&rcv.su if rcv is not NULL else &msg.rcv.dst, &snd.su)


cdef void put_added(sip_msg *msg, lump *l, bint before, dest_info *dst) noexcept nogil:
    """What hangs before or after a lump; a condition that fails ends the chain."""
    l = l.before if before else l.after
    while l is not NULL:
        if l.op == LUMP_ADD:
            put(l.value, l.len)
        elif l.op == LUMP_ADD_SUBST:
            put_subst(msg, l.subst, dst)
        elif l.op == LUMP_ADD_OPT and not cond_true(msg, l.cond, dst):
            return
        l = l.before if before else l.after


cdef uint32_t put_lumps(sip_msg *msg, lump *l, uint32_t pos, dest_info *dst) noexcept nogil:
    """The buffer from pos to the last lump's end, edited; where it goes on.

    What overlaps within the list is cut. A lump before pos, which is where the list before this
    one has ended, is passed over.
    """
    cdef uint32_t start, stop, end = 0
    cdef size_t len
    cdef bint dry = w.dry
    while l is not NULL:
        start = max(l.off, end)
        stop = max(l.off + l.len, end) if l.op == LUMP_DEL else start
        end = stop
        if start >= pos:
            put(msg.buf + pos, start - pos)
            put_added(msg, l, True, dst)
            pos = stop
            put_added(msg, l, False, dst)
        else:
            len = w.len
            w.dry = True
            put_added(msg, l, True, dst)
            put_added(msg, l, False, dst)
            w.dry = dry
            w.passed += <int64_t>(w.len - len) - (stop - start)
            w.len = len
        l = l.next
    return pos


cdef int64_t lumps_delta(sip_msg *msg, lump *l, uint32_t pos, dest_info *dst) noexcept nogil:
    """By how many bytes a list of lumps changes the length."""
    cdef size_t len = w.len
    cdef bint dry = w.dry
    cdef uint32_t stop
    cdef int64_t delta, passed = w.passed
    if l is NULL:
        return 0
    w.dry = True
    w.len = 0
    stop = put_lumps(msg, l, pos, dst)
    delta = <int64_t>w.len - (stop - pos) + w.passed - passed
    w.passed = passed
    w.len = len
    w.dry = dry
    return delta
