"""Lost messages: repeats are absorbed or answered, never forwarded twice."""

from tests.runtime.oracle.config import PLAIN, SHORT
from tests.runtime.oracle.play import Play
from tests.runtime.oracle.scenario import scenario
from tests.runtime.oracle.scenarios.calls import ring, talk

TEXT = [("Content-Type", "text/plain")]


@scenario(PLAIN)
def invite_repeated_while_ringing(p: Play) -> None:
    alice, bob, invite, incoming = ring(p)
    p.settle()
    alice.send(invite.raw)
    p.settle(repeats=True)
    alice.send(invite.raw)
    p.settle(repeats=True)
    bob.reply(incoming, 486)
    bob.expect("ACK")
    alice.ack(invite, alice.expect(486))


@scenario(PLAIN)
def invite_repeated_before_any_reply(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    bob.online()
    invite = alice.invite(bob.aor)
    trying = alice.expect(100)
    incoming = bob.expect("INVITE")
    alice.send(invite.raw)
    alice.expect_repeat(trying)
    bob.reply(incoming, 486)
    bob.expect("ACK")
    alice.ack(invite, alice.expect(486))


@scenario(PLAIN)
def invite_lost_towards_callee(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    bob.online()
    invite = alice.invite(bob.aor)
    alice.expect(100)
    lost = bob.expect("INVITE")
    bob.expect_repeat(lost)
    bob.reply(lost, 486)
    bob.expect("ACK")
    alice.ack(invite, alice.expect(486))


@scenario(PLAIN)
def invite_repeated_after_failure(p: Play) -> None:
    alice, bob, invite, incoming = ring(p)
    bob.reply(incoming, 486)
    bob.expect("ACK")
    busy = alice.expect(486)
    alice.send(invite.raw)
    alice.expect_repeat(busy)
    alice.ack(invite, busy)
    p.settle()


@scenario(PLAIN)
def failure_reply_lost_towards_caller(p: Play) -> None:
    alice, bob, invite, incoming = ring(p)
    bob.reply(incoming, 486)
    bob.expect("ACK")
    busy = alice.expect(486)
    alice.expect_repeat(busy)
    alice.ack(invite, busy)


@scenario(PLAIN)
def failure_reply_repeated_by_callee(p: Play) -> None:
    alice, bob, invite, incoming = ring(p)
    busy = bob.reply(incoming, 486)
    acked = bob.expect("ACK")
    alice.ack(invite, alice.expect(486))
    p.settle()
    bob.send(busy.raw)
    bob.expect_repeat(acked)


@scenario(PLAIN)
def ack_of_failure_repeated(p: Play) -> None:
    alice, bob, invite, incoming = ring(p)
    bob.reply(incoming, 486)
    bob.expect("ACK")
    ack = alice.ack(invite, alice.expect(486))
    p.settle()
    alice.send(ack.raw)
    p.quiet()


@scenario(PLAIN)
def success_repeated_until_ack(p: Play) -> None:
    alice, bob, invite, incoming = ring(p)
    accepted = bob.reply(incoming, 200)
    taken = alice.expect(200)
    bob.send(accepted.raw)
    alice.expect_repeat(taken)
    bob.send(accepted.raw)
    alice.expect_repeat(taken)
    ack = alice.ack(invite, taken)
    passed = bob.expect("ACK")
    bob.send(accepted.raw)
    alice.expect_repeat(taken)
    alice.send(ack.raw)
    bob.expect_repeat(passed)


@scenario(PLAIN)
def invite_repeated_after_success(p: Play) -> None:
    alice, bob, invite, incoming = ring(p)
    bob.reply(incoming, 200)
    taken = alice.expect(200)
    p.settle()
    alice.send(invite.raw)
    p.settle(repeats=True)
    alice.ack(invite, taken)
    bob.expect("ACK")


@scenario(PLAIN)
def bye_repeated(p: Play) -> None:
    alice, bob, dialog, _ = talk(p)
    bye = alice.within(dialog, "BYE")
    incoming = bob.expect("BYE")
    bob.reply(incoming, 200)
    done = alice.expect(200)
    p.settle()
    alice.send(bye.raw)
    alice.expect_repeat(done)
    p.settle(repeats=True)


@scenario(PLAIN)
def message_lost_towards_callee(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    bob.online()
    alice.request("MESSAGE", bob.aor, TEXT, "hello")
    lost = bob.expect("MESSAGE")
    bob.expect_repeat(lost)
    bob.reply(lost, 200)
    alice.expect(200)


@scenario(PLAIN)
def message_repeated_while_pending(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    bob.online()
    sent = alice.request("MESSAGE", bob.aor, TEXT, "hello")
    incoming = bob.expect("MESSAGE")
    alice.send(sent.raw)
    p.settle()
    bob.reply(incoming, 200)
    alice.expect(200)


@scenario(PLAIN)
def message_reply_repeated_by_callee(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    bob.online()
    sent = alice.request("MESSAGE", bob.aor, TEXT, "hello")
    answer = bob.reply(bob.expect("MESSAGE"), 200)
    done = alice.expect(200)
    p.settle()
    bob.send(answer.raw)
    p.quiet()
    alice.send(sent.raw)
    alice.expect_repeat(done)


@scenario(PLAIN)
def message_with_provisional_reply(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    bob.online()
    alice.request("MESSAGE", bob.aor, TEXT, "hello")
    incoming = bob.expect("MESSAGE")
    bob.reply(incoming, 100)
    p.settle()
    bob.reply(incoming, 183)
    p.settle()
    bob.reply(incoming, 200)
    alice.expect(200)


@scenario(PLAIN)
def unknown_user_repeated(p: Play) -> None:
    alice = p.udp("alice")
    sent = alice.request("MESSAGE", "sip:nobody@kcc.test", TEXT, "hello")
    answer = alice.expect(404)
    alice.send(sent.raw)
    alice.expect_repeat(answer)


@scenario(PLAIN)
def provisional_reply_repeated_by_callee(p: Play) -> None:
    alice, bob, invite, incoming = ring(p)
    bob.reply(incoming, 180, [("X-Step", "2")])
    again = alice.expect(180)
    bob.reply(incoming, 180, [("X-Step", "2")])
    alice.expect_repeat(again)
    bob.reply(incoming, 486)
    bob.expect("ACK")
    alice.ack(invite, alice.expect(486))


@scenario(PLAIN)
def provisional_reply_after_final(p: Play) -> None:
    alice, bob, invite, incoming = ring(p)
    bob.reply(incoming, 486)
    bob.expect("ACK")
    busy = alice.expect(486)
    alice.ack(invite, busy)
    p.settle()
    bob.reply(incoming, 180)
    p.settle()
    bob.reply(incoming, 200)
    p.settle()


@scenario(SHORT)
def cancel_lost_towards_callee(p: Play) -> None:
    alice, bob, invite, incoming = ring(p)
    alice.cancel(invite)
    alice.expect(200)
    lost = bob.expect("CANCEL")
    bob.expect_repeat(lost)
    bob.reply(lost, 200)
    bob.reply(incoming, 487)
    bob.expect("ACK")
    alice.ack(invite, alice.expect(487))


@scenario(SHORT)
def answer_after_timeout(p: Play) -> None:
    alice, bob, invite, incoming = ring(p)
    alice.ack(invite, alice.expect(408))
    bob.expect("CANCEL")
    bob.reply(incoming, 200)
    p.settle()
