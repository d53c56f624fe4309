"""What module ``counters`` offers. Source: its C tables in Kamailio 5.6.3."""

from __future__ import annotations

from runtime.declare.exports import (
    Accepts,
    Arg,
    Exports,
    Fixup,
    Function,
    Param,
    ParamKind,
    Routes,
    RpcCommand,
    Takes,
)

CONSTANT = Takes.CONSTANT
REQUEST = Routes.REQUEST
FAILURE = Routes.FAILURE
ONREPLY = Routes.ONREPLY
ONSEND = Routes.ONSEND
STR = Fixup.STR
INT_PV = Fixup.INT_PV

EXPORTS = Exports(
    name="counters",
    functions=(
        Function(
            "cnt_inc",
            (Arg("group_name", STR),),
            routes=REQUEST | FAILURE | ONREPLY | ONSEND,
            takes=CONSTANT,
        ),
        Function(
            "cnt_add",
            (Arg("group_name", STR), Arg("number", INT_PV, accepts=Accepts.INT_VAR)),
            routes=REQUEST | FAILURE | ONREPLY | ONSEND,
            takes=CONSTANT,
        ),
        Function(
            "cnt_reset",
            (Arg("group_name", STR),),
            routes=REQUEST | FAILURE | ONREPLY | ONSEND,
            takes=CONSTANT,
        ),
    ),
    params=(
        Param("script_cnt_grp_name", ParamKind.STR, "script"),
        Param("script_counter", ParamKind.FUNC_STR),
    ),
    rpc=(
        RpcCommand("cnt.get"),
        RpcCommand("cnt.reset"),
        RpcCommand("cnt.get_raw"),
        RpcCommand("cnt.list_groups", returns_array=True),
        RpcCommand("cnt.grps_list", returns_array=True),
        RpcCommand("cnt.list_vars", returns_array=True),
        RpcCommand("cnt.var_list", returns_array=True),
        RpcCommand("cnt.get_vars"),
        RpcCommand("cnt.grp_get_all"),
        RpcCommand("cnt.help"),
    ),
)
