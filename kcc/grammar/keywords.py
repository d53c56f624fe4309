"""Reserved words and what they are (Kamailio's cfg.lex). A word is reserved everywhere.

Where there are several spellings, the first one of Kamailio's list names the thing. The words
are those of Kamailio 3.2 to 6.0; ``_SINCE`` and ``_UNTIL`` say which versions lack which.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final, Literal

from kcc.grammar.declared import own_functions, own_params
from kcc.source.version import version_of

ParamKind = Literal[
    "number", "integer", "string", "word", "text", "tos", "protocols", "ipv4", "ipv6", "tls"
]
"""What a core parameter takes: a number, a number with a sign, a string, a bare word, a word or
a string, a number or a word, a number or a string, an address, a TLS version."""

_PARAMS: Final[Mapping[ParamKind, str]] = {
    "integer": (
        "debug dns_udp_pref|dns_udp_preference dns_tcp_pref|dns_tcp_preference "
        "dns_tls_pref|dns_tls_preference dns_sctp_pref|dns_sctp_preference "
        "ip_free_bind|ipfreebind|ip_nonlocal_bind|ip_freebind memlog|mem_log "
        "memdbg|mem_dbg mem_summary "
        "mem_safety mem_join mem_status_mode sip_parser_log_oneline sip_parser_log "
        "sip_parser_mode corelog|core_log tcp_connect_timeout tcp_send_timeout "
        "tcp_connection_lifetime tcp_wait_data tcp_script_mode received_route_mode latency_log "
        "latency_cfg_log udp4_raw mem_add_size sctp_max_assocs sctp_hbinterval"
    ),
    "number": (
        "fork fork_delay modinit_delay log_stderror log_color log_prefix_mode dns "
        "rev_dns|dns_rev_via "
        "dns_try_ipv6 dns_try_naptr dns_srv_lb|dns_srv_loadbalancing dns_retr_time "
        "dns_slow_query_ms dns_retr_no dns_servers_no dns_use_search_list "
        "dns_search_full_match dns_naptr_ignore_rfc dns_cache_init "
        "use_dns_cache|dns_use_cache use_dns_failover|dns_use_failover "
        "dns_cache_flags dns_cache_negative_ttl dns_cache_max_ttl "
        "dns_cache_min_ttl dns_cache_mem dns_cache_gc_interval "
        "dns_cache_del_nonexp|dns_cache_delete_nonexpired dns_cache_rec_pref auto_bind_ipv6 "
        "bind_ipv6_link_local dst_blocklist_init use_dst_blocklist dst_blocklist_mem "
        "dst_blocklist_expire|dst_blocklist_ttl dst_blocklist_gc_interval "
        "dst_blocklist_udp_imask dst_blocklist_tcp_imask dst_blocklist_tls_imask "
        "dst_blocklist_sctp_imask port maxbuffer sql_buffer_size children socket_workers "
        "async_workers async_usleep async_nonblock check_via phone2tel sip_warning mhomed "
        "disable_tcp tcp_accept_aliases tcp_accept_unique tcp_connection_match tcp_children "
        "tcp_max_connections tls_max_connections tcp_no_connect tcp_fd_cache "
        "tcp_buf_write|tcp_async tcp_conn_wq_max tcp_wq_max tcp_rd_buf_size tcp_wq_blk_size "
        "tcp_defer_accept tcp_delayed_ack tcp_syncnt tcp_linger2 tcp_keepalive tcp_keepidle "
        "tcp_keepintvl tcp_keepcnt tcp_crlf_ping tcp_accept_no_cl tcp_accept_hep3 "
        "tcp_accept_haproxy tcp_clone_rcvbuf tcp_reuse_port disable_tls|tls_disable "
        "enable_tls|tls_enable tls_verify tls_require_certificate "
        "tls_handshake_timeout tls_send_timeout disable_sctp enable_sctp sctp_children "
        "server_signature reply_to_via auto_aliases advertised_port disable_core_dump "
        "open_files_limit shm|shm_mem|shm_mem_size shm_force_alloc mlock_pages real_time "
        "rt_prio rt_policy rt_timer1_prio|rt_fast_timer_prio|rt_ftimer_prio "
        "rt_timer1_policy|rt_ftimer_policy rt_timer2_prio|rt_stimer_prio "
        "rt_timer2_policy|rt_stimer_policy mcast_loopback mcast_ttl pmtu_discovery "
        "exit_timeout|ser_kill_timeout max_while_loops pv_buffer_size pv_buffer_slots "
        "pv_cache_limit pv_cache_action http_reply_hack|http_reply_parse verbose_startup "
        "route_locks_size wait_worker1_mode wait_worker1_time wait_worker1_usleep server_id "
        "max_recursive_level max_branches latency_limit_db latency_limit_action "
        "latency_limit_cfg msg_time onsend_route_reply udp_mtu local_rport udp4_raw_mtu "
        "udp4_raw_ttl tlslog|tls_log|tls_port_no auto_domains msg_recv_max_size "
        "tcp_msg_read_timeout tcp_msg_data_timeout tcp_accept_iplimit tcp_check_timer "
        "tcp_close_rst tls_threads_mode rpc_exec_delta return_mode maxsndbuffer udp_receiver_mode "
        "dst_blacklist_init use_dst_blacklist dst_blacklist_mem "
        "dst_blacklist_expire|dst_blacklist_ttl dst_blacklist_gc_interval "
        "dst_blacklist_udp_imask dst_blacklist_tcp_imask dst_blacklist_tls_imask "
        "dst_blacklist_sctp_imask syn_branch sctp_socket_rcvbuf|sctp_socket_receive_buffer "
        "sctp_socket_sndbuf|sctp_socket_send_buffer sctp_autoclose sctp_send_ttl "
        "sctp_send_retries sctp_assoc_tracking sctp_assoc_reuse sctp_srto_initial "
        "sctp_srto_max sctp_srto_min sctp_asocmaxrxt sctp_init_max_attempts "
        "sctp_init_max_timeo sctp_pathmaxrxt sctp_sack_delay sctp_sack_freq sctp_max_burst "
        "stun_refresh_interval stun_allow_stun stun_allow_fp"
    ),
    "word": ("log_facility"),
    "string": (
        "log_name log_prefix log_engine_type log_engine_data xavp_via_params xavp_via_fields "
        "ipv6_hex_style stats_name_separator async_workers_group version_table tls_certificate "
        "tls_private_key tls_ca_list server_header user_agent_header uri_host_extra_chars "
        "hdr_name_extra_chars xavp_via_reply_params async_tkv_gname async_tkv_evcb"
    ),
    "text": ("user|uid group|gid chroot workdir|wdir rundir|run_dir tcp_poll_method mcast"),
    "ipv4": ("tcp_source_ipv4"),
    "ipv6": ("tcp_source_ipv6"),
    "tls": ("tls_method"),
    "tos": ("tos"),
    "protocols": ("tcp_accept_protocols|tcp_accept_protos"),
}

_VALUES: Final[Mapping[str, str]] = {
    "log_facility": (
        "log_auth log_authpriv log_cron log_daemon log_ftp log_kern log_lpr log_mail log_news "
        "log_syslog log_user log_uucp log_local0 log_local1 log_local2 log_local3 log_local4 "
        "log_local5 log_local6 log_local7"
    ),
    "tcp_poll_method": "none poll epoll_lt epoll_et sigio_rt select kqueue /dev/poll",
}

PARAM_VALUES: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {name: frozenset(words.split()) for name, words in _VALUES.items()}
)
"""Core parameters that take one of a few words, in lower case; case does not matter to them."""

ENGINES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "native": (),
        "default": (),
        "lua": ("app_lua",),
        "python": ("app_python", "app_python3", "app_python3s"),
        "jsdt": ("app_jsdt",),
        "ruby": ("app_ruby", "app_ruby_proc"),
        "sqlang": ("app_sqlang",),
    }
)
"""What ``cfgengine`` takes, and the modules one of which has it."""

# words that are all there is to say about them, by terminal
_WORDS: Final[Mapping[str, str]] = {
    "IF": "if",
    "ELSE": "else",
    "SWITCH": "switch",
    "CASE": "case",
    "DEFAULT": "default",
    "WHILE": "while",
    "BREAK": "break",
    "RETURN": "return",
    "EXIT": "exit",
    "DROP": "drop",
    "ROUTE": "route",
    "ROUTE_REQUEST": "request_route",
    "ROUTE_REPLY": "reply_route",
    "ROUTE_NAMED": "failure_route onreply_route branch_route onsend_route",
    "ROUTE_EVENT": "event_route",
    "LISTEN": "listen",
    "ALIAS": "alias|domain",
    "SOCKET": "socket",
    "BIND": "bind",
    "AGNAME": "agname|AGNAME",
    "ADVERTISE": "advertise|ADVERTISE",
    "NAME": "name|NAME",
    "VIRTUAL": "virtual",
    "ADVERTISED_ADDRESS": "advertised_address",
    "FLAGS": "flags|bool",
    "AVPFLAGS": "avpflags",
    "LOADMODULE": "loadmodule loadmodulex",
    "LOADPATH": "loadpath|mpath",
    "MODPARAM": "modparam modparamx",
    "CFGENGINE": "cfgengine",
    "DESC": "description|descr|desc",
    "KEMI": "kemi",
    "KEMI_CALLBACK": (
        "onsend_route_callback reply_route_callback event_route_callback "
        "received_route_callback pre_routing_callback request_route_callback"
    ),
    "TLS_VERSION": "sslv23|SSLv23|SSLV23 sslv2|SSLv2|SSLV2 sslv3|SSLv3|SSLV3 tlsv1|TLSv1|TLSV1",
    "PROTO": "udp|UDP tcp|TCP tls|TLS sctp|SCTP ws|WS wss|WSS",
    "LEGACY": (
        "method uri|status from_uri to_uri src_ip src_port dst_ip dst_port snd_ip snd_port "
        "snd_proto|to_proto snd_af|to_af to_ip to_port proto af"
    ),
    "MYSELF": "myself",
    "BUILTIN": "strlen strempty",
    "DEFINED": "defined",
    "SELVAL": "selval",
    "NOT": "not",
    "BINOP": "and or mod eq ieq ne ine",
    "FUNC": (
        "log error exec setflag resetflag isflagset setavpflag resetavpflag isavpflagset "
        "rewritehost|sethost|seth rewritehostport|sethostport|sethp "
        "rewritehostporttrans|sethostporttrans|sethpt rewriteuser|setuser|setu "
        "rewriteuserpass|setuserpass|setup rewriteport|setport|setp rewriteuri|seturi prefix "
        "strip strip_tail remove_branch clear_branches userphone set_advertised_port "
        "cfg_select cfg_reset forward forward_udp forward_tcp forward_tls forward_sctp "
        "send send_tcp"
    ),
    "FUNC_HOST": "set_advertised_address",
    "FUNC_SOCKET": "force_send_socket",
    "FUNC_BARE": (
        "revert_uri add_local_rport force_tcp_alias|add_tcp_alias set_forward_no_connect "
        "set_reply_no_connect set_forward_close set_reply_close append_branch"
    ),
    "PARAM_FUNC": "udp_mtu_try_proto",
    "PARAM_FUNC_BARE": "force_rport|add_rport",
    "RESERVED": "max_len statistics",
}

# the first and the last version that has a word, where that is not 3.2 or 6.0
_SINCE: Final[Mapping[str, str]] = {
    "3.3": (
        "ADVERTISE advertise fork_delay http_reply_hack latency_limit_action latency_limit_db "
        "latency_log mem_join mem_safety msg_time socket_workers tcp_clone_rcvbuf "
        "tls_max_connections"
    ),
    "4.0": "WS WSS log_color version_table ws wss",
    "4.1": "dns_naptr_ignore_rfc http_reply_parse modinit_delay",
    "4.2": "async_workers log_prefix max_recursive_level onsend_route_reply",
    "4.3": "dns_cache_rec_pref max_branches run_dir rundir",
    "4.4": "async_usleep log_engine_data log_engine_type mem_status_mode",
    "5.0": "cfgengine latency_cfg_log log_prefix_mode mcast",
    "5.1": (
        "ip_free_bind ip_freebind ipfreebind pv_cache_action pv_cache_limit tcp_accept_hep3 "
        "tcp_reuse_port verbose_startup"
    ),
    "5.2": (
        "async_nonblock event_route_callback ip_nonlocal_bind kemi onsend_route_callback "
        "reply_route_callback route_locks_size xavp_via_fields xavp_via_params"
    ),
    "5.3": (
        "bind_ipv6_link_local dns_slow_query_ms latency_limit_cfg received_route_callback "
        "received_route_mode tcp_accept_haproxy tcp_accept_unique tcp_connection_match"
    ),
    "5.4": "NAME name stats_name_separator uri_host_extra_chars",
    "5.5": (
        "async_workers_group dst_blocklist_expire dst_blocklist_gc_interval dst_blocklist_init "
        "dst_blocklist_mem dst_blocklist_sctp_imask dst_blocklist_tcp_imask "
        "dst_blocklist_tls_imask dst_blocklist_ttl dst_blocklist_udp_imask hdr_name_extra_chars "
        "ipv6_hex_style loadmodulex local_rport modparamx pre_routing_callback selval "
        "sip_parser_log sip_parser_mode use_dst_blocklist wait_worker1_mode wait_worker1_time "
        "wait_worker1_usleep"
    ),
    "5.6": (
        "IPV4 IPV6 IPv4 IPv6 ipv4 ipv6 sip_parser_log_oneline tcp_script_mode tcp_wait_data "
        "virtual"
    ),
    "5.7": (
        "auto_domains bind dns_rev_via dns_use_cache dns_use_failover domain msg_recv_max_size "
        "return_mode rpc_exec_delta socket tcp_accept_iplimit tcp_check_timer tcp_close_rst "
        "tcp_msg_data_timeout tcp_msg_read_timeout tls_threads_mode"
    ),
    "5.8": (
        "maxsndbuffer mem_add_size request_route_callback tcp_accept_protocols tcp_accept_protos "
        "xavp_via_reply_params"
    ),
    "6.0": "AGNAME agname async_tkv_evcb async_tkv_gname udp_receiver_mode",
}
_UNTIL: Final[Mapping[str, str]] = {
    "3.3": "append_branch send send_tcp",
    "4.0": (
        "sctp_asocmaxrxt sctp_assoc_reuse sctp_assoc_tracking sctp_autoclose sctp_hbinterval "
        "sctp_init_max_attempts sctp_init_max_timeo sctp_max_assocs sctp_max_burst "
        "sctp_pathmaxrxt sctp_sack_delay sctp_sack_freq sctp_send_retries sctp_send_ttl "
        "sctp_socket_rcvbuf sctp_socket_receive_buffer sctp_socket_send_buffer sctp_socket_sndbuf "
        "sctp_srto_initial sctp_srto_max sctp_srto_min stun_allow_fp stun_allow_stun "
        "stun_refresh_interval syn_branch"
    ),
    "5.1": "ip_freebind",
    "5.4": (
        "dst_blacklist_expire dst_blacklist_gc_interval dst_blacklist_init dst_blacklist_mem "
        "dst_blacklist_sctp_imask dst_blacklist_tcp_imask dst_blacklist_tls_imask "
        "dst_blacklist_ttl dst_blacklist_udp_imask use_dst_blacklist"
    ),
}

_SYMBOLS: Final[Mapping[str, str]] = {"and": "&&", "or": "||", "not": "!"}

_NUMBERS: Final[Mapping[int, str]] = {
    1: "yes true on enable",
    0: "no false off disable",
    2: "inet INET ipv4 IPv4 IPV4",  # AF_INET
    10: "inet6 INET6 ipv6 IPv6 IPV6",  # AF_INET6
}


def _kamailio() -> dict[str, tuple[str, str]]:
    table: dict[str, tuple[str, str]] = {}
    groups = [("PARAM", words) for words in _PARAMS.values()] + list(_WORDS.items())
    for terminal, words in groups:
        for spellings in words.split():
            first, *others = spellings.split("|")
            for spelling in (first, *others):
                table[spelling] = (terminal, _SYMBOLS.get(first, first))
    for number, words in _NUMBERS.items():
        for word in words.split():
            table[word] = ("NUMBER", str(number))
    return table


def _keywords() -> dict[str, tuple[str, str]]:
    """The words of Kamailio, and those that the core's exports add."""
    table = _kamailio()
    params = own_params(table)
    functions = own_functions(table)
    table.update((name, ("PARAM", param)) for name, (param, _) in params.items())
    table.update((name, ("FUNC", name)) for name in functions)
    return table


