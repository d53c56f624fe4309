"""RPC commands of usrloc (``ul_rpc.c``)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from runtime.db.errors import DbError
from runtime.native.location import Contact, Domain, hash_of
from runtime.native.registrar_parse import make_ruid
from runtime.server.rpc import bytes_of, number_of, text_of

if TYPE_CHECKING:
    from runtime.modules.usrloc.module import Module
    from runtime.server.rpc import RpcArg, RpcContext, RpcStruct

TABLE_AND_AOR = "Not enough parameters (table and AOR to lookup)"
DELETED = 10
CALL_ID = b"dfjrewr12386fd6-343@kamailio.rpc"
USER_AGENT = b"kamailio SIP Router - RPC Server"
CSEQ = 1
STATES = ("CS_NEW", "CS_SYNC", "CS_DIRTY")
NOT_SET = "[not set]"


def _text(value: bytes | None) -> str:
    return NOT_SET if not value else value.decode("utf-8", "surrogateescape")


def _q(value: int) -> float:
    return -1.0 if value < 0 else value / 1000


def _contact(to: RpcStruct, contact: Contact, now: int) -> None:
    to.add("Address", _text(contact.contact))
    if contact.expires == 0:
        to.add("Expires", "permanent")
    elif contact.expires == DELETED:
        to.add("Expires", "deleted")
    elif contact.expires < now:
        to.add("Expires", "expired")
    else:
        to.add("Expires", contact.expires - now)
    to.add("Q", _q(contact.q))
    to.add("Call-ID", _text(contact.callid))
    to.add("CSeq", contact.cseq)
    to.add("User-Agent", _text(contact.user_agent))
    to.add("Received", _text(contact.received))
    to.add("Path", _text(contact.path))
    to.add("State", STATES[contact.state])
    to.add("Flags", contact.flags)
    to.add("CFlags", contact.cflags)
    to.add("Socket", _text(contact.socket))
    to.add("Methods", contact.methods)
    to.add("Ruid", _text(contact.ruid))
    to.add("Instance", _text(contact.instance))
    to.add("Reg-Id", contact.reg_id)
    to.add("Server-Id", contact.server_id)
    to.add("Tcpconn-Id", contact.connection_id)
    to.add("Keepalive", contact.keepalive)
    to.add("Last-Keepalive", contact.last_keepalive)
    to.add("KA-Roundtrip", 0)
    to.add("Last-Modified", contact.last_modified)


def _record(to: RpcStruct, rows: list[Contact], now: int) -> None:
    to.add("AoR", _text(rows[0].aor))
    to.add("HashID", hash_of(rows[0].aor))
    contacts = to.add_array("Contacts")
    for row in rows:
        _contact(contacts.add_struct("Contact"), row, now)


def dump(self: Module, ctx: RpcContext) -> None:
    """``ul.dump [brief]``: every table."""
    now = int(time.time())
    brief = ctx.scan("*S") == [b"brief"]
    answer = ctx.add_struct()
    domains = answer.add_array("Domains")
    for domain in self.domains.values():
        table = domains.add_struct("Domain")
        table.add("Domain", domain.name.decode())
        table.add("Size", domain.size)
        records = table.add_array("AoRs")
        longest = slots = count = 0
        for index in range(domain.size):
            found = domain.bucket(index)
            longest = max(longest, len(found))
            slots += bool(found)
            count += len(found)
            for rows in found:
                if brief:
                    records.add_named("AoR", _text(rows[0].aor))
                else:
                    _record(records.add_struct("Info"), rows, now)
        stats = table.add_struct("Stats")
        stats.add("Records", count)
        stats.add("Max-Slots", longest)


def _domain(self: Module, ctx: RpcContext, name: RpcArg) -> Domain:
    """The table of this name."""
    found = self.domains.get(bytes_of(name))
    if found is None:
        ctx.fault(500, "Domain table not found")
    return found


def _scan(self: Module, ctx: RpcContext, form: str, missing: str) -> tuple[Domain, bytes, bytes]:
    """Table, AoR and what else there is ("" for none) of texts that all must be there."""
    found = ctx.scan(form)
    if found.number < len(form):
        ctx.fault(500, missing)
    domain = _domain(self, ctx, found[0])
    return domain, _aor(self, ctx, bytes_of(found[1])), bytes_of(found[2]) if found[2:] else b""


def _aor(self: Module, ctx: RpcContext, aor: bytes) -> bytes:
    user, at, _ = aor.partition(b"@")
    if not self.use_domain:
        aor = user
    elif not at:
        ctx.fault(500, "Domain missing in AOR")
    return aor if self.aor_case_sensitive else aor.lower()


def lookup(self: Module, ctx: RpcContext) -> None:
    """``ul.lookup table aor``"""
    domain, aor, _ = _scan(self, ctx, "SS", TABLE_AND_AOR)
    self.refresh(domain, aor)
    rows = domain.record(aor)
    if not rows:
        ctx.fault(500, "AOR not found in location table")
    now = int(time.time())
    valid = [row for row in rows if row.expires > now or row.expires == 0]
    if not valid:
        ctx.fault(500, "AOR has no contacts")
    answer = ctx.add_struct()
    answer.add("AoR", _text(aor))
    contacts = answer.add_array("Contacts")
    for row in valid:
        _contact(contacts.add_struct("Contact"), row, now)


def remove(self: Module, ctx: RpcContext) -> None:
    """``ul.rm table aor``"""
    domain, aor, _ = _scan(self, ctx, "SS", TABLE_AND_AOR)
    self.refresh(domain, aor)
    gone = domain.remove(aor)
    if self.wants_changes() and not self.changed(domain, [("gone", row) for row in gone]):
        ctx.fault(500, "Failed to delete AOR")


def _own(aor: bytes, contact: bytes) -> Contact:
    """A contact of RPC's own making."""
    return Contact(
        aor=aor,
        contact=contact,
        received=None,
        path=None,
        callid=CALL_ID,
        user_agent=USER_AGENT,
        instance=None,
        ruid=b"",
        expires=0,
        last_modified=0,
        q=-1,
        cseq=CSEQ,
        reg_id=0,
        connection_id=-1,
        server_id=0,
        cflags=0,
        methods=0,
        socket=None,
        flags=0,
        state=0,
    )


