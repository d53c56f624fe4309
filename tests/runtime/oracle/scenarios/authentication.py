"""The stock file with WITH_AUTH and accounts in SQLite."""

from tests.runtime.agents.digest import challenge, credentials
from tests.runtime.agents.message import Message
from tests.runtime.agents.phone import Phone
from tests.runtime.oracle.config import AUTH, DOMAIN, PASSWORD
from tests.runtime.oracle.play import Play
from tests.runtime.oracle.scenario import scenario

REGISTRAR = f"sip:{DOMAIN}"


def authorise(phone: Phone, reply: Message, uri: str, method: str, password: str = PASSWORD) -> str:
    return credentials(challenge(reply), method, uri, phone.user, password)


def online(phone: Phone) -> None:
    phone.register()
    answer = authorise(phone, phone.expect(401), REGISTRAR, "REGISTER")
    phone.register(extra=[("Authorization", answer)])
    phone.expect(200)


@scenario(AUTH)
def auth_register(p: Play) -> None:
    alice = p.udp("alice")
    online(alice)


@scenario(AUTH)
def auth_register_wrong_password(p: Play) -> None:
    alice = p.udp("alice")
    alice.register()
    answer = authorise(alice, alice.expect(401), REGISTRAR, "REGISTER", "wrong")
    alice.register(extra=[("Authorization", answer)])
    alice.expect(401)


@scenario(AUTH)
def auth_register_unknown_user(p: Play) -> None:
    stranger = p.udp("stranger")
    stranger.register()
    answer = authorise(stranger, stranger.expect(401), REGISTRAR, "REGISTER")
    stranger.register(extra=[("Authorization", answer)])
    stranger.expect(401)


@scenario(AUTH)
def auth_register_nonce_made_up(p: Play) -> None:
    alice = p.udp("alice")
    for nonce in ("", "abc", "YVAAAGFQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==", "x" * 300):
        asked = {"realm": DOMAIN, "nonce": nonce}
        answer = credentials(asked, "REGISTER", REGISTRAR, alice.user, PASSWORD)
        alice.register(extra=[("Authorization", answer)])
        alice.expect(401)


@scenario(AUTH)
def auth_register_nonce_used_twice(p: Play) -> None:
    alice = p.udp("alice")
    alice.register()
    answer = authorise(alice, alice.expect(401), REGISTRAR, "REGISTER")
    for _ in range(2):
        alice.register(extra=[("Authorization", answer)])
        alice.expect(200)


@scenario(AUTH)
def auth_register_wrong_realm(p: Play) -> None:
    alice = p.udp("alice")
    alice.register()
    asked = {**challenge(alice.expect(401)), "realm": "elsewhere.example"}
    answer = credentials(asked, "REGISTER", REGISTRAR, alice.user, PASSWORD)
    alice.register(extra=[("Authorization", answer)])
    alice.expect(401)


@scenario(AUTH)
def auth_register_for_somebody_else(p: Play) -> None:
    alice = p.udp("alice")
    alice.register()
    answer = authorise(alice, alice.expect(401), REGISTRAR, "REGISTER")
    alice.request(
        "REGISTER",
        REGISTRAR,
        [("Contact", "<sip:a@192.0.2.1>"), ("Authorization", answer)],
        to=f"<sip:bob-auth_register_for_somebody_else@{DOMAIN}>",
    )
    p.settle()


@scenario(AUTH)
def auth_register_uri_differs(p: Play) -> None:
    alice = p.udp("alice")
    alice.register()
    answer = authorise(alice, alice.expect(401), "sip:another.example", "REGISTER")
    alice.register(extra=[("Authorization", answer)])
    p.settle()


@scenario(AUTH)
def auth_register_two_credentials(p: Play) -> None:
    alice = p.udp("alice")
    alice.register()
    asked = challenge(alice.expect(401))
    foreign = {**asked, "realm": "elsewhere.example"}
    alice.register(
        extra=[
            ("Authorization", credentials(foreign, "REGISTER", REGISTRAR, alice.user, "other")),
            ("Authorization", credentials(asked, "REGISTER", REGISTRAR, alice.user, PASSWORD)),
        ]
    )
    alice.expect(200)


