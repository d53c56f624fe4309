"""A process dies at work: the client still hears a final answer, nothing leaks."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable

import pytest

from runtime.native import fault, lock, proc, shm, tm, tm_admin, tm_script
from runtime.native.sipmsg import SipMsg
from tests.runtime.tm.world import Sent, World, isolated, relay, reply, request

SLOT = 5
FAILURE = 0


def in_child(world: World, act: Callable[[], object], slot: int = SLOT) -> tuple[list[Sent], bool]:
    """Do something in a process of its own; what it sent, and whether it died of it."""
    read_end, write_end = os.pipe()
    proc.assign(slot, 1, "worker")
    pid = os.fork()
    if pid == 0:
        proc.become(slot)

        def note(proto: int, host: bytes, port: int, data: bytes) -> int:
            os.write(write_end, pickle.dumps(Sent(proto, host, port, data)))
            return 0

        tm.drive(world.now, note)
        code = 1
        try:
            act()
            code = 0
        finally:
            os._exit(code)
    os.close(write_end)
    proc.set_pid(slot, pid)
    _, status = os.waitpid(pid, 0)
    sent = []
    with os.fdopen(read_end, "rb") as pipe:
        while True:
            try:
                sent.append(pickle.load(pipe))
            except EOFError:
                break
    assert os.WIFSIGNALED(status) or status == 0, status
    proc.mark_dead(slot)
    tm_admin.process_died(slot)
    shm.reclaim(slot)
    return sent, os.WIFSIGNALED(status)


def final_answer(world: World, packet: bytes, sent: list[Sent]) -> int:
    """Retransmit and let the callee answer until the caller hears a final answer."""
    pending = list(sent)
    for _ in range(100):
        while pending:
            message = pending.pop(0)
            if message.status >= 200 and message.header(b"cseq").split()[1] in packet[:10]:
                return message.status
            if message.first.split()[0] in (b"INVITE", b"MESSAGE"):
                pending += world.receive(reply(message, 200))
        pending += world.advance(500)
        pending += world.receive(packet)
    raise AssertionError("no final answer")


def settle(world: World) -> None:
    """No lock stays held and no memory is lost."""
    world.finish()
    assert lock.held() == []


REQUEST_POINTS = (
    "tm.insert",
    "tm.hold",
    "tm.created",
    "tm.forward",
    "tm.sent",
    "tm.branch",
    "timer.add",
    "tm.store_reply",
    "tm.relay",
)
REPLY_POINTS = ("tm.hold", "tm.reply_in", "tm.store_reply", "tm.relay", "timer.add", "timer.del")
CANCEL_POINTS = ("tm.cancel", "tm.insert", "tm.store_reply", "tm.relay")


def fork(msg: SipMsg) -> int:
    """Two branches, so that the second needs memory of its own."""
    msg.append_branch(b"sip:two@10.0.0.2:5060")
    tm_script.t_relay(msg, None, 0, 0)
    return 1


def dies_with_request(point: str, method: bytes) -> None:
    """A worker dies while it relays a request."""
    world = World(fork)
    fault.arm(point)
    sent, died = in_child(world, lambda: world.receive(request(method)))
    fault.disarm()
    assert died or (method == b"MESSAGE" and point in ("tm.store_reply", "tm.relay"))
    assert 200 <= final_answer(world, request(method), sent) < 700
    settle(world)


def dies_with_reply(point: str, method: bytes, code: int) -> None:
    """A worker dies while it relays a reply."""
    world = World(relay)
    sent = world.receive(request(method))
    out = next(m for m in sent if not m.status)
    fault.arm(point)
    more, _ = in_child(world, lambda: world.receive(reply(out, code)))
    fault.disarm()
    assert 200 <= final_answer(world, request(method), more) < 700
    settle(world)


def dies_with_cancel(point: str) -> None:
    """A worker dies while it cancels."""
    world = World(relay)
    sent = world.receive(request())
    invite = next(m for m in sent if not m.status)
    world.receive(reply(invite, 180))
    fault.arm(point)
    more, died = in_child(world, lambda: world.receive(request(b"CANCEL")))
    fault.disarm()
    assert died
    assert 200 <= final_answer(world, request(b"CANCEL"), more) < 700
    world.receive(reply(invite, 487))
    settle(world)


def dies_in_timer(point: str) -> None:
    """The timer process dies while it frees a transaction."""
    world = World(relay)
    (message,) = world.receive(request(b"MESSAGE"))
    world.receive(reply(message, 200))
    fault.arm(point)
    _, died = in_child(world, lambda: world.advance(6000))
    fault.disarm()
    assert died
    settle(world)


@isolated
def request_insert() -> None:
    dies_with_request(os.environ["KCC_TEST_POINT"], os.environ["KCC_TEST_METHOD"].encode())


@isolated
def reply_point() -> None:
    dies_with_reply(
        os.environ["KCC_TEST_POINT"],
        os.environ["KCC_TEST_METHOD"].encode(),
        int(os.environ["KCC_TEST_CODE"]),
    )


@isolated
def cancel_point() -> None:
    dies_with_cancel(os.environ["KCC_TEST_POINT"])


@isolated
def timer_point() -> None:
    dies_in_timer(os.environ["KCC_TEST_POINT"])


@pytest.mark.parametrize("method", ["INVITE", "MESSAGE"])
@pytest.mark.parametrize("point", REQUEST_POINTS)
def test_relaying_a_request(point: str, method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KCC_TEST_POINT", point)
    monkeypatch.setenv("KCC_TEST_METHOD", method)
    request_insert()


@pytest.mark.parametrize(("method", "code"), [("INVITE", 200), ("INVITE", 486), ("MESSAGE", 200)])
@pytest.mark.parametrize("point", REPLY_POINTS)
def test_relaying_a_reply(
    point: str, method: str, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KCC_TEST_POINT", point)
    monkeypatch.setenv("KCC_TEST_METHOD", method)
    monkeypatch.setenv("KCC_TEST_CODE", str(code))
    reply_point()


@pytest.mark.parametrize("point", CANCEL_POINTS)
def test_cancelling(point: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KCC_TEST_POINT", point)
    cancel_point()


@pytest.mark.parametrize("point", ["tm.wait", "tm.unlink", "tm.free"])
def test_freeing(point: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KCC_TEST_POINT", point)
    timer_point()
