"""Record-Route headers of the rr module (record.c): lumps filled in when the socket is known."""

from libc.stdint cimport uint32_t
from libc.string cimport memcpy
from runtime.native.cstr cimport str_t
from runtime.native.hdrs cimport get_from, get_ruri, get_to
from runtime.native.lump cimport (
    COND_IF_DIFF_PROTO, COND_IF_DIFF_REALMS, COND_TRUE, LUMP_ADD, SUBST_RCV_ALL, SUBST_RCV_ALL_EX,
    SUBST_RCV_PROTO, SUBST_SND_ALL, SUBST_SND_ALL_EX, SUBST_SND_PROTO, anchor_lump,
    insert_cond_lump_after, insert_cond_lump_before, insert_new_lump_after, insert_new_lump_before,
    insert_subst_lump_after, lump,
)
from runtime.native.msg cimport FL_RR_ADDED, HDR_RECORDROUTE, SIP_REQUEST, to_body
from runtime.native.sipmsg cimport SipMsg
from runtime.native.uri cimport SIPS_URI_T, parse_uri, sip_uri

cdef enum:
    PARAM_BUF = 512

cdef int double_rr = 1                      # 0 off, 1 where the realms differ, 2 always
cdef bint full_lr = False
cdef bint ignore_sips = False
cdef bint sockname_mode = False

cdef char param_buf[PARAM_BUF]              # of add_rr_param before record_route
cdef int param_len = 0
cdef uint32_t param_id = 0


def configure(*, int enable_double_rr, bint enable_full_lr, bint ignore_sips_uris, bint sockname):
    """Module parameters, before the fork."""
    global double_rr, full_lr, ignore_sips, sockname_mode
    double_rr = enable_double_rr
    full_lr = enable_full_lr
    ignore_sips = ignore_sips_uris
    sockname_mode = sockname


cdef inline lump *after(sip_msg *msg, lump *at, const char *s, int len) noexcept nogil:
    return insert_new_lump_after(msg, at, s, len, 0) if at is not NULL else NULL


cdef inline lump *before(sip_msg *msg, lump *at, const char *s, int len, int type) noexcept nogil:
    return insert_new_lump_before(msg, at, s, len, type) if at is not NULL else NULL


cdef lump *put_prefix(sip_msg *msg, lump *l, str_t *user) noexcept nogil:
    """`Record-Route: <sip:` and the user."""
    cdef sip_uri *u = NULL if ignore_sips else get_ruri(msg)
    if u is not NULL and u.type == SIPS_URI_T:
        l = after(msg, l, b"Record-Route: <sips:", 20)
    else:
        l = after(msg, l, b"Record-Route: <sip:", 19)
    if user.len:
        l = after(msg, l, user.s, user.len)
        l = after(msg, l, b"@", 1)
    return l


cdef int suffix(char *out, int size, str_t *tag, str_t *params, bint tag_first) noexcept nogil:
    """`;lr;ftag=…` and parameters; length, -1 too long."""
    cdef const char *lr = b";lr=on" if full_lr else b";lr"
    cdef int lr_len = 6 if full_lr else 3
    cdef int n = 0
    if lr_len + (6 + tag.len if tag.len else 0) + params.len > size:
        return -1
    if not tag_first:
        memcpy(out, lr, lr_len)
        n = lr_len
    if tag.len:
        memcpy(out + n, b";ftag=", 6)
        memcpy(out + n + 6, tag.s, tag.len)
        n += 6 + tag.len
    if tag_first:
        memcpy(out + n, lr, lr_len)
        n += lr_len
    if params.len:
        memcpy(out + n, params.s, params.len)
        n += params.len
    return n


cdef lump *put_end(sip_msg *msg, lump *l2, const char *text, int len) noexcept nogil:
    """What follows the address: parameters, those of add_rr_param, and the end."""
    l2 = before(msg, l2, text, len, HDR_RECORDROUTE)
    if param_len and param_id == msg.id:
        l2 = before(msg, l2, param_buf, param_len, HDR_RECORDROUTE)
    return before(msg, l2, b">\r\n", 3, 0)


cdef lump *put_double(sip_msg *msg, lump *l) noexcept nogil:
    if not double_rr or l is NULL:
        return l
    l = insert_cond_lump_after(msg, l, COND_TRUE if double_rr == 2 else COND_IF_DIFF_REALMS, 0)
    return after(msg, l, b";r2=on", 6)


