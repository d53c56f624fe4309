"""What module ``rr`` offers. Source: its C tables in Kamailio 5.6.3."""

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
    Status,
    Takes,
)

PARSED = Status.PARSED_ONLY
CONSTANT = Takes.CONSTANT
REQUEST = Routes.REQUEST
FAILURE = Routes.FAILURE
BRANCH = Routes.BRANCH
INT = Fixup.INT
STR = Fixup.STR
INT_PV = Fixup.INT_PV
STR_PV = Fixup.STR_PV
REGEX = Fixup.REGEX

EXPORTS = Exports(
    name="rr",
    functions=(
        Function("loose_route", routes=REQUEST),
        Function("loose_route_preloaded", routes=REQUEST),
        Function("loose_route_mode", (Arg("vmode", INT_PV),), routes=REQUEST),
        Function(
            "record_route",
            (Arg("sparams", STR_PV),),
            min=0,
            routes=REQUEST | FAILURE | BRANCH,
            takes=CONSTANT,
        ),
        Function(
            "record_route_preset",
            (Arg("string", STR_PV), Arg("string2", STR_PV)),
            min=1,
            routes=REQUEST | FAILURE | BRANCH,
            takes=CONSTANT,
        ),
        Function(
            "record_route_advertised_address",
            (Arg("address", STR_PV),),
            routes=REQUEST | FAILURE | BRANCH,
            takes=CONSTANT,
        ),
        Function(
            "add_rr_param", (Arg("msg", STR_PV),), routes=REQUEST | FAILURE | BRANCH, takes=CONSTANT
        ),
        Function("check_route_param", (Arg("msg", REGEX),), routes=REQUEST),
        Function(
            "is_direction",
            (Arg("msg", STR, ("downstream", "upstream")),),
            routes=REQUEST,
            takes=CONSTANT,
        ),
        Function("remove_record_route", routes=REQUEST | FAILURE),
        Function("rr_next_hop_route"),
    ),
    params=(
        Param("append_fromtag", ParamKind.INT, 1),
        Param("enable_double_rr", ParamKind.INT, 1),
        Param("enable_full_lr", ParamKind.INT, 0),
        Param("add_username", ParamKind.INT, 0),
        Param("enable_socket_mismatch_warning", ParamKind.INT, 1, status=PARSED),
        Param("custom_user_avp", ParamKind.STR),
        Param("force_send_socket", ParamKind.INT, 0),
        Param("ignore_sips", ParamKind.INT, 0),
        Param("sockname_mode", ParamKind.INT, 0),
    ),
    pvs=(
        PseudoVar("route_uri", blank=True),
        PseudoVar("fti"),
        PseudoVar("tti"),
        PseudoVar("rdir", PvType.DYNAMIC, inner=PvName.STATIC, names=("id", "name")),
    ),
)
