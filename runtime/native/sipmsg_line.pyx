"""First line, addresses, r-URI and flags of a message: the first base of ``SipMsg``."""

cimport cython
from libc.stdint cimport uint32_t
from runtime.native.cstr cimport str_t
from runtime.native.dset cimport (
    SET_HOST_T, SET_PORT_T, SET_URI_T, SET_USER_T, edit_ruri,
)
from runtime.native.hdrs cimport get_cseq, get_from_uri, get_ruri, get_ruri_str, get_to_uri
from runtime.native.msg cimport (
    SIP_REPLY, SIP_REQUEST, cseq_body, set_dst_uri, set_path_vec, sip_msg,
)
from runtime.native.net cimport (
    PROTO_TLS, PROTO_UDP, check_self, grep_sock_info, get_socket, proto_by_name, proto_name,
    sockaddr_union, socket_info, su_ntop, su_port,
)
from runtime.native.uri cimport parse_uri, sip_uri, uri_scheme

cdef extern from "<sys/socket.h>" nogil:
    int AF_INET6


cdef bytes str_or_none(str_t *s):
    return None if s.s is NULL else s.s[:s.len]


cdef bytes nonempty(str_t *s):
    return None if s.s is NULL or s.len <= 0 else s.s[:s.len]


cdef bytes ip_text(const sockaddr_union *su):
    cdef char buf[64]
    return buf[:su_ntop(su, buf)]


cdef bytes port_of(sip_uri *u):
    """The port as text, the default of the transport without one."""
    if u.port.s is NULL or u.port.len == 0:
        return b"5061" if u.proto == PROTO_TLS else b"5060"
    return u.port.s[:u.port.len]


cdef bytes transport_of(sip_uri *u):
    return b"UDP" if u.transport_val.s is NULL else u.transport_val.s[:u.transport_val.len]


