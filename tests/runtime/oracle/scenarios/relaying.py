"""Single requests through the server: methods, Max-Forwards, loops, foreign domains, limits."""

from tests.runtime.oracle.config import DOMAIN, PLAIN
from tests.runtime.oracle.play import Play
from tests.runtime.oracle.scenario import scenario

TEXT = [("Content-Type", "text/plain")]


@scenario(PLAIN)
def message_relayed(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    bob.online()
    alice.request("MESSAGE", bob.aor, TEXT, "hello\r\n\r\nworld\0\xff")
    bob.reply(bob.expect("MESSAGE"), 202, body="noted", extra=TEXT)
    alice.expect(202)


@scenario(PLAIN)
def message_to_unknown_user(p: Play) -> None:
    alice = p.udp("alice")
    alice.request("MESSAGE", f"sip:nobody@{DOMAIN}", TEXT, "hello")
    alice.expect(404)


@scenario(PLAIN)
def message_to_foreign_domain(p: Play) -> None:
    alice = p.udp("alice")
    alice.request("MESSAGE", "sip:bob@elsewhere.example", TEXT, "hello")
    alice.expect(403)


@scenario(PLAIN)
def message_uri_forms(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    bob.online()
    for uri in (
        f"sip:{bob.user}:pw@{DOMAIN}",
        f"sip:{bob.user}@{DOMAIN};transport=udp;x=y",
        f"sip:{bob.user}@{DOMAIN}?Subject=hi",
        f"SIP:{bob.user}@{DOMAIN.upper()}",
        f"sip:{bob.user.upper()}@{DOMAIN}",
        f"sips:{bob.user}@{DOMAIN}",
        f"sip:%62{bob.user[1:]}@{DOMAIN}",
    ):
        alice.request("MESSAGE", uri, TEXT, "hello")
        p.settle()


@scenario(PLAIN)
def max_forwards_zero(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    bob.online()
    alice.request("MESSAGE", bob.aor, TEXT, "hello", max_forwards="0")
    alice.expect(483)
    alice.request("OPTIONS", f"sip:{p.here}", max_forwards="0")
    alice.expect(483)


@scenario(PLAIN)
def max_forwards_one_and_large(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    bob.online()
    for value in ("1", "255", "70 ", "010", "256", "1000"):
        alice.request("MESSAGE", bob.aor, TEXT, "hello", max_forwards=value)
        bob.reply(bob.expect("MESSAGE"), 200)
        alice.expect(200)


@scenario(PLAIN)
def max_forwards_absent(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    bob.online()
    alice.request("MESSAGE", bob.aor, TEXT, "hello", max_forwards=None)
    bob.reply(bob.expect("MESSAGE"), 200)
    alice.expect(200)


@scenario(PLAIN)
def max_forwards_junk(p: Play) -> None:
    alice = p.udp("alice")
    for value in ("junk", "-1", "", "7x", "99999999999"):
        alice.request("OPTIONS", f"sip:{p.here}", max_forwards=value)
        p.settle()


@scenario(PLAIN)
def invite_with_max_forwards_zero(p: Play) -> None:
    alice = p.udp("alice")
    invite = alice.invite(f"sip:bob@{DOMAIN}", max_forwards="0")
    alice.ack(invite, alice.expect(483))
    p.settle()


@scenario(PLAIN)
def contact_leads_back_to_the_server(p: Play) -> None:
    """Each pass finds the same contact, until Max-Forwards is used up."""
    alice = p.udp("alice")
    alice.register(f"<{alice.aor};transport=udp>;expires=600".replace(DOMAIN, p.here))
    alice.expect(200)
    alice.request("MESSAGE", alice.aor, TEXT, "round and round", max_forwards="4")
    alice.expect(483)


@scenario(PLAIN)
def invite_loops_until_max_forwards(p: Play) -> None:
    alice = p.udp("alice")
    alice.register(f"<{alice.aor};transport=udp>;expires=600".replace(DOMAIN, p.here))
    alice.expect(200)
    invite = alice.invite(alice.aor, max_forwards="3")
    alice.expect(100)
    alice.ack(invite, alice.expect(483))


@scenario(PLAIN)
def publish_and_subscribe_refused(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    bob.online()
    alice.request("PUBLISH", bob.aor, [("Event", "presence"), ("Expires", "60")])
    alice.expect(404)
    alice.request("SUBSCRIBE", bob.aor, [("Event", "message-summary")])
    alice.expect(404)
    alice.request("SUBSCRIBE", f"sip:{DOMAIN}", [("Event", "presence")])
    alice.expect(404)
    alice.request("SUBSCRIBE", f"sip:nobody@{DOMAIN}", [("Event", "presence")])
    alice.expect(404)


@scenario(PLAIN)
def subscribe_relayed_to_phone(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    bob.online()
    alice.request("SUBSCRIBE", bob.aor, [("Event", "presence"), ("Contact", f"<{alice.contact}>")])
    incoming = bob.expect("SUBSCRIBE")
    accepted = bob.reply(incoming, 202, [("Contact", f"<{bob.contact}>"), ("Expires", "60")])
    alice.expect(202)
    note = bob.dialog_as_callee(incoming, accepted)
    bob.within(note, "NOTIFY", [("Event", "presence"), ("Contact", f"<{bob.contact}>")])
    alice.reply(alice.expect("NOTIFY"), 200)
    bob.expect(200)


@scenario(PLAIN)
def other_methods_relayed(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    bob.online()
    for method in ("REFER", "NOTIFY", "INFO", "UPDATE", "PRACK", "FOO", "KDMQ", "message"):
        alice.request(method, bob.aor, [("Event", "x"), ("Refer-To", f"<sip:c@{DOMAIN}>")])
        bob.reply(bob.expect(method), 200)
        alice.expect(200)


@scenario(PLAIN)
def long_headers(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    bob.online()
    for size in (1000, 8000, 30000, 60000):
        alice.request("MESSAGE", bob.aor, [("X-Long", "x" * size), *TEXT], "hello")
        bob.reply(bob.expect("MESSAGE"), 200)
        alice.expect(200)


@scenario(PLAIN)
def many_headers(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    bob.online()
    many = [(f"X-Header-{number}", f"value {number}") for number in range(300)]
    alice.request("MESSAGE", bob.aor, [*many, *TEXT], "hello")
    bob.reply(bob.expect("MESSAGE"), 200, many)
    alice.expect(200)


@scenario(PLAIN)
def long_uri_and_user(p: Play) -> None:
    alice = p.udp("alice")
    for size in (100, 1000, 5000):
        alice.request("MESSAGE", f"sip:{'u' * size}@{DOMAIN}", TEXT, "hello")
        alice.expect(404)


@scenario(PLAIN)
def contact_port_closed(p: Play) -> None:
    """Nobody behind the contact: the kernel's answer is no answer of the callee."""
    alice, bob = p.udp("alice"), p.udp("bob")
    bob.register(f"<sip:b@127.0.0.1:{p.unused_port('closed')};transport=tcp>;expires=600")
    bob.expect(200)
    alice.request("MESSAGE", bob.aor, TEXT, "hello")
    alice.expect(477)


@scenario(PLAIN)
def contact_of_unusable_transport(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    for transport in ("sctp", "tls", "ws", "foo"):
        bob.register(f"<sip:b@127.0.0.1:5999;transport={transport}>;expires=600")
        bob.expect(200)
        alice.request("MESSAGE", bob.aor, TEXT, "hello")
        p.settle()
        bob.register("*", [("Expires", "0")])
        bob.expect(200)


@scenario(PLAIN)
def contact_with_parameters_and_headers(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    bob.register(f"<sip:b:pw@{bob.here};ob;x=y?X-A=b&c=d>;expires=600")
    bob.expect(200)
    alice.request("MESSAGE", bob.aor, TEXT, "hello")
    bob.reply(bob.expect("MESSAGE"), 200)
    alice.expect(200)


@scenario(PLAIN)
def proxy_require_unknown(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    bob.online()
    alice.request("MESSAGE", bob.aor, [("Proxy-Require", "privacy, foo"), *TEXT], "hello")
    p.settle()
    alice.request("MESSAGE", bob.aor, [("Require", "foo"), *TEXT], "hello")
    p.settle()
