"""Module ``counters``: a script's own counters, and the ``cnt.*`` commands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from runtime.declare.exports import Exports
from runtime.modules.counters.exports import EXPORTS
from runtime.native import stats
from runtime.native.sipmsg import SipMsg
from runtime.server.errors import PlaceLike, StartError
from runtime.server.log import LM_ERR
from runtime.server.module import Module as BaseModule
from runtime.server.rpc import RpcArg, RpcContext, text_of
from runtime.server.server import Server


class Module(BaseModule):
    """Counters are made by ``script_counter``: ``[group.]name[ description]``."""

    EXPORTS: ClassVar[Exports] = EXPORTS
    script_cnt_grp_name: bytes

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._declared: list[tuple[str, str, str, PlaceLike | None]] = []
        self._handles: dict[bytes, int] = {}
        self._docs: dict[tuple[str, str], str] = {}

    def param_script_counter(self, value: bytes, place: PlaceLike | None) -> None:
        """Declare a counter."""
        text = value.decode("utf-8", "replace")
        name, _, doc = text.partition(":" if ":" in text else " ")
        group, dot, rest = name.partition(".")
        if not dot:
            group, rest = "", name
        if not rest:
            raise StartError("script_counter takes [group.]name[ description]", place)
        self._declared.append((group, rest, doc.lstrip(" \t") or "custom script counter.", place))

    def mod_init(self) -> None:
        """Make the counters, in the group of ``script_cnt_grp_name`` where none is named."""
        default = self.script_cnt_grp_name.decode("utf-8", "replace")
        for group, name, doc, _ in self._declared:
            handle = self.server.stats.register(group or default, name)
            self._handles[f"{group or default}.{name}".encode()] = handle
            if (group or default) == default:
                self._handles[name.encode()] = handle
            self._docs[group or default, name] = doc

    def _handle(self, name: bytes) -> int | None:
        handle = self._handles.get(name)
        if handle is None:
            LM_ERR("unknown script counter %s", name.decode("utf-8", "replace"))
        return handle

    def cnt_inc(self, msg: SipMsg, group_name: bytes) -> int:
        """Add 1."""
        return self.cnt_add(msg, group_name, 1)

    def cnt_add(self, msg: SipMsg, group_name: bytes, number: int) -> int:
        """Add a number."""
        handle = self._handle(group_name)
        if handle is None:
            return -1
        stats.add(handle, number)
        return 1

    def cnt_reset(self, msg: SipMsg, group_name: bytes) -> int:
        """Set to 0."""
        handle = self._handle(group_name)
        if handle is None:
            return -1
        stats.reset(handle)
        return 1

    # -- RPC

    def _counter(self, ctx: RpcContext, names: Sequence[RpcArg]) -> tuple[str, str, int]:
        """Group, name and value of a counter; faults where there is none."""
        group, name = (text_of(text) for text in names)
        value = self.server.stats.get(group, name)
        if value is None:
            ctx.fault(400, f"non-existent counter {group}.{name}\n")
        return group, name, value

    def rpc_get(self, ctx: RpcContext) -> None:
        """The value of a counter, or those of a group."""
        group = ctx.scan("s")
        if not group:
            return
        name = ctx.scan("*s")
        if name:
            ctx.add(self._counter(ctx, [*group, *name])[2])
        else:
            self._group(ctx, group[0])

    def rpc_get_raw(self, ctx: RpcContext) -> None:
        """The value of a counter; computed ones hold none of their own."""
        names = ctx.scan("ss")
        if names.number < 2:
            return
        group, name, value = self._counter(ctx, names)
        ctx.add(0 if self.server.stats.has_function(group, name) else value)

    def rpc_reset(self, ctx: RpcContext) -> None:
        """Set a counter to 0."""
        names = ctx.scan("ss")
        if names.number >= 2:
            group, name, _ = self._counter(ctx, names)
            self.server.stats.reset(group, name)

    def rpc_list_groups(self, ctx: RpcContext) -> None:
        """All groups."""
        ctx.add(*self.server.stats.groups())

    def rpc_grps_list(self, ctx: RpcContext) -> None:
        """All groups."""
        self.rpc_list_groups(ctx)

    def rpc_list_vars(self, ctx: RpcContext) -> None:
        """The counters of a group."""
        group = ctx.scan("s")
        if group:
            ctx.add(*self.server.stats.names(text_of(group[0])))

    def rpc_var_list(self, ctx: RpcContext) -> None:
        """The counters of a group."""
        self.rpc_list_vars(ctx)

    def _group(self, ctx: RpcContext, group: RpcArg) -> None:
        struct = ctx.add_struct()
        for name in self.server.stats.names(text_of(group)):
            struct.add(name, self.server.stats.get(text_of(group), name) or 0)

    def rpc_get_vars(self, ctx: RpcContext) -> None:
        """The counters of a group with their values."""
        group = ctx.scan("s")
        if group:
            self._group(ctx, group[0])

    def rpc_grp_get_all(self, ctx: RpcContext) -> None:
        """The counters of a group with their values."""
        self.rpc_get_vars(ctx)

    def rpc_help(self, ctx: RpcContext) -> None:
        """What a counter counts."""
        names = ctx.scan("ss")
        if names.number >= 2:
            group, name, _ = self._counter(ctx, names)
            ctx.add(self._docs.get((group, name)) or "no description")
