"""RPC commands of ``corex`` (``corex_rpc.c``, ``corex_rpc_shm.c``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.native import net, proc, shm
from runtime.server.log import LM_GEN
from runtime.server.rpc import Whole, number_of, text_of

if TYPE_CHECKING:
    from runtime.server.rpc import RpcContext
    from runtime.server.server import Server

_FRAGMENTS = ("max_free", "max_used", "min_free", "min_used")


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

    def rpc_pkg_summary(self, ctx: RpcContext) -> None:
        """``corex.pkg_summary idx|pid NUMBER``: sets ``core.mem_dump_pkg``."""
        found = ctx.scan("Sd")
        if found.number < 2:
            ctx.fault(400, "Selector and value not provided")
        selector, number = text_of(found[0]).lower(), number_of(found[1])
        if len(selector) != 3:
            ctx.fault(500, "Unsupported selector")
        if selector == "idx":
            pids = {row.slot: row.pid for row in proc.table()}
            if number not in pids:
                ctx.fault(500, "Index value out of range")
            number = pids[number]
        elif selector != "pid":
            ctx.fault(500, "Unsupported selector type")
        self.server.cfg.set("core", "mem_dump_pkg", number)

    def rpc_debug(self, ctx: RpcContext) -> None:
        """``corex.debug [LEVEL]``"""
        old = self.server.cfg.get("core", "debug")
        given = ctx.scan("*d")
        struct = ctx.add_struct()
        if not given:
            struct.add("debug", old)
            return
        new = number_of(given[0])
        self.server.cfg.set("core", "debug", new)
        struct.add("old", old)
        struct.add("new", new)

    def rpc_info(self, ctx: RpcContext) -> None:
        """``shm.info``"""
        struct = ctx.add_struct()
        struct.add("name", "kcc_pool")
        struct.add("size", Whole(shm.status().total))

    def rpc_stats(self, ctx: RpcContext) -> None:
        """``shm.stats``"""
        status = shm.status()
        struct = ctx.add_struct()
        for name in ("total", "free", "used", "real_used", "max_used", "fragments"):
            struct.add(name, Whole(getattr(status, name)))

    def rpc_report(self, ctx: RpcContext) -> None:
        """``shm.report``: what the allocator counts; it keeps no source of each fragment."""
        status = shm.status()
        struct = ctx.add_struct()
        for name, value in (
            ("total_size", status.total),
            ("free_size_s", status.free),
            ("used_size_s", status.used),
            ("real_used_s", status.real_used),
            ("max_used_s", status.max_used),
            ("free_frags", 0),
            ("used_frags", status.fragments),
            ("total_frags", status.fragments),
        ):
            struct.add(name, Whole(value))
        for which in _FRAGMENTS:
            struct.add(f"{which}_frag_size", Whole(0))
            for what in ("file", "func", "mname"):
                struct.add(f"{which}_frag_{what}", "")
            struct.add(f"{which}_frag_line", Whole(0))
