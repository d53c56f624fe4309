"""What module ``corex`` offers. Source: its C tables in Kamailio 5.6.3."""

from __future__ import annotations

from runtime.declare.exports import (
    Accepts,
    Arg,
    EventRoute,
    Exports,
    Fixup,
    Function,
    Param,
    ParamKind,
    PseudoVar,
    PvName,
    PvType,
    Routes,
    RpcCommand,
    Status,
    Takes,
    Transformation,
)

PARSED = Status.PARSED_ONLY
CONSTANT = Takes.CONSTANT
REQUEST = Routes.REQUEST
FAILURE = Routes.FAILURE
CORE_ONREPLY = Routes.CORE_ONREPLY
INT = Fixup.INT
STR = Fixup.STR
INT_PV = Fixup.INT_PV
STR_PV = Fixup.STR_PV
PV = Fixup.PV
ON = Arg("flags", Fixup.VAL_PV, accepts=Accepts.INT_PV)
XFLAG = Arg("flag", Fixup.VAL_PV, accepts=Accepts.INT_PV)

EXPORTS = Exports(
    name="corex",
    functions=(
        Function("forward_reply", routes=CORE_ONREPLY),
        Function(
            "append_branch", (Arg("uri", STR_PV), Arg("q", STR_PV)), min=0, routes=REQUEST | FAILURE
        ),
        Function("send_udp", (Arg("host_port", STR_PV),), min=0, routes=REQUEST | FAILURE),
        Function("send_tcp", (Arg("host_port", STR_PV),), min=0, routes=REQUEST | FAILURE),
        Function("send_data", (Arg("uri", STR_PV), Arg("data", STR_PV))),
        Function("sendx", (Arg("uri", STR_PV), Arg("sock", STR_PV), Arg("data", STR_PV))),
        Function("is_incoming"),
        Function("msg_iflag_set", (Arg("flagname", STR_PV),)),
        Function("msg_iflag_reset", (Arg("flagname", STR_PV),)),
        Function("msg_iflag_is_set", (Arg("flagname", STR_PV),)),
        Function(
            "file_read",
            (Arg("fpath", STR_PV), Arg("var", PV, accepts=Accepts.PV_WRITABLE)),
            takes=CONSTANT,
        ),
        Function("file_write", (Arg("fpath", STR_PV), Arg("content", STR_PV))),
        Function("setxflag", (XFLAG,)),
        Function("resetxflag", (XFLAG,)),
        Function("isxflagset", (XFLAG,)),
        Function("set_send_socket", (Arg("saddr", STR_PV),)),
        Function("set_send_socket_name", (Arg("sname", STR_PV),)),
        Function("set_recv_socket", (Arg("saddr", STR_PV),)),
        Function("set_recv_socket_name", (Arg("sname", STR_PV),)),
        Function("set_source_address", (Arg("saddr", STR_PV),)),
        Function("via_add_srvid", (ON,)),
        Function("via_add_xavp_params", (ON,)),
        Function("via_use_xavp_fields", (ON,)),
        Function("is_faked_msg"),
        Function("is_socket_name", (Arg("sockname", STR_PV),)),
    ),
    params=(
        Param("alias_subdomains", ParamKind.FUNC_STR),
        Param("dns_cache", ParamKind.FUNC_STR, status=PARSED),
        Param("nio_intercept", ParamKind.INT, 0),
        Param("nio_min_msg_len", ParamKind.INT, 0),
        Param("nio_msg_avp", ParamKind.STR),
        Param("evcb_reply_out", ParamKind.STR, status=PARSED),
    ),
    pvs=(
        PseudoVar(
            "cfg", PvType.DYNAMIC, inner=PvName.STATIC, names=("file", "line", "name", "route")
        ),
        PseudoVar("lsock", PvType.DYNAMIC, inner=PvName.FORMAT, blank=True),
    ),
    transformations=(
        Transformation("sock", "host"),
        Transformation("sock", "port"),
        Transformation("sock", "proto"),
        Transformation("sock", "touri"),
    ),
    rpc=(
        RpcCommand("corex.list_sockets", returns_array=True),
        RpcCommand("corex.list_aliases", returns_array=True),
        RpcCommand("corex.shm_status"),
        RpcCommand("corex.shm_summary"),
        RpcCommand("corex.pkg_summary"),
        RpcCommand("corex.debug"),
        RpcCommand("shm.info"),
        RpcCommand("shm.report"),
        RpcCommand("shm.stats"),
    ),
    event_routes=(
        EventRoute("corex:reply-out", status=PARSED),
        EventRoute("network:msg"),
    ),
)
