"""Module ``cfg_rpc``: ``cfg.*`` commands that read and change run-time variables."""

from __future__ import annotations

from typing import ClassVar

from runtime.declare.exports import Exports
from runtime.modules.cfg_rpc.exports import EXPORTS
from runtime.server.cfg_framework import CfgVariable
from runtime.server.module import Module as BaseModule
from runtime.server.rpc import RpcContext
from runtime.server.server import Server


class Module(BaseModule):
    """Delayed changes are kept by the process that takes the commands until ``cfg.commit``."""

    EXPORTS: ClassVar[Exports] = EXPORTS

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._delayed: dict[tuple[str, str], int | bytes] = {}

    def _names(self, ctx: RpcContext) -> tuple[str, str]:
        group = ctx.str_arg(0).decode("utf-8", "replace")
        return group, ctx.str_arg(1).decode("utf-8", "replace")

    def _variable(self, ctx: RpcContext, fault: str) -> CfgVariable:
        found = self.server.cfg.find(*self._names(ctx))
        if found is None:
            ctx.fault(400, fault)
        return found

    def _value(self, ctx: RpcContext, variable: CfgVariable) -> int | bytes:
        if variable.text:
            return ctx.str_arg(2)
        return ctx.int_arg(2)

    def _set(self, ctx: RpcContext, value: int | bytes, *, delayed: bool) -> None:
        variable = self._variable(ctx, "Failed to set the variable")
        if isinstance(value, bytes) and not variable.text:
            ctx.fault(400, "Failed to set the variable")
        if delayed:
            self._delayed[variable.group, variable.name] = value
        else:
            self.server.cfg.set(variable.group, variable.name, value)

    def rpc_set(self, ctx: RpcContext) -> None:
        """Set by the variable's own type."""
        variable = self._variable(ctx, "Failed to set the variable")
        self._set(ctx, self._value(ctx, variable), delayed=False)

    def rpc_set_now_int(self, ctx: RpcContext) -> None:
        """Set a number at once."""
        self._set(ctx, ctx.int_arg(2), delayed=False)

    def rpc_set_now_string(self, ctx: RpcContext) -> None:
        """Set a text at once."""
        self._set(ctx, ctx.str_arg(2), delayed=False)

    def rpc_seti(self, ctx: RpcContext) -> None:
        """Set a number at once."""
        self.rpc_set_now_int(ctx)

    def rpc_sets(self, ctx: RpcContext) -> None:
        """Set a text at once."""
        self.rpc_set_now_string(ctx)

    def rpc_set_delayed(self, ctx: RpcContext) -> None:
        """Set by the variable's own type at the commit."""
        variable = self._variable(ctx, "Failed to set the variable")
        self._set(ctx, self._value(ctx, variable), delayed=True)

    def rpc_set_delayed_int(self, ctx: RpcContext) -> None:
        """Set a number at the commit."""
        self._set(ctx, ctx.int_arg(2), delayed=True)

    def rpc_set_delayed_string(self, ctx: RpcContext) -> None:
        """Set a text at the commit."""
        self._set(ctx, ctx.str_arg(2), delayed=True)

    def rpc_del(self, ctx: RpcContext) -> None:
        """Values of group instances: there are no instances."""
        ctx.fault(400, "Failed to delete the value")

    def rpc_del_delayed(self, ctx: RpcContext) -> None:
        """As ``cfg.del``."""
        ctx.fault(400, "Failed to delete the value")

    def rpc_commit(self, ctx: RpcContext) -> None:
        """Apply the delayed changes."""
        for (group, name), value in self._delayed.items():
            self.server.cfg.set(group, name, value)
        self._delayed.clear()

    def rpc_rollback(self, ctx: RpcContext) -> None:
        """Forget the delayed changes."""
        self._delayed.clear()

    def rpc_get(self, ctx: RpcContext) -> None:
        """One value, or all of a group as a structure."""
        cfg = self.server.cfg
        if not ctx.args:
            ctx.fault(500, "Failed to get the parameters")
        if ctx.opt_str(1) is None:
            group = ctx.str_arg(0).decode("utf-8", "replace")
            if group not in cfg.groups():
                ctx.fault(400, "Failed to get the variable")
            struct = ctx.add_struct()
            for variable in cfg.variables(group):
                struct.add(variable.name, cfg.get(group, variable.name))
            return
        variable = self._variable(ctx, "Failed to get the variable")
        ctx.add(cfg.get(variable.group, variable.name))

    def rpc_reset(self, ctx: RpcContext) -> None:
        """Back to the first values, of one variable or a whole group."""
        cfg = self.server.cfg
        group = ctx.str_arg(0).decode("utf-8", "replace")
        name = ctx.opt_str(1)
        if name is not None:
            variable = self._variable(ctx, "Failed to get the variable")
            cfg.reset(group, variable.name)
            return
        if group not in cfg.groups():
            ctx.fault(400, "Failed to get the variable")
        for variable in cfg.variables(group):
            cfg.reset(group, variable.name)

    def rpc_help(self, ctx: RpcContext) -> None:
        """What a variable is."""
        variable = self._variable(ctx, "Failed to get the variable description")
        ctx.add(variable.doc or variable.name)
        ctx.add(f"(parameter type is {'string' if variable.text else 'integer'})")

    def rpc_list(self, ctx: RpcContext) -> None:
        """``group: name`` of all, or of one group."""
        cfg = self.server.cfg
        wanted = ctx.opt_str(0)
        groups = cfg.groups() if wanted is None else [wanted.decode("utf-8", "replace")]
        for group in groups:
            for variable in cfg.variables(group):
                ctx.add(f"{group}: {variable.name}")

    def rpc_diff(self, ctx: RpcContext) -> None:
        """The delayed changes."""
        for (group, name), value in self._delayed.items():
            struct = ctx.add_struct()
            struct.add("group name", group)
            struct.add("variable name", name)
            struct.add("old value", self.server.cfg.get(group, name))
            struct.add("new value", value)

    def rpc_add_group_inst(self, ctx: RpcContext) -> None:
        """Group instances are not built."""
        ctx.fault(400, "Failed to add the group instance")

    def rpc_del_group_inst(self, ctx: RpcContext) -> None:
        """Group instances are not built."""
        ctx.fault(400, "Failed to delete the group instance")
