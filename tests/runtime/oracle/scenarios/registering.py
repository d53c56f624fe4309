"""REGISTER without authentication, in all its forms."""

from tests.runtime.agents.phone import Phone
from tests.runtime.oracle.config import DOMAIN, GRUU, PLAIN
from tests.runtime.oracle.play import Play
from tests.runtime.oracle.scenario import scenario


def ask(phone: Phone) -> None:
    """REGISTER without Contact: what is stored?"""
    phone.register("")
    phone.expect(200)


@scenario(PLAIN)
def register_and_ask(p: Play) -> None:
    alice = p.udp("alice")
    ask(alice)
    alice.online()
    ask(alice)


@scenario(PLAIN)
def register_two_contacts_in_one_header(p: Play) -> None:
    alice = p.udp("alice")
    alice.register("<sip:a@192.0.2.1>;expires=600, <sip:b@192.0.2.2:5070;ob>;expires=120;q=0.5")
    alice.expect(200)
    ask(alice)


@scenario(PLAIN)
def register_three_contact_headers(p: Play) -> None:
    alice = p.udp("alice")
    more = [("Contact", "<sip:b@192.0.2.2>"), ("m", '"B, B" <sip:c@192.0.2.3>;q=0.1')]
    alice.register("sip:a@192.0.2.1", [*more, ("Expires", "300")])
    alice.expect(200)
    ask(alice)


@scenario(PLAIN)
def register_q_values(p: Play) -> None:
    alice = p.udp("alice")
    for user, q in (("a", "0.3"), ("b", "1"), ("c", "0"), ("d", "0.75"), ("e", "1.000")):
        alice.register(f"<sip:{user}@192.0.2.1>;q={q};expires=600")
        alice.expect(200)


@scenario(PLAIN)
def register_bad_q(p: Play) -> None:
    alice = p.udp("alice")
    for q in ("2", "0.x", "-1", "0.1234", ""):
        alice.register(f"<sip:a@192.0.2.1>;q={q};expires=600")
        p.settle()


@scenario(PLAIN)
def register_expires_header_and_parameter(p: Play) -> None:
    alice = p.udp("alice")
    alice.register("<sip:a@192.0.2.1>;expires=120", [("Expires", "600")])
    alice.expect(200)
    alice.register("<sip:b@192.0.2.1>", [("Expires", "600")])
    alice.expect(200)
    alice.register("<sip:c@192.0.2.1>")
    alice.expect(200)


@scenario(PLAIN)
def register_expires_limits(p: Play) -> None:
    alice = p.udp("alice")
    alice.register("<sip:a@192.0.2.1>;expires=99999")
    alice.expect(200)
    alice.register("<sip:b@192.0.2.1>;expires=5")
    alice.expect(200)
    alice.register("<sip:c@192.0.2.1>;expires=4294967296")
    alice.expect(200)


@scenario(PLAIN)
def register_expires_junk(p: Play) -> None:
    alice = p.udp("alice")
    alice.register("<sip:a@192.0.2.1>;expires=soon")
    p.settle()
    alice.register("<sip:b@192.0.2.1>", [("Expires", "soon")])
    p.settle()
    alice.register("<sip:c@192.0.2.1>;expires=-60")
    p.settle()
    alice.register('<sip:d@192.0.2.1>;expires="300"')
    p.settle()


@scenario(PLAIN)
def register_remove_one(p: Play) -> None:
    alice = p.udp("alice")
    alice.register("<sip:a@192.0.2.1>, <sip:b@192.0.2.1>", [("Expires", "600")])
    alice.expect(200)
    alice.register("<sip:a@192.0.2.1>;expires=0")
    alice.expect(200)
    ask(alice)
    alice.register("<sip:unknown@192.0.2.1>;expires=0")
    alice.expect(200)
    alice.register("<sip:b@192.0.2.1>", [("Expires", "0")])
    alice.expect(200)
    ask(alice)


@scenario(PLAIN)
def register_star(p: Play) -> None:
    alice = p.udp("alice")
    alice.register("<sip:a@192.0.2.1>, <sip:b@192.0.2.1>", [("Expires", "600")])
    alice.expect(200)
    alice.register("*", [("Expires", "0")])
    alice.expect(200)
    ask(alice)
    alice.register("*", [("Expires", "0")])
    alice.expect(200)


