"""What module ``sl`` offers. Source: its C tables in Kamailio 5.6.3."""

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
    Routes,
    RpcCommand,
    Statistic,
    Status,
    Takes,
)

CONSTANT = Takes.CONSTANT
REQUEST = Routes.REQUEST
FAILURE = Routes.FAILURE
ONREPLY = Routes.ONREPLY
INT = Fixup.INT
STR = Fixup.STR
INT_PV = Fixup.INT_PV
STR_PV = Fixup.STR_PV

EXPORTS = Exports(
    name="sl",
    functions=(
        Function(
            "sl_send_reply",
            (
                Arg("code", INT_PV, accepts=Accepts.INT_VAR, raw=True),
                Arg("reason", STR_PV, accepts=Accepts.FORMAT_AVP, raw=True),
            ),
            routes=REQUEST,
            takes=CONSTANT,
        ),
        Function(
            "sl_reply",
            (
                Arg("code", INT_PV, accepts=Accepts.INT_VAR, raw=True),
                Arg("reason", STR_PV, accepts=Accepts.FORMAT_AVP, raw=True),
            ),
            routes=REQUEST,
            takes=CONSTANT,
        ),
        Function(
            "send_reply",
            (
                Arg("code", INT_PV, accepts=Accepts.INT_VAR, raw=True),
                Arg("reason", STR_PV, accepts=Accepts.FORMAT_AVP, raw=True),
            ),
            routes=REQUEST | FAILURE | ONREPLY,
            takes=CONSTANT,
        ),
        Function(
            "send_reply_mode",
            (
                Arg("code", INT_PV, accepts=Accepts.INT_VAR, raw=True),
                Arg("reason", STR_PV, accepts=Accepts.FORMAT_AVP, raw=True),
                Arg("mode", INT_PV, accepts=Accepts.INT_VAR, raw=True),
            ),
            routes=REQUEST | FAILURE | ONREPLY,
            takes=CONSTANT,
        ),
        Function("sl_reply_error", routes=REQUEST),
        Function(
            "sl_forward_reply",
            (Arg("code", STR_PV), Arg("reason", STR_PV)),
            min=0,
            routes=ONREPLY,
            takes=CONSTANT,
        ),
    ),
    params=(
        Param("default_code", ParamKind.INT, 500),
        Param("default_reason", ParamKind.STR, "Internal Server Error"),
        Param("bind_tm", ParamKind.INT, 1),
        Param("rich_redirect", ParamKind.INT, 0),
        Param("event_callback_fl_ack", ParamKind.STR, status=Status.PARSED_ONLY),
        Param("event_callback_lres_sent", ParamKind.STR, status=Status.PARSED_ONLY),
    ),
    pvs=(PseudoVar("ltt", inner=PvName.STATIC, names=("s", "t", "x")),),
    rpc=(RpcCommand("sl.stats"),),
    statistics=(
        Statistic("sl", "1xx_replies", function=True),
        Statistic("sl", "200_replies", function=True),
        Statistic("sl", "202_replies", function=True),
        Statistic("sl", "2xx_replies", function=True),
        Statistic("sl", "300_replies", function=True),
        Statistic("sl", "301_replies", function=True),
        Statistic("sl", "302_replies", function=True),
        Statistic("sl", "3xx_replies", function=True),
        Statistic("sl", "400_replies", function=True),
        Statistic("sl", "401_replies", function=True),
        Statistic("sl", "403_replies", function=True),
        Statistic("sl", "404_replies", function=True),
        Statistic("sl", "407_replies", function=True),
        Statistic("sl", "408_replies", function=True),
        Statistic("sl", "483_replies", function=True),
        Statistic("sl", "4xx_replies", function=True),
        Statistic("sl", "500_replies", function=True),
        Statistic("sl", "5xx_replies", function=True),
        Statistic("sl", "6xx_replies", function=True),
        Statistic("sl", "xxx_replies", function=True),
        Statistic("sl", "sent_replies", function=True),
        Statistic("sl", "sent_err_replies", function=True),
        Statistic("sl", "failures", function=True),
        Statistic("sl", "received_ACKs", function=True),
    ),
    event_routes=(
        EventRoute("sl:filtered-ack"),
        EventRoute("sl:local-response"),
    ),
)
