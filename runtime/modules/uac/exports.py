"""What module ``uac`` offers. Source: its C tables in Kamailio 5.6.3."""

from __future__ import annotations

from runtime.declare.exports import (
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
)

PARSED = Status.PARSED_ONLY
REQUEST = Routes.REQUEST
FAILURE = Routes.FAILURE
BRANCH = Routes.BRANCH
INT = Fixup.INT
STR = Fixup.STR
INT_PV = Fixup.INT_PV
STR_PV = Fixup.STR_PV
PV = Fixup.PV

EXPORTS = Exports(
    name="uac",
    functions=(
        Function(
            "uac_replace_from",
            (Arg("display", STR_PV), Arg("uri", STR_PV)),
            routes=REQUEST | BRANCH,
        ),
        Function(
            "uac_replace_from",
            (Arg("uri", STR_PV),),
            routes=REQUEST | BRANCH,
            method="uac_replace_from_1",
        ),
        Function("uac_restore_from", routes=REQUEST),
        Function(
            "uac_replace_to", (Arg("display", STR_PV), Arg("uri", STR_PV)), routes=REQUEST | BRANCH
        ),
        Function(
            "uac_replace_to",
            (Arg("uri", STR_PV),),
            routes=REQUEST | BRANCH,
            method="uac_replace_to_1",
        ),
        Function("uac_restore_to", routes=REQUEST),
        Function("uac_auth", (Arg("mode", INT_PV),), min=0, routes=FAILURE),
        Function("uac_auth_mode", (Arg("vmode", INT_PV),), routes=FAILURE),
        Function("uac_req_send"),
        Function("uac_reg_lookup", (Arg("uuid", STR_PV), Arg("dst", PV)), status=PARSED),
        Function("uac_reg_lookup_uri", (Arg("uri", STR_PV), Arg("dst", PV)), status=PARSED),
        Function("uac_reg_status", (Arg("uuid", STR_PV),), status=PARSED),
        Function(
            "uac_reg_request_to",
            (Arg("user", STR_PV), Arg("mode", INT_PV)),
            routes=REQUEST | FAILURE | BRANCH,
            status=PARSED,
        ),
        Function("uac_reg_enable", (Arg("attr", STR_PV), Arg("val", STR_PV)), status=PARSED),
        Function("uac_reg_disable", (Arg("attr", STR_PV), Arg("val", STR_PV)), status=PARSED),
        Function("uac_reg_refresh", (Arg("luuid", STR_PV),), status=PARSED),
    ),
    params=(
        Param("rr_from_store_param", ParamKind.STR, "vsf"),
        Param("rr_to_store_param", ParamKind.STR, "vst"),
        Param("restore_mode", ParamKind.STR, ""),
        Param("restore_dlg", ParamKind.INT, 0, status=PARSED),
        Param("restore_passwd", ParamKind.STR, ""),
        Param("restore_from_avp", ParamKind.STR),
        Param("restore_to_avp", ParamKind.STR),
        Param("credential", ParamKind.FUNC_STR),
        Param("auth_username_avp", ParamKind.STR),
        Param("auth_realm_avp", ParamKind.STR),
        Param("auth_password_avp", ParamKind.STR),
        Param("reg_db_url", ParamKind.STR, status=PARSED),
        Param("reg_db_table", ParamKind.STR, "uacreg", status=PARSED),
        Param("reg_contact_addr", ParamKind.STR, status=PARSED),
        Param("reg_timer_interval", ParamKind.INT, 90, status=PARSED),
        Param("reg_retry_interval", ParamKind.INT, 0, status=PARSED),
        Param("reg_keep_callid", ParamKind.INT, 0, status=PARSED),
        Param("reg_random_delay", ParamKind.INT, 0, status=PARSED),
        Param("reg_active", ParamKind.INT, 1, status=PARSED),
        Param("reg_gc_interval", ParamKind.INT, 150, status=PARSED),
        Param("reg_hash_size", ParamKind.INT, 4, status=PARSED),
        Param("reg_use_domain", ParamKind.INT, 0, status=PARSED),
        Param("default_socket", ParamKind.STR),
        Param("event_callback", ParamKind.STR, status=PARSED),
    ),
    pvs=(
        PseudoVar(
            "uac_req",
            PvType.DYNAMIC,
            inner=PvName.STATIC,
            writable=True,
            names=(
                "all",
                "apasswd",
                "auser",
                "body",
                "callid",
                "evcode",
                "evparam",
                "evroute",
                "evtype",
                "flags",
                "furi",
                "hdrs",
                "method",
                "ouri",
                "ruri",
                "sock",
                "turi",
            ),
        ),
    ),
    rpc=(
        RpcCommand("uac.reg_dump", returns_array=True, status=PARSED),
        RpcCommand("uac.reg_info", status=PARSED),
        RpcCommand("uac.reg_enable", status=PARSED),
        RpcCommand("uac.reg_disable", status=PARSED),
        RpcCommand("uac.reg_reload", status=PARSED),
        RpcCommand("uac.reg_refresh", status=PARSED),
        RpcCommand("uac.reg_remove", status=PARSED),
        RpcCommand("uac.reg_add", status=PARSED),
        RpcCommand("uac.reg_active", status=PARSED),
        RpcCommand("uac.reg_unregister", status=PARSED),
    ),
    event_routes=(EventRoute("uac:reply"),),
    requires=("tm",),
)