@scenario(PLAIN)
def register_star_wrong(p: Play) -> None:
    alice = p.udp("alice")
    alice.register("<sip:a@192.0.2.1>;expires=600")
    alice.expect(200)
    alice.register("*", [("Expires", "60")])
    p.settle()
    alice.register("*")
    p.settle()
    alice.register("*", [("Contact", "<sip:b@192.0.2.1>"), ("Expires", "0")])
    p.settle()
    alice.register("<sip:b@192.0.2.1>", [("Contact", "*"), ("Expires", "0")])
    p.settle()
    ask(alice)


@scenario(PLAIN)
def register_bad_contact(p: Play) -> None:
    alice = p.udp("alice")
    for contact in ("<sip:a@192.0.2.1", "<>", "nonsense", "<sip:>", "<sip:a@192.0.2.1>;", ","):
        alice.register(contact)
        p.settle()
    ask(alice)


@scenario(PLAIN)
def register_refresh_and_call_id_rules(p: Play) -> None:
    alice = p.udp("alice")
    contact = "<sip:a@192.0.2.1>;expires=600"
    alice.register(contact, call_id="same-register-refresh", cseq=5)
    alice.expect(200)
    alice.register("<sip:a@192.0.2.1>;expires=900", call_id="same-register-refresh", cseq=6)
    alice.expect(200)
    alice.register("<sip:a@192.0.2.1>;expires=300", call_id="same-register-refresh", cseq=4)
    p.settle()
    alice.register("<sip:a@192.0.2.1>;expires=300", call_id="same-register-refresh", cseq=6)
    p.settle()
    alice.register("<sip:a@192.0.2.1>;expires=120", call_id="other-register-refresh", cseq=1)
    alice.expect(200)
    ask(alice)


@scenario(PLAIN)
def register_same_contact_compared(p: Play) -> None:
    alice = p.udp("alice")
    for contact in (
        "<sip:a@192.0.2.1:5060>;expires=600",
        "<sip:a@192.0.2.1>;expires=600",
        "<sip:a@192.0.2.1;transport=udp>;expires=600",
        "<sip:A@192.0.2.1>;expires=600",
        '"Alice" <sip:a@192.0.2.1>;expires=300',
        "<sip:a@EXAMPLE.test>;expires=300",
        "<sip:a@example.test>;expires=300",
    ):
        alice.register(contact)
        alice.expect(200)


@scenario(PLAIN)
def register_path_supported(p: Play) -> None:
    alice = p.udp("alice")
    path = [("Path", "<sip:edge.example;lr>, <sip:edge2.example;lr>")]
    alice.register("<sip:a@192.0.2.1>;expires=600", [*path, ("Supported", "path")])
    alice.expect(200)
    alice.register("<sip:b@192.0.2.1>;expires=600", path)
    alice.expect(200)
    ask(alice)


@scenario(PLAIN)
def register_path_is_used(p: Play) -> None:
    alice, bob, edge = p.udp("alice"), p.udp("bob"), p.udp("edge")
    path = [("Path", f"<sip:{edge.here};lr>"), ("Supported", "path")]
    bob.register("<sip:b@192.0.2.1>;expires=600", path)
    bob.expect(200)
    alice.request("MESSAGE", bob.aor, [("Content-Type", "text/plain")], "hello")
    edge.reply(edge.expect("MESSAGE"), 200)
    alice.expect(200)


@scenario(PLAIN)
def register_instance_without_gruu(p: Play) -> None:
    alice = p.udp("alice")
    instance = '+sip.instance="<urn:uuid:00000000-0000-1000-8000-000a95a0e128>"'
    alice.register(f"<sip:a@192.0.2.1>;{instance};reg-id=1;expires=600", [("Supported", "gruu")])
    alice.expect(200)
    ask(alice)


@scenario(GRUU)
def register_gruu(p: Play) -> None:
    alice = p.udp("alice")
    instance = '+sip.instance="<urn:uuid:00000000-0000-1000-8000-000a95a0e128>"'
    alice.register(f"<sip:a@192.0.2.1>;{instance};expires=600", [("Supported", "gruu")])
    alice.expect(200)
    alice.register(f"<sip:b@192.0.2.1>;{instance};expires=600")
    alice.expect(200)
    ask(alice)