def remove_contact(self: Module, ctx: RpcContext) -> None:
    """``ul.rm_contact table aor contact``"""
    missing = "Not enough parameters (table, AOR and contact)"
    domain, aor, contact = _scan(self, ctx, "SSS", missing)
    self.refresh(domain, aor)
    try:
        gone = domain.remove_match(_own(aor, contact)._replace(cseq=CSEQ + 1))
    except KeyError:
        ctx.fault(404, "AOR not found")
    except LookupError:
        ctx.fault(500, "Internal error (can't get contact)")
    if gone is None:
        ctx.fault(404, "Contact not found")
    if self.wants_changes() and not self.changed(domain, [("gone", gone)]):
        ctx.fault(500, "Internal error (can't delete contact)")


def flush(self: Module, ctx: RpcContext) -> None:
    """``ul.flush``: run the timer's work now."""
    if not self.synchronise():
        ctx.fault(500, "Operation failed")


def add(self: Module, ctx: RpcContext) -> None:
    """``ul.add table aor contact expires q path flags cflags methods [received [socket]]``"""
    found = ctx.scan("SSSdfSuuu*SS")
    if found.number < 9:
        ctx.fault(500, "Not enough parameters or wrong format")
    domain = _domain(self, ctx, found[0])
    aor = _aor(self, ctx, bytes_of(found[1]))
    seconds = number_of(found[3])
    now = int(time.time())
    contact = _own(aor, bytes_of(found[2]))._replace(
        received=_optional(found[9:10]),
        path=_optional(found[5:6]),
        ruid=make_ruid(b"ulcx"),
        expires=now + seconds if seconds else 0,
        q=_thousandths(found[4]),
        server_id=self.server.core.number("server_id"),
        cflags=number_of(found[7]) & 0xFFFFFFFF,
        methods=number_of(found[8]) & 0xFFFFFFFF,
        socket=_optional(found[10:11]),
        flags=number_of(found[6]) & 0xFF,
    )
    self.refresh(domain, aor)
    try:
        stored = domain.add(contact)
    except LookupError:
        ctx.fault(500, "Can't get record")
    if stored is None:
        ctx.fault(500, "Can't insert contact")
    if self.wants_changes() and not self.changed(domain, [("put", stored)]):
        ctx.fault(500, "Can't insert contact")


def _thousandths(value: RpcArg) -> int:
    """A q value, -1 where it is unset (``double2q``)."""
    number = value if isinstance(value, float) else 0.0
    return -1 if number == -1 else int(max(min(number, 1e6), -1e6) * 1000)


def _optional(found: list[RpcArg]) -> bytes | None:
    text = bytes_of(found[0]) if found else b""
    return None if text in (b"", b"0", b".") else text


def _rows(self: Module, ctx: RpcContext) -> list[Contact]:
    store = self.store
    if store is None:
        ctx.fault(500, "Command is not supported in db_mode=0")
    table = ctx.scan("S")
    if not table:
        ctx.fault(500, "Not enough parameters (table to lookup)")
    try:
        return store.load(text_of(table[0]))
    except DbError as error:
        store.close()
        ctx.fault(500, f"Failed to query contact count: {error}")


def db_users(self: Module, ctx: RpcContext) -> None:
    """``ul.db_users table``: users with live contacts."""
    now = time.time()
    live = {row.aor for row in _rows(self, ctx) if row.expires == 0 or row.expires > now}
    ctx.add(len(live))


def db_contacts(self: Module, ctx: RpcContext) -> None:
    """``ul.db_contacts table``: live contacts."""
    now = time.time()
    ctx.add(sum(row.expires == 0 or row.expires > now for row in _rows(self, ctx)))


def db_expired_contacts(self: Module, ctx: RpcContext) -> None:
    """``ul.db_expired_contacts table``"""
    now = time.time()
    ctx.add(sum(0 < row.expires <= now for row in _rows(self, ctx)))
