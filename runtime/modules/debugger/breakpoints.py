"""Stopping at actions: a process waits at its action, and ``dbg.bp`` tells it what to do.

Commands and answers go through the process's row, as in ``dbg_cfg_trace`` of Kamailio 5.6.3.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from runtime.declare.pvspec import PvSyntaxError
from runtime.modules.debugger import state
from runtime.script.pv import PvRef
from runtime.server.log import LM_ERR

if TYPE_CHECKING:
    from runtime.modules.debugger.module import Module
    from runtime.native.sipmsg import SipMsg
    from runtime.server.rpc import RpcContext

TRACE: Final = 1
BREAKPOINT: Final = 2
_INIT, _WAIT, _NEXT = range(3)
_NOP, _ERR, _READ, _STEP, _MOVE, _SHOW, _EVAL, _LOG = range(8)


def wait_at(module: Module, msg: SipMsg, place: str, hit: str) -> None:
    """Stay at an action until a command lets the process go on."""
    rows, slot = module.rows, module.slot
    if rows.get(slot, state.STATE) == _INIT:
        kind = place.partition("] ")[2]
        module.log(f"breakpoint hit: p=[{os.getpid()}] {hit} {kind}")
        rows.set(slot, state.IN_CMD, _NOP)
        rows.set(slot, state.STATE, _WAIT)
    while True:
        wanted = rows.get(slot, state.IN_CMD)
        if wanted == _NOP:
            module.pause()
            continue
        rows.set(slot, state.IN_CMD, _NOP)
        if wanted == _STEP:
            if rows.get(slot, state.STATE) == _WAIT:
                rows.set(slot, state.STATE, _NEXT)
            answer_breakpoint(module, slot, f"exec {place}".encode())
            return
        if wanted == _SHOW:
            answer_breakpoint(module, slot, f"at bkp {place}".encode())
        elif wanted in (_EVAL, _LOG):
            text = _evaluated(module, msg, rows.text(slot, answer=False))
            if text is None:
                continue
            if wanted == _EVAL:
                answer_breakpoint(module, slot, text)
            else:
                module.log(f"breakpoint eval: {text.decode('utf-8', 'replace')}")
        else:
            rows.set(slot, state.IN_PID, 0)
            rows.set(slot, state.STATE, _INIT)
            return


def answer_breakpoint(module: Module, slot: int, text: bytes) -> None:
    """Leave an answer for the process that asked."""
    module.rows.set_text(slot, text, answer=True)
    module.rows.set(slot, state.OUT_CMD, _READ)


def _evaluated(module: Module, msg: SipMsg, name: bytes) -> bytes | None:
    try:
        value = PvRef(module.server.pv, name).get(msg)
    except (PvSyntaxError, LookupError, ValueError) as error:
        LM_ERR("unable to parse pv [%s]: %s", name.decode("utf-8", "replace"), error)
        return None
    if value is None:
        return name + b" : t=null"
    if isinstance(value, int):
        return name + b" : t=int v=%d" % value
    return name + b" : t=str v=" + value


def command(module: Module, ctx: RpcContext) -> None:
    """``dbg.bp command [pid] [variable]``"""
    rows = module.rows
    given = ctx.scan("S")
    if not given or not isinstance(given[0], bytes):
        ctx.fault(500, "Config breakpoint command missing")
    word = given[0]
    pid = module.pid(ctx)
    slots = module.slots(ctx, pid)
    if word in (b"on", b"off"):
        for slot in slots:
            now = rows.get(slot, state.SET)
            wanted = now | BREAKPOINT if word == b"on" else now & ~BREAKPOINT
            rows.set(slot, state.SET, wanted)
            rows.set(slot, state.STATE, _INIT)
    elif word == b"release":
        for slot in slots:
            if rows.get(slot, state.STATE) != _WAIT:
                rows.set(slot, state.SET, rows.get(slot, state.SET) & ~BREAKPOINT)
                rows.set(slot, state.STATE, _INIT)
    elif word not in (b"keep", b"move", b"next", b"show", b"eval", b"log"):
        ctx.fault(500, "Unknown inner command")
    elif pid is None:
        ctx.fault(500, "Missing pid parameter")
    elif word in (b"keep", b"move"):
        _let_go(module, slots if word == b"move" else _others(module, ctx, slots), word == b"keep")
    elif _ask(module, ctx, slots[0], word):
        return
    ctx.add("200 ok")


def _others(module: Module, ctx: RpcContext, slots: list[int]) -> list[int]:
    return [slot for slot in module.slots(ctx, None) if slot not in slots]


def _let_go(module: Module, slots: list[int], always: bool) -> None:
    for slot in slots:
        stands = module.rows.get(slot, state.STATE) != _INIT
        if always or stands:
            module.rows.set(slot, state.SET, module.rows.get(slot, state.SET) & ~BREAKPOINT)
        if stands:
            module.rows.set(slot, state.IN_PID, os.getpid())
            module.rows.set(slot, state.IN_CMD, _MOVE)


def _ask(module: Module, ctx: RpcContext, slot: int, word: bytes) -> bool:
    """Hand a command to a process; was there an answer?"""
    rows = module.rows
    if word in (b"eval", b"log"):
        given = ctx.scan("S")
        if not given or not isinstance(given[0], bytes):
            ctx.fault(500, "pv param missing")
        if not 2 <= len(given[0]) < state.TEXT:
            ctx.fault(500, "invalid pv param")
        rows.set_text(slot, given[0], answer=False)
    rows.set(slot, state.IN_PID, os.getpid())
    wanted = {b"next": _STEP, b"show": _SHOW, b"eval": _EVAL, b"log": _LOG}[word]
    rows.set(slot, state.IN_CMD, wanted)
    if wanted == _LOG:
        return False
    for _ in range(module.step_loops):
        module.pause()
        if rows.get(slot, state.OUT_CMD) == _READ:
            rows.set(slot, state.OUT_CMD, _NOP)
            ctx.add(rows.text(slot, answer=True))
            return True
    return False
