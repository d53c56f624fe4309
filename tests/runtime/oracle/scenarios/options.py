"""OPTIONS to the server and through it, and requests that it answers itself."""

from tests.runtime.oracle.config import DOMAIN, PLAIN
from tests.runtime.oracle.play import Play
from tests.runtime.oracle.scenario import scenario


@scenario(PLAIN)
def options_to_server(p: Play) -> None:
    alice = p.udp("alice")
    alice.request("OPTIONS", f"sip:{p.here}")
    alice.expect(200)


@scenario(PLAIN)
def options_to_domain(p: Play) -> None:
    alice = p.udp("alice")
    alice.request("OPTIONS", f"sip:{DOMAIN}")
    alice.expect(200)


@scenario(PLAIN)
def options_with_tag_and_no_user(p: Play) -> None:
    alice = p.udp("alice")
    alice.request("OPTIONS", f"sip:{p.here}", to=f"<sip:{p.here}>;tag=there")
    alice.expect(200)


@scenario(PLAIN)
def options_to_unknown_user(p: Play) -> None:
    alice = p.udp("alice")
    alice.request("OPTIONS", f"sip:nobody@{DOMAIN}")
    alice.expect(404)


@scenario(PLAIN)
def options_to_phone(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    bob.online()
    alice.request("OPTIONS", bob.aor, [("Accept", "application/sdp")])
    asked = bob.expect("OPTIONS")
    bob.reply(asked, 200, [("Allow", "INVITE, ACK, BYE")])
    alice.expect(200)


@scenario(PLAIN)
def options_foreign(p: Play) -> None:
    alice = p.udp("alice")
    alice.request("OPTIONS", "sip:someone@elsewhere.example")
    alice.expect(403)


@scenario(PLAIN)
def options_repeated(p: Play) -> None:
    alice = p.udp("alice")
    asked = alice.request("OPTIONS", f"sip:{p.here}")
    answer = alice.expect(200)
    alice.send(asked.raw)
    alice.expect_repeat(answer)


@scenario(PLAIN)
def options_other_port_of_this_host(p: Play) -> None:
    alice = p.udp("alice")
    alice.request("OPTIONS", f"sip:127.0.0.1:{p.unused_port('other')}")
    alice.expect(403)


@scenario(PLAIN)
def options_sips_and_parameters(p: Play) -> None:
    alice = p.udp("alice")
    alice.request("OPTIONS", f"sips:{DOMAIN}")
    alice.expect(200)
    alice.request("OPTIONS", f"sip:{DOMAIN};transport=udp;lr?subject=x")
    alice.expect(200)
    alice.request("OPTIONS", f"sip:{DOMAIN.upper()}")
    alice.expect(200)


@scenario(PLAIN)
def options_tel_uri(p: Play) -> None:
    alice = p.udp("alice")
    alice.request("OPTIONS", "tel:+1-201-555-0123")
    p.settle()


@scenario(PLAIN)
def scanner_is_dropped(p: Play) -> None:
    alice = p.udp("alice")
    p.settle()
    alice.request("OPTIONS", f"sip:{p.here}", [("User-Agent", "friendly-scanner")])
    alice.request("REGISTER", f"sip:{DOMAIN}", [("User-Agent", "sipcli/v1.8")])
    alice.request("INVITE", f"sip:100@{DOMAIN}", [("User-Agent", "pplsip")])
    alice.request("OPTIONS", f"sip:{p.here}", [("User-Agent", "My Friendly Phone")])
    p.quiet()
    alice.request("OPTIONS", f"sip:{p.here}", [("User-Agent", "Phone")])
    alice.expect(200)


@scenario(PLAIN)
def options_source_address_differs_from_via(p: Play) -> None:
    alice = p.udp("alice")
    branch = "z9hG4bK-elsewhere"
    alice.request("OPTIONS", f"sip:{p.here}", via=f"SIP/2.0/UDP 192.0.2.7:5070;branch={branch}")
    alice.expect(200)
    alice.request("OPTIONS", f"sip:{p.here}", via=f"SIP/2.0/UDP pc.example;rport;branch={branch}2")
    alice.expect(200)
    here = alice.wire.port
    alice.request(
        "OPTIONS", f"sip:{p.here}", via=f"SIP/2.0/UDP 127.0.0.1:{here};branch={branch}3;rport"
    )
    alice.expect(200)


@scenario(PLAIN)
def options_from_other_loopback_address(p: Play) -> None:
    alice = p.udp("alice", host="127.0.0.2")
    alice.request("OPTIONS", f"sip:{p.here}", via="SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK-lo;rport")
    alice.expect(200)


@scenario(PLAIN)
def options_without_magic_cookie(p: Play) -> None:
    alice = p.udp("alice")
    alice.request("OPTIONS", f"sip:{p.here}", via=f"SIP/2.0/UDP {alice.here};branch=1")
    alice.expect(200)
    alice.request("OPTIONS", f"sip:{p.here}", via=f"SIP/2.0/UDP {alice.here}")
    alice.expect(200)
