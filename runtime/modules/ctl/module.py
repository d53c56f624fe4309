"""Module ``ctl``: RPC over binrpc sockets (UNIX stream and datagram, TCP, UDP) in one process."""

from __future__ import annotations

import os
import selectors
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar, Final

from runtime.declare.exports import Exports
from runtime.modules.ctl import binrpc
from runtime.modules.ctl.address import Address, bind, parse
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
DEFAULT_PORT: Final = 2049


@dataclass(slots=True)
class Peer:
    """A stream connection: what it sent so far, what it is still to get."""

    sock: socket.socket
    address: Address
    name: str
    received: bytearray = field(default_factory=bytearray)
    pending: bytearray = field(default_factory=bytearray)
    after: list[Callable[[], None]] = field(default_factory=list)


class Module(BaseModule):
    """Listens where ``binrpc`` says, by default on ``<rundir>/kamailio_ctl``."""

    EXPORTS: ClassVar[Exports] = EXPORTS
    mode: int

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._addresses: list[Address] = []
        self._sockets: list[tuple[Address, socket.socket]] = []
        self._peers: dict[int, Peer] = {}
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
        text = f"{name[0]}:{name[1]}" if isinstance(name, tuple) else "<anonymous unix socket>"
        peer = Peer(connection, address, text)
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
                self._packets(peer)
            sent = peer.sock.send(peer.pending) if peer.pending else 0
            del peer.pending[:sent]
            while peer.after and not peer.pending:
                peer.after.pop(0)()
        except BlockingIOError:
            pass
        except (OSError, binrpc.BadPacket) as error:
            LM_WARN("control connection %s closed: %s", peer.name, error)
            self._close(selector, peer)
            return
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if peer.pending else 0)
        selector.modify(peer.sock, events, peer)

    def _packets(self, peer: Peer) -> None:
        while True:
            packet = binrpc.split(bytes(peer.received))
            if packet is None:
                return
            del peer.received[: packet.size]
            peer.pending += self._answer(packet, peer.after)

    def _datagram(self, sock: socket.socket) -> None:
        try:
            data, sender = sock.recvfrom(65535)
            packet = binrpc.split(data)
            if packet is not None and sender:
                after: list[Callable[[], None]] = []
                sock.sendto(self._answer(packet, after), sender)
                for function in after:
                    function()
        except (OSError, binrpc.BadPacket) as error:
            LM_WARN("control datagram dropped: %s", error)

    def _answer(self, packet: binrpc.Packet, after: list[Callable[[], None]]) -> bytes:
        try:
            values = binrpc.decode(packet.body)
            if packet.kind != binrpc.REQUEST or not values or not isinstance(values[0], bytes):
                raise RpcFault(400, "bad request: corrupted packet")
            method = values[0].decode("utf-8", "replace")
            ctx = self.server.rpc.call(method, tuple(values[1:]), "binrpc")
            after += ctx.after
            return binrpc.reply(packet.cookie, ctx.results)
        except binrpc.BadPacket as error:
            return binrpc.fault(packet.cookie, RpcFault(400, f"bad request: {error}"))
        except RpcFault as refusal:
            return binrpc.fault(packet.cookie, refusal)
        finally:
            send.flush()

    # -- RPC

    def rpc_who(self, ctx: RpcContext) -> None:
        """Who is connected."""
        for peer in self._peers.values():
            ctx.add("binrpc", peer.address.kind, peer.name, "", peer.address.path, "")

    def rpc_connections(self, ctx: RpcContext) -> None:
        """How many connections there are."""
        ctx.add(len(self._peers))

    def rpc_listen(self, ctx: RpcContext) -> None:
        """Where this process listens."""
        for address, _ in self._sockets:
            ctx.add("binrpc", address.kind, address.path or address.host)
            ctx.add("" if address.path else str(address.port))
