"""Requests inside dialogs: with and without Route, loose and strict, strays."""

from tests.runtime.oracle.config import DOMAIN, GRUU, PLAIN
from tests.runtime.oracle.play import Play
from tests.runtime.oracle.scenario import scenario
from tests.runtime.oracle.scenarios.calls import talk


@scenario(PLAIN)
def bye_without_route(p: Play) -> None:
    alice, _bob, dialog, _ = talk(p)
    dialog.routes = []
    alice.within(dialog, "BYE")
    alice.expect(404)


@scenario(PLAIN)
def bye_without_route_to_aor(p: Play) -> None:
    alice, bob, dialog, _ = talk(p)
    dialog.routes = []
    dialog.target = bob.aor
    alice.within(dialog, "BYE")
    alice.expect(404)


@scenario(PLAIN)
def bye_for_unknown_dialog(p: Play) -> None:
    alice = p.udp("alice")
    alice.request("BYE", f"sip:bob@{DOMAIN}", to=f"<sip:bob@{DOMAIN}>;tag=gone")
    alice.expect(404)


@scenario(PLAIN)
def bye_without_any_tag(p: Play) -> None:
    alice = p.udp("alice")
    alice.request("BYE", f"sip:bob@{DOMAIN}")
    alice.expect(404)


@scenario(PLAIN)
def ack_without_transaction(p: Play) -> None:
    alice = p.udp("alice")
    p.settle()
    alice.request("ACK", f"sip:bob@{DOMAIN}", to=f"<sip:bob@{DOMAIN}>;tag=gone")
    alice.request("ACK", f"sip:bob@{DOMAIN}")
    alice.request("ACK", f"sip:{DOMAIN}")
    p.settle()


@scenario(PLAIN)
def cancel_without_transaction(p: Play) -> None:
    alice = p.udp("alice")
    p.settle()
    alice.request("CANCEL", f"sip:bob@{DOMAIN}")
    p.quiet()


