"""What module ``cfg_rpc`` offers. Source: its C tables in Kamailio 5.6.3."""

from __future__ import annotations

from runtime.declare.exports import Exports, RpcCommand

EXPORTS = Exports(
    name="cfg_rpc",
    rpc=(
        RpcCommand("cfg.set"),
        RpcCommand("cfg.set_now_int"),
        RpcCommand("cfg.seti"),
        RpcCommand("cfg.set_now_string"),
        RpcCommand("cfg.sets"),
        RpcCommand("cfg.del"),
        RpcCommand("cfg.set_delayed"),
        RpcCommand("cfg.set_delayed_int"),
        RpcCommand("cfg.set_delayed_string"),
        RpcCommand("cfg.del_delayed"),
        RpcCommand("cfg.commit"),
        RpcCommand("cfg.rollback"),
        RpcCommand("cfg.get"),
        RpcCommand("cfg.reset"),
        RpcCommand("cfg.help"),
        RpcCommand("cfg.list", returns_array=True),
        RpcCommand("cfg.diff"),
        RpcCommand("cfg.add_group_inst"),
        RpcCommand("cfg.del_group_inst"),
    ),
)
