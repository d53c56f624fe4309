"""The htable module: hash tables of scripts, shared by all processes.

Behaviour: ``htable`` of Kamailio 5.6.3. The tables are ``runtime.native.htable``.
"""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from runtime.db.api import find_driver, identifier
from runtime.db.errors import DbError
from runtime.db.url import DbUrl
from runtime.declare.exports import Routes
from runtime.declare.pvspec import PvSyntaxError, split_table_key
from runtime.modules.htable import matching, rpc
from runtime.modules.htable.exports import EXPORTS
from runtime.modules.htable.store import Columns, Store, make_table
from runtime.modules.htable.syntax import TableSpec, parse_spec
from runtime.native import htable_iter, receive, shm
from runtime.native.htable import HTable
from runtime.script import flow
from runtime.script.values import Value, unsigned
from runtime.server.errors import PlaceLike, StartError
from runtime.server.log import LM_ERR, LM_WARN
from runtime.server.module import Module as BaseModule
from runtime.server.ranks import PROC_INIT, PROC_SIPINIT, PROC_TIMER
from runtime.server.waiting import Waiter

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg
    from runtime.script.pv import Format
    from runtime.server.server import Server

TRUE, FALSE, STOP = 1, -1, 0
NO_TABLE = -11
MOD_INIT = "htable:mod-init"
EXPIRED = "htable:expired:"
MOST_NAME = 47  # what fits into HT_EVEX_NAME_SIZE behind ``htable:expired:``
KEY_ROOM = 8192  # the buffer of pv_printf_s
DEFAULT_INTERVAL = 20


