"""TCP: framing, reuse of connections, and calls that change transport."""

from tests.runtime.agents.phone import SDP
from tests.runtime.oracle.config import DOMAIN, PLAIN, SHORT
from tests.runtime.oracle.play import Play
from tests.runtime.oracle.scenario import scenario

TEXT = [("Content-Type", "text/plain")]


def options(p: Play, name: str, number: int, body: str = "") -> bytes:
    """An OPTIONS to the server as TCP bytes."""
    via = f"SIP/2.0/TCP 127.0.0.1:{p.ports[name]};branch=z9hG4bK-{p.label}-{number}"
    return (
        f"OPTIONS sip:{p.here} SIP/2.0\r\nVia: {via}\r\n"
        f"From: <sip:{name}@{DOMAIN}>;tag=f\r\nTo: <sip:{p.here}>\r\n"
        f"Call-ID: {p.label}-{number}\r\nCSeq: {number} OPTIONS\r\n"
        f"Content-Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


@scenario(PLAIN)
def tcp_options(p: Play) -> None:
    alice = p.tcp("alice")
    alice.request("OPTIONS", f"sip:{p.here};transport=tcp")
    alice.expect(200)


@scenario(PLAIN)
def tcp_message_in_pieces(p: Play) -> None:
    alice = p.tcp("alice")
    for number, cut in enumerate((1, 3, 20, 33, 34, 80, 150, 200), start=1):
        data = options(p, "alice", number, "body")
        alice.send(data[:cut])
        p.settle()
        alice.send(data[cut:])
        alice.expect(200)


@scenario(PLAIN)
def tcp_message_cut_at_its_end(p: Play) -> None:
    alice = p.tcp("alice")
    for number, cut in enumerate((-1, -4, -5, -6, -7, -8, -9, -20, -24), start=1):
        data = options(p, "alice", number, "body")
        alice.send(data[:cut])
        p.settle()
        alice.send(data[cut:])
        alice.expect(200)


@scenario(PLAIN)
def tcp_message_byte_by_byte(p: Play) -> None:
    alice = p.tcp("alice")
    data = options(p, "alice", 1, "ab")
    for position in range(len(data)):
        alice.wire.send(data[position : position + 1])
    alice.record("alice", ">", data)
    alice.expect(200)


@scenario(PLAIN)
def tcp_several_messages_in_one_segment(p: Play) -> None:
    alice = p.tcp("alice")
    alice.send(b"".join(options(p, "alice", number, "x" * number) for number in range(1, 6)))
    for _ in range(5):
        alice.expect(200)


@scenario(PLAIN)
def tcp_one_and_a_half_messages(p: Play) -> None:
    alice = p.tcp("alice")
    first, second = options(p, "alice", 1), options(p, "alice", 2, "tail")
    alice.send(first + second[:50])
    alice.expect(200)
    alice.send(second[50:])
    alice.expect(200)


@scenario(PLAIN)
def tcp_crlf_keepalive(p: Play) -> None:
    alice = p.tcp("alice")
    alice.send(b"\r\n\r\n")
    alice.expect("")
    alice.send(b"\r\n\r\n" + options(p, "alice", 1))
    alice.expect_any("200", "")
    alice.expect_any("200", "")


@scenario(PLAIN)
def tcp_leading_crlf(p: Play) -> None:
    alice = p.tcp("alice")
    alice.send(b"\r\n" + options(p, "alice", 1))
    alice.expect(200)


@scenario(PLAIN)
def tcp_content_length_missing(p: Play) -> None:
    alice = p.tcp("alice")
    alice.send(options(p, "alice", 1).replace(b"Content-Length: 0\r\n", b""))
    alice.expect_close()


@scenario(PLAIN)
def tcp_content_length_broken(p: Play) -> None:
    for number, value in enumerate((b"x", b"-1"), start=1):
        alice = p.tcp(f"alice{number}")
        data = options(p, f"alice{number}", number)
        alice.send(data.replace(b"Content-Length: 0", b"Content-Length: " + value))
        alice.expect_close()


@scenario(PLAIN)
def tcp_content_length_spellings(p: Play) -> None:
    alice = p.tcp("alice")
    for number, text in enumerate((b"l: 4", b"L  :  4", b"content-length:4"), start=1):
        alice.send(options(p, "alice", number, "body").replace(b"Content-Length: 4", text))
        alice.expect(200)


@scenario(PLAIN)
def tcp_noise(p: Play) -> None:
    alice = p.tcp("alice")
    alice.send(b"this is not SIP at all\r\n\r\n")
    alice.expect_close()


@scenario(PLAIN)
def tcp_register_and_called_on_same_connection(p: Play) -> None:
    alice, bob = p.udp("alice"), p.tcp("bob")
    bob.online()
    invite = alice.invite(bob.aor)
    alice.expect(100)
    incoming = bob.expect("INVITE")
    bob.reply(incoming, 180)
    alice.expect(180)
    accepted = bob.reply(incoming, 200, [("Content-Type", "application/sdp")], SDP)
    taken = alice.expect(200)
    alice.ack(invite, taken)
    bob.expect("ACK")
    bob.within(bob.dialog_as_callee(incoming, accepted), "BYE")
    alice.reply(alice.expect("BYE"), 200)
    bob.expect(200)


@scenario(PLAIN)
def tcp_caller_to_udp_phone(p: Play) -> None:
    alice, bob = p.tcp("alice"), p.udp("bob")
    bob.online()
    invite = alice.invite(bob.aor)
    alice.expect(100)
    incoming = bob.expect("INVITE")
    bob.reply(incoming, 180)
    alice.expect(180)
    bob.reply(incoming, 200)
    taken = alice.expect(200)
    alice.ack(invite, taken)
    bob.expect("ACK")
    alice.within(alice.dialog(invite, taken), "BYE")
    bob.reply(bob.expect("BYE"), 200)
    alice.expect(200)


@scenario(PLAIN)
def tcp_both_ends(p: Play) -> None:
    alice, bob = p.tcp("alice"), p.tcp("bob")
    bob.online()
    invite = alice.invite(bob.aor)
    alice.expect(100)
    incoming = bob.expect("INVITE")
    bob.reply(incoming, 486)
    bob.expect("ACK")
    alice.ack(invite, alice.expect(486))


@scenario(PLAIN)
def tcp_server_connects_to_phone(p: Play) -> None:
    alice, bob, desk = p.udp("alice"), p.tcp("bob", listen=True), p.udp("desk", "bob")
    desk.register(f"<{bob.contact}>;expires=600")
    desk.expect(200)
    alice.request("MESSAGE", bob.aor, TEXT, "hello")
    bob.reply(bob.expect("MESSAGE"), 200)
    alice.expect(200)
    alice.request("MESSAGE", bob.aor, TEXT, "again, on the same connection")
    bob.reply(bob.expect("MESSAGE"), 200)
    alice.expect(200)


@scenario(PLAIN)
def tcp_call_cancelled(p: Play) -> None:
    alice, bob = p.tcp("alice"), p.tcp("bob")
    bob.online()
    invite = alice.invite(bob.aor)
    alice.expect(100)
    incoming = bob.expect("INVITE")
    bob.reply(incoming, 180)
    alice.expect(180)
    alice.cancel(invite)
    alice.expect(200)
    bob.reply(bob.expect("CANCEL"), 200)
    bob.reply(incoming, 487)
    bob.expect("ACK")
    alice.ack(invite, alice.expect(487))


@scenario(SHORT)
def tcp_phone_silent(p: Play) -> None:
    alice, bob = p.udp("alice"), p.tcp("bob")
    bob.online()
    alice.request("MESSAGE", bob.aor, TEXT, "hello")
    bob.expect("MESSAGE")
    alice.expect(408)


@scenario(PLAIN)
def tcp_large_message(p: Play) -> None:
    alice, bob = p.tcp("alice"), p.tcp("bob")
    bob.online()
    alice.request("MESSAGE", bob.aor, TEXT, "y" * 3000)
    bob.reply(bob.expect("MESSAGE"), 200, body="z" * 2000)
    alice.expect(200)


@scenario(PLAIN)
def tcp_message_over_the_limit(p: Play) -> None:
    alice = p.tcp("alice")
    alice.request("MESSAGE", f"sip:nobody@{DOMAIN}", TEXT, "y" * 30000)
    alice.expect_close()


@scenario(PLAIN)
def tcp_forking_to_both_transports(p: Play) -> None:
    alice, wired, plain = p.udp("alice"), p.tcp("bob1"), p.udp("bob2", "bob")
    wired.account = "bob"
    wired.online()
    plain.online()
    invite = alice.invite(plain.aor)
    alice.expect(100)
    over_tcp, over_udp = wired.expect("INVITE"), plain.expect("INVITE")
    wired.reply(over_tcp, 180)
    alice.expect(180)
    plain.reply(over_udp, 200)
    taken = alice.expect(200)
    wired.reply(wired.expect("CANCEL"), 200)
    wired.reply(over_tcp, 487)
    wired.expect("ACK")
    alice.ack(invite, taken)
    plain.expect("ACK")


@scenario(PLAIN)
def tcp_repeated_request(p: Play) -> None:
    alice = p.tcp("alice")
    sent = alice.request("MESSAGE", f"sip:nobody@{DOMAIN}", TEXT, "hello")
    answer = alice.expect(404)
    alice.send(sent.raw)
    alice.expect_repeat(answer)


@scenario(PLAIN)
def tcp_via_says_udp(p: Play) -> None:
    alice = p.tcp("alice")
    via = f"SIP/2.0/UDP {alice.here};branch=z9hG4bK-wrong-transport"
    alice.request("OPTIONS", f"sip:{p.here}", via=via)
    alice.expect(200)


@scenario(PLAIN)
def tcp_content_length_folded(p: Play) -> None:
    alice = p.tcp("alice")
    data = options(p, "alice", 1, "body")
    alice.send(data.replace(b"Content-Length: 4", b"Content-Length:\r\n 4"))
    alice.expect_close()
