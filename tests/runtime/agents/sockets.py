"""UDP and TCP ends of a test agent: whole messages in, any bytes out."""

import re
import socket
import time
from typing import Protocol

MAX_DATAGRAM = 65535


class Closed(Exception):
    """The other side closed the connection."""


class Wire(Protocol):
    """One end of a conversation with the server."""

    proto: str
    port: int

    def send(self, data: bytes) -> None: ...

    def receive(self, timeout: float) -> bytes | None:
        """The next message; None when `timeout` seconds passed; Closed at the end of a stream."""

    def close(self) -> None: ...


class UdpWire:
    """A datagram socket on 127.0.0.1 (or another loopback `host`) that talks to one server."""

    proto = "UDP"

    def __init__(self, server: tuple[str, int], port: int, host: str = "127.0.0.1") -> None:
        self._server = server
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self._socket.bind((host, port))
        self.port: int = self._socket.getsockname()[1]

    def send(self, data: bytes) -> None:
        self._socket.sendto(data, self._server)

    def receive(self, timeout: float) -> bytes | None:
        self._socket.settimeout(timeout)
        try:
            return self._socket.recv(MAX_DATAGRAM)
        except (TimeoutError, BlockingIOError):
            return None

    def close(self) -> None:
        self._socket.close()


class TcpWire:
    """A stream: connected to the server, or (`listen`) waiting for the server to connect.

    `port` is the local port in both cases, so that a Contact with it leads back here."""

    proto = "TCP"

    def __init__(self, server: tuple[str, int], port: int, listen: bool = False) -> None:
        self._buffer = b""
        self._listener: socket.socket | None = None
        self._stream: socket.socket | None = None
        self.port = port
        if listen:
            self._listener = socket.create_server(("127.0.0.1", port))
        else:
            self._stream = socket.create_connection(
                server, timeout=10.0, source_address=("127.0.0.1", port)
            )
            self._stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, data: bytes) -> None:
        if self._stream is None:
            raise Closed("nobody has connected")
        self._stream.settimeout(10.0)
        self._stream.sendall(data)

    def receive(self, timeout: float) -> bytes | None:
        deadline = time.monotonic() + timeout
        while True:
            whole = self._cut()
            if whole is not None:
                return whole
            try:
                data = self._read(max(0.0, deadline - time.monotonic()))
            except (TimeoutError, BlockingIOError):
                return None
            except ConnectionResetError:
                data = b""
            if not data:
                raise Closed("end of stream")
            self._buffer += data

    def _read(self, timeout: float) -> bytes:
        if self._stream is None:
            assert self._listener is not None
            self._listener.settimeout(timeout)
            self._stream = self._listener.accept()[0]
        self._stream.settimeout(timeout)
        return self._stream.recv(MAX_DATAGRAM)

    def _cut(self) -> bytes | None:
        """Take one message, or a CRLF keep-alive answer, off the buffer (RFC 3261 18.3)."""
        if self._buffer.startswith(b"\r\n"):
            self._buffer = self._buffer[2:]
            return b"\r\n"
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return None
        match = re.search(rb"(?im)^(?:content-length|l)[ \t]*:[ \t]*(\d+)", head)
        length = int(match.group(1)) if match else 0
        if len(rest) < length:
            return None
        self._buffer = rest[length:]
        return head + found + rest[:length]

    def close(self) -> None:
        for end in (self._stream, self._listener):
            if end is not None:
                end.close()
