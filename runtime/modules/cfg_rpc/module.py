"""Module ``cfg_rpc``: ``cfg.*`` commands that read and change run-time variables."""

from __future__ import annotations

import re
from typing import ClassVar, Final

from runtime.declare.exports import Exports
from runtime.modules.cfg_rpc.exports import EXPORTS
from runtime.server.cfg_framework import CfgVariable
from runtime.server.log import LM_ERR
from runtime.server.module import Module as BaseModule
from runtime.server.rpc import RpcArg, RpcContext, text_of
from runtime.server.server import Server

EITHER: Final = 'Wrong group syntax. Use either "group", or "group[id]"'
INSTANCE: Final = 'Wrong group syntax. Use "group[id]"'
NOT_SET: Final = "Failed to set the variable"
NOT_GOT: Final = "Failed to get the variable"
NOT_READABLE: Final = "Variable exists, but it is not readable via RPC interface"

_GROUP: Final = re.compile(r"([^\[]*)(?:\[([0-9]+)\])?", re.DOTALL)


class Module(BaseModule):
    """Delayed changes are kept by the process that takes the commands until ``cfg.commit``."""

    EXPORTS: ClassVar[Exports] = EXPORTS

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._delayed: dict[tuple[str, str], int | bytes] = {}

    def _group(self, ctx: RpcContext, text: RpcArg, wrong: str) -> tuple[str, int | None]:
        """``group`` or ``group[id]``."""
        found = _GROUP.fullmatch(text_of(text))
        if found is None or (found[2] is None and wrong == INSTANCE):
            ctx.fault(400, wrong)
        return found[1], None if found[2] is None else int(found[2])

    def _variable(self, ctx: RpcContext, group: RpcArg, name: RpcArg, fault: str) -> CfgVariable:
        """The variable; there are no instances of groups, so none of those has it."""
        wanted, instance = self._group(ctx, group, EITHER)
        found = self.server.cfg.find(wanted, text_of(name))
        if found is None or instance is not None:
            ctx.fault(400, fault)
        return found

    def _set(self, ctx: RpcContext, form: str, *, delayed: bool) -> None:
        found = ctx.scan("SS" + form)
        if found.number < 2 + len(form):
            return
        if form:
            value = found[2]
        else:
            self._group(ctx, found[0], EITHER)
            given = ctx.scan("d") or ctx.scan("s")
            if not given:
                return
            value = given[0]
        variable = self._variable(ctx, found[0], found[1], NOT_SET)
        try:
            wanted = self.server.cfg.checked(variable, value)
        except ValueError as error:
            LM_ERR("%s.%s: %s", variable.group, variable.name, error)
            ctx.fault(400, NOT_SET)
        if delayed:
            self._delayed[variable.group, variable.name] = wanted
        else:
            self.server.cfg.set(variable.group, variable.name, wanted)

    def rpc_set(self, ctx: RpcContext) -> None:
        """Set a number or a text at once."""
        self._set(ctx, "", delayed=False)

    def rpc_set_now_int(self, ctx: RpcContext) -> None:
        """Set a number at once."""
        self._set(ctx, "d", delayed=False)

    def rpc_set_now_string(self, ctx: RpcContext) -> None:
        """Set a text at once."""
        self._set(ctx, "s", delayed=False)

    def rpc_seti(self, ctx: RpcContext) -> None:
        """Set a number at once."""
        self._set(ctx, "d", delayed=False)

    def rpc_sets(self, ctx: RpcContext) -> None:
        """Set a text at once."""
        self._set(ctx, "s", delayed=False)

    def rpc_set_delayed(self, ctx: RpcContext) -> None:
        """Set a number or a text at the commit."""
        self._set(ctx, "", delayed=True)

    def rpc_set_delayed_int(self, ctx: RpcContext) -> None:
        """Set a number at the commit."""
        self._set(ctx, "d", delayed=True)

    def rpc_set_delayed_string(self, ctx: RpcContext) -> None:
        """Set a text at the commit."""
        self._set(ctx, "s", delayed=True)

    def rpc_del(self, ctx: RpcContext) -> None:
        """Take a value away from an instance of a group: there are no instances."""
        found = ctx.scan("SS")
        if found.number >= 2:
            self._group(ctx, found[0], INSTANCE)
            ctx.fault(400, "Failed to delete the value")

    def rpc_del_delayed(self, ctx: RpcContext) -> None:
        """As ``cfg.del``."""
        self.rpc_del(ctx)

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
        found = ctx.scan("S*S")
        if found.number < 1:
            ctx.fault(500, "Failed to get the parameters")
        if found[1:] not in ([], [b""]):
            variable = self._variable(ctx, found[0], found[1], NOT_GOT)
            if variable.hidden:
                ctx.fault(400, NOT_READABLE)
            ctx.add(self._shown(variable))
            return
        group, instance = self._group(ctx, found[0], EITHER)
        if instance is not None and cfg.variables(group):
            ctx.fault(400, NOT_GOT)
        struct = ctx.add_struct()
        for variable in cfg.variables(group):
            if not variable.hidden:
                struct.add(variable.name, self._shown(variable))

    def _shown(self, variable: CfgVariable) -> int | bytes | None:
        value = self.server.cfg.get(variable.group, variable.name)
        return None if value == b"" and value == variable.default else value

    def rpc_reset(self, ctx: RpcContext) -> None:
        """The variables of a group get their first values again, up to one that may not."""
        found = ctx.scan("S")
        if found:
            group, instance = self._group(ctx, found[0], EITHER)
            for variable in self.server.cfg.variables(group) if instance is None else ():
                try:
                    self.server.cfg.checked(variable, variable.default)
                except ValueError as error:
                    LM_ERR("%s.%s: %s", group, variable.name, error)
                    ctx.fault(500, "Reset failed")
                self.server.cfg.reset(group, variable.name)

    def rpc_help(self, ctx: RpcContext) -> None:
        """What a variable is."""
        found = ctx.scan("SS")
        if found.number < 2:
            return
        variable = self.server.cfg.find(text_of(found[0]), text_of(found[1]))
        if variable is None:
            ctx.fault(400, "Failed to get the variable description")
        ctx.add(variable.doc or variable.name)
        ctx.add(f"(parameter type is {'string' if variable.text else 'integer'})")

    def rpc_list(self, ctx: RpcContext) -> None:
        """``group: name`` of all, or of one group."""
        cfg = self.server.cfg
        wanted = ctx.scan("*S")
        group = text_of(wanted[0]) if wanted else ""
        for name in [group] if group else cfg.groups():
            for variable in cfg.variables(name):
                ctx.add(f"{name}: {variable.name}")

    def rpc_diff(self, ctx: RpcContext) -> None:
        """The delayed changes."""
        for (group, name), value in self._delayed.items():
            struct = ctx.add_struct()
            struct.add("group name", group)
            struct.add("variable name", name)
            struct.add("old value", self.server.cfg.get(group, name))
            struct.add("new value", value)

    def _instance(self, ctx: RpcContext, fault: str) -> None:
        found = ctx.scan("S")
        if found:
            self._group(ctx, found[0], INSTANCE)
            ctx.fault(400, fault)

    def rpc_add_group_inst(self, ctx: RpcContext) -> None:
        """Group instances are not built."""
        self._instance(ctx, "Failed to add the group instance")

    def rpc_del_group_inst(self, ctx: RpcContext) -> None:
        """Group instances are not built."""
        self._instance(ctx, "Failed to delete the group instance")