def _kinds() -> dict[str, ParamKind]:
    kinds: dict[str, ParamKind] = {"force_rport": "number"}
    for kind, words in _PARAMS.items():
        for spellings in words.split():
            kinds[spellings.partition("|")[0]] = kind
    for name, kind in own_params(_kamailio()).values():
        kinds[name] = kind
    return kinds


@cache
def keywords(target: str) -> Mapping[str, tuple[str, str]]:
    """Word -> (terminal of the grammar, value of the token) in that version of Kamailio."""
    version = version_of(target)
    table = _keywords()
    for first, words in _SINCE.items():
        if version < version_of(first):
            for word in words.split():
                del table[word]
    for last, words in _UNTIL.items():
        if version > version_of(last):
            for word in words.split():
                table.pop(word, None)
    return MappingProxyType(table)


def elsewhere(word: str, target: str) -> str | None:
    """What to say of a word that another version of Kamailio knows, None for other words."""
    version = version_of(target)
    for first, words in _SINCE.items():
        if version < version_of(first) and word in words.split():
            return f"`{word}` is known since Kamailio {first}; --target is {target}"
    for last, words in _UNTIL.items():
        if version > version_of(last) and word in words.split():
            return f"`{word}` was known until Kamailio {last}; --target is {target}"
    return None


def renamed(word: str, target: str) -> str | None:
    """What a word is called in that version of Kamailio, where the name changed."""
    known = keywords(target)
    for old, new in (("blacklist", "blocklist"), ("ip_freebind", "ip_free_bind")):
        for name in (word.replace(old, new), word.replace(new, old)):
            if name != word and name in known:
                return name
    return None


PARAM_KINDS: Final[Mapping[str, ParamKind]] = MappingProxyType(_kinds())
"""Core parameter -> what it takes; those with a syntax of their own are not here."""
