"""RPC commands of htable (``htable_rpc_*``)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from runtime.db.errors import DbError
from runtime.declare.cint import wrap
from runtime.modules.htable.store import make_table
from runtime.server.rpc import bytes_of, number_of

if TYPE_CHECKING:
    from runtime.modules.htable.module import Module
    from runtime.native.htable import HTable
    from runtime.server.rpc import RpcArg, RpcContext, RpcStruct

AVP_VAL_STR = 2
NO_NAME = "No htable name given"
NAME_AND_KEY = "Not enough parameters (htable name and key name)"
NAME_KEY_VALUE = "Not enough parameters (htable name, key name and value)"
NAME_ITEM_EXPIRE = "Not enough parameters (htable name, item name and expire)"
NAME_KEY_VALUE_EXPIRE = "Not enough parameters (htable name, key name, value and expire)"
SET = "Ok. Key set to new value."
NO_ROOM = "Failed to set the item"


def _scan(
    self: Module, ctx: RpcContext, form: str, missing: str
) -> tuple[HTable, list[RpcArg]]:  # fmt: skip
    """The table that the first argument names, and the others."""
    found = ctx.scan(form)
    if found.number < len(form.replace(".", "")):
        ctx.fault(500, missing)
    name, *others = found
    table = self.tables.get(name) if isinstance(name, bytes) else None
    if table is None:
        ctx.fault(500, "No such htable")
    return table, others


def _add_value(to: RpcStruct, value: bytes | int) -> None:
    to.add("value", value.partition(b"\0")[0] if isinstance(value, bytes) else value)


def get(self: Module, ctx: RpcContext) -> None:
    """``htable.get table key``"""
    table, (key,) = _scan(self, ctx, "SS", NAME_AND_KEY)
    item = table.item(bytes_of(key))
    if item is None:
        ctx.fault(500, "Key name doesn't exist in htable.")
    name, value, expire = item
    answer = ctx.add_struct().add_struct("item")
    answer.add("name", name)
    _add_value(answer, value)
    answer.add("flags", AVP_VAL_STR if isinstance(value, bytes) else 0)
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(expire)) if expire else "NEVER"
    answer.add("expire", when)


def delete(self: Module, ctx: RpcContext) -> None:
    """``htable.delete table key``"""
    missing = "Not enough parameters (htable name & key name"
    table, (key,) = _scan(self, ctx, "SS", missing)
    if not table.delete(bytes_of(key)):
        ctx.fault(404, "Key not found in htable.")
    ctx.add("Ok. Key deleted.")


def sets(self: Module, ctx: RpcContext) -> None:
    """``htable.sets table key text``"""
    table, (key, text) = _scan(self, ctx, "SS.S", NAME_KEY_VALUE)
    if not table.set(bytes_of(key), bytes_of(text)):
        ctx.fault(500, NO_ROOM)
    ctx.add(SET)


def seti(self: Module, ctx: RpcContext) -> None:
    """``htable.seti table key number``"""
    table, (key, number) = _scan(self, ctx, "SS.d", NAME_KEY_VALUE)
    if not table.set(bytes_of(key), wrap(number_of(number))):
        ctx.fault(500, NO_ROOM)
    ctx.add(SET)


def setex(self: Module, ctx: RpcContext) -> None:
    """``htable.setex table key seconds``"""
    table, (key, seconds) = _scan(self, ctx, "SS.d", NAME_ITEM_EXPIRE)
    table.set_expire(bytes_of(key), wrap(number_of(seconds)))
    ctx.add("Ok")


def setxs(self: Module, ctx: RpcContext) -> None:
    """``htable.setxs table key text seconds``"""
    _set_with_expire(self, ctx, "SS.Sd")


def setxi(self: Module, ctx: RpcContext) -> None:
    """``htable.setxi table key number seconds``"""
    _set_with_expire(self, ctx, "SS.dd")


def _set_with_expire(self: Module, ctx: RpcContext, form: str) -> None:
    found = ctx.scan(form)
    if found.number < 4:
        ctx.fault(500, NAME_KEY_VALUE_EXPIRE)
    name, key, value, expires = found
    table = self.tables.get(bytes_of(name))
    stored = value if isinstance(value, bytes) else wrap(number_of(value))
    if table is None or not table.set(bytes_of(key), stored, wrap(number_of(expires))):
        ctx.fault(500, NO_ROOM)
    ctx.add(SET)


def dump(self: Module, ctx: RpcContext) -> None:
    """``htable.dump table``: a structure for each slot that holds something."""
    table, _ = _scan(self, ctx, "S", NO_NAME)
    for index in range(table.size):
        items = table.slot(index)
        if not items:
            continue
        slot = ctx.add_struct()
        slot.add("entry", index)
        slot.add("size", len(items))
        rows = slot.add_array("slot")
        for name, value, _ in items:
            row = rows.add_struct()
            row.add("name", name)
            _add_value(row, value)
            row.add("type", "str" if isinstance(value, bytes) else "int")


def list_tables(self: Module, ctx: RpcContext) -> None:
    """``htable.listTables``: the newest first."""
    if not self.specs:
        ctx.fault(500, "No htables")
    for spec in reversed(self.specs.values()):
        row = ctx.add_struct()
        row.add("name", spec.name)
        row.add("dbtable", spec.dbtable[:127])
        row.add("dbmode", spec.dbmode)
        row.add("expire", wrap(spec.autoexpire))
        row.add("updateexpire", spec.updateexpire)
        row.add("size", spec.slots)
        row.add("dmqreplicate", spec.dmqreplicate)


def stats(self: Module, ctx: RpcContext) -> None:
    """``htable.stats``: items of all slots, of the emptiest and of the fullest."""
    if not self.tables:
        ctx.fault(500, "No htables")
    for table in reversed(self.tables.values()):
        sizes = [table.esize(index) for index in range(table.size)]
        row = ctx.add_struct()
        row.add("name", table.name)
        row.add("slots", table.size)
        row.add("all", sum(sizes))
        row.add("min", min(sizes))
        row.add("max", max(sizes))


def flush(self: Module, ctx: RpcContext) -> None:
    """``htable.flush table``"""
    table, _ = _scan(self, ctx, "S", NO_NAME)
    table.clear()
    ctx.add("Ok. Htable flushed.")


def reload(self: Module, ctx: RpcContext) -> None:
    """``htable.reload table``: what the database holds takes the place of the items."""
    if self.store is None:
        ctx.fault(500, "No htable db_url")
    table, _ = _scan(self, ctx, "S", NO_NAME)
    spec = self.specs[table.name]
    if not spec.dbtable:
        ctx.fault(500, "No database htable")
    try:
        connection = self.store.connect()
    except DbError as error:
        ctx.fault(500, f"Failed to open htable db connection: {error}")
    try:
        fresh = make_table(spec)
        try:
            self.store.load(connection, spec, fresh)
            table.exchange(fresh)
        finally:
            fresh.free()
    except (DbError, MemoryError) as error:
        ctx.fault(500, f"Htable reload failed: {error}")
    finally:
        connection.close()
    table.dbload = True
    ctx.add("Ok. Htable reloaded.")


def store(self: Module, ctx: RpcContext) -> None:
    """``htable.store table``: the items take the place of what the database holds."""
    if self.store is None:
        ctx.fault(500, "No htable db_url")
    table, _ = _scan(self, ctx, "S", NO_NAME)
    spec = self.specs[table.name]
    if not spec.dbtable:
        ctx.fault(500, "No database htable")
    try:
        self.save(table)
    except DbError as error:
        ctx.fault(500, f"Storing htable failed: {error}")
    ctx.add("Ok. Htable successfully stored to DB.")
