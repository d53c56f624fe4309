"""Hash tables and their rows in a database (``ht_db.c``)."""

from __future__ import annotations

import time
from collections.abc import Sequence

from runtime.db.api import Connection, Driver, Row, Value, identifier
from runtime.db.errors import DbError
from runtime.db.url import DbUrl
from runtime.declare.cint import leading_int
from runtime.declare.record import Record
from runtime.modules.htable.syntax import TableSpec
from runtime.native.htable import HTable
from runtime.server.log import LM_ERR

ARRAY = 1
NUMBER = 1
NAME_ROOM = 255  # HT_NAME_BUF_SIZE without its NUL
PACK_ROOM = 4096  # HTABLE_PACK_BUF_SIZE
INT_ROOM = 12


def make_table(spec: TableSpec) -> HTable:
    """An empty table. Raises MemoryError."""
    return HTable(
        spec.name,
        spec.slots,
        expire=spec.autoexpire,
        updateexpire=bool(spec.updateexpire),
        initval=spec.initval,
    )


class Columns(Record):
    """The five columns of a table of items."""

    name: str
    key_type: str
    value_type: str
    value: str
    expires: str


class Store:
    """The database of the tables; a connection is open only while it is used.

    ``with_expires`` is parameter ``db_expires``, ``suffix`` is ``array_size_suffix``.
    """

    def __init__(
        self, driver: Driver, url: DbUrl, columns: Columns, *, with_expires: bool, suffix: bytes
    ) -> None:
        self._driver = driver
        self._url = url
        self._columns = columns
        self._with_expires = with_expires
        self._suffix = suffix

    def connect(self) -> Connection:
        """Open the database. Raises DbError."""
        return self._driver.connect(self._url)

    def load(self, connection: Connection, spec: TableSpec, table: HTable) -> bool:
        """Put the rows of a table's ``dbtable`` into ``table``; were there any? Raises DbError
        also for a row that is none of an item, MemoryError where there is no room."""
        name = identifier(spec.dbtable.decode("latin-1"))
        if spec.columns:
            columns = [identifier(c.decode("latin-1")) for c in spec.columns]
            rows = connection.query(name, columns, order=columns[0]).rows
            for row in rows:
                _put(table, _key(row[0], name), _packed(row[1:], name))
            return bool(rows)
        c = self._columns
        columns = [c.name, c.key_type, c.value_type, c.value]
        with_expires = self._with_expires and spec.autoexpire > 0
        if with_expires:
            columns.append(c.expires)
        rows = connection.query(name, columns, order=c.name).rows
        self._load_rows(rows, name, table, with_expires=with_expires)
        return bool(rows)

    def _load_rows(
        self, rows: Sequence[Row], dbtable: str, table: HTable, *, with_expires: bool
    ) -> None:
        now = int(time.time())
        array, seen, was_array = b"", 0, False
        for row in rows:
            key = _key(row[0], dbtable)
            expires = row[4] if with_expires else 0
            expires = expires if isinstance(expires, int) else 0
            if 0 < expires < now:
                continue
            if was_array and array and array != key:
                self._put_size(table, array, seen)
                seen = 0
            was_array = _type(row[1], "key_type", dbtable) == ARRAY
            array = name = key
            if was_array:
                name = (b"%b[%d]" % (key, seen))[:NAME_ROOM]
                seen += 1
            number = _type(row[2], "value_type", dbtable) != 0
            _put(table, name, _value(row[3], dbtable, number=number))
            if expires > 0:
                table.set_expire(name, expires - now)
        if was_array:
            self._put_size(table, array, seen)

    def _put_size(self, table: HTable, array: bytes, size: int) -> None:
        _put(table, (array + self._suffix)[:NAME_ROOM], size)

    def save(self, connection: Connection, spec: TableSpec, table: HTable) -> None:
        """Put every live item into the ``dbtable``, which is emptied. An item that the database
        does not take is logged. Raises DbError."""
        name = identifier(spec.dbtable.decode("latin-1"))
        c = self._columns
        with connection.transaction():
            connection.delete(name)
            now = int(time.time())
            for index in range(table.size):
                for key, value, expire in table.slot(index):
                    if spec.autoexpire > 0 and expire <= now:
                        continue
                    number = isinstance(value, int)
                    row: dict[str, Value] = {
                        c.name: key,
                        c.key_type: 0,
                        c.value_type: int(number),
                        c.value: b"%d" % value if isinstance(value, int) else value,
                    }
                    if self._with_expires and spec.autoexpire > 0:
                        row[c.expires] = expire
                    try:
                        connection.insert(name, row)
                    except DbError as error:
                        LM_ERR("htable: key %r is not stored: %s", key, error)


def _put(table: HTable, key: bytes, value: bytes | int) -> None:
    if not table.set(key, value):
        raise MemoryError(f"the rows of hash table {table.name!r} do not fit into shared memory")


def _key(cell: Value, dbtable: str) -> bytes:
    if not isinstance(cell, bytes):
        raise DbError(f"table {dbtable}: the key of an item is a text, not {cell!r}")
    return cell


def _type(cell: Value, column: str, dbtable: str) -> int:
    if cell is None:
        return 0
    if not isinstance(cell, int):
        raise DbError(f"table {dbtable}: column {column} holds numbers, not {cell!r}")
    return cell


def _value(cell: Value, dbtable: str, *, number: bool) -> bytes | int:
    if isinstance(cell, int):
        return cell if number else b"%d" % (cell & 0xFFFFFFFFFFFFFFFF)
    if isinstance(cell, bytes):
        return leading_int(cell) if number else cell
    raise DbError(f"table {dbtable}: a value is a text or a number, not {cell!r}")


def _packed(cells: Row, dbtable: str) -> bytes:
    """The values of ``cols``, with commas between and ``*`` for NULL."""
    texts = []
    room = len(cells) + 1
    for cell in cells:
        if cell is None:
            texts.append(b"*")
            room += 1
        elif isinstance(cell, int):
            texts.append(b"%d" % cell)
            room += INT_ROOM
        elif isinstance(cell, bytes):
            texts.append(cell)
            room += len(cell)
        else:
            raise DbError(f"table {dbtable}: cols are texts or numbers, not {cell!r}")
    if room >= PACK_ROOM:
        raise DbError(
            f"table {dbtable}: the values of a row need {room} octets, {PACK_ROOM} are room"
        )
    return b",".join(texts)
