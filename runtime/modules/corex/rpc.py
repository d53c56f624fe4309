"""RPC commands of ``corex`` (``corex_rpc.c``, ``corex_rpc_shm.c``)."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from runtime.native import net, shm
from runtime.server.log import LM_GEN
from runtime.server.rpc import RpcFault

if TYPE_CHECKING:
    from runtime.server.rpc import RpcContext
    from runtime.server.server import Server

_REPORT = (
    *("total_size", "free_size_s", "used_size_s", "real_used_s", "max_used_s"),
    *("free_frags", "used_frags", "total_frags"),
)


class CorexRpc:
    """``corex.*`` and ``shm.*``."""

    server: Server

    def rpc_list_sockets(self, ctx: RpcContext) -> None:
        """``corex.list_sockets``"""
        for _, proto, address, port, name, sockname, advertise, _ in net.socket_list():
            struct = ctx.add_struct()
            struct.add("PROTO", net.proto_text(proto))
            struct.add("NAME", name)
            struct.add_struct("ADDRLIST").add("ADDR", address)
            struct.add("PORT", str(port))
            struct.add("MCAST", "no")
            struct.add("MHOMED", "no")
            struct.add("VIRTUAL", "no")
            struct.add("SOCKNAME", sockname or "-")
            struct.add("ADVERTISE", advertise or "-")

    def rpc_list_aliases(self, ctx: RpcContext) -> None:
        """``corex.list_aliases``"""
        for host, port, proto in reversed(net.alias_list()):
            struct = ctx.add_struct()
            struct.add("PROTO", net.proto_text(proto) if proto else "*")
            struct.add("ADDR", host)
            struct.add("PORT", port)

    def rpc_shm_status(self, ctx: RpcContext) -> None:
        """``corex.shm_status``: into the log."""
        status = shm.status()
        text = ", ".join(f"{name} {getattr(status, name)}" for name in status._fields)
        level = self.server.cfg.get("core", "memlog")
        LM_GEN(level if isinstance(level, int) else 3, "shared memory: %s", text)

    def rpc_shm_summary(self, ctx: RpcContext) -> None:
        """``corex.shm_summary``: into the log."""
        self.rpc_shm_status(ctx)

    def rpc_debug(self, ctx: RpcContext) -> None:
        """``corex.debug [LEVEL]``"""
        old = self.server.cfg.get("core", "debug")
        new = None
        with suppress(RpcFault):  # what is no number counts as not given
            new = ctx.opt_int(0)
        struct = ctx.add_struct()
        if new is None:
            struct.add("debug", old)
            return
        self.server.cfg.set("core", "debug", new)
        struct.add("old", old)
        struct.add("new", new)

    def rpc_info(self, ctx: RpcContext) -> None:
        """``shm.info``"""
        struct = ctx.add_struct()
        struct.add("name", "kcc_pool")
        struct.add("size", shm.status().total)

    def rpc_stats(self, ctx: RpcContext) -> None:
        """``shm.stats``"""
        status = shm.status()
        struct = ctx.add_struct()
        for name in ("total", "free", "used", "real_used", "max_used", "fragments"):
            struct.add(name, getattr(status, name))

    def rpc_report(self, ctx: RpcContext) -> None:
        """``shm.report``: what the allocator counts; it keeps no source of each fragment."""
        status = shm.status()
        values = (
            *(status.total, status.free, status.used, status.real_used, status.max_used),
            *(0, status.fragments, status.fragments),
        )
        struct = ctx.add_struct()
        for name, value in zip(_REPORT, values, strict=True):
            struct.add(name, value)
