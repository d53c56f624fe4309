"""``SipMsg``: a message as a route sees it, valid while its route runs.

Reads give ``bytes``, ``int`` or None (``$null``); writes queue edits or set what sending uses, as
``pv_core.c`` and ``action.c`` of Kamailio do. A refused write changes nothing and is not an error.
"""

from libc.stdint cimport uint32_t, uint64_t, uint8_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy
from runtime.native.build cimport (
    build_all, build_req, build_res, build_res_forward, out_t, reply_dest,
)
from runtime.native.dset cimport (
    PREFIX_T, SET_HOSTALL_T, SET_HOSTPORTTRANS_T, SET_HOSTPORT_T, SET_HOST_T, SET_PORT_T,
    SET_URI_T, SET_USERPASS_T, SET_USERPHONE_T, SET_USER_T, STRIP_TAIL_T, STRIP_T, append_branch,
    clear_branches, drop_branch, edit_ruri,
)
from runtime.native.cstr cimport str_t
from runtime.native.lump cimport (
    LUMP_RPL_BODY, LUMP_RPL_HDR, add_lump_rpl, anchor_lump, del_lump, insert_new_lump_before, lump,
)
from runtime.native.msg cimport (
    FL_ADD_LOCAL_RPORT, FL_FORCE_RPORT, FL_MTU_FB_MASK, FL_MTU_TCP_FB, FL_MTU_TLS_FB, FL_RR_ADDED,
    HDR_CALLID, HDR_CSEQ, HDR_EOH_F, HDR_FROM, HDR_TO, NO_HDR,
    SIP_REQUEST, arena_alloc, arena_free, arena_new,
    arena_str, arena_t, branch_t, find_hdr, find_hdr_next, hdr_field, is_sip, msg_init,
    parse_headers,
)
from runtime.native.net cimport (
    PROTO_TCP, PROTO_TLS, PROTO_UDP, SND_F_CON_CLOSE, SND_F_FORCE_CON_REUSE, dest_info, get_socket, sockaddr_union,
    socket_info, su_port, su_pton, su_setport,
)
from runtime.native.sdp cimport FL_SDP_PARSED
from runtime.native.sipmsg_line cimport ip_text, str_or_none


