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

EXPORTS = Exports(
    name="corex",
    functions=(
        Function("forward_reply", routes=CORE_ONREPLY, status=PARSED),
        Function(
            "append_branch", (Arg("uri", STR_PV), Arg("q", STR_PV)), min=0, routes=REQUEST | FAILURE
        ),
        Function(
            "send_udp", (Arg("host_port", STR_PV),), min=0, routes=REQUEST | FAILURE, status=PARSED
        ),
        Function(
            "send_tcp", (Arg("host_port", STR_PV),), min=0, routes=REQUEST | FAILURE, status=PARSED
        ),
        Function("send_data", (Arg("uri", STR_PV), Arg("data", STR_PV)), status=PARSED),
        Function(
            "sendx", (Arg("uri", STR_PV), Arg("sock", STR_PV), Arg("data", STR_PV)), status=PARSED
        ),
        Function("is_incoming"),
        Function("msg_iflag_set", (Arg("flagname", STR_PV),), status=PARSED),
        Function("msg_iflag_reset", (Arg("flagname", STR_PV),), status=PARSED),
        Function("msg_iflag_is_set", (Arg("flagname", STR_PV),), status=PARSED),
        Function(
            "file_read",
            (Arg("fpath", STR_PV), Arg("var", PV, accepts=Accepts.PV_WRITABLE)),
            takes=CONSTANT,
            status=PARSED,
        ),
        Function("file_write", (Arg("fpath", STR_PV), Arg("content", STR_PV)), status=PARSED),
        Function("setxflag", (Arg("flag", INT_PV),)),
        Function("resetxflag", (Arg("flag", INT_PV),)),
        Function("isxflagset", (Arg("flag", INT_PV),)),
        Function("set_send_socket", (Arg("saddr", STR_PV),), status=PARSED),
        Function("set_send_socket_name", (Arg("sname", STR_PV),), status=PARSED),
        Function("set_recv_socket", (Arg("saddr", STR_PV),), status=PARSED),
        Function("set_recv_socket_name", (Arg("sname", STR_PV),), status=PARSED),
        Function("set_source_address", (Arg("saddr", STR_PV),), status=PARSED),
        Function("via_add_srvid", (Arg("flags", INT_PV),), status=PARSED),
        Function("via_add_xavp_params", (Arg("flags", INT_PV),), status=PARSED),
        Function("via_use_xavp_fields", (Arg("flags", INT_PV),), status=PARSED),
        Function("is_faked_msg"),
        Function("is_socket_name", (Arg("sockname", STR_PV),)),
    ),
    params=(
        Param("alias_subdomains", ParamKind.FUNC_STR),
        Param("dns_cache", ParamKind.FUNC_STR, status=PARSED),
        Param("nio_intercept", ParamKind.INT, 0, status=PARSED),
        Param("nio_min_msg_len", ParamKind.INT, 0, status=PARSED),
        Param("nio_msg_avp", ParamKind.STR, status=PARSED),
        Param("evcb_reply_out", ParamKind.STR, status=PARSED),
    ),
    pvs=(
        PseudoVar(
            "cfg", PvType.DYNAMIC, inner=PvName.STATIC, names=("file", "line", "name", "route")
        ),
        PseudoVar("lsock", PvType.DYNAMIC, inner=PvName.STATIC, status=PARSED),
    ),
    transformations=(
        Transformation("sock", "host", status=PARSED),
        Transformation("sock", "port", status=PARSED),
        Transformation("sock", "proto", status=PARSED),
        Transformation("sock", "touri", status=PARSED),
    ),
    rpc=(
        RpcCommand("corex.list_sockets", returns_array=True, status=PARSED),
        RpcCommand("corex.list_aliases", returns_array=True, status=PARSED),
        RpcCommand("corex.shm_status", status=PARSED),
        RpcCommand("corex.shm_summary", status=PARSED),
        RpcCommand("corex.pkg_summary", status=PARSED),
        RpcCommand("corex.debug", status=PARSED),
        RpcCommand("shm.info", status=PARSED),
        RpcCommand("shm.report", status=PARSED),
        RpcCommand("shm.stats", status=PARSED),
    ),
    event_routes=(
        EventRoute("corex:reply-out", status=PARSED),
        EventRoute("network:msg", status=PARSED),
    ),
)
