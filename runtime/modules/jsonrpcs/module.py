"""Module ``jsonrpcs``: JSON-RPC over FIFO, datagrams and HTTP, and from the script."""

from __future__ import annotations

import contextlib
import os
import socket
from typing import ClassVar

from runtime.declare.exports import Exports
from runtime.modules.jsonrpcs import transports
from runtime.modules.jsonrpcs.exports import EXPORTS
from runtime.modules.jsonrpcs.jsonrpc import Answer, handle
from runtime.modules.xhttp.api import XhttpApi
from runtime.native import send
from runtime.native.sipmsg import SipMsg
from runtime.server import ranks
from runtime.server.daemon import identity
from runtime.server.errors import StartError
from runtime.server.log import LM_ERR
from runtime.server.module import Module as BaseModule
from runtime.server.rpc import RpcContext
from runtime.server.server import Server


class Module(BaseModule):
    """``transport``: bits 2 FIFO, 4 datagram (1 is HTTP); 0 is all."""

    EXPORTS: ClassVar[Exports] = EXPORTS
    pretty_format: int
    transport: int
    fifo_name: bytes
    fifo_mode: int
    fifo_user: bytes | int | None
    fifo_group: bytes | int | None
    fifo_reply_dir: bytes
    dgram_socket: bytes
    dgram_workers: int
    dgram_timeout: int
    dgram_mode: int
    dgram_user: bytes | int | None
    dgram_group: bytes | int | None

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._fifo = ""
        self._socket: socket.socket | None = None
        self._last: Answer | None = None

    def mod_init(self) -> None:
        """Make the FIFO and the socket, ask for their processes."""
        rundir = self.server.core.text("rundir").decode()
        if self.fifo_name and (self.transport == 0 or self.transport & 2):
            self._fifo = os.path.join(rundir, self.fifo_name.decode())
            uid, gid = _owner(self.fifo_user, self.fifo_group)
            try:
                transports.make_fifo(self._fifo, self.fifo_mode or 0o660, uid, gid)
            except OSError as error:
                raise StartError(f"cannot make the FIFO {self._fifo}: {error.strerror}") from None
            self.server.add_process("JSONRPCS FIFO", ranks.PROC_RPC, self._serve_fifo)
        if self.dgram_socket and (self.transport == 0 or self.transport & 4):
            uid, gid = _owner(self.dgram_user, self.dgram_group)
            text = self.dgram_socket.decode()
            try:
                self._socket = transports.bind_datagram(
                    text, rundir, self.dgram_mode or 0o660, uid, gid
                )
            except OSError as error:
                raise StartError(f"cannot bind {text}: {error.strerror}") from None
            except ValueError as error:
                raise StartError(f"dgram_socket {error}") from None
            for _ in range(max(self.dgram_workers, 1)):
                self.server.add_process("JSONRPCS DATAGRAM", ranks.PROC_RPC, self._serve_datagrams)

    def destroy(self) -> None:
        """Remove FIFO and socket."""
        with contextlib.suppress(OSError):
            if self._fifo:
                os.unlink(self._fifo)
        if self._socket is not None:
            name = self._socket.getsockname()
            self._socket.close()
            if isinstance(name, str):
                with contextlib.suppress(OSError):
                    os.unlink(name)

    def _serve_fifo(self) -> None:
        transports.serve_fifo(
            self._fifo,
            self.fifo_reply_dir.decode(),
            lambda text: self._handle(text, needs_reply_name=True),
        )

    def _serve_datagrams(self) -> None:
        if self._socket is not None:
            transports.serve_datagrams(self._socket, self.dgram_timeout, self._handle)

    def _handle(self, text: bytes, needs_reply_name: bool = False) -> Answer | None:
        pretty = self.pretty_format != 0
        try:
            return handle(text, self.server.rpc, pretty=pretty, needs_reply_name=needs_reply_name)
        finally:
            send.flush()

    # -- from the script

    def jsonrpc_exec(self, msg: SipMsg, cmd: bytes) -> int:
        """Run a request; its answer is in ``$jsonrpl(...)``."""
        self._last = self._handle(cmd)
        if self._last is None:
            return -1
        self._last.sent()
        return 1

    def jsonrpc_dispatch(self, msg: SipMsg) -> int:
        """Run the request in an HTTP message's body and answer it through ``xhttp``.

        1, also where the message is no HTTP; -1: the body is no JSON, or there is no ``xhttp``.
        """
        if not msg.version.upper().startswith(b"HTTP/"):
            return 1
        http = self.server.api(XhttpApi)  # type: ignore[type-abstract]
        if http is None:
            LM_ERR("jsonrpc over HTTP needs module xhttp")
            return -1
        answer = self._handle(msg.body or b"")
        if answer is None:
            return -1
        reason = answer.reason.encode("utf-8", "surrogateescape")
        http.http_reply(msg, answer.code, reason, b"application/json", answer.body)
        answer.sent()
        return 1

    def pv_jsonrpl(self, msg: SipMsg, name: bytes) -> bytes | int | None:
        """``$jsonrpl(code|text|body)`` of the last ``jsonrpc_exec``."""
        if self._last is None:
            return None
        if name == b"code":
            return self._last.code
        if name == b"text":
            return self._last.reason.encode("utf-8", "surrogateescape")
        return self._last.body if name == b"body" else None

    def rpc_echo(self, ctx: RpcContext) -> None:
        """Give a text and a number back."""
        if text := ctx.scan("*.S"):
            ctx.add(text[0])
            ctx.add(*ctx.scan("*.d"))


def _owner(user: bytes | int | None, group: bytes | int | None) -> tuple[int | None, int | None]:
    """Numbers of a user and group given as name, number or not at all (-1)."""

    def text(value: bytes | int | None) -> str:
        if isinstance(value, int):
            return "" if value < 0 else str(value)
        return value.decode() if value else ""

    return identity(text(user), text(group))