cdef class SipMsg(MsgHeaders):
    """A SIP request or reply; see the module and its bases."""

    def rewrite_uri(self, bytes uri) -> int:
        return self._edit(SET_URI_T, uri)

    def rewrite_user(self, bytes user) -> int:
        return self._edit(SET_USER_T, user)

    def rewrite_userpass(self, bytes userpass) -> int:
        return self._edit(SET_USERPASS_T, userpass)

    def rewrite_host(self, bytes host) -> int:
        return self._edit(SET_HOST_T, host)

    def rewrite_hostport(self, bytes hostport) -> int:
        return self._edit(SET_HOSTPORT_T, hostport)

    def rewrite_hostporttrans(self, bytes hostport) -> int:
        return self._edit(SET_HOSTPORTTRANS_T, hostport)

    def rewrite_hostall(self, bytes rest) -> int:
        return self._edit(SET_HOSTALL_T, rest)

    def rewrite_port(self, bytes port) -> int:
        return self._edit(SET_PORT_T, port)

    def prefix(self, bytes text) -> int:
        return self._edit(PREFIX_T, text)

    def userphone(self) -> int:
        return self._edit(SET_USERPHONE_T, b"")

    def strip(self, int n) -> int:
        cdef sip_msg *m = self.ptr()
        return edit_ruri(m, STRIP_T, b"", 0, n) if m.type == SIP_REQUEST else -1

    def strip_tail(self, int n) -> int:
        cdef sip_msg *m = self.ptr()
        return edit_ruri(m, STRIP_TAIL_T, b"", 0, n) if m.type == SIP_REQUEST else -1

    def revert_uri(self) -> int:
        cdef sip_msg *m = self.ptr()
        if m.new_uri.s is not NULL:
            m.new_uri.s = NULL
            m.new_uri.len = 0
            m.uri_parsed = 0
            m.ruri_new = 1
        return 1

    # destination set

    @property
    def branch_count(self) -> int:
        """Branches beside the r-URI's own ($branch(count))."""
        return self.ptr().n_branches

    def append_branch(self, uri=None, q=-1) -> int:
        """Add a branch of `uri` with the r-URI's dst_uri, path and flags, or the r-URI's own, which
        loses them; q is 0…1000, -1 unset."""
        cdef sip_msg *m = self.ptr()
        cdef branch_t *b
        cdef str_t *s
        if uri is None or len(uri) == 0:
            b = append_branch(m, NULL, 0)
        else:
            b = append_branch(m, <bytes>uri, <int>len(uri))
        if b is NULL:
            return -1
        b.q = q
        b.force_send_socket = m.force_send_socket
        if m.dst_uri.s is not NULL:
            arena_str(m.arena, m.dst_uri.s, m.dst_uri.len, &b.dst_uri)
        if m.path_vec.s is not NULL:
            arena_str(m.arena, m.path_vec.s, m.path_vec.len, &b.path)
        b.flags = m.bflags
        if uri is None or len(uri) == 0:        # the r-URI has moved on
            m.force_send_socket = NULL
            m.bflags = 0
            m.dst_uri.s = m.path_vec.s = NULL
            m.dst_uri.len = m.path_vec.len = 0
        return 1

    def branch(self, int index) -> tuple:
        """(uri, dst_uri, path, q, flags, force_sock, ruid, location_ua) of a branch, negative from the end."""
        cdef sip_msg *m = self.ptr()
        cdef branch_t *b
        cdef socket_info *si
        if index < 0:
            index += m.n_branches
        if not 0 <= index < m.n_branches:
            raise IndexError(f"no branch {index}")
        b = &m.branches[index]
        si = b.force_send_socket
        return (
            str_or_none(&b.uri), str_or_none(&b.dst_uri), str_or_none(&b.path), b.q, b.flags,
            None if si is NULL else si.sock_str.s[:si.sock_str.len], str_or_none(&b.ruid),
            str_or_none(&b.location_ua),
        )

    def set_branch(self, int index, bytes field, value) -> bool:
        """Set ``uri dst_uri path q flags`` or ``socket`` of a branch; False: no such thing."""
        cdef sip_msg *m = self.ptr()
        cdef branch_t *b
        cdef str_t *target
        if index < 0:
            index += m.n_branches
        if not 0 <= index < m.n_branches:
            return False
        b = &m.branches[index]
        if field == b"q" or field == b"flags":
            if not isinstance(value, int):
                return False
            if field == b"q":
                b.q = value
            else:
                b.flags = value & 0xffffffff
            return True
        if field == b"socket":
            si = self._socket(value) if value is not None else -1
            if value is not None and si < 0:
                return False
            b.force_send_socket = get_socket(si)
            return True
        if field == b"uri":
            target = &b.uri
        elif field == b"dst_uri":
            target = &b.dst_uri
        elif field == b"path":
            target = &b.path
        else:
            return False
        if value is None and field != b"uri":
            target.s = NULL
            target.len = 0
            return True
        if not isinstance(value, bytes) or len(value) > 1023:
            return False
        return arena_str(m.arena, <bytes>value, <int>len(value), target) == 0

    def clear_branches(self) -> int:
        clear_branches(self.ptr())
        return 1

    def drop_branch(self, int index) -> int:
        drop_branch(self.ptr(), index)
        return 1

    # how it is sent

    def force_rport(self) -> int:
        self.ptr().msg_flags |= FL_FORCE_RPORT
        return 1

    def add_local_rport(self) -> int:
        self.ptr().msg_flags |= FL_ADD_LOCAL_RPORT
        return 1

    def udp_mtu_try_proto(self, int proto) -> int:
        """Send by this protocol (PROTO_TCP, PROTO_TLS) what is longer than udp_mtu."""
        cdef sip_msg *m = self.ptr()
        m.msg_flags &= ~<uint32_t>FL_MTU_FB_MASK
        if proto == PROTO_TCP:
            m.msg_flags |= FL_MTU_TCP_FB
        elif proto == PROTO_TLS:
            m.msg_flags |= FL_MTU_TLS_FB
        return 1

    def set_forward_no_connect(self) -> int:
        self.ptr().fwd_send_flags |= SND_F_FORCE_CON_REUSE
        return 1

    def set_reply_no_connect(self) -> int:
        self.ptr().rpl_send_flags |= SND_F_FORCE_CON_REUSE
        return 1

    def set_forward_close(self) -> int:
        self.ptr().fwd_send_flags |= SND_F_CON_CLOSE
        return 1

    def set_reply_close(self) -> int:
        self.ptr().rpl_send_flags |= SND_F_CON_CLOSE
        return 1

    def set_advertised_address(self, bytes address) -> int:
        cdef sip_msg *m = self.ptr()
        return 1 if arena_str(m.arena, address, <int>len(address), &m.set_global_address) == 0 else -1

    def set_advertised_port(self, bytes port) -> int:
        cdef sip_msg *m = self.ptr()
        return 1 if arena_str(m.arena, port, <int>len(port), &m.set_global_port) == 0 else -1

    # lumps

    def append_hf(self, bytes text) -> int:
        """Queue header lines (with their CRLF) after the last header."""
        cdef sip_msg *m = self.ptr()
        cdef lump *l
        if parse_headers(m, HDR_EOH_F) < 0:
            return -1
        l = anchor_lump(m, m.next_off, 0)
        if l is NULL or insert_new_lump_before(m, l, text, <uint32_t>len(text), 0) is NULL:
            return -1
        return 1

    def insert_hf(self, bytes text) -> int:
        """Queue header lines (with their CRLF) before the first header."""
        cdef sip_msg *m = self.ptr()
        cdef lump *l
        if parse_headers(m, HDR_EOH_F) < 0:
            return -1
        l = anchor_lump(m, m.hdrs[0].off, 0)
        if l is NULL or insert_new_lump_before(m, l, text, <uint32_t>len(text), 0) is NULL:
            return -1
        return 1

    def remove_hf(self, bytes name) -> int:
        """Queue the removal of every header of this name; -1: there is none."""
        cdef sip_msg *m = self.ptr()
        cdef hdr_field *h
        cdef int n = 0
        if parse_headers(m, HDR_EOH_F) < 0:
            return -1
        h = find_hdr(m, name, <int>len(name))
        while h is not NULL:
            if del_lump(m, h.off, h.len, 0) is NULL:
                return -1
            n += 1
            h = find_hdr_next(m, h, name, <int>len(name))
        return 1 if n else -1

    def append_to_reply(self, bytes text) -> int:
        """Queue header lines (with their CRLF) for replies made here."""
        return 1 if add_lump_rpl(self.ptr(), text, <uint32_t>len(text), LUMP_RPL_HDR) is not NULL else -1

    def set_reply_body(self, bytes body, bytes content_type) -> int:
        """The body of replies made here."""
        cdef sip_msg *m = self.ptr()
        if add_lump_rpl(m, body, <uint32_t>len(body), LUMP_RPL_BODY) is NULL:
            return -1
        return self.append_to_reply(b"Content-Type: %s\r\n" % content_type)


