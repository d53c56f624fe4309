"""What a scenario's script is given: the server's address and phones to drive."""

import itertools
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack

from tests.helpers.ports import PortPool
from tests.helpers.servers import Server, ping
from tests.runtime.agents.phone import Phone, Unexpected
from tests.runtime.agents.sockets import TcpWire, UdpWire, Wire
from tests.runtime.oracle.config import DATABASE, DOMAIN
from tests.runtime.oracle.transcript import Entry

_SETTLE_ATTEMPTS = 12


class Play:
    """One run of one scenario. Everything phones send and get goes into `entries`."""

    def __init__(self, label: str, server: Server, pool: PortPool, closing: ExitStack) -> None:
        self.label = label
        self.port = server.port
        self.entries: list[Entry] = []
        self.ports = {"server": server.port}
        self._process = server
        self._pool = pool
        self._closing = closing
        self._phones: list[Phone] = []
        self._markers: Iterator[int] = itertools.count()

    @property
    def here(self) -> str:
        """`host:port` of the server."""
        return f"127.0.0.1:{self.port}"

    def udp(self, name: str, account: str = "", host: str = "127.0.0.1") -> Phone:
        """A phone on a UDP socket of its own; `account` if its user is another than its name."""
        wire = UdpWire(self._server(), self._pool.take(), host)
        return self._phone(name, wire, account, host)

    def tcp(self, name: str, listen: bool = False) -> Phone:
        """A phone connected over TCP, or one that waits for the server to connect."""
        return self._phone(
            name, TcpWire(self._server(), self._pool.take(), listen), "", "127.0.0.1"
        )

    def _server(self) -> tuple[str, int]:
        return "127.0.0.1", self.port

    def _phone(self, name: str, wire: Wire, account: str, host: str) -> Phone:
        self._closing.callback(wire.close)
        self.ports[name] = wire.port
        phone = Phone(name, self.label, wire, self.here, DOMAIN, self._record, host, account)
        self._phones.append(phone)
        return phone

    def _record(self, who: str, direction: str, data: bytes) -> None:
        self.entries.append(Entry(who, direction, data))

    def unused_port(self, name: str) -> int:
        """A port with nobody behind it, `<name>` in the transcript."""
        self.ports[name] = self._pool.take()
        return self.ports[name]

    def settle(self, repeats: bool = False) -> int:
        """Until the server has worked off all datagrams sent so far; then record what lies unread
        in the phones' sockets (repeats only if asked), and say how much that was.

        No clock decides: the servers run one UDP worker, so its answer to an OPTIONS follows
        everything that earlier datagrams caused."""
        for marker in itertools.islice(self._markers, _SETTLE_ATTEMPTS):
            if ping(self.port, f"{self.label}-{marker}", timeout=0.5):
                return sum(phone.leftovers(repeats) for phone in self._phones)
        raise Unexpected("the server does not answer OPTIONS any more")

    def restart(self) -> None:
        """Stop the server and start it again: only for a configuration that scenarios of this
        kind have to themselves."""
        self._process.restart()
        self._record("server", "restarted", b"")

    def rpc(self, method: str, *params: str | int) -> None:
        """A JSON-RPC command and its reply."""
        self._record("rpc", ">", f"{method} {':'.join(map(str, params))}".encode())
        self._record("rpc", "<", self._process.rpc(method, *params))

    def rows(self, select: str) -> None:
        """What a query finds in the server's database."""
        with sqlite3.connect(self._process.directory / DATABASE) as db:
            found = db.execute(select).fetchall()
        db.close()
        for row in found:
            self._record("database", "<", repr(row).encode())

    def quiet(self) -> None:
        """Nothing must have come, not even a repeat, since the last `settle`."""
        if self.settle(repeats=True):
            raise Unexpected("something came where nothing should")
        self._record("everyone", "quiet", b"")
