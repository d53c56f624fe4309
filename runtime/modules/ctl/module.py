"""Module ``ctl``: RPC over binrpc sockets (UNIX stream and datagram, TCP, UDP) in one process."""

from __future__ import annotations

import os
import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar, Final

from runtime.declare.exports import Exports
from runtime.modules.ctl import binrpc
from runtime.modules.ctl.address import Address, bind, parse
from runtime.modules.ctl.context import END, NO_MATCH, BinrpcContext
from runtime.modules.ctl.exports import EXPORTS
from runtime.native import send
from runtime.server import ranks
from runtime.server.daemon import identity
from runtime.server.errors import PlaceLike, StartError
from runtime.server.log import LM_ERR, LM_WARN
from runtime.server.module import Module as BaseModule
from runtime.server.rpc import RpcContext, RpcFault
from runtime.server.server import Server

MAX_CONNECTIONS: Final = 512
IDLE_SECONDS: Final = 120.0
ANONYMOUS: Final = "<anonymous unix socket>"


@dataclass(slots=True)
class Peer:
    """A stream connection: what it sent so far, what it is still to get."""

    sock: socket.socket
    address: Address
    host: str
    port: str
    used: float
    broken: bool = False
    received: bytearray = field(default_factory=bytearray)
    pending: bytearray = field(default_factory=bytearray)
    after: list[Callable[[], None]] = field(default_factory=list)


