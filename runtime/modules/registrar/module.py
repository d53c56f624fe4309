"""The registrar module: ``save`` and ``lookup``. The work is done in ``runtime.native.registrar``.

Behaviour: ``registrar`` of Kamailio 5.6.3.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, cast

from runtime.declare.exports import Routes
from runtime.modules.registrar import overrides
from runtime.modules.registrar.errors import (
    ERRORS,
    R_FINE,
    R_TOO_MANY,
    R_UL_DEL_C,
    R_UL_INS_C,
    R_UL_UPD_C,
    REASONS,
)
from runtime.modules.registrar.exports import EXPORTS
from runtime.modules.registrar.profiles import EXPIRED, Profile, Profiles
from runtime.modules.usrloc.api import DB_ONLY, Changes, UsrlocApi
from runtime.native import location_sync, stats
from runtime.native.location import Contact, Domain
from runtime.native.registrar import Registrar
from runtime.native.registrar_aor import aor_of
from runtime.native.registrar_lookup import Lookup
from runtime.native.registrar_reply import Answer
from runtime.script.pv import PvRef, compile_spec
from runtime.script.values import Value, to_int
from runtime.server.errors import StartError
from runtime.server.log import LM_ERR, LM_INFO, LM_WARN
from runtime.server.module import Module as BaseModule

if TYPE_CHECKING:
    from runtime.modules.sl.module import Module as Sl
    from runtime.native.sipmsg import SipMsg
    from runtime.server.server import Server

SAVE_NO_REPLY, SAVE_PREPARE_REPLY = 2, 16
FAILED = {1: R_UL_INS_C, 2: R_UL_UPD_C, 3: R_UL_DEL_C}
"""What went wrong where the database alone holds the contacts, by the result of save."""
MATCH_CALL_ID, MATCH_RECEIVED, MATCH_CONTACT = 1, 2, 4
NO_RECORD = 2
"""match_action_flag: leave ``xavp_rcd`` alone."""
MAX_Q = 1000
MOST_FLOW_TIMER = 999
EXPIRED_ROUTE = "usrloc:contact-expired"
REQUEST = Routes.REQUEST.value
ANSWERING = (Routes.REQUEST | Routes.FAILURE).value
_SHOWN = {  # statistics that show a parameter as it was at the start
    "max_expires": "max_expires",
    "max_contacts": "max_contacts",
    "default_expire": "default_expires",
    "default_expires_range": "default_expires_range",
    "expires_range": "expires_range",
}


class Module(BaseModule):
    """Registrations of one server."""

    EXPORTS = EXPORTS

    case_sensitive: int
    default_q: int
    realm_prefix: bytes | None
    received_param: bytes
    received_avp: bytes | None
    method_filtering: int
    use_path: int
    path_mode: int
    path_use_received: int
    path_check_local: int
    gruu_enabled: int
    outbound_mode: int
    regid_mode: int
    flow_timer: int
    contact_max_size: int
    min_expires_mode: int
    lookup_filter_mode: int
    sock_flag: int
    sock_hdr_name: bytes | None
    xavp_cfg: bytes | None
    xavp_rcd: bytes | None
    xavp_rcd_mask: int

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._received: PvRef | None = None
        self._profiles = Profiles()
        self._domains: dict[bytes, Domain] = {}
        self._usrloc: UsrlocApi

    def mod_init(self) -> None:
        """Bind usrloc and sl, make the first table."""
        usrloc = self.server.api(UsrlocApi)  # type: ignore[type-abstract]
        if usrloc is None:
            raise StartError('registrar needs usrloc: add loadmodule "usrloc.so" before it')
        self._usrloc = usrloc
        self._sl = cast("Sl", self.server.find_module("sl"))
        self._check()
        usrloc.aor_case_sensitive = bool(self.case_sensitive)
        if self.received_avp:
            self._received = compile_spec(self.received_avp, self.server.pv)
            if not self.received_avp.strip().startswith((b"$avp(", b"$(avp(")):
                raise StartError("registrar: received_avp is an AVP, as in $avp(received)")
        self._make_native()
        self._accepted = self.server.stats.register("registrar", "accepted_regs")
        self._rejected = self.server.stats.register("registrar", "rejected_regs")
        for statistic, parameter in _SHOWN.items():
            handle = self.server.stats.register("registrar", statistic)
            stats.add(
                handle, to_int(self.server.cfg.get("registrar", parameter)) - stats.get(handle)
            )
        self._track = usrloc.wants_changes()
        self._db_only = usrloc.db_mode == DB_ONLY
        self._expired_route = self.server.event_route(EXPIRED_ROUTE)
        if self._expired_route:
            usrloc.on_expired(self._expired)

    def _check(self) -> None:
        if not 0 <= self.outbound_mode <= 2:
            raise StartError(f"registrar: outbound_mode is 0 to 2, not {self.outbound_mode}")
        if self.regid_mode not in (0, 1):
            raise StartError(f"registrar: regid_mode is 0 or 1, not {self.regid_mode}")
        if not 0 <= self.flow_timer <= MOST_FLOW_TIMER or (
            self.flow_timer and not self.outbound_mode
        ):
            raise StartError("registrar: flow_timer is 0 to 999, and needs outbound_mode")
        if self.sock_flag != -1 and not (self.sock_hdr_name or self.xavp_cfg):
            LM_INFO("sock_flag needs sock_hdr_name or xavp_cfg, it is ignored")
            self.sock_flag = -1

    def _make_native(self) -> None:
        handle = self._handle
        prefix = self.realm_prefix or b""
        use_domain = bool(self._usrloc.use_domain)
        path_mode = self.path_mode if self.use_path else 0
        self._answer = Answer(
            handles=(handle("min_expires"), handle("retry_after")),
            received_param=self.received_param,
        )
        self._answer.gruu_enabled = self.gruu_enabled == 1
        self._answer.path_mode = path_mode
        self._answer.outbound_mode = self.outbound_mode
        self._answer.flow_timer = self.flow_timer
        self._registrar = Registrar(
            handles=(
                handle("default_expires"),
                handle("default_expires_range"),
                handle("expires_range"),
                handle("min_expires"),
                handle("max_expires"),
                handle("max_contacts"),
                handle("default_q"),
                handle("case_sensitive"),
            ),
            answer=self._answer,
            realm_prefix=prefix,
            use_domain=use_domain,
        )
        self._registrar.server_id = self.server.core.number("server_id")
        self._registrar.contact_max_size = self.contact_max_size
        self._registrar.min_expires_mode = self.min_expires_mode
        self._registrar.use_path = bool(self.use_path)
        self._registrar.path_mode = path_mode
        self._registrar.path_use_received = bool(self.path_use_received)
        self._registrar.regid_mode = self.regid_mode
        self._lookup = Lookup(
            handles=(
                handle("append_branches"),
                handle("use_expired_contacts"),
                handle("case_sensitive"),
            ),
            realm_prefix=prefix,
            use_domain=use_domain,
        )
        self._lookup.method_filtering = bool(self.method_filtering)
        self._lookup.path_check_local = self.path_check_local > 0
        self._lookup.filter_mode = self.lookup_filter_mode
        self._normalise_q()

    def _normalise_q(self) -> None:
        if self.default_q != -1 and not 0 <= self.default_q <= MAX_Q:
            self.server.cfg.set("registrar", "default_q", min(max(self.default_q, 0), MAX_Q))

    def _handle(self, name: str) -> int:
        variable = self.server.cfg.find("registrar", name)
        if variable is None:
            raise StartError(f"registrar: run-time variable {name} is not declared")
        return variable.handle

    def use_table(self, name: bytes) -> None:
        """A route names this table (before the fork, or while a configuration is checked)."""
        if hasattr(self, "_usrloc"):
            self._domains[name] = self._usrloc.domain(name)

    def _aor(self, uri: bytes) -> bytes | None:
        return aor_of(
            uri,
            bool(self._usrloc.use_domain),
            bool(self.server.cfg.get("registrar", "case_sensitive")),
            self.realm_prefix or b"",
        )

    def _refresh_all(self, table: Domain, msg: SipMsg) -> None:
        uris = [msg.ruri, *(msg.branch(n)[0] for n in range(msg.branch_count))]
        aors = (self._aor(uri) for uri in uris if uri)
        self._usrloc.refresh(table, *(aor for aor in aors if aor is not None))

    def _refresh(self, table: Domain, uri: bytes) -> None:
        """Read the record anew from the database, where that alone holds it."""
        aor = self._aor(uri)
        if aor is None:
            return
        if b";gr" in uri and b";gr=" not in uri:
            self._usrloc.refresh_ruid(table, aor.partition(b"@")[0].rpartition(b"-")[0])
        else:
            self._usrloc.refresh(table, aor)

    # save

    def save(
        self, msg: SipMsg, domain: bytes, flags: int | None = None, uri: bytes | None = None
    ) -> int:
        """Do what a REGISTER asks for, and answer it. 1 added, 2 updated, 3 removed, 4 asked."""
        if uri is not None and not uri:
            LM_ERR("save: the URI is empty")
            return -1
        table = self._domains[domain]
        options = flags or 0
        if self._db_only:
            self._refresh(table, uri if uri is not None else msg.to_uri or b"")
        received = self._received
        value = None if received is None else received.get(msg)
        if self.xavp_cfg or self.sock_flag != -1:
            self._override(msg)
        if self.xavp_rcd:
            self._registrar.reported = []
        changes: Changes | None = [] if self._track else None
        result = self._registrar.save(
            msg, table, options, uri, value if isinstance(value, bytes) and value else None, changes
        )
        error = self._registrar.error if result < 0 else R_FINE
        if changes and not self._usrloc.changed(table, changes):
            error, result = FAILED.get(result, R_UL_INS_C), -1
        if self.xavp_rcd:
            self._record(msg, self._registrar.reported or [])
        if result < 0:
            return self._refuse(msg, error, options)
        stats.add(self._accepted)
        if not options & SAVE_NO_REPLY:
            if msg.route_type & ANSWERING and self._reply(msg, R_FINE) < 0:
                return -1
        elif options & SAVE_PREPARE_REPLY:
            self._prepare(msg, R_FINE)
        if self._answer.path_mode:
            msg.path = None
        return result

    def _refuse(self, msg: SipMsg, error: int, options: int) -> int:
        stats.add(self._rejected)
        if msg.route_type & REQUEST and not options & SAVE_NO_REPLY:
            self._reply(msg, error)
        return -2 if error == R_TOO_MANY else -1

    def _override(self, msg: SipMsg) -> None:
        """Take what the script says about this REGISTER."""
        native = self._registrar
        native.reset_overrides()
        root = self.xavp_cfg
        if root:
            expires = overrides.number(msg, root, b"expires")
            native.x_expires = expires if expires is not None and expires >= 0 else -1
            q = overrides.number(msg, root, b"q")
            if q is not None:
                native.x_q = q if q != -1 else MAX_Q + 1
            most = overrides.number(msg, root, b"max_contacts")
            native.x_max_contacts = -1 if most is None else max(most, 0)
        if self.sock_flag != -1 and msg.flags & (1 << self.sock_flag):
            name = self._socket(msg)
            if name is not None:
                native.x_socket = location_sync.socket_number(name)
                if native.x_socket < 0:
                    LM_ERR("non-local socket <%r>", name)
                    native.reset_overrides()

    def _socket(self, msg: SipMsg) -> bytes | None:
        if self.sock_hdr_name:
            value = msg.hdr(self.sock_hdr_name)
            return value.strip() if isinstance(value, bytes) else None
        return overrides.octets(msg, self.xavp_cfg or b"", b"socket")

    def _record(self, msg: SipMsg, contacts: list[Contact]) -> None:
        now = int(time.time())
        for contact in contacts:
            overrides.record(msg, self.xavp_rcd or b"", contact, self.xavp_rcd_mask, now)

    # replies

    def _prepare(self, msg: SipMsg, error: int) -> tuple[int, bytes]:
        """Queue the header lines of the answer; its code and reason."""
        error = self._answer.prepare(msg, error)
        if error == R_FINE:
            return 200, b"OK"
        code, text = ERRORS[error]
        if code != 200:
            self._answer.explain(msg, code, text)
        return code, REASONS[code]

    def _reply(self, msg: SipMsg, error: int) -> int:
        code, reason = self._prepare(msg, error)
        result = self._sl.send_reply(msg, code, reason)
        if result < 0:
            LM_ERR("failed to send %d %s", code, reason)
        return result

    def reg_send_reply(self, msg: SipMsg) -> int:
        """Answer as the last save, which did not, left it."""
        return 1 if self._reply(msg, self._registrar.error) >= 0 else -1

    # lookup

    def lookup(self, msg: SipMsg, domain: bytes, uri: bytes | None = None) -> int:
        """Send the request where the user is. -1 nowhere, -2 not for this method, -3 no AOR."""
        return self._find(msg, domain, uri, rewrite=True)

    def lookup_to_dset(self, msg: SipMsg, domain: bytes, uri: bytes | None = None) -> int:
        """`lookup` that leaves the request URI alone: every contact is a branch."""
        return self._find(msg, domain, uri, rewrite=False)

    def _find(self, msg: SipMsg, domain: bytes, uri: bytes | None, *, rewrite: bool) -> int:
        if uri is not None and not uri:
            LM_ERR("lookup: the URI is empty")
            return -1
        table = self._domains[domain]
        if self._db_only:
            self._refresh(table, uri if uri is not None else msg.ruri or b"")
        self._prepare_lookup(msg)
        result = self._lookup.lookup(msg, table, uri, rewrite)
        if self.xavp_rcd:
            self._record(msg, self._lookup.reported or [])
        return result

    def _prepare_lookup(self, msg: SipMsg) -> None:
        if self.lookup_filter_mode and self.xavp_cfg:
            bflags = overrides.number(msg, self.xavp_cfg, b"rlf_bflags")
            self._lookup.filter_bflags = (bflags or 0) & 0xFFFFFFFF
        if self.xavp_rcd:
            self._lookup.reported = []

    def lookup_branches(self, msg: SipMsg, domain: bytes) -> int:
        """`lookup` for the request URI and for each branch that has a URI alone."""
        table = self._domains[domain]
        if self._db_only:
            self._refresh_all(table, msg)
        self._prepare_lookup(msg)
        result = self._lookup.lookup_branches(msg, table)
        if self.xavp_rcd:
            self._record(msg, self._lookup.reported or [])
        return result

    def _contacts(self, msg: SipMsg, domain: bytes, uri: bytes) -> list[Contact] | None:
        """All contacts of an AOR, None where the URI has none."""
        aor = self._aor(uri)
        if aor is None:
            LM_ERR("failed to extract the address of record of %r", uri)
            return None
        table = self._domains[domain]
        if self._db_only:
            self._usrloc.refresh(table, aor)
        return table.record(aor)

    def registered(
        self,
        msg: SipMsg,
        domain: bytes,
        uri: bytes | None = None,
        match_option: int | None = None,
        match_action: int | None = None,
    ) -> int:
        """Has the AOR a valid contact? `match_option` 1, 2, 4: of the Call-ID, received address,
        contact that ``$xavp(cfg=>match_…)`` has."""
        if uri is not None and not uri:
            LM_ERR("registered: the URI is empty")
            return -1
        if uri is None:
            uri = msg.to_uri if msg.is_reply else msg.ruri
        rows = self._contacts(msg, domain, uri or b"")
        if rows is None:
            return -1
        wanted = self._matching(msg, match_option or 0)
        now = int(time.time())
        expired_too = bool(self.server.cfg.get("registrar", "use_expired_contacts"))
        for row in rows:
            if not (row.expires > now or row.expires == 0 or expired_too):
                continue
            if all(getattr(row, name) == value for name, value in wanted.items()):
                if self.xavp_rcd and not (match_action or 0) & NO_RECORD:
                    self._record(msg, [row])
                return 1
        return -1

    def _matching(self, msg: SipMsg, option: int) -> dict[str, bytes]:
        """Fields of a contact and what they must be."""
        wanted: dict[str, bytes] = {}
        for bit, field in (
            (MATCH_CALL_ID, "callid"),
            (MATCH_RECEIVED, "received"),
            (MATCH_CONTACT, "contact"),
        ):
            if option & bit and self.xavp_cfg:
                value = overrides.octets(msg, self.xavp_cfg, f"match_{field}".encode())
                if value is not None:
                    wanted[field] = value
        return wanted

    # other functions

    def unregister(self, msg: SipMsg, domain: bytes, uri: bytes, ruid: bytes | None = None) -> int:
        """Remove an AOR, or one contact by ruid. -1 no AOR, -2 it cannot be, -3 not there."""
        table = self._domains[domain]
        if not uri and ruid and self._db_only:
            aor = self._usrloc.refresh_ruid(table, ruid)
            if aor is None:
                LM_WARN("contact not found")
                return -3
        elif not uri and ruid:
            LM_ERR("a contact is removed by its ruid alone in db_mode 3 only")
            return -2
        else:
            aor = self._aor(uri)
            if aor is None or ruid == b"":
                LM_ERR("failed to extract the address of record of %r", uri)
                return -1
            if self._db_only:
                self._usrloc.refresh(table, aor)
        gone = table.remove(aor, ruid=ruid)
        if self._track and not self._usrloc.changed(table, [("gone", contact) for contact in gone]):
            return -2
        if ruid is not None and not gone:
            LM_WARN("AOR/Contact not found")
            return -3
        return 1

    def add_sock_hdr(self, msg: SipMsg, hdr_name: bytes) -> int:
        """Append a header that names the socket on which the request came."""
        if not hdr_name:
            LM_ERR("add_sock_hdr: the name is empty")
            return -1
        where = b"%b:%b:%d" % (msg.proto.lower(), msg.rcv_ip or b"", msg.rcv_port or 0)
        return msg.append_hf(b"%b: %b\r\n" % (hdr_name, where))

    def reg_fetch_contacts(self, msg: SipMsg, domain: bytes, uri: bytes, profile: bytes) -> int:
        """Make the contacts of an AOR readable as ``$ulc(profile=>…)``."""
        self._profiles.free(profile)
        if not uri:
            LM_ERR("reg_fetch_contacts: the URI is empty")
            return -1
        rows = self._contacts(msg, domain, uri)
        if not rows:
            return -1
        self._profiles.set(profile, Profile(rows[0].aor, domain, tuple(rows)))
        return 1

    def reg_free_contacts(self, msg: SipMsg, profile: bytes) -> int:
        """Forget a profile."""
        self._profiles.free(profile)
        return 1

    def pv_ulc(self, msg: SipMsg, name: bytes, index: int | bytes = 0) -> Value:
        """``$ulc(profile=>attribute)``"""
        return self._profiles.read(name, index if isinstance(index, int) else 0)

    def set_pv_ulc(self, msg: SipMsg, value: Value, name: bytes, index: int | bytes = 0) -> None:
        """An assignment does nothing, as there."""

    def _expired(self, table: bytes, contact: Contact) -> None:
        self._profiles.set(EXPIRED, Profile(contact.aor, table, (contact,)))
        self.server.run_event_route(self._expired_route)
