# Addresses and listen sockets.
from libc.stdint cimport int32_t, uint8_t, uint16_t, uint32_t
from posix.types cimport pid_t
from runtime.native.cstr cimport str_t

cdef extern from "<netinet/in.h>" nogil:
    ctypedef unsigned short sa_family_t
    cdef struct in_addr:
        uint32_t s_addr
    cdef struct in6_addr:
        uint8_t s6_addr[16]
    cdef struct sockaddr:
        sa_family_t sa_family
    cdef struct sockaddr_in:
        sa_family_t sin_family
        uint16_t sin_port
        in_addr sin_addr
    cdef struct sockaddr_in6:
        sa_family_t sin6_family
        uint16_t sin6_port
        in6_addr sin6_addr
        uint32_t sin6_scope_id

cdef union sockaddr_union:
    sockaddr s
    sockaddr_in sin
    sockaddr_in6 sin6

cdef enum:                  # Kamailio's sip_protos
    PROTO_NONE = 0
    PROTO_UDP = 1
    PROTO_TCP = 2
    PROTO_TLS = 3
    PROTO_SCTP = 4
    PROTO_WS = 5
    PROTO_WSS = 6

cdef struct socket_info:    # one listen socket; in shared memory, set up before the fork
    int fd
    int index
    uint8_t proto
    uint16_t port
    sockaddr_union su
    str_t name              # as in the configuration
    str_t address_str       # numeric, IPv6 without brackets
    str_t port_str
    str_t sock_str          # udp:1.2.3.4:5060
    str_t sockname          # name="..."; empty if none
    str_t useinfo_name      # advertised address; empty if none
    str_t useinfo_port_str
    uint16_t useinfo_port
    uint32_t flags          # SI_IS_ANY, SI_IS_MCAST, ...

cdef enum:                  # socket_info.flags (ip_addr.h)
    SI_IS_IP = 1            # name is the numeric address
    SI_IS_LO = 2
    SI_IS_MCAST = 4
    SI_IS_ANY = 8
    SI_IS_MHOMED = 16
    SI_IS_VIRTUAL = 32

cdef struct receive_info:   # where a message came from
    sockaddr_union src
    sockaddr_union dst
    uint8_t proto
    int32_t proto_reserved1 # TCP connection id
    socket_info *bind_address
    uint32_t rflags

cdef enum:                  # dest_info.send_flags, receive_info.rflags
    SND_F_FORCE_CON_REUSE = 1
    SND_F_CON_CLOSE = 2
    SND_F_FORCE_SOCKET = 4

cdef struct dest_info:      # where a message goes
    sockaddr_union to
    uint8_t proto
    int32_t id              # TCP connection to use, 0 for none
    socket_info *send_sock
    uint32_t send_flags

cdef int su_port(const sockaddr_union *su) noexcept nogil
cdef void su_setport(sockaddr_union *su, int port) noexcept nogil
cdef bint su_eq(const sockaddr_union *a, const sockaddr_union *b) noexcept nogil      # address and port
cdef bint su_eq_ip(const sockaddr_union *a, const sockaddr_union *b) noexcept nogil
cdef int su_ntop(const sockaddr_union *su, char *out) noexcept nogil   # length; out has 46 bytes
cdef int su_pton(const char *s, int len, sockaddr_union *out) noexcept nogil   # 0; -1 not an address; [v6] too
cdef socket_info *find_si(const sockaddr_union *su, int proto) noexcept nogil
cdef socket_info *get_send_socket(const sockaddr_union *to, int proto) noexcept nogil  # mhomed aware
# the same, but `forced` where it fits (get_send_socket2: its sibling of the right protocol otherwise)
cdef socket_info *send_socket_for(socket_info *forced, const sockaddr_union *to, int proto) noexcept nogil
cdef socket_info *grep_sock_info(const char *host, int hlen, int port, int proto) noexcept nogil
# the socket this process receives on (Kamailio's bind_address): UDP goes out by it
cdef socket_info *bind_address
# more answers to check_self (module domain): 1 mine, 0 not; registered before the fork
ctypedef int (*check_self_f)(const char *host, int hlen, int port, int proto) noexcept nogil
cdef void register_check_self_func(check_self_f f) noexcept nogil
cdef const char *proto_name(int proto) noexcept nogil                           # "udp"; "none" for 0
cdef int proto_by_name(const char *s, int len) noexcept nogil                   # PROTO_*, -1 unknown
cdef bint has_family(const sockaddr_union *su) noexcept nogil                   # is there a socket of its address family?
cdef socket_info *get_socket(int index) noexcept nogil
cdef int socket_count() noexcept nogil
# grep_sock_info + aliases: is host:port (port 0: any, proto 0: any) this server?
cdef bint check_self(const char *host, int hlen, int port, int proto) noexcept nogil
