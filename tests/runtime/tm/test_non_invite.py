"""Non-INVITE transactions (RFC 3261 s. 17.1.2, 17.2.2)."""

from __future__ import annotations

from runtime.native import sl, tm_script
from runtime.native.sipmsg import SipMsg
from runtime.script.flow import EXIT
from tests.runtime.tm.world import World, isolated, relay, reply, request


@isolated
def test_a_message_relayed() -> None:
    world = World(relay)
    (message,) = world.receive(request(b"MESSAGE", body=b"hello"))
    assert message.first.startswith(b"MESSAGE ") and message.data.endswith(b"\r\n\r\nhello")
    (ok,) = world.receive(reply(message, 200))
    assert ok.status == 200
    (again,) = world.receive(request(b"MESSAGE", body=b"hello"))
    assert again.data == ok.data
    assert world.receive(reply(message, 200)) == []
    world.finish()


@isolated
def test_timer_e_doubles_to_t2_and_408() -> None:
    world = World(relay)
    (message,) = world.receive(request(b"MESSAGE"))
    times = []
    start = world.now
    final = []
    while world.now < start + 31_000:
        for sent in world.advance(10):
            if sent.status:
                final.append((world.now - start, sent.status))
            else:
                assert sent.data == message.data
                times.append(world.now - start)
    assert times[:5] == [500, 1500, 3500, 7500, 11500]
    assert final == [(30_000, 408)]
    world.finish()


@isolated
def test_a_provisional_answer_slows_retransmissions() -> None:
    world = World(relay)
    (message,) = world.receive(request(b"MESSAGE"))
    assert world.receive(reply(message, 100)) == []
    assert world.advance(3900) == []
    assert [m.data for m in world.advance(200)] == [message.data]
    world.receive(reply(message, 200))
    world.finish()


@isolated
def test_replies_of_the_script() -> None:
    codes = []

    def route(msg: SipMsg) -> int:
        if tm_script.t_newtran(msg) == 0:
            return EXIT
        codes.append(tm_script.reply(msg, 404, b"Not here"))
        codes.append(tm_script.reply(msg, 500, b"Too late"))
        return 1

    world = World(route)
    (no,) = world.receive(request(b"OPTIONS"))
    assert no.first == b"SIP/2.0 404 Not here"
    assert codes == [1, -1]
    (again,) = world.receive(request(b"OPTIONS"))
    assert again.data == no.data and codes == [1, -1]
    world.finish()


@isolated
def test_an_address_that_cannot_be_resolved() -> None:
    results = []

    def route(msg: SipMsg) -> int:
        results.append(tm_script.t_relay(msg, None, 0, 0))
        return 1

    world = World(route)
    (no,) = world.receive(request(b"MESSAGE", uri=b"sip:callee@nowhere.invalid"))
    assert results[0] < 0
    assert no.first == b"SIP/2.0 478 Unresolvable destination (478/TM)"
    world.finish()


@isolated
def test_sending_fails() -> None:
    world = World(relay)
    world.refuse = lambda sent: sent.status == 0
    (no,) = world.receive(request(b"MESSAGE"))
    assert no.first == (b"SIP/2.0 477 Unfortunately error on sending to next hop occurred (477/TM)")
    world.finish()


@isolated
def test_nothing_is_done_with_a_transaction() -> None:
    def route(msg: SipMsg) -> int:
        assert tm_script.t_newtran(msg) == 1
        return 1

    world = World(route)
    assert world.receive(request(b"OPTIONS")) == []
    world.finish()


@isolated
def test_stateless_reply_and_its_ack() -> None:
    seen = []

    def route(msg: SipMsg) -> int:
        seen.append(msg.method)
        return sl.send_reply(msg, 403, b"No")

    world = World(route)
    (no,) = world.receive(request())
    assert no.first == b"SIP/2.0 403 No"
    tag = no.header(b"to").rpartition(b"tag=")[2]
    assert world.receive(request(b"ACK", to_tag=tag)) == []
    assert seen == [b"INVITE"]
    assert sl.counts()["403"] == 1 and sl.counts()["received_ACKs"] == 1
    world.receive(request(b"ACK", to_tag=b"other"))
    assert seen == [b"INVITE", b"ACK"]
    world.finish()


@isolated
def test_stray_reply_goes_on_without_a_transaction() -> None:
    world = World(relay)
    (message,) = world.receive(request(b"MESSAGE"))
    world.receive(reply(message, 200))
    world.advance(20_000)
    world.finish()
