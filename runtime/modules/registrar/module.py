"""The registrar module: ``save`` and ``lookup``. The work is done in ``runtime.native.registrar``.

Behaviour: ``registrar`` of Kamailio 5.6.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from runtime.declare.exports import Routes
from runtime.modules.registrar.errors import (
    ERRORS,
    R_FINE,
    R_LOW_EXP,
    R_PATH_UNSUP,
    R_TOO_MANY,
    REASONS,
)
from runtime.modules.registrar.exports import EXPORTS
from runtime.modules.usrloc.api import DB_ONLY, Changes, UsrlocApi
from runtime.native import edit, stats
from runtime.native.location import Contact, Domain
from runtime.native.registrar import Registrar
from runtime.native.registrar_aor import aor_of
from runtime.native.registrar_lookup import Lookup
from runtime.script.pv import PvRef, compile_spec
from runtime.script.values import to_int
from runtime.server.errors import StartError
from runtime.server.log import LM_ERR
from runtime.server.module import Module as BaseModule

if TYPE_CHECKING:
    from runtime.modules.sl.module import Module as Sl
    from runtime.native.sipmsg import SipMsg
    from runtime.server.server import Server

SAVE_NO_REPLY, SAVE_PREPARE_REPLY = 2, 16
PATH_OFF, PATH_LAZY, PATH_STRICT = 0, 1, 2
_SHOWN = {  # statistics that show a parameter as it was at the start
    "max_expires": "max_expires",
    "max_contacts": "max_contacts",
    "default_expire": "default_expires",
    "default_expires_range": "default_expires_range",
    "expires_range": "expires_range",
}
ANSWERING = (Routes.REQUEST | Routes.FAILURE).value


class Module(BaseModule):
    """Registrations of one server."""

    EXPORTS = EXPORTS

    case_sensitive: int
    realm_prefix: bytes | None
    received_param: bytes
    received_avp: bytes | None
    method_filtering: int
    use_path: int
    path_mode: int
    path_use_received: int
    path_check_local: int
    gruu_enabled: int
    contact_max_size: int
    min_expires_mode: int
    retry_after: int

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._received: PvRef | None = None
        self._contacts: dict[bytes, list[Contact]] = {}

    def mod_init(self) -> None:
        """Bind usrloc and sl, make the tables that routes name."""
        usrloc = self.server.api(UsrlocApi)  # type: ignore[type-abstract]
        if usrloc is None:
            raise StartError('registrar needs usrloc: add loadmodule "usrloc.so" before it')
        self._usrloc = usrloc
        self._sl = cast("Sl", self.server.find_module("sl"))
        if self.received_avp:
            self._received = compile_spec(self.received_avp, self.server.pv)
        use_domain = bool(usrloc.use_domain)
        prefix = self.realm_prefix or b""
        self._registrar = Registrar(
            handles=(
                self._handle("default_expires"),
                self._handle("default_expires_range"),
                self._handle("expires_range"),
                self._handle("min_expires"),
                self._handle("max_expires"),
                self._handle("max_contacts"),
                self._handle("default_q"),
            ),
            received_param=self.received_param,
            realm_prefix=prefix,
            use_domain=use_domain,
            case_sensitive=self.case_sensitive,
        )
        self._registrar.contact_max_size = self.contact_max_size
        self._registrar.gruu_enabled = bool(self.gruu_enabled)
        self._registrar.min_expires_mode = self.min_expires_mode
        self._lookup = Lookup(
            handles=(self._handle("append_branches"), self._handle("use_expired_contacts")),
            realm_prefix=prefix,
            use_domain=use_domain,
            case_sensitive=self.case_sensitive,
        )
        self._lookup.method_filtering = bool(self.method_filtering)
        self._lookup.path_check_local = bool(self.path_check_local)
        self._accepted = self.server.stats.register("registrar", "accepted_regs")
        self._rejected = self.server.stats.register("registrar", "rejected_regs")
        for statistic, parameter in _SHOWN.items():
            handle = self.server.stats.register("registrar", statistic)
            stats.add(
                handle, to_int(self.server.cfg.get("registrar", parameter)) - stats.get(handle)
            )
        self._domains: dict[bytes, Domain] = {b"location": usrloc.domain(b"location")}
        self._track = usrloc.wants_changes()
        self._db_only = usrloc.db_mode == DB_ONLY

    def _handle(self, name: str) -> int:
        variable = self.server.cfg.find("registrar", name)
        if variable is None:
            raise StartError(f"registrar: run-time variable {name} is not declared")
        return variable.handle

    def _domain(self, name: bytes) -> Domain:
        found = self._domains.get(name)
        if found is None:
            found = self._domains[name] = self._usrloc.domain(name)
        return found

    def _aor(self, uri: bytes) -> bytes | None:
        return aor_of(
            uri,
            bool(self._usrloc.use_domain),
            bool(self.case_sensitive),
            self.realm_prefix or b"",
        )

    # functions

    def save(
        self, msg: SipMsg, domain: bytes, flags: int | None = None, uri: bytes | None = None
    ) -> int:
        """Do what a REGISTER asks for, and answer it. 1 added, 2 updated, 3 removed, 4 asked."""
        table = self._domain(domain)
        options = flags or 0
        if self._db_only:
            aor = self._aor(uri if uri is not None else msg.to_uri or b"")
            if aor is not None:
                self._usrloc.refresh(table, aor)
        received: bytes | None = None
        if self._received is not None:
            value = self._received.get(msg)
            received = value if isinstance(value, bytes) and value else None
        path = self._path(msg) if self.use_path else None
        changes: Changes | None = [] if self._track else None
        result = self._registrar.save(msg, table, options, uri, received, path, changes)
        if changes:
            self._usrloc.changed(table, changes)
        error = self._registrar.error if result < 0 else R_FINE
        stats.add(self._rejected if result < 0 else self._accepted)
        if options & SAVE_NO_REPLY:
            if options & SAVE_PREPARE_REPLY and result > 0:
                self._prepare(msg, error, path)
        elif msg.route_type & ANSWERING and self._reply(msg, error, path) < 0:
            return -1
        if result < 0:
            return -2 if error == R_TOO_MANY else -1
        return result

    def lookup(self, msg: SipMsg, domain: bytes, uri: bytes | None = None) -> int:
        """Send the request where the user is. -1 nowhere, -2 not for this method, -3 no AOR."""
        table = self._domain(domain)
        if self._db_only:
            aor = self._aor(uri if uri is not None else msg.ruri or b"")
            if aor is not None:
                self._usrloc.refresh(table, aor)
        return self._lookup.lookup(msg, table, uri)

    def registered(
        self,
        msg: SipMsg,
        domain: bytes,
        uri: bytes | None = None,
        match_option: int | None = None,
        match_action: int | None = None,
    ) -> int:
        """Has the AOR a valid contact? `match_option`: 1 Call-ID, 2 received, 4 contact too."""
        rows = self._lookup.contacts(msg, self._domain(domain), uri)
        if rows is None:
            return -1
        option = match_option or 0
        for row in rows:
            if option & 1 and row.callid != msg.call_id:
                continue
            if option & 2 and not self._came_from(msg, row):
                continue
            if option & 4 and row.contact not in (msg.contact or b""):
                continue
            return 1
        return -1

    def _came_from(self, msg: SipMsg, row: Contact) -> bool:
        if self._received is None:
            return False
        value = self._received.get(msg)
        return isinstance(value, bytes) and value == row.received

    def unregister(self, msg: SipMsg, domain: bytes, uri: bytes, ruid: bytes | None = None) -> int:
        """Remove an AOR, or one contact by ruid. -1 no AOR, -3 not there."""
        table = self._domain(domain)
        if ruid is not None and not uri:
            row = table.remove_ruid(ruid)
            gone = [] if row is None else [row]
        else:
            aor = self._aor(uri)
            if aor is None:
                return -1
            gone = table.remove(aor, ruid=ruid)
        if gone and self._track:
            self._usrloc.changed(table, [("gone", contact) for contact in gone])
        if ruid is not None and not gone:
            return -3
        return 1

    def _setting(self, name: str) -> int:
        return to_int(self.server.cfg.get("registrar", name))

    # replies

    def _path(self, msg: SipMsg) -> bytes | None:
        values = msg.hdrs(b"Path")
        return b",".join(values) if values else None

    def _prepare(self, msg: SipMsg, error: int, path: bytes | None) -> tuple[int, bytes]:
        """Queue the header lines of the answer; its code and reason."""
        if error == R_FINE and path is not None and self.path_mode != PATH_OFF:
            supported = b",".join(msg.hdrs(b"Supported")).lower().split(b",")
            if b"path" in (option.strip() for option in supported):
                edit.add_reply_header(msg, b"Path: %b\r\n" % path)
            elif self.path_mode == PATH_STRICT:
                error = R_PATH_UNSUP
                edit.add_reply_header(msg, b"Unsupported: path\r\n")
                edit.add_reply_header(msg, b"Path: %b\r\n" % path)
        elif error == R_LOW_EXP:
            least = self._setting("min_expires")
            edit.add_reply_header(msg, b"Min-Expires: %d\r\n" % least)
        code, text = ERRORS[error]
        if code != 200:
            edit.add_reply_header(msg, b"P-Registrar-Error: %b\r\n" % text)
            seconds = self._setting("retry_after")
            if 500 <= code < 600 and seconds:
                edit.add_reply_header(msg, b"Retry-After: %d\r\n" % seconds)
        return code, REASONS[code]

    def _reply(self, msg: SipMsg, error: int, path: bytes | None) -> int:
        code, reason = self._prepare(msg, error, path)
        result = self._sl.send_reply(msg, code, reason)
        if result < 0:
            LM_ERR("failed to send %d %s", code, reason)
        return result
