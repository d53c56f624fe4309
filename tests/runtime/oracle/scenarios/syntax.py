"""Ways of writing a message: compact and folded fields, several Via in a line, odd spacing."""

from collections.abc import Sequence

from tests.runtime.agents.phone import Phone
from tests.runtime.oracle.config import DOMAIN, PLAIN
from tests.runtime.oracle.play import Play
from tests.runtime.oracle.scenario import scenario


def message(phone: Phone, uri: str, lines: Sequence[str], body: str = "") -> None:
    """A MESSAGE of these header lines as they stand; `{via}` and `{from}` are filled in."""
    filled = [
        line.replace("{via}", phone.via()).replace("{from}", f"<{phone.aor}>;tag=f")
        for line in lines
    ]
    head = "\r\n".join([f"MESSAGE {uri} SIP/2.0", *filled])
    phone.send(f"{head}\r\n\r\n{body}".encode("latin-1"))


USUAL = (
    "Via: {via}",
    "From: {from}",
    f"To: <sip:bob@{DOMAIN}>",
    "Call-ID: usual-syntax",
    "CSeq: 1 MESSAGE",
    "Content-Length: 0",
)


def with_line(name: str, *lines: str) -> list[str]:
    """The usual lines with that of `name` replaced."""
    result: list[str] = []
    for line in USUAL:
        result += lines if line.startswith(f"{name}:") else [line]
    return result


