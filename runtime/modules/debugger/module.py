"""Module ``debugger``: traces actions, stops at them, and gives modules levels of their own.

Behaviour: ``debugger`` of Kamailio 5.6.3. The compiler writes a call of ``action`` before each
action of a configuration that loads this module (``kcc/lower/trace.py``).
"""

from __future__ import annotations

import os
import re
import syslog
import time
from typing import TYPE_CHECKING, Final, Literal

from runtime.declare.exports import Routes
from runtime.modules.debugger import state
from runtime.modules.debugger.breakpoints import (
    BREAKPOINT,
    TRACE,
    command,
    wait_at,
)
from runtime.modules.debugger.dump import dump
from runtime.modules.debugger.exports import EXPORTS
from runtime.native import proc
from runtime.server.errors import PlaceLike, StartError
from runtime.server.log import L_ALERT, L_BUG, L_CRIT2, L_DBG, L_ERR, L_INFO, L_NOTICE, L_WARN, LOG
from runtime.server.module import Module as BaseModule
from runtime.server.ranks import PROC_INIT
from runtime.server.syslog_setup import facility_of

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg
    from runtime.script.pv import PvRef
    from runtime.server.rpc import RpcContext
    from runtime.server.server import Server

LEVELS: Final = {
    "A": L_ALERT, "B": L_BUG, "C": L_CRIT2, "E": L_ERR, "W": L_WARN, "N": L_NOTICE, "I": L_INFO,
    "D": L_DBG,
}  # fmt: skip
_ROUTES: Final = {
    Routes.REQUEST.value: "request_route",
    Routes.FAILURE.value: "failure_route",
    Routes.TM_ONREPLY.value: "onreply_route",
    Routes.CORE_ONREPLY.value: "onreply_route",
    Routes.BRANCH.value: "branch_route",
    Routes.ONSEND.value: "onsend_route",
    Routes.ERROR.value: "error_route",
    Routes.LOCAL.value: "local_route",
    Routes.BRANCH_FAILURE.value: "branch_failure_route",
}
_EVERYTHING: Final = 31
_FACILITY_NAMES: Final = {
    getattr(syslog, name): name
    for name in (
        *("LOG_AUTH", "LOG_CRON", "LOG_DAEMON", "LOG_KERN", "LOG_LPR", "LOG_MAIL", "LOG_NEWS"),
        *("LOG_USER", "LOG_UUCP", "LOG_SYSLOG", "LOG_AUTHPRIV"),
        *(f"LOG_LOCAL{n}" for n in range(8)),
    )
}


def _facility(text: bytes) -> int | None:
    """The number of a facility, None where it is none."""
    try:
        return facility_of(text.decode("ascii"))
    except ValueError:
        return None


