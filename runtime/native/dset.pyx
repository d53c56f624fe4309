"""The destination set of a request: its r-URI and more branches (dset.c, action.c)."""

from libc.string cimport memcpy, memmove, memset
from runtime.native.error cimport E_TOO_MANY_BRANCHES, set_ser_error
from runtime.native.hdrs cimport get_ruri, get_ruri_str
from runtime.native.msg cimport MAX_BRANCHES, arena_alloc, arena_str, set_new_uri
from runtime.native.uri cimport (
    SIPS_URI_T, SIP_URI_T, TELS_URI_T, TEL_URI_T, URI_SIP_USER_PHONE, sip_uri, uri_scheme,
)

cdef enum:
    MAX_URI_SIZE = 1024

cdef int max_branches = 12


def set_max_branches(int n):
    """Core parameter ``max_branches``: 1…31, the r-URI's own included."""
    global max_branches
    if not 1 <= n <= MAX_BRANCHES:
        raise ValueError(f"max_branches is 1 to {MAX_BRANCHES}, not {n}")
    max_branches = n


cdef int rewrite_uri(sip_msg *msg, const char *s, int len) noexcept nogil:
    if set_new_uri(msg, s, len) < 0:
        return -1
    msg.ruri_new = 1
    return 1


cdef struct text_t:
    char s[MAX_URI_SIZE]
    int len
    bint full


cdef void put(text_t *t, const char *s, int len) noexcept nogil:
    if len > MAX_URI_SIZE - 1 - t.len:
        t.full = True
        return
    if len > 0:
        memcpy(t.s + t.len, s, len)
        t.len += len


cdef void put_params(text_t *t, sip_uri *u, bint no_transport) noexcept nogil:
    cdef const char *p = u.sip_params.s
    cdef const char *after
    if p is NULL:
        return
    if not no_transport or u.transport.s is NULL:
        put(t, b";", 1)
        put(t, p, u.sip_params.len)
        return
    if p < u.transport.s:
        put(t, b";", 1)
        put(t, p, <int>(u.transport.s - p) - 1)
    after = u.transport.s + u.transport.len
    put(t, after, <int>(p + u.sip_params.len - after))


cdef bint put_user(text_t *t, sip_uri *u, int what, const char *s, int len, int number) noexcept nogil:
    """user[:password], and the parameters of a telephone number: is there a user?"""
    cdef int start = t.len
    cdef bint user
    cdef bint tel = u.type == TEL_URI_T or u.type == TELS_URI_T
    if what == PREFIX_T:
        put(t, s, len)
    if what == SET_USER_T or what == SET_USERPASS_T:
        put(t, s, len)
    elif what == STRIP_T:
        if number < u.user.len:
            put(t, u.user.s + number, u.user.len - number)
    elif what == STRIP_TAIL_T:
        if number < u.user.len:
            put(t, u.user.s, u.user.len - number)
    else:
        put(t, u.user.s, u.user.len)
    user = t.len > start or what == PREFIX_T
    if user and u.passwd.s is not NULL and what != SET_USERPASS_T:
        put(t, b":", 1)
        put(t, u.passwd.s, u.passwd.len)
    if tel and u.params.s is not NULL:
        put(t, b";", 1)
        put(t, u.params.s, u.params.len)
    return user


cdef inline bint sets_host(int what) noexcept nogil:
    return (
        what == SET_HOST_T or what == SET_HOSTPORT_T or what == SET_HOSTALL_T
        or what == SET_HOSTPORTTRANS_T
    )


cdef void put_uri(text_t *t, sip_uri *u, int what, const char *s, int len, int number) noexcept nogil:
    cdef const char *scheme
    cdef int n
    cdef bint tel = u.type == TEL_URI_T or u.type == TELS_URI_T
    cdef bint phone = (u.flags & URI_SIP_USER_PHONE) != 0
    cdef bint becomes_sip = tel and sets_host(what) and what != SET_HOSTALL_T
    cdef bint user
    if u.type == SIP_URI_T or u.type == SIPS_URI_T or (tel and not phone and not becomes_sip):
        scheme = uri_scheme(u.type, &n)
    else:
        scheme = uri_scheme(SIPS_URI_T if u.type == TELS_URI_T else SIP_URI_T, &n)
    put(t, scheme, n)
    put(t, b":", 1)
    user = put_user(t, u, what, s, len, number)
    if sets_host(what):
        if user:
            put(t, b"@", 1)
        put(t, s, len)
        if what == SET_HOSTALL_T:
            return
    elif u.type == SIP_URI_T or u.type == SIPS_URI_T or phone:
        if user:
            put(t, b"@", 1)
        put(t, u.host.s, u.host.len)
    if what == SET_PORT_T:
        if len:
            put(t, b":", 1)
            put(t, s, len)
    elif what != SET_HOSTPORT_T and what != SET_HOSTPORTTRANS_T and u.port.s is not NULL:
        put(t, b":", 1)
        put(t, u.port.s, u.port.len)
    put_params(t, u, what == SET_HOSTPORTTRANS_T)
    if what == SET_USERPHONE_T or (becomes_sip and not phone):
        put(t, b";user=phone", 11)
    if u.headers.s is not NULL:
        put(t, b"?", 1)
        put(t, u.headers.s, u.headers.len)


cdef int edit_ruri(sip_msg *msg, int what, const char *s, int len, int number) noexcept nogil:
    cdef sip_uri *u
    cdef text_t t
    cdef bint tel
    if what == SET_URI_T:
        return rewrite_uri(msg, s, len)
    u = get_ruri(msg)
    if u is NULL:
        return -1
    tel = u.type == TEL_URI_T or u.type == TELS_URI_T
    if what == SET_USERPHONE_T and tel:
        return 1
    if what == SET_PORT_T and tel and not u.flags & URI_SIP_USER_PHONE:
        return -1
    t.len = 0
    t.full = False
    put_uri(&t, u, what, s, len, number)
    if t.full:
        return -1
    return rewrite_uri(msg, t.s, t.len)


cdef branch_t *append_branch(sip_msg *msg, const char *uri, int len) noexcept nogil:
    cdef branch_t *b
    cdef str_t ruri
    if msg.branches is NULL:
        msg.branches = <branch_t *>arena_alloc(msg.arena, MAX_BRANCHES * sizeof(branch_t))
        if msg.branches is NULL:
            return NULL
        msg.n_branches = 0
    if msg.n_branches >= max_branches - 1:
        set_ser_error(E_TOO_MANY_BRANCHES)
        return NULL
    if uri is NULL or len <= 0:
        ruri = get_ruri_str(msg)
        uri = ruri.s
        len = ruri.len
    if len > MAX_URI_SIZE - 1:
        return NULL
    b = &msg.branches[msg.n_branches]
    memset(b, 0, sizeof(branch_t))
    if arena_str(msg.arena, uri, len, &b.uri) < 0:
        return NULL
    b.q = -1
    msg.n_branches += 1
    return b


cdef void clear_branches(sip_msg *msg) noexcept nogil:
    msg.n_branches = 0
    msg.q = -1
    msg.bflags = 0
    msg.ruri_new = 0


cdef void drop_branch(sip_msg *msg, int index) noexcept nogil:
    if index < 0:
        index += msg.n_branches
    if 0 <= index < msg.n_branches:
        msg.n_branches -= 1
        memmove(
            &msg.branches[index], &msg.branches[index + 1],
            (msg.n_branches - index) * sizeof(branch_t),
        )
