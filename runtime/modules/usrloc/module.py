"""The usrloc module: location tables in shared memory, and in a database where one is set.

Behaviour: ``usrloc`` of Kamailio 5.6.3. The tables are ``runtime.native.location``; here is what
happens seldom: the start, time, the database, RPC.
"""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from runtime.db.api import find_driver, identifier
from runtime.db.errors import DbError, DbUnavailable
from runtime.db.url import DbUrl
from runtime.modules.usrloc import rpc
from runtime.modules.usrloc.api import (
    DB_NONE,
    DB_ONLY,
    DB_READONLY,
    WRITE_BACK,
    WRITE_THROUGH,
    Changes,
    Expired,
)
from runtime.modules.usrloc.exports import EXPORTS
from runtime.modules.usrloc.store import Columns, Store
from runtime.modules.usrloc.sync import Batch, pending_batches
from runtime.native import location_sync, send
from runtime.native.location import Contact, Domain
from runtime.server.errors import PlaceLike, StartError
from runtime.server.log import LM_ERR, LM_INFO, LM_WARN
from runtime.server.module import Module as BaseModule
from runtime.server.ranks import PROC_INIT, PROC_TIMER
from runtime.server.waiting import Waiter

if TYPE_CHECKING:
    from runtime.server.server import Server

COLUMN_PARAMS = (
    *("ruid", "user", "domain", "contact", "received", "path", "expires", "q", "callid", "cseq"),
    *("last_modified", "flags", "cflags", "user_agent", "socket", "methods", "instance"),
    *("reg_id", "server_id", "connection_id", "keepalive"),
)
SYNCED = 1
FLAG_BITS = 32
DEFAULT_SIZE = 512
MOST_BITS = 20