@scenario(PLAIN)
def reply_without_transaction(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    headers = [
        ("Via", f"SIP/2.0/UDP {p.here};branch=z9hG4bK-not-yours.0"),
        ("Via", f"SIP/2.0/UDP {alice.here};branch=z9hG4bK-mine"),
        ("From", f"<{alice.aor}>;tag=a"),
        ("To", f"<{bob.aor}>;tag=b"),
        ("Call-ID", "stray-reply"),
        ("CSeq", "1 INVITE"),
    ]
    bob.say("SIP/2.0 200 OK", headers)
    p.settle()
    bob.say("SIP/2.0 486 Busy Here", headers)
    p.settle()
    bob.say("SIP/2.0 100 Trying", headers)
    p.settle()


@scenario(PLAIN)
def reply_with_one_via(p: Play) -> None:
    bob = p.udp("bob")
    p.settle()
    bob.say(
        "SIP/2.0 200 OK",
        [
            ("Via", f"SIP/2.0/UDP {p.here};branch=z9hG4bK-alone.0"),
            ("From", f"<{bob.aor}>;tag=a"),
            ("To", f"<{bob.aor}>;tag=b"),
            ("Call-ID", "stray-reply-alone"),
            ("CSeq", "1 OPTIONS"),
        ],
    )
    p.quiet()


@scenario(PLAIN)
def reply_for_another_host(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    bob.say(
        "SIP/2.0 200 OK",
        [
            ("Via", "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK-elsewhere"),
            ("Via", f"SIP/2.0/UDP {alice.here};branch=z9hG4bK-mine"),
            ("From", f"<{alice.aor}>;tag=a"),
            ("To", f"<{bob.aor}>;tag=b"),
            ("Call-ID", "stray-reply-other"),
            ("CSeq", "1 OPTIONS"),
        ],
    )
    p.settle()


@scenario(PLAIN)
def route_header_to_a_further_hop(p: Play) -> None:
    alice, _bob, dialog, _ = talk(p)
    hop = p.udp("hop")
    dialog.routes = [*dialog.routes, f"<sip:{hop.here};lr>"]
    alice.within(dialog, "BYE")
    incoming = hop.expect("BYE")
    hop.reply(incoming, 200)
    alice.expect(200)


@scenario(PLAIN)
def route_header_to_a_strict_hop(p: Play) -> None:
    alice, _bob, dialog, _ = talk(p)
    hop = p.udp("hop")
    dialog.routes = [*dialog.routes, f"<sip:{hop.here}>"]
    alice.within(dialog, "BYE")
    incoming = hop.expect("BYE")
    hop.reply(incoming, 200)
    alice.expect(200)


@scenario(PLAIN)
def route_headers_in_one_line(p: Play) -> None:
    alice, _bob, dialog, _ = talk(p)
    hop = p.udp("hop")
    dialog.routes = [f'{dialog.routes[0]} , "A, hop" <sip:{hop.here};lr>;x=1, <sip:192.0.2.1;lr>']
    alice.within(dialog, "INFO")
    hop.reply(hop.expect("INFO"), 200)
    alice.expect(200)


@scenario(PLAIN)
def strict_router_before_us(p: Play) -> None:
    """The Request-URI is our Record-Route, and the last Route is the target (RFC 3261 16.4)."""
    alice, bob, dialog, _ = talk(p)
    dialog.routes, dialog.target = [f"<{dialog.target}>"], dialog.routes[0].strip("<>")
    alice.within(dialog, "BYE")
    bob.reply(bob.expect("BYE"), 200)
    alice.expect(200)


@scenario(PLAIN)
def route_not_ours(p: Play) -> None:
    alice, _bob, dialog, _ = talk(p)
    hop = p.udp("hop")
    dialog.routes = [f"<sip:{hop.here};lr>"]
    alice.within(dialog, "INFO")
    p.settle()


@scenario(PLAIN)
def preloaded_route_is_removed(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    bob.online()
    alice.request(
        "MESSAGE",
        bob.aor,
        [("Route", f"<sip:{p.here};lr>"), ("Content-Type", "text/plain"), ("Route", "<sip:x;lr>")],
        "hello",
    )
    bob.reply(bob.expect("MESSAGE"), 200)
    alice.expect(200)


@scenario(PLAIN)
def record_route_of_others_is_kept(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    bob.online()
    invite = alice.invite(bob.aor, [("Record-Route", "<sip:192.0.2.3;lr>, <sip:192.0.2.4;lr>")])
    alice.expect(100)
    bob.reply(bob.expect("INVITE"), 486)
    bob.expect("ACK")
    alice.ack(invite, alice.expect(486))


@scenario(PLAIN)
def broken_route_headers(p: Play) -> None:
    alice, _bob, dialog, _ = talk(p)
    for route in ("", "<", "nonsense", f"<sip:{p.here}", "<sip:;lr>", f"<sip:{p.here};lr>;;"):
        dialog.routes = [route]
        alice.within(dialog, "INFO")
        p.settle()


@scenario(GRUU)
def record_route_full_lr_and_from_tag(p: Play) -> None:
    alice, bob, dialog, back = talk(p)
    bob.within(back, "INFO")
    alice.reply(alice.expect("INFO"), 200)
    bob.expect(200)
    alice.within(dialog, "BYE")
    bob.reply(bob.expect("BYE"), 200)
    alice.expect(200)


@scenario(PLAIN)
def ack_end_to_end_repeated_and_late(p: Play) -> None:
    alice, bob, dialog, _ = talk(p)
    alice.within(dialog, "ACK")
    bob.expect("ACK")
    dialog.routes = []
    alice.within(dialog, "ACK")
    p.settle()


@scenario(PLAIN)
def subscribe_in_dialog_without_route(p: Play) -> None:
    alice = p.udp("alice")
    for uri in (f"sip:{DOMAIN}", f"sip:bob@{DOMAIN}"):
        alice.request("SUBSCRIBE", uri, [("Event", "presence")], to=f"<{uri}>;tag=gone")
        p.settle()


@scenario(PLAIN)
def invite_in_unknown_dialog(p: Play) -> None:
    alice = p.udp("alice")
    invite = alice.invite(f"sip:bob@{DOMAIN}", to=f"<sip:bob@{DOMAIN}>;tag=gone")
    alice.ack(invite, alice.expect(404))
    p.settle()