class Module(BaseModule):
    """Listens where ``binrpc`` says, by default on ``<rundir>/kamailio_ctl``."""

    EXPORTS: ClassVar[Exports] = EXPORTS
    mode: int
    autoconversion: int

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._addresses: list[Address] = []
        self._sockets: list[tuple[Address, socket.socket]] = []
        self._peers: dict[int, Peer] = {}
        self._serving = False
        self._user = ""
        self._group = ""

    def param_binrpc(self, value: bytes, place: PlaceLike | None) -> None:
        """One more address: ``unix:``, ``unixs:``, ``unixd:``, ``tcp:``, ``udp:``."""
        try:
            rundir = self.server.core.text("rundir").decode()
            self._addresses.append(parse(value.decode(), rundir))
        except ValueError as error:
            raise StartError(f"modparam ctl:binrpc: {error}", place) from None

    def param_fifo(self, value: bytes, place: PlaceLike | None) -> None:
        """The old text protocol is not built; says so."""
        raise StartError("modparam ctl:fifo: the text protocol is not built, use binrpc", place)

    def param_user(self, value: bytes, place: PlaceLike | None) -> None:
        """Owner of UNIX sockets."""
        self._user = value.decode()

    def param_group(self, value: bytes, place: PlaceLike | None) -> None:
        """Group of UNIX sockets."""
        self._group = value.decode()

    def mod_init(self) -> None:
        """Bind now: a bad or taken address is an error of the start."""
        if not self._addresses:
            rundir = self.server.core.text("rundir").decode()
            self._addresses.append(parse("unixs:kamailio_ctl", rundir))
        uid, gid = identity(self._user, self._group)
        for address in self._addresses:
            try:
                sock = bind(address, self.mode or 0o660, uid, gid)
            except OSError as error:
                why = os.strerror(error.errno or 0)
                raise StartError(f"cannot listen on {address}: {why}") from None
            self._sockets.append((address, sock))
        self.server.add_process("ctl handler", ranks.PROC_RPC, self._serve)

    def destroy(self) -> None:
        """Remove the UNIX sockets."""
        for address, sock in self._sockets:
            sock.close()
            if address.path:
                try:
                    os.unlink(address.path)
                except OSError as error:
                    LM_WARN("cannot remove %s: %s", address.path, error.strerror)

    # -- the process

    def _serve(self) -> None:
        self._serving = True
        with selectors.DefaultSelector() as selector:
            for address, listener in self._sockets:
                listener.setblocking(False)
                selector.register(listener, selectors.EVENT_READ, address)
            while True:
                for key, mask in selector.select(1.0):
                    sock = key.fileobj
                    if not isinstance(sock, socket.socket):
                        continue
                    if isinstance(key.data, Peer):
                        self._stream(selector, key.data, mask)
                    elif key.data.stream:
                        self._accept(selector, sock, key.data)
                    else:
                        self._datagram(sock)
                self._close_idle(selector)

    def _close_idle(self, selector: selectors.BaseSelector) -> None:
        oldest = time.monotonic() - IDLE_SECONDS
        for peer in [peer for peer in self._peers.values() if peer.used < oldest]:
            self._close(selector, peer)

    def _accept(
        self, selector: selectors.BaseSelector, sock: socket.socket, address: Address
    ) -> None:
        try:
            connection, name = sock.accept()
        except OSError:
            return
        if len(self._peers) >= MAX_CONNECTIONS:
            LM_ERR("too many control connections, refusing one")
            connection.close()
            return
        connection.setblocking(False)
        host, port = (name[0], str(name[1])) if isinstance(name, tuple) else (ANONYMOUS, "")
        peer = Peer(connection, address, host, port, time.monotonic())
        self._peers[connection.fileno()] = peer
        selector.register(connection, selectors.EVENT_READ, peer)

    def _close(self, selector: selectors.BaseSelector, peer: Peer) -> None:
        selector.unregister(peer.sock)
        del self._peers[peer.sock.fileno()]
        peer.sock.close()

    def _stream(self, selector: selectors.BaseSelector, peer: Peer, mask: int) -> None:
        try:
            if mask & selectors.EVENT_READ:
                data = peer.sock.recv(65536)
                if not data:
                    self._close(selector, peer)
                    return
                peer.received += data
                peer.used = time.monotonic()
                self._packets(peer)
            sent = peer.sock.send(peer.pending) if peer.pending else 0
            del peer.pending[:sent]
            while peer.after and not peer.pending:
                peer.after.pop(0)()
        except BlockingIOError:
            pass
        except OSError as error:
            LM_WARN("control connection %s closed: %s", peer.host, error)
            self._close(selector, peer)
            return
        if peer.broken and not peer.pending:
            self._close(selector, peer)
            return
        events = 0 if peer.broken else selectors.EVENT_READ
        events |= selectors.EVENT_WRITE if peer.pending else 0
        selector.modify(peer.sock, events, peer)

    def _packets(self, peer: Peer) -> None:
        """Answer every whole packet; after one that is broken nothing more is read."""
        while not peer.broken:
            try:
                packet = binrpc.split(bytes(peer.received))
                if packet is None:
                    return
                del peer.received[: packet.size]
                answer, peer.broken = self._answer(packet, peer.after)
            except binrpc.BadPacket as error:
                LM_WARN("control connection %s: %s", peer.host, error)
                answer, peer.broken = _bad_request(0, f"bad request: {error}"), True
            peer.pending += answer

    def _datagram(self, sock: socket.socket) -> None:
        try:
            data, sender = sock.recvfrom(65535)
            if not sender:
                return
            after: list[Callable[[], None]] = []
            try:
                packet = binrpc.split(data)
                answer = self._answer(packet, after)[0] if packet is not None else b""
            except binrpc.BadPacket as error:
                LM_WARN("control datagram: %s", error)
                answer = _bad_request(0, f"bad request: {error}")
            if answer:
                sock.sendto(answer, sender)
            for function in after:
                function()
        except OSError as error:
            LM_WARN("control datagram dropped: %s", error)

    def _answer(
        self, packet: binrpc.Packet, after: list[Callable[[], None]]
    ) -> tuple[bytes, bool]:  # fmt: skip
        """The answer, and whether the request was none, so that the connection ends."""
        cookie = packet.cookie
        if packet.kind != binrpc.REQUEST:
            return _bad_request(cookie, f"bad request: {binrpc.CORRUPTED}"), True
        method, *args = binrpc.decode(packet.body) or [binrpc.Other("any")]
        if not isinstance(method, bytes):
            why = NO_MATCH if packet.body else END
            return _bad_request(cookie, f"bad request method: {why}"), True
        name = method.partition(b"\0")[0].decode("utf-8", "surrogateescape")
        ctx = BinrpcContext(name, args, self.autoconversion != 0)
        try:
            self.server.rpc.call(ctx)
            after += ctx.after
            return binrpc.reply(cookie, ctx.results), False
        except RpcFault as refusal:
            return binrpc.fault(cookie, refusal), False
        finally:
            send.flush()

    # -- RPC

    def _own(self, ctx: RpcContext) -> None:
        if not self._serving:
            ctx.fault(606, "rpc available only over binrpc (ctl)")

    def rpc_who(self, ctx: RpcContext) -> None:
        """Who is connected: six texts each."""
        self._own(ctx)
        if not self._peers:
            ctx.fault(400, "no open stream connection")
        for peer in self._peers.values():
            here = (peer.address.path, "")
            if not peer.address.path:
                host, port = peer.sock.getsockname()[:2]
                here = (host, str(port))
            ctx.add("binrpc", peer.address.kind, peer.host, peer.port, *here)

    def rpc_connections(self, ctx: RpcContext) -> None:
        """How many connections there are."""
        self._own(ctx)
        ctx.add(len(self._peers))

    def rpc_listen(self, ctx: RpcContext) -> None:
        """Where this process listens."""
        for address, _ in self._sockets if self._serving else ():
            ctx.add("binrpc", address.kind, address.path or address.host)
            ctx.add("" if address.path else str(address.port))


def _bad_request(cookie: int, text: str) -> bytes:
    return binrpc.fault(cookie, RpcFault(400, text))
