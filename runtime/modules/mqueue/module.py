"""The mqueue module: queues of scripts, shared by all processes.

Behaviour: ``mqueue`` of Kamailio 5.6.3. The queues are ``runtime.native.mqueue``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.db.api import Connection, find_driver, identifier
from runtime.db.errors import DbError
from runtime.db.url import DbUrl
from runtime.declare.cint import leading_int
from runtime.declare.record import Record
from runtime.modules.mqueue.exports import EXPORTS
from runtime.native.mqueue import Queue
from runtime.server.errors import PlaceLike, StartError
from runtime.server.log import LM_ERR, LM_WARN
from runtime.server.module import Module as BaseModule
from runtime.sip.params import split_params

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg
    from runtime.script.values import Value
    from runtime.server.rpc import RpcContext
    from runtime.server.server import Server

TRUE, FALSE, EMPTY = 1, -1, -2
LOADED = (1, 2)
SAVED = (1, 3)


class QueueSpec(Record):
    """A queue that a parameter declares; ``dbmode`` 1 loads and saves, 2 loads, 3 saves."""

    name: bytes
    size: int
    addmode: int
    dbmode: int = 0


class Module(BaseModule):
    """The queues of one server."""

    EXPORTS = EXPORTS

    db_url: bytes | None
    mqueue_size: int
    mqueue_addmode: int

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._specs: dict[bytes, QueueSpec] = {}
        self._queues: dict[bytes, Queue] = {}
        self._fetched: dict[bytes, tuple[bytes, bytes]] = {}

    def param_mqueue(self, value: bytes, place: PlaceLike | None) -> None:
        """``modparam("mqueue", "mqueue", "name=q;size=10;addmode=0;dbmode=0")``"""
        params = split_params(value.removesuffix(b";"))
        if params is None:
            raise StartError(f"mqueue: this reads name=q;size=10, not {value!r}", place)
        name = b""
        numbers = {b"size": 0, b"dbmode": 0, b"addmode": 0}
        for key, text in reversed(params):  # as parse_params lists them: the first one counts
            if key.lower() == b"name":
                name = text
            elif key.lower() in numbers:
                numbers[key.lower()] = leading_int(text)
            else:
                raise StartError(f"mqueue: a queue has no attribute {key!r}", place)
        self._declare(
            QueueSpec(name, numbers[b"size"], numbers[b"addmode"], numbers[b"dbmode"]), place
        )

    def param_mqueue_name(self, value: bytes, place: PlaceLike | None) -> None:
        """``modparam("mqueue", "mqueue_name", "q")``: with the size and mode set before."""
        self._declare(QueueSpec(value, self.mqueue_size, self.mqueue_addmode), place)

    def _declare(self, spec: QueueSpec, place: PlaceLike | None) -> None:
        if not spec.name:
            raise StartError("mqueue: a queue needs a name", place)
        if spec.name in self._specs:
            raise StartError(f"mqueue: queue {spec.name!r} is there already", place)
        self._specs[spec.name] = spec

    def mod_init(self) -> None:
        """Make the queues, fill them from the database."""
        if not self._specs:
            LM_WARN("mqueue: no queue is defined")
        for name, spec in self._specs.items():
            self._queues[name] = Queue(name, spec.size, spec.addmode)
            if spec.dbmode in LOADED:
                try:
                    self._load(self._queues[name])
                except DbError as error:
                    raise StartError(f"mqueue: {error}") from None
        self.server.on_death(self._died)

    def destroy(self) -> None:
        """Save the queues that want it."""
        for name, queue in self._queues.items():
            if self._specs[name].dbmode in SAVED:
                try:
                    self._save(queue)
                except DbError as error:
                    LM_ERR("mqueue: queue %r is not saved: %s", name, error)

    def _connect(self) -> Connection:
        if not self.db_url:
            raise DbError("dbmode needs parameter db_url")
        url = DbUrl.parse(self.db_url.decode(errors="surrogateescape"))
        return find_driver(self.server.modules, url).connect(url)

    def _load(self, queue: Queue) -> None:
        """Move the rows of the table of its name into a queue."""
        table = identifier(queue.name.decode("latin-1"))
        connection = self._connect()
        try:
            rows = connection.query(table, ("key", "val"), order="id").rows
            for key, value in rows:
                if not isinstance(key, bytes) or not isinstance(value, bytes):
                    raise DbError(f"table {table} holds texts, not {key!r} and {value!r}")
                if not queue.add(key, value):
                    raise DbError(f"the rows of {table} do not fit into shared memory")
            if rows:
                connection.delete(table)
        finally:
            connection.close()

    def _save(self, queue: Queue) -> None:
        """Move the items of a queue into the table of its name."""
        table = identifier(queue.name.decode("latin-1"))
        connection = self._connect()
        try:
            with connection.transaction():
                while (item := queue.fetch()) is not None:
                    connection.insert(table, {"key": item[0], "val": item[1]})
        finally:
            connection.close()

    def _died(self, slot: int) -> None:
        for queue in self._queues.values():
            queue.process_died()

    # functions

    def mq_add(self, msg: SipMsg, queue: bytes, key: bytes, value: bytes) -> int:
        """Put an item at the end of a queue."""
        found = self._queues.get(queue)
        if found is None:
            LM_ERR("mqueue: no queue %r", queue)
            return FALSE
        if not found.add(key, value):
            LM_ERR("mqueue: no shared memory left for queue %r: raise -m", queue)
            return FALSE
        return TRUE

    def mq_fetch(self, msg: SipMsg, queue: bytes) -> int:
        """Take the first item, for ``$mqk`` and ``$mqv``: -2 where the queue is empty."""
        found = self._queues.get(queue)
        if found is None:
            return FALSE
        return EMPTY if self._fetch(found) is None else TRUE

    def _fetch(self, queue: Queue) -> tuple[bytes, bytes] | None:
        item = queue.fetch()
        if item is None:
            self._fetched.pop(queue.name, None)
        else:
            self._fetched[queue.name] = item
        return item

    def mq_pv_free(self, msg: SipMsg, queue: bytes) -> int:
        """Forget the item that was taken last."""
        self._fetched.pop(queue, None)
        return TRUE

    def mq_size(self, msg: SipMsg, queue: bytes) -> int:
        """How many items there are: -1 for none, -2 where there is no such queue."""
        found = self._queues.get(queue)
        if found is None:
            LM_ERR("mqueue: no queue %r", queue)
            return EMPTY
        return found.size or FALSE

    # variables

    def pv_mqk(self, msg: SipMsg, name: bytes) -> Value:
        """``$mqk(queue)``: the key of the item taken last."""
        item = self._fetched.get(name)
        return (item[0] or None) if item is not None else None

    def pv_mqv(self, msg: SipMsg, name: bytes) -> Value:
        """``$mqv(queue)``: its value."""
        item = self._fetched.get(name)
        return (item[1] or None) if item is not None else None

    def pv_mq_size(self, msg: SipMsg, name: bytes) -> Value:
        """``$mq_size(queue)``"""
        found = self._queues.get(name)
        return None if found is None else found.size

    # RPC

    def _named(self, ctx: RpcContext, missing: int, unknown: int) -> Queue:
        found = ctx.scan("S")
        if not found:
            ctx.fault(missing, "No queue name")
        name = found[0]
        if not name or not isinstance(name, bytes):
            ctx.fault(missing, "Invalid queue name")
        queue = self._queues.get(name)
        if queue is None:
            ctx.fault(unknown, "No such queue")
        return queue

    def rpc_get_size(self, ctx: RpcContext) -> None:
        """``mqueue.get_size queue``"""
        queue = self._named(ctx, 400, 404)
        answer = ctx.add_struct()
        answer.add("name", queue.name)
        answer.add("size", queue.size)

    def rpc_get_sizes(self, ctx: RpcContext) -> None:
        """``mqueue.get_sizes``: the newest queue first."""
        for queue in reversed(self._queues.values()):
            answer = ctx.add_struct()
            answer.add("name", queue.name)
            answer.add("size", queue.size)

    def rpc_fetch(self, ctx: RpcContext) -> None:
        """``mqueue.fetch queue``: take the first item."""
        queue = self._named(ctx, 500, 500)
        item = self._fetch(queue)
        if item is None:
            ctx.fault(404, "Empty queue")
        key, value = item
        if not key or not value:
            ctx.fault(500, "Unexpected error (result)")
        answer = ctx.add_struct()
        answer.add("key", key)
        answer.add("val", value)