cdef SipMsg wrap(sip_msg *m):
    """A SipMsg of a message that its maker keeps alive until ``invalidate``."""
    cdef SipMsg msg = SipMsg.__new__(SipMsg)
    msg.m = m
    return msg


# Making messages for tests, and building from them

cdef class _Owner:
    """Memory of a message made by parse()."""

    cdef sip_msg *msg
    cdef arena_t *arena
    cdef char *buf

    def __dealloc__(self):
        free(self.msg)
        free(self.buf)
        arena_free(self.arena)


cdef uint32_t parsed = 0


cdef int _address(sockaddr_union *su, bytes ip, int port) except -1:
    if su_pton(ip, <int>len(ip), su) < 0:
        raise ValueError(f"not a numeric address: {ip!r}")
    su_setport(su, port)
    return 0


cdef uint32_t MAX_MESSAGE = 65535


cdef bint complete(sip_msg *m) noexcept nogil:
    """Does it have what `receive_msg` demands: a Via, From, To, Call-ID and CSeq, none broken?"""
    cdef uint64_t wanted = (
        <uint64_t>1 << HDR_FROM | <uint64_t>1 << HDR_TO | <uint64_t>1 << HDR_CALLID
        | <uint64_t>1 << HDR_CSEQ
    )
    return (
        is_sip(m) and parse_headers(m, wanted) == 0 and m.via1.valid == 1 and m.first[HDR_FROM] != NO_HDR
        and m.first[HDR_TO] != NO_HDR and m.first[HDR_CALLID] != NO_HDR
        and m.first[HDR_CSEQ] != NO_HDR
    )


def parse(bytes data, *, tuple src=(b"127.0.0.1", 5060), tuple dst=(b"127.0.0.1", 5060), int proto=PROTO_UDP, int socket=0, int conn_id=0, bint required=True):
    """A message with its own memory, as if it had come from `src`; None where Kamailio drops it.
    `proto` 0: it came from nowhere. Not `required`: headers that every message has may be missing.

    `src` and `dst` are (numeric address, port); `socket` is the index of the receiving listen
    socket (net.add_socket), where there is one. Raises ValueError for a bad address.
    """
    global parsed
    cdef _Owner owner = _Owner.__new__(_Owner)
    cdef SipMsg msg
    cdef size_t size = len(data)
    owner.buf = <char *>malloc(size + 1)
    owner.arena = arena_new()
    owner.msg = <sip_msg *>calloc(1, sizeof(sip_msg))
    if owner.buf is NULL or owner.arena is NULL or owner.msg is NULL:
        raise MemoryError
    memcpy(owner.buf, <char *>data, size)
    owner.buf[size] = 0
    if msg_init(owner.msg, owner.arena, owner.buf, <uint32_t>size) < 0 or required and not complete(owner.msg):
        return None
    if proto:
        _address(&owner.msg.rcv.src, src[0], src[1])
        _address(&owner.msg.rcv.dst, dst[0], dst[1])
        owner.msg.rcv.proto = <uint8_t>proto
        owner.msg.rcv.proto_reserved1 = conn_id
        owner.msg.rcv.bind_address = get_socket(socket)
    parsed += 1
    owner.msg.id = parsed
    msg = wrap(owner.msg)
    msg.owner = owner
    return msg


