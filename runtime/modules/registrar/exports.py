"""What module ``registrar`` offers. Source: its C tables in Kamailio 5.6.3."""

from __future__ import annotations

from runtime.declare.exports import (
    Accepts,
    Arg,
    CfgVar,
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
    Statistic,
    Status,
    Takes,
)

PARSED = Status.PARSED_ONLY
CONSTANT = Takes.CONSTANT
REQUEST = Routes.REQUEST
FAILURE = Routes.FAILURE
ONREPLY = Routes.ONREPLY
INT = Fixup.INT
STR = Fixup.STR
INT_PV = Fixup.INT_PV
STR_PV = Fixup.STR_PV
TABLE = Fixup.TABLE

EXPORTS = Exports(
    name="registrar",
    functions=(
        Function(
            "save",
            (
                Arg("domain", TABLE),
                Arg("flags", INT, accepts=Accepts.SAVE_FLAGS),
                Arg("uri", STR_PV),
            ),
            min=1,
            routes=REQUEST | FAILURE | ONREPLY,
            takes=CONSTANT,
        ),
        Function(
            "lookup",
            (Arg("domain", TABLE), Arg("uri", STR_PV)),
            min=1,
            routes=REQUEST | FAILURE,
            takes=CONSTANT,
        ),
        Function(
            "lookup_to_dset",
            (Arg("domain", TABLE), Arg("uri", STR_PV)),
            min=1,
            routes=REQUEST | FAILURE,
            takes=CONSTANT,
        ),
        Function(
            "registered",
            (
                Arg("domain", TABLE),
                Arg("uri", STR_PV),
                Arg("match_option", INT_PV),
                Arg("match_action", INT_PV),
            ),
            min=1,
            takes=CONSTANT,
        ),
        Function("add_sock_hdr", (Arg("hdr_name", STR_PV),), routes=REQUEST),
        Function(
            "unregister",
            (Arg("domain", TABLE), Arg("uri", STR_PV), Arg("ruid", STR_PV)),
            min=2,
            takes=CONSTANT,
        ),
        Function(
            "reg_fetch_contacts",
            (Arg("domain", TABLE), Arg("uri", STR_PV), Arg("profile", STR)),
            routes=REQUEST | FAILURE,
            takes=CONSTANT,
        ),
        Function("reg_free_contacts", (Arg("profile", STR),), routes=REQUEST | FAILURE),
        Function(
            "lookup_branches",
            (Arg("domain", TABLE),),
            routes=REQUEST | FAILURE,
            takes=CONSTANT,
        ),
        Function("reg_send_reply", routes=REQUEST | FAILURE),
    ),
    params=(
        Param("default_expires", ParamKind.INT, 3600),
        Param("default_expires_range", ParamKind.INT, 0),
        Param("expires_range", ParamKind.INT, 0),
        Param("default_q", ParamKind.INT, -1),
        Param("append_branches", ParamKind.INT, 1),
        Param("case_sensitive", ParamKind.INT, 0),
        Param("realm_prefix", ParamKind.STR),
        Param("min_expires", ParamKind.INT, 60),
        Param("max_expires", ParamKind.INT, 0),
        Param("received_param", ParamKind.STR, "received"),
        Param("received_avp", ParamKind.PV),
        Param("max_contacts", ParamKind.INT, 0),
        Param("retry_after", ParamKind.INT, 0),
        Param("sock_mode", ParamKind.INT, 0, status=PARSED),
        Param("sock_flag", ParamKind.INT, -1),
        Param("sock_hdr_name", ParamKind.STR),
        Param("method_filtering", ParamKind.INT, 0),
        Param("use_path", ParamKind.INT, 0),
        Param("path_mode", ParamKind.INT, 2),
        Param("path_use_received", ParamKind.INT, 0),
        Param("path_check_local", ParamKind.INT, 0),
        Param("xavp_cfg", ParamKind.STR),
        Param("xavp_rcd", ParamKind.STR),
        Param("xavp_rcd_mask", ParamKind.INT, 0),
        Param("gruu_enabled", ParamKind.INT, 1),
        Param("outbound_mode", ParamKind.INT, 0),
        Param("regid_mode", ParamKind.INT, 0),
        Param("flow_timer", ParamKind.INT, 0),
        Param("contact_max_size", ParamKind.INT, 512),
        Param("event_callback", ParamKind.STR, status=PARSED),
        Param("lookup_filter_mode", ParamKind.INT, 0),
        Param("min_expires_mode", ParamKind.INT, 0),
        Param("use_expired_contacts", ParamKind.INT, 0),
    ),
    pvs=(PseudoVar("ulc", PvType.DYNAMIC, inner=PvName.STATIC, indexed=True, writable=True),),
    statistics=(
        Statistic("registrar", "max_expires"),
        Statistic("registrar", "max_contacts"),
        Statistic("registrar", "default_expire"),
        Statistic("registrar", "default_expires_range"),
        Statistic("registrar", "expires_range"),
        Statistic("registrar", "accepted_regs"),
        Statistic("registrar", "rejected_regs"),
    ),
    event_routes=(EventRoute("usrloc:contact-expired"),),
    cfg=(
        CfgVar("registrar", "realm_pref", ParamKind.STR),
        CfgVar("registrar", "default_expires", param="default_expires", default=3600),
        CfgVar(
            "registrar", "default_expires_range", param="default_expires_range", within=(0, 100)
        ),
        CfgVar("registrar", "expires_range", param="expires_range", within=(0, 100)),
        CfgVar("registrar", "min_expires", param="min_expires", default=60),
        CfgVar("registrar", "max_expires", param="max_expires"),
        CfgVar("registrar", "max_contacts", param="max_contacts"),
        CfgVar("registrar", "retry_after", param="retry_after"),
        CfgVar("registrar", "case_sensitive", param="case_sensitive"),
        CfgVar("registrar", "default_q", param="default_q", default=-1, within=(-1, 1000)),
        CfgVar("registrar", "append_branches", param="append_branches", default=1),
        CfgVar("registrar", "use_expired_contacts", param="use_expired_contacts"),
    ),
    requires=("sl", "usrloc"),
)
