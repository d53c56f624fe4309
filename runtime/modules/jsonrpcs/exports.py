"""What module ``jsonrpcs`` offers. Source: its C tables in Kamailio 5.6.3."""

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
)

REQUEST = Routes.REQUEST
INT = Fixup.INT
STR = Fixup.STR
STR_PV = Fixup.STR_PV

EXPORTS = Exports(
    name="jsonrpcs",
    functions=(
        Function("jsonrpc_dispatch", routes=REQUEST),
        Function("jsonrpc_exec", (Arg("cmd", STR_PV),)),
    ),
    params=(
        Param("pretty_format", ParamKind.INT, 1),
        Param("transport", ParamKind.INT, 6),
        Param("fifo_name", ParamKind.STR, "kamailio_rpc.fifo"),
        Param("fifo_mode", ParamKind.INT, 0o660),
        Param("fifo_group", ParamKind.STR),
        Param("fifo_group", ParamKind.INT, -1),
        Param("fifo_user", ParamKind.STR),
        Param("fifo_user", ParamKind.INT, -1),
        Param("fifo_reply_dir", ParamKind.STR, "/tmp/"),
        Param("dgram_socket", ParamKind.STR, "kamailio_rpc.sock"),
        Param("dgram_workers", ParamKind.INT, 1),
        Param("dgram_timeout", ParamKind.INT, 2000),
        Param("dgram_mode", ParamKind.INT, 0o660),
        Param("dgram_group", ParamKind.STR),
        Param("dgram_group", ParamKind.INT, -1),
        Param("dgram_user", ParamKind.STR),
        Param("dgram_user", ParamKind.INT, -1),
    ),
    pvs=(
        PseudoVar("jsonrpl", PvType.DYNAMIC, inner=PvName.STATIC, names=("body", "code", "text")),
    ),
    rpc=(RpcCommand("jsonrpc.echo", returns_array=True),),
)