@scenario(GRUU)
def call_to_public_gruu(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    urn = "urn:uuid:00000000-0000-1000-8000-000a95a0e129"
    bob.register(f'<{bob.contact}>;+sip.instance="<{urn}>";expires=600', [("Supported", "gruu")])
    bob.expect(200)
    alice.request("MESSAGE", f"{bob.aor};gr={urn}", [("Content-Type", "text/plain")], "hi")
    bob.reply(bob.expect("MESSAGE"), 200)
    alice.expect(200)
    alice.request("MESSAGE", f"{bob.aor};gr=urn:uuid:0", [("Content-Type", "text/plain")], "hi")
    alice.expect(404)


@scenario(GRUU)
def register_path_not_supported_refused(p: Play) -> None:
    alice = p.udp("alice")
    alice.register("<sip:a@192.0.2.1>;expires=600", [("Path", "<sip:edge.example;lr>")])
    p.settle()
    alice.register(
        "<sip:a@192.0.2.1>;expires=600",
        [("Path", "<sip:edge.example;lr>"), ("Supported", "timer, path")],
    )
    alice.expect(200)


@scenario(PLAIN)
def register_methods_and_user_agent(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    extra = [("Allow", "INVITE, ACK, BYE"), ("User-Agent", "Phone 1.0")]
    bob.register(f"<{bob.contact}>;expires=600", extra)
    bob.expect(200)
    bob.register('<sip:b@192.0.2.9>;expires=600;methods="MESSAGE"')
    bob.expect(200)
    bob.register("<sip:b@192.0.2.9>;expires=0")
    bob.expect(200)
    alice.request("MESSAGE", bob.aor, [("Content-Type", "text/plain")], "hello")
    alice.expect(405)


@scenario(PLAIN)
def register_repeated(p: Play) -> None:
    alice = p.udp("alice")
    sent = alice.register()
    alice.expect(200)
    alice.send(sent.raw)
    p.settle(repeats=True)


@scenario(PLAIN)
def register_foreign_domain(p: Play) -> None:
    alice = p.udp("alice")
    alice.request(
        "REGISTER",
        "sip:elsewhere.example",
        [("Contact", f"<{alice.contact}>")],
        to="<sip:alice@elsewhere.example>",
    )
    alice.expect(403)


@scenario(PLAIN)
def register_to_header_of_other_domain(p: Play) -> None:
    alice = p.udp("alice")
    for to in ("<sip:who@elsewhere.example>", f"sip:who-to@{DOMAIN};x=1", '"Who" <sip:127.0.0.1>'):
        alice.request("REGISTER", f"sip:{DOMAIN}", [("Contact", "<sip:a@192.0.2.1>")], to=to)
        p.settle()


@scenario(PLAIN)
def register_with_user_in_request_uri(p: Play) -> None:
    alice = p.udp("alice")
    alice.request(
        "REGISTER", alice.aor, [("Contact", "<sip:a@192.0.2.1>;expires=600")], to=f"<{alice.aor}>"
    )
    alice.expect(200)


@scenario(PLAIN)
def register_in_dialog(p: Play) -> None:
    alice = p.udp("alice")
    alice.request("REGISTER", f"sip:{DOMAIN}", to=f"<{alice.aor}>;tag=somebody")
    alice.expect(404)


@scenario(PLAIN)
def register_many_contacts(p: Play) -> None:
    alice = p.udp("alice")
    for number in range(12):
        alice.register(f"<sip:a{number}@192.0.2.1>;expires=600;q=0.{number % 7}")
        alice.expect(200)
    alice.register("*", [("Expires", "0")])
    alice.expect(200)


@scenario(PLAIN)
def register_long_contact(p: Play) -> None:
    alice = p.udp("alice")
    for length in (200, 255, 256, 300):
        user = "u" * (length - len("sip:@192.0.2.1"))
        alice.register(f"<sip:{user}@192.0.2.1>;expires=600")
        p.settle()


@scenario(PLAIN)
def register_odd_users(p: Play) -> None:
    alice = p.udp("alice")
    for user in ("%61lice", "a;b=c", "Alice", "a:secret", "+1-201", "a b"):
        aor = f"sip:{user}.odd@{DOMAIN}"
        alice.request(
            "REGISTER", f"sip:{DOMAIN}", [("Contact", "<sip:a@192.0.2.1>")], to=f"<{aor}>"
        )
        p.settle()


@scenario(GRUU)
def call_to_temporary_gruu(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    instance = '+sip.instance="<urn:uuid:00000000-0000-1000-8000-000a95a0e12a>"'
    bob.register(f"<{bob.contact}>;{instance};expires=600", [("Supported", "gruu")])
    stored = bob.expect(200).one("Contact")
    gruu = stored.partition('temp-gruu="')[2].partition('"')[0]
    alice.request("MESSAGE", gruu, [("Content-Type", "text/plain")], "hi")
    bob.reply(bob.expect("MESSAGE"), 200)
    alice.expect(200)
