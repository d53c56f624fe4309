"""The usrloc module: location tables in shared memory, and in a database where one is set.

Behaviour: ``usrloc`` of Kamailio 5.6.3. The tables are ``runtime.native.location``; here is what
happens seldom: the start, time, the database, RPC.
"""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from runtime.db.api import find_driver, identifier
from runtime.db.errors import DbError
from runtime.db.url import DbUrl
from runtime.modules.usrloc import rpc
from runtime.modules.usrloc.api import (
    DB_NONE,
    DB_ONLY,
    DB_READONLY,
    WRITE_BACK,
    WRITE_THROUGH,
    Changes,
)
from runtime.modules.usrloc.exports import EXPORTS
from runtime.modules.usrloc.store import Columns, Store
from runtime.native import send
from runtime.native.location import Contact, Domain
from runtime.server.errors import StartError
from runtime.server.log import LM_DBG, LM_ERR, LM_INFO, LM_WARN
from runtime.server.module import Module as BaseModule
from runtime.server.ranks import PROC_INIT, PROC_MAIN, PROC_TCP_MAIN, PROC_TIMER

if TYPE_CHECKING:
    from runtime.server.server import Server

COLUMN_PARAMS = (
    *("ruid", "user", "domain", "contact", "received", "path", "expires", "q", "callid", "cseq"),
    *("last_modified", "flags", "cflags", "user_agent", "socket", "methods", "instance"),
    *("reg_id", "server_id", "connection_id", "keepalive"),
)
SYNCED = 1
EXPIRED_ROUTE = "usrloc:contact-expired"


