"""Routes that tm runs, and what travels with a transaction."""

from __future__ import annotations

import pytest

from runtime.modules.tm.api import TmCb
from runtime.native import tm_admin, tm_hooks, tm_pv, tm_script, tm_suspend
from runtime.native.sipmsg import SipMsg
from runtime.native.tm_hooks import Transaction
from runtime.script.avp import AvpList
from runtime.script.flow import DROP
from tests.runtime.tm.world import World, isolated, relay, reply, request

FAILURE, BRANCH, ONREPLY, BRANCH_FAILURE = range(4)


@isolated
def test_branch_route_edits_its_branch_only() -> None:
    def route(msg: SipMsg) -> int:
        msg.append_branch(b"sip:two@10.0.0.2:5060")
        tm_script.t_on(BRANCH, 1)
        tm_script.t_relay(msg, None, 0, 0)
        return 1

    def branch(msg: SipMsg) -> int:
        n = tm_pv.branch_index(msg)
        msg.append_hf(b"X-Branch: %d\r\n" % n)
        if n == 1:
            msg.ruri_user = b"edited"
        return 1

    world = World(route, {("branch", 1): branch})
    one, two = world.receive(request(b"MESSAGE"))
    assert (one.headers(b"x-branch"), two.headers(b"x-branch")) == ([b"0"], [b"1"])
    assert one.first == b"MESSAGE sip:callee@10.0.0.9:5070 SIP/2.0"
    assert two.first == b"MESSAGE sip:edited@10.0.0.2:5060 SIP/2.0"
    world.receive(reply(one, 200))
    world.finish()


@isolated
def test_branch_route_drops_a_branch() -> None:
    def route(msg: SipMsg) -> int:
        msg.append_branch(b"sip:two@10.0.0.2:5060")
        tm_script.t_on(BRANCH, 1)
        tm_script.t_relay(msg, None, 0, 0)
        return 1

    def branch(msg: SipMsg) -> int:
        return DROP if msg.ruri_user == b"callee" else 1

    world = World(route, {("branch", 1): branch})
    (two,) = world.receive(request(b"MESSAGE"))
    assert two.host == b"10.0.0.2"
    world.receive(reply(two, 200))
    world.finish()


@isolated
def test_onreply_route_edits_and_drops() -> None:
    seen: list[object] = []

    def route(msg: SipMsg) -> int:
        msg.setflag(7)
        msg.avps = AvpList()
        msg.avps.add(b"key", b"value")
        tm_script.t_on(ONREPLY, 1)
        tm_script.t_relay(msg, None, 0, 0)
        return 1

    def onreply(msg: SipMsg) -> int:
        seen.append((msg.status, msg.isflagset(7), msg.avps.get(b"key")))
        seen.append(tm_pv.with_request(msg, lambda r: r.method))
        if msg.status == 183:
            return DROP
        msg.append_hf(b"X-Seen: yes\r\n")
        return 1

    world = World(route, {("onreply", 1): onreply})
    _, invite = world.receive(request())
    assert world.receive(reply(invite, 183)) == []
    (ringing,) = world.receive(reply(invite, 180))
    assert ringing.header(b"x-seen") == b"yes"
    world.receive(reply(invite, 200))
    assert seen[:2] == [(183, 1, b"value"), b"INVITE"]
    world.finish()


@isolated
def test_avps_travel_from_request_to_reply_to_failure_route() -> None:
    seen = []

    def route(msg: SipMsg) -> int:
        msg.avps = AvpList()
        msg.avps.add(b"trace", b"request")
        tm_script.t_on(ONREPLY, 1)
        tm_script.t_on(FAILURE, 1)
        tm_script.t_relay(msg, None, 0, 0)
        return 1

    def onreply(msg: SipMsg) -> int:
        msg.avps.add(b"trace", b"reply %d" % (msg.status or 0))
        return 1

    def failure(msg: SipMsg) -> int:
        seen.extend(msg.avps.all(b"trace"))
        seen.append(tm_pv.with_reply(msg, lambda r: r.reason))
        return 1

    world = World(route, {("onreply", 1): onreply, ("failure", 1): failure})
    _, invite = world.receive(request())
    world.receive(reply(invite, 180))
    world.receive(reply(invite, 404, b"Gone away"))
    assert seen == [b"reply 404", b"reply 180", b"request", b"Gone away"]
    world.finish()


@isolated
def test_headers_queued_before_relaying_are_seen_in_failure_route() -> None:
    def route(msg: SipMsg) -> int:
        tm_script.t_newtran(msg)
        msg.append_hf(b"X-Queued: 1\r\n")
        tm_script.t_on(FAILURE, 1)
        tm_script.t_relay(msg, None, 0, 0)
        return 1

    def failure(msg: SipMsg) -> int:
        msg.ruri = b"sip:second@10.0.0.2:5060"
        tm_script.t_relay(msg, None, 0, 0)
        return 1

    world = World(route, {("failure", 1): failure})
    (first,) = world.receive(request(b"MESSAGE"))
    assert first.headers(b"x-queued") == [b"1"]
    (second,) = world.receive(reply(first, 480))
    assert second.headers(b"x-queued") == [b"1"]
    world.receive(reply(second, 200))
    world.finish()


@isolated
def test_branch_failure_route() -> None:
    seen = []

    def route(msg: SipMsg) -> int:
        msg.append_branch(b"sip:two@10.0.0.2:5060")
        tm_script.t_on(BRANCH_FAILURE, 1)
        tm_script.t_relay(msg, None, 0, 0)
        return 1

    def failed(msg: SipMsg) -> int:
        seen.append((tm_pv.branch_index(msg), tm_script.t_status(msg)))
        return 1

    world = World(route, {("branch_failure", 1): failed})
    one, two = world.receive(request(b"MESSAGE"))
    assert world.receive(reply(two, 404)) == []
    assert seen == [(1, 404)]
    (no,) = world.receive(reply(one, 480))
    assert no.status == 404
    world.finish()