class Module(BaseModule):
    """The location tables of one server."""

    EXPORTS = EXPORTS

    db_url: bytes
    timer_interval: int
    timer_procs: int
    db_mode: int
    db_load: int
    db_clean_tcp: int
    db_timer_clean: int
    expires_type: int
    use_domain: int
    desc_time_order: int
    matching_mode: int
    cseq_delay: int
    hash_size: int
    nat_bflag: int
    handle_lost_tcp: int
    close_expired_tcp: int
    skip_remote_socket: int
    rm_expired_delay: int
    version_table: int

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self.domains: dict[bytes, Domain] = {}
        self.nat_flag = 0
        self.aor_case_sensitive = False
        self._preload: list[bytes] = []
        self._told: list[Expired] = []
        self._store: Store | None = None
        self._loaded = False

    def param_preload(self, value: bytes, place: PlaceLike | None) -> None:
        """``modparam("usrloc", "preload", "table")``: make a table that no route names."""
        self._preload.append(value)

    def mod_init(self) -> None:
        """Bind the database, register timers."""
        self._check()
        if self.db_mode != DB_NONE:
            self._store = self._make_store()
        if self.timer_procs > 0:
            for number in range(self.timer_procs):
                life = partial(self._timer_life, number)
                self.server.add_process("USRLOC Timer", PROC_TIMER, life)
        elif self.timer_interval > 0:
            self.server.register_timer(lambda now: self._on_time(), self.timer_interval)
        self.server.on_death(self._died)
        for name in self._preload:
            self.domain(name)

    def _check(self) -> None:
        if not 0 <= self.db_mode <= DB_READONLY:
            raise StartError(f"usrloc: db_mode is 0 to 4, not {self.db_mode}")
        if self.hash_size > MOST_BITS:
            raise StartError(f"usrloc: hash_size is a power of two, at most {MOST_BITS}")
        if self.rm_expired_delay and self.db_mode != DB_ONLY:
            raise StartError("usrloc: rm_expired_delay is for db_mode 3")
        if self.timer_procs > 0 and self.timer_interval <= 0:
            raise StartError("usrloc: timer_procs need a timer_interval")
        if self.nat_bflag != -1:
            if not 0 <= self.nat_bflag < FLAG_BITS:
                raise StartError(f"usrloc: nat_bflag is 0 to 31, not {self.nat_bflag}")
            self.nat_flag = 1 << self.nat_bflag

    def child_init(self, rank: int) -> None:
        """Load the tables once, before any worker serves."""
        if rank == PROC_INIT:
            self.load_tables()

    def load_tables(self) -> None:
        """Read every table from the database (modes 1, 2, 4); in the arbiter, before the fork."""
        store = self._store
        if store is None or self._loaded:
            return
        self._loaded = True
        load = self.db_mode == DB_READONLY or (self.db_mode != DB_ONLY and self.db_load)
        try:
            for domain in self.domains.values():
                table = domain.name.decode()
                if self.version_table:
                    store.check_version(table)
                if not load:
                    store.load_aor(table, b"dummy_user@dummy_domain")
                    continue
                if self.db_clean_tcp:
                    store.delete_tcp(table)
                self._fill(domain, store.load(table))
        except DbError as error:
            raise StartError(f"usrloc: {error}") from None
        finally:
            store.close()

    def _fill(self, domain: Domain, contacts: list[Contact]) -> None:
        count = 0
        for contact in contacts:
            if not self._is_good(domain, contact):
                continue
            if not domain.put(contact._replace(connection_id=-1), SYNCED):
                raise StartError(
                    f"usrloc: {len(contacts)} contacts of {domain.name.decode()} do not fit into"
                    " shared memory: raise -m"
                )
            count += 1
        LM_INFO("%d contacts of table %s loaded", count, domain.name.decode())

    def _is_good(self, domain: Domain, contact: Contact) -> bool:
        if not (contact.ruid and contact.aor and contact.contact and contact.callid):
            LM_ERR("a row of %s for %r lacks a value, skipped", domain.name.decode(), contact.aor)
            return False
        remote = contact.socket is not None and location_sync.socket_number(contact.socket) < 0
        return not (remote and self.skip_remote_socket)

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
        return Store(
            driver,
            url,
            Columns(**names),
            use_domain=bool(self.use_domain),
            expires_as_numbers=bool(self.expires_type),
        )

    # for other modules: runtime.modules.usrloc.api.UsrlocApi

    def domain(self, name: bytes) -> Domain:
        """The location table of this name, made where it is new (before the fork)."""
        found = self.domains.get(name)
        if found is None:
            size = DEFAULT_SIZE if self.hash_size <= 1 else 1 << self.hash_size
            try:
                identifier(name.decode(errors="replace"))
                found = Domain(
                    name,
                    size,
                    write_back=self.db_mode == WRITE_BACK,
                    by_process=self.db_mode == DB_ONLY,
                )
            except (DbError, MemoryError) as error:
                raise StartError(f"usrloc: {error}") from None
            found.matching_mode = self.matching_mode
            found.cseq_delay = self.cseq_delay
            found.desc_time_order = bool(self.desc_time_order)
            found.handle_lost_tcp = bool(self.handle_lost_tcp) and self.db_mode != DB_ONLY
            found.nat_flag = self.nat_flag
            self.domains[name] = found
            separator = self.server.core.text("stats_name_separator").decode() or "_"
            for index, what in enumerate(("users", "contacts", "expires")):
                self.server.stats.register_function(
                    "usrloc", f"{name.decode()}{separator}{what}", partial(_count, found, index)
                )
        return found

    def on_expired(self, told: Expired) -> None:
        """Tell of every contact that expires (before the fork)."""
        self._told.append(told)

    def wants_changes(self) -> bool:
        """Must `changed` be told of every change?"""
        return self.db_mode in (WRITE_THROUGH, DB_ONLY)

    def changed(self, domain: Domain, changes: Changes) -> bool:
        """Write changes through. What the database does not take is written later by the timer;
        False where there is no later (DB_ONLY)."""
        store = self._store
        if store is None or not changes:
            return True
        table = domain.name.decode()
        send.flush()
        for what, contact in changes:
            gone = what == "gone"
            try:
                if not gone:
                    store.put(table, contact)
                    if self.db_mode == WRITE_THROUGH:  # may have gone meanwhile
                        gone = not location_sync.mark_synced(domain, contact)
                if gone:
                    store.delete(table, contact.ruid)
            except DbError as error:
                LM_ERR("%s", error)
                store.close()
                if self.db_mode == DB_ONLY:
                    return False
                if gone:
                    self._bury(domain, contact)
        return True

    def _bury(self, domain: Domain, contact: Contact) -> None:
        if not location_sync.bury(domain, contact.aor, contact.ruid):
            LM_ERR("out of shared memory: %r stays in the database", contact.ruid)

    def refresh(self, domain: Domain, *aors: bytes) -> None:
        """Read records anew from the database, where that alone holds them."""
        store = self._store
        if self.db_mode != DB_ONLY or store is None:
            return
        send.flush()
        domain.clear()
        try:
            contacts = [c for aor in aors for c in store.load_aor(domain.name.decode(), aor)]
        except DbError as error:
            LM_ERR("%s", error)
            store.close()
            return
        for contact in contacts:
            if self._is_good(domain, contact):
                domain.put(contact, SYNCED)

    def refresh_ruid(self, domain: Domain, ruid: bytes) -> bytes | None:
        """Read the record of a contact anew: its AOR, None where there is no such contact."""
        store = self._store
        if self.db_mode != DB_ONLY or store is None:
            return None
        send.flush()
        try:
            aor = store.aor_of(domain.name.decode(), ruid)
        except DbError as error:
            LM_ERR("%s", error)
            store.close()
            return None
        if aor is not None:
            self.refresh(domain, aor)
        return aor

    # time

    def _on_time(self, first: int = 0, step: int = 1) -> None:
        self.synchronise(first, step)
        written = self.db_mode in (WRITE_THROUGH, WRITE_BACK)
        if first == 0 and written and self.db_timer_clean:
            for domain in self.domains.values():
                self._clean(domain)

    def _timer_life(self, number: int) -> None:
        waiter = Waiter()
        while True:
            waiter.wait(None, self.timer_interval)
            self._on_time(number, self.timer_procs)

    def synchronise(self, first: int = 0, step: int = 1) -> bool:
        """Remove what has expired, write what the database does not know yet. False: it did not
        take it."""
        fine = True
        for domain in self.domains.values():
            if self.db_mode == DB_ONLY:
                if first == 0:
                    fine = self._clean(domain) and fine
            elif self.db_mode in (WRITE_THROUGH, WRITE_BACK):
                fine = self.flush(domain, first, step) and fine
            else:
                report = bool(self._told or self.close_expired_tcp)
                now = int(time.time())
                gone = location_sync.expire(domain, now, first=first, step=step, report=report)
                self._ended(domain, gone)
        return fine

    def _clean(self, domain: Domain) -> bool:
        """Delete what expired from the database itself (``db_timer_udomain``)."""
        store = self._store
        if store is None:
            return True
        table = domain.name.decode()
        before = int(time.time()) + 1 - max(self.rm_expired_delay, 0)
        try:
            if self._told and self.db_mode == DB_ONLY:
                self._ended(domain, store.load_expired(table, before))
            store.delete_expired(table, before)
        except DbError as error:
            LM_ERR("%s", error)
            store.close()
            return False
        return True

    def _ended(self, domain: Domain, gone: list[Contact]) -> None:
        for contact in gone:
            for told in self._told:
                told(domain.name, contact)
            if self.close_expired_tcp and contact.connection_id > 0:
                location_sync.close_connection(contact.connection_id)

    def flush(self, domain: Domain, first: int = 0, step: int = 1) -> bool:
        """Write what is marked; False where the database did not take it (it stays marked)."""
        fine = True
        for batch, ended in pending_batches(domain, int(time.time()), first, step):
            self._ended(domain, ended)
            fine = fine and self._write(domain, batch)
        return fine

    def _write(self, domain: Domain, batch: Batch) -> bool:
        """Write a batch at once, or one by one where a row of it is refused."""
        store = self._store
        if store is None or not batch.parts:
            return True
        table = domain.name.decode()
        try:
            try:
                store.write(table, batch.put, batch.dead)
            except DbUnavailable:
                raise
            except DbError as error:
                LM_ERR("%s: its contacts are written one by one", error)
                return self._write_each(domain, batch)
            for ruid in batch.settle(domain):
                store.delete(table, ruid)
        except DbError as error:
            LM_ERR("%s: contacts stay in memory and are written later", error)
            store.close()
            return False
        return True

    def _write_each(self, domain: Domain, batch: Batch) -> bool:
        store = self._store
        assert store is not None
        refused = 0
        for part in batch.singly():
            try:
                store.write(domain.name.decode(), part.put, part.dead)
                part.settle(domain)
            except DbUnavailable:
                raise
            except DbError as error:
                refused += 1
                LM_ERR("%s", error)
        return refused == 0

    def _died(self, slot: int) -> None:
        for domain in self.domains.values():
            location_sync.process_died(domain)

    def destroy(self) -> None:
        """Write back what is not in the database yet."""
        if self.db_mode not in (WRITE_THROUGH, WRITE_BACK):
            return
        for domain in self.domains.values():
            if not self.flush(domain):
                LM_WARN("contacts of %s are not in the database", domain.name.decode())

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

    @property
    def store(self) -> Store | None:
        """The database of this process."""
        return self._store


def _count(domain: Domain, index: int) -> int:
    return domain.counts()[index]
