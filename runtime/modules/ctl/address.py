"""Addresses of control sockets: ``unix[s|d]:path``, ``tcp:host:port``, ``udp:host:port``."""

from __future__ import annotations

import os
import socket
import stat
from dataclasses import dataclass
from typing import Final

DEFAULT_PORT: Final = 2049
_KINDS: Final = {
    "unix": "unix_dgram",
    "unixd": "unix_dgram",
    "unixs": "unix_stream",
    "tcp": "tcp",
    "udp": "udp",
}


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen; ``path`` for UNIX sockets, host and port for the others."""

    kind: str
    path: str = ""
    host: str = ""
    port: int = 0

    @property
    def stream(self) -> bool:
        """Is it connection-oriented?"""
        return self.kind in ("unix_stream", "tcp")

    def __str__(self) -> str:
        return f"{self.kind}:{self.path or f'{self.host}:{self.port}'}"


def parse(text: str, rundir: str) -> Address:
    """Read an address; relative paths are under ``rundir``. Raises ValueError."""
    kind, colon, rest = text.partition(":")
    if not colon or kind not in _KINDS:
        kind, rest = ("unixs", text) if "/" in text else ("udp", text)
    if kind.startswith("unix"):
        path = rest if rest.startswith("/") else os.path.join(rundir, rest)
        if not rest or len(path.encode()) > 107:
            raise ValueError(f"{text!r}: a socket path has 1 to 107 bytes")
        return Address(_KINDS[kind], path=path)
    host, colon, port = rest.rpartition(":")
    if not colon:
        host, port = (rest, "") if not rest.isdigit() else ("", rest)
    if port and (not port.isdigit() or not 0 < int(port) < 65536):
        raise ValueError(f"{text!r}: bad port")
    host = host.strip("[]")
    return Address(_KINDS[kind], host="" if host == "*" else host, port=int(port or DEFAULT_PORT))


def bind(address: Address, mode: int, uid: int | None, gid: int | None) -> socket.socket:
    """Open and bind. A dead UNIX socket of an earlier run is replaced. Raises OSError."""
    kind = socket.SOCK_STREAM if address.stream else socket.SOCK_DGRAM
    if address.path:
        _remove_dead(address.path, kind)
        sock = socket.socket(socket.AF_UNIX, kind)
        try:
            before = os.umask(0o777 & ~mode)
            try:
                sock.bind(address.path)
            finally:
                os.umask(before)
            if uid is not None or gid is not None:
                os.chown(address.path, -1 if uid is None else uid, -1 if gid is None else gid)
        except OSError:
            sock.close()
            raise
    else:
        host = address.host or "0.0.0.0"
        sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind)
        try:
            if address.stream:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((host, address.port))
        except OSError:
            sock.close()
            raise
    if address.stream:
        sock.listen(64)
    return sock


def _remove_dead(path: str, kind: int) -> None:
    try:
        if not stat.S_ISSOCK(os.stat(path).st_mode):
            return
    except FileNotFoundError:
        return
    with socket.socket(socket.AF_UNIX, kind) as probe:
        try:
            probe.connect(path)
        except OSError:
            os.unlink(path)
