"""The wire harness itself: what it sends, keeps, and takes for the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.helpers.ports import PortPool
from tests.helpers.servers import OURS, need_kamailio
from tests.runtime.matrix.harness import REFUSED
from tests.runtime.matrix.wire import PLAIN, Setup, WireCase, config_text, run, wire_differences

INVITE = replace(PLAIN, method="INVITE")
CASES = (
    WireCase("Stateless", r'append_hf("X: 1\r\n");', reply_script=r'append_hf("Y: 1\r\n");'),
    WireCase("Tm", 'remove_hf("Max-Forwards");', mode="tm"),
    WireCase("Destination", 'prefix("1");', mode="du", reply_script=r'append_hf("Y: 1\r\n");'),
    WireCase("Replies", 'sl_send_reply("404", "Not here");', mode="reply"),
    WireCase("Refused", "no_such_function();"),
    WireCase(
        "Fails",
        "",
        INVITE,
        mode="tm",
        branch_script=r'append_hf("X-Branch: 1\r\n");',
        failure_script='$rU = "other"; t_relay_to_udp("127.0.0.1", "@SINK@");',
        answers=("486 Busy", "200 OK\nContact: <sip:bob@example.net>||body"),
    ),
    WireCase("Ends", "", INVITE, mode="tm", answers=("180 Ringing", "404 Gone")),
)


def test_packets_and_answers_are_kept() -> None:
    got = run(OURS, CASES, PortPool(), Setup())
    assert got["Refused"] == REFUSED
    assert "\r\nX: 1\r\n\r\n" in got["Stateless"].partition("to client:")[0]
    assert "\r\nY: 1\r\n\r\n" in got["Stateless"].partition("to client:")[2]
    assert "Max-Forwards" not in got["Tm"]
    assert "OPTIONS sip:1bob@" in got["Destination"]
    assert got["Replies"].startswith("to client: SIP/2.0 404 Not here\r\n")
    assert got["Fails"].count("to sink: INVITE") == 2
    assert got["Fails"].count("to sink: ACK") == 1
    assert got["Fails"].endswith("Content-Length: 4\r\n\r\nbody")


def test_lines_belong_to_cases() -> None:
    text = config_text(CASES, Setup(), 5060)
    assert set(text.lines.values()) == {case.name for case in CASES}


@pytest.mark.oracle
def test_both_servers_send_the_same() -> None:
    need_kamailio()
    assert not wire_differences(CASES, PortPool())