@scenario(AUTH)
def auth_register_broken_credentials(p: Play) -> None:
    alice = p.udp("alice")
    for value in (
        "Digest",
        "Basic YWxpY2U6c2VjcmV0",
        f'Digest username="{alice.user}"',
        f'Digest username="{alice.user}", realm="{DOMAIN}", nonce="x", uri="{REGISTRAR}"',
        f'Digest username="{alice.user}", realm="{DOMAIN}, nonce=',
        "nonsense",
    ):
        alice.register(extra=[("Authorization", value)])
        p.settle()


@scenario(AUTH)
def auth_register_domain_in_username(p: Play) -> None:
    alice = p.udp("alice")
    alice.register()
    asked = challenge(alice.expect(401))
    name = f"{alice.user}@{DOMAIN}"
    alice.register(
        extra=[("Authorization", credentials(asked, "REGISTER", REGISTRAR, name, PASSWORD))]
    )
    p.settle()


@scenario(AUTH)
def auth_register_in_wrong_header(p: Play) -> None:
    alice = p.udp("alice")
    alice.register()
    answer = authorise(alice, alice.expect(401), REGISTRAR, "REGISTER")
    alice.register(extra=[("Proxy-Authorization", answer)])
    alice.expect(401)


@scenario(AUTH)
def auth_call(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    online(bob)
    first = alice.invite(bob.aor)
    refused = alice.expect(407)
    alice.ack(first, refused)
    answer = authorise(alice, refused, bob.aor, "INVITE")
    again = alice.invite(bob.aor, [("Proxy-Authorization", answer)], call_id=first.one("Call-ID"))
    alice.expect(100)
    incoming = bob.expect("INVITE")
    accepted = bob.reply(incoming, 200)
    taken = alice.expect(200)
    alice.ack(again, taken)
    bob.expect("ACK")
    bob.within(bob.dialog_as_callee(incoming, accepted), "BYE")
    alice.reply(alice.expect("BYE"), 200)
    bob.expect(200)


@scenario(AUTH)
def auth_message_with_wrong_password(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    online(bob)
    text = [("Content-Type", "text/plain")]
    alice.request("MESSAGE", bob.aor, text, "hello")
    answer = authorise(alice, alice.expect(407), bob.aor, "MESSAGE", "wrong")
    alice.request("MESSAGE", bob.aor, [*text, ("Proxy-Authorization", answer)], "hello")
    alice.expect(407)


@scenario(AUTH)
def auth_message_from_foreign_user(p: Play) -> None:
    carol, bob = p.udp("carol"), p.udp("bob")
    online(bob)
    carol.request(
        "MESSAGE",
        bob.aor,
        [("Content-Type", "text/plain")],
        "hello",
        sender="<sip:carol@elsewhere.example>;tag=c",
    )
    bob.reply(bob.expect("MESSAGE"), 200)
    carol.expect(200)


@scenario(AUTH)
def auth_foreign_to_foreign(p: Play) -> None:
    carol = p.udp("carol")
    carol.request(
        "MESSAGE",
        "sip:dave@elsewhere.example",
        [("Content-Type", "text/plain")],
        "hello",
        sender="<sip:carol@elsewhere.example>;tag=c",
    )
    carol.expect(403)


@scenario(AUTH)
def auth_local_to_foreign(p: Play) -> None:
    alice, gateway = p.udp("alice"), p.udp("gateway")
    uri = f"sip:dave@{gateway.here}"
    text = [("Content-Type", "text/plain")]
    alice.request("MESSAGE", uri, text, "hello")
    answer = authorise(alice, alice.expect(407), uri, "MESSAGE")
    alice.request("MESSAGE", uri, [*text, ("Proxy-Authorization", answer)], "hello")
    gateway.reply(gateway.expect("MESSAGE"), 202)
    alice.expect(202)


@scenario(AUTH)
def auth_cancel_and_ack_are_not_challenged(p: Play) -> None:
    alice = p.udp("alice")
    invite = alice.invite(f"sip:nobody@{DOMAIN}")
    refused = alice.expect(407)
    alice.cancel(invite)
    alice.ack(invite, refused)
    p.settle()


@scenario(AUTH)
def auth_publish_and_subscribe(p: Play) -> None:
    alice = p.udp("alice")
    for method in ("PUBLISH", "SUBSCRIBE"):
        alice.request(method, alice.aor, [("Event", "presence"), ("Expires", "300")])
        answer = authorise(alice, alice.expect(407), alice.aor, method)
        alice.request(method, alice.aor, [("Event", "presence"), ("Proxy-Authorization", answer)])
        alice.expect(404)
