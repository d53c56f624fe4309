"""corex: what is sent as it came, and where it differs from Kamailio 5.6.3 on purpose."""

from __future__ import annotations

import socket

from tests.helpers import servers
from tests.helpers.ports import PortPool
from tests.runtime.matrix import corex
from tests.runtime.matrix.harness import Case, run


def test_an_unknown_flag_sets_the_three() -> None:
    script = (
        'msg_iflag_set("nothing"); $var(a) = $rc; msg_iflag_is_set("UAC_AUTH"); $var(b) = $rc;'
        ' msg_iflag_is_set("use_uac_from"); $var(out) = "" + $var(a) + $var(b) + $rc;'
    )
    assert run(servers.OURS, [Case("A1", script)], PortPool(), corex.prepare) == {"A1": "111"}


def test_octets_are_sent_as_they_are() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sink:
        sink.bind(("127.0.0.1", 0))
        sink.settimeout(30)
        port = sink.getsockname()[1]
        cases = [
            Case("A1", f'send_data("sip:127.0.0.1:{port}", "one $rU"); $var(out) = $rc;'),
            Case("A2", f'sendx("sip:x@127.0.0.1:{port}", "udp:$Ri:$Rp", "two"); $var(out) = $rc;'),
            Case("A3", f'$ru = "sip:changed@h"; send_udp("127.0.0.1:{port}"); $var(out) = $rc;'),
            Case("A4", f'$du = "sip:127.0.0.1:{port}"; send_udp(); $var(out) = $rc;'),
        ]
        outcome = run(servers.OURS, cases, PortPool(), corex.prepare)
        got = [sink.recv(65536) for _ in cases]
    assert outcome == dict.fromkeys(("A1", "A2", "A3", "A4"), "1")
    assert got[:2] == [b"one bob", b"two"]
    for message, name in zip(got[2:], (b"A3", b"A4"), strict=True):
        assert message.startswith(
            b"OPTIONS sip:bob@example.com:5080;transport=udp SIP/2.0\r\nVia: "
        )
        assert b"Call-ID: " + name in message
