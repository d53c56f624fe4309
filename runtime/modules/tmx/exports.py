"""What module ``tmx`` offers. Source: its C tables in Kamailio 5.6.3."""

from __future__ import annotations

from runtime.declare.exports import (
    Arg,
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
VALUE = Takes.VALUE
REQUEST = Routes.REQUEST
ONREPLY = Routes.ONREPLY
EVENT = Routes.EVENT
INT = Fixup.INT
STR = Fixup.STR
INT_PV = Fixup.INT_PV
STR_PV = Fixup.STR_PV

EXPORTS = Exports(
    name="tmx",
    functions=(
        Function(
            "t_cancel_branches",
            (Arg("which", STR, ("all", "others", "this")),),
            routes=ONREPLY,
            takes=CONSTANT,
        ),
        Function(
            "t_cancel_callid",
            (Arg("callid", STR_PV), Arg("cseq", STR_PV), Arg("flag", INT_PV), Arg("rcode", INT_PV)),
            min=3,
            takes=CONSTANT,
        ),
        Function(
            "t_reply_callid",
            (
                Arg("callid", STR_PV),
                Arg("cseq", STR_PV),
                Arg("code", INT_PV),
                Arg("reason", STR_PV),
            ),
            takes=CONSTANT,
        ),
        Function("t_flush_flags"),
        Function("t_flush_xflags"),
        Function("t_is_failure_route"),
        Function("t_is_branch_route"),
        Function("t_is_reply_route"),
        Function("t_is_request_route"),
        Function("t_suspend"),
        Function(
            "t_continue",
            (Arg("tindex", INT_PV), Arg("tlabel", INT_PV), Arg("rtname", STR_PV)),
            takes=CONSTANT,
        ),
        Function("t_reuse_branch", routes=REQUEST | EVENT),
        Function("t_precheck_trans", routes=REQUEST),
        Function("bind_tmx", (Arg("api", STR),), takes=VALUE, status=PARSED),
        Function("t_drop", (Arg("rcode", INT_PV),), min=0),
    ),
    params=(Param("precheck_trans", ParamKind.INT, 1, status=PARSED),),
    pvs=(
        PseudoVar("T_branch_idx", PvType.INT),
        PseudoVar("T_reply_ruid", blank=True),
        PseudoVar("T_reply_code", PvType.INT, blank=True),
        PseudoVar("T_reply_reason", blank=True),
        PseudoVar("T_reply_last", PvType.INT, blank=True),
        PseudoVar("T_inv", PvType.DYNAMIC, inner=PvName.PV),
        PseudoVar("T_req", PvType.DYNAMIC, inner=PvName.PV),
        PseudoVar("T_rpl", PvType.DYNAMIC, inner=PvName.PV),
        PseudoVar(
            "T",
            PvType.DYNAMIC,
            inner=PvName.STATIC,
            shows=True,
            names=(
                "branch_index",
                "flags",
                "id_index",
                "id_index_n",
                "id_label",
                "id_label_n",
                "reply_code",
                "reply_reason",
                "reply_type",
                "ruid",
                "uri",
            ),
        ),
        PseudoVar(
            "T_branch",
            PvType.DYNAMIC,
            inner=PvName.STATIC,
            names=(
                "branch_index",
                "flags",
                "id_index",
                "id_index_n",
                "id_label",
                "id_label_n",
                "reply_code",
                "reply_reason",
                "reply_type",
                "ruid",
                "uri",
            ),
        ),
    ),
    statistics=(
        Statistic("tmx", "UAS_transactions", function=True),
        Statistic("tmx", "UAC_transactions", function=True),
        Statistic("tmx", "2xx_transactions", function=True),
        Statistic("tmx", "3xx_transactions", function=True),
        Statistic("tmx", "4xx_transactions", function=True),
        Statistic("tmx", "5xx_transactions", function=True),
        Statistic("tmx", "6xx_transactions", function=True),
        Statistic("tmx", "inuse_transactions", function=True),
        Statistic("tmx", "active_transactions", function=True),
        Statistic("tmx", "rpl_received", function=True),
        Statistic("tmx", "rpl_absorbed", function=True),
        Statistic("tmx", "rpl_generated", function=True),
        Statistic("tmx", "rpl_relayed", function=True),
        Statistic("tmx", "rpl_sent", function=True),
    ),
    requires=("tm",),
)
