"""The tm module: stateful processing. The state machines are ``runtime.native.tm*``.

Behaviour: ``tm.c`` of Kamailio 5.6.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from runtime.declare.exports import Routes
from runtime.modules.tm.contacts import Contacts
from runtime.modules.tm.exports import EXPORTS
from runtime.modules.tm.local import LocalRequests, rpc_reply
from runtime.native import tm, tm_admin, tm_fire, tm_hooks, tm_receive, tm_script, tm_trans, tm_uac
from runtime.native.sipmsg import invalidate, parse
from runtime.native.uri import parse as parse_uri
from runtime.script.avp import AvpList, avp_name
from runtime.script.flow import DROP
from runtime.script.values import int_or, to_str
from runtime.script.xavp import XavpList
from runtime.server.errors import StartError
from runtime.server.log import LM_ERR, LM_WARN
from runtime.server.module import Module as BaseModule
from runtime.server.rpc import bytes_of
from runtime.sip.tags import tag_base

if TYPE_CHECKING:
    from runtime.modules.tm.api import TmCallback
    from runtime.native.regex import Regex
    from runtime.native.sipmsg import SipMsg
    from runtime.script.values import Value
    from runtime.server.rpc import RpcContext
    from runtime.server.server import Server

UDP, TCP, TLS, SCTP = 1, 2, 3, 4
PROTOCOLS: Final = {b"udp": UDP, b"tcp": TCP, b"tls": TLS, b"sctp": SCTP}
SIP_PORT: Final = 5060
FAILURE, BRANCH, ONREPLY, BRANCH_FAILURE = range(4)
E_SCRIPT: Final = -10

PLAIN: Final = (
    "failure_reply_mode",
    "faked_reply_prio",
    "remap_503_500",
    "failure_exec_mode",
    "reply_relay_mode",
    "rich_redirect",
)
"""Parameters that native code reads and that do not change at run time."""

DROP_MODES: Final = {b"n": 0, b"l": 2}


def pack_lists(msg: SipMsg) -> bytes:
    """AVPs, xavps and xavis of a message, for its transaction."""
    packed = b""
    for one in (msg.avps, msg.xavps, msg.xavis):
        lists: AvpList | XavpList | None = one
        blob = b"" if lists is None else lists.pack()
        packed += len(blob).to_bytes(4, "little") + blob
    return packed


def unpack_lists(msg: SipMsg, blob: bytes) -> None:
    """The lists of a transaction, into a message of it."""
    at = 0
    parts: list[bytes] = []
    for _ in range(3):
        end = at + 4 + int.from_bytes(blob[at : at + 4], "little")
        parts.append(blob[at + 4 : end])
        at = end
    msg.avps = AvpList.unpack(parts[0])
    if parts[1]:
        msg.xavps = XavpList.unpack(parts[1])
    if parts[2]:
        msg.xavis = XavpList.unpack(parts[2])


def _number(text: bytes) -> int | None:
    """Flags, decimal or ``0x…``."""
    try:
        return int(text, 16 if text[:2].lower() == b"0x" else 10)
    except ValueError:
        return None


def _fparam(msg: SipMsg, text: bytes) -> Value:
    """The text of an argument, or the AVP that ``$name`` in it means (``FPARAM_AVP``)."""
    name = text.strip()
    if name[:1] != b"$":
        return text
    avps: AvpList | None = msg.avps
    try:
        return None if avps is None else avps.get(avp_name(name[1:]))
    except ValueError:
        return None


def _target(proto: Value, hostport: Value) -> tuple[bytes, int, int] | None:
    """Host, port and protocol as AVPs have them (``t_protoaddr2proxy``)."""
    number = proto if isinstance(proto, int) else PROTOCOLS.get((proto or b"").lower(), 0)
    if not isinstance(hostport, bytes) or not hostport:
        LM_ERR("tm: the host to relay to is empty")
        return None
    host, colon, port = hostport.partition(b":")
    if not host or (colon and not (port.isdigit() and int(port) < 65536)):
        LM_ERR("tm: bad host and port %s", hostport.decode("utf-8", "replace"))
        return None
    return host, int(port) if colon else SIP_PORT, number


class Module(BaseModule):
    """Transactions of one server."""

    EXPORTS = EXPORTS

    auto_inv_100_reason: bytes
    default_reason: bytes
    contacts_avp: bytes | None
    contact_flows_avp: bytes | None

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._contacts = Contacts()
        self.local = LocalRequests()
        """Requests of our own; also for uac."""

    # -- life

    def mod_init(self) -> None:
        """Make the table, hook into the processing of messages, bind parameters and counters."""
        if self.contacts_avp and not self.contact_flows_avp:
            raise StartError("contact_flows_avp param has not been defined")
        tm.init_table(tag_base(b"SER-TM/tags"))
        tm_admin.bind_stats()
        for index, name in enumerate(tm_admin.CFG_NAMES):
            variable = self.server.cfg.find("tm", name)
            if variable is not None:
                tm_admin.bind_cfg(index, variable.handle)
            elif name in PLAIN:
                tm_admin.set_cfg(index, getattr(self, name))
        tm_trans.register()
        tm_receive.register()
        tm_fire.start_sweeper()
        self.server.on_death(tm_admin.process_died)
        self._contacts.configure(self.contacts_avp)
        self.local.mod_init()

    def child_init(self, rank: int) -> None:
        """Let native code run routes in this process."""
        tm_hooks.set_hooks(self.server.run_route, pack_lists, unpack_lists, DROP)
        tm_trans.set_trying(self.auto_inv_100_reason)
        event = self.server.event_route("tm:local-response")
        run = self.server.run_route

        def on_local_response(reply: bytes) -> None:
            msg = parse(reply, proto=0)
            if msg is not None:
                try:
                    run("event", event, msg, Routes.LOCAL.value)
                finally:
                    invalidate(msg)

        tm_hooks.set_local_response(on_local_response if event else None)
        outgoing = self.server.event_route("tm:local-request")

        def on_local_request(msg: SipMsg) -> int:
            return run("event", outgoing, msg, Routes.LOCAL.value)

        tm_uac.set_local_request(on_local_request if outgoing else None)

    # -- for other modules (api.py)

    def register_tmcb(self, types: int, fn: TmCallback) -> int:
        """See ``api.TmApi``."""
        return tm_hooks.register_callback(types, fn)

    def has_transaction(self) -> bool:
        """See ``api.TmApi``."""
        return tm_script.has_transaction()

    def reply(self, msg: SipMsg, code: int, reason: bytes) -> int:
        """See ``api.TmApi``."""
        return tm_script.reply(msg, code, reason)

    def newtran(self, msg: SipMsg) -> int:
        """See ``api.TmApi``."""
        return tm_script.t_newtran(msg)

    def relay(self, msg: SipMsg) -> int:
        """See ``api.TmApi``."""
        return tm_script.t_relay(msg, None, 0, 0)

    # -- creating and relaying

    def t_newtran(self, msg: SipMsg) -> int:
        """Make a transaction: 1, 0 for a retransmission (ends the script), below 0 an error."""
        code = tm_script.t_newtran(msg)
        if code == E_SCRIPT:
            LM_WARN("transaction already in process")
        return code

    def t_relay(self, msg: SipMsg) -> int:
        """Relay to the destination set."""
        return tm_script.t_relay(msg, None, 0, 0)

    def t_relay_2(self, msg: SipMsg, host: bytes, port: int) -> int:
        """Relay to a host."""
        return tm_script.t_relay(msg, host, port, 0)

    def t_relay_to_udp(self, msg: SipMsg, ip: bytes, port: int) -> int:
        """Relay to a host over UDP."""
        return tm_script.t_relay(msg, ip, port, UDP)

    def t_relay_to_udp_0(self, msg: SipMsg) -> int:
        """Relay to the destination set over UDP."""
        return tm_script.t_relay(msg, None, 0, UDP)

    def t_relay_to_tcp(self, msg: SipMsg, ip: bytes, port: int) -> int:
        """Relay to a host over TCP."""
        return tm_script.t_relay(msg, ip, port, TCP)

    def t_relay_to_tcp_0(self, msg: SipMsg) -> int:
        """Relay to the destination set over TCP."""
        return tm_script.t_relay(msg, None, 0, TCP)

    def t_relay_to_tls(self, msg: SipMsg, ip: bytes, port: int) -> int:
        """Relay to a host over TLS."""
        return tm_script.t_relay(msg, ip, port, TLS)

    def t_relay_to_tls_0(self, msg: SipMsg) -> int:
        """Relay to the destination set over TLS."""
        return tm_script.t_relay(msg, None, 0, TLS)

    def t_relay_to_avp(self, msg: SipMsg, proto: bytes, hostport: bytes) -> int:
        """Relay to a host that AVPs name."""
        found = _target(_fparam(msg, proto), _fparam(msg, hostport))
        return -1 if found is None else tm_script.t_relay(msg, *found)

    def t_relay_to(
        self, msg: SipMsg, proxy: bytes | None = None, flags: bytes | None = None
    ) -> int:
        """Relay to ``[proto:]host[:port]``; flags 1: no 100, 2: no own answer, 4: no failover."""
        if flags is None and proxy is not None and _number(proxy) is not None:
            proxy = None  # flags alone change nothing
        bits = _number(flags or b"0") or 0
        if bits & 1:
            self.t_set_auto_inv_100(msg, 0)
        if bits & 2:
            self.t_set_disable_internal_reply(msg, 1)
        if bits & 4:
            self.t_set_disable_failover(msg, 1)
        if not proxy:
            return tm_script.t_relay(msg, None, 0, 0)
        proto, colon, rest = proxy.partition(b":")
        number = PROTOCOLS.get(proto.lower(), 0) if colon else 0
        host, _, port = (rest if number else proxy).partition(b":")
        return tm_script.t_relay(msg, host, int(port) if port.isdigit() else 0, number)

    def t_replicate(self, msg: SipMsg, host: bytes | None = None) -> int:
        """Send a copy to a URI, or to the destination set: the answers do not go back."""
        if not host:
            return tm_script.t_relay(msg, None, 0, 0, True)
        found = parse_uri(host)
        if found is None:
            LM_ERR("t_replicate: bad URI %s", host.decode("utf-8", "replace"))
            return -1
        name, port, proto = found["host"], found["port_no"], found["proto"]
        return tm_script.t_relay(msg, to_str(name), int_or(port, 0), int_or(proto, 0), True)

    def t_replicate_2(self, msg: SipMsg, host: bytes, port: int) -> int:
        """Send a copy to a host."""
        return tm_script.t_relay(msg, host, port, 0, True)

    def t_replicate_udp(self, msg: SipMsg, host: bytes, port: int) -> int:
        """Send a copy to a host over UDP."""
        return tm_script.t_relay(msg, host, port, UDP, True)

    def t_replicate_tcp(self, msg: SipMsg, host: bytes, port: int) -> int:
        """Send a copy to a host over TCP."""
        return tm_script.t_relay(msg, host, port, TCP, True)

    def t_replicate_tls(self, msg: SipMsg, host: bytes, port: int) -> int:
        """Send a copy to a host over TLS."""
        return tm_script.t_relay(msg, host, port, TLS, True)

    def t_replicate_to(self, msg: SipMsg, proto: bytes, hostport: bytes) -> int:
        """Send a copy to a host that AVPs name."""
        found = _target(_fparam(msg, proto), _fparam(msg, hostport))
        return -1 if found is None else tm_script.t_relay(msg, *found, True)

    def t_use_uac_headers(self, msg: SipMsg) -> int:
        """From and To of what tm makes itself are those of the request that was sent."""
        return tm_script.t_use_uac_headers(msg)

    def t_forward_nonack_tls(self, msg: SipMsg, ip: bytes, port: int) -> int:
        """Relay to a host over TLS in the transaction that there is."""
        return tm_script.t_forward(msg, ip, port, TLS)

    def t_forward_nonack_to(self, msg: SipMsg, proto: bytes, hostport: bytes) -> int:
        """Relay to a host that AVPs name, in the transaction that there is."""
        found = _target(_fparam(msg, proto), _fparam(msg, hostport))
        return -1 if found is None else tm_script.t_forward(msg, *found)

    def t_clean(self, msg: SipMsg) -> int:
        """Finish what is far past its life time now."""
        tm_fire.sweep()
        return 1

    def t_forward_nonack(self, msg: SipMsg, ip: bytes, port: int) -> int:
        """Relay to a host in the transaction that there is."""
        return tm_script.t_forward(msg, ip, port, 0)

    def t_forward_nonack_uri(self, msg: SipMsg) -> int:
        """Relay to the destination set in the transaction that there is."""
        return tm_script.t_forward(msg, None, 0, 0)

    def t_forward_nonack_udp(self, msg: SipMsg, ip: bytes, port: int) -> int:
        """Relay to a host over UDP in the transaction that there is."""
        return tm_script.t_forward(msg, ip, port, UDP)

    def t_forward_nonack_tcp(self, msg: SipMsg, ip: bytes, port: int) -> int:
        """Relay to a host over TCP in the transaction that there is."""
        return tm_script.t_forward(msg, ip, port, TCP)

    def t_relay_cancel(self, msg: SipMsg) -> int:
        """Relay a CANCEL whose INVITE is known: 0 done, 1 unknown."""
        return tm_script.t_relay_cancel(msg)

    # -- replying

    def t_reply(self, msg: SipMsg, code: Value, reason_phrase: Value) -> int:
        """Answer in the transaction."""
        cfg = self.server.cfg
        number = code if isinstance(code, int) else int_or(cfg.get("tm", "default_code"), 500)
        if reason_phrase is None:
            reason_phrase = cfg.get("tm", "default_reason")
        return tm_script.reply(msg, number, to_str(reason_phrase))

    def t_send_reply(self, msg: SipMsg, code: Value, reason: Value) -> int:
        """Make a transaction where there is none, and answer in it."""
        tm_script.t_newtran(msg)
        return self.t_reply(msg, code, reason)

    def t_retransmit_reply(self, msg: SipMsg) -> int:
        """Send the last reply again."""
        return tm_script.t_retransmit(msg)

    def t_release(self, msg: SipMsg) -> int:
        """Let the transaction end."""
        return tm_script.t_release(msg)

    def t_uac_send(
        self,
        msg: SipMsg,
        method: bytes,
        ruri: bytes,
        nexthop: bytes,
        socket: bytes,
        headers: bytes,
        body: bytes,
    ) -> int:
        """Send a request of our own."""
        return self.local.t_uac_send([method, ruri, nexthop, socket, headers, body])

    # -- looking for transactions

    def t_check_trans(self, msg: SipMsg) -> int:
        """Does the message belong to a transaction? A retransmission ends the script (0)."""
        return tm_script.t_check_trans(msg)

    def t_lookup_request(self, msg: SipMsg) -> int:
        """Is there a transaction of this request?"""
        return tm_script.t_lookup_request(msg)

    def t_lookup_cancel(self, msg: SipMsg, arg1: int | None = None) -> int:
        """Is there an INVITE transaction that this CANCEL means?"""
        return tm_script.t_lookup_cancel(msg, bool(arg1))

    # -- routes to come

    def t_on_failure(self, msg: SipMsg, failure_route: int) -> int:
        """Set the failure_route."""
        return tm_script.t_on(FAILURE, failure_route)

    def t_on_branch(self, msg: SipMsg, branch_route: int) -> int:
        """Set the branch_route."""
        return tm_script.t_on(BRANCH, branch_route)

    def t_on_reply(self, msg: SipMsg, onreply_route: int) -> int:
        """Set the onreply_route."""
        return tm_script.t_on(ONREPLY, onreply_route)

    def t_on_branch_failure(self, msg: SipMsg, branch_failure_route: int) -> int:
        """Set the event_route[tm:branch-failure:NAME]."""
        return tm_script.t_on(BRANCH_FAILURE, branch_failure_route)

    def t_is_set(self, msg: SipMsg, target: bytes) -> int:
        """Is a route of this kind set?"""
        return tm_script.t_is_set({b"f": FAILURE, b"b": BRANCH}.get(target[:1], ONREPLY))

    # -- timers and flags

    def t_set_fr(self, msg: SipMsg, fr_inv_timeout: int, fr_timeout: int | None = None) -> int:
        """Set the final response timeouts, ms; 0 leaves one as it is."""
        return tm_script.t_set_fr(max(fr_inv_timeout, 0), max(fr_timeout or 0, 0))

    def t_reset_fr(self, msg: SipMsg) -> int:
        """Back to the configured timeouts."""
        return tm_script.t_reset_fr()

    def t_set_retr(self, msg: SipMsg, retr_t1_interval: int, retr_t2_interval: int) -> int:
        """Set the retransmission intervals, ms."""
        if not (0 <= retr_t1_interval <= 65535 and 0 <= retr_t2_interval <= 65535):
            LM_ERR("t_set_retr: intervals are 0..65535 ms")
            return -1
        return tm_script.t_set_retr(retr_t1_interval, retr_t2_interval)

    def t_reset_retr(self, msg: SipMsg) -> int:
        """Back to the configured intervals."""
        return tm_script.t_reset_retr()

    def t_set_max_lifetime(self, msg: SipMsg, inv_lifetime: int, noninv_lifetime: int) -> int:
        """Set how long the transaction may live, ms."""
        return tm_script.t_set_max_lifetime(max(inv_lifetime, 0), max(noninv_lifetime, 0))

    def t_reset_max_lifetime(self, msg: SipMsg) -> int:
        """Back to the configured life time."""
        return tm_script.t_reset_max_lifetime()

    def t_set_auto_inv_100(self, msg: SipMsg, arg1: int) -> int:
        """Answer 100 by itself or not."""
        return tm_script.t_set_flag(tm_script.FLAGS["auto_inv_100"], bool(arg1))

    def t_set_disable_6xx(self, msg: SipMsg, arg1: int) -> int:
        """Treat 6xx as any other negative reply."""
        return tm_script.t_set_flag(tm_script.FLAGS["disable_6xx"], bool(arg1))

    def t_set_disable_failover(self, msg: SipMsg, arg1: int) -> int:
        """No DNS failover for this transaction."""
        return tm_script.t_set_flag(tm_script.FLAGS["disable_failover"], bool(arg1))

    def t_set_no_e2e_cancel_reason(self, msg: SipMsg, arg1: int) -> int:
        """Do not pass on the Reason of a CANCEL."""
        return tm_script.t_set_flag(tm_script.FLAGS["no_e2e_cancel_reason"], bool(arg1))

    def t_disable_e2e_cancel_reason(self, msg: SipMsg, arg1: int) -> int:
        """The older name of ``t_set_no_e2e_cancel_reason``."""
        return self.t_set_no_e2e_cancel_reason(msg, arg1)

    def t_set_disable_internal_reply(self, msg: SipMsg, arg1: int) -> int:
        """Do not answer by itself where relaying fails."""
        return tm_script.t_set_flag(tm_script.FLAGS["disable_internal_reply"], bool(arg1))

    # -- questions

    def t_check_status(self, msg: SipMsg, re: Regex) -> int:
        """Does the status match: of the last reply sent, received, or picked?"""
        status = tm_script.t_status(msg)
        if status < 0:
            LM_ERR("cannot check status for a reply which has no T-state established")
            return -1
        return 1 if re.match(b"%d" % status) else -1

    def t_get_status_code(self, msg: SipMsg) -> int:
        """The status that ``t_check_status`` looks at, -1 without one."""
        status = tm_script.t_status(msg)
        return status if status > 0 else -1

    def t_branch_timeout(self, msg: SipMsg) -> int:
        """Did the picked branch time out?"""
        return tm_script.t_branch(msg, False)

    def t_branch_replied(self, msg: SipMsg) -> int:
        """Did the picked branch answer anything?"""
        return tm_script.t_branch(msg, True)

    def t_any_timeout(self, msg: SipMsg) -> int:
        """Did any branch time out?"""
        return tm_script.t_any(msg, False)

    def t_any_replied(self, msg: SipMsg) -> int:
        """Did any branch answer?"""
        return tm_script.t_any(msg, True)

    def t_is_canceled(self, msg: SipMsg) -> int:
        """Was the transaction cancelled?"""
        return tm_script.t_is_canceled(msg)

    def t_is_expired(self, msg: SipMsg) -> int:
        """Is the transaction past its life time?"""
        return tm_script.t_is_expired(msg)

    def t_is_retr_async_reply(self, msg: SipMsg) -> int:
        """Is this reply a retransmission while the transaction is suspended?"""
        return -1

    def t_grep_status(self, msg: SipMsg, code: int) -> int:
        """Did any branch answer with this code?"""
        return tm_script.t_grep_status(msg, code)

    def t_drop_replies(self, msg: SipMsg, mode: bytes | None = None) -> int:
        """Forget the replies so far: ``n`` none, ``l`` of the last set of branches, else all."""
        return tm_script.t_drop_replies(1 if mode is None else DROP_MODES.get(mode, 1))

    def t_save_lumps(self, msg: SipMsg) -> int:
        """Keep the edits queued so far for the failure_route."""
        if msg.route_type != Routes.REQUEST.value:
            return -1
        return tm_script.t_save_lumps(msg)

    # -- serial forking by q

    def t_load_contacts(self, msg: SipMsg, mode: int | None = None) -> int:
        """Keep the destination set, best q first, for ``t_next_contacts``."""
        return self._contacts.load(msg, mode or 0)

    def t_next_contacts(self, msg: SipMsg) -> int:
        """Make the contacts of the highest q that are left the destination set."""
        return self._contacts.next(msg)

    # -- RPC

    def rpc_stats(self, ctx: RpcContext) -> None:
        """``tm.stats``."""
        now = tm_admin.stat_values()
        out = ctx.add_struct()
        out.add("current", now["transactions"] - now["deleted"])
        out.add("waiting", now["waiting"] - now["deleted"])
        out.add("total", now["transactions"])
        out.add("total_local", now["client_transactions"])
        for name in ("rpl_received", "rpl_generated", "rpl_sent"):
            out.add(name, now[name])
        for group in ("6xx", "5xx", "4xx", "3xx", "2xx"):
            out.add(group, now[f"completed_{group}"])
        out.add("created", now["transactions"])
        out.add("freed", now["deleted"])
        out.add("delayed_free", 0)

    def rpc_hash_stats(self, ctx: RpcContext) -> None:
        """``tm.hash_stats``: Debian's Kamailio is built without them, and says so."""
        ctx.fault(500, "Hash statistics not supported (tryrecompiling with -DTM_HASH_STATS)")

    def rpc_list(self, ctx: RpcContext) -> None:
        """``tm.list``: every transaction."""
        for cell in tm_admin.cells():
            out = ctx.add_struct()
            for name, value in cell.items():
                out.add(name, value)

    def rpc_clean(self, ctx: RpcContext) -> None:
        """``tm.clean``: finish what is far past its life time now."""
        tm_fire.sweep()

    def rpc_t_uac_start(self, ctx: RpcContext) -> None:
        """``tm.t_uac_start``: send a request of our own."""
        self.local.rpc(ctx, False)

    def rpc_t_uac_wait(self, ctx: RpcContext) -> None:
        """``tm.t_uac_wait``: send a request of our own, and wait for its answer."""
        self.local.rpc(ctx, True)

    def rpc_t_uac_wait_block(self, ctx: RpcContext) -> None:
        """``tm.t_uac_wait_block``: the same."""
        self.local.rpc(ctx, True)

    def rpc_cancel(self, ctx: RpcContext) -> None:
        """``tm.cancel``: cancel an INVITE transaction by Call-ID and CSeq number."""
        found = ctx.scan("SS")
        if found.number < 2:
            ctx.fault(400, "Callid and CSeq expected as parameters")
        waiting = tm_script.cancel_callid(bytes_of(found[0]), bytes_of(found[1]), 0, 0)
        if waiting < 0:
            ctx.fault(400, "Transaction not found")
        ctx.add(waiting, "branches remaining (waiting for timeout)")

    def rpc_reply(self, ctx: RpcContext) -> None:
        """``tm.reply``: code, reason, index:label, To-tag, headers, body."""
        rpc_reply(ctx, callid=False)

    def rpc_reply_callid(self, ctx: RpcContext) -> None:
        """``tm.reply_callid``: code, reason, Call-ID, CSeq, To-tag, headers, body."""
        rpc_reply(ctx, callid=True)
