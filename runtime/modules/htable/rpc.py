"""RPC commands of htable (``htable_rpc_*``)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from runtime.db.errors import DbError
from runtime.declare.cint import wrap

if TYPE_CHECKING:
    from runtime.modules.htable.module import Module
    from runtime.native.htable import HTable
    from runtime.server.rpc import RpcContext, RpcStruct

AVP_VAL_STR = 2
NAME_AND_KEY = "Not enough parameters (htable name and key name)"
NAME_KEY_VALUE = "Not enough parameters (htable name, key name and value)"
NAME_ITEM_EXPIRE = "Not enough parameters (htable name, item name and expire)"
NAME_KEY_VALUE_EXPIRE = "Not enough parameters (htable name, key name, value and expire)"
SET = "Ok. Key set to new value."
NO_ROOM = "Failed to set the item"


def _table(self: Module, ctx: RpcContext, needs: int, missing: str) -> HTable:
    """The table that the first of ``needs`` arguments names."""
    if len(ctx.args) < needs:
        ctx.fault(500, missing)
    table = self.tables.get(ctx.str_arg(0))
    if table is None:
        ctx.fault(500, "No such htable")
    return table


def _add_value(to: RpcStruct, value: bytes | int) -> None:
    to.add("value", value.partition(b"\0")[0] if isinstance(value, bytes) else value)


def get(self: Module, ctx: RpcContext) -> None:
    """``htable.get table key``"""
    table = _table(self, ctx, 2, NAME_AND_KEY)
    item = table.item(ctx.str_arg(1))
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
    table = _table(self, ctx, 2, "Not enough parameters (htable name & key name")
    if not table.delete(ctx.str_arg(1)):
        ctx.fault(404, "Key not found in htable.")
    ctx.add("Ok. Key deleted.")


def sets(self: Module, ctx: RpcContext) -> None:
    """``htable.sets table key text``"""
    table = _table(self, ctx, 3, NAME_KEY_VALUE)
    if not table.set(ctx.str_arg(1), ctx.str_arg(2)):
        ctx.fault(500, NO_ROOM)
    ctx.add(SET)


def seti(self: Module, ctx: RpcContext) -> None:
    """``htable.seti table key number``"""
    table = _table(self, ctx, 3, NAME_KEY_VALUE)
    if not table.set(ctx.str_arg(1), wrap(ctx.int_arg(2))):
        ctx.fault(500, NO_ROOM)
    ctx.add(SET)


def setex(self: Module, ctx: RpcContext) -> None:
    """``htable.setex table key seconds``"""
    table = _table(self, ctx, 3, NAME_ITEM_EXPIRE)
    table.set_expire(ctx.str_arg(1), wrap(ctx.int_arg(2)))
    ctx.add("Ok")


def setxs(self: Module, ctx: RpcContext) -> None:
    """``htable.setxs table key text seconds``"""
    _set_with_expire(self, ctx, number=False)


def setxi(self: Module, ctx: RpcContext) -> None:
    """``htable.setxi table key number seconds``"""
    _set_with_expire(self, ctx, number=True)


def _set_with_expire(self: Module, ctx: RpcContext, *, number: bool) -> None:
    if len(ctx.args) < 4:
        ctx.fault(500, NAME_KEY_VALUE_EXPIRE)
    value = wrap(ctx.int_arg(2)) if number else ctx.str_arg(2)
    expires = wrap(ctx.int_arg(3))
    table = self.tables.get(ctx.str_arg(0))
    if table is None or not table.set(ctx.str_arg(1), value, expires):
        ctx.fault(500, NO_ROOM)
    ctx.add(SET)


def dump(self: Module, ctx: RpcContext) -> None:
    """``htable.dump table``: a structure for each slot that holds something."""
    table = _table(self, ctx, 1, "No htable name given")
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
    _table(self, ctx, 1, "No htable name given").clear()
    ctx.add("Ok. Htable flushed.")


def reload(self: Module, ctx: RpcContext) -> None:
    """``htable.reload table``: what the database holds takes the place of the items."""
    if self.store is None:
        ctx.fault(500, "No htable db_url")
    table = _table(self, ctx, 1, "No htable name given")
    spec = self.specs[table.name]
    if not spec.dbtable:
        ctx.fault(500, "No database htable")
    try:
        connection = self.store.connect()
    except DbError as error:
        ctx.fault(500, f"Failed to open htable db connection: {error}")
    try:
        fresh = spec.make()
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
    table = _table(self, ctx, 1, "No htable name given")
    spec = self.specs[table.name]
    if not spec.dbtable:
        ctx.fault(500, "No database htable")
    try:
        self.save(table)
    except DbError as error:
        ctx.fault(500, f"Storing htable failed: {error}")
    ctx.add("Ok. Htable successfully stored to DB.")
