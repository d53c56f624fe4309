"""Calls between two phones."""

from tests.runtime.agents.message import Message
from tests.runtime.agents.phone import SDP, Dialog, Phone
from tests.runtime.oracle.config import BLOCKS, DOMAIN, PLAIN, SHORT
from tests.runtime.oracle.play import Play
from tests.runtime.oracle.scenario import scenario


def ring(p: Play) -> tuple[Phone, Phone, Message, Message]:
    """alice calls bob, who rings: (alice, bob, INVITE as sent, INVITE as received)."""
    alice, bob = p.udp("alice"), p.udp("bob")
    bob.online()
    invite = alice.invite(bob.aor)
    alice.expect(100)
    incoming = bob.expect("INVITE")
    bob.reply(incoming, 180)
    alice.expect(180)
    return alice, bob, invite, incoming


def talk(p: Play) -> tuple[Phone, Phone, Dialog, Dialog]:
    """An answered call: (alice, bob, alice's dialog, bob's dialog)."""
    alice, bob, invite, incoming = ring(p)
    accepted = bob.reply(incoming, 200, body=SDP, extra=[("Content-Type", "application/sdp")])
    taken = alice.expect(200)
    alice.ack(invite, taken)
    bob.expect("ACK")
    return alice, bob, alice.dialog(invite, taken), bob.dialog_as_callee(incoming, accepted)


@scenario(PLAIN)
def call_answered_caller_hangs_up(p: Play) -> None:
    alice, bob, dialog, _ = talk(p)
    alice.within(dialog, "BYE")
    bob.reply(bob.expect("BYE"), 200)
    alice.expect(200)


@scenario(PLAIN)
def call_answered_callee_hangs_up(p: Play) -> None:
    alice, bob, _, dialog = talk(p)
    bob.within(dialog, "BYE")
    alice.reply(alice.expect("BYE"), 200)
    bob.expect(200)


@scenario(PLAIN)
def call_to_unknown_user(p: Play) -> None:
    alice = p.udp("alice")
    invite = alice.invite(f"sip:nobody@{DOMAIN}")
    alice.ack(invite, alice.expect(404))


@scenario(PLAIN)
def call_without_user(p: Play) -> None:
    alice = p.udp("alice")
    invite = alice.invite(f"sip:{DOMAIN}")
    alice.ack(invite, alice.expect(484))


@scenario(PLAIN)
def call_to_foreign_domain(p: Play) -> None:
    alice = p.udp("alice")
    invite = alice.invite("sip:bob@elsewhere.example")
    alice.ack(invite, alice.expect(403))


@scenario(PLAIN)
def call_busy(p: Play) -> None:
    alice, bob, invite, incoming = ring(p)
    bob.reply(incoming, 486)
    bob.expect("ACK")
    alice.ack(invite, alice.expect(486))


@scenario(PLAIN)
def call_declined(p: Play) -> None:
    alice, bob, invite, incoming = ring(p)
    bob.reply(incoming, 603, [("Retry-After", "60"), ("Warning", '399 bob "not now"')])
    bob.expect("ACK")
    alice.ack(invite, alice.expect(603))


