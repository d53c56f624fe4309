"""Memory that ends, and packets that are not as they should be."""

from __future__ import annotations

import random

from runtime.native import shm, sl, tm_admin, tm_script
from runtime.native.sipmsg import SipMsg
from tests.runtime.tm.world import World, isolated, relay, reply, request


def careful(msg: SipMsg) -> int:
    """Relay; say so where it fails."""
    if tm_script.t_relay(msg, None, 0, 0) < 0:
        sl.reply_error(msg)
    return 1


def fill() -> list[int]:
    """Take all shared memory that is left."""
    taken = []
    for size in (1 << 20, 1 << 16, 1 << 12, 1 << 10, 1 << 9, 1 << 8):
        while (block := shm.malloc(size)) != 0:
            taken.append(block)
    return taken


@isolated
def test_no_memory_for_a_transaction() -> None:
    world = World(careful)
    taken = fill()
    (no,) = world.receive(request())
    assert no.first == b"SIP/2.0 500 No error (2/SL)"
    for block in taken:
        shm.free(block)
    trying, invite = world.receive(request())
    assert trying.status == 100
    world.receive(reply(invite, 200))
    world.finish()


@isolated
def test_no_memory_for_the_reply() -> None:
    world = World(careful)
    (message,) = world.receive(request(b"MESSAGE"))
    taken = fill()
    (ok,) = world.receive(reply(message, 200))
    assert ok.status == 200
    for block in taken:
        shm.free(block)
    world.finish()


@isolated
def test_no_memory_at_any_point() -> None:
    world = World(careful)
    taken = fill()
    taken.reverse()
    for free in range(40):
        shm.free(taken.pop(len(taken) // 3))
        call = b"call-%d" % free
        packet = request(call=call, branch=b"z9hG4bK-%d" % free)
        sent = world.receive(packet)
        answered = [m.status for m in sent if m.status >= 200]
        for message in [m for m in sent if m.first.startswith(b"INVITE")]:
            answered += [m.status for m in world.receive(reply(message, 486)) if m.status >= 200]
        assert answered, free
    for block in taken:
        shm.free(block)
    world.finish()


@isolated
def test_broken_packets_leave_nothing() -> None:
    world = World(careful)
    dice = random.Random(7)
    whole = request(body=b"v=0\r\n")
    _, invite = world.receive(whole)
    answer = reply(invite, 180)
    for _ in range(3000):
        packet = bytearray(dice.choice((whole, answer)))
        for _ in range(dice.randint(1, 6)):
            at = dice.randrange(len(packet))
            kind = dice.randrange(3)
            if kind == 0:
                packet[at] = dice.randrange(256)
            elif kind == 1:
                del packet[at : at + dice.randrange(1, 30)]
            else:
                packet[at:at] = dice.randbytes(dice.randrange(1, 10))
            if not packet:
                packet = bytearray(b"x")
        world.receive(bytes(packet))
    world.receive(reply(invite, 200))
    world.finish()


@isolated
def test_replies_that_match_nothing() -> None:
    world = World(relay)
    (message,) = world.receive(request(b"MESSAGE"))
    good = reply(message, 200)
    branch = message.headers(b"via")[0].rpartition(b"branch=")[2]
    for wrong in (b"z9hG4bK", b"z9hG4bK.", b"z9hG4bK" + b"f" * 200, b"x" + branch[1:]):
        assert world.receive(good.replace(branch, wrong)) == []
    assert world.receive(good.replace(branch, branch[:-1] + b"f")) == []
    assert world.receive(good.replace(branch, branch[:-1] + b"7")) == []
    assert len(tm_admin.cells()) == 1
    (ok,) = world.receive(good)
    assert ok.status == 200
    world.finish()
