"""What module ``nathelper`` offers. Source: its C tables in Kamailio 5.6.3."""

from __future__ import annotations

from runtime.declare.exports import (
    Arg,
    Exports,
    Fixup,
    Function,
    Param,
    ParamKind,
    PseudoVar,
    PvType,
    Routes,
    RpcCommand,
    Status,
    Takes,
)

PARSED = Status.PARSED_ONLY
CONSTANT = Takes.CONSTANT
VALUE = Takes.VALUE
REQUEST = Routes.REQUEST
FAILURE = Routes.FAILURE
ONREPLY = Routes.ONREPLY
BRANCH = Routes.BRANCH
LOCAL = Routes.LOCAL
INT = Fixup.INT
STR = Fixup.STR
INT_PV = Fixup.INT_PV
STR_PV = Fixup.STR_PV

EXPORTS = Exports(
    name="nathelper",
    functions=(
        Function("fix_nated_contact", routes=REQUEST | ONREPLY | BRANCH | LOCAL, status=PARSED),
        Function("add_contact_alias", routes=REQUEST | ONREPLY | BRANCH | LOCAL, status=PARSED),
        Function(
            "add_contact_alias",
            (Arg("ip_addr", STR_PV), Arg("port", STR_PV), Arg("proto", STR_PV)),
            routes=REQUEST | FAILURE | ONREPLY | BRANCH,
            takes=CONSTANT,
            status=PARSED,
        ),
        Function(
            "set_contact_alias",
            (Arg("trim", INT),),
            min=0,
            routes=REQUEST | ONREPLY | BRANCH | LOCAL,
            takes=VALUE,
            status=PARSED,
        ),
        Function(
            "handle_ruri_alias",
            (Arg("mode", INT_PV),),
            min=0,
            routes=REQUEST | BRANCH | LOCAL,
            status=PARSED,
        ),
        Function(
            "fix_nated_sdp",
            (Arg("flags", INT_PV), Arg("ip_address", STR_PV)),
            min=1,
            routes=REQUEST | FAILURE | ONREPLY | BRANCH | LOCAL,
            takes=CONSTANT,
            status=PARSED,
        ),
        Function(
            "nat_uac_test",
            (Arg("flags", INT_PV),),
            routes=REQUEST | FAILURE | ONREPLY | BRANCH | LOCAL,
            status=PARSED,
        ),
        Function("fix_nated_register", routes=REQUEST, status=PARSED),
        Function("add_rcv_param", (Arg("flag", INT_PV),), min=0, routes=REQUEST, status=PARSED),
        Function("is_rfc1918", (Arg("ip_address", STR_PV),), status=PARSED),
        Function("set_alias_to_pv", (Arg("target_avp", STR),), takes=VALUE, status=PARSED),
    ),
    params=(
        Param("natping_interval", ParamKind.INT, 0, status=PARSED),
        Param("ping_nated_only", ParamKind.INT, 0, status=PARSED),
        Param("nortpproxy_str", ParamKind.STR, "a=nortpproxy:yes", status=PARSED),
        Param("received_avp", ParamKind.PV, status=PARSED),
        Param("force_socket", ParamKind.STR, status=PARSED),
        Param("sipping_from", ParamKind.STR, status=PARSED),
        Param("sipping_method", ParamKind.STR, status=PARSED),
        Param("sipping_bflag", ParamKind.INT, -1, status=PARSED),
        Param("natping_disable_bflag", ParamKind.INT, -1, status=PARSED),
        Param("natping_processes", ParamKind.INT, 1, status=PARSED),
        Param("natping_socket", ParamKind.STR, status=PARSED),
        Param("keepalive_timeout", ParamKind.INT, 0, status=PARSED),
        Param("udpping_from_path", ParamKind.INT, 0, status=PARSED),
        Param("append_sdp_oldmediaip", ParamKind.INT, 1, status=PARSED),
        Param("filter_server_id", ParamKind.INT, 0, status=PARSED),
        Param("nat_addr_mode", ParamKind.INT, 1, status=PARSED),
        Param("alias_name", ParamKind.STR, "", status=PARSED),
    ),
    pvs=(
        PseudoVar("rr_count", PvType.INT, status=PARSED),
        PseudoVar("rr_top_count", PvType.INT, status=PARSED),
    ),
    rpc=(RpcCommand("nathelper.enable_ping", status=PARSED),),
    status=Status.PARSED_ONLY,
)
