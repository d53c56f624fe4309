"""The sl module: stateless replies (``sl.c``). The work is done in ``runtime.native.sl``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from runtime.declare.exports import Routes
from runtime.modules.sl.exports import EXPORTS
from runtime.native import sl, tm_pv, tm_script
from runtime.native.sipmsg import invalidate, parse
from runtime.script.values import int_or, str_or
from runtime.server.module import Module as BaseModule
from runtime.sip.tags import tag_base

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg
    from runtime.script.values import Value
    from runtime.server.rpc import RpcContext
    from runtime.server.server import Server

NO_CONNECT, CLOSE = 1, 2
"""Bits of send_reply_mode."""

SENT: Final = tuple(
    name for name in sl.STAT_NAMES if name not in ("1xx", "failures", "received_ACKs")
)


def _stat(name: str) -> Callable[[Module], int]:
    """A statistic that is one counter."""

    def read(self: Module) -> int:
        return sl.counts()[name]

    return read


class Module(BaseModule):
    """Stateless replies of one server."""

    EXPORTS = EXPORTS

    default_code: int
    default_reason: bytes
    bind_tm: int
    rich_redirect: int

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._stateful = False

    def mod_init(self) -> None:
        """Hook into requests: the ACK of a reply of ours ends here."""
        sl.init(tag_base(b"KAMAILIO-stateless"), self.rich_redirect)
        self._stateful = self.bind_tm != 0 and self.server.find_module("tm") is not None

    def child_init(self, rank: int) -> None:
        """Event routes, where the configuration has them."""
        filtered = self.server.event_route("sl:filtered-ack")
        sent = self.server.event_route("sl:local-response")
        run = self.server.run_route

        def on_ack(msg: SipMsg) -> None:
            run("event", filtered, msg, Routes.REQUEST.value)

        def on_sent(reply: bytes) -> None:
            msg = parse(reply, proto=0)
            if msg is not None:
                try:
                    run("event", sent, msg, Routes.LOCAL.value)
                finally:
                    invalidate(msg)

        sl.set_hooks(on_ack if filtered else None, on_sent if sent else None)

    # -- script

    def sl_send_reply(self, msg: SipMsg, code: Value, reason: Value) -> int:
        """Answer without a transaction."""
        return sl.send_reply(msg, int_or(code, self.default_code), self._phrase(reason))

    def sl_reply(self, msg: SipMsg, code: Value, reason: Value) -> int:
        """The older name of ``sl_send_reply``."""
        return self.sl_send_reply(msg, code, reason)

    def send_reply(self, msg: SipMsg, code: Value, reason: Value) -> int:
        """Answer in the transaction where there is one, else without."""
        if self._stateful and tm_script.has_transaction():
            done = tm_script.reply(msg, int_or(code, self.default_code), self._phrase(reason))
            return -1 if done < 0 else 1
        if msg.is_reply:
            return -1
        return self.sl_send_reply(msg, code, reason)

    def send_reply_mode(self, msg: SipMsg, code: Value, reason: Value, mode: Value) -> int:
        """``send_reply``; bit 1 of mode: on the connection that is there, 2: close it after."""
        bits = int_or(mode, 0)
        if bits & NO_CONNECT:
            msg.set_reply_no_connect()
        elif bits & CLOSE:
            msg.set_reply_close()
        return self.send_reply(msg, code, reason)

    def _phrase(self, reason: Value) -> bytes:
        """A phrase ends where a C string does."""
        return str_or(reason, self.default_reason).partition(b"\0")[0]

    def sl_reply_error(self, msg: SipMsg) -> int:
        """Answer with what the last internal error means."""
        return sl.reply_error(msg)

    def sl_forward_reply(
        self, msg: SipMsg, code: bytes | None = None, reason: bytes | None = None
    ) -> int:
        """Forward a reply without its transaction, with another code of its class or phrase."""
        return sl.forward(msg, code or b"", reason or b"")

    # -- pseudo-variables, statistics, RPC

    def pv_ltt(self, msg: SipMsg, name: bytes) -> bytes | None:
        """``$ltt(s|t|x)``: the local To-tag that sl, tm, or a reply now would use."""
        stateful = self._stateful and tm_script.has_transaction()
        if name[:1] == b"t":
            return tm_pv.local_totag(msg) if stateful else None
        if name[:1] == b"s" or not stateful:
            return sl.local_totag(msg)
        return tm_pv.local_totag(msg)

    stat_1xx_replies = _stat("1xx")
    stat_200_replies = _stat("200")
    stat_202_replies = _stat("202")
    stat_2xx_replies = _stat("2xx")
    stat_300_replies = _stat("300")
    stat_301_replies = _stat("301")
    stat_302_replies = _stat("302")
    stat_3xx_replies = _stat("3xx")
    stat_400_replies = _stat("400")
    stat_401_replies = _stat("401")
    stat_403_replies = _stat("403")
    stat_404_replies = _stat("404")
    stat_407_replies = _stat("407")
    stat_408_replies = _stat("408")
    stat_483_replies = _stat("483")
    stat_4xx_replies = _stat("4xx")
    stat_500_replies = _stat("500")
    stat_5xx_replies = _stat("5xx")
    stat_6xx_replies = _stat("6xx")
    stat_xxx_replies = _stat("xxx")
    stat_failures = _stat("failures")
    stat_received_ACKs = _stat("received_ACKs")

    def stat_sent_replies(self) -> int:
        """All replies sent."""
        now = sl.counts()
        return sum(now[name] for name in SENT)

    def stat_sent_err_replies(self) -> int:
        """Replies sent for internal errors; Kamailio 5.6 never counts one."""
        return 0

    def rpc_stats(self, ctx: RpcContext) -> None:
        """``sl.stats``."""
        now = sl.counts()
        out = ctx.add_struct()
        for name in SENT:
            out.add(name, now[name])
