"""What module guide offers (16.1 module_exports)."""

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
    RpcCommand,
    Statistic,
    Transformation,
)

API_VERSION = 1
NAMES = ("sec", "min", "hour", "mday", "mon", "year", "wday", "yday", "isdst")

EXPORTS = Exports(
    name="guide",
    functions=(
        Function("g_sleep", (Arg("time", Fixup.INT),), method="m_sleep"),  # 16.2, 16.9.8
        Function("g_uint", (Arg("number", Fixup.INT, least=0),), routes=Routes.REQUEST),  # 16.8.2
        Function("g_code", (Arg("code", Fixup.INT_PV),)),  # 16.8.1
    ),
    params=(  # 16.3, 16.9.4
        Param("initial_probability", ParamKind.INT, 10),
        Param("hash_file", ParamKind.STR),
        Param("shvset", ParamKind.FUNC_STR),
    ),
    pvs=(
        PseudoVar("gruri", PvType.STR, writable=True),  # 11.3
        PseudoVar("gtime", PvType.INT, PvName.STATIC, names=NAMES),  # 16.9.9
        PseudoVar("gvar", PvType.DYNAMIC, PvName.DYNAMIC, indexed=True),  # 11.2, 16.6
    ),
    transformations=(Transformation("g", "len", returns=PvType.INT),),  # 12.3
    rpc=(RpcCommand("guide.pkg_stats", "Private memory by process.", returns_array=True),),  # 10.1
    statistics=(Statistic("guide", "stored_messages"),),  # 16.5
)
