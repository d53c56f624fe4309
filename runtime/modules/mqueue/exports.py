"""What module ``mqueue`` offers. Source: its C tables in Kamailio 5.6.3."""

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
    RpcCommand,
    Status,
    Takes,
)

STR_PV = Fixup.STR_PV

EXPORTS = Exports(
    name="mqueue",
    functions=(
        Function("mq_fetch", (Arg("queue", STR_PV),)),
        Function(
            "mq_add",
            (Arg("queue", STR_PV), Arg("key", STR_PV), Arg("value", STR_PV)),
            takes=Takes.CONSTANT,
        ),
        Function("mq_pv_free", (Arg("queue", STR_PV),)),
        Function("mq_size", (Arg("queue", STR_PV),)),
        Function(
            "bind_mq", (Arg("arg1", Fixup.STR),), takes=Takes.VALUE, status=Status.PARSED_ONLY
        ),
    ),
    params=(
        Param("db_url", ParamKind.STR),
        Param("mqueue", ParamKind.FUNC_STR),
        Param("mqueue_name", ParamKind.FUNC_STR),
        Param("mqueue_size", ParamKind.INT, 0),
        Param("mqueue_addmode", ParamKind.INT, 0),
    ),
    pvs=(
        PseudoVar("mqk", inner=PvName.DYNAMIC),
        PseudoVar("mqv", inner=PvName.DYNAMIC),
        PseudoVar("mq_size", PvType.INT, inner=PvName.DYNAMIC),
    ),
    rpc=(
        RpcCommand("mqueue.get_size"),
        RpcCommand("mqueue.get_sizes", returns_array=True),
        RpcCommand("mqueue.fetch"),
    ),
)
