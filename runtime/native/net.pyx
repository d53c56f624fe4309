"""Addresses, listen sockets, and who "myself" is (socket_info.c, ip_addr.c, forward.c).

The table of sockets is made before the fork; every process inherits it.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memchr, memcmp, memcpy, memset, strlen
from runtime.native.cstr cimport str_caseeq, str_t

cdef extern from "<sys/socket.h>" nogil:
    ctypedef unsigned int socklen_t
    int AF_INET, AF_INET6, AF_UNSPEC, SOCK_DGRAM
    int socket(int domain, int type, int protocol)
    int connect(int fd, const sockaddr *addr, socklen_t len)
    int getsockname(int fd, sockaddr *addr, socklen_t *len)

cdef extern from "<arpa/inet.h>" nogil:
    int inet_pton(int af, const char *src, void *dst)
    uint16_t htons(uint16_t x)
    uint16_t ntohs(uint16_t x)
    uint32_t ntohl(uint32_t x)

cdef extern from "<unistd.h>" nogil:
    int close(int fd)

cdef enum:
    MAX_SOCKETS = 1024
    MAX_ALIASES = 1024
    MAX_CHECKS = 16

cdef struct host_alias:
    str_t name
    uint16_t port
    uint8_t proto

cdef socket_info *sockets[MAX_SOCKETS]
cdef int n_sockets = 0
cdef host_alias aliases[MAX_ALIASES]
cdef int n_aliases = 0
cdef check_self_f checks[MAX_CHECKS]
cdef int n_checks = 0
cdef list _hooks = []                       # Python check_self callbacks
cdef bint has_hooks = False
cdef bint mhomed = False
cdef int probe_fd[2]
probe_fd[0] = probe_fd[1] = -1
cdef socket_info *bind_address = NULL


cdef int su_port(const sockaddr_union *su) noexcept nogil:
    if su.s.sa_family == AF_INET6:
        return ntohs(su.sin6.sin6_port)
    return ntohs(su.sin.sin_port)


cdef void su_setport(sockaddr_union *su, int port) noexcept nogil:
    if su.s.sa_family == AF_INET6:
        su.sin6.sin6_port = htons(<uint16_t>port)
    else:
        su.sin.sin_port = htons(<uint16_t>port)


cdef bint su_eq_ip(const sockaddr_union *a, const sockaddr_union *b) noexcept nogil:
    if a.s.sa_family != b.s.sa_family:
        return False
    if a.s.sa_family == AF_INET6:
        return memcmp(&a.sin6.sin6_addr, &b.sin6.sin6_addr, 16) == 0
    return a.sin.sin_addr.s_addr == b.sin.sin_addr.s_addr


cdef bint su_eq(const sockaddr_union *a, const sockaddr_union *b) noexcept nogil:
    return su_eq_ip(a, b) and su_port(a) == su_port(b)


cdef int put_number(char *out, uint32_t n, int base) noexcept nogil:
    cdef char digits[12]
    cdef int i = 0, k, d
    while True:
        d = n % base
        digits[i] = <char>(48 + d if d < 10 else 87 + d)
        i += 1
        n //= base
        if n == 0:
            break
    for k in range(i):
        out[k] = digits[i - 1 - k]
    return i


cdef int su_ntop(const sockaddr_union *su, char *out) noexcept nogil:
    """Numeric address as Kamailio prints it: IPv6 in eight groups, never `::`."""
    cdef int i, n = 0
    cdef const uint8_t *b
    if su.s.sa_family == AF_INET6:
        b = <const uint8_t *>&su.sin6.sin6_addr
        for i in range(8):
            if i:
                out[n] = b':'
                n += 1
            n += put_number(out + n, (<uint32_t>b[2 * i] << 8) | b[2 * i + 1], 16)
    else:
        b = <const uint8_t *>&su.sin.sin_addr
        for i in range(4):
            if i:
                out[n] = b'.'
                n += 1
            n += put_number(out + n, b[i], 10)
    out[n] = 0
    return n


cdef int su_pton(const char *s, int len, sockaddr_union *out) noexcept nogil:
    cdef char text[64]
    memset(out, 0, sizeof(sockaddr_union))
    if len > 2 and s[0] == b'[' and s[len - 1] == b']':
        s += 1
        len -= 2
    if len <= 0 or len >= 63 or memchr(s, 0, len) is not NULL:
        return -1
    memcpy(text, s, len)
    text[len] = 0
    if memchr(text, b':', len) is not NULL:
        if inet_pton(AF_INET6, text, &out.sin6.sin6_addr) != 1:
            return -1
        out.s.sa_family = AF_INET6
    else:
        if inet_pton(AF_INET, text, &out.sin.sin_addr) != 1:
            return -1
        out.s.sa_family = AF_INET
    return 0


cdef const char *proto_name(int proto) noexcept nogil:
    if proto == PROTO_UDP:
        return b"udp"
    if proto == PROTO_TCP:
        return b"tcp"
    if proto == PROTO_TLS:
        return b"tls"
    if proto == PROTO_SCTP:
        return b"sctp"
    if proto == PROTO_WS:
        return b"ws"
    if proto == PROTO_WSS:
        return b"wss"
    return b"none"


cdef int proto_by_name(const char *s, int len) noexcept nogil:
    cdef int proto
    for proto in range(PROTO_UDP, PROTO_WSS + 1):
        if str_caseeq(s, len, proto_name(proto), <int>strlen(proto_name(proto))):
            return proto
    return -1


cdef inline int listen_proto(int proto) noexcept nogil:
    """WebSocket connections come in by TCP and TLS sockets."""
    if proto == PROTO_WS:
        return PROTO_TCP
    if proto == PROTO_WSS:
        return PROTO_TLS
    return proto


cdef socket_info *get_socket(int index) noexcept nogil:
    return sockets[index] if 0 <= index < n_sockets else NULL


cdef int socket_count() noexcept nogil:
    return n_sockets


cdef bint has_family(const sockaddr_union *su) noexcept nogil:
    cdef int i
    for i in range(n_sockets):
        if get_socket(i).su.s.sa_family == su.s.sa_family:
            return True
    return False


cdef socket_info *find_si(const sockaddr_union *su, int proto) noexcept nogil:
    """The socket at this address and port (0: any) of this protocol (0: any)."""
    cdef int i, port = su_port(su)
    cdef socket_info *si
    for i in range(n_sockets):
        si = sockets[i]
        if proto != PROTO_NONE and si.proto != listen_proto(proto):
            continue
        if (port == 0 or port == si.port) and su_eq_ip(&si.su, su):
            return si
    return NULL


cdef bint hname_eq(const char *host, int hlen, const sockaddr_union *su, str_t *name, str_t *address, const sockaddr_union *own) noexcept nogil:
    if str_caseeq(host, hlen, name.s, name.len):
        return True
    if su is not NULL and su.s.sa_family == AF_INET6:
        return own is not NULL and su_eq_ip(su, own)
    return str_caseeq(host, hlen, address.s, address.len)


cdef socket_info *grep_sock_info(const char *host, int hlen, int port, int proto) noexcept nogil:
    cdef int i
    cdef socket_info *si
    cdef sockaddr_union su
    cdef sockaddr_union *numeric = NULL
    if hlen > 2 and host[0] == b'[' and host[hlen - 1] == b']':
        host += 1
        hlen -= 2
    if hlen <= 0:
        return NULL
    if memchr(host, b':', hlen) is not NULL and su_pton(host, hlen, &su) == 0:
        numeric = &su
    for i in range(n_sockets):
        si = sockets[i]
        if proto != PROTO_NONE and si.proto != listen_proto(proto):
            if proto != PROTO_WS or si.proto != PROTO_TLS:
                continue
        if port != 0 and si.port != port and si.useinfo_port != port:
            continue
        if hname_eq(host, hlen, numeric, &si.name, &si.address_str, &si.su):
            return si
        if si.useinfo_name.len and hname_eq(
            host, hlen, numeric, &si.useinfo_name, &si.useinfo_name, NULL
        ):
            return si
    return NULL


cdef bint grep_aliases(const char *host, int hlen, int port, int proto) noexcept nogil:
    cdef int i
    cdef host_alias *a
    if hlen > 2 and host[0] == b'[' and host[hlen - 1] == b']':
        host += 1
        hlen -= 2
    for i in range(n_aliases):
        a = &aliases[i]
        if (
            (a.port == 0 or port == 0 or a.port == port)
            and (a.proto == 0 or proto == 0 or a.proto == proto)
            and str_caseeq(a.name.s, a.name.len, host, hlen)
        ):
            return True
    return False


cdef bint ask_hooks(const char *host, int hlen, int port, int proto) noexcept with gil:
    for hook in _hooks:
        if hook(host[:hlen], port, proto):
            return True
    return False


cdef bint check_self(const char *host, int hlen, int port, int proto) noexcept nogil:
    cdef int i
    if host is NULL or hlen <= 0:
        return False
    if grep_sock_info(host, hlen, port, proto) is not NULL:
        return True
    if grep_aliases(host, hlen, port, proto):
        return True
    for i in range(n_checks):
        if checks[i](host, hlen, port, proto) == 1:
            return True
    return has_hooks and ask_hooks(host, hlen, port, proto)


cdef void register_check_self_func(check_self_f f) noexcept nogil:
    global n_checks
    if n_checks < MAX_CHECKS:
        checks[n_checks] = f
        n_checks += 1


cdef socket_info *out_socket(const sockaddr_union *to) noexcept nogil:
    """mhomed: the UDP socket at the address which the kernel would send from."""
    cdef int which = 1 if to.s.sa_family == AF_INET6 else 0
    cdef int size = sizeof(sockaddr_in6) if which else sizeof(sockaddr_in)
    cdef sockaddr_union local
    cdef sockaddr none
    cdef socklen_t length = sizeof(sockaddr_union)
    if probe_fd[which] < 0:
        probe_fd[which] = socket(to.s.sa_family, SOCK_DGRAM, 0)
        if probe_fd[which] < 0:
            return NULL
    memset(&none, 0, sizeof(sockaddr))
    none.sa_family = <sa_family_t>AF_UNSPEC
    connect(probe_fd[which], &none, sizeof(sockaddr))
    if connect(probe_fd[which], &to.s, size) < 0:
        return NULL
    if getsockname(probe_fd[which], &local.s, &length) < 0:
        return NULL
    su_setport(&local, 0)
    return find_si(&local, PROTO_UDP)


cdef socket_info *default_socket(int family, int proto) noexcept nogil:
    """The first socket of this protocol and family that is not of loopback or multicast, or the last."""
    cdef int i
    cdef socket_info *si
    cdef socket_info *found = NULL
    proto = listen_proto(proto)
    for i in range(n_sockets):
        si = sockets[i]
        if si.proto != proto or si.su.s.sa_family != family:
            continue
        if found is NULL or (found.flags & (SI_IS_LO | SI_IS_MCAST)):
            found = si
    return found


cdef socket_info *get_send_socket(const sockaddr_union *to, int proto) noexcept nogil:
    if proto == PROTO_UDP:
        if mhomed:
            return out_socket(to)
        if (
            bind_address is not NULL and bind_address.proto == PROTO_UDP
            and bind_address.su.s.sa_family == to.s.sa_family
        ):
            return bind_address
    return default_socket(to.s.sa_family, proto)


cdef socket_info *send_socket_for(socket_info *forced, const sockaddr_union *to, int proto) noexcept nogil:
    cdef socket_info *si = forced
    if si is not NULL and si.proto != proto and not (si.proto == PROTO_TLS and proto == PROTO_WS):
        si = find_si(&forced.su, proto)
    if (
        si is not NULL and si.su.s.sa_family == to.s.sa_family
        and not si.flags & SI_IS_MCAST
    ):
        return si
    return get_send_socket(to, proto)


# Python: start-up, tests

cdef str_t keep(bytes text):
    """A NUL-terminated copy that lives as long as the process."""
    cdef str_t s
    s.len = <int>len(text)
    s.s = <char *>malloc(s.len + 1)
    if s.s is NULL:
        raise MemoryError
    memcpy(s.s, <char *>text, s.len)
    s.s[s.len] = 0
    return s


cdef bytes text_of(str_t *s):
    return s.s[:s.len] if s.s is not NULL else b""


def add_socket(int proto, bytes address, int port, *, bytes name=None, bytes sockname=b"", bytes advertise=b"", int advertise_port=0, int fd=-1, bint virtual=False):
    """Enter a listen socket, before the fork; its index.

    `address` is numeric; `name` is what the configuration calls it. Raises ValueError.
    """
    global n_sockets
    cdef sockaddr_union su
    cdef socket_info *si
    cdef char buf[64]
    cdef uint8_t first
    if n_sockets >= MAX_SOCKETS:
        raise ValueError(f"more than {MAX_SOCKETS} listen sockets")
    if not PROTO_UDP <= proto <= PROTO_SCTP or not 0 < port < 65536:
        raise ValueError(f"no such protocol or port: {proto} {port}")
    if su_pton(address, <int>len(address), &su) < 0:
        raise ValueError(f"not a numeric address: {address!r}")
    si = <socket_info *>calloc(1, sizeof(socket_info))
    if si is NULL:
        raise MemoryError
    si.fd = fd
    si.index = n_sockets
    si.proto = <uint8_t>proto
    si.port = <uint16_t>port
    si.su = su
    su_setport(&si.su, port)
    address = buf[:su_ntop(&su, buf)]
    si.address_str = keep(address)
    si.name = keep(address if name is None else name.strip(b"[]"))
    si.port_str = keep(b"%d" % port)
    host = b"[%s]" % address if su.s.sa_family == AF_INET6 else address
    si.sock_str = keep(b"%s:%s:%d" % (<bytes>proto_name(proto), host, port))
    si.sockname = keep(sockname)
    si.useinfo_name = keep(advertise)
    si.useinfo_port = <uint16_t>advertise_port
    si.useinfo_port_str = keep(b"%d" % advertise_port if advertise_port else b"")
    if text_of(&si.name) == address:
        si.flags |= SI_IS_IP
    if su.s.sa_family == AF_INET:
        first = (<uint8_t *>&su.sin.sin_addr)[0]
        if first == 127:
            si.flags |= SI_IS_LO
        elif 224 <= first <= 239:
            si.flags |= SI_IS_MCAST
    elif address == b"0:0:0:0:0:0:0:1":
        si.flags |= SI_IS_LO
    if virtual:
        si.flags |= SI_IS_VIRTUAL
    sockets[n_sockets] = si
    n_sockets += 1
    return si.index


def set_fd(int index, int fd):
    """The descriptor of a listen socket in this process."""
    cdef socket_info *si = get_socket(index)
    if si is NULL:
        raise IndexError("no such socket")
    si.fd = fd


def set_bind_address(int index):
    """The socket that this process receives on; -1: none."""
    global bind_address
    bind_address = get_socket(index)


def add_alias(bytes host, int port=0, int proto=0):
    """Enter a name of this server (alias=); 0 means any port, any protocol."""
    global n_aliases
    if n_aliases >= MAX_ALIASES:
        raise ValueError(f"more than {MAX_ALIASES} aliases")
    if grep_aliases(host, <int>len(host), port, proto) and (port == 0 or proto == 0):
        return
    aliases[n_aliases].name = keep(host.strip(b"[]"))
    aliases[n_aliases].port = <uint16_t>port
    aliases[n_aliases].proto = <uint8_t>proto
    n_aliases += 1


def add_check_self(hook):
    """Ask `hook(host: bytes, port: int, proto: int) -> bool` too whether a host is this server."""
    global has_hooks
    _hooks.append(hook)
    has_hooks = True


def set_mhomed(bint on):
    """Core parameter ``mhomed``."""
    global mhomed
    mhomed = on


def reset():
    """Forget sockets, aliases and hooks (tests). No message may be alive."""
    global n_sockets, n_aliases, n_checks, has_hooks, mhomed, bind_address
    cdef int i
    for i in range(n_sockets):
        free(sockets[i].name.s)
        free(sockets[i].address_str.s)
        free(sockets[i].port_str.s)
        free(sockets[i].sock_str.s)
        free(sockets[i].sockname.s)
        free(sockets[i].useinfo_name.s)
        free(sockets[i].useinfo_port_str.s)
        free(sockets[i])
    for i in range(n_aliases):
        free(aliases[i].name.s)
    n_sockets = n_aliases = n_checks = 0
    has_hooks = mhomed = False
    bind_address = NULL
    _hooks.clear()


def socket_list():
    """Every listen socket as (index, proto, address, port, name, sockname, advertise, advertise_port)."""
    cdef int i
    cdef socket_info *si
    result = []
    for i in range(n_sockets):
        si = sockets[i]
        result.append((
            i, si.proto, text_of(&si.address_str), si.port, text_of(&si.name),
            text_of(&si.sockname), text_of(&si.useinfo_name), si.useinfo_port,
        ))
    return result


def alias_list():
    """Every alias as (host, port, proto)."""
    cdef int i
    return [(text_of(&aliases[i].name), aliases[i].port, aliases[i].proto) for i in range(n_aliases)]


def alias_list():
    """Every alias as (host, port, proto); 0 means any."""
    return [
        (text_of(&aliases[i].name), aliases[i].port, aliases[i].proto) for i in range(n_aliases)
    ]


def find_socket(bytes host, int port=0, int proto=0):
    """Index of the listen socket of this name or address; -1: none (``grep_sock_info``)."""
    cdef socket_info *si = grep_sock_info(host, <int>len(host), port, proto)
    return si.index if si is not NULL else -1


def find_socket_by_name(bytes sockname):
    """Index of the listen socket with name="..."; -1: none."""
    cdef int i
    for i in range(n_sockets):
        if sockets[i].sockname.len and text_of(&sockets[i].sockname) == sockname:
            return i
    return -1


def is_self(bytes host, int port=0, int proto=0):
    """Is host:port this server? (``check_self``)"""
    return check_self(host, <int>len(host), port, proto)


def proto_number(bytes name):
    """PROTO_* of ``udp``…; raises ValueError."""
    cdef int proto = proto_by_name(name, <int>len(name))
    if proto < 0:
        raise ValueError(f"unknown protocol {name!r}")
    return proto


def proto_text(int proto):
    """``udp``… of PROTO_*."""
    return <bytes>proto_name(proto)


def normal_address(bytes text):
    """A numeric address as Kamailio prints it, None: not an address."""
    cdef sockaddr_union su
    cdef char buf[64]
    if su_pton(text, <int>len(text), &su) < 0:
        return None
    return buf[:su_ntop(&su, buf)]
