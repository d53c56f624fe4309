"""What module ``rtpproxy`` offers. Source: its C tables in Kamailio 5.6.3."""

from __future__ import annotations

from runtime.declare.exports import (
    Arg,
    Exports,
    Fixup,
    Function,
    Param,
    ParamKind,
    PseudoVar,
    RpcCommand,
    Status,
    Takes,
)

PARSED = Status.PARSED_ONLY
CONSTANT = Takes.CONSTANT
INT = Fixup.INT
STR = Fixup.STR
INT_PV = Fixup.INT_PV
STR_PV = Fixup.STR_PV

EXPORTS = Exports(
    name="rtpproxy",
    functions=(
        Function("set_rtp_proxy_set", (Arg("setid", INT_PV),), takes=CONSTANT, status=PARSED),
        Function("unforce_rtp_proxy", (Arg("flags", STR_PV),), min=0, status=PARSED),
        Function("rtpproxy_destroy", (Arg("flags", STR_PV),), min=0, status=PARSED),
        Function("start_recording", status=PARSED),
        Function(
            "rtpproxy_offer",
            (Arg("flags", STR_PV), Arg("ip_address", STR_PV)),
            min=0,
            status=PARSED,
        ),
        Function(
            "rtpproxy_answer",
            (Arg("flags", STR_PV), Arg("ip_address", STR_PV)),
            min=0,
            status=PARSED,
        ),
        Function(
            "rtpproxy_stream2uac",
            (Arg("prompt_name", STR_PV), Arg("count", INT)),
            takes=CONSTANT,
            status=PARSED,
        ),
        Function(
            "rtpproxy_stream2uas",
            (Arg("prompt_name", STR_PV), Arg("count", INT)),
            takes=CONSTANT,
            status=PARSED,
        ),
        Function("rtpproxy_stop_stream2uac", status=PARSED),
        Function("rtpproxy_stop_stream2uas", status=PARSED),
        Function(
            "rtpproxy_manage",
            (Arg("flags", STR_PV), Arg("ip_address", STR_PV)),
            min=0,
            status=PARSED,
        ),
    ),
    params=(
        Param("nortpproxy_str", ParamKind.STR, "a=nortpproxy:yes", status=PARSED),
        Param("rtpproxy_sock", ParamKind.FUNC_STR, status=PARSED),
        Param("rtpproxy_disable_tout", ParamKind.INT, 60, status=PARSED),
        Param("rtpproxy_retr", ParamKind.INT, 5, status=PARSED),
        Param("rtpproxy_tout", ParamKind.INT, 1, status=PARSED),
        Param("timeout_socket", ParamKind.STR, status=PARSED),
        Param("ice_candidate_priority_avp", ParamKind.STR, status=PARSED),
        Param("extra_id_pv", ParamKind.STR, status=PARSED),
        Param("db_url", ParamKind.STR, status=PARSED),
        Param("table_name", ParamKind.STR, "rtpproxy", status=PARSED),
        Param("rtp_inst_pvar", ParamKind.STR, status=PARSED),
    ),
    pvs=(
        PseudoVar("rtpstat", status=PARSED),
        PseudoVar("rtppstat", status=PARSED),
    ),
    rpc=(
        RpcCommand("rtpproxy.list", returns_array=True, status=PARSED),
        RpcCommand("rtpproxy.enable", status=PARSED),
    ),
    status=Status.PARSED_ONLY,
)