cdef int anchors(sip_msg *msg, int cond, lump **l, lump **l2) noexcept nogil:
    """Two anchors before the first header; with a condition (not 0) on both."""
    l[0] = anchor_lump(msg, msg.hdrs[0].off, HDR_RECORDROUTE)
    l2[0] = anchor_lump(msg, msg.hdrs[0].off, 0)
    if l[0] is NULL or l2[0] is NULL:
        return -1
    if cond:
        l[0] = insert_cond_lump_after(msg, l[0], cond, 0)
        l2[0] = insert_cond_lump_before(msg, l2[0], cond, 0)
    return 0 if l[0] is not NULL and l2[0] is not NULL else -1


cdef int by_socket(sip_msg *msg, int cond, bint inbound, str_t *user, const char *text, int len) noexcept nogil:
    """One header with the address of the receiving or the sending socket."""
    cdef lump *l
    cdef lump *l2
    cdef int subst
    if inbound:
        subst = SUBST_RCV_ALL_EX if sockname_mode else SUBST_RCV_ALL
    else:
        subst = SUBST_SND_ALL_EX if sockname_mode else SUBST_SND_ALL
    if anchors(msg, cond, &l, &l2) < 0:
        return -1
    l = put_prefix(msg, l, user)
    if l is NULL:
        return -1
    l = put_double(msg, insert_subst_lump_after(msg, l, subst, 0))
    return 0 if l is not NULL and put_end(msg, l2, text, len) is not NULL else -1


cdef int record_route(sip_msg *msg, const char *user, int user_len, const char *tag, int tag_len, const char *params, int params_len) noexcept nogil:
    global param_len
    cdef char text[2048]
    cdef str_t u, t, p
    cdef int n, cond
    u.s, u.len, t.s, t.len, p.s, p.len = <char *>user, user_len, <char *>tag, tag_len, <char *>params, params_len
    n = suffix(text, sizeof(text), &t, &p, False)
    if n < 0 or msg.n_hdrs == 0:
        return -1
    if double_rr:
        cond = COND_TRUE if double_rr == 2 else COND_IF_DIFF_REALMS
        if by_socket(msg, cond, False, &u, text, n) < 0:
            return -1
    n = by_socket(msg, 0, True, &u, text, n)
    param_len = 0
    return n


cdef int record_route_preset(sip_msg *msg, const char *user, int user_len, const char *tag, int tag_len, const char *data, int data_len) noexcept nogil:
    cdef lump *l
    cdef lump *l2
    cdef str_t u
    u.s, u.len = <char *>user, user_len
    if msg.n_hdrs == 0 or anchors(msg, 0, &l, &l2) < 0:
        return -1
    l = after(msg, put_prefix(msg, l, &u), data, data_len)
    if tag_len:
        l = after(msg, after(msg, l, b";ftag=", 6), tag, tag_len)
    if param_len and param_id == msg.id:
        l = after(msg, l, param_buf, param_len)
    if full_lr:
        l2 = before(msg, l2, b";lr=on", 6, HDR_RECORDROUTE)
    else:
        l2 = before(msg, l2, b";lr", 3, HDR_RECORDROUTE)
    l2 = before(msg, l2, b">\r\n", 3, 0)
    return 0 if l is not NULL and l2 is not NULL else -1


cdef int by_data(sip_msg *msg, int cond, bint inbound, str_t *user, const char *data, int data_len, const char *text, int len) noexcept nogil:
    """One header with a given address; ;transport= of the socket where the protocols differ."""
    cdef lump *l
    cdef lump *l2
    if anchors(msg, cond, &l, &l2) < 0:
        return -1
    l = after(msg, put_prefix(msg, l, user), data, data_len)
    if l is NULL:
        return -1
    l = insert_cond_lump_after(msg, l, COND_TRUE if double_rr == 2 else COND_IF_DIFF_PROTO, 0)
    l = after(msg, l, b";transport=", 11)
    if l is NULL:
        return -1
    l = put_double(msg, insert_subst_lump_after(msg, l, SUBST_RCV_PROTO if inbound else SUBST_SND_PROTO, 0))
    return 0 if l is not NULL and put_end(msg, l2, text, len) is not NULL else -1


cdef int record_route_advertised(sip_msg *msg, const char *user, int user_len, const char *tag, int tag_len, const char *data, int data_len) noexcept nogil:
    cdef char text[2048]
    cdef str_t u, t, none
    cdef int n, cond
    u.s, u.len, t.s, t.len = <char *>user, user_len, <char *>tag, tag_len
    none.s, none.len = NULL, 0
    n = suffix(text, sizeof(text), &t, &none, True)
    if n < 0 or msg.n_hdrs == 0:
        return -1
    if double_rr:
        cond = COND_TRUE if double_rr == 2 else COND_IF_DIFF_PROTO
        if by_data(msg, cond, False, &u, data, data_len, text, n) < 0:
            return -1
    return by_data(msg, 0, True, &u, data, data_len, text, n)


