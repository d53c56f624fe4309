"""What module ``ctl`` offers. Source: its C tables in Kamailio 5.6.3."""

from __future__ import annotations

from runtime.declare.exports import Exports, Fixup, Param, ParamKind, RpcCommand

INT = Fixup.INT

EXPORTS = Exports(
    name="ctl",
    params=(
        Param("fifo", ParamKind.FUNC_STR),
        Param("binrpc", ParamKind.FUNC_STR),
        Param("mode", ParamKind.INT, 0o600),
        Param("user", ParamKind.FUNC_STR),
        Param("group", ParamKind.FUNC_STR),
        Param("autoconversion", ParamKind.INT, 0),
        Param("binrpc_max_body_size", ParamKind.INT, 32),
        Param("binrpc_struct_max_body_size", ParamKind.INT, 8),
        Param("binrpc_buffer_size", ParamKind.INT, 1024),
    ),
    rpc=(
        RpcCommand("ctl.who"),
        RpcCommand("ctl.connections"),
        RpcCommand("ctl.listen"),
    ),
)
