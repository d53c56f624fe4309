"""Module ``kex``: flags, destination URI, printing into variables, core statistics."""

from __future__ import annotations

import itertools
import os
import resource
from collections.abc import Callable
from typing import ClassVar, Final

from runtime.declare.exports import Exports
from runtime.modules.kex.exports import EXPORTS
from runtime.modules.kex.myself import is_myself
from runtime.native import pkg, proc, shm
from runtime.native.sipmsg import SipMsg
from runtime.script import sflags
from runtime.script.pv import Format, PvRef
from runtime.server.log import LOG
from runtime.server.module import Module as BaseModule
from runtime.server.rpc import RpcContext, Whole, number_of, text_of

NO_STATS: Final = "Please provide which stats to retrieve"
NO_NAMES: Final = "Please provide stats name"


class Module(BaseModule):
    """What a script calls of ``kex``, and the ``stats``, ``pkg`` and ``mod`` commands."""

    EXPORTS: ClassVar[Exports] = EXPORTS

    def child_init(self, rank: int) -> None:
        """Each process numbers its identifiers anew; its pid keeps them apart."""
        self._sruid = itertools.count(1)

    def pv_sruid(self, msg: SipMsg) -> bytes:
        """``$sruid``: unique over processes and restarts (``sruid.c``)."""
        server = self.server.core.number("server_id")
        prefix = b"srid-%x" % server if server else b"srid"
        return b"%b-%x-%x-%x" % (
            prefix,
            int(self.server.started),
            os.getpid(),
            next(self._sruid),
        )

    # -- flags

    def setsflag(self, msg: SipMsg, flag: int) -> int:
        """Set a script flag (of this run of the route)."""
        if not 0 <= flag < 32:
            return -1
        sflags.put(msg, sflags.get(msg) | 1 << flag)
        return 1

    def resetsflag(self, msg: SipMsg, flag: int) -> int:
        """Clear a script flag."""
        if not 0 <= flag < 32:
            return -1
        sflags.put(msg, sflags.get(msg) & ~(1 << flag))
        return 1

    def issflagset(self, msg: SipMsg, flag: int) -> int:
        """Is the script flag set?"""
        return 1 if 0 <= flag < 32 and sflags.get(msg) >> flag & 1 else -1

    def setbflag(self, msg: SipMsg, flag: int, branch: int | None = None) -> int:
        """Set a branch flag, of the r-URI's branch where none is named."""
        return msg.setbflag(flag, branch or 0)

    def resetbflag(self, msg: SipMsg, flag: int, branch: int | None = None) -> int:
        """Clear a branch flag."""
        return msg.resetbflag(flag, branch or 0)

    def isbflagset(self, msg: SipMsg, flag: int, branch: int | None = None) -> int:
        """Is the branch flag set?"""
        return msg.isbflagset(flag, branch or 0)

    # -- destination

    def setdsturi(self, msg: SipMsg, uri: bytes) -> int:
        """Set ``$du``."""
        msg.dst_uri = uri
        return 1

    def resetdsturi(self, msg: SipMsg) -> int:
        """Forget ``$du``."""
        msg.dst_uri = None
        return 1

    def isdsturiset(self, msg: SipMsg) -> int:
        """Is there a ``$du``?"""
        return 1 if msg.dst_uri else -1

    def is_myself(self, msg: SipMsg, uri: bytes) -> int:
        """Is the URI (or host, or ``proto:host:port``) this server?"""
        return 1 if is_myself(uri) else -1

    # -- printing

    def pv_printf(self, msg: SipMsg, var: PvRef, str: Format) -> int:
        """Assign an evaluated format to a variable."""
        var.set(msg, str.eval(msg))
        return 1

    def avp_printf(self, msg: SipMsg, arg1: PvRef, arg2: Format) -> int:
        """The old name of ``pv_printf``."""
        return self.pv_printf(msg, arg1, arg2)

    def setdebug(self, msg: SipMsg, level: int) -> int:
        """Use another debug level in this process."""
        LOG.local_level = level
        return 1

    def resetdebug(self, msg: SipMsg) -> int:
        """Use the common debug level again."""
        LOG.local_level = None
        return 1

    # -- statistics of functions

    def stat_total_size(self) -> int:
        """Bytes of shared memory."""
        return shm.status().total

    def stat_used_size(self) -> int:
        """Bytes given out."""
        return shm.status().used

    def stat_real_used_size(self) -> int:
        """Bytes given out and spent on keeping books."""
        return shm.status().real_used

    def stat_max_used_size(self) -> int:
        """The most that was ever used."""
        return shm.status().max_used

    def stat_free_size(self) -> int:
        """Bytes left."""
        return shm.status().free

    def stat_fragments(self) -> int:
        """Free pieces."""
        return shm.status().fragments

    # -- RPC

    def _selected(self, what: str) -> list[tuple[str, str]]:
        """ "all", "group:" or a name."""
        stats = self.server.stats
        if what == "all":
            return [(group, name) for group in stats.groups() for name in stats.names(group)]
        if what.endswith(":"):
            return [(what[:-1], name) for name in stats.names(what[:-1])]
        return stats.find(what)[:1]

    def _all_selected(
        self, ctx: RpcContext, missing: str, select: Callable[[str], list[tuple[str, str]]]
    ) -> list[tuple[str, str]]:
        first = ctx.scan("s")
        if not first:
            ctx.fault(400, missing)
        found = select(text_of(first[0]))
        for what in ctx.rest("s"):
            found += select(text_of(what))
        return found

    def _fetched(self, what: str) -> list[tuple[str, str]]:
        """What is selected; a name may have its group before it: ``group.name``, ``group:name``."""
        found = self._selected(what)
        if found or what == "all" or what.endswith(":"):
            return found
        group, _, name = what.partition("." if "." in what else ":")
        found = self.server.stats.find(name)[:1]
        return found if found == [(group, name)] else []

    def rpc_get_statistics(self, ctx: RpcContext) -> None:
        """``group:name = value`` lines for "all", "group:" or a name."""
        for group, name in self._all_selected(ctx, NO_STATS, self._selected):
            ctx.add(f"{group}:{name} = {self._value(group, name)}")

    def _value(self, group: str, name: str) -> int:
        return (self.server.stats.get(group, name) or 0) & 0xFFFFFFFFFFFFFFFF

    def rpc_fetch(self, ctx: RpcContext) -> None:
        """The same as members of a structure, as text."""
        selected = self._all_selected(ctx, NO_STATS, self._fetched)
        struct = ctx.add_struct()
        for group, name in selected:
            struct.add(f"{group}.{name}"[:126], str(self._value(group, name)))

    def rpc_fetchn(self, ctx: RpcContext) -> None:
        """The same as numbers."""
        selected = self._all_selected(ctx, NO_STATS, self._fetched)
        struct = ctx.add_struct()
        for group, name in selected:
            struct.add(f"{group}.{name}"[:126], Whole(self._value(group, name)))

    def rpc_reset_statistics(self, ctx: RpcContext) -> None:
        """Set counters to 0."""
        for group, name in self._all_selected(ctx, NO_NAMES, self._selected):
            self.server.stats.reset(group, name)

    def rpc_clear_statistics(self, ctx: RpcContext) -> None:
        """Set counters to 0, and say what they were."""
        for group, name in self._all_selected(ctx, NO_NAMES, self._selected):
            before = self._value(group, name)
            self.server.stats.reset(group, name)
            after = self._value(group, name)
            ctx.add(f"{group}:{name} = {after}" + (f" ({before})" if before != after else ""))

    def rpc_stats(self, ctx: RpcContext) -> None:
        """``pkg.stats``: private memory of each process, and beside it what Python has."""
        wanted, value = b"", 0
        filter = ctx.scan("*S")
        if filter:
            wanted = filter[0] if isinstance(filter[0], bytes) else b""
            if wanted not in (b"pid", b"rank", b"index"):
                ctx.fault(500, "Invalid filter type")
            number = ctx.scan("d")
            if not number:
                ctx.fault(500, "One more parameter expected")
            value = number_of(number[0])
        found = False
        for row in proc.table():
            key = {b"pid": row.pid, b"rank": row.rank, b"index": row.slot}.get(wanted)
            if key is not None and key != value:
                continue
            found = True
            status = pkg.status(row.slot)
            struct = ctx.add_struct()
            for name, number_ in (
                ("entry", row.slot),
                ("pid", row.pid),
                ("rank", row.rank),
                ("used", status.used),
                ("free", status.free),
                ("real_used", status.real_used),
                ("total_size", status.total),
                ("total_frags", status.fragments),
            ):
                struct.add(name, number_)
            struct.add("desc", row.desc)
            struct.add("python", _resident(row.pid))
        if not found and wanted != b"rank":
            ctx.fault(500, "No such pid" if wanted == b"pid" else "No such index")

    def rpc_info(self, ctx: RpcContext) -> None:
        """``pkg.info``: the allocator of private memory."""
        struct = ctx.add_struct()
        struct.add("name", "libc")
        struct.add("size", pkg.status(proc.table()[0].slot).total)

    def rpc_mod_stats(self, ctx: RpcContext) -> None:
        """``mod.stats``: memory is accounted as a whole, so what a module has is not known."""
        name, kind = ctx.scan("*S"), ctx.scan("*S")
        if not name:
            ctx.fault(500, 'Module name or "all" needed')
        if not kind:
            ctx.fault(500, '"pkg" or "shm" or "all" needed')
        kinds = {"pkg": 1, "shm": 1, "all": 2}.get(text_of(kind[0]), 0)
        modules = self.server.modules if name[0] == b"all" else [text_of(name[0])]
        for module in modules:
            ctx.add(f"Module: {module}")
            for _ in range(kinds):
                ctx.add_struct().add("Total", 0)
            ctx.add("")


def _resident(pid: int) -> int:
    """Private resident octets of a process; 0 where it is gone."""
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as file:
            fields = [int(field) for field in file.read().split()]
    except OSError:
        return 0
    return (fields[1] - fields[2]) * resource.getpagesize()
