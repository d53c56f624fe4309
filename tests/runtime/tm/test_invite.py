"""INVITE transactions (RFC 3261 s. 16, 17.1.1, 17.2.1; RFC 6026)."""

from __future__ import annotations

from socket import AF_INET, SOCK_DGRAM, socket

from runtime.native import net
from tests.runtime.tm.world import CALLER, World, isolated, relay, reply, request


@isolated
def test_a_call_answered() -> None:
    world = World(relay)
    trying, invite = world.receive(request())
    assert trying.status == 100
    assert trying.first == b"SIP/2.0 100 trying -- your call is important to us"
    assert (trying.host, trying.port) == CALLER
    assert b";tag=" not in trying.header(b"to")
    assert invite.first == b"INVITE sip:callee@10.0.0.9:5070 SIP/2.0"
    assert (invite.host, invite.port) == (b"10.0.0.9", 5070)
    assert len(invite.headers(b"via")) == 2

    callee = (b"10.0.0.9", 5070)
    assert world.receive(reply(invite, 100), callee) == []
    (ringing,) = world.receive(reply(invite, 180), callee)
    assert ringing.status == 180 and len(ringing.headers(b"via")) == 1
    (ok,) = world.receive(reply(invite, 200), callee)
    assert ok.status == 200 and (ok.host, ok.port) == CALLER
    # RFC 6026: a further 2xx goes on, from the same branch and after completion
    (again,) = world.receive(reply(invite, 200), callee)
    assert again.data == ok.data
    assert world.advance(2000) == []
    world.finish()


@isolated
def test_the_ack_of_a_2xx_is_forwarded_without_a_transaction() -> None:
    world = World(relay)
    with socket(AF_INET, SOCK_DGRAM) as server, socket(AF_INET, SOCK_DGRAM) as callee:
        server.bind(("127.0.0.1", 0))
        callee.bind(("127.0.0.1", 0))
        net.set_fd(0, server.fileno())
        uri = b"sip:callee@127.0.0.1:%d" % callee.getsockname()[1]
        _, invite = world.receive(request(uri=uri))
        world.receive(reply(invite, 200))
        ack = request(b"ACK", uri=uri, branch=b"z9hG4bK-ack", to_tag=b"to-1")
        assert world.receive(ack) == []
        got = callee.recv(65536)
    assert got.startswith(b"ACK " + uri) and got.count(b"\r\nVia: ") == 2
    world.finish()


@isolated
def test_retransmissions_are_absorbed() -> None:
    world = World(relay)
    trying, invite = world.receive(request())
    (again,) = world.receive(request())
    assert again.data == trying.data
    (ringing,) = world.receive(reply(invite, 180))
    (again,) = world.receive(request())
    assert again.data == ringing.data
    world.receive(reply(invite, 486))
    world.finish()


@isolated
def test_a_silent_callee_hears_timer_a_and_then_the_caller_408() -> None:
    world = World(relay)
    _, invite = world.receive(request())
    times = []
    start = world.now
    while world.now < start + 29_000:
        for sent in world.advance(10):
            assert sent.data == invite.data
            times.append(world.now - start)
    assert times == [500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500]
    late = world.advance(2000)
    final = late[0]
    assert {m.data for m in late} == {final.data}  # repeated: no ACK came
    assert final.first == b"SIP/2.0 408 Request Timeout" and b";tag=" in final.header(b"to")
    world.finish()


@isolated
def test_a_negative_answer_is_acknowledged_and_repeated_until_the_ack() -> None:
    world = World(relay)
    _, invite = world.receive(request())
    sent = world.receive(reply(invite, 486, b"Busy Here"))
    ack, busy = sent if sent[0].status == 0 else sent[::-1]
    assert ack.first == b"ACK sip:callee@10.0.0.9:5070 SIP/2.0"
    assert ack.header(b"cseq") == b"1 ACK" and ack.header(b"to").endswith(b";tag=to-1")
    assert ack.headers(b"via") == invite.headers(b"via")[:1]
    assert busy.first == b"SIP/2.0 486 Busy Here"
    # the callee did not get the ACK
    (ack_again,) = world.receive(reply(invite, 486, b"Busy Here"))
    assert ack_again.data == ack.data
    assert [m.data for m in world.advance(1600)] == [busy.data, busy.data]
    assert world.receive(request(b"ACK", to_tag=b"to-1")) == []
    assert world.advance(3000) == []
    world.finish()


@isolated
def test_cancel_after_ringing() -> None:
    world = World(relay)
    _, invite = world.receive(request())
    world.receive(reply(invite, 180))
    sent = world.receive(request(b"CANCEL"))
    cancel = next(m for m in sent if m.status == 0)
    done = next(m for m in sent if m.status)
    assert done.first == b"SIP/2.0 200 canceling" and done.header(b"cseq") == b"1 CANCEL"
    assert cancel.first == b"CANCEL sip:callee@10.0.0.9:5070 SIP/2.0"
    assert cancel.headers(b"via") == invite.headers(b"via")[:1]
    assert world.receive(reply(cancel, 200)) == []
    sent = world.receive(reply(invite, 487, b"Request Terminated"))
    assert sorted(m.status for m in sent) == [0, 487]
    world.receive(request(b"ACK", to_tag=b"to-1"))
    assert world.advance(3000) == []
    world.finish()


@isolated
def test_cancel_before_any_answer_waits_for_one() -> None:
    world = World(relay)
    _, invite = world.receive(request())
    (done,) = world.receive(request(b"CANCEL"))
    assert done.first == b"SIP/2.0 200 canceling"
    assert [m.data for m in world.advance(600)] == [invite.data]
    (cancel,) = world.receive(reply(invite, 100))
    assert cancel.first.startswith(b"CANCEL ")
    world.receive(reply(cancel, 200))
    sent = world.receive(reply(invite, 487, b"Request Terminated"))
    assert 487 in [m.status for m in sent]
    world.receive(request(b"ACK", to_tag=b"to-1"))
    world.finish()


@isolated
def test_the_reason_of_a_cancel_goes_on() -> None:
    world = World(relay)
    _, invite = world.receive(request())
    world.receive(reply(invite, 180))
    line = b'Reason: SIP;cause=200;text="Call completed elsewhere"\r\n'
    sent = world.receive(request(b"CANCEL", extra=line))
    cancel = next(m for m in sent if m.status == 0)
    assert cancel.header(b"reason") == b'SIP;cause=200;text="Call completed elsewhere"'
    world.receive(reply(cancel, 200))
    world.receive(reply(invite, 487))
    world.receive(request(b"ACK", to_tag=b"to-1"))
    world.finish()


@isolated
def test_ringing_for_ever_ends_with_cancel_and_408() -> None:
    world = World(relay)
    _, invite = world.receive(request())
    world.receive(reply(invite, 180))
    assert world.advance(119_000, 100) == []
    sent = world.advance(2000)
    kinds = [m.status or m.first.split()[0] for m in sent]
    assert 408 in kinds and b"CANCEL" in kinds
    world.finish()


@isolated
def test_503_becomes_500() -> None:
    world = World(relay)
    _, invite = world.receive(request())
    sent = world.receive(reply(invite, 503, b"Service Unavailable"))
    assert [m.first for m in sent if m.status] == [b"SIP/2.0 500 Service Unavailable"]
    world.finish()