@isolated
def test_a_branch_is_tried_again() -> None:
    def route(msg: SipMsg) -> int:
        tm_script.t_on(BRANCH_FAILURE, 1)
        tm_script.t_relay(msg, None, 0, 0)
        return 1

    def failed(msg: SipMsg) -> int:
        assert tm_script.t_reuse_branch(msg) == 1
        assert tm_script.t_relay(msg, None, 0, 0) == 1
        return 1

    world = World(route, {("branch_failure", 1): failed})
    (first,) = world.receive(request(b"MESSAGE"))
    (second,) = world.receive(reply(first, 430))
    assert second.first == first.first and second.data != first.data
    (ok,) = world.receive(reply(second, 200))
    assert ok.status == 200
    world.finish()


@isolated
def test_reply_lumps_and_to_tags_of_replies() -> None:
    def route(msg: SipMsg) -> int:
        tm_script.t_newtran(msg)
        msg.append_to_reply(b"X-Reply: 1\r\n")
        tm_script.reply(msg, 486, b"Busy")
        return 1

    world = World(route)
    (busy,) = world.receive(request())
    assert busy.header(b"x-reply") == b"1"
    tag = busy.header(b"to").rpartition(b"tag=")[2]
    assert len(tag) == 41
    assert world.receive(request(b"ACK", to_tag=tag)) == []
    assert world.advance(3000) == []
    world.finish()


@isolated
def test_callbacks_of_other_modules() -> None:
    events: list[tuple[str, bytes | None, int]] = []

    def on_event(
        t: Transaction,
        kind: int,
        req: SipMsg | None,
        rpl: SipMsg | None,
        code: int,
        flags: int,
        param: int,
    ) -> None:
        events.append((TmCb(kind).name or "", None if req is None else req.method, code))
        if kind == TmCb.REQUEST_IN:
            kept.append(t)
            wanted = TmCb.RESPONSE_OUT | TmCb.REQUEST_FWDED | TmCb.DESTROY | TmCb.ACK_NEG_IN
            assert t.add_callback(wanted, ident, 7)
        else:
            assert param == 7
        if kind == TmCb.REQUEST_FWDED and req is not None:
            req.append_hf(b"X-Callback: 1\r\n")

    kept: list[Transaction] = []
    world = World(relay)
    ident = tm_hooks.register_callback(TmCb.REQUEST_IN, on_event)
    _, invite = world.receive(request())
    assert invite.header(b"x-callback") == b"1"
    world.receive(reply(invite, 486))
    world.receive(request(b"ACK", to_tag=b"to-1"))
    world.advance(10_000)
    assert [name for name, _, _ in events] == [
        "REQUEST_IN",
        "REQUEST_FWDED",
        "RESPONSE_OUT",
        "ACK_NEG_IN",
        "DESTROY",
    ]
    assert events[2] == ("RESPONSE_OUT", b"INVITE", 486)
    with pytest.raises(RuntimeError):
        assert kept[0].status
    world.finish()


@isolated
def test_suspend_and_continue() -> None:
    ids: list[tuple[int, int]] = []

    def route(msg: SipMsg) -> int:
        msg.avps = AvpList()
        msg.avps.add(b"kept", 1)
        assert tm_suspend.t_suspend(msg) == 1
        ident = tm_pv.ident()
        assert ident is not None
        ids.append(ident)
        return 1

    def resumed(msg: SipMsg) -> int:
        assert msg.avps.get(b"kept") == 1
        tm_script.t_relay(msg, None, 0, 0)
        return 1

    world = World(route, {("route", 3): resumed})
    (trying,) = world.receive(request())
    assert trying.status == 100
    assert tm_suspend.t_continue(*ids[0], 3) == 1
    invite = world.sent[-1]
    assert invite.first.startswith(b"INVITE ")
    (ok,) = world.receive(reply(invite, 200))
    assert ok.status == 200
    assert tm_suspend.t_continue(*ids[0], 3) == -1
    world.finish()


@isolated
def test_a_suspended_transaction_times_out() -> None:
    def route(msg: SipMsg) -> int:
        tm_suspend.t_suspend(msg)
        return 1

    world = World(route)
    world.receive(request(b"MESSAGE"))
    sent = world.advance(31_000, 100)
    assert [m.status for m in sent] == [408]
    world.finish()


@isolated
def test_answering_another_transaction() -> None:
    world = World(relay)
    world.receive(request(call=b"first"))
    cell = tm_admin.cells()[0]
    index, label = cell["tindex"], cell["tlabel"]
    assert isinstance(index, int) and isinstance(label, int)
    assert tm_script.reply_ident(index, label, None, b"", 480, b"By hand", b"", b"", b"") == 1
    assert world.sent[-1].first == b"SIP/2.0 480 By hand"
    assert tm_script.reply_ident(index, label + 1, None, b"", 480, b"x", b"", b"", b"") == -2
    world.receive(request(call=b"second", branch=b"z9hG4bK-2"))
    second = world.sent[-1]
    world.receive(reply(second, 180))
    assert tm_script.cancel_callid(b"second", b"1", 0, 0) == 1
    assert world.sent[-1].first.startswith(b"CANCEL ")
    assert tm_script.cancel_callid(b"third", b"1", 0, 0) == -1
    world.receive(reply(second, 487))
    world.finish()
