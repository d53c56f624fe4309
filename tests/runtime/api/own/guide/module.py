"""The examples of the guide's chapters 10 to 16, each a method that names its section."""

from __future__ import annotations

import time
from hashlib import md5
from typing import TYPE_CHECKING

from runtime.api.locking import gen_lock_set_t, lock_set_alloc, lock_set_dealloc, lock_set_init
from runtime.api.memory import Block, shm_free, shm_malloc
from runtime.api.process import (
    PROC_INIT,
    PROC_MAIN,
    PROC_NOCHLDINIT,
    PROC_TCP_MAIN,
    PROC_TIMER,
    fork_dummy_timer,
    fork_process,
    register_dummy_timers,
    register_procs,
    register_response,
)
from runtime.api.statistics import register_module_stats, update_stat
from runtime.api.timer import get_ticks
from runtime.native import pkg, proc
from runtime.server.errors import PlaceLike, StartError
from runtime.server.log import LM_DBG, LM_ERR, LM_INFO, LM_NOTICE
from runtime.server.module import Module as BaseModule
from tests.runtime.api.own.guide.exports import EXPORTS

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg
    from runtime.server.rpc import RpcContext
    from runtime.server.server import Server


class Module(BaseModule):
    """See the names of the methods."""

    EXPORTS = EXPORTS

    initial_probability: int
    hash_file: bytes | None
    _lock_set: gen_lock_set_t | None = None
    _probability: Block | None = None

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._shv: dict[bytes, bytes | int] = {}
        self._started = 0.0

    # 16.9.4 a parameter that a function takes: name=s:text or name=i:number

    def param_shvset(self, value: bytes, place: PlaceLike | None) -> None:
        name, equals, rest = value.partition(b"=")
        kind, colon, text = rest.partition(b":")
        if not (name and equals and colon) or kind.lower() not in (b"s", b"i"):
            raise StartError(f"unable to set shv param {value!r}", place)
        try:
            self._shv[name] = int(text) if kind.lower() == b"i" else text
        except ValueError:
            raise StartError(f"{text!r} is no number", place) from None

    # 16.9.5 module init

    def mod_init(self) -> None:
        if self.hash_file is None:
            LM_INFO("no hash_file given, disable hash functionality")
        else:
            with open(self.hash_file, "rb") as file:
                LM_NOTICE("config file hash is %s", md5(file.read()).hexdigest())
        if self.initial_probability > 100:
            raise StartError(f"invalid probability <{self.initial_probability}>")
        self._probability = shm_malloc(4)
        self._lock_set = lock_set_alloc(4)
        if self._probability is None or self._lock_set is None:
            raise StartError("no shmem available")
        lock_set_init(self._lock_set)
        self._probability.write(self.initial_probability.to_bytes(4, "little"))
        (self._stored,) = register_module_stats(self.server, "guide", ["stored_messages"])
        register_procs(self.server, 1)  # 16.4
        register_dummy_timers(self.server, 1)  # 15.4
        register_response(self.response)  # 16.1

    # 16.9.6 child init

    def child_init(self, rank: int) -> None:
        LM_NOTICE("child_init of rank %d in process %d", rank, proc.own_slot())
        if rank == PROC_MAIN:
            fork_process(self.server, PROC_NOCHLDINIT, "XMPP Manager", True, self._life)
            fork_dummy_timer(self.server, PROC_TIMER, "MY MOD TIMER", True, self._tick, "param", 1)
        if rank in (PROC_INIT, PROC_MAIN, PROC_TCP_MAIN):
            return  # do nothing for the main process
        self._started = time.time()

    # 16.9.7 destroy

    def destroy(self) -> None:
        LM_NOTICE("destroy with probability %d", self.probability())
        shm_free(self._probability)
        if self._lock_set is not None:
            lock_set_dealloc(self._lock_set)

    # 16.9.8 a command function

    def m_sleep(self, msg: SipMsg, seconds: int) -> int:
        LM_DBG("sleep %d seconds", seconds)
        time.sleep(seconds)
        update_stat(self._stored, 1)
        return 1

    # 16.8 return values, fixup

    def g_uint(self, msg: SipMsg, number: int) -> int:
        return number + 1

    def g_code(self, msg: SipMsg, code: int) -> int:
        return code

    # 11.3 a pseudo-variable that is read and written

    def pv_gruri(self, msg: SipMsg) -> bytes | None:
        return None if msg.is_reply else msg.ruri

    def set_pv_gruri(self, msg: SipMsg, value: bytes | int | None) -> int:
        if not isinstance(value, bytes):
            LM_ERR("str value required to set R-URI")
            return -1
        return msg.rewrite_uri(value)

    # 16.9.9 one with an inner name

    def pv_gtime(self, msg: SipMsg, name: bytes) -> int:
        now = time.localtime()
        fields = {
            b"sec": now.tm_sec,
            b"min": now.tm_min,
            b"hour": now.tm_hour,
            b"mday": now.tm_mday,
            b"mon": now.tm_mon,
            b"year": now.tm_year,
            b"wday": now.tm_wday + 1,
            b"yday": now.tm_yday,
            b"isdst": now.tm_isdst,
        }
        return fields[name]

    # 11.2 name and index

    def pv_gvar(self, msg: SipMsg, name: bytes, index: int | None = None) -> bytes | int | None:
        value = self._shv.get(name)
        if index is None or not isinstance(value, bytes):
            return value
        return value[index : index + 1] or None

    # 12.3 a transformation

    def tr_g_len(self, value: bytes | int | None) -> int | None:
        if value is None:
            return None
        return len(value if isinstance(value, bytes) else b"%d" % value)

    # 10.1 an RPC command: filters pid, rank, index

    def rpc_pkg_stats(self, ctx: RpcContext) -> None:
        kind, wanted = b"", 0
        scanned = ctx.scan("*S")
        if scanned:
            kind = scanned[0] if isinstance(scanned[0], bytes) else b""
            if kind not in (b"pid", b"rank", b"index"):
                ctx.fault(500, "Invalid filter type")
            number = ctx.scan("d")
            if not number:
                ctx.fault(500, "One more parameter expected")
            wanted = int(number[0])
        rows = proc.table()
        if kind == b"pid" and all(row.pid != wanted for row in rows):
            ctx.fault(500, "No such pid")
        for row in rows:
            if kind and wanted != {b"pid": row.pid, b"rank": row.rank, b"index": row.slot}[kind]:
                continue
            struct = ctx.add_struct()
            struct.add("entry", row.slot)
            struct.add("pid", row.pid)
            struct.add("rank", row.rank)
            struct.add("used", pkg.status(row.slot).used)

    # 16.4, 16.9.11 an extra process; 15.4 a timer process

    def _life(self) -> None:
        LM_NOTICE("extra process runs, child_init was %s", "run" if self._started else "left out")
        while True:
            time.sleep(60)

    def _tick(self, ticks: int, param: str) -> None:
        LM_NOTICE("tick %s %s", param, "now" if abs(ticks - get_ticks()) <= 1 else "late")

    # 16.1, 16.7 a response function

    def response(self, msg: SipMsg) -> int:
        LM_NOTICE("reply %d", msg.status)
        return 0 if msg.status == 404 else 1

    # for other modules

    def probability(self) -> int:
        """Percent."""
        return (
            0 if self._probability is None else int.from_bytes(self._probability.read(), "little")
        )
