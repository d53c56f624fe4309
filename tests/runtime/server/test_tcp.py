"""TCP: framing, keep-alive, connections that are opened, reused and closed."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.native import frame
from tests.helpers.ports import PortPool
from tests.runtime.server.compiled import Running, ask, options_request, source, start

Start = Callable[..., Running]

FORWARD = """
    def request_route(self, msg):
        port = int(msg.ruri_user)
        sent = send.send_to(msg.message, b"127.0.0.1", port, 2)
        return self.reply(msg, 200 if sent else 500, b"OK")
"""


@pytest.fixture(name="run")
def _run(tmp_path: Path) -> Iterator[Start]:
    running: list[Running] = []
    ports = PortPool()

    def begin(text: str, *options: str) -> Running:
        found = start(text, tmp_path / str(len(running)), ports.take(), *options)
        running.append(found)
        return found

    yield begin
    for found in running:
        found.kill()


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), 5)


def read_messages(sock: socket.socket, count: int) -> list[bytes]:
    """``count`` messages without bodies."""
    data = b""
    while data.count(b"\r\n\r\n") < count:
        more = sock.recv(65536)
        if not more:
            break
        data += more
    return data.split(b"\r\n\r\n")[:count]


MESSAGE = b"A sip:b SIP/2.0\r\nV: x\r\nContent-Length: 3\r\n\r\nabc"


@pytest.mark.parametrize("cut", range(len(MESSAGE)))
def test_a_piece_is_no_message_yet(cut: int) -> None:
    assert frame.next_frame(MESSAGE[:cut]) == (0, 0)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (MESSAGE, (0, len(MESSAGE))),
        (MESSAGE + b"A", (0, len(MESSAGE))),
        (b"\n \t" + MESSAGE, (3, len(MESSAGE))),
        (b"\r\n\r\n" + MESSAGE, (4, -2)),
        (b"\r\n" + MESSAGE, (2, len(MESSAGE))),
        (b"A b\r\nl : 2\r\n\r\nxy", (0, 16)),
        (b"A b\nCONTENT-LENGTH:2\n\nxy", (0, 24)),
        (b"A b\r\nX: y\r\n\r\n", (0, -1)),
        (b"A b\r\nContent-Length: x\r\n\r\n", (0, -1)),
        (b"A b\r\nContent-Length: -1\r\n\r\n", (0, -1)),
        (b"A b\r\nContent-Length: 99999999999\r\n\r\n", (0, -1)),
        (b"A b\r\nContent-Lengthy: 1\r\nl:0\r\n\r\n", (0, 32)),
    ],
)
def test_frames(data: bytes, found: tuple[int, int]) -> None:
    assert frame.next_frame(data) == found


def test_no_content_length_is_taken_where_allowed() -> None:
    assert frame.next_frame(b"A b\r\n\r\nrest", accept_no_cl=True) == (0, 7)


@given(st.binary(max_size=200))
def test_any_bytes_give_a_verdict(data: bytes) -> None:
    skipped, length = frame.next_frame(data)
    assert 0 <= skipped <= len(data)
    assert length in (0, -1, -2) or skipped + length <= len(data)


def test_messages_whole_by_byte_and_several_at_once(run: Start) -> None:
    server = run(source())
    with connect(server.port) as sock:
        request = options_request(server.port, "ping", "TCP")
        sock.sendall(request)
        assert read_messages(sock, 1)[0].startswith(b"SIP/2.0 200 OK")
        for byte in range(len(request)):
            sock.sendall(request[byte : byte + 1])
        assert read_messages(sock, 1)[0].startswith(b"SIP/2.0 200 OK")
        sock.sendall(request * 20)
        assert all(m.startswith(b"SIP/2.0 200 OK") for m in read_messages(sock, 20))


def test_a_keepalive_is_answered(run: Start) -> None:
    server = run(source())
    with connect(server.port) as sock:
        sock.sendall(b"\r\n\r\n")
        assert sock.recv(10) == b"\r\n"


@pytest.mark.parametrize(
    "data",
    [
        b"A b SIP/2.0\r\nVia: x\r\n\r\n",
        b"A b SIP/2.0\r\nContent-Length: 99999999999\r\n\r\n",
        b"x" * 20000,
    ],
)
def test_what_cannot_be_framed_closes_the_connection(run: Start, data: bytes) -> None:
    server = run(source())
    with connect(server.port) as sock:
        sock.sendall(data)
        with contextlib.suppress(ConnectionResetError):
            assert sock.recv(10) == b""
    with connect(server.port) as sock:
        sock.sendall(options_request(server.port, "ping", "TCP"))
        assert read_messages(sock, 1)[0].startswith(b"SIP/2.0 200 OK")


@pytest.mark.parametrize("broken", ["no Call-ID", "no Via", "no SIP", "a reply of nobody"])
def test_a_message_that_is_an_error_ends_its_connection(run: Start, broken: str) -> None:
    """As with Kamailio, where `receive_msg` failed; what was answered before is written first."""
    server = run(source())
    good = options_request(server.port, transport="TCP")
    bad = {
        "no Call-ID": good.replace(b"Call-ID", b"X-Call"),
        "no Via": good.replace(b"Via", b"X-Via"),
        "no SIP": b"NONSENSE IS NO MESSAGE\r\nContent-Length: 0\r\n\r\n",
        "a reply of nobody": b"SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP 127.0.0.1\r\nl: 0\r\n\r\n",
    }[broken]
    with connect(server.port) as sock:
        sock.sendall(good + bad + good)
        data = b""
        while more := sock.recv(65536):
            data += more
    assert data.count(b"SIP/2.0 200") == 1
    with connect(server.port) as sock:
        sock.sendall(good)
        assert len(read_messages(sock, 1)) == 1


ENDS = """
    def request_route(self, msg):
        self.reply(msg, 200, b"OK")
        msg.failed = msg.ruri_user in (b"exit", b"drop")
        return {b"return": -1, b"drop": DROP}.get(msg.ruri_user, EXIT)
