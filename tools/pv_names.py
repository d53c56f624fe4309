"""Names that a pseudo-variable class takes in its parentheses, where they are an enumeration.

Found on Kamailio 5.6.3: each text constant in the source of a module was tried as a name, and texts
of any length that are none; a class is here where all of the latter are refused.
"""

from __future__ import annotations

PV_NAMES: dict[tuple[str, str], str] = {
    ("corex", "cfg"): "file|line|name|route",
    ("dialog", "dlg"): (
        "callid|dflags|from_bindaddr|from_contact|from_cseq|from_rs|from_tag|from_uri|"
        "h_entry|h_id|lifetime|ref|sflags|start_ts|state|to_bindaddr|to_contact|to_cseq|"
        "to_rs|to_tag|to_uri|toroute"
    ),
    ("dialog", "dlg_ctx"): "dir|on|set|timeout|timeout_bye|timeout_route|timeout_route_id",
    ("dispatcher", "dsv"): "code|flags|reason",
    ("evapi", "evapi"): "conidx|msg|srcaddr|srcport",
    ("evrexec", "evr"): "data|srcip|srcport|srcportno",
    ("htable", "shtrecord"): "key|value",
    ("ims_dialog", "dlg"): (
        "callid|dflags|from_contact|from_cseq|from_rs|from_tag|from_uri|h_entry|h_id|"
        "lifetime|ref|sflags|start_ts|state|to_bindaddr|to_contact|to_cseq|to_rs|to_tag|"
        "to_uri|toroute"
    ),
    ("ims_dialog", "dlg_ctx"): "dir|on|set|timeout|timeout_bye|timeout_route",
    ("ipops", "HN"): "d|f|i|n",
    ("jsonrpcs", "jsonrpl"): "body|code|text",
    ("lwsc", "lwsc"): "rdata|status",
    ("mqtt", "mqtt"): "msg|qos|topic",
    ("msrp", "msrp"): (
        "body|bodylen|buf|buflen|code|conid|crthop|firsthop|hdrs|lasthop|method|msgid|"
        "nexthop|nexthops|prevhop|prevhops|reason|sessid|srcaddr|srcsock|transid"
    ),
    ("ndb_redis", "redisd"): "rpl_arr|rpl_err|rpl_int|rpl_nil|rpl_str|rpl_sts",
    ("presence", "subs"): (
        "callid|contact|event|event_id|expires|flags|from_domain|from_tag|from_user|"
        "local_contact|local_cseq|pres_uri|reason|record_route|remote_cseq|sockinfo|"
        "status|to_domain|to_tag|to_user|uri|user_agent|version|watcher_domain|"
        "watcher_username"
    ),
    ("pv", "K"): "INET|INET6|IPv4|IPv6|SCTP|TCP|TLS|UDP|WS|WSS",
    ("pv", "TV"): "Fn|Sn|s|sn|u|un",
    ("pv", "af"): "id|name",
    ("pv", "branch"): (
        "Q|count|dst_uri|flags|instance|location_ua|otcpid|path|q|ruid|send_socket|uri"
    ),
    ("pv", "ksr"): "ver|verval",
    ("pv", "msg"): "body|body_len|buf|fline|fpart|hdrc|hdrs|hdrs_len|len|lpart",
    ("pv", "rcv"): "af|buf|len|proto|rcvip|rcvport|sproto|srcip|srcport",
    ("pv", "rpl"): "cntrr|cntvia|dhost|dport|dproto|dprotoid|duri",
    ("pv", "sbranch"): (
        "Q|count|dst_uri|flags|instance|location_ua|otcpid|path|q|ruid|send_socket|uri"
    ),
    ("pv", "snd"): "af|buf|ip|len|port|proto|sproto",
    ("pv", "sndfrom"): "af|buf|ip|len|port|proto|sproto",
    ("pv", "sndto"): "af|buf|ip|len|port|proto|sproto",
    ("pv", "time"): "hour|isdst|mday|min|mon|sec|wday|yday|year",
    ("pv", "utime"): "hour|isdst|mday|min|mon|sec|wday|yday|year",
    ("pv", "version"): "full|hash|num",
    ("pv", "via0"): "branch|host|i|port|proto|protoid|received|rport",
    ("pv", "via1"): "branch|host|i|port|proto|protoid|received|rport",
    ("pv", "viaZ"): "branch|host|i|port|proto|protoid|received|rport",
    ("rr", "rdir"): "id|name",
    ("secsipid", "secsipid"): "ret|val",
    ("sipdump", "sipdump"): "af|buf|dst_ip|dst_port|len|proto|sproto|src_ip|src_port|tag",
    ("siptrace", "siptrace"): (
        "dst_addr|dst_host|dst_hostip|dst_port|dst_proto|src_addr|src_host|src_hostip|"
        "src_port|src_proto"
    ),
    ("sdpops", "sdp"): "body|sess_version",
    ("siputils", "pcv"): "all|genaddr|orig|term|value",
    ("sl", "ltt"): "s|t|x",
    ("smsops", "rpdata"): (
        "all|destination|destination_flags|origen_flags|originator|reference|type"
    ),
    ("smsops", "tpdu"): (
        "all|coding|destination|destination_flags|flags|mp_id|mp_part_num|mp_parts|"
        "origen|origen_flags|payload|protocol|reference|type|validity"
    ),
    ("tcpops", "tcp"): "c_si|c_sp|conid",
    ("tls", "tls"): "m_issuer_line|m_subject_line|p_issuer_line|p_subject_line",
    ("tmx", "T"): (
        "branch_index|flags|id_index|id_index_n|id_label|id_label_n|reply_code|"
        "reply_reason|reply_type|ruid|uri"
    ),
    ("tmx", "T_branch"): (
        "branch_index|flags|id_index|id_index_n|id_label|id_label_n|reply_code|"
        "reply_reason|reply_type|ruid|uri"
    ),
    ("uac", "uac_req"): (
        "all|apasswd|auser|body|callid|evcode|evparam|evroute|evtype|flags|furi|hdrs|"
        "method|ouri|ruri|sock|turi"
    ),
}
