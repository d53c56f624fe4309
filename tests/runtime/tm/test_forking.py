"""Parallel and serial forking, and which answer wins (RFC 3261 s. 16.7)."""

from __future__ import annotations

import re

from runtime.modules.tm.contacts import Contacts
from runtime.native import tm_admin, tm_script
from runtime.native.sipmsg import SipMsg
from tests.runtime.tm.world import Sent, World, isolated, reply, request

FAILURE, BRANCH, ONREPLY, BRANCH_FAILURE = range(4)


def fork(msg: SipMsg) -> int:
    """Relay to the r-URI and two more contacts."""
    msg.append_branch(b"sip:two@10.0.0.2:5060")
    msg.append_branch(b"sip:three@10.0.0.3:5060")
    tm_script.t_relay(msg, None, 0, 0)
    return 1


def split(sent: list[Sent]) -> tuple[list[Sent], list[Sent]]:
    """Requests and replies."""
    return [m for m in sent if not m.status], [m for m in sent if m.status]


@isolated
def test_one_answers_the_others_are_cancelled() -> None:
    world = World(fork)
    requests, (trying,) = split(world.receive(request()))
    assert trying.status == 100
    assert [m.host for m in requests] == [b"10.0.0.9", b"10.0.0.2", b"10.0.0.3"]
    branches = [m.headers(b"via")[0].rpartition(b"branch=")[2] for m in requests]
    assert [b.rpartition(b".")[2] for b in branches] == [b"0", b"1", b"2"]
    one, two, _ = requests
    for leg in (one, two):
        world.receive(reply(leg, 180))
    cancels, (ok,) = split(world.receive(reply(two, 200, tag=b"two")))
    assert ok.status == 200
    # the silent branch gets none before it speaks
    assert [m.host for m in cancels] == [b"10.0.0.9"]
    assert cancels[0].header(b"reason") == b'SIP;cause=200;text="Call completed elsewhere"'
    world.receive(reply(cancels[0], 200))
    acks, nothing = split(world.receive(reply(one, 487)))
    assert [m.first.split()[0] for m in acks] == [b"ACK"] and nothing == []
    world.finish()


@isolated
def test_two_answers_both_reach_the_caller() -> None:
    world = World(fork)
    (one, two, _), _ = split(world.receive(request()))
    world.receive(reply(one, 200, tag=b"one"))
    _, (second,) = split(world.receive(reply(two, 200, tag=b"two")))
    assert second.header(b"to").endswith(b";tag=two")
    world.finish()


def answers(codes: tuple[int, int, int]) -> list[int]:
    """The final answers that the caller hears where the branches end with these codes."""
    world = World(fork)
    requests, _ = split(world.receive(request()))
    heard = []
    for leg, code in zip(requests, codes, strict=True):
        heard += [m.status for m in split(world.receive(reply(leg, code)))[1]]
    world.finish()
    return heard


@isolated
def test_the_best_of_failures() -> None:
    assert answers((486, 404, 480)) == [404]


@isolated
def test_challenges_come_first_among_4xx() -> None:
    assert answers((404, 401, 486)) == [401]


@isolated
def test_4xx_before_5xx() -> None:
    assert answers((500, 480, 503)) == [480]


@isolated
def test_3xx_before_4xx() -> None:
    assert answers((302, 404, 486)) == [302]


@isolated
def test_6xx_ends_the_fork() -> None:
    world = World(fork)
    (one, two, three), _ = split(world.receive(request()))
    for leg in (one, two, three):
        world.receive(reply(leg, 180))
    sent, nothing = split(world.receive(reply(one, 603, b"Decline")))
    assert nothing == []
    assert sorted(m.first.split()[0] for m in sent) == [b"ACK", b"CANCEL", b"CANCEL"]
    world.receive(reply(two, 487))
    _, (final,) = split(world.receive(reply(three, 487)))
    assert final.status == 603
    world.finish()


@isolated
def test_challenges_are_joined() -> None:
    world = World(fork)
    (one, two, three), _ = split(world.receive(request()))
    world.receive(reply(one, 401, extra=b'WWW-Authenticate: Digest realm="one",nonce="1"\r\n'))
    world.receive(reply(two, 407, extra=b'Proxy-Authenticate: Digest realm="two",nonce="2"\r\n'))
    _, (final,) = split(world.receive(reply(three, 404)))
    assert final.status == 401
    assert b'realm="one"' in final.header(b"www-authenticate")
    assert b'realm="two"' in final.header(b"proxy-authenticate")
    world.finish()


@isolated
def test_cancelled_fork() -> None:
    world = World(fork)
    legs, _ = split(world.receive(request()))
    for leg in legs:
        world.receive(reply(leg, 180))
    cancels, (done,) = split(world.receive(request(b"CANCEL")))
    assert len(cancels) == 3 and done.status == 200
    heard = []
    for leg in legs:
        heard += split(world.receive(reply(leg, 487, b"Request Terminated")))[1]
    assert [m.status for m in heard] == [487]
    world.receive(request(b"ACK", to_tag=b"to-1"))
    world.finish()