"""


@pytest.mark.parametrize("how", ["return", "exit", "drop"])
def test_a_route_that_ends_with_a_negative_code_ends_the_connection(run: Start, how: str) -> None:
    server = run(source(route=ENDS))
    with connect(server.port) as sock:
        sock.sendall(options_request(server.port, transport="TCP"))
        assert len(read_messages(sock, 1)) == 1
        sock.sendall(options_request(server.port, how, "TCP") * 2)
        data = b""
        while more := sock.recv(65536):
            data += more
    assert data.count(b"SIP/2.0 200") == 1


def test_one_connection_is_opened_and_used_again(run: Start) -> None:
    server = run(source(route=FORWARD))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5)
        port = listener.getsockname()[1]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(5)
            for n in range(5):
                sock.sendto(
                    options_request(server.port, str(port), cseq=n), ("127.0.0.1", server.port)
                )
                assert sock.recv(65535).startswith(b"SIP/2.0 200")
        peer, _ = listener.accept()
        with peer:
            peer.settimeout(5)
            messages = read_messages(peer, 5)
            assert [m.split(b"CSeq: ")[1][:1] for m in messages] == [b"0", b"1", b"2", b"3", b"4"]
            listener.settimeout(0.2)
            with pytest.raises(TimeoutError):
                listener.accept()


def test_nobody_listening_is_logged_and_told_at_once(run: Start) -> None:
    server = run(source(route=FORWARD))
    port = PortPool().take()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(5)
        sock.sendto(options_request(server.port, str(port)), ("127.0.0.1", server.port))
        assert sock.recv(65535).startswith(b"SIP/2.0 500")
    server.wait_log("connect failed")


def test_a_dead_reader_loses_its_connections_only(run: Start) -> None:
    server = run(source())
    with connect(server.port) as sock:
        sock.sendall(options_request(server.port, "pid", "TCP"))
        pid = int(read_messages(sock, 1)[0].split(b"\r\n")[0].split()[-1])
        os.kill(pid, signal.SIGKILL)
        assert sock.recv(10) == b""
    server.wait_log("runs again")
    with connect(server.port) as sock:
        sock.sendall(options_request(server.port, "ping", "TCP"))
        assert read_messages(sock, 1)[0].startswith(b"SIP/2.0 200 OK")


def test_idle_connections_end(run: Start) -> None:
    server = run(source(core=(("tcp_connection_lifetime", 1),)))
    with connect(server.port) as sock:
        assert sock.recv(10) == b""


def test_more_connections_than_allowed_are_refused(run: Start) -> None:
    server = run(source(core=(("tcp_max_connections", 2),)))
    first, second = connect(server.port), connect(server.port)
    with first, second, connect(server.port) as third:
        for sock in (first, second):
            sock.sendall(options_request(server.port, "ping", "TCP"))
            assert read_messages(sock, 1)[0].startswith(b"SIP/2.0 200 OK")
        assert third.recv(10) == b""
    server.wait_log("too many TCP connections")


FAULT = """
    def request_route(self, msg):
        from runtime.native import fault, tcpconn
        user = msg.ruri_user
        if user == b"check":
            return self.reply(msg, 200, b"%d" % tcpconn.check())
        if user.startswith(b"tcpconn."):
            fault.arm(user.decode())
            return self.reply(msg, 200, b"armed")
        sent = send.send_to(msg.message, b"127.0.0.1", int(user), 2)
        return self.reply(msg, 200 if sent else 500, b"OK")
"""


def first_line(server: Running, user: str) -> str:
    """The answer to one request, sent again until one comes."""
    for _ in range(30):
        answer = ask(server.port, user, 0.5)
        if answer:
            return answer
    return ""


@pytest.mark.parametrize("point", ["tcpconn.new", "tcpconn.put"])
def test_a_sender_that_dies_in_the_table_harms_nobody(run: Start, point: str) -> None:
    server = run(source(route=FAULT))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        port = str(listener.getsockname()[1])
        assert first_line(server, point) == "SIP/2.0 200 armed"
        assert ask(server.port, port, 0.3) == ""
        server.wait_log("runs again")
        assert first_line(server, port) == "SIP/2.0 200 OK"
        peer, _ = listener.accept()
        with peer:
            peer.settimeout(10)
            assert read_messages(peer, 1)[0].startswith(b"OPTIONS")
        assert first_line(server, "check") in ("SIP/2.0 200 0", "SIP/2.0 200 1")


def test_a_reader_that_dies_while_it_closes_leaves_a_good_table(run: Start) -> None:
    server = run(source(route=FAULT))
    assert first_line(server, "tcpconn.drop") == "SIP/2.0 200 armed"
    with connect(server.port) as sock:
        sock.sendall(b"\r\n\r\n")
        assert sock.recv(10) == b"\r\n"
    server.wait_log("runs again")
    assert first_line(server, "check") == "SIP/2.0 200 0"


def test_tcp_main_that_dies_before_the_hand_over_leaks_no_entry(run: Start) -> None:
    server = run(source(route=FAULT))
    assert first_line(server, "tcpconn.hand-over") == "SIP/2.0 200 armed"
    connect(server.port).close()
    server.wait_log("runs again")
    end = time.monotonic() + 20
    while first_line(server, "check") != "SIP/2.0 200 0":
        assert time.monotonic() < end
    with connect(server.port) as sock:
        sock.sendall(b"\r\n\r\n")
        assert sock.recv(10) == b"\r\n"
