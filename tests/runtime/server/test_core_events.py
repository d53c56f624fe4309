"""``event_route[core:msg-received]``, ``[core:pre-routing]``, ``[core:receive-parse-error]``."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers import servers
from tests.helpers.ports import PortPool

CONFIG = """
log_stderror=yes
children=1
auto_aliases=no
dns=no
rev_dns=no
received_route_mode=1
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "xlog.so"
loadmodule "textops.so"
request_route { sl_send_reply("200", "OK $hdr(X-Foo) $ru"); }
event_route[core:msg-received] {
  xlog("L_ALERT", "RCV $rcv(len) $rcv(sproto) $rcv(srcip) $rcv(af) $rm\\n");
  if ($(rcv(buf)) =~ "X-Foo: drop") drop;
  if ($(rcv(buf)) =~ "X-Foo: negative") return -1;
  $(rcv(buf)) = $(rcv(buf){s.replace,change,altered});
}
event_route[core:pre-routing] {
  if ($hdr(X-Foo) == "stop") drop;
  if ($hdr(X-Foo) == "routed") $ru = "sip:pre@routed";
}
event_route[core:receive-parse-error] { xlog("L_ALERT", "BAD $mb|$ml|$rm|$mt\\n"); }
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[servers.Server]:
    path = tmp_path / "events.cfg"
    path.write_text(CONFIG)
    started = servers.start(servers.OURS, path, tmp_path, PortPool().take())
    try:
        yield started
    finally:
        started.stop()


def ask(wire: socket.socket, port: int, *foos: str) -> str:
    """The reason phrase of the first answer to requests with these values of X-Foo."""
    for foo in foos:
        packet = (
            "OPTIONS sip:bob@example.com SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP 127.0.0.1:{wire.getsockname()[1]};branch=z9hG4bK{foo}\r\n"
            f"From: <sip:a@b>;tag=1\r\nTo: <sip:b@c>\r\nCall-ID: {foo}\r\nCSeq: 1 OPTIONS\r\n"
            f"X-Foo: {foo}\r\nContent-Length: 0\r\n\r\n"
        )
        wire.sendto(packet.encode(), ("127.0.0.1", port))
    return wire.recv(9999).split(b"\r\n")[0].decode().partition("200 ")[2]


def test_a_packet_passes_the_event_routes_of_the_core(
    server: servers.Server, tmp_path: Path
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.bind(("127.0.0.1", 0))
        wire.settimeout(30)
        port, own = server.port, "sip:bob@example.com"
        assert ask(wire, port, "plain") == f"OK plain {own}"
        assert ask(wire, port, "change") == f"OK altered {own}"
        assert ask(wire, port, "routed") == "OK routed sip:pre@routed"
        wire.sendto(b"no SIP at all, and long enough\r\n\r\n", ("127.0.0.1", port))
        assert ask(wire, port, "drop", "negative", "stop", "last") == f"OK last {own}"
    log = (tmp_path / "log").read_text()
    assert "BAD no SIP at all, and long enough\r\n\r\n|34|<null>|0" in log.replace(
        "\n\n", "\r\n\r\n"
    )
    assert "udp 127.0.0.1 2 OPTIONS" in log