@isolated
def test_serial_forking_from_failure_route() -> None:
    seen: list[tuple[bytes | None, int, int]] = []

    def route(msg: SipMsg) -> int:
        tm_script.t_on(FAILURE, 1)
        return tm_script.t_relay(msg, None, 0, 0)

    def failure(msg: SipMsg) -> int:
        seen.append((msg.method, tm_script.t_status(msg), tm_script.t_branch(msg, True)))
        msg.ruri = b"sip:second@10.0.0.2:5060"
        assert tm_script.t_relay(msg, None, 0, 0) == 1
        return 1

    world = World(route, {("failure", 1): failure})
    _, invite = world.receive(request())
    requests, replies = split(world.receive(reply(invite, 486)))
    assert replies == []
    assert [m.first for m in requests] == [
        b"ACK sip:callee@10.0.0.9:5070 SIP/2.0",
        b"INVITE sip:second@10.0.0.2:5060 SIP/2.0",
    ]
    assert seen == [(b"INVITE", 486, -1)]
    _, (ok,) = split(world.receive(reply(requests[1], 200)))
    assert ok.status == 200
    world.finish()


@isolated
def test_failure_route_on_timeout() -> None:
    seen = []

    def route(msg: SipMsg) -> int:
        tm_script.t_on(FAILURE, 1)
        tm_script.t_set_fr(0, 1000)
        return tm_script.t_relay(msg, None, 0, 0)

    def failure(msg: SipMsg) -> int:
        seen.append((tm_script.t_status(msg), tm_script.t_branch(msg, False)))
        tm_script.reply(msg, 480, b"Nobody there")
        return 1

    world = World(route, {("failure", 1): failure})
    world.receive(request())
    sent = world.advance(1100)
    assert [m.first for m in sent if m.status] == [b"SIP/2.0 480 Nobody there"]
    assert seen == [(408, 1)]
    world.finish()


@isolated
def test_failure_route_without_a_new_branch_gives_the_answer_on() -> None:
    def route(msg: SipMsg) -> int:
        tm_script.t_on(FAILURE, 1)
        return tm_script.t_relay(msg, None, 0, 0)

    world = World(route, {("failure", 1): lambda msg: 1})
    _, invite = world.receive(request())
    _, (busy,) = split(world.receive(reply(invite, 486, b"Busy Here")))
    assert busy.first == b"SIP/2.0 486 Busy Here"
    world.finish()


@isolated
def test_contacts_by_q() -> None:
    def route(msg: SipMsg) -> int:
        contacts.load(msg, 0)
        tm_script.t_on(FAILURE, 1)
        assert contacts.next(msg) == 1
        return tm_script.t_relay(msg, None, 0, 0)

    def failure(msg: SipMsg) -> int:
        if contacts.next(msg) == 1:
            tm_script.t_on(FAILURE, 1)
            tm_script.t_relay(msg, None, 0, 0)
        return 1

    def set_up(msg: SipMsg) -> int:
        msg.append_branch(b"sip:low@10.0.0.2", 200)
        msg.append_branch(b"sip:high@10.0.0.3", 900)
        msg.append_branch(b"sip:high2@10.0.0.4", 900)
        return route(msg)

    contacts = Contacts()
    contacts.configure(b"tm_contacts")
    world = World(set_up, {("failure", 1): failure})
    requests, _ = split(world.receive(request(b"MESSAGE")))
    assert [m.first.split()[1] for m in requests] == [b"sip:high@10.0.0.3", b"sip:high2@10.0.0.4"]
    assert world.receive(reply(requests[0], 404)) == []
    (low,) = world.receive(reply(requests[1], 404))
    assert low.first == b"MESSAGE sip:low@10.0.0.2 SIP/2.0"
    (last,) = world.receive(reply(low, 404))
    assert last.first == b"MESSAGE sip:callee@10.0.0.9:5070 SIP/2.0"
    (no,) = world.receive(reply(last, 404))
    assert no.status == 404
    world.finish()


@isolated
def test_too_many_branches() -> None:
    def route(msg: SipMsg) -> int:
        tm_script.t_on(FAILURE, 1)
        return tm_script.t_relay(msg, None, 0, 0)

    def failure(msg: SipMsg) -> int:
        tm_script.t_on(FAILURE, 1)
        msg.ruri = b"sip:next@10.0.0.2:5060"
        tm_script.t_relay(msg, None, 0, 0)
        return 1

    world = World(route, {("failure", 1): failure})
    (leg,), _ = split(world.receive(request()))
    for _ in range(40):
        requests, replies = split(world.receive(reply(leg, 486)))
        if replies:
            break
        leg = next(m for m in requests if m.first.startswith(b"INVITE"))
    assert tm_admin.cells()[0]["outgoings"] == 31
    assert replies[0].status >= 400
    world.finish()


@isolated
def test_the_branches_of_a_transaction_have_kamailio_s_form() -> None:
    def route(msg: SipMsg) -> int:
        msg.append_branch(b"sip:two@10.0.0.2:5060")
        tm_script.t_relay(msg, None, 0, 0)
        return 1

    world = World(route)
    sent = world.receive(request(b"MESSAGE"))
    found = [
        re.search(rb"branch=(z9hG4bK[0-9a-f]+\.[0-9a-f]{32})\.([01])", m.headers(b"via")[0])
        for m in sent
    ]
    assert len(found) == 2
    assert all(found)
    assert found[0] and found[1]
    assert found[0][1] == found[1][1]
    assert (found[0][2], found[1][2]) == (b"0", b"1")
    world.receive(reply(sent[0], 200))
    world.finish()