@scenario(PLAIN)
def compact_headers(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    bob.online()
    lines = [
        "v: {via}",
        "f: {from}",
        f"t: <{bob.aor}>",
        "i: compact",
        "CSeq: 1 MESSAGE",
        "c: text/plain",
        "k: path",
        "s: hello",
        "l: 5",
    ]
    message(alice, bob.aor, lines, "hello")
    bob.reply(bob.expect("MESSAGE"), 200)
    alice.expect(200)


@scenario(PLAIN)
def folded_headers(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    bob.online()
    lines = [
        "Via:\r\n {via}",
        'From: "A\r\n\tB"\r\n  {from}',
        f"To:\r\n\t<{bob.aor}>\r\n ",
        "Call-ID:\r\n folded",
        "CSeq: 1\r\n MESSAGE",
        "Subject: first\r\n second\r\n\tthird",
        "Max-Forwards:\r\n 70",
    ]
    message(alice, bob.aor, lines)
    p.settle()
    message(alice, bob.aor, with_line("Content-Length", "Content-Length:\r\n 0"))
    p.settle()
    message(alice, bob.aor, with_line("From", "From:\r\n {from}"))
    p.settle()
    message(alice, bob.aor, with_line("Via", "Via:\r\n {via}"))
    p.settle()


@scenario(PLAIN)
def spaces_and_case(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    bob.online()
    lines = [
        "VIA   :   {via}  ",
        "fRoM\t: {from}",
        f"TO:<{bob.aor}>   ",
        "call-id :spaces",
        "cseq:   0001    MESSAGE  ",
        "mAx-FoRwArDs : 70",
        "X-Empty:",
        "X-Colon: a:b : c",
        "CONTENT-LENGTH : 0",
    ]
    message(alice, bob.aor, lines)
    bob.reply(bob.expect("MESSAGE"), 200)
    alice.expect(200)


@scenario(PLAIN)
def several_via_in_one_line(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    bob.online()
    more = (
        "SIP/2.0/UDP 192.0.2.8:5070;branch=z9hG4bK-x ,\r\n SIP/2.0/TCP [2001:db8::9]:5060;branch=z"
    )
    lines = [f"Via: {{via}}, {more}", *USUAL[1:], "Via: SIP/2.0/UDP last.example;branch=z9hG4bK-y"]
    message(alice, bob.aor, lines)
    bob.reply(bob.expect("MESSAGE"), 200)
    alice.expect(200)


@scenario(PLAIN)
def via_spaced_out(p: Play) -> None:
    alice = p.udp("alice")
    via = f"SIP / 2.0 / UDP  {alice.here} ; branch = z9hG4bK-spaced ; rport ; x = y ; z"
    message(alice, f"sip:nobody@{DOMAIN}", with_line("Via", f"Via: {via}"))
    alice.expect(404)


@scenario(PLAIN)
def via_with_comment_and_hidden(p: Play) -> None:
    alice = p.udp("alice")
    for extra in (";hidden", ";ttl=3;maddr=127.0.0.1", " (a comment)", ";received=192.0.2.66"):
        message(alice, f"sip:nobody@{DOMAIN}", with_line("Via", f"Via: {{via}}{extra}"))
        p.settle()


@scenario(PLAIN)
def broken_via(p: Play) -> None:
    alice = p.udp("alice")
    p.settle()
    for via in ("", "SIP/2.0", "SIP/2.0/UDP", "SIP/2.0/UDP ;branch=x", "HTTP/1.1/UDP a;branch=x"):
        message(alice, f"sip:nobody@{DOMAIN}", with_line("Via", f"Via: {via}"))
        p.settle()
    message(alice, f"sip:nobody@{DOMAIN}", with_line("Via", "Via: SIP/3.0/UDP a;branch=z9hG4bK-3"))
    p.settle()
    message(alice, f"sip:nobody@{DOMAIN}", with_line("Via"))
    p.settle()


@scenario(PLAIN)
def missing_headers(p: Play) -> None:
    alice = p.udp("alice")
    for name in ("From", "To", "Call-ID", "CSeq", "Content-Length"):
        message(alice, f"sip:nobody@{DOMAIN}", with_line(name))
        p.settle()


@scenario(PLAIN)
def doubled_headers(p: Play) -> None:
    alice = p.udp("alice")
    for name in ("From", "To", "Call-ID", "CSeq", "Content-Length"):
        line = next(each for each in USUAL if each.startswith(f"{name}:"))
        message(alice, f"sip:nobody@{DOMAIN}", with_line(name, line, line))
        p.settle()


@scenario(PLAIN)
def broken_cseq(p: Play) -> None:
    alice = p.udp("alice")
    for value in ("1", "MESSAGE", "1 INVITE", "x MESSAGE", "-1 MESSAGE", "4294967296 MESSAGE", ""):
        message(alice, f"sip:nobody@{DOMAIN}", with_line("CSeq", f"CSeq: {value}"))
        p.settle()


@scenario(PLAIN)
def large_cseq(p: Play) -> None:
    alice = p.udp("alice")
    for value in ("0", "2147483647", "2147483648", "4294967295"):
        message(alice, f"sip:nobody@{DOMAIN}", with_line("CSeq", f"CSeq: {value} MESSAGE"))
        p.settle()


@scenario(PLAIN)
def broken_from_and_to(p: Play) -> None:
    alice = p.udp("alice")
    for value in ("", "<", "<sip:a", '"open <sip:a@b>;tag=1', "sip:a@b;tag", "<sip:a@b>;tag=", "*"):
        message(alice, f"sip:nobody@{DOMAIN}", with_line("From", f"From: {value}"))
        p.settle()
        message(alice, f"sip:nobody@{DOMAIN}", with_line("To", f"To: {value}"))
        p.settle()


@scenario(PLAIN)
def content_length_lies(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    bob.online()
    for value in ("0", "3", "500", "-1", "x", "5 5", ""):
        lines = with_line("Content-Length", f"Content-Length: {value}", "Content-Type: text/plain")
        message(alice, bob.aor, lines, "hello")
        p.settle()


@scenario(PLAIN)
def broken_first_line(p: Play) -> None:
    alice = p.udp("alice")
    rest = "\r\n".join(USUAL).replace("{from}", "<sip:a@b>;tag=f")
    for first in (
        f"MESSAGE sip:nobody@{DOMAIN}",
        f"MESSAGE  sip:nobody@{DOMAIN}  SIP/2.0",
        f"MESSAGE sip:nobody@{DOMAIN} SIP/3.0",
        f"MESSAGE sip:nobody@{DOMAIN} sip/2.0",
        f" MESSAGE sip:nobody@{DOMAIN} SIP/2.0",
        f"MESSAGE sip:no body@{DOMAIN} SIP/2.0",
        f"MESSAGE <sip:nobody@{DOMAIN}> SIP/2.0",
        f"\r\n\r\nMESSAGE sip:nobody@{DOMAIN} SIP/2.0",
        "MESSAGE nobody SIP/2.0",
        "MESSAGE  SIP/2.0",
        "MESSAGE sip: SIP/2.0",
        "MESSAGE http://a/b SIP/2.0",
        "SIP/2.0 200",
        "SIP/2.0 abc OK",
        "SIP/2.0 99 OK",
        "SIP/2.0 1000 OK",
        "\0\0\0\0",
    ):
        text = f"{first}\r\n{rest}\r\n\r\n".replace("{via}", alice.via())
        alice.send(text.encode("latin-1"))
        p.settle()


@scenario(PLAIN)
def broken_request_uri(p: Play) -> None:
    alice = p.udp("alice")
    for uri in (
        f"sip:@{DOMAIN}",
        f"sip::pw@{DOMAIN}",
        f"sip:a@b@{DOMAIN}",
        f"sip:a@{DOMAIN}:",
        f"sip:a@{DOMAIN}:0",
        f"sip:a@{DOMAIN}:70000",
        f"sip:a@{DOMAIN}:x",
        f"sip:a@{DOMAIN};",
        f"sip:a@{DOMAIN};;",
        f"sip:a@{DOMAIN}?",
        "sip:a@[::1",
        "sip:a@[::1]",
        "sip:a@[zz]",
        "mailto:a@b",
        "urn:service:sos",
    ):
        message(alice, uri, USUAL)
        p.settle()


@scenario(PLAIN)
def cut_off_messages(p: Play) -> None:
    alice = p.udp("alice")
    whole = "\r\n".join([f"MESSAGE sip:nobody@{DOMAIN} SIP/2.0", *USUAL, "", ""])
    whole = whole.replace("{from}", "<sip:a@b>;tag=f")
    for end in (0, 1, 4, 12, 40, 90, 150, -80, -60, -40, -20, -3, -1):
        alice.send(whole.replace("{via}", alice.via())[:end].encode())
        p.settle()


@scenario(PLAIN)
def bare_line_feeds(p: Play) -> None:
    alice = p.udp("alice")
    text = "\n".join([f"MESSAGE sip:nobody@{DOMAIN} SIP/2.0", *USUAL, "", ""])
    alice.send(text.replace("{via}", alice.via()).replace("{from}", "<sip:a@b>;tag=f").encode())
    p.settle()
    text = "\r".join([f"MESSAGE sip:nobody@{DOMAIN} SIP/2.0", *USUAL, "", ""])
    alice.send(text.replace("{via}", alice.via()).replace("{from}", "<sip:a@b>;tag=f").encode())
    p.settle()


@scenario(PLAIN)
def keepalives_and_noise(p: Play) -> None:
    alice = p.udp("alice")
    p.settle()
    for data in (b"\r\n\r\n", b"\r\n", b"\0", b"\0\0\0\0", b"jaK", b"x" * 2000, bytes(range(256))):
        alice.send(data)
    p.quiet()
    alice.request("OPTIONS", f"sip:{p.here}")
    alice.expect(200)


@scenario(PLAIN)
def display_names_and_quotes(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    bob.online()
    for name in ('"q \\" \\\\ ;tag=no, <x>" ', "two words ", "", '"" ', "\xc3\xa4 "):
        sender = f"From: {name}<{alice.aor};p=1?h=2>;x=y;tag=f"
        message(alice, bob.aor, with_line("From", sender))
        bob.reply(bob.expect("MESSAGE"), 200)
        alice.expect(200)


@scenario(PLAIN)
def unknown_and_odd_header_names(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    bob.online()
    odd = [
        "X_!%*+`'~: 1",
        "vi: not a via",
        "Fro: m",
        "Content-Lengthy: 9",
        "z: one letter",
        "To2: x",
    ]
    for line in odd:
        message(alice, bob.aor, [line, *USUAL])
        p.settle()


@scenario(PLAIN)
def header_line_without_colon(p: Play) -> None:
    alice = p.udp("alice")
    message(alice, f"sip:nobody@{DOMAIN}", [*USUAL, "no colon here"])
    p.settle()
    message(alice, f"sip:nobody@{DOMAIN}", ["no colon here", *USUAL])
    p.settle()


@scenario(PLAIN)
def replies_written_oddly(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    bob.online()
    for reason in ("", "O K  ", "\xc3\xa9t\xc3\xa9", "a" * 300):
        alice.request("MESSAGE", bob.aor)
        bob.reply(bob.expect("MESSAGE"), 200, reason=reason or " ")
        alice.expect(200)


@scenario(PLAIN)
def broken_replies(p: Play) -> None:
    alice, bob = p.udp("alice"), p.udp("bob")
    bob.online()
    alice.request("MESSAGE", bob.aor)
    asked = bob.expect("MESSAGE")
    whole = bob.reply(asked, 183).raw
    p.settle()
    for old, new in (
        (b"SIP/2.0 183", b"SIP/2.0 999"),
        (b"SIP/2.0 183", b"SIP/2.0 000"),
        (b"CSeq: 1 MESSAGE", b"CSeq: 1 INVITE"),
        (b"CSeq: 1 MESSAGE", b"CSeq: 7 MESSAGE"),
        (b"CSeq: 1 MESSAGE\r\n", b""),
        (b"Content-Length: 0", b"Content-Length: 10"),
    ):
        bob.send(whole.replace(old, new))
        p.settle()
    bob.reply(asked, 200)
    p.settle()
