"""The tmx module: more functions and variables of transactions (``tmx_mod.c``, ``t_var.c``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from runtime.declare.exports import Routes
from runtime.modules.tmx.exports import EXPORTS
from runtime.native import tm_admin, tm_pretran, tm_pv, tm_script, tm_suspend
from runtime.script.values import Dual, show, to_str, unsigned
from runtime.server.log import LM_ERR
from runtime.server.module import Module as BaseModule

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg
    from runtime.script.pv import PvRef
    from runtime.script.values import Value

WHICH: Final = {b"all": 0, b"others": 1, b"this": 2}
FAILURE_KINDS: Final = Routes.FAILURE.value | Routes.BRANCH_FAILURE.value
REPLY_KINDS: Final = Routes.TM_ONREPLY.value | Routes.CORE_ONREPLY.value


def _stat(name: str) -> Callable[[Module], int]:
    """A statistic that is one of tm's counters."""

    def read(self: Module) -> int:
        return tm_admin.stat_values()[name]

    return read


class Module(BaseModule):
    """Functions and variables of transactions."""

    EXPORTS = EXPORTS

    def mod_init(self) -> None:
        """Make the notes on requests in work."""
        tm_pretran.init()

    # -- functions

    def t_precheck_trans(self, msg: SipMsg) -> int:
        """Does another process work on this request at this moment?"""
        return tm_pretran.precheck(msg)

    def t_cancel_branches(self, msg: SipMsg, which: bytes) -> int:
        """Cancel all, the other, or this branch, in an onreply_route."""
        return tm_script.t_cancel_branches(msg, WHICH[which.lower()])

    def t_cancel_callid(
        self, msg: SipMsg, callid: bytes, cseq: bytes, flag: int, rcode: int | None = None
    ) -> int:
        """Cancel the INVITE transaction of a Call-ID and CSeq number."""
        return 1 if tm_script.cancel_callid(callid, cseq, flag, rcode or 0) >= 0 else -1

    def t_reply_callid(
        self, msg: SipMsg, callid: bytes, cseq: bytes, code: int, reason: bytes
    ) -> int:
        """Answer the INVITE transaction of a Call-ID and CSeq number."""
        return 1 if tm_script.reply_callid(callid, cseq, code, reason) > 0 else -1

    def t_flush_flags(self, msg: SipMsg) -> int:
        """Copy the message's flags to the transaction."""
        return tm_script.t_flush_flags(msg, False)

    def t_flush_xflags(self, msg: SipMsg) -> int:
        """Copy the message's extended flags to the transaction."""
        return tm_script.t_flush_flags(msg, True)

    def t_is_failure_route(self, msg: SipMsg) -> int:
        """Is this a failure_route?"""
        return 1 if msg.route_type == Routes.FAILURE.value else -1

    def t_is_branch_route(self, msg: SipMsg) -> int:
        """Is this a branch_route?"""
        return 1 if msg.route_type == Routes.BRANCH.value else -1

    def t_is_reply_route(self, msg: SipMsg) -> int:
        """Is this an onreply_route?"""
        return 1 if msg.route_type & REPLY_KINDS else -1

    def t_is_request_route(self, msg: SipMsg) -> int:
        """Is this the request_route?"""
        return 1 if msg.route_type == Routes.REQUEST.value else -1

    def t_suspend(self, msg: SipMsg) -> int:
        """Let the request wait until ``t_continue``."""
        return tm_suspend.t_suspend(msg)

    def t_continue(self, msg: SipMsg, tindex: int, tlabel: int, rtname: bytes) -> int:
        """Go on with a waiting request in a route."""
        route = self.server.route_index("route", rtname)
        if route == 0:
            LM_ERR("t_continue: no route[%s]", rtname.decode("utf-8", "replace"))
            return -1
        return tm_suspend.t_continue(tindex & 0xFFFFFFFF, tlabel & 0xFFFFFFFF, route)

    def t_reuse_branch(self, msg: SipMsg) -> int:
        """Make the branch that failed the destination again, in a branch-failure route."""
        return tm_script.t_reuse_branch(msg)

    def t_drop(self, msg: SipMsg, rcode: int | None = None) -> int:
        """End the transaction without an answer."""
        return tm_script.t_drop(500 if rcode is None else rcode)

    # -- variables

    def pv_T_branch_idx(self, msg: SipMsg) -> int:
        """Index of the branch: of a reply, or of the next one to be made."""
        return tm_pv.branch_index(msg)

    def pv_T_reply_code(self, msg: SipMsg) -> int | None:
        """Status of the reply: received, sent, or picked in a failure_route."""
        return tm_pv.reply_code(msg)

    def pv_T_reply_reason(self, msg: SipMsg) -> bytes | None:
        """Phrase of that reply, empty without a transaction."""
        return tm_pv.reply_reason(msg)

    def pv_T_reply_last(self, msg: SipMsg) -> int | None:
        """Status that the branch had last."""
        return tm_pv.reply_last(msg)

    def pv_T_reply_ruid(self, msg: SipMsg) -> Value:
        """ruid of the branch that answered."""
        if not tm_pv.checked(msg):
            return None
        if not msg.route_type & (FAILURE_KINDS | Routes.TM_ONREPLY.value):
            return b""
        value = tm_pv.branch_value(msg, "ruid")
        return b"" if value is None else value

    def pv_T_req(self, msg: SipMsg, inner: PvRef) -> Value:
        """A variable of the transaction's request, in a reply route."""
        if not msg.route_type & REPLY_KINDS:
            return None
        return tm_pv.with_request(msg, inner.get)

    def pv_T_rpl(self, msg: SipMsg, inner: PvRef) -> Value:
        """A variable of the picked reply, in a failure_route."""
        if not msg.route_type & FAILURE_KINDS:
            return None
        return tm_pv.with_reply(msg, inner.get)

    def pv_T_inv(self, msg: SipMsg, inner: PvRef) -> Value:
        """A variable of the INVITE that this CANCEL means."""
        if msg.route_type != Routes.REQUEST.value:
            return None
        return tm_pv.with_invite(msg, inner.get)

    def pv_T(self, msg: SipMsg, name: bytes) -> Value:
        """``$T(name)``: identity and reply of the transaction."""
        if name == b"reply_code":
            return tm_pv.reply_code(msg)
        if name == b"branch_index":
            return tm_pv.branch_index(msg)
        if name == b"reply_reason":
            return self.pv_T_reply_reason(msg)
        if name in (b"id_index_n", b"id_label_n") and tm_pv.ident() is None:
            tm_script.t_newtran(msg)
        ident = tm_pv.ident()
        if ident is None:
            return None
        if name in (b"id_index", b"id_index_n"):
            return unsigned(ident[0])
        if name in (b"id_label", b"id_label_n"):
            return unsigned(ident[1])
        if name == b"reply_type":
            return int(tm_pv.reply_is_faked(msg))
        return unsigned(ident[1])

    def show_T(self, msg: SipMsg, name: bytes) -> bytes:
        """What it prints in a string: nothing where there is no reply."""
        value = self.pv_T(msg, name)
        return to_str(value) if name in (b"reply_code", b"reply_reason") else show(value)

    def pv_T_branch(self, msg: SipMsg, name: bytes) -> Value:
        """``$T_branch(flags|uri|ruid)`` of the branch that answered."""
        if tm_pv.ident() is None:
            return None
        if name == b"ruid":
            if msg.route_type == Routes.BRANCH.value:
                return tm_pv.branch_value(msg, "ruid") or b""
            return self.pv_T_reply_ruid(msg)
        if name == b"uri" and msg.route_type != Routes.TM_ONREPLY.value:
            return None
        if name in (b"flags", b"uri"):
            return tm_pv.branch_value(msg, name.decode())
        return Dual(b"", 0)

    # -- statistics

    stat_UAS_transactions = _stat("transactions")
    stat_UAC_transactions = _stat("client_transactions")
    stat_2xx_transactions = _stat("completed_2xx")
    stat_3xx_transactions = _stat("completed_3xx")
    stat_4xx_transactions = _stat("completed_4xx")
    stat_5xx_transactions = _stat("completed_5xx")
    stat_6xx_transactions = _stat("completed_6xx")
    stat_rpl_received = _stat("rpl_received")
    stat_rpl_generated = _stat("rpl_generated")
    stat_rpl_sent = _stat("rpl_sent")

    def stat_inuse_transactions(self) -> int:
        """Transactions in memory."""
        now = tm_admin.stat_values()
        return now["transactions"] - now["deleted"]

    def stat_active_transactions(self) -> int:
        """Transactions that are not on wait."""
        now = tm_admin.stat_values()
        return now["transactions"] - now["waiting"]

    def stat_rpl_relayed(self) -> int:
        """Replies relayed."""
        now = tm_admin.stat_values()
        return now["rpl_sent"] - now["rpl_generated"]

    def stat_rpl_absorbed(self) -> int:
        """Replies that came and went no further."""
        now = tm_admin.stat_values()
        return now["rpl_received"] - now["rpl_sent"] + now["rpl_generated"]
