"""RPC commands of usrloc (``ul_rpc.c``)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from runtime.db.errors import DbError
from runtime.native.location import Contact, Domain, hash_of
from runtime.native.registrar import make_ruid

if TYPE_CHECKING:
    from runtime.modules.usrloc.module import Module
    from runtime.server.rpc import RpcContext, RpcStruct

TABLE_AND_AOR = "Not enough parameters (table and AOR to lookup)"
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
    elif contact.expires > now:
        to.add("Expires", contact.expires - now)
    else:
        to.add("Expires", "expired")
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
    to.add("Keepalive", 0)
    to.add("Last-Keepalive", contact.last_modified)
    to.add("KA-Roundtrip", 0)
    to.add("Last-Modified", contact.last_modified)


def _record(to: RpcStruct, rows: list[Contact], now: int, *, brief: bool = False) -> None:
    to.add("AoR", _text(rows[0].aor))
    if brief:
        return
    to.add("HashID", hash_of(rows[0].aor))
    contacts = to.add_array("Contacts")
    for row in rows:
        _contact(contacts.add_struct("Contact").add_struct("Contact"), row, now)


def dump(self: Module, ctx: RpcContext) -> None:
    """``ul.dump [brief]``: every table."""
    now = int(time.time())
    brief = ctx.opt_str(0) == b"brief"
    answer = ctx.add_struct()
    domains = answer.add_array("Domains")
    for domain in self.domains.values():
        table = domains.add_struct("Domain").add_struct("Domain")
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
                _record(records.add_struct("Info").add_struct("Info"), rows, now, brief=brief)
        stats = table.add_struct("Stats")
        stats.add("Records", count)
        stats.add("Max-Slots", longest)


def _domain(self: Module, ctx: RpcContext, needs: int, missing: str) -> Domain:
    """The table that the first of ``needs`` arguments names."""
    if len(ctx.args) < needs:
        ctx.fault(500, missing)
    found = self.domains.get(ctx.str_arg(0))
    if found is None:
        ctx.fault(500, "Domain table not found")
    return found


def _aor(self: Module, ctx: RpcContext) -> bytes:
    aor = ctx.str_arg(1)
    if not self.use_domain:
        aor = aor.partition(b"@")[0]
    return aor.lower()


def lookup(self: Module, ctx: RpcContext) -> None:
    """``ul.lookup table aor``"""
    rows = _domain(self, ctx, 2, TABLE_AND_AOR).record(_aor(self, ctx))
    if not rows:
        ctx.fault(500, "AOR not found in location table")
    _record(ctx.add_struct(), rows, int(time.time()))


def remove(self: Module, ctx: RpcContext) -> None:
    """``ul.rm table aor``"""
    domain = _domain(self, ctx, 2, TABLE_AND_AOR)
    gone = domain.remove(_aor(self, ctx))
    if self.wants_changes():
        self.changed(domain, [("gone", contact) for contact in gone])


def remove_contact(self: Module, ctx: RpcContext) -> None:
    """``ul.rm_contact table aor contact``"""
    domain = _domain(self, ctx, 3, "Not enough parameters (table, AOR and contact)")
    aor = _aor(self, ctx)
    if not domain.record(aor):
        ctx.fault(404, "AOR not found")
    gone = domain.remove(aor, contact=ctx.str_arg(2))
    if not gone:
        ctx.fault(404, "Contact not found")
    if self.wants_changes():
        self.changed(domain, [("gone", contact) for contact in gone])


def flush(self: Module, ctx: RpcContext) -> None:
    """``ul.flush``: run the timer's work now."""
    self.synchronise()


def add(self: Module, ctx: RpcContext) -> None:
    """``ul.add table aor contact expires q path flags cflags methods``"""
    domain = _domain(self, ctx, 9, "Not enough parameters or wrong format")
    seconds = ctx.int_arg(3)
    now = int(time.time())
    q = ctx.str_arg(4)
    contact = Contact(
        aor=_aor(self, ctx),
        contact=ctx.str_arg(2),
        received=None,
        path=_optional(ctx.str_arg(5)),
        callid=b"dfjrewr12386fd6-343@kamailio.rpc",
        user_agent=b"Kamailio SIP Router - RPC Server",
        instance=None,
        ruid=make_ruid(),
        expires=now + seconds if seconds else 0,
        last_modified=now,
        q=round(float(q) * 1000) if q.replace(b".", b"", 1).isdigit() else -1,
        cseq=1,
        reg_id=0,
        connection_id=-1,
        server_id=0,
        cflags=ctx.int_arg(7),
        methods=ctx.int_arg(8) & 0xFFFFFFFF,
        socket=None,
        flags=ctx.int_arg(6),
        state=0,
    )
    known = next((c for c in domain.record(contact.aor) if c.contact == contact.contact), None)
    if known is not None:
        contact = contact._replace(ruid=known.ruid, cseq=known.cseq + 1)
    if not domain.put(contact):
        ctx.fault(500, "no memory")
    if self.wants_changes():
        self.changed(domain, [("put", contact)])


def _optional(text: bytes) -> bytes | None:
    return None if text in (b"", b"0", b".") else text


def _rows(self: Module, ctx: RpcContext) -> list[Contact]:
    if self._store is None:
        ctx.fault(500, "Command is not supported in db_mode=0")
    try:
        return self._store.load(ctx.str_arg(0).decode("utf-8", "replace"))
    except DbError as error:
        self._store.close()
        ctx.fault(500, f"Failed to query AoR contacts: {error}")


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
