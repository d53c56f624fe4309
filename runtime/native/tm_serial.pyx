"""The destination set as values, for forking one class of q after the other (``tm/t_serial.c``)."""

from libc.stdint cimport uint32_t

from runtime.native.cstr cimport str_t
from runtime.native.dset cimport append_branch, clear_branches, rewrite_uri
from runtime.native.hdrs cimport get_ruri_str
from runtime.native.msg cimport arena_str, branch_t, set_dst_uri, set_path_vec, sip_msg
from runtime.native.net cimport grep_sock_info, proto_by_name, socket_info
from runtime.native.sipmsg cimport SipMsg
from runtime.native.tm cimport ctx
from runtime.native.tm_fwd cimport mark_ruri_consumed


cdef bytes _text(str_t *s):
    return s.s[:s.len] if s.len else b""


cdef bytes _sock(socket_info *si):
    return si.sock_str.s[:si.sock_str.len] if si != NULL else b""


def destination_set(msg: SipMsg) -> list[dict[bytes, bytes | int]]:
    """The r-URI, where nothing was forked to it yet, and the branches, each as a dictionary of
    ``uri dst_uri path sock flags q instance ruid ua``; absent texts are empty."""
    cdef sip_msg *m = msg.ptr()
    cdef branch_t *b
    cdef str_t ruri = get_ruri_str(m)
    cdef int i
    out = []
    if not ctx.ruri_consumed or m.new_uri.s != ctx.ruri_seen or m.dst_uri.s != ctx.dst_seen:
        out.append({
            b"uri": _text(&ruri), b"dst_uri": _text(&m.dst_uri), b"path": _text(&m.path_vec),
            b"sock": _sock(m.force_send_socket), b"flags": m.bflags, b"q": m.q,
            b"instance": _text(&m.instance), b"ruid": _text(&m.ruid),
            b"ua": _text(&m.location_ua),
        })
    for i in range(m.n_branches):
        b = &m.branches[i]
        out.append({
            b"uri": _text(&b.uri), b"dst_uri": _text(&b.dst_uri), b"path": _text(&b.path),
            b"sock": _sock(b.force_send_socket), b"flags": b.flags, b"q": b.q,
            b"instance": _text(&b.instance), b"ruid": _text(&b.ruid),
            b"ua": _text(&b.location_ua),
        })
    return out


cdef int _copy(sip_msg *m, str_t *field, bytes text) except -1:
    cdef const char *s = text
    field.s = NULL
    field.len = 0
    if text and arena_str(m.arena, s, <int> len(text), field) != 0:
        raise MemoryError("no private memory for a branch")
    return 0


cdef socket_info *_socket(bytes text) except? NULL:
    cdef bytes proto, rest, host, port
    cdef const char *p
    cdef const char *h
    if not text:
        return NULL
    proto, _, rest = text.partition(b":")
    host, _, port = rest.rpartition(b":")
    p = proto
    h = host
    return grep_sock_info(h, <int> len(host), int(port), proto_by_name(p, <int> len(proto)))


def set_destination(msg: SipMsg, entry: dict[bytes, bytes | int], first: bool) -> bool:
    """Make an entry of ``destination_set`` the r-URI (``first``) or one more branch."""
    cdef sip_msg *m = msg.ptr()
    cdef branch_t *b
    cdef bytes uri = entry[b"uri"], dst = entry[b"dst_uri"], path = entry[b"path"]
    cdef const char *s = uri
    cdef const char *d = dst
    cdef const char *p = path
    if first:
        if rewrite_uri(m, s, <int> len(uri)) < 0:
            return False
        set_dst_uri(m, d, <int> len(dst))
        set_path_vec(m, p, <int> len(path))
        m.force_send_socket = _socket(entry[b"sock"])
        m.bflags = entry[b"flags"]
        _copy(m, &m.instance, entry[b"instance"])
        _copy(m, &m.ruid, entry[b"ruid"])
        _copy(m, &m.location_ua, entry[b"ua"])
        ctx.ruri_consumed = 0
        return True
    b = append_branch(m, s, <int> len(uri))
    if b == NULL:
        return False
    _copy(m, &b.dst_uri, dst)
    _copy(m, &b.path, path)
    _copy(m, &b.instance, entry[b"instance"])
    _copy(m, &b.ruid, entry[b"ruid"])
    _copy(m, &b.location_ua, entry[b"ua"])
    b.flags = entry[b"flags"]
    b.q = entry[b"q"]
    b.force_send_socket = _socket(entry[b"sock"])
    return True


def clear_destinations(msg: SipMsg) -> None:
    """Empty the destination set: the r-URI counts as forked to."""
    clear_branches(msg.ptr())
    mark_ruri_consumed(msg.ptr())
