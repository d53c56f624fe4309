"""What module ``presence`` offers. Source: its C tables in Kamailio 5.6.3."""

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
    Takes,
)

PARSED = Status.PARSED_ONLY
CONSTANT = Takes.CONSTANT
REQUEST = Routes.REQUEST
INT = Fixup.INT
STR = Fixup.STR
INT_PV = Fixup.INT_PV
STR_PV = Fixup.STR_PV

EXPORTS = Exports(
    name="presence",
    functions=(
        Function(
            "handle_publish",
            (Arg("sender_uri", STR_PV),),
            min=0,
            routes=REQUEST,
            takes=CONSTANT,
            status=PARSED,
        ),
        Function(
            "handle_subscribe",
            (Arg("watcher_uri", STR_PV),),
            min=0,
            routes=REQUEST,
            takes=CONSTANT,
            status=PARSED,
        ),
        Function(
            "pres_auth_status",
            (Arg("watcher_uri", STR_PV), Arg("presentity_uri", STR_PV)),
            routes=REQUEST,
            status=PARSED,
        ),
        Function(
            "pres_refresh_watchers",
            (Arg("uri", STR_PV), Arg("event", STR_PV), Arg("type", INT_PV)),
            takes=CONSTANT,
            status=PARSED,
        ),
        Function(
            "pres_refresh_watchers",
            (
                Arg("uri", STR_PV),
                Arg("event", STR_PV),
                Arg("type", INT_PV),
                Arg("file_uri", STR_PV),
                Arg("filename", STR_PV),
            ),
            takes=CONSTANT,
            status=PARSED,
        ),
        Function(
            "pres_update_watchers",
            (Arg("uri", STR_PV), Arg("event", STR_PV)),
            takes=CONSTANT,
            status=PARSED,
        ),
        Function(
            "pres_has_subscribers",
            (Arg("presentity_uri", STR_PV), Arg("event", STR_PV)),
            takes=CONSTANT,
            status=PARSED,
        ),
    ),
    params=(
        Param("db_url", ParamKind.STR, status=PARSED),
        Param("presentity_table", ParamKind.STR, "presentity", status=PARSED),
        Param("active_watchers_table", ParamKind.STR, "active_watchers", status=PARSED),
        Param("watchers_table", ParamKind.STR, "watchers", status=PARSED),
        Param("clean_period", ParamKind.INT, 100, status=PARSED),
        Param("db_update_period", ParamKind.INT, 100, status=PARSED),
        Param("waitn_time", ParamKind.INT, 5, status=PARSED),
        Param("notifier_poll_rate", ParamKind.INT, 10, status=PARSED),
        Param("notifier_processes", ParamKind.INT, 1, status=PARSED),
        Param("force_delete", ParamKind.INT, 0, status=PARSED),
        Param("startup_mode", ParamKind.INT, 1, status=PARSED),
        Param("expires_offset", ParamKind.INT, 0, status=PARSED),
        Param("max_expires", ParamKind.INT, 3600, status=PARSED),
        Param("min_expires", ParamKind.INT, 0, status=PARSED),
        Param("min_expires_action", ParamKind.INT, 1, status=PARSED),
        Param("server_address", ParamKind.STR, status=PARSED),
        Param("subs_htable_size", ParamKind.INT, 9, status=PARSED),
        Param("pres_htable_size", ParamKind.INT, 9, status=PARSED),
        Param("subs_db_mode", ParamKind.INT, 2, status=PARSED),
        Param("publ_cache", ParamKind.INT, 1, status=PARSED),
        Param("enable_sphere_check", ParamKind.INT, 0, status=PARSED),
        Param("timeout_rm_subs", ParamKind.INT, 1, status=PARSED),
        Param("send_fast_notify", ParamKind.INT, 1, status=PARSED),
        Param("fetch_rows", ParamKind.INT, 500, status=PARSED),
        Param("db_table_lock_type", ParamKind.INT, 1, status=PARSED),
        Param("local_log_level", ParamKind.INT, 2, status=PARSED),
        Param("local_log_facility", ParamKind.STR, status=PARSED),
        Param("subs_remove_match", ParamKind.INT, 0, status=PARSED),
        Param("xavp_cfg", ParamKind.STR, status=PARSED),
        Param("retrieve_order", ParamKind.INT, 0, status=PARSED),
        Param("retrieve_order_by", ParamKind.STR, "priority", status=PARSED),
        Param("sip_uri_match", ParamKind.INT, 0, status=PARSED),
        Param("cseq_offset", ParamKind.INT, 0, status=PARSED),
        Param("enable_dmq", ParamKind.INT, 0, status=PARSED),
        Param("pres_subs_mode", ParamKind.INT, 1, status=PARSED),
        Param("delete_same_subs", ParamKind.INT, 0, status=PARSED),
        Param("timer_mode", ParamKind.INT, 1, status=PARSED),
        Param("subs_respond_200", ParamKind.INT, 1, status=PARSED),
    ),
    pvs=(
        PseudoVar("subs", PvType.DYNAMIC, inner=PvName.STATIC, status=PARSED),
        PseudoVar("notify_reply", PvType.DYNAMIC, inner=PvName.STATIC, status=PARSED),
    ),
    rpc=(
        RpcCommand("presence.cleanup", status=PARSED),
        RpcCommand("presence.refreshWatchers", status=PARSED),
        RpcCommand("presence.updateWatchers", status=PARSED),
        RpcCommand("presence.presentity_list", returns_array=True, status=PARSED),
    ),
    event_routes=(EventRoute("presence:notify-reply", status=PARSED),),
    requires=("sl", "tm"),
    status=Status.PARSED_ONLY,
)