@scenario(PLAIN)
def call_server_errors(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    bob.online()
    for status in (500, 503):
        invite = alice.invite(bob.aor)
        alice.expect(100)
        bob.reply(bob.expect("INVITE"), status)
        bob.expect("ACK")
        alice.ack(invite, alice.expect(status if status == 500 else 500))


@scenario(PLAIN)
def call_redirected(p: Play) -> None:
    alice, bob, invite, incoming = ring(p)
    bob.reply(incoming, 302, [("Contact", "<sip:bob@192.0.2.55>;q=0.7")])
    bob.expect("ACK")
    alice.ack(invite, alice.expect(302))


@scenario(BLOCKS)
def call_redirect_blocked(p: Play) -> None:
    alice, bob, invite, incoming = ring(p)
    bob.reply(incoming, 302, [("Contact", "<sip:bob@192.0.2.55>")])
    bob.expect("ACK")
    alice.ack(invite, alice.expect(404))


@scenario(BLOCKS)
def call_challenge_blocked(p: Play) -> None:
    alice, bob, invite, incoming = ring(p)
    bob.reply(incoming, 407, [("Proxy-Authenticate", 'Digest realm="b", nonce="n"')])
    bob.expect("ACK")
    alice.ack(invite, alice.expect(404))


@scenario(BLOCKS)
def call_busy_is_not_blocked(p: Play) -> None:
    alice, bob, invite, incoming = ring(p)
    bob.reply(incoming, 486)
    bob.expect("ACK")
    alice.ack(invite, alice.expect(486))


@scenario(PLAIN)
def call_challenged_by_callee(p: Play) -> None:
    alice, bob, invite, incoming = ring(p)
    bob.reply(incoming, 407, [("Proxy-Authenticate", 'Digest realm="b", nonce="n"')])
    bob.expect("ACK")
    alice.ack(invite, alice.expect(407))


@scenario(PLAIN)
def call_cancelled_after_180(p: Play) -> None:
    alice, bob, invite, incoming = ring(p)
    alice.cancel(invite)
    alice.expect(200)
    bob.reply(bob.expect("CANCEL"), 200)
    bob.reply(incoming, 487)
    bob.expect("ACK")
    alice.ack(invite, alice.expect(487))


@scenario(PLAIN)
def call_cancelled_before_any_reply(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    bob.online()
    invite = alice.invite(bob.aor)
    alice.expect(100)
    incoming = bob.expect("INVITE")
    p.settle()
    alice.cancel(invite)
    p.settle()
    bob.reply(incoming, 100)
    p.settle()
    bob.reply(incoming, 487)
    p.settle()


@scenario(PLAIN)
def call_cancelled_after_100_only(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    bob.online()
    invite = alice.invite(bob.aor)
    alice.expect(100)
    incoming = bob.expect("INVITE")
    bob.reply(incoming, 100)
    p.settle()
    alice.cancel(invite)
    alice.expect(200)
    bob.reply(bob.expect("CANCEL"), 200)
    bob.reply(incoming, 487)
    bob.expect("ACK")
    alice.ack(invite, alice.expect(487))


@scenario(PLAIN)
def call_cancel_crosses_200(p: Play) -> None:
    alice, bob, invite, incoming = ring(p)
    bob.reply(incoming, 200)
    taken = alice.expect(200)
    alice.cancel(invite)
    alice.expect(200)
    p.settle()
    alice.ack(invite, taken)
    bob.expect("ACK")


@scenario(PLAIN)
def call_cancelled_twice(p: Play) -> None:
    alice, bob, invite, incoming = ring(p)
    cancel = alice.cancel(invite)
    first = alice.expect(200)
    bob.reply(bob.expect("CANCEL"), 200)
    alice.send(cancel.raw)
    alice.expect_repeat(first)
    bob.reply(incoming, 487)
    bob.expect("ACK")
    alice.ack(invite, alice.expect(487))


@scenario(SHORT)
def call_cancelled_but_callee_silent(p: Play) -> None:
    alice, bob, invite, _incoming = ring(p)
    alice.cancel(invite)
    alice.expect(200)
    bob.expect("CANCEL")
    alice.ack(invite, alice.expect(487))


@scenario(SHORT)
def call_not_answered(p: Play) -> None:
    alice, bob, invite, incoming = ring(p)
    timeout = alice.expect(408)
    alice.ack(invite, timeout)
    bob.reply(bob.expect("CANCEL"), 200)
    bob.reply(incoming, 487)
    bob.expect("ACK")


@scenario(SHORT)
def call_no_reply_at_all(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    bob.online()
    invite = alice.invite(bob.aor)
    alice.expect(100)
    incoming = bob.expect("INVITE")
    bob.expect_repeat(incoming)
    alice.ack(invite, alice.expect(408))
    p.settle()


@scenario(SHORT)
def message_no_reply_at_all(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    bob.online()
    alice.request("MESSAGE", bob.aor, [("Content-Type", "text/plain")], "hello")
    asked = bob.expect("MESSAGE")
    bob.expect_repeat(asked)
    alice.expect(408)


@scenario(PLAIN)
def call_with_early_media(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    bob.online()
    alice.invite(bob.aor, [("Supported", "100rel")])
    alice.expect(100)
    incoming = bob.expect("INVITE")
    kind = [("Content-Type", "application/sdp"), ("Require", "100rel"), ("RSeq", "1")]
    bob.reply(incoming, 183, kind, SDP)
    alice.expect(183)
    bob.reply(incoming, 180)
    alice.expect(180)
    bob.reply(incoming, 486)
    bob.expect("ACK")
    alice.expect(486)


@scenario(PLAIN)
def call_with_prack_and_update(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    bob.online()
    invite = alice.invite(bob.aor, [("Supported", "100rel")])
    alice.expect(100)
    incoming = bob.expect("INVITE")
    ringing = bob.reply(incoming, 183, [("Require", "100rel"), ("RSeq", "1")])
    progress = alice.expect(183)
    early = alice.dialog(invite, progress)
    alice.within(early, "PRACK", [("RAck", "1 1 INVITE")])
    bob.reply(bob.expect("PRACK"), 200)
    alice.expect(200)
    alice.within(early, "UPDATE", [("Contact", f"<{alice.contact}>")])
    bob.reply(bob.expect("UPDATE"), 200)
    alice.expect(200)
    back = bob.dialog_as_callee(incoming, ringing)
    bob.within(back, "UPDATE", [("Contact", f"<{bob.contact}>")])
    alice.reply(alice.expect("UPDATE"), 200)
    bob.expect(200)
    bob.reply(incoming, 200)
    alice.ack(invite, alice.expect(200))
    bob.expect("ACK")


@scenario(PLAIN)
def call_reinvite_and_info(p: Play) -> None:
    alice, bob, dialog, back = talk(p)
    again = alice.within(dialog, "INVITE", [("Contact", f"<{alice.contact}>")])
    alice.expect(100)
    bob.reply(bob.expect("INVITE"), 200)
    alice.ack(again, alice.expect(200))
    bob.expect("ACK")
    bob.within(back, "INFO", [("Content-Type", "application/dtmf-relay")], "Signal=1\r\n")
    alice.reply(alice.expect("INFO"), 200)
    bob.expect(200)


@scenario(PLAIN)
def call_reinvite_refused(p: Play) -> None:
    alice, bob, _, back = talk(p)
    again = bob.within(back, "INVITE", [("Contact", f"<{bob.contact}>")])
    bob.expect(100)
    alice.reply(alice.expect("INVITE"), 486)
    alice.expect("ACK")
    bob.ack(again, bob.expect(486))


@scenario(PLAIN)
def call_transferred(p: Play) -> None:
    alice, bob, dialog, back = talk(p)
    alice.within(dialog, "REFER", [("Refer-To", f"<sip:carol@{DOMAIN}>")])
    bob.reply(bob.expect("REFER"), 202)
    alice.expect(202)
    bob.within(
        back,
        "NOTIFY",
        [
            ("Event", "refer"),
            ("Subscription-State", "terminated"),
            ("Contact", f"<{bob.contact}>"),
            ("Content-Type", "message/sipfrag"),
        ],
        "SIP/2.0 200 OK\r\n",
    )
    alice.reply(alice.expect("NOTIFY"), 200)
    bob.expect(200)


@scenario(PLAIN)
def call_replies_with_different_tags(p: Play) -> None:
    alice, bob, invite, incoming = ring(p)
    bob.reply(incoming, 180, tag="fork-1")
    alice.expect(180)
    bob.reply(incoming, 183, tag="fork-2")
    alice.expect(183)
    bob.reply(incoming, 180, tag=None)
    alice.expect(180)
    bob.reply(incoming, 200, tag="fork-2")
    alice.ack(invite, alice.expect(200))
    bob.expect("ACK")


@scenario(PLAIN)
def call_second_200_with_other_tag(p: Play) -> None:
    alice, bob, invite, incoming = ring(p)
    bob.reply(incoming, 200, tag="first")
    first = alice.expect(200)
    bob.reply(incoming, 200, tag="second")
    second = alice.expect(200)
    alice.ack(invite, first)
    bob.expect("ACK")
    alice.ack(invite, second)
    bob.expect("ACK")


@scenario(PLAIN)
def call_to_oneself(p: Play) -> None:
    alice = p.udp("alice")
    alice.online()
    invite = alice.invite(alice.aor)
    alice.expect(100)
    incoming = alice.expect("INVITE")
    alice.reply(incoming, 486)
    alice.expect("ACK")
    alice.ack(invite, alice.expect(486))


@scenario(PLAIN)
def call_by_ip_address_of_server(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    bob.online()
    invite = alice.invite(f"sip:{bob.user}@{p.here}")
    alice.expect(100)
    bob.reply(bob.expect("INVITE"), 486)
    bob.expect("ACK")
    alice.ack(invite, alice.expect(486))


@scenario(PLAIN)
def call_odd_reply_codes(p: Play) -> None:
    alice, bob, invite, incoming = ring(p)
    bob.reply(incoming, 199, reason="Early Dialog Terminated")
    p.settle()
    bob.reply(incoming, 182, reason="Queued, 2 callers ahead of you")
    p.settle()
    bob.reply(incoming, 299, reason="Odd")
    alice.ack(invite, alice.expect(299))
    bob.expect("ACK")
