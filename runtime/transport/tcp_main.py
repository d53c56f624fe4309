"""TCP main: accepts, enters the connection into the table, sends the socket to its reader."""

from __future__ import annotations

import selectors
import socket

from runtime.native import tcpconn
from runtime.native.klog import say


def serve(listeners: list[tuple[int, socket.socket]]) -> None:
    """Accept on ``(socket index, listener)`` for ever."""
    with selectors.DefaultSelector() as selector:
        for index, listener in listeners:
            selector.register(listener, selectors.EVENT_READ, index)
        while True:
            for key, _ in selector.select(1.0):
                if isinstance(key.fileobj, socket.socket):
                    _accept(key.fileobj, key.data)


def _accept(listener: socket.socket, index: int) -> None:
    try:
        connection, peer = listener.accept()
    except BlockingIOError:
        return
    except OSError as error:
        say(-1, "tcp_main", f"accept: {error}")
        return
    with connection:
        try:
            own = connection.getsockname()
        except OSError:
            return
        entry = tcpconn.accepted(index, peer[0].encode(), peer[1], own[0].encode(), own[1])
        if entry is None:
            say(-1, "tcp_main", f"too many TCP connections, refusing {peer[0]}:{peer[1]}")
            return
        number, reader = entry
        try:
            tcpconn.hand_over(number, reader, connection.fileno())
        except OSError as error:
            say(-1, "tcp_main", f"reader {reader} does not take connections: {error}")