@cython.freelist(16)
cdef class MsgLine:
    """What a route sees of first line and addresses. All fields of ``SipMsg`` are here."""

    def __init__(self):
        raise TypeError("messages come from the network, or from sipmsg.parse()")

    cdef sip_msg *ptr(self) except NULL:
        if self.m is NULL:
            raise RuntimeError("the message is gone: its route is over")
        return self.m

    cdef void invalidate(self) noexcept:
        self.m = NULL
        self.avps = None
        self.xavps = None
        self.xavis = None
        self.tm = None
        self.extra = None

    @property
    def is_request(self) -> bool:
        return self.ptr().type == SIP_REQUEST

    @property
    def is_reply(self) -> bool:
        return self.ptr().type == SIP_REPLY

    @property
    def method(self):
        cdef sip_msg *m = self.ptr()
        cdef cseq_body *c
        if m.type == SIP_REQUEST:
            return m.buf[m.method.off:m.method.off + m.method.len]
        c = get_cseq(m)
        return None if c is NULL else m.buf[c.method.off:c.method.off + c.method.len]

    @property
    def method_id(self) -> int:
        """METHOD_* bit of the request, or of a reply's CSeq."""
        cdef sip_msg *m = self.ptr()
        cdef cseq_body *c
        if m.type == SIP_REQUEST:
            return m.method_id
        c = get_cseq(m)
        return 0 if c is NULL else c.method_id

    @property
    def version(self):
        cdef sip_msg *m = self.ptr()
        return m.buf[m.version.off:m.version.off + m.version.len]

    @property
    def status(self):
        cdef sip_msg *m = self.ptr()
        return m.status if m.type == SIP_REPLY else None

    @property
    def reason(self):
        cdef sip_msg *m = self.ptr()
        return m.buf[m.reason.off:m.reason.off + m.reason.len] if m.type == SIP_REPLY else None

    @property
    def orig_uri(self):
        cdef sip_msg *m = self.ptr()
        if m.type != SIP_REQUEST:
            return None
        if m.orig_uri_parsed == 0:
            m.orig_uri_parsed = (
                1 if parse_uri(m.buf + m.uri.off, m.uri.len, &m.parsed_orig_uri) == 0 else 2
            )
        return m.buf[m.uri.off:m.uri.off + m.uri.len] if m.orig_uri_parsed == 1 else None

    @property
    def ruri(self):
        cdef sip_msg *m = self.ptr()
        cdef str_t uri
        if m.type != SIP_REQUEST or get_ruri(m) is NULL:
            return None
        uri = get_ruri_str(m)
        return uri.s[:uri.len]

    @ruri.setter
    def ruri(self, value):
        cdef sip_msg *m = self.ptr()
        if isinstance(value, bytes) and b"\0" not in value:
            edit_ruri(m, SET_URI_T, value, <int>len(value), 0)

    @property
    def ruri_user(self):
        cdef sip_msg *m = self.ptr()
        cdef sip_uri *u = get_ruri(m) if m.type == SIP_REQUEST else NULL
        return None if u is NULL else nonempty(&u.user)

    @ruri_user.setter
    def ruri_user(self, value):
        self._edit(SET_USER_T, b"" if value is None else value)

    @property
    def ruri_domain(self):
        cdef sip_msg *m = self.ptr()
        cdef sip_uri *u = get_ruri(m) if m.type == SIP_REQUEST else NULL
        return None if u is NULL else nonempty(&u.host)

    @ruri_domain.setter
    def ruri_domain(self, value):
        if value is not None:
            self._edit(SET_HOST_T, value)

    @property
    def ruri_port(self):
        cdef sip_msg *m = self.ptr()
        cdef sip_uri *u = get_ruri(m) if m.type == SIP_REQUEST else NULL
        if u is NULL:
            return None
        if u.port.s is not NULL:
            return u.port.s[:u.port.len]
        return port_of(u)

    @ruri_port.setter
    def ruri_port(self, value):
        if isinstance(value, int):
            value = b"%d" % (value & 0xFFFFFFFFFFFFFFFF)    # an unsigned long
        self._edit(SET_PORT_T, b"" if value is None else value)

    @property
    def ruri_proto(self):
        cdef sip_msg *m = self.ptr()
        cdef sip_uri *u = get_ruri(m) if m.type == SIP_REQUEST else NULL
        return None if u is NULL else transport_of(u)

    @property
    def ruri_scheme(self):
        cdef sip_msg *m = self.ptr()
        cdef sip_uri *u = get_ruri(m) if m.type == SIP_REQUEST else NULL
        cdef int n
        cdef const char *s
        if u is NULL:
            return None
        s = uri_scheme(u.type, &n)
        return s[:n]

    @property
    def src_ip(self) -> bytes:
        cdef sip_msg *m = self.ptr()
        return ip_text(&m.rcv.src) if m.rcv.src.s.sa_family else b""

    @property
    def src_port(self) -> int:
        return su_port(&self.ptr().rcv.src)

    @property
    def rcv_ip(self):
        cdef socket_info *si = self.ptr().rcv.bind_address
        return None if si is NULL else si.address_str.s[:si.address_str.len]

    @property
    def rcv_port(self):
        cdef socket_info *si = self.ptr().rcv.bind_address
        return None if si is NULL else <int>si.port

    @property
    def dst_ip(self) -> bytes:
        """The address that the message was sent to (legacy ``dst_ip``)."""
        return ip_text(&self.ptr().rcv.dst)

    @property
    def proto(self):
        return <bytes>proto_name(self.ptr().rcv.proto)

    @property
    def src_uri(self) -> bytes:
        return self._source(False)

    @property
    def src_uri_transport(self) -> bytes:
        return self._source(True)

    cdef bytes _source(self, bint always):
        cdef sip_msg *m = self.ptr()
        cdef bytes ip = ip_text(&m.rcv.src), transport = b""
        if m.rcv.src.s.sa_family == AF_INET6:
            ip = b"[%s]" % ip
        if always or m.rcv.proto > PROTO_UDP:
            transport = b";transport=%s" % <bytes>proto_name(m.rcv.proto)
        return b"sip:%s:%d%s" % (ip, su_port(&m.rcv.src), transport)

    @property
    def conn_id(self) -> int:
        """TCP connection that the message came by, 0 for UDP ($conid)."""
        return self.ptr().rcv.proto_reserved1

    @property
    def dst_uri(self):
        return str_or_none(&self.ptr().dst_uri)

    @dst_uri.setter
    def dst_uri(self, value):
        cdef sip_msg *m = self.ptr()
        if value is None:
            set_dst_uri(m, b"", 0)
        elif isinstance(value, bytes):
            set_dst_uri(m, value, <int>len(value))
            m.ruri_new = 1

    @property
    def dst_domain(self):
        cdef sip_uri u
        return nonempty(&u.host) if self._dst(&u) else None

    @property
    def dst_port(self):
        cdef sip_uri u
        return port_of(&u) if self._dst(&u) else None

    @property
    def dst_proto(self):
        cdef sip_uri u
        return transport_of(&u) if self._dst(&u) else None

    cdef bint _dst(self, sip_uri *u):
        cdef sip_msg *m = self.ptr()
        return m.dst_uri.s is not NULL and parse_uri(m.dst_uri.s, m.dst_uri.len, u) == 0

    @property
    def force_sock(self):
        cdef socket_info *si = self.ptr().force_send_socket
        return None if si is NULL else si.sock_str.s[:si.sock_str.len]

    @force_sock.setter
    def force_sock(self, value):
        if value is None:
            self.ptr().force_send_socket = NULL
        elif isinstance(value, bytes):
            self.force_send_socket(value)

    @property
    def path(self):
        """Path vector: becomes Route headers of the request sent ($branch path, $ruid…)."""
        return str_or_none(&self.ptr().path_vec)

    @path.setter
    def path(self, value):
        set_path_vec(self.ptr(), value or b"", len(value) if value else 0)

    @property
    def ruid(self):
        return str_or_none(&self.ptr().ruid)

    @property
    def msg_id(self) -> int:
        return <int>self.ptr().id

    @property
    def msg_len(self) -> int:
        return self.ptr().len

    @property
    def message(self) -> bytes:
        cdef sip_msg *m = self.ptr()
        return m.buf[:m.len]

    @property
    def flags(self) -> int:
        return <int>self.ptr().flags

    @flags.setter
    def flags(self, value):
        if value is None or isinstance(value, int):
            self.ptr().flags = (value or 0) & 0xffffffff

    @property
    def branch_flags(self) -> int:
        return <int>self.ptr().bflags

    @branch_flags.setter
    def branch_flags(self, value):
        if value is None or isinstance(value, int):
            self.ptr().bflags = (value or 0) & 0xffffffff

    def is_method(self, int mask) -> bool:
        """Is the request's (a reply's CSeq) method one of these METHOD_* bits?"""
        cdef sip_msg *m = self.ptr()
        cdef cseq_body *c
        if m.type == SIP_REQUEST:
            return (m.method_id & <uint32_t>mask) != 0
        c = get_cseq(m)
        return c is not NULL and (c.method_id & <uint32_t>mask) != 0

    def setflag(self, int n) -> int:
        self.ptr().flags |= <uint32_t>1 << (n & 31)
        return 1

    def resetflag(self, int n) -> int:
        self.ptr().flags &= ~(<uint32_t>1 << (n & 31))
        return 1

    def isflagset(self, int n) -> int:
        return 1 if self.ptr().flags >> (n & 31) & 1 else -1

    cdef uint32_t *_bflags(self, int branch) except NULL:
        cdef sip_msg *m = self.ptr()
        if branch == 0:
            return &m.bflags
        if not 0 < branch <= m.n_branches:
            raise IndexError(f"no branch {branch}")
        return &m.branches[branch - 1].flags

    def setbflag(self, int n, int branch=0) -> int:
        if not 0 <= branch <= self.ptr().n_branches:
            return -1
        self._bflags(branch)[0] |= <uint32_t>1 << (n & 31)
        return 1

    def resetbflag(self, int n, int branch=0) -> int:
        if not 0 <= branch <= self.ptr().n_branches:
            return -1
        self._bflags(branch)[0] &= ~(<uint32_t>1 << (n & 31))
        return 1

    def isbflagset(self, int n, int branch=0) -> int:
        if not 0 <= branch <= self.ptr().n_branches:
            return -1
        return 1 if self._bflags(branch)[0] >> (n & 31) & 1 else -1

    cdef bint _is_self(self, sip_uri *u):
        return check_self(
            u.host.s, u.host.len, u.port_no or (5061 if u.type == 2 or u.proto == PROTO_TLS else 5060), 0
        )

    # What cannot be parsed is an error there, and an error counts as true whichever way it is asked.

    cdef int _uri_is_self(self):
        cdef sip_msg *m = self.ptr()
        cdef sip_uri *u = get_ruri(m) if m.type == SIP_REQUEST else NULL
        return -1 if u is NULL else self._is_self(u)

    cdef int _from_is_self(self):
        cdef sip_uri u
        return self._is_self(&u) if get_from_uri(self.ptr(), &u) == 0 else -1

    cdef int _to_is_self(self):
        cdef sip_uri u
        return self._is_self(&u) if get_to_uri(self.ptr(), &u) == 0 else -1

    def is_myself_uri(self) -> bool:
        """``uri == myself``."""
        return self._uri_is_self() != 0

    def not_myself_uri(self) -> bool:
        """``uri != myself``."""
        return self._uri_is_self() != 1

    def from_is_myself(self) -> bool:
        """``from_uri == myself``."""
        return self._from_is_self() != 0

    def from_not_myself(self) -> bool:
        """``from_uri != myself``."""
        return self._from_is_self() != 1

    def to_is_myself(self) -> bool:
        """``to_uri == myself``."""
        return self._to_is_self() != 0

    def to_not_myself(self) -> bool:
        """``to_uri != myself``."""
        return self._to_is_self() != 1

    def src_is_myself(self) -> bool:
        """``src_ip == myself``."""
        cdef bytes ip = ip_text(&self.ptr().rcv.src)
        return check_self(ip, <int>len(ip), 0, 0)

    def dst_is_myself(self) -> bool:
        """``dst_ip == myself``."""
        cdef bytes ip = ip_text(&self.ptr().rcv.dst)
        return check_self(ip, <int>len(ip), 0, 0)

    cdef int _edit(self, int what, value) except? -2:
        cdef sip_msg *m = self.ptr()
        if not isinstance(value, bytes) or m.type != SIP_REQUEST:
            return -1
        value = (<bytes>value).split(b"\0", 1)[0]   # C strings there
        return edit_ruri(m, what, <bytes>value, <int>len(value), 0)

    cdef int _socket(self, bytes text) except? -2:
        """Index of the listen socket ``[proto:]host[:port]``, -1."""
        cdef socket_info *si
        cdef int proto = 0, port = 0
        host = text
        head, colon, rest = text.partition(b":")
        if colon and not head.startswith(b"["):
            proto = proto_by_name(head, <int>len(head))
            if proto >= 0 or head.lower() == b"any":
                host = rest
            proto = max(proto, 0)
        if not host.startswith(b"[") and host.count(b":") == 1 or b"]:" in host:
            host, _, digits = host.rpartition(b":")
            if not digits.isdigit() or len(digits) > 5:
                return -1
            port = int(digits)
        si = grep_sock_info(host, <int>len(host), port, proto)
        return -1 if si is NULL else si.index

    def force_send_socket(self, bytes socket) -> int:
        """Send from the listen socket ``[proto:]host[:port]``; -1: there is none."""
        cdef int index = self._socket(socket)
        if index < 0:
            return -1
        self.ptr().force_send_socket = get_socket(index)
        return 1

    def force_send_socket_index(self, int index) -> int:
        """Send from the listen socket of this index (net.socket_list)."""
        if get_socket(index) is NULL:
            return -1
        self.ptr().force_send_socket = get_socket(index)
        return 1
