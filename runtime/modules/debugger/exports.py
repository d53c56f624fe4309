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

PARSED = Status.PARSED_ONLY
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
            status=PARSED,
        ),
        Function(
            "dbg_pv_dump",
            (Arg("mask", INT, accepts=Accepts.UINT), Arg("level", STR, accepts=Accepts.LEVEL_NAME)),
            min=0,
            takes=CONSTANT,
            status=PARSED,
        ),
        Function(
            "dbg_sip_msg",
            (Arg("log_level", STR, accepts=Accepts.LEVEL_NAME), Arg("facility", STR)),
            min=0,
            routes=REQUEST | ONREPLY,
            takes=CONSTANT,
            status=PARSED,
        ),
    ),
    params=(
        Param("cfgtrace", ParamKind.INT, 0, status=PARSED),
        Param("cfgtrace_format", ParamKind.INT, 0, status=PARSED),
        Param("breakpoint", ParamKind.INT, 0, status=PARSED),
        Param("log_level", ParamKind.INT, -1, status=PARSED),
        Param("log_facility", ParamKind.STR, status=PARSED),
        Param("log_prefix", ParamKind.STR, "*** cfgtrace:", status=PARSED),
        Param("log_level_name", ParamKind.STR, status=PARSED),
        Param("log_assign", ParamKind.INT, 0, status=PARSED),
        Param("step_usleep", ParamKind.INT, 100000, status=PARSED),
        Param("step_loops", ParamKind.INT, 200, status=PARSED),
        Param("mod_hash_size", ParamKind.INT, 0, status=PARSED),
        Param("mod_level_mode", ParamKind.INT, 0, status=PARSED),
        Param("mod_level", ParamKind.FUNC_STR, status=PARSED),
        Param("mod_facility_mode", ParamKind.INT, 0, status=PARSED),
        Param("mod_facility", ParamKind.FUNC_STR, status=PARSED),
        Param("reset_msgid", ParamKind.INT, 0, status=PARSED),
        Param("cfgpkgcheck", ParamKind.INT, 0, status=PARSED),
        Param("cfgtest", ParamKind.INT, 0, status=PARSED),
    ),
    rpc=(
        RpcCommand("dbg.bp", status=PARSED),
        RpcCommand("dbg.ls", status=PARSED),
        RpcCommand("dbg.trace", status=PARSED),
        RpcCommand("dbg.set_mod_level", status=PARSED),
        RpcCommand("dbg.set_mod_facility", status=PARSED),
        RpcCommand("dbg.get_mod_level", status=PARSED),
        RpcCommand("dbg.get_mod_facility", status=PARSED),
        RpcCommand("dbg.reset_msgid", status=PARSED),
    ),
    cfg=(
        CfgVar("dbg", "mod_level_mode", param="mod_level_mode", status=PARSED),
        CfgVar("dbg", "mod_facility_mode", param="mod_facility_mode", status=PARSED),
        CfgVar("dbg", "mod_hash_size", param="mod_hash_size", status=PARSED),
    ),
    status=Status.PARSED_ONLY,
)
