"""JSON-RPC over a FIFO and over datagrams (``jsonrpcs_fifo.c``, ``jsonrpcs_sock.c``)."""

from __future__ import annotations

import contextlib
import os
import socket
import stat
import time
from collections.abc import Callable
from typing import Final

from runtime.modules.jsonrpcs.jsonrpc import Answer, complete
from runtime.server.log import LM_ERR
from runtime.server.waiting import Waiter

MAX_REQUEST: Final = 65536
MAX_DATAGRAM: Final = 65457

Handler = Callable[[bytes], "Answer | None"]


def make_fifo(path: str, mode: int, uid: int | None, gid: int | None) -> None:
    """Make the FIFO, in place of one of an earlier run. Raises OSError."""
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISFIFO(os.lstat(path).st_mode):
            raise FileExistsError(17, "the file exists and is no FIFO", path)
        os.unlink(path)
    os.mkfifo(path, mode)
    os.chmod(path, mode)
    if uid is not None or gid is not None:
        os.chown(path, -1 if uid is None else uid, -1 if gid is None else gid)


def serve_fifo(path: str, reply_dir: str, handle: Handler) -> None:
    """Read requests from the FIFO for ever; each names the FIFO for its answer."""
    fd = os.open(path, os.O_RDWR)  # held open for writing too, so that it never ends
    waiting = b""
    waiter = Waiter()
    while True:
        if not waiter.wait(fd):
            continue
        waiting += os.read(fd, 65536)
        while (size := complete(waiting)) > 0:
            text, waiting = waiting[:size], waiting[size:]
            answer = handle(text)
            if answer is not None:
                _to_fifo(reply_dir, answer)
                answer.sent()
        if len(waiting) > MAX_REQUEST:
            LM_ERR("request too large, dropping it")
            waiting = b""


def _to_fifo(reply_dir: str, answer: Answer) -> None:
    name = answer.reply_name
    if not name or b"/" in name or name.startswith(b"."):
        LM_ERR("no usable reply_name in the request: %r", name)
        return
    path = os.path.join(reply_dir, os.fsdecode(name))
    end = time.monotonic() + 2.0
    while True:
        try:
            fd = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
            break
        except OSError as error:
            if time.monotonic() > end:
                LM_ERR("cannot open the reply fifo %s: %s", path, error.strerror)
                return
            time.sleep(0.02)
    try:
        status = os.fstat(fd)
        if not stat.S_ISFIFO(status.st_mode) or status.st_nlink != 1:
            LM_ERR("%s is no fifo of its own", path)
            return
        body = answer.body + b"\n"
        while body and time.monotonic() < end:
            try:
                body = body[os.write(fd, body) :]
            except BlockingIOError:
                time.sleep(0.01)
    except OSError as error:
        LM_ERR("writing to %s: %s", path, error.strerror)
    finally:
        os.close(fd)


def bind_datagram(
    text: str, rundir: str, mode: int, uid: int | None, gid: int | None
) -> socket.socket:
    """Bind ``udp:host:port`` or a UNIX path. Raises OSError, ValueError."""
    if text.startswith("udp:"):
        host, _, port = text[4:].rpartition(":")
        if not host or not port.isdigit() or not 1024 <= int(port) <= 65535:
            raise ValueError("takes udp:host:port with a port of 1024 to 65535")
        host = host.strip("[]")
        sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind((host, int(port)))
        return sock
    path = text if text.startswith("/") else os.path.join(rundir, text)
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISSOCK(os.lstat(path).st_mode):
            raise FileExistsError(17, "the file exists and is no socket", path)
        os.unlink(path)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sock.bind(path)
    os.chmod(path, mode)
    if uid is not None or gid is not None:
        os.chown(path, -1 if uid is None else uid, -1 if gid is None else gid)
    return sock


def serve_datagrams(sock: socket.socket, timeout_ms: int, handle: Handler) -> None:
    """Answer datagrams for ever; an answer that a client does not take is dropped."""
    waiter = Waiter()
    while True:
        if not waiter.wait(sock.fileno()):
            continue
        try:
            text, sender = sock.recvfrom(MAX_REQUEST, socket.MSG_DONTWAIT)
        except BlockingIOError:  # another worker was faster
            continue
        answer = handle(text)
        if answer is None or not sender:
            continue
        sock.settimeout(timeout_ms / 1000)
        try:
            sock.sendto(answer.body[:MAX_DATAGRAM], sender)
        except OSError as error:
            LM_ERR("cannot answer a datagram: %s", error)
        finally:
            sock.settimeout(None)
        answer.sent()