class Module(BaseModule):
    """The location tables of one server."""

    EXPORTS = EXPORTS

    db_url: bytes
    timer_interval: int
    timer_procs: int
    db_mode: int
    db_load: int
    use_domain: int
    desc_time_order: int
    matching_mode: int
    cseq_delay: int
    hash_size: int
    nat_bflag: int
    rm_expired_delay: int
    version_table: int

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self.domains: dict[bytes, Domain] = {}
        self._store: Store | None = None
        self._expired_route = 0
        self._loaded = False

    def mod_init(self) -> None:
        """Bind the database, register timers."""
        if not 0 <= self.db_mode <= DB_READONLY:
            raise StartError(f"usrloc: db_mode is 0 to 4, not {self.db_mode}")
        if not 0 < self.hash_size <= 20:
            raise StartError(f"usrloc: hash_size is 1 to 20 (a power of two), not {self.hash_size}")
        if self.db_mode != DB_NONE:
            self._store = self._make_store()
        if self.timer_interval > 0:
            if self.timer_procs > 0:
                for number in range(self.timer_procs):
                    self.server.add_process(
                        f"USRLOC Timer {number}", PROC_TIMER, partial(self._timer_life, number)
                    )
            else:
                self.server.register_timer(lambda now: self.synchronise(), self.timer_interval)
        self.server.on_death(self._settle)
        self._expired_route = self.server.event_route(EXPIRED_ROUTE)
        for name in ("users", "contacts", "expires"):
            for domain in (b"location",):
                self._register_statistic(domain, name)

    def _register_statistic(self, domain: bytes, name: str) -> None:
        index = ("users", "contacts", "expires").index(name)

        def read() -> int:
            table = self.domains.get(domain)
            return 0 if table is None else table.counts()[index]

        self.server.stats.register_function("usrloc", f"{domain.decode()}-{name}", read)

    def child_init(self, rank: int) -> None:
        """Load the tables once, before any worker serves."""
        if rank in (PROC_MAIN, PROC_TCP_MAIN):
            return
        if rank == PROC_INIT:
            self.load_tables()

    def load_tables(self) -> None:
        """Read every table from the database (modes 1, 2, 4); in the arbiter, before the fork."""
        store = self._store
        if store is None or self._loaded:
            return
        self._loaded = True
        try:
            for domain in self.domains.values():
                table = domain.name.decode()
                if self.version_table:
                    store.check_version(table)
                if self.db_mode in (WRITE_THROUGH, WRITE_BACK, DB_READONLY) and self.db_load:
                    self._fill(domain, store.load(table))
        except DbError as error:
            raise StartError(f"usrloc: {error}") from None
        finally:
            store.close()

    def _fill(self, domain: Domain, contacts: list[Contact]) -> None:
        now = time.time()
        live = [c for c in contacts if c.expires == 0 or c.expires > now]
        if not all(domain.put(contact, SYNCED) for contact in live):
            raise StartError(
                f"usrloc: {len(live)} contacts of {domain.name.decode()} do not fit into shared"
                " memory: raise -m"
            )
        LM_INFO("%d contacts of table %s loaded", len(live), domain.name.decode())

    def _make_store(self) -> Store:
        try:
            url = DbUrl.parse(self.db_url.decode(errors="surrogateescape"))
            names = {
                name: identifier(getattr(self, f"{name}_column", name.encode()).decode("latin-1"))
                for name in COLUMN_PARAMS
            }
            driver = find_driver(self.server.modules, url)
        except DbError as error:
            raise StartError(f"usrloc: {error}") from None
        return Store(driver, url, Columns(**names), use_domain=bool(self.use_domain))

    # for other modules: runtime.modules.usrloc.api.UsrlocApi

    def domain(self, name: bytes) -> Domain:
        """The location table of this name, made where it is new (before the fork)."""
        found = self.domains.get(name)
        if found is None:
            try:
                identifier(name.decode(errors="replace"))
                found = Domain(name, 1 << self.hash_size, write_back=self.db_mode == WRITE_BACK)
            except (DbError, MemoryError) as error:
                raise StartError(f"usrloc: {error}") from None
            found.matching_mode = self.matching_mode
            found.cseq_delay = self.cseq_delay
            found.desc_time_order = bool(self.desc_time_order)
            self.domains[name] = found
        return found

    def _settle(self, slot: int) -> None:
        for domain in self.domains.values():
            domain.settle()

    def wants_changes(self) -> bool:
        """Must `changed` be told of every change?"""
        return self.db_mode in (WRITE_THROUGH, DB_ONLY)

    def changed(self, domain: Domain, changes: Changes) -> None:
        """Write changes through. What the database does not take stays marked for the timer."""
        store = self._store
        if store is None or not changes:
            return
        table = domain.name.decode()
        send.flush()
        for what, contact in changes:
            try:
                if what == "put":
                    store.put(table, contact)
                    domain.mark_synced(contact.aor, contact.ruid)
                else:
                    store.delete(table, contact.ruid)
            except DbError as error:
                LM_ERR("%s", error)
                store.close()
                if what == "gone":
                    domain.give_back([], [contact.ruid])

    def refresh(self, domain: Domain, aor: bytes) -> None:
        """Read a record anew from the database, where that alone holds it."""
        if self.db_mode != DB_ONLY or self._store is None:
            return
        send.flush()
        try:
            contacts = self._store.load_aor(domain.name.decode(), aor)
        except DbError as error:
            LM_ERR("%s", error)
            self._store.close()
            return
        kept = {contact.ruid for contact in contacts}
        for old in domain.record(aor):
            if old.ruid not in kept:
                domain.remove(aor, ruid=old.ruid)
        for contact in contacts:
            domain.put(contact, SYNCED)

    # time

    def synchronise(self, first: int = 0, step: int = 1) -> None:
        """Remove what has expired, write what the database does not know yet."""
        now = int(time.time()) - self.rm_expired_delay
        for domain in self.domains.values():
            report = bool(self._expired_route) or self.wants_changes()
            if report:
                gone = domain.expire(now, first=first, step=step, report=True)
                self._expired(domain, gone)
            else:
                domain.expire(now, first=first, step=step)
            if self.db_mode in (WRITE_THROUGH, WRITE_BACK):
                self.flush(domain, first, step)

    def _expired(self, domain: Domain, gone: list[Contact]) -> None:
        if self.wants_changes():
            self.changed(domain, [("gone", contact) for contact in gone])
        if not self._expired_route:
            return
        for contact in gone:
            LM_DBG("contact %r of %r has expired", contact.contact, contact.aor)
            self.server.run_event_route(self._expired_route)

    def flush(self, domain: Domain, first: int = 0, step: int = 1) -> bool:
        """Write what is marked; False where the database did not take it (it stays marked)."""
        store = self._store
        if store is None:
            return True
        for index in range(first, domain.size, step):
            contacts, dead = domain.take_dirty(index)
            if not contacts and not dead:
                continue
            try:
                store.write(domain.name.decode(), contacts, dead)
            except DbError as error:
                domain.give_back(contacts, dead)
                store.close()
                LM_ERR("%s: contacts stay in memory and are written later", error)
                return False
        return True

    def _timer_life(self, number: int) -> None:
        while True:
            time.sleep(self.timer_interval)
            self.synchronise(number, self.timer_procs)

    def destroy(self) -> None:
        """Write back what is not in the database yet."""
        if self.db_mode in (WRITE_THROUGH, WRITE_BACK):
            for domain in self.domains.values():
                if not self.flush(domain):
                    LM_WARN("contacts of %s were lost: the database is away", domain.name.decode())

    # statistics and RPC

    def stat_registered_users(self) -> int:
        """Users of all tables."""
        return sum(domain.counts()[0] for domain in self.domains.values())

    rpc_dump = rpc.dump
    rpc_lookup = rpc.lookup
    rpc_rm = rpc.remove
    rpc_rm_contact = rpc.remove_contact
    rpc_flush = rpc.flush
    rpc_add = rpc.add
    rpc_db_users = rpc.db_users
    rpc_db_contacts = rpc.db_contacts
    rpc_db_expired_contacts = rpc.db_expired_contacts
