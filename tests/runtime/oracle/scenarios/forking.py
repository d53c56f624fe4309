"""Calls to three phones of one user."""

from tests.runtime.agents.message import Message
from tests.runtime.agents.phone import Phone
from tests.runtime.oracle.config import PLAIN, SHORT
from tests.runtime.oracle.play import Play
from tests.runtime.oracle.scenario import scenario

Leg = tuple[Phone, Message]


def fork(p: Play, q: tuple[str, str, str] = ("", "", "")) -> tuple[Phone, Message, list[Leg]]:
    """alice calls three phones of bob: (alice, INVITE, the phones with what they received)."""
    alice = p.udp("alice")
    phones = [p.udp("bob1", "bob"), p.udp("bob2", "bob"), p.udp("bob3", "bob")]
    for phone, value in zip(phones, q, strict=True):
        phone.register(f"<{phone.contact}>;expires=600{value and f';q={value}'}")
        phone.expect(200)
    invite = alice.invite(phones[0].aor)
    alice.expect(100)
    return alice, invite, [(phone, phone.expect("INVITE")) for phone in phones]


def ring_all(alice: Phone, legs: list[Leg]) -> None:
    for phone, incoming in legs:
        phone.reply(incoming, 180, tag=f"ua-{phone.name}")
        alice.expect(180)


def cancelled(leg: Leg) -> None:
    phone, incoming = leg
    phone.reply(phone.expect("CANCEL"), 200)
    phone.reply(incoming, 487)
    phone.expect("ACK")


@scenario(PLAIN)
def fork_one_answers(p: Play) -> None:
    alice, invite, legs = fork(p)
    ring_all(alice, legs)
    phone, incoming = legs[1]
    phone.reply(incoming, 200)
    taken = alice.expect(200)
    cancelled(legs[0])
    cancelled(legs[2])
    alice.ack(invite, taken)
    phone.expect("ACK")


@scenario(PLAIN)
def fork_one_busy_one_answers(p: Play) -> None:
    alice, invite, legs = fork(p)
    ring_all(alice, legs)
    legs[0][0].reply(legs[0][1], 486)
    legs[0][0].expect("ACK")
    p.settle()
    legs[2][0].reply(legs[2][1], 200)
    taken = alice.expect(200)
    cancelled(legs[1])
    alice.ack(invite, taken)
    legs[2][0].expect("ACK")


@scenario(PLAIN)
def fork_all_busy(p: Play) -> None:
    alice, invite, legs = fork(p)
    for phone, incoming in legs:
        phone.reply(incoming, 486)
        phone.expect("ACK")
    alice.ack(invite, alice.expect(486))


@scenario(PLAIN)
def fork_best_of_different_failures(p: Play) -> None:
    alice, invite, legs = fork(p)
    for (phone, incoming), status in zip(legs, (503, 404, 480), strict=True):
        phone.reply(incoming, status)
        phone.expect("ACK")
    alice.ack(invite, alice.expect(404))


@scenario(PLAIN)
def fork_redirect_among_failures(p: Play) -> None:
    alice, invite, legs = fork(p)
    for (phone, incoming), status in zip(legs, (486, 302, 500), strict=True):
        phone.reply(incoming, status, [("Contact", "<sip:bob@192.0.2.55>")])
        phone.expect("ACK")
    alice.ack(invite, alice.expect(302))


@scenario(PLAIN)
def fork_challenges_are_joined(p: Play) -> None:
    _alice, _invite, legs = fork(p)
    for (phone, incoming), status in zip(legs, (407, 401, 407), strict=True):
        name = "Proxy-Authenticate" if status == 407 else "WWW-Authenticate"
        phone.reply(incoming, status, [(name, f'Digest realm="{phone.name}", nonce="n"')])
        phone.expect("ACK")
    p.settle()


@scenario(PLAIN)
def fork_declined_everywhere(p: Play) -> None:
    alice, invite, legs = fork(p)
    ring_all(alice, legs)
    legs[1][0].reply(legs[1][1], 603)
    legs[1][0].expect("ACK")
    cancelled(legs[0])
    cancelled(legs[2])
    alice.ack(invite, alice.expect(603))


@scenario(PLAIN)
def fork_cancelled(p: Play) -> None:
    alice, invite, legs = fork(p)
    ring_all(alice, legs)
    alice.cancel(invite)
    alice.expect(200)
    for leg in legs:
        cancelled(leg)
    alice.ack(invite, alice.expect(487))


@scenario(PLAIN)
def fork_two_answer(p: Play) -> None:
    alice, invite, legs = fork(p)
    ring_all(alice, legs)
    legs[0][0].reply(legs[0][1], 200, tag="ua-bob1")
    first = alice.expect(200)
    legs[1][0].expect("CANCEL")
    legs[1][0].reply(legs[1][1], 200, tag="ua-bob2")
    second = alice.expect(200)
    cancelled(legs[2])
    alice.ack(invite, first)
    legs[0][0].expect("ACK")
    alice.ack(invite, second)
    legs[1][0].expect("ACK")


@scenario(PLAIN)
def fork_with_q_values(p: Play) -> None:
    alice, invite, legs = fork(p, ("0.1", "0.9", "0.5"))
    for phone, incoming in legs:
        phone.reply(incoming, 486)
        phone.expect("ACK")
    alice.ack(invite, alice.expect(486))


@scenario(SHORT)
def fork_one_silent_others_busy(p: Play) -> None:
    alice, invite, legs = fork(p)
    for phone, incoming in legs[:2]:
        phone.reply(incoming, 486)
        phone.expect("ACK")
    alice.ack(invite, alice.expect(408))


@scenario(SHORT)
def fork_nobody_answers(p: Play) -> None:
    alice, invite, legs = fork(p)
    ring_all(alice, legs)
    alice.ack(invite, alice.expect(408))
    for leg in legs:
        cancelled(leg)


@scenario(PLAIN)
def fork_message_first_answer_wins(p: Play) -> None:
    alice = p.udp("alice")
    phones = [p.udp("bob1", "bob"), p.udp("bob2", "bob")]
    for phone in phones:
        phone.online()
    alice.request("MESSAGE", phones[0].aor, [("Content-Type", "text/plain")], "hello")
    asked = [phone.expect("MESSAGE") for phone in phones]
    phones[1].reply(asked[1], 480)
    p.settle()
    phones[0].reply(asked[0], 200)
    alice.expect(200)