def invalidate(SipMsg msg):
    """End the life of a message: any use of it raises RuntimeError from now on."""
    msg.invalidate()


def build_request(SipMsg msg, tuple dst=(b"127.0.0.1", 5080), int proto=PROTO_UDP, bytes branch=b"z9hG4bK0", int socket=0, int mode=0):
    """The request as it would be forwarded to `dst`, or None."""
    cdef dest_info to
    cdef out_t out
    _dest(&to, dst, proto, socket)
    if build_req(msg.ptr(), &to, branch, <int>len(branch), mode, &out) < 0:
        return None
    return out.s[:out.len]


cdef int _dest(dest_info *to, tuple dst, int proto, int socket) except -1:
    _address(&to.to, dst[0], dst[1])
    to.proto = <uint8_t>proto
    to.id = 0
    to.send_flags = 0
    to.send_sock = get_socket(socket)
    return 0


def build_forwarded_reply(SipMsg msg):
    """The reply as it would be forwarded (top Via gone), or None."""
    cdef out_t out
    if build_res_forward(msg.ptr(), &out) < 0:
        return None
    return out.s[:out.len]


def build_reply(SipMsg msg, int code, bytes reason, bytes to_tag=b""):
    """A reply made here to a request, or None."""
    cdef out_t out
    if build_res(msg.ptr(), code, reason, <int>len(reason), to_tag, <int>len(to_tag), NULL, &out) < 0:
        return None
    return out.s[:out.len]


def build_edited(SipMsg msg):
    """The message with its queued edits and nothing else done (`msg_apply_changes`), or None."""
    cdef out_t out
    if build_all(msg.ptr(), &out) < 0:
        return None
    return out.s[:out.len]


def reply_destination(SipMsg msg):
    """(address, port) that replies made here go to, None without a Via."""
    cdef dest_info dst
    if reply_dest(msg.ptr(), &dst) < 0:
        return None
    return ip_text(&dst.to), su_port(&dst.to)


cdef int renew(sip_msg *m, const char *text, uint32_t size) noexcept:
    """Parse a message anew from other octets: 1, 0 they are no message, -1 they are too many."""
    cdef sip_msg old = m[0]
    cdef char *copy
    if size == 0 or size >= MAX_MESSAGE:
        return -1
    copy = <char *>arena_alloc(m.arena, size + 1)
    if copy is NULL:
        return -1
    memcpy(copy, text, size)
    copy[size] = 0
    if msg_init(m, old.arena, copy, size) < 0 or not complete(m):
        m[0] = old
        return 0
    m.dst_uri, m.path_vec, m.ruid = old.dst_uri, old.path_vec, old.ruid
    m.instance, m.location_ua, m.reg_id = old.instance, old.location_ua, old.reg_id
    m.otcpid, m.q, m.ruri_new = old.otcpid, old.q, old.ruri_new
    m.branches, m.n_branches = old.branches, old.n_branches
    m.flags, m.bflags, m.xflags = old.flags, old.bflags, old.xflags
    m.msg_flags, m.fwd_send_flags, m.rpl_send_flags = (
        old.msg_flags & ~<uint32_t>FL_SDP_PARSED, old.fwd_send_flags, old.rpl_send_flags
    )
    m.force_send_socket, m.rcv = old.force_send_socket, old.rcv
    m.set_global_address, m.set_global_port = old.set_global_address, old.set_global_port
    m.id, m.pid, m.hash_index = old.id, old.pid, old.hash_index
    return 1


def apply_changes(SipMsg msg) -> int:
    """Build the message with its edits and parse it anew in place (`msg_apply_changes`).

    1; 0 where the result is no message; -1 where it cannot be built, or where a Record-Route was
    queued for a request (its second half depends on where it goes). The message stays then.
    """
    cdef sip_msg *m = msg.ptr()
    cdef out_t out
    if m.type == SIP_REQUEST and m.msg_flags & FL_RR_ADDED or build_all(m, &out) < 0:
        return -1
    return renew(m, out.s, out.len)


def set_buffer(SipMsg msg, bytes text) -> int:
    """Go on with another message in place of this one: 1, 0 or -1 as `apply_changes`."""
    if len(text) >= MAX_MESSAGE:
        return -1
    return renew(msg.ptr(), text, <uint32_t>len(text))