cdef lump *param_lump(lump **root) noexcept nogil:
    """The next header's last parameter lump; *root goes past it."""
    cdef lump *last = NULL
    cdef lump *r
    while root[0] is not NULL and last is NULL:
        r = root[0].before
        while r is not NULL:
            if r.type == HDR_RECORDROUTE and r.op == LUMP_ADD:
                last = r
            r = r.before
        root[0] = root[0].next
    return last


cdef int add_rr_param(sip_msg *msg, const char *s, int len) noexcept nogil:
    global param_len, param_id
    cdef lump *root = msg.add_rm
    cdef lump *last = param_lump(&root)
    if last is not NULL:
        if before(msg, last, s, len, HDR_RECORDROUTE) is NULL:
            return -1
        if not double_rr:
            return 0
        last = param_lump(&root)
        return 0 if before(msg, last, s, len, HDR_RECORDROUTE) is not NULL else -1
    if param_id != msg.id:
        param_len = 0
        param_id = msg.id
    if len > PARAM_BUF - param_len:
        return -1
    memcpy(param_buf + param_len, s, len)
    param_len += len
    return 0


# Python

cdef int tag_of(sip_msg *m, bint to, str_t *out) noexcept nogil:
    cdef to_body *b = get_to(m) if to else get_from(m)
    if b is NULL:
        return -1
    out.s = m.buf + b.tag.off
    out.len = b.tag.len
    return 0


cdef bint usable(sip_msg *m) noexcept nogil:
    """record_route may be called once a message."""
    return m.type == SIP_REQUEST and not m.msg_flags & FL_RR_ADDED


def ruri_user(SipMsg msg):
    """User part of the received r-URI, or of the new one; None: neither can be parsed."""
    cdef sip_msg *m = msg.ptr()
    cdef sip_uri u
    if parse_uri(m.buf + m.uri.off, m.uri.len, &u) < 0:
        return None
    if u.user.len == 0 and m.new_uri.s is not NULL and parse_uri(m.new_uri.s, m.new_uri.len, &u) < 0:
        return None
    return u.user.s[:u.user.len] if u.user.len else b""


def add_record_route(SipMsg msg, bytes user, bint with_tag, bint upstream, bytes params, bint keep):
    """record_route(); `upstream` takes To's tag for the ftag; without `keep` it may be repeated."""
    cdef sip_msg *m = msg.ptr()
    cdef str_t tag
    tag.s, tag.len = NULL, 0
    if not usable(m) or (with_tag and tag_of(m, upstream, &tag) < 0):
        return -1
    if record_route(m, user, <int>len(user), tag.s, tag.len, params, <int>len(params)) < 0:
        return -1
    if keep:
        m.msg_flags |= FL_RR_ADDED
    return 1


def add_preset(SipMsg msg, bytes user, bint with_tag, list addresses):
    """record_route_preset() with one or two addresses."""
    cdef sip_msg *m = msg.ptr()
    cdef str_t tag
    tag.s, tag.len = NULL, 0
    if not usable(m) or (len(addresses) > 1 and not double_rr):
        return -1
    if with_tag and tag_of(m, False, &tag) < 0:
        return -1
    for address in addresses:
        data = <bytes>address
        if record_route_preset(m, user, <int>len(user), tag.s, tag.len, data, <int>len(data)) < 0:
            return -1
    m.msg_flags |= FL_RR_ADDED
    return 1


def add_advertised(SipMsg msg, bytes user, bint with_tag, bint upstream, bytes address):
    """record_route_advertised_address()."""
    cdef sip_msg *m = msg.ptr()
    cdef str_t tag
    tag.s, tag.len = NULL, 0
    if not usable(m) or (with_tag and tag_of(m, upstream, &tag) < 0):
        return -1
    if record_route_advertised(m, user, <int>len(user), tag.s, tag.len, address, <int>len(address)) < 0:
        return -1
    m.msg_flags |= FL_RR_ADDED
    return 1


def add_param(SipMsg msg, bytes text):
    """add_rr_param()."""
    return 1 if add_rr_param(msg.ptr(), text, <int>len(text)) == 0 else -1


def remove_record_route(SipMsg msg):
    """Take back the Record-Route headers queued so far."""
    cdef sip_msg *m = msg.ptr()
    cdef lump **at = &m.add_rm
    while at[0] is not NULL:
        if at[0].type == HDR_RECORDROUTE or hangs_before(at[0]):
            at[0] = at[0].next
        else:
            at = &at[0].next
    return 1


cdef bint hangs_before(lump *l) noexcept nogil:
    """Does the second half of a Record-Route header hang before this anchor?"""
    l = l.before
    while l is not NULL:
        if l.type == HDR_RECORDROUTE:
            return True
        l = l.before
    return False
