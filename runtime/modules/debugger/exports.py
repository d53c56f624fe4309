"""What module ``debugger`` offers. Source: its C tables in Kamailio 5.6.3."""

from __future__ import annotations

from runtime.declare.exports import (
    Accepts,
    Arg,
    CfgVar,
    Exports,
    Fixup,
    Function,
    Param,
    ParamKind,
    Routes,
    RpcCommand,
    Status,
    Takes,
)

CONSTANT = Takes.CONSTANT
REQUEST = Routes.REQUEST
ONREPLY = Routes.ONREPLY
INT = Fixup.INT
STR = Fixup.STR

EXPORTS = Exports(
    name="debugger",
    functions=(
        Function(
            "dbg_breakpoint",
            (Arg("mode", INT, accepts=Accepts.TEXT),),
            takes=CONSTANT,
        ),
        Function(
            "dbg_pv_dump",
            (Arg("mask", INT, accepts=Accepts.UINT), Arg("level", STR, accepts=Accepts.LEVEL_NAME)),
            min=0,
            takes=CONSTANT,
        ),
        Function(
            "dbg_sip_msg",
            (Arg("log_level", STR, accepts=Accepts.LEVEL_NAME), Arg("facility", STR)),
            min=0,
            routes=REQUEST | ONREPLY,
            takes=CONSTANT,
            status=Status.PARSED_ONLY,
        ),
    ),
    params=(
        Param("cfgtrace", ParamKind.INT, 0),
        Param("cfgtrace_format", ParamKind.INT, 0),
        Param("breakpoint", ParamKind.INT, 0),
        Param("log_level", ParamKind.INT, -1),
        Param("log_facility", ParamKind.STR),
        Param("log_prefix", ParamKind.STR, "*** cfgtrace:"),
        Param("log_level_name", ParamKind.STR),
        Param("log_assign", ParamKind.INT, 0),
        Param("step_usleep", ParamKind.INT, 100000),
        Param("step_loops", ParamKind.INT, 200),
        Param("mod_hash_size", ParamKind.INT, 0),
        Param("mod_level_mode", ParamKind.INT, 0),
        Param("mod_level", ParamKind.FUNC_STR),
        Param("mod_facility_mode", ParamKind.INT, 0),
        Param("mod_facility", ParamKind.FUNC_STR),
        Param("reset_msgid", ParamKind.INT, 0, status=Status.PARSED_ONLY),  # numbers are native
        Param("cfgpkgcheck", ParamKind.INT, 0),
        Param("cfgtest", ParamKind.INT, 0, status=Status.PARSED_ONLY),  # needs module cfgt
    ),
    rpc=(
        RpcCommand("dbg.bp"),
        RpcCommand("dbg.ls"),
        RpcCommand("dbg.trace"),
        RpcCommand("dbg.set_mod_level"),
        RpcCommand("dbg.set_mod_facility"),
        RpcCommand("dbg.get_mod_level"),
        RpcCommand("dbg.get_mod_facility"),
        RpcCommand("dbg.reset_msgid"),
    ),
    cfg=(
        CfgVar("dbg", "mod_level_mode", param="mod_level_mode"),
        CfgVar("dbg", "mod_facility_mode", param="mod_facility_mode"),
        CfgVar("dbg", "mod_hash_size", param="mod_hash_size"),
    ),
)
