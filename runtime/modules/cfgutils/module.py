"""Module ``cfgutils``: chance, waiting, global flags, script locks, hashes, optional routes.

Behaviour: ``cfgutils.c`` of Kamailio 5.6.3.
"""

from __future__ import annotations

import os
import re
import time
from hashlib import md5
from random import SystemRandom
from typing import TYPE_CHECKING, Final

from runtime.api.locking import (
    gen_lock_set_t,
    gen_lock_t,
    lock_alloc,
    lock_init,
    lock_set_alloc,
    lock_set_get,
    lock_set_init,
    lock_set_release,
    lock_set_try,
    locked,
)
from runtime.modules.cfgutils.exports import EXPORTS
from runtime.native import send, shm
from runtime.native.shv import SharedVars
from runtime.script.flow import stopped
from runtime.script.hashes import core_case_hash, core_hash
from runtime.script.values import Value, wrap
from runtime.server.errors import StartError
from runtime.server.log import LM_CRIT, LM_ERR, LM_GEN, LM_WARN
from runtime.server.module import Module as BaseModule
from runtime.server.rpc import number_of

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg
    from runtime.server.rpc import RpcContext
    from runtime.server.server import Server

GFLAGS: Final = b"gflags"
PROBABILITY: Final = b"probability"
MAX_LOCK_SET: Final = 14