class Module(BaseModule):
    """The hash tables of one server."""

    EXPORTS = EXPORTS

    db_url: bytes | None
    key_name_column: bytes
    key_type_column: bytes
    value_type_column: bytes
    key_value_column: bytes
    expires_column: bytes
    array_size_suffix: bytes
    fetch_rows: int
    timer_interval: int
    db_expires: int
    enable_dmq: int
    dmq_init_sync: int
    timer_procs: int
    event_callback: bytes | None
    event_callback_mode: int

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self.specs: dict[bytes, TableSpec] = {}
        self.tables: dict[bytes, HTable] = {}
        self.store: Store | None = None
        self._record: tuple[bytes, bytes | int] | None = None
        self._started = 0

    def param_htable(self, value: bytes, place: PlaceLike | None) -> None:
        """``modparam("htable", "htable", "name=>size=8;autoexpire=30;")``"""
        try:
            spec = parse_spec(value)
        except ValueError as error:
            raise StartError(f"htable: {error}", place) from None
        if spec.name in self.specs:
            raise StartError(f"htable: table {spec.name.decode('latin-1')} is there already", place)
        self.specs[spec.name] = spec

    def mod_init(self) -> None:
        """Make the tables, fill them from the database, ask for timers."""
        if self.enable_dmq > 0:
            raise StartError("htable: enable_dmq needs module dmq, which is not built")
        if any(spec.dmqreplicate for spec in self.specs.values()):
            LM_WARN("htable: dmqreplicate does nothing without enable_dmq")
        for name, spec in self.specs.items():
            self.tables[name] = make_table(spec)
        if self.db_url:
            self.store = self._make_store(self.db_url)
            self._load_tables(self.store)
        expiring = [table for table in self.tables.values() if table.htexpire > 0]
        if expiring:
            interval = self.timer_interval if self.timer_interval > 0 else DEFAULT_INTERVAL
            for number in range(self.timer_procs):
                life = partial(self._timer_life, expiring, number, interval)
                self.server.add_process("HTable Timer", PROC_TIMER, life)
            if self.timer_procs <= 0:
                self.server.register_timer(lambda now: self._drop_expired(expiring), interval)
        self.server.on_death(self._died)
        self._started = shm.malloc(1)
        shm.publish(self._started)
        shm.write(self._started, b"\0")

    def _make_store(self, db_url: bytes) -> Store:
        try:
            url = DbUrl.parse(db_url.decode(errors="surrogateescape"))
            columns = Columns(
                *(
                    identifier(name.decode("latin-1"))
                    for name in (
                        self.key_name_column,
                        self.key_type_column,
                        self.value_type_column,
                        self.key_value_column,
                        self.expires_column,
                    )
                )
            )
            driver = find_driver(self.server.modules, url)
        except DbError as error:
            raise StartError(f"htable: {error}") from None
        return Store(
            driver,
            url,
            columns,
            with_expires=bool(self.db_expires),
            suffix=self.array_size_suffix or b"::size",
        )

    def _load_tables(self, store: Store) -> None:
        try:
            connection = store.connect()
            try:
                for name in reversed(self.specs):
                    if self.specs[name].dbtable:
                        table = self.tables[name]
                        table.dbload = store.load(connection, self.specs[name], table)
            finally:
                connection.close()
        except DbError as error:
            raise StartError(f"htable: {error}") from None

    def child_init(self, rank: int) -> None:
        """Run ``event_route[htable:mod-init]``: once, before the fork or in the first worker."""
        wanted = PROC_INIT if self.event_callback_mode == 0 else PROC_SIPINIT
        if self.event_callback_mode not in (0, 1) or rank != wanted or self.event_callback:
            return
        index = self.server.event_route(MOD_INIT)
        if not index or shm.read(self._started, 1) != b"\0":
            return
        shm.write(self._started, b"\1")
        request = Routes.REQUEST.value
        code = receive.run_faked(lambda msg: self.server.run_route("event", index, msg, request))
        if code == flow.DROP:
            raise StartError(f"htable: `drop` in event_route[{MOD_INIT}] refuses the start")

    def destroy(self) -> None:
        """Write back what came from the database (``dbmode`` 1)."""
        if self.store is None:
            return
        for name in reversed(self.specs):
            spec, table = self.specs[name], self.tables.get(name)
            if table is None or not spec.dbmode or not table.dbload:
                continue
            if not spec.dbtable or spec.columns:
                continue
            try:
                self.save(table)
            except DbError as error:
                LM_ERR("htable: table %s is not stored: %s", name.decode("latin-1"), error)

    def save(self, table: HTable) -> None:
        """Put a table's items into its database table. Raises DbError."""
        spec = self.specs[table.name]
        assert self.store is not None
        connection = self.store.connect()
        try:
            self.store.save(connection, spec, table)
        finally:
            connection.close()

    # time and death

    def _drop_expired(self, tables: list[HTable], first: int = 0, step: int = 1) -> None:
        for table in tables:
            told = None
            if not self.event_callback and len(table.name) <= MOST_NAME:
                name = EXPIRED + table.name.decode("utf-8", "surrogateescape")
                index = self.server.event_route(name)
                told = partial(self._on_expired, index) if index else None
            for slot in range(first, table.size, step):
                table.drop_expired(slot, told)

    def _on_expired(self, index: int, name: bytes, value: bytes | int) -> None:
        self._record = (name, value)
        try:
            self.server.run_event_route(index)
        finally:
            self._record = None

    def _timer_life(self, tables: list[HTable], number: int, interval: int) -> None:
        waiter = Waiter()
        due = time.monotonic() + interval
        while True:
            waiter.wait(None, max(0.0, due - time.monotonic()))
            due += interval
            self._drop_expired(tables, number, max(self.timer_procs, 1))

    def _died(self, slot: int) -> None:
        for table in self.tables.values():
            table.process_died()

    # variables

    def _named(self, table: bytes, key: bytes) -> HTable | None:
        """The table of a variable; None where it is not there or the key does not fit."""
        if len(key) >= KEY_ROOM:
            LM_ERR("htable: a key of %d octets is too long", len(key))
            return None
        return self.tables.get(table)

    def pv_sht(self, msg: SipMsg, table: bytes, key: bytes) -> Value:
        """``$sht(table=>key)``"""
        found = self._named(table, key)
        return None if found is None else found.get(key)

    def set_pv_sht(self, msg: SipMsg, value: Value, table: bytes, key: bytes) -> None:
        """``$sht(table=>key) = value``; ``$null`` takes the item away."""
        found = self._named(table, key)
        if found is None:
            LM_ERR("htable: no table %s", table.decode("latin-1"))
        elif value is None:
            found.delete(key)
        elif not found.set(key, value):
            self._no_room(found, key)

    def pv_shtex(self, msg: SipMsg, table: bytes, key: bytes) -> Value:
        """``$shtex(table=>key)``: seconds until the item expires."""
        found = self._named(table, key)
        seconds = None if found is None else found.expires_in(key)
        return None if seconds is None else unsigned(seconds)

    def set_pv_shtex(self, msg: SipMsg, value: Value, table: bytes, key: bytes) -> None:
        """``$shtex(table=>key) = seconds``; what is no number is 0: it never expires."""
        found = self._named(table, key)
        if found is None:
            LM_ERR("htable: no table %s", table.decode("latin-1"))
        else:
            found.set_expire(key, value if isinstance(value, int) else 0)

    def pv_shtcn(self, msg: SipMsg, table: bytes, key: bytes) -> Value:
        """``$shtcn(table=>expression)``: how many items have such a name."""
        return self._count(table, key, value=False)

    def pv_shtcv(self, msg: SipMsg, table: bytes, key: bytes) -> Value:
        """``$shtcv(table=>expression)``: how many items have such a value."""
        return self._count(table, key, value=True)

    def _count(self, table: bytes, key: bytes, *, value: bool) -> Value:
        found = self._named(table, key)
        if found is None:
            return None
        if key[:2] == b"**":
            return found.count()
        try:
            wanted = matching.counted(key, value=value)
        except ValueError as error:
            LM_ERR("htable: %s", error)
            return 0
        return 0 if wanted is None else found.count_where(wanted)

    def pv_shtinc(self, msg: SipMsg, table: bytes, key: bytes) -> Value:
        """``$shtinc(table=>key)``: one more."""
        found = self._named(table, key)
        return None if found is None else found.add(key, 1)

    def pv_shtdec(self, msg: SipMsg, table: bytes, key: bytes) -> Value:
        """``$shtdec(table=>key)``: one less."""
        found = self._named(table, key)
        return None if found is None else found.add(key, -1)

    def pv_shtrecord(self, msg: SipMsg, name: bytes) -> Value:
        """``$shtrecord(key)``, ``$shtrecord(value)``: the item that expires."""
        if self._record is None:
            return None
        return self._record[0] if name == b"key" else self._record[1]

    def pv_shtitkey(self, msg: SipMsg, name: bytes) -> Value:
        """``$shtitkey(iterator)``"""
        item = htable_iter.iterator_item(name)
        return None if item is None else item[0]

    def pv_shtitval(self, msg: SipMsg, name: bytes) -> Value:
        """``$shtitval(iterator)``"""
        item = htable_iter.iterator_item(name)
        return None if item is None else item[1]

    # functions

    def _table(self, name: bytes) -> HTable | None:
        found = self.tables.get(name)
        if found is None:
            LM_ERR("htable: no table %r", name.decode("latin-1"))
        return found

    def _no_room(self, table: HTable, key: bytes) -> None:
        LM_ERR("htable: no shared memory left for %r of table %r: raise -m", key, table.name)

    def sht_print(self, msg: SipMsg) -> int:
        """Write every item into the log."""
        for table in reversed(self.tables.values()):
            LM_ERR("htable[%s] exp: %d", table.name.decode("latin-1"), table.htexpire)
            for index in range(table.size):
                items = table.slot(index)
                LM_ERR("htable[%d] -- <%d>", index, len(items))
                for name, value, expire in items:
                    kind = "v-s" if isinstance(value, bytes) else "v-i"
                    LM_ERR("\tcell: %s expire: %d", name.decode("latin-1"), expire)
                    LM_ERR("\t%s:%s", kind, _shown(value))
        return TRUE

    def sht_rm(self, msg: SipMsg, htname: bytes, itname: bytes) -> int:
        """Take one item away."""
        if not htname or not itname:
            return FALSE
        table = self._table(htname)
        if table is None:
            return FALSE
        table.delete(itname)
        return TRUE

    def sht_rm_name_re(self, msg: SipMsg, htable_regexp: Format) -> int:
        """Take the items away whose names match: ``sht_rm_name_re("table=>expression")``."""
        return self._remove_matching(msg, htable_regexp, value=False)

    def sht_rm_value_re(self, msg: SipMsg, htable_regexp: Format) -> int:
        """Take the items away whose texts match."""
        return self._remove_matching(msg, htable_regexp, value=True)

    def _remove_matching(self, msg: SipMsg, text: Format, *, value: bool) -> int:
        name, expression = self._table_key(msg, text)
        table = self.tables.get(name)
        if table is None:
            return TRUE
        return self._remove(table, b"re", expression, value=value)

    def _table_key(self, msg: SipMsg, text: Format) -> tuple[bytes, bytes]:
        """Table and key of an argument ``table=>key``; the table is text without variables."""
        try:
            name, at = split_table_key(text.text.decode("latin-1"))
        except PvSyntaxError:
            return b"", b""
        if "$" in name:
            return name.encode("latin-1"), b""
        return name.encode("latin-1"), text.eval(msg)[at:]

    def _remove(self, table: HTable, op: bytes, text: bytes, *, value: bool) -> int:
        if not text:
            return FALSE
        try:
            wanted = matching.by_text(op, text, value=value)
        except ValueError as error:
            LM_ERR("htable: %s", error)
            return FALSE
        if wanted is None or op not in (b"re", b"sw"):
            LM_WARN("htable: items are not taken away by %r, only by re and sw", op)
            return FALSE
        table.remove_where(wanted)
        return TRUE

    def sht_rm_name(self, msg: SipMsg, htable: bytes, op: bytes, val: bytes) -> int:
        """Take the items away whose names match (``re``) or begin so (``sw``)."""
        return self._remove_items(htable, op, val, value=False)

    def sht_rm_value(self, msg: SipMsg, htable: bytes, op: bytes, val: bytes) -> int:
        """Take the items away whose texts match (``re``) or begin so (``sw``)."""
        return self._remove_items(htable, op, val, value=True)

    def _remove_items(self, name: bytes, op: bytes, text: bytes, *, value: bool) -> int:
        if not name or not op or not text:
            return FALSE
        table = self._table(name)
        return FALSE if table is None else self._remove(table, op, text, value=value)

    def sht_match_name(self, msg: SipMsg, htable: bytes, op: bytes, mval: bytes) -> int:
        """Is there an item whose name is so (``eq``, ``ne``, ``re``, ``sw``)?"""
        return self._match(htable, op, mval, value=False)

    sht_has_name = sht_match_name

    def sht_match_str_value(self, msg: SipMsg, htable: bytes, op: bytes, mval: bytes) -> int:
        """Is there an item whose text is so?"""
        return self._match(htable, op, mval, value=True)

    sht_has_str_value = sht_match_str_value

    def _match(self, name: bytes, op: bytes, text: bytes, *, value: bool) -> int:
        if not name or not op or not text:
            return FALSE
        table = self._table(name)
        if table is None:
            return FALSE
        try:
            wanted = matching.by_text(op, text, value=value)
        except ValueError as error:
            LM_ERR("htable: %s", error)
            return FALSE
        if wanted is None:
            LM_WARN("htable: no operator %r, there are eq, ne, re, sw", op)
            return FALSE
        return TRUE if table.count_where(wanted, first=True) else FALSE

    def sht_lock(self, msg: SipMsg, htable_key: Format) -> int:
        """Lock the slot of a key: ``sht_lock("table=>key")``."""
        name, key = self._table_key(msg, htable_key)
        table = self._table(name)
        if table is None:
            return NO_TABLE
        table.lock(key)
        return TRUE

    def sht_unlock(self, msg: SipMsg, htable_key: Format) -> int:
        """Unlock it, whichever process locked it."""
        name, key = self._table_key(msg, htable_key)
        table = self._table(name)
        if table is None:
            return NO_TABLE
        table.unlock(key)
        return TRUE

    def sht_reset(self, msg: SipMsg, htable: bytes) -> int:
        """Take every item away."""
        table = self._table(htable)
        if table is None:
            return FALSE
        table.clear()
        return TRUE

    def sht_iterator_start(self, msg: SipMsg, iname: bytes, hname: bytes) -> int:
        """Name an iterator (4 in a process, 31 octets each) over a table."""
        if not iname or not hname:
            return FALSE
        code = htable_iter.iterator_start(iname, self._table(hname))
        if code == -1:
            LM_ERR("htable: no iterator is left for %r", iname)
        elif code == -2:
            LM_ERR("htable: %r is too long for the name of an iterator", iname)
        return TRUE if code == 0 else FALSE

    def sht_iterator_next(self, msg: SipMsg, iname: bytes) -> int:
        """Go to the next item and lock its slot; false at the end."""
        if not iname:
            return FALSE
        code = htable_iter.iterator_next(iname)
        if code == -2:
            LM_ERR("htable: there is no iterator %r", iname)
        return TRUE if code == 0 else FALSE

    def sht_iterator_end(self, msg: SipMsg, iname: bytes) -> int:
        """Forget an iterator, unlock what it locked."""
        if not iname or htable_iter.iterator_end(iname) < 0:
            LM_ERR("htable: there is no iterator %r", iname)
            return FALSE
        return TRUE

    def sht_iterator_rm(self, msg: SipMsg, iname: bytes) -> int:
        """Take the current item away and go to the next: -2 where there is none."""
        code = htable_iter.iterator_rm(iname) if iname else -1
        if code == -1:
            LM_ERR("htable: iterator %r is on no item", iname)
        return TRUE if code == 0 else code

    def sht_iterator_sets(self, msg: SipMsg, iname: bytes, sval: bytes) -> int:
        """Give the current item a text."""
        return self._iterator_set(iname, sval)

    def sht_iterator_seti(self, msg: SipMsg, iname: bytes, ival: Value) -> int:
        """Give the current item a number."""
        number = _number(ival)
        return FALSE if number is None else self._iterator_set(iname, number)

    def _iterator_set(self, iname: bytes, value: bytes | int) -> int:
        code = htable_iter.iterator_set(iname, value) if iname else -1
        if code == -1:
            LM_ERR("htable: iterator %r is on no item", iname)
        elif code < 0:
            LM_ERR("htable: no shared memory left: raise -m")
        return TRUE if code == 0 else FALSE

    def sht_iterator_setex(self, msg: SipMsg, iname: bytes, exval: Value) -> int:
        """Let the current item expire in so many seconds."""
        seconds = _number(exval)
        if seconds is None:
            return FALSE
        code = htable_iter.iterator_set_expire(iname, int(time.time()) + seconds) if iname else -1
        if code < 0:
            LM_ERR("htable: iterator %r is on no item", iname)
        return TRUE if code == 0 else FALSE

    def sht_setxs(
        self, msg: SipMsg, htname: bytes, itname: bytes, itval: bytes, exval: Value
    ) -> int:  # fmt: skip
        """Set an item to a text that expires in so many seconds."""
        return TRUE if self._set(htname, itname, itval, exval) else FALSE

    def sht_setxi(
        self, msg: SipMsg, htname: bytes, itname: bytes, itval: Value, exval: Value
    ) -> int:  # fmt: skip
        """Set an item to a number that expires in so many seconds; ends the script, as in 5.6.3."""
        return STOP if self._set(htname, itname, _number(itval), exval) else FALSE

    def _set(self, htname: bytes, itname: bytes, value: Value, exval: Value) -> bool:
        seconds = _number(exval)
        if not htname or not itname or value is None or seconds is None:
            return False
        table = self._table(htname)
        if table is None:
            return False
        if not table.set(itname, value, seconds):
            self._no_room(table, itname)
            return False
        return True

    # RPC

    rpc_get = rpc.get
    rpc_delete = rpc.delete
    rpc_sets = rpc.sets
    rpc_seti = rpc.seti
    rpc_setex = rpc.setex
    rpc_setxs = rpc.setxs
    rpc_setxi = rpc.setxi
    rpc_dump = rpc.dump
    rpc_listTables = rpc.list_tables
    rpc_stats = rpc.stats
    rpc_flush = rpc.flush
    rpc_reload = rpc.reload
    rpc_store = rpc.store


def _number(value: Value) -> int | None:
    """A number argument (``get_int_fparam``); None for a variable that holds no number."""
    return None if isinstance(value, bytes) else value


def _shown(value: bytes | int) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
