"""Core functions, rr and maxfwd in a running server: a request forwarded without a transaction."""

import socket
from collections.abc import Iterator

import pytest

from tests.helpers.ports import PortPool
from tests.runtime.server.compiled import Running, source, start
from tests.runtime.sip.samples import invite

ROUTE = """
    def request_route(self, msg):
        core = self.server.find_module("core")
        if self.server.find_module("maxfwd").mf_process_maxfwd_header(msg, 10) < 0:
            return self.reply(msg, 483, b"Too Many Hops")
        if self.server.find_module("sanity").sanity_check(msg) != 1:
            return EXIT
        rr = self.server.find_module("rr")
        if rr.loose_route(msg) < 0:
            rr.record_route(msg, b";x=y")
            core.rewriteuser(msg, b"carol")
        port = int(msg.hdr(b"X-Port"))
        transport = {b"UDP": core.forward_udp, b"TCP": core.forward_tcp}[msg.hdr(b"X-By")]
        return transport(msg, b"127.0.0.1", port)
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    text = source(
        modules=("sl", "rr", "maxfwd", "sanity"),
        core=(("server_header", b"Server: mine"), ("advertised_address", b"pub.example")),
        modparams=(("rr", "enable_full_lr", 1),),
        route=ROUTE,
    )
    running = start(text, tmp_path_factory.mktemp("core"), PortPool().take())
    yield running
    try:
        assert running.stop() == 0, running.log
    finally:
        running.kill()


def forwarded(server: Running, **parts: bytes) -> bytes:
    """What arrives at the next hop by UDP."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as hop,
    ):
        hop.bind(("127.0.0.1", 0))
        hop.settimeout(10)
        more = parts.pop("more", b"") + b"X-By: UDP\r\nX-Port: %d\r\n" % hop.getsockname()[1]
        phone.sendto(invite(more=more, **parts), ("127.0.0.1", server.port))
        return hop.recv(65536)


def test_request_to_the_next_hop(server: Running) -> None:
    out = forwarded(server)
    port = b"%d" % server.port
    assert out.startswith(b"INVITE sip:carol@example.com SIP/2.0\r\n")
    assert b"Record-Route: <sip:127.0.0.1:%s;lr=on;ftag=19;x=y>\r\n" % port in out
    assert b"Via: SIP/2.0/UDP pub.example:%s;branch=z9hG4bK" % port in out
    assert b"Max-Forwards: 69\r\n" in out


def test_the_branch_is_of_the_request(server: Running) -> None:
    def branch(packet: bytes) -> bytes:
        return packet.split(b";branch=", 1)[1].split(b"\r\n", 1)[0]

    first = branch(forwarded(server))
    assert branch(forwarded(server)) == first
    assert branch(forwarded(server, from_=b"<sip:alice@atlanta.com>;tag=other")) != first


def test_loose_route(server: Running) -> None:
    route = b"Route: <sip:127.0.0.1:%d;lr;ftag=19>\r\n" % server.port
    out = forwarded(server, more=route, to=b"<sip:bob@example.com>;tag=1")
    assert b"Route: <sip:127.0.0.1" not in out
    assert out.startswith(b"INVITE sip:bob@example.com ")


def answered(server: Running, data: bytes) -> bytes:
    """What comes back by UDP."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.settimeout(10)
        phone.sendto(data, ("127.0.0.1", server.port))
        return phone.recv(65536)


def test_a_failed_check_is_answered(server: Running) -> None:
    answer = answered(server, invite(more=b"Expires: soon\r\n"))
    assert answer.startswith(b"SIP/2.0 400 Expires value is illegal\r\n")
    answer = answered(server, invite(more=b"Proxy-Require: x\r\n"))
    assert answer.startswith(b"SIP/2.0 420 Bad Proxy Require Extension\r\n")
    assert b"\r\nUnsupported: x\r\n" in answer


def test_too_many_hops(server: Running) -> None:
    answer = answered(server, invite(mf=b"0"))
    assert answer.startswith(b"SIP/2.0 483 Too Many Hops\r\n")
    assert b"\r\nServer: mine\r\n" in answer


def test_by_tcp(server: Running) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone,
    ):
        listening.settimeout(10)
        more = b"X-By: TCP\r\nX-Port: %d\r\n" % listening.getsockname()[1]
        phone.sendto(invite(more=more), ("127.0.0.1", server.port))
        hop, _ = listening.accept()
        with hop:
            hop.settimeout(10)
            out = b""
            while not out.endswith(b"abcd"):
                out += hop.recv(65536)
    assert b"Via: SIP/2.0/TCP pub.example:%d;branch=" % server.port in out
    assert (
        out.count(b"Record-Route: <sip:pub.example:%d;transport=tcp;r2=on;lr=on" % server.port) == 1
    )