class Module(BaseModule):
    """Global flags and the probability are shared by all processes, and so are the locks."""

    EXPORTS = EXPORTS

    initial_probability: int
    initial_gflags: int
    hash_file: bytes | None
    lock_set_size: int

    _guard: gen_lock_t

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._shared = SharedVars()
        self._locks: gen_lock_set_t | None = None
        self._chance = SystemRandom()
        self._hash = ""

    def mod_init(self) -> None:
        """Make what is shared; read ``hash_file``."""
        if self.hash_file:
            found = _md5_of(self.hash_file)
            if found is None:
                raise StartError(f"cfgutils: hash_file {self.hash_file!r} cannot be read")
            self._hash = found
        if self.initial_probability > 100:
            raise StartError("cfgutils: initial_probability is more than 100 percent")
        self._shared.set(PROBABILITY, self.initial_probability)
        self._shared.set(GFLAGS, self.initial_gflags)
        guard = lock_alloc()
        if guard is None:
            raise StartError("cfgutils: no shared memory left")
        lock_init(guard)
        self._guard = guard
        if self.lock_set_size > 0:
            if self.lock_set_size > MAX_LOCK_SET:
                LM_WARN("cfgutils: lock_set_size %d is made %d", self.lock_set_size, MAX_LOCK_SET)
            self._locks = lock_set_alloc(1 << min(self.lock_set_size, MAX_LOCK_SET))
            if self._locks is None:
                raise StartError("cfgutils: no shared memory left for lock_set_size")
            lock_set_init(self._locks)

    # chance

    def rand_set_prob(self, msg: SipMsg, probability: bytes) -> int:
        """Set the probability of ``rand_event``, in percent."""
        digits = re.match(rb"[0-9]+", probability)
        self._shared.set(PROBABILITY, int(digits.group()) if digits else 0)
        return 1

    def rand_reset_prob(self, msg: SipMsg) -> int:
        """Back to ``initial_probability``."""
        self._shared.set(PROBABILITY, self.initial_probability)
        return 1

    def rand_get_prob(self, msg: SipMsg) -> int:
        """The probability; 0 ends the script, as it does there."""
        return self._probability()

    def rand_event(self, msg: SipMsg) -> int:
        """True with the probability that is set."""
        return 1 if self._chance.random() * 100 < self._probability() else -1

    def _probability(self) -> int:
        value = self._shared.get(PROBABILITY)
        return value if isinstance(value, int) else 0

    def pv_RANDOM(self, msg: SipMsg) -> int:
        """``$RANDOM``: 0 to 2147483647."""
        return self._chance.getrandbits(31)

    # waiting

    def sleep(self, msg: SipMsg, time: Value) -> int:
        """Wait for seconds; this process serves nobody meanwhile. Text is no time."""
        return _wait(time & 0xFFFFFFFF) if isinstance(time, int) else -1

    def usleep(self, msg: SipMsg, time: Value) -> int:
        """Wait for microseconds."""
        return _wait((time & 0xFFFFFFFF) / 1e6) if isinstance(time, int) else -1

    # the process

    def abort(self, msg: SipMsg) -> int:
        """End this process at once, with a core file where the system writes one."""
        LM_CRIT("abort called")
        os.abort()

    def pkg_status(self, msg: SipMsg) -> int:
        """Log the private memory of this process."""
        return self._log(f"private memory of process {os.getpid()}: {_resident()} kB resident")

    def pkg_summary(self, msg: SipMsg) -> int:
        """The same, in short."""
        return self.pkg_status(msg)

    def shm_status(self, msg: SipMsg) -> int:
        """Log the shared memory."""
        return self._log(f"shared memory: {_shared_memory()}")

    def shm_summary(self, msg: SipMsg) -> int:
        """The same, in short."""
        return self.shm_status(msg)

    def _log(self, text: str) -> int:
        level = self.server.cfg.get("core", "memlog")
        LM_GEN(level if isinstance(level, int) else 3, "%s", text)
        return 1

    # global flags

    def set_gflag(self, msg: SipMsg, flag: int) -> int:
        """Set a flag, 0 to 31."""
        self._change(1 << flag, True)
        return 1

    def reset_gflag(self, msg: SipMsg, flag: int) -> int:
        """Reset a flag."""
        self._change(1 << flag, False)
        return 1

    def is_gflag(self, msg: SipMsg, flag: int) -> int:
        """Is a flag set?"""
        return 1 if self._gflags() & 1 << flag else -1

    def _gflags(self) -> int:
        value = self._shared.get(GFLAGS)
        return value & 0xFFFFFFFF if isinstance(value, int) else 0

    def _change(self, mask: int, on: bool) -> None:
        with locked(self._guard):
            flags = self._gflags()
            self._shared.set(GFLAGS, wrap(flags | mask if on else flags & ~mask))

    # locks

    def lock(self, msg: SipMsg, key: bytes) -> int:
        """Wait for the lock of a key; who has it already waits for ever."""
        if self._locks is None:
            return _no_locks(key)
        send.flush()
        if lock_set_get(self._locks, self._slot(self._locks, key)):
            LM_WARN("cfgutils: the process that had the lock of %r died", key)
        return 1

    def unlock(self, msg: SipMsg, key: bytes) -> int:
        """Give the lock of a key back, whoever has it."""
        if self._locks is None:
            return _no_locks(key)
        lock_set_release(self._locks, self._slot(self._locks, key))
        return 1

    def trylock(self, msg: SipMsg, key: bytes) -> int:
        """Take the lock of a key where nobody has it."""
        if self._locks is None:
            return _no_locks(key)
        return 1 if lock_set_try(self._locks, self._slot(self._locks, key)) >= 0 else -1

    def _slot(self, locks: gen_lock_set_t, key: bytes) -> int:
        return core_case_hash(key, locks.size)

    # hashes and routes

    def core_hash(self, msg: SipMsg, string1: bytes, string2: bytes, size: Value) -> int:
        """The hash of two texts in 2^size slots, counted from 1."""
        if not isinstance(size, int):
            LM_ERR("core_hash: the size is no number")
            return -1
        slots = wrap(1 << (size & 31)) if size > 0 else 2
        return wrap(core_hash(string1, string2 or None, slots & 0xFFFFFFFF) + 1)

    def check_route_exists(self, msg: SipMsg, route: bytes) -> int:
        """Is there a ``route[name]``?"""
        return 1 if self.server.route_index("route", route.partition(b"\0")[0]) else -1

    def route_if_exists(self, msg: SipMsg, route: bytes) -> int:
        """Run ``route[name]`` where there is one; 0 where it ended the script."""
        index = self.server.route_index("route", route.partition(b"\0")[0])
        if not index:
            return -1
        code = self.server.run_route("route", index, msg, msg.route_type)
        return 0 if stopped(code) else code

    # RPC

    def rpc_is_gflag(self, ctx: RpcContext) -> None:
        """``cfgutils.is_gflag MASK``"""
        mask = _number(ctx) & 0xFFFFFFFF
        ctx.add("TRUE" if self._gflags() & mask == mask else "FALSE")

    def rpc_set_gflag(self, ctx: RpcContext) -> None:
        """``cfgutils.set_gflag MASK``"""
        self._change(_number(ctx) & 0xFFFFFFFF, True)

    def rpc_reset_gflag(self, ctx: RpcContext) -> None:
        """``cfgutils.reset_gflag MASK``"""
        self._change(_number(ctx) & 0xFFFFFFFF, False)

    def rpc_get_gflags(self, ctx: RpcContext) -> None:
        """``cfgutils.get_gflags``"""
        flags = self._gflags()
        ctx.add(f"0x{flags:X} ({flags})")

    def rpc_rand_set_prob(self, ctx: RpcContext) -> None:
        """``cfgutils.rand_set_prob PERCENT``"""
        percent = _number(ctx)
        if not 0 <= percent <= 100:
            LM_ERR("cfgutils: %d is no probability", percent)
            ctx.fault(500, "Invalid Percent")
        self._shared.set(PROBABILITY, percent)

    def rpc_rand_reset_prob(self, ctx: RpcContext) -> None:
        """``cfgutils.rand_reset_prob``"""
        self._shared.set(PROBABILITY, self.initial_probability)

    def rpc_rand_get_prob(self, ctx: RpcContext) -> None:
        """``cfgutils.rand_get_prob``"""
        ctx.add(f"actual probability: {self._probability() & 0xFFFFFFFF} percent")

    def rpc_get_config_hash(self, ctx: RpcContext) -> None:
        """``cfgutils.get_config_hash``"""
        ctx.add(self._hash)

    def rpc_check_config_hash(self, ctx: RpcContext) -> None:
        """``cfgutils.check_config_hash``"""
        if not self.hash_file:
            ctx.fault(500, "No hash file")
        found = _md5_of(self.hash_file)
        if found is None:
            ctx.fault(500, "Failed to hash the file")
        ctx.add("Identical hash" if found == self._hash else "Different hash")


def _number(ctx: RpcContext) -> int:
    """The argument of a command; faults where there is none or it is no number."""
    found = ctx.scan("d")
    if not found:
        ctx.fault(500, "Invalid Parameters")
    return number_of(found[0])


def _wait(seconds: float) -> int:
    send.flush()  # what is ready to go does not wait too
    time.sleep(seconds)
    return 1


def _no_locks(key: bytes) -> int:
    LM_ERR("cfgutils: the lock of %r needs the parameter lock_set_size", key)
    return -1


def _md5_of(path: bytes) -> str | None:
    """The MD5 of a file in hexadecimal; None where it cannot be read."""
    try:
        with open(path, "rb") as file:
            return md5(file.read(), usedforsecurity=False).hexdigest()
    except (OSError, ValueError) as error:
        LM_ERR("cfgutils: %s", error)
        return None


def _resident() -> int:
    """Resident kilobytes of this process."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


def _shared_memory() -> str:
    status = shm.status()
    return ", ".join(f"{name} {getattr(status, name)}" for name in status._fields)