class Module(BaseModule):
    """What is asked of a process stands in its row, in shared memory."""

    EXPORTS = EXPORTS

    cfgtrace: int
    cfgtrace_format: int
    breakpoint: int
    log_level: int
    log_facility: bytes | None
    log_prefix: bytes
    log_level_name: bytes | None
    log_assign: int
    step_usleep: int
    step_loops: int
    mod_hash_size: int
    mod_level_mode: int
    mod_facility_mode: int
    cfgpkgcheck: int

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self.rows = state.Rows()
        self._levels = state.Levels()
        self._slot = 0

    # -- the start

    def param_mod_level(self, value: bytes, place: PlaceLike | None) -> None:
        """``module=level``"""
        name, mark, text = value.partition(b"=")
        if not mark or re.fullmatch(rb"[+-]?[0-9]{1,9}", text) is None:
            raise StartError(f"debugger: mod_level is module=level, not {value!r}", place)
        self._put(name, int(text), place)

    def param_mod_facility(self, value: bytes, place: PlaceLike | None) -> None:
        """``module=facility``"""
        name, mark, text = value.partition(b"=")
        facility = _facility(text)
        if not mark or facility is None:
            raise StartError(f"debugger: mod_facility is module=LOG_…, not {value!r}", place)
        self._put(name, facility, place, facility=True)

    def _put(
        self, name: bytes, value: int, place: PlaceLike | None, *, facility: bool = False
    ) -> None:
        if self.mod_hash_size <= 0 or not self._levels.put(name, value, facility=facility):
            raise StartError("debugger: set mod_hash_size before levels of modules", place)

    def mod_init(self) -> None:
        """Check the parameters."""
        self._facility: int | None = None
        if self.log_facility is not None:
            self._facility = _facility(self.log_facility)
            if self._facility is None:
                raise StartError(f"debugger: log_facility {self.log_facility!r} is no facility")
        self._name = None if self.log_level_name is None else self.log_level_name.decode()
        self._prefix = self.log_prefix.decode("utf-8", "replace")
        if self.mod_hash_size > 0:
            LOG.module_level = self._level_of
            LOG.module_facility = self._facility_of

    def child_init(self, rank: int) -> None:
        """Take the row of this process."""
        if rank == PROC_INIT:
            return
        slot = self._slot = proc.own_slot()
        self.rows.set(slot, state.PID, os.getpid())
        wanted = (BREAKPOINT if self.breakpoint == 1 else 0) | (TRACE if self.cfgtrace == 1 else 0)
        self.rows.set(slot, state.SET, self.rows.get(slot, state.SET) | wanted)

    def _level_of(self, module: str) -> int | None:
        if not self.server.cfg.get("dbg", "mod_level_mode"):
            return None
        return self._levels.get(module.encode())

    def _facility_of(self, module: str) -> int | None:
        if not self.server.cfg.get("dbg", "mod_facility_mode"):
            return None
        return self._levels.get(module.encode(), facility=True)

    # -- what the compiled routes call

    def action(
        self, msg: SipMsg, route: str, path: str, line: int, kind: int, name: str
    ) -> Literal[False]:
        """An action is about to run."""
        wanted = self.rows.get(self._slot, state.SET)
        if wanted & TRACE and LOG.enabled(self.log_level, "debugger"):
            where = f"{_ROUTES.get(msg.route_type, 'unknown_route')}=[{route}]"
            if not self.cfgtrace_format & 1:
                where += f" c=[{path}]"
            text = f"{self._prefix}dbg_cfg_trace(): {where} l={line} a={kind} n={name}"
            self.log(text, self._name)
        if wanted & BREAKPOINT:
            wait_at(self, msg, f"[{path}:{line}] a={kind} n={name}", f"c=[{path}] l={line}")
        return False

    def log(self, text: str, name: str | None = None) -> None:
        """A line at the level of traces."""
        if LOG.enabled(self.log_level, "debugger"):
            LOG.write(self.log_level, text, name=name, facility=self._facility)

    def assigned(self, msg: SipMsg, variable: PvRef) -> None:
        """``log_assign``: what an assignment made of a variable."""
        if not LOG.enabled(L_DBG, "debugger"):
            return
        value = variable.get(msg)
        shown = variable.text.decode("utf-8", "replace")
        if value is None:
            text = f"{shown}: $null"
        elif isinstance(value, int):
            text = f"{shown}:{value}"
        else:
            text = f'{shown}:"{value.decode("utf-8", "replace")}"'
        LOG.write(L_DBG, f"debugger [debugger/module.py]: assigned(): {text}")

    # -- what the script calls

    def dbg_breakpoint(self, msg: SipMsg, mode: int) -> int:
        """1: a place to stop at, which 5.6.3 does not use."""
        return 1

    def dbg_pv_dump(self, msg: SipMsg, mask: int | None = None, level: bytes | None = None) -> int:
        """Log the variables that have a value, as JSON: 1."""
        wanted = L_DBG if level is None else LEVELS[chr(level[2])]
        if LOG.enabled(wanted, "debugger"):
            LOG.write(wanted, dump(self.server, msg, _EVERYTHING if mask is None else mask))
        return 1

    # -- commands

    def rpc_bp(self, ctx: RpcContext) -> None:
        """``dbg.bp command [pid] [variable]``"""
        command(self, ctx)

    def rpc_ls(self, ctx: RpcContext) -> None:
        """``dbg.ls [pid]``"""
        for slot in self.slots(ctx, self.pid(ctx)):
            row = ctx.add_struct()
            row.add("entry", slot)
            for name, field in (
                *(("pid", state.PID), ("set", state.SET), ("state", state.STATE)),
                *(("in.pid", state.IN_PID), ("in.cmd", state.IN_CMD)),
            ):
                row.add(name, self.rows.get(slot, field))

    def pid(self, ctx: RpcContext) -> int | None:
        """The next argument, where it is a process."""
        found = ctx.scan("*d")
        return found[0] if found and isinstance(found[0], int) else None

    def slots(self, ctx: RpcContext, pid: int | None) -> list[int]:
        """The rows that a command is for: of one process, or all."""
        if pid is None:
            return [row.slot for row in proc.table() if row.slot < state.SLOTS]
        for row in proc.table():
            if row.slot < state.SLOTS and self.rows.get(row.slot, state.PID) == pid & 0xFFFFFFFF:
                return [row.slot]
        ctx.fault(500, "No such pid")

    def rpc_trace(self, ctx: RpcContext) -> None:
        """``dbg.trace on|off [pid]``"""
        wanted = ctx.scan("S")
        if not wanted:
            ctx.fault(500, "Config trace command missing")
        slots = self.slots(ctx, self.pid(ctx))
        if wanted[0] not in (b"on", b"off"):
            ctx.fault(500, "Unknown trace command")
        for slot in slots:
            now = self.rows.get(slot, state.SET)
            self.rows.set(slot, state.SET, now | TRACE if wanted[0] == b"on" else now & ~TRACE)
        ctx.add("200 ok")

    def rpc_set_mod_level(self, ctx: RpcContext) -> None:
        """``dbg.set_mod_level module level``"""
        given = ctx.scan("Sd")
        if len(given) < 2:
            ctx.fault(500, "invalid parameters")
        name, level = given
        assert isinstance(name, bytes) and isinstance(level, int)
        if self.mod_hash_size <= 0 or not self._levels.put(name, level):
            ctx.fault(500, "cannot store parameter")
        ctx.add("200 ok")

    def rpc_get_mod_level(self, ctx: RpcContext) -> None:
        """``dbg.get_mod_level module``"""
        name = self._name_of(ctx)
        own = self._level_of(name) if self.mod_hash_size > 0 else None
        ctx.add(int(self.server.cfg.get("core", "debug")) if own is None else own)

    def rpc_set_mod_facility(self, ctx: RpcContext) -> None:
        """``dbg.set_mod_facility module facility``"""
        given = ctx.scan("SS")
        if len(given) < 2:
            ctx.fault(500, "invalid parameters")
        name, text = given
        assert isinstance(name, bytes) and isinstance(text, bytes)
        facility = _facility(text)
        if facility is None:
            ctx.fault(500, "facility not found")
        if self.mod_hash_size <= 0 or not self._levels.put(name, facility, facility=True):
            ctx.fault(500, "cannot store parameter")
        ctx.add("200 ok")

    def rpc_get_mod_facility(self, ctx: RpcContext) -> None:
        """``dbg.get_mod_facility module``"""
        name = self._name_of(ctx)
        own = self._facility_of(name) if self.mod_hash_size > 0 else None
        wanted = LOG.facility if own is None else own
        ctx.add(_FACILITY_NAMES.get(wanted, "LOG_DAEMON"))

    def _name_of(self, ctx: RpcContext) -> str:
        given = ctx.scan("S")
        if not given or not isinstance(given[0], bytes):
            ctx.fault(500, "invalid parameters")
        return given[0].decode("utf-8", "replace")

    def rpc_reset_msgid(self, ctx: RpcContext) -> None:
        """``dbg.reset_msgid``: the parameter that allows it is not built."""
        ctx.fault(500, "reset_msgid is 0. Set it to 1 to enable.")

    def pause(self) -> None:
        """One step of waiting."""
        time.sleep(max(self.step_usleep, 0) * 1e-6)

    @property
    def slot(self) -> int:
        """The row of this process."""
        return self._slot
